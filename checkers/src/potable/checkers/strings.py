"""The strings of a chunk's fields, worked out once for all checkers that look at them."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.checkers.bytewise import Column
from potable.checkers.missing import missing_text
from potable.engine.contracts.reading import KIND_SUFFIX, Chunk


class Strings:
    """A field's strings, one by one.

    :ivar texts: String; null where there's none, and for numbers and the like of a format with types.
    :ivar rows: for a field of several values the row of each; None: one text in each row.
    """

    def __init__(self, chunk: Chunk, name: str) -> None:
        self.texts, self.rows = _texts(chunk, name)

    @cached_property
    def column(self) -> Column:
        """The same as bytes."""
        return Column(self.texts)

    def filled(self, missing_values: Sequence[str], rows: int | None = None) -> pl.Series:
        """Those that aren't missing, of the first so many rows (None: all)."""
        texts = self.texts
        if rows is not None:
            texts = texts[: rows if self.rows is None else int(np.searchsorted(self.rows, rows))]
        return filled(texts, missing_values)

    def count(self, missing_values: Sequence[str]) -> int:
        """How many aren't missing."""
        if tuple(missing_values) == ("",):
            return int(np.count_nonzero(self.column.lengths))
        return len(self.filled(missing_values))


class _Latest(threading.local):
    """What this thread has worked out of the chunk that it's at."""

    chunk: weakref.ref[Chunk] | None = None

    def __init__(self) -> None:
        self.made: dict[str, Strings] = {}


_latest = _Latest()


def strings(chunk: Chunk, name: str) -> Strings:
    """The strings of a field; the columns of bytes are costly, so those of the latest chunk are kept while it lives."""
    made = _made(chunk)
    if name not in made:
        made[name] = Strings(chunk, name)
    return made[name]


def _made(chunk: Chunk) -> dict[str, Strings]:
    if _latest.chunk is None or _latest.chunk() is not chunk:
        made: dict[str, Strings] = {}
        try:
            _latest.chunk = weakref.ref(chunk, lambda _: made.clear())
        except TypeError:  # a chunk that can't be referred to weakly: each checker works for itself
            return made
        _latest.made = made
    return _latest.made


def filled(texts: pl.Series, missing_values: Sequence[str]) -> pl.Series:
    """Those that aren't missing."""
    missing = missing_text(texts, missing_values)
    return texts.filter(~missing) if missing.any() else texts


def field_names(chunk: Chunk) -> Iterator[str]:
    """Canonical paths of the chunk's fields."""
    return (name for name in chunk.frame.columns if not name.endswith(KIND_SUFFIX))


def scalars(chunk: Chunk, name: str, rows: int | None = None) -> pl.Series:
    """The numbers of a field, and the strings that might be some, in the first so many rows (None: all)."""
    texts, kind = chunk.frame[name][:rows], name + KIND_SUFFIX
    if isinstance(texts.dtype, pl.List):
        return texts.explode()
    if chunk.typed and kind in chunk.frame.columns:
        return texts.filter(chunk.frame[kind][:rows].is_in(["number", "string"]))
    return texts


def _texts(chunk: Chunk, name: str) -> tuple[pl.Series, npt.NDArray[np.int64] | None]:
    texts, kind = chunk.frame[name], name + KIND_SUFFIX
    if isinstance(texts.dtype, pl.List):
        flat = pl.DataFrame({"row": range(len(texts)), "text": texts}).explode("text")
        return flat["text"], flat["row"].to_numpy()
    if chunk.typed and kind in chunk.frame.columns:
        only_strings = pl.when(pl.col(kind) == "string").then(pl.col(name))  # the number NaN is no word
        return chunk.frame.select(only_strings.alias(name))[name], None
    return texts, None
