"""Records that equal an earlier one: hashes of all, then digests of those whose hashes are equal."""

from __future__ import annotations

import zlib
from functools import reduce
from operator import add
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.checkers.keys.hashes import NO_KEY, HashList
from potable.checkers.rows.codes import DUPLICATE
from potable.checkers.rows.confirm import LOCATED, ConfirmFold
from potable.engine.checker import EACH_FIELD, Fold, Late, Outcome
from potable.engine.contracts.reading import KIND_SUFFIX, Chunk

Hashes = npt.NDArray[np.uint64]

_TOGETHER = 32
"""Columns hashed at a time, on all cores: each takes eight bytes a record."""


class DuplicateFold(Fold[HashList]):
    """Finds records with equal hashes, and has them compared in a second pass over them alone.

    :param budget: most bytes of hashes in memory.
    :param samples: most samples of a finding.
    """

    name = "duplicates"
    codes = (DUPLICATE.id,)
    fields = (EACH_FIELD,)

    def __init__(self, scratch: Path, budget: int, samples: int) -> None:
        self._scratch, self._budget, self._samples = scratch, budget, samples

    def start(self) -> HashList:
        return HashList(self._scratch, self._budget)

    def update(self, state: HashList, chunk: Chunk) -> HashList:
        state.add(chunk.numbers, row_hashes(chunk))
        return state

    def merge(self, left: HashList, right: HashList) -> HashList:
        left.extend(right)
        return left

    def finish(self, state: HashList) -> Outcome:
        suspects = state.records_of(state.repeated())
        if not len(suspects):
            return Outcome()
        located = int(suspects[:LOCATED][-1])
        fold = ConfirmFold(self._scratch, self._budget, self._samples, located)
        return Outcome(late=Late(folds=[fold], records=suspects))


def row_hashes(chunk: Chunk) -> Hashes:
    """A hash of each record; :data:`NO_KEY` for one without any value.

    Equal records have equal ones whatever other columns their chunks have: a column of nulls adds nothing.
    """
    parts = []
    for name in data_columns(chunk):
        lacking = chunk.frame[name].null_count()
        if lacking < chunk.records:
            # Its name is in the seed, so that a value counts where it stands.
            hashed = pl.col(name).hash(zlib.crc32(name.encode()))
            parts.append(pl.when(pl.col(name).is_not_null()).then(hashed).otherwise(0) if lacking else hashed)
    if not parts:
        return np.full(chunk.records, NO_KEY)
    hashes = np.zeros(chunk.records, dtype=np.uint64)
    for first in range(0, len(parts), _TOGETHER):
        hashes += chunk.frame.select(reduce(add, parts[first : first + _TOGETHER])).to_series().to_numpy()
    hashes[hashes == NO_KEY] = np.uint64(1)
    hashes[blank(chunk)] = NO_KEY
    return hashes


def blank(chunk: Chunk) -> npt.NDArray[np.bool_]:
    """Records whose values are all absent or empty."""
    empty = np.ones(chunk.records, dtype=bool)
    for name in data_columns(chunk):
        if not empty.any():
            break
        values = chunk.frame[name]
        if isinstance(values.dtype, pl.List):
            empty &= values.list.drop_nulls().list.len().fill_null(0).to_numpy() == 0
        else:
            empty &= (values == "").fill_null(value=True).to_numpy()
    return empty


def data_columns(chunk: Chunk) -> list[str]:
    """The columns of a chunk's frame that hold values."""
    return [c for c in chunk.frame.columns if not c.endswith(KIND_SUFFIX)]
