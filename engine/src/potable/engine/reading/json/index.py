"""Where the strings, brackets and names of JSON are, found on whole arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Offsets = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

_QUOTE, _BACKSLASH, _COLON = 0x22, 0x5C, 0x3A
_OPEN = 0x7B  # [ is { without bit 5, and } is two more
_WHITE = np.zeros(256, np.bool_)
_WHITE[[0x20, 0x09, 0x0A, 0x0D]] = True
_STEPS = 64
"""So many blanks in a row are stepped over one by one."""
_SPACE = 0x20


class Brackets:
    """The brackets outside strings of a text that starts outside strings.

    :ivar data: the text; :ivar text: as an array.
    :ivar quotes: offsets of the quotes that open or close a string, in turn.
    :ivar at: offsets of the brackets; :ivar opens: which of them open.
    :ivar strings_before: how many strings are before each.
    :ivar depth: how many are open behind each; negative where more were closed than opened.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.text = text = np.frombuffer(data, np.uint8)
        is_quote = text == _QUOTE
        if b"\\" in data:
            behind = escaped(text)
            is_quote[behind[behind < len(text)]] = False
        self.quotes = np.flatnonzero(is_quote)
        folded = text | np.uint8(0x20)
        folded -= np.uint8(_OPEN)
        folded &= np.uint8(0xFD)  # 0 for what opens and for what closes: they are two apart
        at = np.flatnonzero(folded == 0)
        before = np.searchsorted(self.quotes, at)
        outside = before & 1 == 0
        self.at = at = at[outside]
        self.strings_before = before[outside] >> 1
        self.opens = text[at] | np.uint8(0x20) == _OPEN
        self.depth = np.cumsum(np.where(self.opens, 1, -1))

    def part(self, start: int, stop: int) -> Brackets:
        """The brackets of ``data[start:stop]``; ``start`` is outside strings."""
        part = Brackets.__new__(Brackets)
        part.data = self.data[start:stop]
        part.text = self.text[start:stop]
        first, last = np.searchsorted(self.quotes, (start, stop))
        part.quotes = self.quotes[first:last] - start
        a, b = np.searchsorted(self.at, (start, stop))
        part.at, part.opens = self.at[a:b] - start, self.opens[a:b]
        part.strings_before = self.strings_before[a:b] - (first >> 1)
        part.depth = self.depth[a:b] - (self.depth[a - 1] if a else 0)
        return part

    def __reduce__(self) -> tuple[type[Brackets], tuple[bytes]]:
        return Brackets, (self.data,)  # found again: that costs less than sending it

    @property
    def deepest(self) -> int:
        """The most brackets that are open anywhere."""
        return int(self.depth.max(initial=0))

    @cached_property
    def partner(self) -> Offsets:
        """For each bracket that opens the number of the one that closes it; else -1."""
        level = np.where(self.opens, self.depth, self.depth + 1)
        if len(level) and level.min() > -32768 and level.max() < 32767:
            level = level.astype(np.int16)  # sorted by radix
        order = np.argsort(level, kind="stable")
        partner = np.full(len(order), -1, np.int64)
        if len(order):
            here, there = order[:-1], order[1:]
            pairs = self.opens[here] & (level[here] == level[there])
            partner[here[pairs]] = there[pairs]
        return partner

    @cached_property
    def innermost(self) -> Offsets:
        """For each bracket the number of the one that is innermost behind it; -1 where none is open."""
        depth = self.depth.astype(np.int16) if self.deepest < 32767 else self.depth
        order = np.argsort(depth, kind="stable")
        # Of the brackets with one depth behind them, each belongs to the last one that opened to that depth.
        place = np.where(self.opens[order], np.arange(len(order)), 0)
        inner = np.empty(len(order), np.int64)
        inner[order] = order[np.maximum.accumulate(place)]
        inner[self.depth <= 0] = -1
        return inner

    @cached_property
    def windows(self) -> npt.NDArray[np.uint64]:
        """At each offset the eight bytes that start there, zeros behind the end."""
        return windows(self.data)

    @cached_property
    def slashes(self) -> Offsets:
        """All backslashes."""
        return np.flatnonzero(self.text == _BACKSLASH) if b"\\" in self.data else np.empty(0, np.int64)

    def inside(self, first: int, stop: int, depth: int) -> tuple[Offsets, Offsets]:
        """The objects and arrays directly in a container: offsets of their starts, and behind their ends.

        :param first: number of its first bracket; :param stop: behind its last one.
        :param depth: how many brackets are open in it. One that doesn't end is left out.
        """
        at, opens, levels = self.at[first:stop], self.opens[first:stop], self.depth[first:stop]
        stops = at[~opens & (levels == depth)] + 1
        return at[opens & (levels == depth + 1)][: len(stops)], stops


def windows(data: bytes) -> npt.NDArray[np.uint64]:
    """At each offset the eight bytes that start there, zeros behind the end."""
    return np.ndarray((len(data) + 1,), "<u8", data + b"\0" * 8, 0, (1,))


def escaped(text: Bytes) -> Offsets:
    """Offsets of the bytes that a backslash escapes; one may be behind the end."""
    slashes = np.flatnonzero(text == _BACKSLASH)
    if not len(slashes):
        return slashes
    new_run = np.empty(len(slashes), np.bool_)
    new_run[0] = True
    np.not_equal(slashes[1:], slashes[:-1] + 1, out=new_run[1:])
    first = np.maximum.accumulate(np.where(new_run, slashes, 0))
    active: Offsets = slashes[(slashes - first) & 1 == 0] + 1  # of a run, each second one is itself escaped
    return active


def skip_white(text: Bytes, at: Offsets) -> Offsets:
    """For each offset (ascending) the next one whose byte isn't whitespace; the text's length where there's none."""
    size = len(text)
    last = np.searchsorted(at, size) if len(at) and at[-1] >= size else len(at)
    todo = np.flatnonzero(text[at[:last]] <= _SPACE)
    if len(todo):
        todo = todo[_WHITE[text[at[todo]]]]
    if not len(todo):
        return at
    at = at.copy()
    for _ in range(_STEPS):
        at[todo] += 1
        todo = todo[at[todo] < size]
        todo = todo[_WHITE[text[at[todo]]]]
        if not len(todo):
            return at
    full = np.append(np.flatnonzero(~_WHITE[text]), size)  # long stretches of whitespace: look them all up
    at[todo] = full[np.searchsorted(full, at[todo])]
    return at


@dataclass(frozen=True, slots=True)
class Names:
    """The names of all members of all objects of a well-formed text of objects.

    :ivar start: offsets behind the names' opening quotes; :ivar stop: of their closing quotes.
    :ivar value: offsets of the values' first bytes.
    :ivar parent: number of the bracket that opens the object.
    :ivar hash: equal for equal names, as they are spelt.
    """

    start: Offsets
    stop: Offsets
    value: Offsets
    parent: Offsets
    hash: npt.NDArray[np.uint64]


def names(b: Brackets) -> Names:
    """Find the names. The text ends with a bracket."""
    opening, closing = b.quotes[0::2], b.quotes[1::2]
    text = b.text
    behind = skip_white(text, closing + 1)
    string = np.flatnonzero(text[behind] == _COLON)
    start, stop = opening[string] + 1, closing[string]
    value = skip_white(text, behind[string] + 1)
    brackets_before = np.cumsum(np.bincount(b.strings_before, minlength=len(opening)))
    parent = b.innermost[brackets_before[string] - 1]
    return Names(start, stop, value, parent, hashes(b.windows, start, stop))


def parents(b: Brackets, at: Offsets) -> Offsets:
    """The number of the innermost bracket open at each offset; -1 where none is."""
    before = np.searchsorted(b.at, at) - 1  # the last bracket before it
    found: Offsets = np.where(before >= 0, b.innermost[before], -1)
    return found


_MIX = np.uint64(0x9E3779B97F4A7C15)
_MIX2 = np.uint64(0xC2B2AE3D27D4EB4F)
_SHIFT = np.uint64(32)


def hashes(windows: npt.NDArray[np.uint64], start: Offsets, stop: Offsets) -> npt.NDArray[np.uint64]:
    """A number for each stretch of bytes, equal for equal bytes; every byte counts.

    :param windows: at each offset the eight bytes that start there.
    """
    left = stop - start
    found = _mixed((left.astype(np.uint64) + np.uint64(1)) * _MIX2, windows[start] & MASKS[np.minimum(left, 8)])
    todo, offset = np.flatnonzero(left > 8), 8
    while len(todo):
        rest = left[todo] - offset
        found[todo] = _mixed(found[todo], windows[start[todo] + offset] & MASKS[np.minimum(rest, 8)])
        offset += 8
        todo = todo[rest > 8]
    return found


def _mixed(a: npt.NDArray[np.uint64], b: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    mixed = (a ^ b) * _MIX
    mixed ^= mixed >> _SHIFT
    return mixed


MASKS = np.array([(1 << (8 * n)) - 1 for n in range(9)], np.uint64)
