"""From a run of rows of a row group to a chunk."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from potable.engine.checker import EACH_FIELD
from potable.engine.contracts.reading import KIND_SUFFIX, Chunk, ChunkParser, Cut
from potable.engine.contracts.snapshot import Part
from potable.engine.findings import Fault, Location, Occurrence, Tally
from potable.engine.paths import FieldPath
from potable.engine.reading.parquet.file import Columns, opened, reading
from potable.engine.reading.typed_rows import TypedRows, top_of

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

_KEPT = 2
"""Row groups kept, so that their runs of rows are decoded once."""


class ParquetParser(ChunkParser):
    """Parses the cuts of one reading. A cut's ``hints`` are its row group and the first row in it.

    :param parts: the reading's parts.
    :param columns: canonical paths of the source's columns.
    :param samples: most samples of one tally.
    """

    def __init__(self, parts: tuple[Part, ...], columns: tuple[str, ...], samples: int) -> None:
        self._parts, self._columns, self._samples = parts, columns, samples
        self._lock = threading.Lock()
        self._groups: dict[Any, tuple[Columns, pa.Table]] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._parts, self._columns, self._samples)

    def parse(
        self, cut: Cut, fields: frozenset[str] | None = None, records: npt.NDArray[np.uint64] | None = None
    ) -> ParquetChunk:
        """See :meth:`ChunkParser.parse`."""
        from potable.engine.reading.arrays import to_arrow  # heavy
        from potable.engine.reading.narrow import typed_rows  # heavy

        part = self._parts[cut.part]
        names = self._names(fields)
        group, start = cut.hints
        numbers = np.arange(cut.first_record, cut.first_record + cut.records, dtype=np.uint64)
        try:
            with reading(part):
                columns, table = self._group(cut.part, group, self._read(names))
                table = table.slice(start, cut.records)
                if records is not None:
                    lo, hi = np.searchsorted(records, [cut.first_record, cut.first_record + cut.records])
                    numbers = np.asarray(records[lo:hi], np.uint64)
                    table = table.take(to_arrow((numbers - np.uint64(cut.first_record)).astype(np.int64)))
                found = {name: table.column(name) for name in table.column_names if name in columns.index}
                rows = typed_rows(found, table.num_rows)
                frame = rows.frame(names)
        except Fault as fault:
            return self._broken(cut, names, fault.occurrence)
        inner = tuple(name for name in names if name not in columns.paths and rows.holds(name))
        return ParquetChunk(
            cut.index, part, (*columns.paths, *inner), frame, numbers, rows=rows,
            samples=self._samples if records is None else 0,
        )  # fmt: skip

    def _read(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The columns that are needed for fields: of one inside a nested column, that."""
        needed = dict.fromkeys(names)
        for name in names:
            if name not in self._columns:
                top = top_of(FieldPath.parse(name))
                needed |= dict.fromkeys(self._columns if top is None else (top,))
        return tuple(needed)

    def _names(self, fields: frozenset[str] | None) -> tuple[str, ...]:
        if fields is None:
            return self._columns
        known = [c for c in self._columns if c in fields or EACH_FIELD in fields]
        return (*known, *sorted(fields.difference(known, [EACH_FIELD])))

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
    tallies: Sequence[Tally] = ()

    def __init__(
        self,
        index: int,
        part: Part,
        columns: tuple[str, ...],
        frame: pl.DataFrame,
        numbers: npt.NDArray[np.uint64],
        fault: Occurrence | None = None,
        rows: TypedRows | None = None,
        samples: int = 0,
    ) -> None:
        self._typed_rows = rows
        self.index, self.file, self._part = index, part.name, part
        self.columns, self.frame, self.numbers, self.fault = columns, frame, numbers, fault
        if samples and rows is not None:
            self.tallies = tuple(rows.beyond("parquet/out-of-range", samples, self.locate, numbers))

    def locate(self, rows: Sequence[int]) -> list[Location]:
        """Places of the records in these rows: a record of a Parquet file has neither line nor byte."""
        return [Location(file=self.file, url=self._part.url, record=int(self.numbers[r])) for r in rows]

    def documents(self) -> Iterator[tuple[int, Any]]:
        """Each record as an object of typed values, nested ones too."""
        return iter(()) if self._typed_rows is None else self._typed_rows.documents()


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
