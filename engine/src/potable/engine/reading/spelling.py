"""Columns that have types of their own, as a typed format's frame shows them: text and kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl

from potable.engine.contracts.reading import KIND_SUFFIX
from potable.engine.reading.beyond import Rows, rows_beyond, texts_beyond, without

_NONE = np.empty(0, np.int64)


def spelled_frame(table: pl.DataFrame, columns: Mapping[str, str | None]) -> pl.DataFrame:
    """A typed format's frame: text and kind of each field, a row for each of the table's.

    Infinite numbers are ``INF`` and ``-INF``, as in XML and Table Schemas. Dates and times are strings as in ISO 8601,
    binary values strings in Base64 (RFC 4648); a nested value has no text.

    :param columns: by canonical path of a field its column in the table; None: it's absent in all records.
    """
    odd = {name: rows for name in set(filter(None, columns.values())) if len(rows := _beyond(table, name))}
    texts = {name: texts_beyond(table[name], rows) for name, rows in odd.items()}
    table = table.with_columns(without(table[name], rows) for name, rows in odd.items())
    expressions = [e for path, name in columns.items() for e in _spelled(path, name, table.schema)]
    # not by select(): nothing but absent fields would have one row
    frame = table.with_columns(expressions).select(c for path in columns for c in (path, path + KIND_SUFFIX))
    for path, name in columns.items():
        if name is not None and name in odd:
            of_text, of_kind = frame[path].scatter(odd[name], texts[name]), frame[path + KIND_SUFFIX]
            frame = frame.with_columns(of_text, of_kind.scatter(odd[name], "string"))
    return frame


def _beyond(table: pl.DataFrame, name: str) -> Rows:
    """Rows of dates and times that Polars mightn't write; what is nested isn't written."""
    series = table[name]
    return rows_beyond(series) if series.dtype.is_temporal() else _NONE


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
        if dtype.is_float():
            infinite = pl.when(column > 0).then(pl.lit("INF")).otherwise(pl.lit("-INF"))
            text = pl.when(column.is_infinite()).then(infinite).otherwise(text)
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
