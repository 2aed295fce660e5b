"""A chunk of JSON records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt
import orjson

from potable.engine.contracts.reading import Chunk, JsonText
from potable.engine.findings import Location, Tally
from potable.engine.paths import FieldPath
from potable.engine.reading.json.columns import text_of
from potable.engine.reading.json.fields import decode
from potable.engine.reading.json.index import Offsets
from potable.engine.reading.json.numbers import exact, long_numbers
from potable.engine.reading.json.places import Places
from potable.engine.reading.json.values import Text

if TYPE_CHECKING:
    import polars as pl


class Records(Protocol):
    """The records of a chunk, by row of its frame."""

    def raw(self, row: int) -> bytes | None:
        """The text of a record; None for one that isn't sound."""

    def each(self) -> Iterator[tuple[int, bytes]]:
        """The text of each sound record, with its row."""

    def long(self) -> frozenset[int]:
        """Rows whose records may have numbers that a fast parser takes for others."""

    def text(self) -> JsonText | None:
        """The text of all, where all are sound."""


class TextRecords:
    """Records that are a text.

    :param text: in which an empty object stands for each of the ``unsound`` ones.
    """

    def __init__(self, text: Text, unsound: frozenset[int]) -> None:
        self._text, self._unsound = text, unsound

    def raw(self, row: int) -> bytes | None:
        """See :class:`Records`."""
        if row in self._unsound:
            return None
        start, stop = self._spans
        return self._text.data[start[row] : stop[row]]

    def each(self) -> Iterator[tuple[int, bytes]]:
        """See :class:`Records`."""
        start, stop = self._spans
        data = self._text.data
        rows = enumerate(zip(start, stop, strict=True))
        return ((row, data[a:b]) for row, (a, b) in rows if row not in self._unsound)

    def long(self) -> frozenset[int]:
        """See :class:`Records`."""
        return _rows_of(long_numbers(self._text.text), self._spans[0])

    def text(self) -> JsonText | None:
        """See :class:`Records`."""
        return None

    @cached_property
    def _spans(self) -> tuple[list[int], list[int]]:
        start, stop = self._text.spans(self._text.roots)
        return start.tolist(), stop.tolist()


class CutRecords:
    """Records as they stand in the cut, all of them sound."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def raw(self, row: int) -> bytes | None:
        """See :class:`Records`."""
        return self._places.bytes(row)

    def each(self) -> Iterator[tuple[int, bytes]]:
        """See :class:`Records`."""
        start, stop = (a.tolist() for a in self._places.spans)
        data = self._places.cut.data
        return enumerate([data[a:b] for a, b in zip(start, stop, strict=True)])

    def long(self) -> frozenset[int]:
        """See :class:`Records`."""
        text = np.frombuffer(self._places.cut.data, np.uint8)
        return _rows_of(long_numbers(text), self._places.spans[0])

    def text(self) -> JsonText | None:
        """See :class:`Records`."""
        return JsonText(self._places.cut.data, *self._places.spans, lines=self._places.hints.lines)


def _rows_of(at: Offsets, starts: Offsets | list[int]) -> frozenset[int]:
    return frozenset((np.searchsorted(starts, at, "right") - 1).tolist()) if len(at) else frozenset()


class JsonChunk(Chunk):
    """Records of JSON; see :class:`Chunk`.

    Of documents, numbers that no int or float holds are ``Decimal``; of two members of one name the last one is there.
    """

    typed = True
    columns = None

    def __init__(
        self,
        places: Places,
        records: Records,
        rows: npt.NDArray[np.int64],
        frame: pl.DataFrame,
        tallies: Sequence[Tally],
        many: Tally | None = None,
    ) -> None:
        """``rows``: the records' rows in the cut; ``many``: says that there are too many fields."""
        cut = places.cut
        self._places, self._records, self._rows = places, records, rows
        self.frame = frame
        self.index = cut.index
        self.file = places.hints.file
        self.numbers = (rows + cut.first_record).astype(np.uint64)
        self.tallies, self._many = tallies, many
        self.json = records.text()

    def locate(self, rows: Sequence[int]) -> list[Location]:
        """Places of the records in these rows."""
        return [self._places.record(int(self._rows[row])) for row in rows]

    def lesson(self) -> Tally | None:
        """Whether there are too many fields: that's told once, not for each chunk."""
        return self._many

    def locate_path(self, row: int, path: str) -> Location:
        """The place of the value that a JSON Pointer names inside a record."""
        return self._places.inner(int(self._rows[row]), path)

    def locate_field(self, row: int, field: str, value: str | None = None) -> Location:
        """The place of a field's value (of several the first one that reads ``value``); else the record's."""
        raw = self._records.raw(row)
        found = FieldPath.parse(field).find(decode(raw)) if raw is not None else []
        if not found:
            return self.locate([row])[0]
        texts = [text_of(value) for value, _ in found]
        pointers = [pointer for _, pointer in found]
        return self.locate_path(row, pointers[texts.index(value) if value in texts else 0])

    def documents(self) -> Iterator[tuple[int, Any]]:
        """Each sound record as a ``dict``."""
        long, loads = self._records.long(), orjson.loads
        for row, raw in self._records.each():
            try:
                yield row, exact(raw) if row in long else loads(raw)
            except orjson.JSONDecodeError:  # a number beyond a float's range
                yield row, exact(raw)

    def document(self, row: int) -> Any:
        """One sound record as a ``dict``. Raises LookupError for one that isn't sound."""
        raw = self._records.raw(row)
        if raw is None:
            raise LookupError(row)
        return exact(raw)
