"""Columns of a frame, made of values and their rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.engine.reading.arrays import listed
from potable.engine.reading.xml.plan import Values
from potable.engine.reading.xml.values import WHITE


def column(values: Values, height: int, *, kinds: bool) -> list[pl.Series]:
    """Texts, and with ``kinds`` their kinds (``absent``, ``string``, ``object``); a row for each record.

    They are lists where a record has several values; a record without any then has one null, absent.
    """
    texts = pl.Series(values.texts, dtype=pl.String)
    rows = np.array(values.rows, np.int64)
    if values.trimmed:
        texts = texts.str.strip_chars(WHITE)
    if values.full:
        full = (texts != "").to_numpy()
        if not full.all():
            texts, rows = texts.filter(pl.Series(full)), rows[full]
    if len(rows) < 2 or (np.diff(rows) > 0).all():
        if len(rows) == height:
            return [texts, _kinds(texts, None)] if kinds else [texts]
        slot: npt.NDArray[np.int64] = rows
        size = height
        offsets = None
    else:
        counts = np.bincount(rows, minlength=height)
        offsets = np.zeros(height + 1, np.int64)
        np.cumsum(np.maximum(counts, 1), out=offsets[1:])
        # Values come in document order, so rows ascend.
        slot = offsets[rows] + np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        size = int(offsets[-1])
    source = np.full(size, len(rows), np.int64)
    source[slot] = np.arange(len(rows))
    spread = texts.append(pl.Series([None], dtype=pl.String)).gather(source)
    columns = [spread, _kinds(spread, source == len(rows))] if kinds else [spread]
    return columns if offsets is None else [listed(c, offsets) for c in columns]


def _kinds(texts: pl.Series, absent: npt.NDArray[np.bool_] | None) -> pl.Series:
    names = pl.Series(["string", "object", "absent"])
    codes = texts.is_null().to_numpy().astype(np.uint32)
    if absent is not None:
        codes[absent] = 2
    return names.gather(codes)
