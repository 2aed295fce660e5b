"""What counts as missing, where a schema says otherwise than the definition."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from potable.engine.contracts.reading import Chunk
from potable.engine.fields import Field


def missing(f: Field, values: Sequence[str]) -> pl.Expr:
    """Boolean, never null: absent, JSON null, or one of these texts."""
    if tuple(values) == f.missing_values:
        return f.missing
    listed = f.text.is_in(list(values))
    if not f.kinds:
        return f.derive("missing", listed.fill_null(value=True))
    string = (f.kind == "string") & listed.fill_null(value=False)
    return f.derive("missing", f.without_value | string)


def missing_text(texts: pl.Series, values: Sequence[str]) -> pl.Series:
    """The same for a column of texts as folds see it."""
    if tuple(values) == ("",):
        return (texts == "").fill_null(value=True)
    return texts.is_in(list(values)).fill_null(value=True)


def column(chunk: Chunk, path: str) -> pl.Series:
    """A field of a chunk as folds see it: its one value in each record, null where there are none or several."""
    texts: pl.Series | None = chunk.frame.get_column(path, default=None)
    if texts is None:
        return pl.Series(path, [None], dtype=pl.String).new_from_index(0, chunk.records)
    if not isinstance(texts.dtype, pl.List):
        return texts
    return texts.to_frame("v").select(pl.when(pl.col("v").list.len() == 1).then(pl.col("v").list.first()))["v"]
