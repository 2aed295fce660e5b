"""Records that equal an earlier one: hashes of all, then digests of those whose hashes are equal."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import reduce
from operator import add
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.checkers.repeats.hashes import NO_KEY, Hashes, Suspects, combined
from potable.checkers.repeats.suspects import SuspectsFold
from potable.checkers.rows.codes import DUPLICATE
from potable.checkers.rows.confirm import ConfirmRowsFold
from potable.checkers.values.missing import column, missing_text
from potable.engine.checker import EACH_FIELD
from potable.engine.contracts.reading import KIND_SUFFIX, Chunk

_TOGETHER = 32
"""Columns hashed at a time, on all cores: each takes eight bytes a record."""


class DuplicateFold(SuspectsFold):
    """Finds records that may be equal.

    :param key: canonical paths of the primary key, if there's one: of records that have it, it alone is hashed, for
        equal ones have equal keys.
    :param samples: most samples of a finding.
    """

    name = "duplicates"
    codes = (DUPLICATE.id,)
    fields = (EACH_FIELD,)

    def __init__(self, key: Sequence[str], scratch: Path, state_bytes: int, samples: int) -> None:
        super().__init__(scratch, state_bytes)
        self._key, self._samples = tuple(key), samples

    def hashes(self, chunk: Chunk) -> Hashes:
        return row_hashes(chunk, self._key)

    def confirm(self, suspects: Suspects) -> ConfirmRowsFold:
        return ConfirmRowsFold(self._scratch, self._budget, self._samples, suspects.shown(), suspects.of)


def row_hashes(chunk: Chunk, key: Sequence[str] = ()) -> Hashes:
    """A hash of each record, or of the fields that are its key; :data:`NO_KEY` for a record without any value.

    Equal records have equal ones whatever other columns their chunks have: a column of nulls adds nothing.
    """
    if not key:
        return _whole(chunk)
    columns = [column(chunk, path) for path in key]
    lacking = np.zeros(chunk.records, dtype=bool)
    for values in columns:
        lacking |= missing_text(values, ("",)).to_numpy()
    hashes = combined([values.hash(0).to_numpy() for values in columns], lacking)
    # A record whose key is missing is no other's equal for that.
    return np.where(lacking, _whole(chunk), hashes) if lacking.any() else hashes


def _whole(chunk: Chunk) -> Hashes:
    parts = [
        _hashed(chunk.frame[name]) for name in data_columns(chunk) if chunk.frame[name].null_count() < chunk.records
    ]
    if not parts:
        return np.full(chunk.records, NO_KEY)
    hashes = np.zeros(chunk.records, dtype=np.uint64)
    for first in range(0, len(parts), _TOGETHER):
        hashes += chunk.frame.select(reduce(add, parts[first : first + _TOGETHER])).to_series().to_numpy()
    hashes[hashes == NO_KEY] = np.uint64(1)
    hashes[blank(chunk)] = NO_KEY
    return hashes


def _hashed(values: pl.Series) -> pl.Expr:
    """Hashes of a column's values, 0 for null; a list of one value has that of the value, as it may be in a chunk."""
    # Its name is in the seed, so that a value counts where it stands.
    seed = zlib.crc32(values.name.encode())
    value = pl.col(values.name)
    if isinstance(values.dtype, pl.List):
        single = value.list.first()
        value, alone = value.hash(seed), pl.when(single.is_not_null()).then(single.hash(seed)).otherwise(0)
        return pl.when(pl.col(values.name).list.len() > 1).then(value).otherwise(alone)
    return pl.when(value.is_not_null()).then(value.hash(seed)).otherwise(0) if values.null_count() else value.hash(seed)


def blank(chunk: Chunk) -> npt.NDArray[np.bool_]:
    """Records whose values are all absent or empty."""
    empty = np.ones(chunk.records, dtype=bool)
    for name in data_columns(chunk):
        if not empty.any():
            break
        values = chunk.frame[name]
        if isinstance(values.dtype, pl.List):
            none = values.list.eval(pl.element().fill_null("") == "").list.all()  # as where all have at most one value
            empty &= none.fill_null(value=True).to_numpy()
        else:
            empty &= (values == "").fill_null(value=True).to_numpy()
    return empty


def data_columns(chunk: Chunk) -> list[str]:
    """The columns of a chunk's frame that hold values."""
    return [c for c in chunk.frame.columns if not c.endswith(KIND_SUFFIX)]
