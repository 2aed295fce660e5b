"""A sample of a source's records, drawn by their numbers: the same whatever the cutting, and in any later run."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from potable.engine.checker import EACH_FIELD, Fold, Outcome
from potable.engine.contracts.reading import Chunk

RECORDS = 4_096
"""So many records are drawn: shares of them are true within about one percent (one standard deviation)."""
CELLS = 400_000
"""In a wide table the sample has so many cells, and at least :data:`LEAST` records."""
LEAST = 256
NUL = "\x1fnul\x1f"
"""In the names of a sample's fields, for what Arrow's names can't hold."""
NO_FIELD = "\x1fnone\x1f"
"""Stands in for the fields of records that have none: a table without a column has no rows either."""

Ranks = npt.NDArray[np.uint64]


@dataclass(slots=True)
class Drawn:
    """The records of lowest rank.

    :param ranks: of the records drawn, and until it's :meth:`tidied` of some more.
    :param tables: their fields, in the same order. Arrow copies texts where a frame would share those of the whole
        chunk, and keep it in memory.
    :param records: of how many they were drawn.
    :param names: of all fields that those have.
    :param several: of those that have several values in some record.
    """

    ranks: Ranks = field(default_factory=lambda: np.empty(0, np.uint64))
    tables: list[pa.Table] = field(default_factory=list)
    records: int = 0
    names: frozenset[str] = frozenset()
    several: frozenset[str] = frozenset()

    @property
    def most(self) -> int:
        """How many are drawn at most."""
        return max(LEAST, min(RECORDS, CELLS // max(len(self.names), 1)))

    def tidied(self) -> Drawn:
        """The same with just the records of lowest rank, ascending."""
        order = np.argsort(self.ranks)[: self.most]
        if not self.tables:
            return self
        # Not by Table.take(): that imports all of pyarrow.compute, a tenth of a second, and pandas if it can.
        frame = pl.concat([pl.DataFrame(pl.from_arrow(t)) for t in self.tables], how="diagonal")[order]
        return Drawn(self.ranks[order], [_copied(frame)], self.records, self.names, self.several)


def rank(numbers: npt.NDArray[np.uint64]) -> Ranks:
    """A rank for each record number, as good as random and all different (the finaliser of SplitMix64)."""
    z = numbers * np.uint64(0x9E37_79B9_7F4A_7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58_476D_1CE4_E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D0_49BB_1331_11EB)
    return np.asarray(z ^ (z >> np.uint64(31)), dtype=np.uint64)


class SampleFold(Fold[Drawn]):
    """Draws the records of lowest rank, and hands them on."""

    name = "sample"
    codes = ()
    fields = (EACH_FIELD,)

    def __init__(self) -> None:
        # Shared by the threads of a scan: no record of a higher rank can be drawn any more. It only saves work.
        self._bound: np.uint64 | None = None

    def start(self) -> Drawn:
        return Drawn()

    def update(self, state: Drawn, chunk: Chunk) -> Drawn:
        ranks = rank(chunk.numbers)
        names = state.names.union(chunk.frame.columns)
        most = Drawn(names=names).most
        rows = np.arange(len(ranks)) if self._bound is None else np.flatnonzero(ranks <= self._bound)
        rows = rows[np.argsort(ranks[rows])][:most]
        tables = [_scalars(chunk.frame, rows)] if len(rows) else []
        several = frozenset(name for name, kind in chunk.frame.schema.items() if kind != pl.String)
        here = Drawn(ranks[rows], tables, chunk.records, names, several)
        return self.merge(state, here)

    def merge(self, left: Drawn, right: Drawn) -> Drawn:
        both = Drawn(
            np.concatenate([left.ranks, right.ranks]),
            [*left.tables, *right.tables],
            left.records + right.records,
            left.names | right.names,
            left.several | right.several,
        )
        if len(both.ranks) < 2 * both.most:
            return both
        both = both.tidied()
        self._bound = both.ranks[-1]
        return both

    def finish(self, state: Drawn) -> Outcome:
        raise NotImplementedError


def _scalars(frame: pl.DataFrame, rows: npt.NDArray[np.int64]) -> pa.Table:
    """These rows, without the fields that have several values."""
    single = [name for name, kind in frame.schema.items() if kind == pl.String]
    if not single:
        return pa.table({NO_FIELD: pa.nulls(len(rows))})
    table = frame.select(single)[rows].rename({name: name.replace("\0", NUL) for name in single if "\0" in name})
    return _copied(table)


def _copied(frame: pl.DataFrame) -> pa.Table:
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())
