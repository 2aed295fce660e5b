"""From a cut to a chunk: cells, record numbers, and the faults of form in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from potable.engine.contracts.reading import ChunkParser, Cut
from potable.engine.findings import Tally
from potable.engine.reading.csv.chunk import CsvChunk, Places
from potable.engine.reading.csv.faults import tallies_of
from potable.engine.reading.csv.form import Form
from potable.engine.reading.csv.layout import Hints, Layout
from potable.engine.reading.csv.table import Table, parse
from potable.engine.reading.decoding import Invalid, mend_utf8

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class CsvParser(ChunkParser):
    """Parses the cuts of one reading.

    :param columns: canonical paths of the source's columns.
    :param samples: most samples of one tally.
    :param key: canonical paths of the primary key.
    """

    columns: tuple[str, ...]
    samples: int
    key: tuple[str, ...] = ()

    def parse(
        self, cut: Cut, fields: frozenset[str] | None = None, records: npt.NDArray[np.uint64] | None = None
    ) -> CsvChunk:
        """See :meth:`ChunkParser.parse`."""
        hints: Hints = cut.hints
        places = Places(cut)
        if records is None:
            rows = None
            numbers = np.arange(cut.first_record, cut.first_record + cut.records, dtype=np.uint64)
        else:
            lo, hi = np.searchsorted(records, [cut.first_record, cut.first_record + cut.records])
            numbers = np.asarray(records[lo:hi], np.uint64)
            rows = numbers.astype(np.int64) - cut.first_record
        data = _records(places, rows)
        data, invalid = mend_utf8(data)
        layout = hints.layout
        names = self._names(fields, layout)
        keys = [i for i in map(layout.index.get, self.key) if i is not None] if b"\0" in data else []
        wanted = sorted({i for i in map(layout.index.get, names) if i is not None}.union(keys)) or [0]
        table = parse(data, layout.dialect, layout.width, wanted, len(numbers))
        tallies: Sequence[Tally] = ()
        if records is None:
            if hints.comments:  # offsets in the data without comments are of no use
                invalid = mend_utf8(cut.data)[1]
            form = Form(places=places, table=table, wanted=wanted, invalid=_placed(cut, hints, invalid), keys=keys)
            tallies = tallies_of(form, self.samples)
        return CsvChunk(places, _renamed(table, layout, names), numbers, tallies)

    def _names(self, fields: frozenset[str] | None, layout: Layout) -> Sequence[str]:
        """The columns of the frame: the source's in their order, then fields that it hasn't; the key's, if the first
        file lacks it and this one has it.
        """
        if fields is None:
            return [*self.columns, *(k for k in self.key if k in layout.index and k not in self.columns)]
        known = [c for c in self.columns if c in fields]
        return known + sorted(fields.difference(known))


def _records(places: Places, rows: npt.NDArray[np.int64] | None) -> bytes:
    """The bytes to parse: these records' (None: all), without comments."""
    cut = places.cut
    hints: Hints = cut.hints
    if not hints.comments and (rows is None or len(rows) == cut.records):
        return cut.data
    found = places.scan
    rows = np.arange(cut.records) if rows is None else rows
    apart = np.diff(rows, prepend=-2) != 1
    apart |= hints.comments  # else nothing but blank lines is between records that follow each other
    first = np.flatnonzero(apart)
    last = np.flatnonzero(np.append(apart[1:], len(apart) > 0))
    starts, stops = found.starts[rows[first]], found.stops[rows[last]]
    return b"".join([cut.data[a:b] for a, b in zip(starts.tolist(), stops.tolist(), strict=True)])


def _placed(cut: Cut, hints: Hints, invalid: Sequence[Invalid]) -> Sequence[Invalid]:
    """Invalid bytes with their places in the part."""
    if hints.invalid:
        return hints.invalid
    return [Invalid(i.at, cut.byte + i.byte, i.bytes) for i in invalid]


def _renamed(table: Table, layout: Layout, names: Sequence[str]) -> pl.DataFrame:
    """The columns under their canonical paths; nulls for those that the table hasn't got."""
    import polars as pl  # heavy

    frame = table.frame
    columns = []
    for name in names:
        i = layout.index.get(name)
        column = (
            frame.get_column(str(i))
            if i is not None
            else pl.Series(values=[None], dtype=pl.String).new_from_index(0, len(frame))
        )
        columns.append(column.alias(name))
    return pl.DataFrame(columns)
