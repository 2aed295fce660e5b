"""One reading of Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from potable.engine.contracts.reading import Cut, part_location
from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.findings import Fault, Location, Occurrence
from potable.engine.reading.naming import name_faults, names_differ
from potable.engine.reading.of_parts import SoughtReading
from potable.engine.reading.parquet.codes import PARQUET_CODES
from potable.engine.reading.parquet.file import Columns, check_size, opened

if TYPE_CHECKING:
    from pyroaring import BitMap

    from potable.engine.limits import Limits
    from potable.engine.reading.parquet.parser import ParquetParser

ROWS = 65_536
"""Most records of a chunk: a row group of more is decoded once, and checked in several."""


class ParquetReading(SoughtReading):
    """One reading of Parquet files; see :class:`Reading`."""

    typed = nested = True
    codes = tuple(c.id for c in PARQUET_CODES)

    def __init__(self, snapshot: Snapshot, limits: Limits) -> None:
        super().__init__(snapshot, limits)
        self._seen: list[Cut] = []
        self._first: tuple[Part, Columns] | None = None
        self._groups = self._begin(0) if self._parts else []
        self.columns: tuple[str, ...] = self._first[1].paths if self._first is not None else ()

    def cuts(self) -> Iterator[Cut]:
        """See :meth:`Reading.cuts`."""
        index, record = 0, 1
        most = max(min(ROWS, self._limits.cells // max(len(self.columns), 1)), 1)
        for number in range(len(self._parts)):
            groups = self._begin(number) if number else self._groups
            for group, rows in enumerate(groups):
                for start in range(0, rows, most):
                    cut = Cut(
                        index=index, part=number, byte=0, line=0, first_record=record,
                        records=min(most, rows - start), data=b"", hints=(group, start),
                    )  # fmt: skip
                    self._seen.append(cut)
                    yield cut
                    index, record = index + 1, record + cut.records
            self._unchanged(number)
        if record == 1:
            self._note(self._no_records())

    def parser(self) -> ParquetParser:
        """See :meth:`Reading.parser`."""
        from potable.engine.reading.parquet.parser import ParquetParser  # heavy: Polars

        return ParquetParser(tuple(self._parts), self.columns, self._limits.samples)

    def again(self, records: BitMap | None = None) -> Iterator[Cut]:
        """See :meth:`Reading.again`. Raises :class:`Fault` (``access/changed``) where a file was changed since."""
        part = -1
        for cut in self._seen:
            if cut.holds(records):
                if cut.part != part:
                    part = cut.part
                    self._unchanged(part)
                yield cut

    def close(self) -> None:
        """See :meth:`Reading.close`: no file is open between two cuts."""

    def _begin(self, number: int) -> list[int]:
        """The rows of each row group of a part, whose columns are looked at."""
        self._unchanged(number)
        part = self._parts[number]
        with opened(part) as file:
            metadata: Any = file.metadata
            columns = Columns.of(file.schema_arrow)
            groups = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)] if columns.names else []
            check_size(part, metadata, self._limits)
        at = part_location(part)
        if len(columns.names) > self._limits.columns:
            message = f"{part.name} has {len(columns.names):,} columns, more than {self._limits.columns:,}"
            raise Fault(Occurrence("parquet/many-columns", f"{message} (Limits.columns)", location=at))
        self._note(*name_faults("parquet", columns.names, columns.paths, lambda _: at))
        if self._first is None:
            self._first = part, columns
        else:
            first, those = self._first
            names = (columns.names, columns.paths), (those.names, those.paths)
            self._note(names_differ("parquet", *names, (part.name, first.name), at))
        return groups

    def _no_records(self) -> Occurrence:
        at = part_location(self._parts[0]) if self._parts else Location()
        return Occurrence(
            "parquet/no-records", f"{self._part_names()}: no {'rows' if self.columns else 'columns'}", location=at
        )
