"""A table in memory as a reading, cut as a test wants it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl
from pyroaring import BitMap

from potable.engine.contracts.reading import Chunk, ChunkParser, Cut, Reading
from potable.engine.findings import Location, Tally
from potable.engine.paths import column_path

FILE = "memory.csv"


def spans(records: int, bounds: Sequence[int]) -> list[tuple[int, int]]:
    """The records of each chunk, from and to, from 0."""
    return list(pairwise(sorted({0, records, *(b for b in bounds if 0 < b < records)}))) or [(0, 0)]


def _check(table: Mapping[str, Sequence[str | None]]) -> None:
    height = None
    for name, cells in table.items():
        if not isinstance(name, str):
            raise TypeError(f"the column {name!r}: names of columns are texts")
        if isinstance(cells, str):
            raise TypeError(f"the column {name!r} is a text where a list of texts belongs")
        odd = next((cell for cell in cells if not (cell is None or isinstance(cell, str))), None)
        if odd is not None:
            raise TypeError(f"the column {name!r} holds {odd!r}: cells are texts, as in a CSV file, or None")
        if height is not None and len(cells) != height:
            raise ValueError(f"the column {name!r} has {len(cells)} cells where the first has {height}")
        height = len(cells)


class InMemory(Reading):
    """A reading of records that are there: its form is sound, and nothing is to be closed."""

    def again(self, records: BitMap | None = None) -> Iterator[Cut]:
        return (cut for cut in self.cuts() if cut.holds(records))

    def tallies(self) -> Sequence[Tally]:
        return ()

    def digests(self) -> dict[str, str]:
        return {}

    def close(self) -> None:
        pass


class MemoryReading(InMemory):
    """A reading of a table of text, as a CSV file with a header in line 1 would give it.

    :param table: column name -> texts, all of one length; None is a cell that a ragged row lacks.
    :param bounds: record numbers (0 to the number of records) at which it is cut; () makes one chunk.
    :raises TypeError: a column isn't texts. :raises ValueError: columns aren't of one length.
    """

    typed = False
    codes = ()

    def __init__(self, table: Mapping[str, Sequence[str | None]], bounds: Sequence[int] = ()) -> None:
        _check(table)
        self._frame = pl.DataFrame(
            {column_path(name): list(cells) for name, cells in table.items()},
            schema={column_path(name): pl.String for name in table},
        )
        self.columns = tuple(self._frame.columns)
        self._spans = spans(self._frame.height, bounds)

    def cuts(self) -> Iterator[Cut]:
        for index, (start, end) in enumerate(self._spans):
            if end > start:
                yield Cut(
                    index=index,
                    part=0,
                    byte=start,
                    line=start + 2,
                    first_record=start + 1,
                    records=end - start,
                    data=b"",
                )

    def parser(self) -> ChunkParser:
        return _MemoryParser(self._frame, self.columns or ())


@dataclass(frozen=True, slots=True)
class _MemoryParser(ChunkParser):
    frame: pl.DataFrame
    columns: tuple[str, ...]

    def parse(
        self, cut: Cut, fields: frozenset[str] | None = None, records: npt.NDArray[np.uint64] | None = None
    ) -> Chunk:
        if records is None:
            records = np.arange(cut.first_record, cut.first_record + cut.records, dtype=np.uint64)
        wanted = self.columns if fields is None else sorted(fields)
        frame = self.frame[(records - 1).astype(np.int64)].select(
            pl.col(f) if f in self.columns else pl.lit(None, dtype=pl.String).alias(f) for f in wanted
        )
        return _MemoryChunk(cut.index, self.columns, frame, records)


class _MemoryChunk(Chunk):
    typed = False
    tallies = ()
    file = FILE

    def __init__(
        self, index: int, columns: tuple[str, ...], frame: pl.DataFrame, numbers: npt.NDArray[np.uint64]
    ) -> None:
        self.index, self.columns, self.frame, self.numbers = index, columns, frame, numbers

    def locate(self, rows: Sequence[int]) -> list[Location]:
        records = [int(self.numbers[r]) for r in rows]
        return [Location(file=FILE, line=r + 1, record=r) for r in records]
