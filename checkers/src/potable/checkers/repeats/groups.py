"""What occurs how often, and where first: groups of equal keys or digests, in memory or, past a budget, in files."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from pyroaring import BitMap64

from potable.checkers.repeats.again import why_all_again

PARTS = 64
"""Files that groups are spread over when they're too many for memory."""
PENDING = 500_000
"""Rows that are gathered before they're grouped."""


@dataclass(slots=True)
class Groups:
    """Groups, and the rows that aren't yet in one.

    :param pending: frames of the columns that make a group, ``first`` and ``n``.
    :param rows: rows in ``pending`` since they were last grouped.
    :param seen: numbers of all records in groups.
    :param spilled: files of such frames, by part.
    """

    pending: list[pl.DataFrame] = field(default_factory=list)
    rows: int = 0
    seen: BitMap64 = field(default_factory=BitMap64)
    spilled: dict[int, list[Path]] = field(default_factory=dict)


class Grouping:
    """Groups records by the values of some columns.

    :param names: of the columns.
    :param apart: an expression of them; rows of which it differs may go to different files.
    :param scratch: where the files are, whose names begin with ``prefix``.
    :param budget: most bytes of groups in memory.
    """

    def __init__(self, names: Sequence[str], apart: pl.Expr, *, scratch: Path, budget: int, prefix: str) -> None:
        self.names, self._apart = list(names), apart
        self._scratch, self._budget, self._prefix = scratch, budget, prefix

    def add(self, groups: Groups, columns: Mapping[str, pl.Series], numbers: npt.NDArray[np.uint64]) -> None:
        """Add records."""
        once = pl.Series(np.ones(len(numbers), np.uint64))
        groups.pending.append(pl.DataFrame({**columns, "first": pl.Series(numbers), "n": once}))
        groups.rows += len(numbers)
        groups.seen |= BitMap64(numbers)
        self._bound(groups)

    def extend(self, groups: Groups, more: Groups) -> None:
        """Add those of other records."""
        groups.pending += more.pending
        groups.rows += more.rows
        groups.seen |= more.seen
        for part, files in more.spilled.items():
            groups.spilled.setdefault(part, []).extend(files)
        self._bound(groups)

    def parts(self, groups: Groups) -> Iterator[pl.DataFrame]:
        """All groups, in parts that have none in common, nor any that aren't apart."""
        if not groups.spilled:
            if groups.pending:
                yield self._grouped(groups.pending)
            return
        if groups.pending:
            self._spill(groups, self._grouped(groups.pending))
            groups.pending = []
        for files in groups.spilled.values():
            yield self._grouped([pl.read_ipc(f) for f in files])

    def _bound(self, groups: Groups) -> None:
        if groups.rows < PENDING:
            return
        grouped = self._grouped(groups.pending)
        groups.pending, groups.rows = [grouped], 0
        if grouped.estimated_size() > self._budget:
            self._spill(groups, grouped)
            groups.pending = []

    def _grouped(self, frames: list[pl.DataFrame]) -> pl.DataFrame:
        return pl.concat(frames).group_by(self.names).agg(pl.col("first").min(), pl.col("n").sum())

    def _spill(self, groups: Groups, grouped: pl.DataFrame) -> None:
        parts = grouped.with_columns(part=(self._apart % PARTS).cast(pl.UInt8)).partition_by(
            "part", as_dict=True, include_key=False
        )
        for (part,), frame in parts.items():
            with tempfile.NamedTemporaryFile(
                dir=self._scratch, prefix=self._prefix, suffix=".arrow", delete=False
            ) as file:
                frame.write_ipc(file)
            groups.spilled.setdefault(int(part), []).append(Path(file.name))


@dataclass(slots=True)
class Repeats:
    """What occurs more than once, of groups that come part by part.

    :param firsts: first records of all groups.
    :param different: groups of several records; :param records: records of these.
    """

    firsts: BitMap64 = field(default_factory=BitMap64)
    different: int = 0
    records: int = 0
    _often: set[int] = field(default_factory=set)
    _last_first: int = 0

    def add(self, groups: pl.DataFrame) -> None:
        """Add the groups of a part."""
        self.firsts |= BitMap64(groups["first"].to_numpy())
        repeated = groups.filter(pl.col("n") > 1)
        if not repeated.height:
            return
        self.different += repeated.height
        records, least, most, first = repeated.select(
            pl.col("n").sum(), pl.col("n").min().alias("least"), pl.col("n").max().alias("most"), pl.col("first").max()
        ).row(0)
        self.records += records
        self._often |= {least, most}
        self._last_first = max(self._last_first, first)

    def why(self, total: int, surplus: BitMap64) -> str | None:
        """A hint why nearly all are there several times, where they are.

        :param total: all records; :param surplus: those that aren't the first of their group, at least one.
        """
        return why_all_again(
            total=total, different=self.different, records=self.records, often=self._often,
            last_first=self._last_first, first_again=surplus[0],
        )  # fmt: skip
