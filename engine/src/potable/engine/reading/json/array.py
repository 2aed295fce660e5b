"""The items of an array, as far as a window of the text reaches: where they are, and what is wrong behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from potable.engine.reading.json.broken import first_fault
from potable.engine.reading.json.index import Brackets
from potable.engine.reading.json.layout import Spans
from potable.engine.reading.json.records import DEEPEST, check, items
from potable.engine.reading.json.tokens import Broken, Grammar, Token, skip_white, token

if TYPE_CHECKING:
    from potable.engine.limits import Limits

_TAIL = 64  # where a text was cut off, a token may be in two


@dataclass(frozen=True, slots=True)
class Items:
    """A piece of an array.

    :param end: offset behind the last whole item, or behind the closing bracket.
    :param next: where the next item starts, as far as that's known.
    :param broken: what is wrong behind the items.
    """

    spans: Spans
    end: int
    next: int
    closed: bool = False
    broken: Exception | None = None


class TooLong(Exception):
    """A value is longer than the limit; it starts at ``at`` in the window."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


def depth_of(limits: Limits) -> int:
    """So deep a record may be."""
    return min(limits.depth, DEEPEST)


def items_from(data: bytes, p: int, b: Brackets, limits: Limits, *, first: bool, final: bool) -> Items:
    """The whole items of an array from ``p`` on.

    :param b: the brackets of ``data``.
    :param first: there was no item before.
    :param final: the text ends with ``data``.
    """
    most = depth_of(limits)
    k = int(np.searchsorted(b.at, p))
    depth = int(b.depth[k - 1]) if k else 0
    if first and k and b.at[k - 1] == p - 1:
        close = int(b.partner[k - 1])
    else:
        below = b.depth[k:] < depth
        close = k + int(below.argmax()) if below.any() else -1
    last = close if close >= 0 else len(b.at)
    starts, stops = spans = b.inside(k, last, depth)
    end = int(b.at[close]) if close >= 0 else int(stops[-1]) if len(stops) else p
    if (
        (len(starts) or close >= 0)
        and int(b.depth[k:last].max(initial=0)) - depth <= most
        and int((stops - starts).max(initial=0)) <= limits.record_bytes
        and (close < 0 or b.text[end] == 0x5D)
        and items(data[p:end], first=first) == len(starts)
    ):
        return Items(spans, end + (close >= 0), end, closed=close >= 0)
    return one_by_one(data, p, b, limits, first=first, final=final)


def one_by_one(data: bytes, p: int, b: Brackets, limits: Limits, *, first: bool, final: bool) -> Items:
    """The same, where something is amiss or not all items are objects or arrays."""
    most = limits.record_bytes
    starts: list[int] = []
    stops: list[int] = []
    end = upcoming = p
    closed = False
    broken: Broken | TooLong | None = None
    grammar = Grammar()
    grammar.open.append(0x5B)
    grammar.expected = "value or ]" if first else ", or ]"
    try:
        while (t := token(data, upcoming, final=final)) is not None:
            stop = t.stop
            if t.kind in ("{", "["):
                upcoming = t.start  # while it isn't taken whole
                stop = _container(data, t, b, limits, grammar, final=final)
                if stop < 0:
                    break
            elif stop - t.start > most:
                raise TooLong(t.start)
            else:
                grammar.feed(t)
                if t.kind == "]":
                    closed, end = True, stop
                    break
            upcoming = stop
            if t.kind != ",":
                starts.append(t.start)
                stops.append(stop)
                end = stop
        else:
            upcoming = skip_white(data, upcoming)
    except (Broken, TooLong) as e:
        broken = e
    return Items((np.array(starts, np.int64), np.array(stops, np.int64)), end, upcoming, closed=closed, broken=broken)


def _container(data: bytes, t: Token, b: Brackets, limits: Limits, grammar: Grammar, *, final: bool) -> int:
    """Take the object or array whose bracket is ``t``; the offset behind it, -1 where its end isn't in sight.

    Raises :class:`Broken` or :class:`TooLong`.
    """
    grammar.feed(t)  # it may not stand here at all
    partner = int(b.partner[np.searchsorted(b.at, t.start)])
    if partner < 0:
        return -1
    stop = int(b.at[partner]) + 1
    if stop - t.start > limits.record_bytes:
        raise unended(data, t.start, limits, final=final)
    found = check(data[t.start : stop], depth_of(limits), limits.node_bytes)
    if found.broken is not None:
        raise Broken(t.start + found.broken.at, found.broken.reason)
    grammar.open.pop()
    grammar.value_done()
    return stop


def unended(data: bytes, start: int, limits: Limits, *, final: bool) -> Broken | TooLong:
    """What is wrong with a value that doesn't end in time."""
    most = limits.record_bytes
    rest = data[start : start + most]
    whole = final and len(data) - start <= most
    broken = first_fault(rest) if rest else None
    if whole:
        broken = broken or Broken(len(rest), "the text ends inside an array")
    elif broken is None or broken.at >= len(rest) - _TAIL:
        return TooLong(start)
    return Broken(start + broken.at, broken.reason)
