"""A definition as YAML, for people: members in their order, what is small on one line, texts quoted where needed.

What it writes means the same to :mod:`~potable.engine.definition.yaml` and to tools that go by YAML 1.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from potable.engine.definition.yaml import plain
from potable.engine.lazyregex import lazy_regex

WIDTH = 110
"""What is longer isn't put on one line, where it can be helped."""

_SAFE = lazy_regex(r"[A-Za-z_/][A-Za-z0-9_./%+-]*(?: [A-Za-z0-9_./%+-]+)*", re.ASCII)
_SAFE_KEY = lazy_regex(r"\$?[A-Za-z_][A-Za-z0-9_-]*", re.ASCII)
_OLD_BOOLEANS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}


def to_yaml(value: Mapping[str, Any], notes: Iterable[str] = ()) -> str:
    """A mapping as a YAML document.

    :param value: of texts, numbers, booleans, None, mappings and lists.
    :param notes: what stands above it as comments.
    """
    lines = [f"# {part}" for note in notes for part in _wrapped(note)]
    lines += _block(value, "")
    return "\n".join(lines) + "\n"


def _block(value: Mapping[str, Any], indent: str) -> list[str]:
    lines = []
    for name, inner in value.items():
        key = _key(name)
        flow = _flow(inner)
        if (
            len(indent) + len(key) + len(flow) + 2 <= WIDTH
            or not isinstance(inner, (Mapping, list, tuple))
            or not inner
        ):
            lines.append(f"{indent}{key}: {flow}")
        elif isinstance(inner, Mapping):
            lines += [f"{indent}{key}:", *_block(inner, indent + "  ")]
        else:
            lines += [f"{indent}{key}:", *(f"{indent}  - {_flow(item)}" for item in inner)]
    return lines


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(n)}: {_flow(v)}" for n, v in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def _text(text: str) -> str:
    safe = _SAFE.fullmatch(text) and text.casefold() not in _OLD_BOOLEANS and plain(text) == text
    return text if safe else quoted(text)


def _key(name: str) -> str:
    safe = _SAFE_KEY.fullmatch(name) and name.casefold() not in _OLD_BOOLEANS
    return name if safe else quoted(name)


def quoted(text: str) -> str:
    """A text in double quotes (YAML 1.2.2, section 7.3.1)."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    number = ord(char)
    if 0x20 <= number < 0x7F or (number > 0x9F and char.isprintable() and number != 0xFEFF):
        return char
    return f"\\x{number:02X}" if number < 0x100 else f"\\u{number:04X}" if number < 0x10000 else f"\\U{number:08X}"


def _wrapped(text: str) -> list[str]:
    lines = [""]
    for word in " ".join(text.split()).split(" "):
        if lines[-1] and len(lines[-1]) + len(word) >= WIDTH:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + "".join(map(_escaped, word)).replace('\\"', '"').replace("\\\\", "\\")
    return lines
