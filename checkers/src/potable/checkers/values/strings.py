"""The strings of a chunk's fields, worked out once for all checkers that look at them."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.checkers.values.bytewise import Column
from potable.checkers.values.missing import missing_text
from potable.engine.contracts.reading import KIND_SUFFIX, Chunk


class Strings:
    """A field's strings, one by one.

    :ivar texts: String; null where there's none, and for numbers and the like of a format with types.
    :ivar rows: for a field of several values the row of each; None: one text in each row.
    """

    def __init__(self, texts: pl.Series, rows: npt.NDArray[np.int64] | None) -> None:
        self.texts, self.rows = texts, rows
        self._present: dict[tuple[str, ...], tuple[pl.Series, pl.Series | None]] = {}

    def present(self, missing_values: Sequence[str]) -> tuple[pl.Series, pl.Series | None]:
        """The texts that aren't missing, and which of all these are; None: all of them."""
        values = tuple(missing_values)
        if values not in self._present:
            kept = None
            if values != ("",) or not self._all_filled:
                missing = missing_text(self.texts, values)
                kept = ~missing if missing.any() else None
            self._present[values] = self.texts if kept is None else self.texts.filter(kept), kept
        return self._present[values]

    @property
    def _all_filled(self) -> bool:
        """Whether there's a text, and one with something in it, in each place: the lengths tell it at once."""
        return not self.texts.null_count() and self.column.extent[0] > 0

    @cached_property
    def column(self) -> Column:
        """The same as bytes."""
        return Column(self.texts)

    def count(self, missing_values: Sequence[str]) -> int:
        """How many aren't missing."""
        if tuple(missing_values) == ("",):
            return int(np.count_nonzero(self.column.lengths))
        return len(self.texts) - int(missing_text(self.texts, missing_values).sum())


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
        made[name] = Strings(*_texts(chunk, name))
    return made[name]


def scalars(chunk: Chunk, name: str) -> Strings:
    """The numbers of a field, and the strings that might be some."""
    texts, kinds = _with_kinds(chunk, name)
    if kinds is None or isinstance(texts.dtype, pl.List):
        return strings(chunk, name)
    made = _made(chunk)
    if kinds.name not in made:
        made[kinds.name] = Strings(_of_kinds(texts, kinds, ["number", "string"]), None)
    return made[kinds.name]


def _made(chunk: Chunk) -> dict[str, Strings]:
    if _latest.chunk is None or _latest.chunk() is not chunk:
        made: dict[str, Strings] = {}
        try:
            _latest.chunk = weakref.ref(chunk, lambda _: made.clear())
        except TypeError:  # a chunk that can't be referred to weakly: each checker works for itself
            return made
        _latest.made = made
    return _latest.made


class Values:
    """A field's values in a chunk, those that aren't missing.

    :ivar texts: the values, none of them null.
    :ivar span: first and last record of the chunk.
    """

    def __init__(self, chunk: Chunk, of_field: Strings, missing_values: Sequence[str]) -> None:
        self.texts, self._kept = of_field.present(missing_values)
        self._of_field, self._rows = of_field, of_field.rows
        self.chunk = chunk
        self.span = (int(chunk.numbers[0]), int(chunk.numbers[-1])) if chunk.records else (0, 0)

    def may_have(self, byte: int) -> bool:
        """Whether this byte may occur in a value; it does in one of the field's texts."""
        return self._of_field.column.has(byte)

    def rows(self, at: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Rows of the values at these indices."""
        if self._kept is not None:
            at = np.flatnonzero(self._kept.to_numpy())[at]
        return at if self._rows is None else self._rows[at]

    def head(self, rows: int) -> pl.Series:
        """The values of the first so many rows."""
        if rows >= self.chunk.records:
            return self.texts
        return self.texts[: int(np.searchsorted(self.rows(np.arange(len(self.texts))), rows))]


SIGNS_ALONE = r"\A[^\p{L}\p{N}]*\z"
"""A text without a letter or digit, as + for a feature that is there."""

TEXT = pl.col("text")
"""The texts, in the tests of :func:`counts`."""


def counts(texts: pl.Series, tests: Mapping[str, pl.Expr]) -> dict[str, int]:
    """How many texts each test is true of, all at once: with few texts the calls are what takes the time.

    :param tests: Boolean expressions of ``TEXT``.
    """
    sums = [test.sum().alias(name) for name, test in tests.items()]
    return {name: int(n or 0) for name, n in texts.to_frame("text").select(sums).row(0, named=True).items()}


def field_names(chunk: Chunk) -> Iterator[str]:
    """Canonical paths of the chunk's fields."""
    return (name for name in chunk.frame.columns if not name.endswith(KIND_SUFFIX))


def numbers(chunk: Chunk, name: str) -> pl.Series:
    """The numbers of a field: in a format with types those that are some, else all texts that aren't null."""
    texts, kinds = _with_kinds(chunk, name)
    if kinds is None:
        return (texts.explode() if isinstance(texts.dtype, pl.List) else texts).drop_nulls()
    values = pl.DataFrame([texts, kinds])
    if isinstance(texts.dtype, pl.List):
        values = values.explode(name, kinds.name)
    return values.filter(pl.col(kinds.name) == "number")[name]


def _texts(chunk: Chunk, name: str) -> tuple[pl.Series, npt.NDArray[np.int64] | None]:
    texts, kinds = _with_kinds(chunk, name)
    if isinstance(texts.dtype, pl.List):
        flat = pl.DataFrame({"row": range(len(texts)), "text": texts}).explode("text")
        return flat["text"], flat["row"].to_numpy()
    if kinds is not None:
        return _of_kinds(texts, kinds, ["string"]), None  # the number NaN is no word
    return texts, None


def _with_kinds(chunk: Chunk, name: str) -> tuple[pl.Series, pl.Series | None]:
    """A field's column and that of its kinds, None in a format without; no list of all columns is made."""
    kinds = chunk.frame.get_column(name + KIND_SUFFIX, default=None) if chunk.typed else None
    return chunk.frame.get_column(name), kinds


def _of_kinds(texts: pl.Series, kinds: pl.Series, wanted: Sequence[str]) -> pl.Series:
    """The texts of these kinds, null in place of others."""
    return pl.DataFrame([texts, kinds]).select(
        pl.when(pl.col(kinds.name).is_in(wanted)).then(pl.col(texts.name)).alias(texts.name)
    )[texts.name]
