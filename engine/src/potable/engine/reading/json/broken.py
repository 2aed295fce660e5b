"""Where a text isn't JSON, found without a walk over all that is well-formed before it."""

from __future__ import annotations

import msgspec

from potable.engine.lazyregex import lazy_regex
from potable.engine.reading.json.index import Brackets
from potable.engine.reading.json.tokens import Broken, Grammar, fault, skip_white, token

_SMALL = 1 << 14
"""So many bytes are walked over in the time that it takes to look them up."""
_WORD = 8
"""The decoder reads so many bytes at once at most, as of ``false``: so far behind the fault it may be."""
_one = msgspec.json.Decoder(msgspec.Raw)
_BYTE = lazy_regex(r"\(byte (\d+)\)\Z")


def first_fault(data: bytes, small: int = _SMALL) -> Broken | None:
    """The same as :func:`~potable.engine.reading.json.tokens.fault`, for texts of many megabytes too.

    The decoder tells how far it came: the grammar goes on from the last bracket or comma before that, and alone decides
    what is wrong, and where.

    :param small: texts that are shorter are walked over.
    """
    if len(data) < small:
        return fault(data)
    try:
        _one.decode(data)
    except RecursionError:
        return fault(data)
    except msgspec.DecodeError as error:
        told = _BYTE.search(str(error))
        reached = int(told[1]) if told is not None else len(data)
        behind = "trailing characters" in str(error)
    else:
        return None
    grammar, at = _state_behind(data) if behind else _state_before(data, max(reached - _WORD, 0))
    try:
        while (t := token(data, at, final=True)) is not None and at <= reached:
            grammar.feed(t)
            at = t.stop
    except Broken as broken:
        return broken
    return fault(data) if t is not None else grammar.broken_off(len(data))


def _state_behind(data: bytes) -> tuple[Grammar, int]:
    """The grammar behind the first value of a text, where more follows it; and where that is."""
    grammar, b = Grammar(), Brackets(data)
    start = skip_white(data, 0)
    if not len(b.at) or b.at[0] != start or b.partner[0] < 0:
        return grammar, 0  # no object or array: it's a token
    grammar.value_done()
    return grammar, int(b.at[b.partner[0]]) + 1


def _state_before(data: bytes, reached: int) -> tuple[Grammar, int]:
    """The grammar behind the last bracket or comma before an offset up to which a text is well-formed; and where."""
    grammar, b = Grammar(), Brackets(data[:reached])
    if not len(b.at):
        return grammar, 0
    grammar.open = bytearray(data[at] for at in b.at[b.opens & (b.partner < 0)].tolist())
    last = int(b.at[-1])
    if not b.opens[-1]:
        grammar.value_done()
    else:
        grammar.expected = "key or }" if data[last] == 0x7B else "value or ]"
    comma = data.rfind(b",", last, reached)
    while comma > last and b.quotes.searchsorted(comma) & 1:  # inside of a text
        comma = data.rfind(b",", last, int(b.quotes[b.quotes.searchsorted(comma) - 1]))
    if comma > last and grammar.open:
        grammar.expected = "key" if grammar.open[-1] == 0x7B else "value"
        return grammar, comma + 1
    return grammar, last + 1
