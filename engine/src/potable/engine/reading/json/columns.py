"""Columns of text and kinds, made of places in a text without a Python object for each value."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from potable.engine.contracts.reading import KINDS
from potable.engine.reading.json.index import Brackets, Offsets
from potable.engine.reading.json.values import ABSENT, BOOLEAN, STRING, Text, Values

_KINDS = pl.Series(KINDS, dtype=pl.String)
_INLINE = 12  # a view of so many bytes has them in itself (Arrow's columnar format, variable-size binary view)
_texts = msgspec.json.Decoder(list[str])


def column(text: Text, values: Values) -> tuple[pl.Series, pl.Series]:
    """Texts and kinds, a row for each record, where a record has at most one of the values."""
    kinds = np.zeros(text.records, np.uint8)
    own = text.kinds(values)
    kinds[values.row] = own
    texts = _views(text, values, own, values.row, text.records)
    return texts, _KINDS.gather(kinds)


def lists(text: Text, values: Values) -> tuple[pl.Series, pl.Series]:
    """The same as lists. Where there's no value the list has one, absent."""
    counts = np.bincount(values.row, minlength=text.records) if len(values) else np.zeros(text.records, np.int64)
    sizes = np.maximum(counts, 1)
    offsets = np.zeros(text.records + 1, np.int64)
    np.cumsum(sizes, out=offsets[1:])
    inside = np.arange(len(values)) - np.repeat(np.cumsum(counts) - counts, counts)
    slot = offsets[values.row] + inside
    own = text.kinds(values)
    kinds = np.full(int(offsets[-1]), ABSENT, np.uint8)
    kinds[slot] = own
    texts = _views(text, values, own, slot, len(kinds))
    return _listed(texts, offsets), _listed(_KINDS.gather(kinds), offsets)


def absent(records: int, *, listed: bool) -> tuple[pl.Series, pl.Series]:
    """A field that no record has."""
    texts = pl.Series([None], dtype=pl.String).new_from_index(0, records)
    kinds = pl.Series(["absent"]).new_from_index(0, records)
    if not listed:
        return texts, kinds
    offsets = np.arange(records + 1, dtype=np.int64)
    return _listed(texts, offsets), _listed(kinds, offsets)


def of_python(found: list[list[Any]], *, listed: bool) -> tuple[pl.Series, pl.Series]:
    """Texts and kinds of values as the spelling decoder gives them, a list for each record."""
    told = [[_told(v) for v in values] or [(None, "absent")] for values in found]
    if listed:
        texts = pl.Series([[t for t, _ in pairs] for pairs in told], dtype=pl.List(pl.String))
        return texts, pl.Series([[k for _, k in pairs] for pairs in told], dtype=pl.List(pl.String))
    return (
        pl.Series([pairs[0][0] for pairs in told], dtype=pl.String),
        pl.Series([pairs[0][1] for pairs in told], dtype=pl.String),
    )


class Spelled:
    """A number as the source spells it. It equals nothing: a filter's text isn't a number."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def _told(value: Any) -> tuple[str | None, str]:
    match value:
        case str():
            return value, "string"
        case Spelled():
            return value.text, "number"
        case bool():
            return str(value).lower(), "boolean"
        case None:
            return None, "null"
        case dict():
            return None, "object"
        case _:
            return None, "array"


def _listed(values: pl.Series, offsets: Offsets) -> pl.Series:
    ends = pa.array(offsets, pa.int64())
    array = pa.LargeListArray.from_arrays(ends, values.to_arrow())
    found = pl.from_arrow(array)
    assert isinstance(found, pl.Series)
    return found


def _views(text: Text, values: Values, kinds: npt.NDArray[np.uint8], slot: Offsets, size: int) -> pl.Series:
    """The texts of the scalar values, each in its slot of a column of that size."""
    scalar = np.flatnonzero((kinds >= BOOLEAN) & (kinds <= STRING))
    chosen = Values(values.row[scalar], values.at[scalar])
    start, stop = text.spans(chosen)
    slot = slot[scalar]
    buffers = [text.data]
    buffer = np.zeros(len(slot), np.int32)
    if b"\\" in text.data:
        start, stop = _unescaped(text, kinds[scalar], start, stop, buffer, buffers)
    length = stop - start
    views = np.zeros((size, 4), np.int32)
    rows = views[slot]
    rows[:, 0] = length
    short = length <= _INLINE
    for number, data in enumerate(buffers):
        windows = (text if not number else Text(Brackets(data), 0)).windows(_INLINE)
        mine = np.flatnonzero(buffer == number) if len(buffers) > 1 else np.arange(len(slot))
        head = np.ascontiguousarray(windows[start[mine]])
        head[np.arange(_INLINE) >= length[mine, None]] = 0
        rows[mine, 1:] = head.view(np.int32)
    rows[~short, 2] = buffer[~short]
    rows[~short, 3] = start[~short]
    views[slot] = rows
    valid = np.zeros(size, np.bool_)
    valid[slot] = True
    array = pa.Array.from_buffers(
        pa.string_view(),
        size,
        [
            pa.py_buffer(np.packbits(valid, bitorder="little").data),
            pa.py_buffer(views.data),
            *map(pa.py_buffer, buffers),
        ],
    )
    found = pl.from_arrow(array)
    assert isinstance(found, pl.Series)
    return found


def _unescaped(
    text: Text,
    kinds: npt.NDArray[np.uint8],
    start: Offsets,
    stop: Offsets,
    buffer: npt.NDArray[np.int32],
    buffers: list[bytes],
) -> tuple[Offsets, Offsets]:
    """The texts with escapes, unescaped in a buffer of their own."""
    slashes = text.slashes
    escapes = np.flatnonzero((kinds == STRING) & (np.searchsorted(slashes, start) != np.searchsorted(slashes, stop)))
    if not len(escapes):
        return start, stop
    raw = [text.data[a - 1 : b + 1] for a, b in zip(start[escapes].tolist(), stop[escapes].tolist(), strict=True)]
    mended = [t.encode() for t in _texts.decode(b"[" + b",".join(raw) + b"]")]
    ends = np.cumsum([len(m) for m in mended])
    start, stop = start.copy(), stop.copy()
    stop[escapes] = ends
    start[escapes] = ends - np.array([len(m) for m in mended])
    buffer[escapes] = 1
    buffers.append(b"".join(mended))
    return start, stop
