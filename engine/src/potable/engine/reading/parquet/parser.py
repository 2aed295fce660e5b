"""From a run of rows of a row group to a chunk."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from potable.engine.contracts.reading import KIND_SUFFIX, Chunk, ChunkParser, Cut
from potable.engine.contracts.snapshot import Part
from potable.engine.findings import Fault, Location, Occurrence
from potable.engine.reading.parquet.file import Columns, opened, reading

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

_KEPT = 2
"""Row groups kept, so that their runs of rows are decoded once."""


class ParquetParser(ChunkParser):
    """Parses the cuts of one reading. A cut's ``hints`` are its row group and the first row in it.

    :param parts: the reading's parts.
    :param columns: canonical paths of the source's columns.
    """

    def __init__(self, parts: tuple[Part, ...], columns: tuple[str, ...]) -> None:
        self._parts, self._columns = parts, columns
        self._lock = threading.Lock()
        self._groups: dict[Any, tuple[Columns, pa.Table]] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._parts, self._columns)

    def parse(
        self, cut: Cut, fields: frozenset[str] | None = None, records: npt.NDArray[np.uint64] | None = None
    ) -> ParquetChunk:
        """See :meth:`ChunkParser.parse`."""
        part = self._parts[cut.part]
        names = self._names(fields)
        group, start = cut.hints
        numbers = np.arange(cut.first_record, cut.first_record + cut.records, dtype=np.uint64)
        try:
            with reading(part):
                columns, table = self._group(cut.part, group, names)
                table = table.slice(start, cut.records)
                if records is not None:
                    lo, hi = np.searchsorted(records, [cut.first_record, cut.first_record + cut.records])
                    numbers = np.asarray(records[lo:hi], np.uint64)
                    table = table.take((numbers - np.uint64(cut.first_record)).astype(np.int64))
                frame = _frame(table, names, len(numbers))
        except Fault as fault:
            return self._broken(cut, names, fault.occurrence)
        return ParquetChunk(cut.index, part, columns.paths, frame, numbers)

    def _names(self, fields: frozenset[str] | None) -> tuple[str, ...]:
        if fields is None:
            return self._columns
        known = [c for c in self._columns if c in fields]
        return (*known, *sorted(fields.difference(known)))

    def _group(self, number: int, group: int, names: tuple[str, ...]) -> tuple[Columns, pa.Table]:
        """A row group's columns of these names, under the names; those that it hasn't are left out."""
        key = (number, group, names)
        with self._lock:  # the runs of one group come together: one thread decodes, the others wait for it
            found = self._groups.get(key)
            if found is None:
                found = _decoded(self._parts[number], group, names)
                while len(self._groups) >= _KEPT:
                    del self._groups[next(iter(self._groups))]
                self._groups[key] = found
            return found

    def _broken(self, cut: Cut, names: tuple[str, ...], said: Occurrence) -> ParquetChunk:
        import polars as pl  # heavy

        frame = pl.DataFrame(schema={c: pl.String for name in names for c in (name, name + KIND_SUFFIX)})
        numbers = np.empty(0, np.uint64)
        return ParquetChunk(cut.index, self._parts[cut.part], self._columns, frame, numbers, said)


class ParquetChunk(Chunk):
    """Rows of a row group; see :class:`Chunk`."""

    typed = True
    tallies = ()

    def __init__(
        self,
        index: int,
        part: Part,
        columns: tuple[str, ...],
        frame: pl.DataFrame,
        numbers: npt.NDArray[np.uint64],
        fault: Occurrence | None = None,
    ) -> None:
        self.index, self.file, self._part = index, part.name, part
        self.columns, self.frame, self.numbers, self.fault = columns, frame, numbers, fault

    def locate(self, rows: Sequence[int]) -> list[Location]:
        """Places of the records in these rows: a record of a Parquet file has neither line nor byte."""
        return [Location(file=self.file, url=self._part.url, record=int(self.numbers[r])) for r in rows]


def _decoded(part: Part, group: int, names: tuple[str, ...]) -> tuple[Columns, pa.Table]:
    import pyarrow as pa  # heavy

    with opened(part) as file, reading(part, f" in its row group {group + 1:,}"):
        columns = Columns.of(file.schema_arrow)
        wanted = {name: columns.index[name] for name in names if name in columns.index}
        # in the order of the file, which is that of the result; two names may mean one column
        found = sorted(set(wanted.values()))
        leaves = [leaf for i in found for leaf in columns.leaves[i]]
        table = file.reader.read_row_group(group, column_indices=leaves, use_threads=False)
        rows = file.metadata.row_group(group).num_rows
        if found and table.num_rows != rows:
            raise ValueError(f"{table.num_rows:,} rows where {rows:,} were promised")
        position = {i: n for n, i in enumerate(found)}
        picked = {name: table.column(position[i]) for name, i in wanted.items()}
        for name, column in picked.items():
            _validate(name, column)
        return columns, pa.table(list(picked.values()) or [pa.nulls(rows)], names=list(picked) or [""])


def _validate(name: str, column: pa.ChunkedArray[Any]) -> None:
    """Raise ValueError for damaged values: PyArrow doesn't look whether strings are UTF-8, Polars relies on it."""
    import pyarrow as pa  # heavy

    try:
        column.validate(full=True)
    except pa.ArrowException as e:
        raise ValueError(f"column {name}: {e}") from None


def _frame(table: pa.Table, names: Sequence[str], rows: int) -> pl.DataFrame:
    import polars as pl  # heavy
    import pyarrow as pa  # heavy

    from potable.engine.reading.spelling import spelled_frame  # heavy: Polars

    series, wide = [pl.Series("", [None] * rows)], set()
    for name in names:
        if name not in table.column_names:
            continue
        column = table.column(name)
        if isinstance(column.type, pa.BaseExtensionType):
            column = column.cast(column.type.storage_type)
        if pa.types.is_decimal256(column.type):  # Polars has no number of so many digits
            wide.add(name)
            column = column.cast(pa.string())
        series.append(pl.Series(name, pl.from_arrow(column)))
    typed = pl.DataFrame(series)
    frame = spelled_frame(typed, {name: name if name in typed.columns else None for name in names})
    if wide:
        kinds = [pl.col(name + KIND_SUFFIX).replace("string", "number") for name in sorted(wide)]
        frame = frame.with_columns(kinds)
    return frame
