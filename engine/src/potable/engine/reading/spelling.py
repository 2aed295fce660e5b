"""Columns that have types of their own, as a typed format's frame shows them: text and kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from potable.engine.contracts.reading import KIND_SUFFIX


def spelled_frame(table: pl.DataFrame, columns: Mapping[str, str | None]) -> pl.DataFrame:
    """A typed format's frame: text and kind of each field, a row for each of the table's.

    Dates and times are strings as in ISO 8601, binary values strings in Base64 (RFC 4648); a nested value has no text.

    :param columns: by canonical path of a field its column in the table; None: it's absent in all records.
    """
    expressions = [e for path, name in columns.items() for e in _spelled(path, name, table.schema)]
    # not by select(): nothing but absent fields would have one row
    return table.with_columns(expressions).select(c for path in columns for c in (path, path + KIND_SUFFIX))


def _spelled(path: str, name: str | None, schema: Mapping[str, pl.DataType]) -> Iterator[pl.Expr]:
    """The text and the kind of a column, under its path."""
    if name is None:
        yield pl.lit(None, dtype=pl.String).alias(path)
        yield pl.lit("absent").alias(path + KIND_SUFFIX)
        return
    column, dtype = pl.col(name), schema[name]
    kind, text = "string", column.cast(pl.String)
    if dtype.is_numeric():
        kind = "number"
    elif dtype == pl.Boolean:
        kind = "boolean"
    elif isinstance(dtype, pl.Datetime):
        text = column.dt.to_string("iso:strict")
    elif isinstance(dtype, pl.Date | pl.Time | pl.Duration):
        text = column.dt.to_string("iso")
    elif isinstance(dtype, pl.Binary):
        text = column.bin.encode("base64")
    elif dtype.is_nested() or isinstance(dtype, pl.Object):
        kind, text = "object" if isinstance(dtype, pl.Struct) else "array", pl.lit(None, dtype=pl.String)
    yield text.alias(path)
    yield pl.when(column.is_null()).then(pl.lit("null")).otherwise(pl.lit(kind)).alias(path + KIND_SUFFIX)
