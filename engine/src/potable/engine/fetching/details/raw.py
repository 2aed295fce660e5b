"""Pieces of a JSON text in their own spelling: what is merged isn't parsed and written anew."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import Any

from potable.engine.paths.pointer import escape

DEEPEST = 256
"""How deep a member is looked for."""


class NotJson(Exception):
    """A text that can't be taken apart; ``str()`` says why."""


def find(body: bytes, element: str) -> tuple[str, bytes] | None:
    """The first member called ``element`` in document order, at any depth, with its JSON Pointer; without ``element``
    all of the text.

    Raises :class:`NotJson`.
    """
    text = _utf8(body).strip()
    _decode(text, "any")
    return next(_named(text, element), None) if element else ("", text)


def holds(value: bytes, element: str) -> bool:
    """Whether there's an object or array called ``element`` inside a value. Raises :class:`NotJson`."""
    return any(_opens(found, b"{") or _opens(found, b"[") for _, found in _named(value, element))


def members_of(record: bytes) -> Any:
    """A record as Python values, its numbers as texts in their own spelling. Raises :class:`NotJson`."""
    try:
        return json.loads(record, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise NotJson(f"it isn't JSON ({str(error)[:200]})") from None


def _named(text: bytes, element: str) -> Iterator[tuple[str, bytes]]:
    """The values of all members of that name, with their pointers; what is inside of one isn't searched."""
    stack: list[tuple[str, bytes, int, bool]] = [("", text, 0, False)]  # (pointer, text, depth, it's such a value)
    while stack:
        pointer, value, depth, wanted = stack.pop()
        if wanted:
            yield pointer, value
            continue
        if depth > DEEPEST:
            raise NotJson(f"it's nested deeper than {DEEPEST}")
        inner: list[tuple[str, bytes, int, bool]] = []
        if _opens(value, b"{"):
            inner = [(f"{pointer}/{escape(n)}", v, depth + 1, n == element) for n, v in _members(value).items()]
        elif _opens(value, b"["):
            inner = [(f"{pointer}/{n}", item, depth + 1, False) for n, item in enumerate(_items(value))]
        stack.extend(entry for entry in reversed(inner) if entry[3] or entry[1][:1] in (b"{", b"["))


def _members(value: bytes) -> dict[str, bytes]:
    return {name: bytes(raw).strip() for name, raw in _decode(value, "object").items()}


def _items(value: bytes) -> list[bytes]:
    return [bytes(raw).strip() for raw in _decode(value, "array")]


def _opens(value: bytes, bracket: bytes) -> bool:
    return value.lstrip(b" \t\r\n").startswith(bracket)


def _decode(text: bytes, kind: str) -> Any:
    import msgspec  # heavy: only sources with details need it

    shapes: dict[str, Any] = {"object": dict[str, msgspec.Raw], "array": list[msgspec.Raw]}
    try:
        return msgspec.json.decode(text, type=shapes.get(kind, msgspec.Raw))
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotJson(f"it isn't JSON ({str(error)[:200]})") from None


def _utf8(body: bytes) -> bytes:
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        body = body.decode("utf-16", "replace").encode()
    return body.removeprefix(codecs.BOM_UTF8)
