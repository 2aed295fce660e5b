"""A chunk of JSON records."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import orjson

from potable.engine.contracts.reading import Chunk
from potable.engine.findings import Location, Tally
from potable.engine.paths import FieldPath
from potable.engine.reading.json.columns import of_python
from potable.engine.reading.json.fields import decode
from potable.engine.reading.json.places import Places
from potable.engine.reading.json.values import Text

if TYPE_CHECKING:
    import polars as pl

_DIGITS = 19  # so many digits may be more than 64 bits hold
_MOST_DIGITS = 4300  # Python turns no longer text into an int


class JsonChunk(Chunk):
    """Records of JSON; see :class:`Chunk`.

    Its text is that of the cut; where a record isn't sound there's an empty object in its place.
    """

    typed = True
    columns = None

    def __init__(
        self,
        places: Places,
        text: Text,
        rows: npt.NDArray[np.int64],
        unsound: frozenset[int],
        frame: pl.DataFrame,
        tallies: Sequence[Tally],
    ) -> None:
        """``rows``: the records' rows in the cut; ``unsound``: rows of the frame whose records are not."""
        cut = places.cut
        self._places, self._text, self._rows, self._unsound = places, text, rows, unsound
        self.frame = frame
        self.index = cut.index
        self.file = places.hints.file
        self.numbers = (rows + cut.first_record).astype(np.uint64)
        self.tallies = tallies

    def locate(self, rows: Sequence[int]) -> list[Location]:
        """Places of the records in these rows."""
        return [self._places.record(int(self._rows[row])) for row in rows]

    def locate_path(self, row: int, path: str) -> Location:
        """The place of the value that a JSON Pointer names inside a record."""
        return self._places.inner(int(self._rows[row]), path)

    def locate_field(self, row: int, field: str, value: str | None = None) -> Location:
        """The place of a field's value (of several the first one that reads ``value``); else the record's."""
        if row in self._unsound:
            return self.locate([row])[0]
        found = FieldPath.parse(field).find(decode(self._record(row)))
        if not found:
            return self.locate([row])[0]
        texts = of_python([[v for v, _ in found]], listed=True)[0].to_list()[0]
        pointers = [pointer for _, pointer in found]
        return self.locate_path(row, pointers[texts.index(value) if value in texts else 0])

    def documents(self) -> Iterator[tuple[int, Any]]:
        """Each sound record as a ``dict``.

        Numbers that no int or float holds are ``Decimal``; of two members of one name the last one is there.
        """
        text = self._text
        start, stop = (a.tolist() for a in text.spans(text.roots))
        long = self._long_numbers(start)
        special, data, loads = long | self._unsound, text.data, orjson.loads
        for row, (a, b) in enumerate(zip(start, stop, strict=True)):
            try:
                if row not in special:
                    yield row, loads(data[a:b])
                elif row not in self._unsound:
                    yield row, _exact.decode(data[a:b].decode())
            except orjson.JSONDecodeError:  # a number beyond a float's range
                yield row, _exact.decode(data[a:b].decode())

    def _record(self, row: int) -> bytes:
        start, stop = self._text.spans(self._text.roots)
        return self._text.data[start[row] : stop[row]]

    def _long_numbers(self, start: list[int]) -> frozenset[int]:
        """Rows that may have integers beyond 64 bits, which a fast parser makes floats of."""
        text, every = self._text.text, _DIGITS // 2
        digits = text[::every] - np.uint8(0x30) < 10
        near = np.flatnonzero(digits[1:] & digits[:-1]) * every
        around = near[:, None] + np.arange(1 - _DIGITS, _DIGITS)
        is_digit = text[np.clip(around, 0, len(text) - 1)] - np.uint8(0x30) < 10
        left = is_digit[:, :_DIGITS][:, ::-1].argmin(axis=1)  # digits up to here, and from here on; 0: all are
        right = is_digit[:, _DIGITS - 1 :].argmin(axis=1)
        long = near[(left == 0) | (right == 0) | (left + right > _DIGITS)]
        return frozenset((np.searchsorted(start, long, "right") - 1).tolist())


def _integer(text: str) -> int | Decimal:
    return int(text) if len(text) <= _MOST_DIGITS else Decimal(text)


def _fraction(text: str) -> float | Decimal:
    number = float(text)
    if math.isfinite(number):
        return number
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent of more than eighteen digits
        return number


_exact = json.JSONDecoder(parse_int=_integer, parse_float=_fraction)
