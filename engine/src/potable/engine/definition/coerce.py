"""From what a definition says to a typed value: old formats write ``"1"`` where 1 is meant.

What can't be meant raises :class:`Unfit`.
"""

from __future__ import annotations

import html
import math
from typing import Any

from potable.engine.definition.methods import Parameter
from potable.engine.definition.secrets import Secret, read_secret
from potable.engine.findings import clip
from potable.engine.lazyregex import lazy_regex

_TRUE = frozenset(("true", "yes", "on", "1"))
_FALSE = frozenset(("false", "no", "off", "0"))
_REFERENCE = lazy_regex(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_NUMBER = lazy_regex(r"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?")
_INTEGER = lazy_regex(r"[-+]?[0-9]{1,18}")


class Unfit(Exception):
    """A value isn't of the kind that is wanted; ``str()`` says what is."""


def text(value: Any, spelled: str | None = None) -> str:
    """A text; numbers as they're spelled (``012``), booleans as ``true`` and ``false``."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, (dict, list)):
        raise Unfit("a text")
    if spelled is not None:
        return spelled
    return str(value).lower() if isinstance(value, bool) else str(value)


def boolean(value: Any) -> bool:
    """true or false; also as a text, and ``yes``/``no``, ``on``/``off``, ``1``/``0``."""
    if isinstance(value, bool):
        return value
    folded = str(value).strip().casefold() if isinstance(value, (str, int)) else ""
    if folded in _TRUE:
        return True
    if folded in _FALSE:
        return False
    raise Unfit("true or false")


def integer(value: Any, least: int | None = None) -> int:
    """A whole number; also as a text."""
    number: int | None = None
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif (isinstance(value, float) and value.is_integer()) or (
        isinstance(value, str) and _INTEGER.fullmatch(value.strip())
    ):
        number = int(value)
    if number is None or (least is not None and number < least):
        raise Unfit("a whole number" if least is None else f"a whole number, {least} or greater")
    return number


def number(value: Any, least: float, most: float = math.inf) -> float:
    """A number in a range, both ends allowed; also as a text."""
    wanted = f"a number from {least:g} to {most:g}" if math.isfinite(most) else f"a number, {least:g} or greater"
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise Unfit(wanted)
    if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
        raise Unfit(wanted)
    try:
        found = float(value)
    except (ValueError, OverflowError):
        raise Unfit(wanted) from None
    if not (least <= found <= most) or not math.isfinite(found):
        raise Unfit(wanted)
    return found


def unescaped(value: str) -> str:
    """``value`` with its HTML character references resolved (``&#034;``, ``&#92;``, ``&quot;``)."""
    return _REFERENCE.sub(lambda m: html.unescape(m.group()), value)


def parameter(p: Parameter, value: Any, spelled: str | None = None) -> Any:
    """The typed value of a method's parameter; raises :class:`Unfit`."""
    if p.kind == "boolean":
        return boolean(value)
    if p.kind == "integer":
        return integer(value, p.least)
    if p.kind == "secret":
        secret = read_secret(spelled if spelled is not None else value)
        if secret is None:
            raise Unfit("a text, or a reference {env: NAME} or {file: PATH}")
        return secret
    if p.kind == "any":
        return value
    if p.kind == "words":
        return _words(value)
    found = text(value, spelled)
    if p.kind == "character":
        found = unescaped(found)
        if len(found) > 1:
            raise Unfit("one character, or none")
        return found
    if p.name == "delimiter":
        found = unescaped(found).replace("\\t", "\t")
        if not found:
            raise Unfit("one character or more")
    elif p.kind in ("url", "path"):
        found = found.strip()
    if p.choices and found.strip().casefold() not in p.choices:
        raise Unfit(f"one of {', '.join(p.choices)}")
    if p.most is not None and len(found) > p.most:
        raise Unfit(f"a text of at most {p.most} characters")
    return found.strip().casefold() if p.choices else found


def _words(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text(v) for v in value]
    return [w.strip() for w in text(value).split(",") if w.strip()]


def shown(value: Any) -> str:
    """A value as a message quotes it; a secret isn't shown."""
    if isinstance(value, Secret):
        return "(a secret)"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    quoted = repr(value)
    return clip(quoted, 80)
