"""Check digits, for whole columns at once.

Sources: ISO 7064 MOD 11-2 (ORCID iD), ISO 3297 (ISSN), ISO 2108 (ISBN).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.checkers.values.bytewise import Column

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
_X = ord("X")


def orcid(texts: pl.Series) -> pl.Series:
    """Whether the last character fits, of texts that end in an ORCID iD."""
    return _of_width(_bare(texts).str.tail(16), 16, _mod_11_2)


def issn(texts: pl.Series) -> pl.Series:
    """The same of ISSNs."""
    return _of_width(_bare(texts).str.tail(8), 8, _mod_11)


def isbn(texts: pl.Series) -> pl.Series:
    """The same of ISBNs of ten or thirteen digits."""
    bare = _bare(texts.str.replace(r"\A(?i:isbn)(?:-1[03])?", ""))
    long = (bare.str.len_bytes() == 13).fill_null(value=False)
    fits = np.zeros(len(texts), dtype=bool)
    for mask, width, test in ((long, 13, _weights_1_3), (~long, 10, _mod_11)):
        fits[mask.to_numpy()] = _of_width(bare.filter(mask), width, test).to_numpy()
    return pl.Series(fits)


def _bare(texts: pl.Series) -> pl.Series:
    return texts.str.to_uppercase().str.replace_all("[^0-9X]", "")


def _of_width(bare: pl.Series, width: int, test: object) -> pl.Series:
    right = (bare.str.len_bytes() == width).fill_null(value=False)
    fits = np.zeros(len(bare), dtype=bool)
    if right.any():
        digits = Column(bare.filter(right)).square(width).astype(np.int64)
        values = np.where(digits == _X, 10, digits - ord("0"))
        assert callable(test)
        fits[right.to_numpy()] = test(values) & (values[:, :-1] < 10).all(axis=1)
    return pl.Series(fits)


def _mod_11_2(digits: Ints) -> Bools:
    total = np.zeros(len(digits), dtype=np.int64)
    for place in range(digits.shape[1] - 1):
        total = (total + digits[:, place]) * 2 % 11
    return np.asarray((12 - total) % 11 == digits[:, -1])


def _mod_11(digits: Ints) -> Bools:
    weights = np.arange(digits.shape[1], 0, -1)
    return np.asarray((digits @ weights) % 11 == 0)


def _weights_1_3(digits: Ints) -> Bools:
    weights = np.array([1, 3] * 6 + [1])
    return np.asarray((digits @ weights % 10 == 0) & (digits[:, -1] < 10))
