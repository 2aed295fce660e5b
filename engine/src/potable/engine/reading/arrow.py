"""Tables whose columns have types of their own: Arrow IPC files (how a frame of an embedding program is checked)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import polars as pl
from pyroaring import BitMap

from potable.engine.contracts.reading import Chunk, ChunkParser, Cut, ReadContext, Reader, Reading
from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.findings import Location, Tally
from potable.engine.paths import column_path
from potable.engine.reading.spelling import spelled_frame

ROWS = 16_384
"""Most records of a chunk."""


class ArrowReader(Reader):
    """Reads Arrow IPC files (Apache Arrow columnar format, file variant)."""

    name = "arrow"
    formats: ClassVar[frozenset[str]] = frozenset({"arrow", "frame"})

    def open(self, source: Any, snapshot: Snapshot, context: ReadContext) -> Reading:
        return _ArrowReading(snapshot.parts, context.limits.cells)


class _ArrowReading(Reading):
    typed = True
    codes = ()

    def __init__(self, parts: Sequence[Part], cells: int) -> None:
        self._parts, self._cells = tuple(parts), cells
        self._frames = [pl.read_ipc(p.path) for p in parts]
        self._parser = _ArrowParser(self._parts, self._frames)
        first = self._frames[0] if self._frames else pl.DataFrame()
        self.columns = tuple(column_path(c) for c in first.columns)

    def cuts(self) -> Iterator[Cut]:
        index, first = 0, 1
        for part, frame in enumerate(self._frames):
            most = max(min(ROWS, self._cells // max(frame.width, 1)), 1)
            for start in range(0, frame.height, most):
                rows = min(most, frame.height - start)
                yield Cut(
                    index=index, part=part, byte=0, line=0, first_record=first, records=rows, data=b"", hints=start
                )
                index, first = index + 1, first + rows

    def parser(self) -> ChunkParser:
        return self._parser

    def again(self, records: BitMap | None = None) -> Iterator[Cut]:
        for cut in self.cuts():
            if records is None or records.range_cardinality(cut.first_record, cut.first_record + cut.records):
                yield cut

    def tallies(self) -> Sequence[Tally]:
        return ()

    def digests(self) -> dict[str, str]:
        return {}

    def close(self) -> None:
        self._frames = []


@dataclass(frozen=True, slots=True)
class _ArrowParser(ChunkParser):
    parts: tuple[Part, ...]
    frames: Sequence[pl.DataFrame]

    def parse(
        self, cut: Cut, fields: frozenset[str] | None = None, records: npt.NDArray[np.uint64] | None = None
    ) -> Chunk:
        table = self.frames[cut.part].slice(cut.hints, cut.records)
        numbers = np.arange(cut.first_record, cut.first_record + cut.records, dtype=np.uint64)
        if records is not None:
            rows = (records - cut.first_record).astype(np.int64)
            table, numbers = table[rows], numbers[rows]
        columns = {column_path(name): name for name in table.columns}
        wanted = columns if fields is None else sorted(fields)
        frame = spelled_frame(table, {path: columns.get(path) for path in wanted})
        return _ArrowChunk(cut.index, self.parts[cut.part], tuple(columns), frame, numbers)


class _ArrowChunk(Chunk):
    typed = True
    tallies = ()

    def __init__(
        self, index: int, part: Part, columns: tuple[str, ...], frame: pl.DataFrame, numbers: npt.NDArray[np.uint64]
    ) -> None:
        self.index, self.file, self._part = index, part.name, part
        self.columns, self.frame, self.numbers = columns, frame, numbers

    def locate(self, rows: Sequence[int]) -> list[Location]:
        return [Location(file=self.file, url=self._part.url, record=int(self.numbers[r])) for r in rows]
