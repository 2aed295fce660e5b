"""A chunk of a table, and where its records are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from potable.engine.contracts.reading import Chunk, Cut
from potable.engine.findings import Location, Tally
from potable.engine.reading.csv.layout import Hints
from potable.engine.reading.csv.quotes import Offsets
from potable.engine.reading.csv.scan import Scan, line_breaks, scan
from potable.engine.reading.decoding import UTF8, original_length

if TYPE_CHECKING:
    import polars as pl


class Places:
    """Where things are in a cut, worked out when first asked for."""

    def __init__(self, cut: Cut) -> None:
        self.cut = cut
        self.hints: Hints = cut.hints
        self._scan: Scan | None = self.hints.scan
        self._breaks: Offsets | None = None

    @property
    def scan(self) -> Scan:
        """The cut's records."""
        if self._scan is None:
            self._scan = scan(self.cut.data, self.hints.layout.dialect)
        return self._scan

    def line(self, offset: int) -> int:
        """The physical line of an offset in the cut."""
        if self._breaks is None:
            found = self._scan
            if found is not None and len(found.breaks) == found.lines:  # no line break is inside of a record
                self._breaks = found.breaks
            else:
                self._breaks = line_breaks(np.frombuffer(self.cut.data, np.uint8))
        return self.cut.line + int(np.searchsorted(self._breaks, offset, "right"))

    def byte(self, offset: int) -> int:
        """The offset in the part's decompressed bytes of an offset in the cut."""
        hints = self.hints
        if hints.original == UTF8:
            return self.cut.byte + offset
        invalid = tuple(i for i in hints.invalid if i.at < offset)
        return self.cut.byte + original_length(self.cut.data[:offset], hints.original, invalid)

    def row(self, offset: int) -> int:
        """The record, from 0 in the cut, that an offset lies in."""
        return int(np.searchsorted(self.scan.starts, offset, "right")) - 1

    def record(self, row: int) -> Location:
        """The place of a record of the cut."""
        start = int(self.scan.starts[row])
        return self.place(start, row)

    def place(self, offset: int, row: int) -> Location:
        """The place of an offset inside a record."""
        layout = self.hints.layout
        return Location(
            file=layout.file, url=layout.url, line=self.line(offset), byte=self.byte(offset),
            record=self.cut.first_record + row,
        )  # fmt: skip


class CsvChunk(Chunk):
    """Records of a table; see :class:`Chunk`."""

    typed = False

    def __init__(
        self, places: Places, frame: pl.DataFrame, numbers: npt.NDArray[np.uint64], tallies: Sequence[Tally]
    ) -> None:
        cut = places.cut
        self._places = places
        self.frame = frame
        self.index = cut.index
        self.columns = places.hints.layout.paths
        self.file = places.hints.layout.file
        self.numbers = numbers
        self.tallies = tallies

    def locate(self, rows: Sequence[int]) -> list[Location]:
        """Places of the records in these rows."""
        first = self._places.cut.first_record
        return [self._places.record(int(self.numbers[row]) - first) for row in rows]
