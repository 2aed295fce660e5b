"""Whether a record is sound: well-formed, not too deep, an object."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

import msgspec

from potable.engine.lazyregex import lazy_regex
from potable.engine.reading.decoding import is_utf8
from potable.engine.reading.json.broken import first_fault
from potable.engine.reading.json.index import Brackets
from potable.engine.reading.json.tokens import Broken

State = Literal["sound", "broken", "deep", "large", "other"]
"""``large``: with a text that is too long. ``other``: well-formed, but no object."""

DEEPEST = 500
"""Deeper than this isn't parsed, whatever ``Limits.depth`` says: parsers recurse."""

_one = msgspec.json.Decoder(msgspec.Raw)
_list = msgspec.json.Decoder(list[msgspec.Raw])
_SURROGATE = lazy_regex(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u([dD][89a-fA-F][0-9a-fA-F]{2})|\\.", re.DOTALL
)
_BEYOND_ASCII = bytes(range(128)) + b"?" * 128


class Record(NamedTuple):
    """One record.

    :ivar data: its text, lone surrogates replaced (it is as long as before).
    :ivar broken: where it isn't well-formed.
    :ivar lone: offset of its first lone surrogate; -1: there is none.
    :ivar large: offset of its longest text; -1: none is too long.
    """

    state: State
    data: bytes
    broken: Broken | None = None
    lone: int = -1
    large: int = -1


def check(data: bytes, depth: int, node_bytes: int) -> Record:
    """Look at one record.

    :param data: it need not be valid UTF-8: bytes beyond ASCII are taken as parts of texts.
    :param depth: how deep it may be.
    :param node_bytes: how long its texts may be.
    """
    lone = -1
    if b"\\u" in data:
        data, lone = _mended(data)
    if data.count(b"{") + data.count(b"[") > depth and Brackets(data).deepest > depth:
        broken = first_fault(_plain(data))
        return Record("broken" if broken else "deep", data, broken, lone)
    try:
        _one.decode(data)
    except (msgspec.DecodeError, RecursionError):
        return Record("broken", data, first_fault(_plain(data)) or Broken(0, "it isn't JSON"), lone)
    if len(data) > node_bytes and (large := _longest(data, node_bytes)) >= 0:
        return Record("large", data, None, lone, large)
    return Record("sound" if data.lstrip(b" \t\n\r").startswith(b"{") else "other", data, None, lone)


def _longest(data: bytes, most: int) -> int:
    """The offset of the longest text of a well-formed record, if it's longer than ``most`` bytes; else -1."""
    quotes = Brackets(data).quotes
    sizes = quotes[1::2] - quotes[::2] - 1
    longest = int(sizes.argmax()) if len(sizes) else -1
    return int(quotes[2 * longest]) if longest >= 0 and sizes[longest] > most else -1


def _plain(data: bytes) -> bytes:
    """Text that messages may quote, each byte at its place."""
    return data if is_utf8(data) else data.translate(_BEYOND_ASCII)


def items(data: bytes, *, first: bool) -> int:
    """How many items a piece of an array holds; -1 where it isn't well-formed, or deeper than a parser goes.

    :param data: whole items with their commas. :param first: whether it's the start of the array; else it starts with
        a comma.
    """
    try:
        return len(_list.decode(b"".join((b"[" if first else b"[0", data, b"]")))) - (not first)
    except (msgspec.DecodeError, RecursionError):
        return -1


def lines(data: bytes) -> int:
    """How many values a text holds, one behind the other; -1 where it isn't well-formed."""
    try:
        return len(_one.decode_lines(data))
    except (msgspec.DecodeError, RecursionError):
        return -1


def may_have_lone(data: bytes) -> bool:
    """Whether there are surrogates, which :func:`items` and :func:`lines` only take in pairs."""
    return b"\\ud" in data or b"\\uD" in data


def _mended(data: bytes) -> tuple[bytes, int]:
    if not may_have_lone(data):
        return data, -1
    first = -1

    def mend(found: re.Match[bytes]) -> bytes:
        nonlocal first
        if found[1] is None:
            return found[0]
        first = found.start() if first < 0 else first
        return b"\\ufffd"

    return _SURROGATE.sub(mend, data), first
