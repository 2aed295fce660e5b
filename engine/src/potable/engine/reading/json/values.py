"""The values that a path finds in all records of a text, found on whole arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from potable.engine.reading.json.index import MASKS, Brackets, Names, Offsets, hashes, names, parents, skip_white

_COMMA, _ARRAY, _OBJECT = 0x2C, 0x5B, 0x7B

ABSENT, NULL, BOOLEAN, NUMBER, STRING, OBJECT, ARRAY, MANY = range(8)
"""Numbers of the kinds, in the order of ``contracts.reading.KINDS``."""

KIND = np.zeros(256, np.uint8)
for _chars, _kind in (
    ("n", NULL),
    ("tf", BOOLEAN),
    ("-0123456789", NUMBER),
    ('"', STRING),
    ("{", OBJECT),
    ("[", ARRAY),
):
    KIND[[ord(c) for c in _chars]] = _kind


@dataclass(frozen=True, slots=True)
class Values:
    """Values in the order of the text.

    :ivar row: the record of each, from 0, ascending; :ivar at: offset of its first byte.
    """

    row: Offsets
    at: Offsets

    def __len__(self) -> int:
        return len(self.row)


class Text:
    """A well-formed text of objects, one behind the other, each a record.

    :ivar data: the text; :ivar records: how many.
    """

    def __init__(self, b: Brackets, records: int) -> None:
        self.brackets, self.data, self.text, self.records = b, b.data, b.text, records

    @cached_property
    def names(self) -> Names:
        """All names."""
        return names(self.brackets)

    @cached_property
    def roots(self) -> Values:
        """The records themselves."""
        b = self.brackets
        at = b.at[b.opens & (b.depth == 1)]
        return Values(np.arange(len(at)), at)

    @cached_property
    def _commas(self) -> tuple[Offsets, Offsets]:
        """The commas outside strings, and the bracket that each is in."""
        at = np.flatnonzero(self.text == _COMMA)
        if len(self.brackets.quotes):
            at = at[np.searchsorted(self.brackets.quotes, at) & 1 == 0]
        return at, parents(self.brackets, at)

    def kinds(self, values: Values) -> npt.NDArray[np.uint8]:
        """The kind of each value."""
        return KIND[self.text[values.at]] if len(values) else np.empty(0, np.uint8)

    def rows_of(self, values: Values, bracket: int) -> Offsets:
        """For each bracket the record of the container that it opens, if that's among ``values``; else -1."""
        rows = np.full(len(self.brackets.at), -1, np.int64)
        chosen = self.text[values.at] == bracket
        rows[np.searchsorted(self.brackets.at, values.at[chosen])] = values.row[chosen]
        return rows

    def child(self, values: Values, name: bytes) -> Values:
        """The members of that name; of two in one object the last one."""
        n = self.names
        named = self._named(name)
        rows = self.rows_of(values, _OBJECT)[n.parent[named]]
        named, rows = named[rows >= 0], rows[rows >= 0]
        parent = n.parent[named]
        if len(parent) > 1 and not (parent[1:] > parent[:-1]).all():
            parent, last = _last_of_each(parent)
            named, rows = named[last], rows[last]
        return Values(rows, n.value[named])

    def items(self, values: Values) -> Values:
        """All items of the arrays."""
        b = self.brackets
        rows = self.rows_of(values, _ARRAY)
        opening = np.flatnonzero(rows >= 0)
        first = skip_white(self.text, b.at[opening] + 1)
        full = first != b.at[b.partner[opening]]
        commas, parent = self._commas
        mine = rows[parent] >= 0
        at = np.concatenate([first[full], skip_white(self.text, commas[mine] + 1)])
        row = np.concatenate([rows[opening[full]], rows[parent[mine]]])
        order = np.argsort(at, kind="stable")
        return Values(row[order], at[order])

    def item(self, values: Values, number: int) -> Values:
        """The item of that number of each array; negative ones count from the end."""
        arrays = values.at[self.text[values.at] == _ARRAY]
        own = self.items(Values(np.arange(len(arrays)), arrays))
        first = np.searchsorted(own.row, np.arange(len(arrays)))
        count = np.bincount(own.row, minlength=len(arrays)) if len(own) else np.zeros(len(arrays), np.int64)
        there = count > number if number >= 0 else count >= -number
        place = first + (number if number >= 0 else count + number)
        rows = values.row[self.text[values.at] == _ARRAY]
        return Values(rows[there], own.at[place[there]])

    def _named(self, name: bytes) -> Offsets:
        """Numbers of the names that are spelt so."""
        n, size = self.names, len(name)
        own = hashes(Brackets(name).windows, np.zeros(1, np.int64), np.full(1, size))
        found = np.flatnonzero(n.hash == own)
        found = found[n.stop[found] - n.start[found] == size]
        for offset in range(0, size, 8):  # a hash alone proves nothing
            part = name[offset : offset + 8]
            words = self.brackets.windows[n.start[found] + offset] & MASKS[len(part)]
            found = found[words == np.uint64(int.from_bytes(part, "little"))]
        return np.asarray(found, np.int64)

    def spans(self, values: Values) -> tuple[Offsets, Offsets]:
        """Where the values are: strings without their quotes, objects and arrays with their brackets."""
        b, start, kinds = self.brackets, values.at.copy(), self.kinds(values)
        stop = start.copy()
        strings = np.flatnonzero(kinds == STRING)
        opening = np.searchsorted(b.quotes, start[strings])
        stop[strings] = b.quotes[opening + 1]
        start[strings] += 1
        nested = np.flatnonzero(kinds >= OBJECT)
        if len(nested):
            stop[nested] = b.at[b.partner[np.searchsorted(b.at, start[nested])]] + 1
        stop[kinds == NULL] += 4
        stop[kinds == BOOLEAN] += np.where(self.text[start[kinds == BOOLEAN]] == ord("t"), 4, 5)
        numbers = np.flatnonzero(kinds == NUMBER)
        if len(numbers):
            stop[numbers] = self._number_ends(start[numbers])
        return start, stop

    def _number_ends(self, start: Offsets) -> Offsets:
        words = self.brackets.windows
        head = np.empty((len(start), 3), np.uint64)
        for i in range(3):
            head[:, i] = words[np.minimum(start + 8 * i, len(self.data))]
        inside = _IN_NUMBER[head.view(np.uint8)]
        length = inside.argmin(axis=1)
        whole = inside.all(axis=1)
        stop = start + np.where(whole, 24, length)
        for i in np.flatnonzero(whole).tolist():
            at = int(stop[i])
            while at < len(self.data) and _IN_NUMBER[self.data[at]]:
                at += 1
            stop[i] = at
        return stop


_IN_NUMBER = np.zeros(256, np.bool_)
_IN_NUMBER[[ord(c) for c in "0123456789+-.eE"]] = True


def _last_of_each(groups: Offsets) -> tuple[Offsets, Offsets]:
    """The distinct numbers in order, and where each occurs last."""
    unique, first = np.unique(groups[::-1], return_index=True)
    return unique, len(groups) - 1 - first
