"""Pieces of a JSON text in their own spelling: what is merged isn't parsed and written anew."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import Any

DEEPEST = 256
"""How deep a member is looked for."""


class NotJson(Exception):
    """A text that can't be taken apart; ``str()`` says why."""


def records_of(body: bytes, element: str, *, lines: bool = False) -> list[bytes]:
    """The records of a JSON document, as its reader finds them: the items of the arrays (or else the values) called
    ``element``, at any depth, in document order; without ``element`` the document's items. Of JSON Lines the lines.

    Raises :class:`NotJson`.
    """
    text = _utf8(body)
    if lines:
        return [line for line in text.splitlines() if line.strip()]
    if not element and not _opens(text, b"["):
        return []
    found = _named(text, element, nested=True) if element else iter((text,))
    holders = (value for value in found if value.strip() != b"null")
    return [record for value in holders for record in (_items(value) if _opens(value, b"[") else [value])]


def find(body: bytes, element: str) -> bytes | None:
    """The first member called ``element`` in document order, at any depth; without ``element`` all of the text.

    Raises :class:`NotJson`.
    """
    text = _utf8(body).strip()
    _decode(text, "any")
    return next(_named(text, element), None) if element else text


def members_of(record: bytes) -> Any:
    """A record as Python values, its numbers as texts in their own spelling. Raises :class:`NotJson`."""
    try:
        return json.loads(record, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise NotJson(f"it isn't JSON ({str(error)[:200]})") from None


def _named(text: bytes, element: str, *, nested: bool = False) -> Iterator[bytes]:
    """The values of all members of that name; what is inside of one isn't searched.

    :param nested: but for an object that holds such members itself, which stands for these.
    """
    stack: list[tuple[bytes, int, bool]] = [(text, 0, False)]  # (text, depth, it's such a value)
    while stack:
        value, depth, wanted = stack.pop()
        if wanted and not (nested and _holds(value, element)):
            yield value
            continue
        if depth > DEEPEST:
            raise NotJson(f"it's nested deeper than {DEEPEST}")
        inner: list[tuple[bytes, int, bool]] = []
        if _opens(value, b"{"):
            inner = [(member, depth + 1, name == element) for name, member in _members(value).items()]
        elif _opens(value, b"["):
            inner = [(item, depth + 1, False) for item in _items(value)]
        stack.extend(entry for entry in reversed(inner) if entry[2] or entry[0][:1] in (b"{", b"["))


def _holds(value: bytes, element: str) -> bool:
    """Whether there's an object or array of that name inside of an object."""
    inner = _named(value, element) if _opens(value, b"{") else ()
    return any(_opens(found, b"{") or _opens(found, b"[") for found in inner)


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
