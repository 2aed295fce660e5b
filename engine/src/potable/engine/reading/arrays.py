"""NumPy arrays as Arrow's. PyArrow itself, given one or a list, imports pandas first where that is installed."""

from __future__ import annotations

from typing import cast

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa


def to_arrow(numbers: npt.NDArray[np.int64]) -> pa.Int64Array:
    """An ``int64`` array of one dimension; its memory is shared."""
    return cast(pa.Int64Array, pl.Series(numbers, dtype=pl.Int64).to_arrow())


def listed(values: pl.Series, offsets: npt.NDArray[np.int64]) -> pl.Series:
    """Lists of values: in the n-th row those from the n-th offset up to the next one."""
    found = pl.from_arrow(pa.LargeListArray.from_arrays(to_arrow(offsets), values.to_arrow()))
    assert isinstance(found, pl.Series)
    return found
