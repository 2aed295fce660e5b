"""Reads tables whose columns have types of their own: Arrow IPC files, as which frames are checked, too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from pyroaring import BitMap

from potable.engine.checker import EACH_FIELD
from potable.engine.contracts.reading import Chunk, ChunkParser, Cut, Reading, part_location
from potable.engine.contracts.snapshot import Part
from potable.engine.findings import Fault, Location, Occurrence, Tally, clip
from potable.engine.limits import Limits
from potable.engine.paths import FieldPath, column_path
from potable.engine.reading.arrow.codes import CODES, MANY_COLUMNS, NAMES, NO_RECORDS, OUT_OF_RANGE, UNREADABLE
from potable.engine.reading.naming import name_faults
from potable.engine.reading.typed_rows import TypedRows

ROWS = 16_384
"""Most records of a chunk."""


class ArrowReading(Reading):
    """One reading of Arrow files; see :class:`Reading`."""

    typed = nested = True
    codes = tuple(code.id for code in CODES)

    def __init__(self, parts: Sequence[Part], limits: Limits) -> None:
        self._parts, self._cells = tuple(parts), limits.cells
        self._tables = [_table(part, limits.columns) for part in parts]
        self._parser = _ArrowParser(self._parts, self._tables, limits.samples)
        self.columns = self._tables[0].columns if self._tables else ()
        self._found = [
            Tally.of(said) for part, table in zip(parts, self._tables, strict=True) for said in _blank(part, table)
        ]

    def cuts(self) -> Iterator[Cut]:
        index, first = 0, 1
        for part, table in enumerate(self._tables):
            most = max(min(ROWS, self._cells // max(len(table.columns), 1)), 1)
            height = table.table.height if table.columns else 0  # rows without a column are no records
            for start in range(0, height, most):
                rows = min(most, height - start)
                yield Cut(
                    index=index, part=part, byte=0, line=0, first_record=first, records=rows, data=b"", hints=start
                )
                index, first = index + 1, first + rows
        if first == 1 and self._parts:
            lacking = "rows" if self.columns else "columns"
            names = ", ".join(part.name for part in self._parts[:3])
            said = Occurrence(NO_RECORDS.id, f"{names}: no {lacking}", location=part_location(self._parts[0]))
            self._found = [*self._found, Tally.of(said)]

    def parser(self) -> ChunkParser:
        return self._parser

    def again(self, records: BitMap | None = None) -> Iterator[Cut]:
        return (cut for cut in self.cuts() if cut.holds(records))

    def tallies(self) -> Sequence[Tally]:
        return self._found

    def digests(self) -> dict[str, str]:
        return {}

    def close(self) -> None:
        self._tables = []


def _blank(part: Part, table: TypedRows) -> Iterator[Occurrence]:
    names = [FieldPath.parse(path).name for path in table.columns]
    for said in name_faults("arrow", names, table.columns, lambda _: part_location(part)):
        if said.code in {code.id for code in NAMES}:
            yield said


def _table(part: Part, most: int) -> TypedRows:
    """A part's rows. Raises Fault for a file that can't be read, and for one of more columns than ``most``."""
    import pyarrow as pa  # heavy

    try:
        return _read(part, most)
    except (pa.ArrowException, pl.exceptions.PolarsError, OSError, ValueError) as e:
        words = clip(" ".join(str(e).split()), 300)
    except BaseException as e:
        if type(e).__module__ != "pyo3_runtime":  # Polars' panics, which don't derive from Exception
            raise
        words = clip(" ".join(str(e).split()), 300)
    message = f"{part.name} can't be read: {words}"
    raise Fault(Occurrence(UNREADABLE.id, message, location=part_location(part)))


def _read(part: Part, most: int) -> TypedRows:
    import pyarrow as pa  # heavy

    from potable.engine.reading.narrow import is_known, typed_rows, unread  # heavy

    with pa.memory_map(str(part.path)) as file, pa.ipc.open_file(file) as reader:
        schema: pa.Schema = reader.schema
        if len(schema.names) > most:
            message = f"{part.name} has {len(schema.names):,} columns, more than {most:,} (Limits.columns)"
            raise Fault(Occurrence(MANY_COLUMNS.id, message, location=part_location(part)))
        if words := unread(schema):
            raise ValueError(words)
        paths = tuple(column_path(name) for name in schema.names)
        if not is_known(schema):
            table: pa.Table = reader.read_all()
            return typed_rows(dict(zip(paths, table.columns, strict=True)), table.num_rows)
    frame = pl.read_ipc(part.path)
    maps = frozenset(path for path, t in zip(paths, schema.types, strict=True) if pa.types.is_map(t))
    return TypedRows(frame.rename(dict(zip(frame.columns, paths, strict=True))), paths, maps=maps)


@dataclass(frozen=True, slots=True)
class _ArrowParser(ChunkParser):
    parts: tuple[Part, ...]
    tables: Sequence[TypedRows]
    samples: int

    def parse(
        self, cut: Cut, fields: frozenset[str] | None = None, records: npt.NDArray[np.uint64] | None = None
    ) -> Chunk:
        rows = self.tables[cut.part]
        table, columns = rows.table.slice(cut.hints, cut.records), rows.columns
        numbers = np.arange(cut.first_record, cut.first_record + cut.records, dtype=np.uint64)
        if records is not None:
            at = (records - cut.first_record).astype(np.int64)
            table, numbers = table[at], numbers[at]
        rows = replace(rows, table=table)
        every = fields is None or EACH_FIELD in fields
        named = sorted((fields or frozenset()) - {EACH_FIELD})
        wanted = tuple(dict.fromkeys([*(columns if every else ()), *named]))
        inner = tuple(name for name in wanted if name not in columns and rows.holds(name))
        chunk = _ArrowChunk(cut.index, self.parts[cut.part], (*columns, *inner), rows, rows.frame(wanted), numbers)
        if records is None:
            chunk.tallies = tuple(rows.beyond(OUT_OF_RANGE.id, self.samples, chunk.locate, numbers))
        return chunk


class _ArrowChunk(Chunk):
    typed = True
    tallies: Sequence[Tally] = ()

    def __init__(
        self, index: int, part: Part, columns: tuple[str, ...], rows: TypedRows, frame: pl.DataFrame,
        numbers: npt.NDArray[np.uint64],
    ) -> None:  # fmt: skip
        self._rows = rows
        self.index, self.file, self._part = index, part.name, part
        self.columns, self.frame, self.numbers = columns, frame, numbers

    def locate(self, rows: Sequence[int]) -> list[Location]:
        return [Location(file=self.file, url=self._part.url, record=int(self.numbers[r])) for r in rows]

    def documents(self) -> Iterator[tuple[int, Any]]:
        return self._rows.documents()
