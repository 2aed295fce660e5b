"""The values that a path finds in all records of a text, found on whole arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from potable.engine.reading.json.index import MASKS, Brackets, Bytes, Names, Offsets, names, parents, skip_white

_PAD = 32
_COMMA, _ARRAY, _OBJECT = 0x2C, 0x5B, 0x7B

ABSENT, NULL, BOOLEAN, NUMBER, STRING, OBJECT, ARRAY, MANY = range(8)
"""Numbers of the kinds, in the order of ``contracts.reading.KINDS``."""

_KIND = np.zeros(256, np.uint8)
for _chars, _kind in (
    ("n", NULL),
    ("tf", BOOLEAN),
    ("-0123456789", NUMBER),
    ('"', STRING),
    ("{", OBJECT),
    ("[", ARRAY),
):
    _KIND[[ord(c) for c in _chars]] = _kind


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
        self._padded = b.data + b"\0" * _PAD

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

    @cached_property
    def slashes(self) -> Offsets:
        """All backslashes."""
        return np.flatnonzero(self.text == 0x5C)

    def kinds(self, values: Values) -> npt.NDArray[np.uint8]:
        """The kind of each value."""
        return _KIND[self.text[values.at]] if len(values) else np.empty(0, np.uint8)

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

    def windows(self, size: int) -> Bytes:
        """At each offset the bytes that start there, zeros behind the end; at most 32."""
        padded = np.frombuffer(self._padded, np.uint8)
        return np.lib.stride_tricks.as_strided(padded, (len(self.data) + 1, size), (1, 1), writeable=False)

    def _named(self, name: bytes) -> Offsets:
        """Numbers of the names that are spelt so."""
        n = self.names
        found = np.flatnonzero(n.stop - n.start == len(name))
        windows = self.windows(8)
        for offset in range(0, len(name), 8):
            part = name[offset : offset + 8]
            word = np.ascontiguousarray(windows[n.start[found] + offset]).view(np.uint64)[:, 0]
            found = found[word & MASKS[len(part)] == int.from_bytes(part, "little")]
        return found

    def spans(self, values: Values) -> tuple[Offsets, Offsets]:
        """Where the values are: strings without their quotes, objects and arrays with their brackets."""
        b, start, kinds = self.brackets, values.at.copy(), self.kinds(values)
        stop = start.copy()
        strings = np.flatnonzero(kinds == STRING)
        opening = np.searchsorted(b.quotes, start[strings])
        stop[strings] = b.quotes[opening + 1]
        start[strings] += 1
        nested = np.flatnonzero(kinds >= OBJECT)
        stop[nested] = b.at[b.partner[np.searchsorted(b.at, start[nested])]] + 1
        stop[kinds == NULL] += 4
        stop[kinds == BOOLEAN] += np.where(self.text[start[kinds == BOOLEAN]] == ord("t"), 4, 5)
        numbers = np.flatnonzero(kinds == NUMBER)
        if len(numbers):
            stop[numbers] = self._number_ends(start[numbers])
        return start, stop

    def _number_ends(self, start: Offsets) -> Offsets:
        ends = ~_IN_NUMBER[self.windows(_PAD)[start]]
        stop = start + np.where(ends.any(axis=1), ends.argmax(axis=1), _PAD)
        for i in np.flatnonzero(~ends.any(axis=1)).tolist():
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
