"""Where in a well-formed value another one is: what isn't on the way is jumped over."""

from __future__ import annotations

import re

from potable.engine.lazyregex import lazy_regex
from potable.engine.paths.pointer import escape, unescape
from potable.engine.reading.json.tokens import name_of, skip_white

_STRING = lazy_regex(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_SCALAR = lazy_regex(rb"[^\s,\]}]+")
_STRUCTURE = lazy_regex(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]]', re.DOTALL)
_OBJECT, _ARRAY, _QUOTE, _COMMA = 0x7B, 0x5B, 0x22, 0x2C
_ENDS = b"}]"


def value_at(data: bytes, pointer: str) -> int:
    """The offset of the value that a JSON Pointer (RFC 6901) names, or of the nearest one above it that there is.

    Of two members of one name the last one counts.

    :param data: a well-formed text of one value.
    """
    at = skip_white(data, 0)
    for token in pointer.split("/")[1:]:
        step = unescape(token)
        found = None
        if data[at] == _OBJECT:
            found = _member(data, at, step)
        elif data[at] == _ARRAY and step.isdigit():
            found = _item(data, at, int(step))
        if found is None:
            return at
        at = found
    return at


def pointer_at(data: bytes, offset: int) -> str:
    """The JSON Pointer of the innermost value that an offset lies in, its name included; as far as it's well-formed.

    :param data: a text of one value.
    """
    at, path = skip_white(data, 0), ""
    try:
        while data[at] in b"{[":
            found = _child(data, at, offset)
            if found is None:
                break
            name, at = found
            path += "/" + escape(name)
            if offset < at:
                break
    except (IndexError, AttributeError):  # it isn't well-formed
        pass
    return path


def _child(data: bytes, at: int, offset: int) -> tuple[str, int] | None:
    """Name (or number) and start of the value in a container that an offset lies in."""
    is_object, number = data[at] == _OBJECT, 0
    at = skip_white(data, at + 1)
    while data[at] not in _ENDS and at <= offset:
        behind = _behind(data, at) if is_object else at
        value = skip_white(data, skip_white(data, behind) + 1) if is_object else at
        if offset < _behind(data, value):
            return (name_of(data[at:behind]) if is_object else str(number)), value
        at, number = _next(data, value), number + 1
    return None


def _member(data: bytes, at: int, name: str) -> int | None:
    found = None
    at = skip_white(data, at + 1)
    while data[at] not in _ENDS:
        behind = _behind(data, at)
        value = skip_white(data, skip_white(data, behind) + 1)
        if name_of(data[at:behind]) == name:
            found = value
        at = _next(data, value)
    return found


def _item(data: bytes, at: int, number: int) -> int | None:
    at = skip_white(data, at + 1)
    while data[at] not in _ENDS:
        if not number:
            return at
        number -= 1
        at = _next(data, at)
    return None


def _next(data: bytes, at: int) -> int:
    """What follows a value and its comma; where nothing follows, the bracket that closes."""
    at = skip_white(data, _behind(data, at))
    return skip_white(data, at + 1) if data[at] == _COMMA else at


def _behind(data: bytes, at: int) -> int:
    """The offset behind a value."""
    first = data[at]
    if first == _QUOTE:
        return _STRING.match(data, at).end()  # type: ignore[union-attr]
    if first not in (_OBJECT, _ARRAY):
        return _SCALAR.match(data, at).end()  # type: ignore[union-attr]
    depth = 0
    for found in _STRUCTURE.finditer(data, at):
        bracket = data[found.start()]
        if bracket != _QUOTE:
            depth += 1 if bracket in (_OBJECT, _ARRAY) else -1
            if not depth:
                return found.end()
    return len(data)
