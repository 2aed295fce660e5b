"""Which lines of a cut are no records: notes of people, messages of programs."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from potable.engine.reading.csv.form import Form
from potable.engine.reading.strays import NOTE, OUTPUT

Rows = npt.NDArray[np.int64]

_SEEN = 400
"""So many bytes of a line are looked at."""


def astray(form: Form) -> tuple[Rows, Rows]:
    """The rows of notes, and those of messages, ascending.

    A note has one filled cell, the first. A message is looked for where the number of cells isn't the usual one alone:
    in a whole record a text may well quote one.
    """
    layout, ragged = form.places.hints.layout, form.table.ragged
    nothing: Rows = np.empty(0, np.int64)
    if layout.width < 2:
        return nothing, nothing
    odd = ragged[form.table.cells != layout.usual] if layout.usual else ragged
    outputs = _matching(form, odd, OUTPUT)
    alone = ragged[form.table.cells == 1]
    alone = alone[~np.isin(alone, outputs)]
    # Not np.union1d(): it imports NumPy's masked arrays, a hundredth of a second. No row is in both.
    return np.sort(np.concatenate((_matching(form, alone, NOTE), _padded(form)))), outputs


def _matching(form: Form, rows: Rows, pattern: str) -> Rows:
    if not len(rows):
        return rows
    import polars as pl  # heavy

    found, data = form.places.scan, form.places.cut.data
    pairs = zip(found.starts[rows].tolist(), found.stops[rows].tolist(), strict=True)
    texts = [data[a : min(b, a + _SEEN)].rstrip(b"\r\n").decode("utf-8", "replace") for a, b in pairs]
    matching: npt.NDArray[np.bool_] = pl.Series(texts).str.contains(pattern).to_numpy()
    return rows[matching]


def _padded(form: Form) -> Rows:
    """The rows of notes that have as many cells as the header."""
    frame, layout = form.table.frame, form.places.hints.layout
    nothing: Rows = np.empty(0, np.int64)
    last = frame.columns[-1]
    if frame.columns[0] != "0" or last == "0" or not (empty := frame.get_column(last) == "").any():
        return nothing
    rows = empty.arg_true()
    for name in reversed(frame.columns[:-1]):  # most records are left out by the first of them
        column = frame.get_column(name).gather(rows)
        rows = rows.filter(column == "" if name != "0" else column.str.contains(NOTE))
        if not len(rows):
            return nothing
    candidates = rows.to_numpy().astype(np.int64)
    found, data = form.places.scan, form.places.cut.data
    pattern = _alone(layout.dialect.delimiter, layout.dialect.quote, layout.width)
    starts, stops = found.starts[candidates].tolist(), found.stops[candidates].tolist()
    keep = [pattern.fullmatch(data, a, b) is not None for a, b in zip(starts, stops, strict=True)]
    return candidates[np.array(keep, np.bool_)]


@lru_cache(maxsize=64)
def _alone(delimiter: bytes, quote: bytes, width: int) -> re.Pattern[bytes]:
    """A record of which the first cell alone is filled: what isn't there may be a column that nobody asked for."""
    nothing = b"(?:%b)?" % re.escape(quote * 2) if quote else b""
    return re.compile(b"(?s:.+?)(?:%b%b){%d}(?:\r\n?|\n)?" % (re.escape(delimiter), nothing, width - 1))
