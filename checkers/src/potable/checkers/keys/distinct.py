"""The different keys of a source: in memory while they are few, else in files."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

PARTS = 64
"""Files that keys are spread over when they're too many for memory."""
PENDING = 500_000
"""Rows that are gathered before equal ones are dropped."""


@dataclass(slots=True)
class Distinct:
    """A set of keys.

    :param names: the columns of a key; all are String.
    :param budget: most bytes in memory.
    :param pending: frames that may have keys in common.
    :param rows: rows that were added since equal ones were dropped.
    :param spilled: files of keys, by part.
    """

    names: tuple[str, ...]
    scratch: Path
    budget: int
    pending: list[pl.DataFrame] = field(default_factory=list)
    rows: int = 0
    spilled: dict[int, list[Path]] = field(default_factory=dict)

    def add(self, keys: pl.DataFrame) -> None:
        """Add keys; none may have a null."""
        found = keys.unique()
        if found.height:
            self.pending.append(found)
            self.rows += found.height
            self._bound()

    def extend(self, other: Distinct) -> None:
        """Add all of another set."""
        self.pending += other.pending
        self.rows += other.rows
        for part, files in other.spilled.items():
            self.spilled.setdefault(part, []).extend(files)
        self._bound()

    def __bool__(self) -> bool:
        return bool(self.pending or self.spilled)

    def parts(self, *, spread: bool) -> Iterator[tuple[int, pl.DataFrame]]:
        """All keys, each once, by part.

        :param spread: into the :data:`PARTS` of a set that doesn't fit into memory; else there's one part, 0.
        """
        if not spread:
            yield 0, self._gathered()
            return
        self.spill()
        for part, files in sorted(self.spilled.items()):
            yield part, pl.concat([pl.read_ipc(f) for f in files]).unique()

    def spill(self) -> None:
        """Put what is in memory into files."""
        if not self.pending:
            return
        keys = self._gathered()
        numbered = keys.with_columns(part=(hashes(keys, 1) % PARTS).cast(pl.UInt8))
        for (part,), frame in numbered.partition_by("part", as_dict=True, include_key=False).items():
            with tempfile.NamedTemporaryFile(dir=self.scratch, prefix="keys-", suffix=".arrow", delete=False) as file:
                frame.write_ipc(file)
            self.spilled.setdefault(int(part), []).append(Path(file.name))
        self.pending, self.rows = [], 0

    def _gathered(self) -> pl.DataFrame:
        if not self.pending:
            return pl.DataFrame(schema=dict.fromkeys(self.names, pl.String))
        return pl.concat(self.pending).unique()

    def _bound(self) -> None:
        if self.rows < PENDING:
            return
        self.pending, self.rows = [self._gathered()], 0
        if self.pending[0].estimated_size() > self.budget:
            self.spill()


def hashes(keys: pl.DataFrame, seed: int) -> pl.Series:
    """UInt64: a hash of each key."""
    return keys.select(pl.struct(pl.all()).hash(seed)).to_series()


def without(keys: Distinct, known: Distinct) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Frame by frame: the keys that aren't known, and those that are."""
    spread = bool(keys.spilled or known.spilled)
    others = dict(known.parts(spread=spread)) if not spread else {}
    names: Sequence[str] = keys.names
    for part, frame in keys.parts(spread=spread):
        there = others.get(part) if not spread else _part(known, part)
        if there is None or not there.height:
            yield frame, frame.clear()
        else:
            yield frame.join(there, on=names, how="anti"), frame.join(there, on=names, how="semi")


def _part(keys: Distinct, part: int) -> pl.DataFrame | None:
    keys.spill()
    files = keys.spilled.get(part)
    return pl.concat([pl.read_ipc(f) for f in files]) if files else None
