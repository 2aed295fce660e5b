"""Columns of text and kinds, made of places in a text without a Python object for each value."""

from __future__ import annotations

from struct import pack
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from potable.engine.contracts.reading import KINDS
from potable.engine.reading.arrays import listed
from potable.engine.reading.json.index import MASKS, Brackets, Offsets, windows
from potable.engine.reading.json.values import ABSENT, BOOLEAN, STRING, Text, Values

_INLINE = 12  # a view of so many bytes has them in itself (Arrow's columnar format, variable-size binary view)
_KIND_VIEWS = np.frombuffer(b"".join(pack("<i12s", len(kind), kind.encode()) for kind in KINDS), "<i4").reshape(-1, 4)
_texts = msgspec.json.Decoder(list[str])


class Spans(NamedTuple):
    """Scalar values in a text.

    :ivar text: the text. :ivar kinds: kind of each value; those that aren't scalar have no text.
    :ivar start: offsets of the first bytes, of a string without its quote. :ivar stop: behind the last ones.
    """

    text: Brackets
    kinds: npt.NDArray[np.uint8]
    start: Offsets
    stop: Offsets


def column(text: Text, values: Values) -> tuple[pl.Series, pl.Series]:
    """Texts and kinds, a row for each record, where a record has at most one of the values."""
    kinds = np.zeros(text.records, np.uint8)
    own = text.kinds(values)
    kinds[values.row] = own
    start, stop = text.spans(values)
    texts = _views(Spans(text.brackets, own, start, stop), values.row, text.records)
    return texts, kind_column(kinds)


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
    start, stop = text.spans(values)
    texts = _views(Spans(text.brackets, own, start, stop), slot, len(kinds))
    return listed(texts, offsets), listed(kind_column(kinds), offsets)


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


def text_of(value: Any) -> str | None:
    """The text of a value as the spelling decoder gives it; None: it has none."""
    return _told(value)[0]


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


def _views(spans: Spans, slot: Offsets, size: int) -> pl.Series:
    """The texts of the scalar values, each in its slot of a column of that size."""
    text, kinds, start, stop = spans
    scalar = (kinds >= BOOLEAN) & (kinds <= STRING)
    buffers = [text.data]
    buffer = np.zeros(len(kinds), np.int32)
    if len(text.slashes):
        start, stop = _unescaped(spans, buffer, buffers)
    length = np.where(scalar, stop - start, 0)
    own = np.empty((len(kinds), 2), np.uint64)
    bytes_of = own.view(np.int32)
    long = length > _INLINE
    inline = np.where(long, 4, length)
    for number, data in enumerate(buffers):
        words = text.windows if not number else windows(data)
        mine = slice(None) if len(buffers) == 1 else np.flatnonzero(buffer == number)
        first, short = start[mine], inline[mine]
        # A view is a length and twelve bytes: the text itself, or its first four, its buffer and its offset there.
        own[mine, 0] = words[first] & MASKS[np.minimum(short, 8)]
        own[mine, 1] = words[np.minimum(first + 8, len(data))] & MASKS[np.maximum(short - 8, 0)]
    bytes_of[long, 1] = buffer[long]
    bytes_of[long, 2] = start[long]
    rows = np.empty((len(kinds), 4), np.int32)
    rows[:, 0] = length
    rows[:, 1:] = bytes_of[:, :3]
    views = np.zeros((size, 4), np.int32)
    valid = np.zeros(size, np.bool_)
    views[slot], valid[slot] = rows, scalar
    return _view_column(views, np.packbits(valid, bitorder="little"), buffers)


def kind_of_all(kind: int, size: int) -> pl.Series:
    """A column of one kind."""
    return pl.Series([KINDS[kind]]).new_from_index(0, size)


def kind_column(kinds: npt.NDArray[np.uint8]) -> pl.Series:
    """A column of kinds, by their numbers."""
    return _view_column(_KIND_VIEWS[kinds], None, [])


def _view_column(views: npt.NDArray[np.int32], valid: npt.NDArray[np.uint8] | None, buffers: list[bytes]) -> pl.Series:
    parts = [None if valid is None else pa.py_buffer(valid.data), pa.py_buffer(views.data), *map(pa.py_buffer, buffers)]
    found = pl.from_arrow(pa.Array.from_buffers(pa.string_view(), len(views), parts))
    assert isinstance(found, pl.Series)
    return found


def _unescaped(spans: Spans, buffer: npt.NDArray[np.int32], buffers: list[bytes]) -> tuple[Offsets, Offsets]:
    """The texts with escapes, unescaped in a buffer of their own."""
    text, kinds, start, stop = spans
    escapes = np.searchsorted(text.slashes, start) != np.searchsorted(text.slashes, stop)
    chosen = np.flatnonzero((kinds == STRING) & escapes)
    if not len(chosen):
        return start, stop
    raw = [text.data[a - 1 : b + 1] for a, b in zip(start[chosen].tolist(), stop[chosen].tolist(), strict=True)]
    mended = [t.encode() for t in _texts.decode(b"[" + b",".join(raw) + b"]")]
    length = np.array([len(m) for m in mended])
    ends = np.cumsum(length)
    start, stop = start.copy(), stop.copy()
    start[chosen], stop[chosen] = ends - length, ends
    buffer[chosen] = 1
    buffers.append(b"".join(mended))
    return start, stop
