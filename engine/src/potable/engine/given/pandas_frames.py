"""Frames of pandas, also where a column is of a type that only pandas has."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from potable.engine.errors import UsageError, own_fault

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

    from potable.engine.given.records import Mixed

_TEXTS = ("period[", "interval")
"""Types whose values are spelled by pandas alone."""


def table_of_pandas(frame: Any, names: Sequence[str]) -> pl.DataFrame | pa.Table | Mixed:
    """A frame, its index left out, as a table.

    :param names: of its columns, each once.
    :raises UsageError: a column has values that have no text.
    """
    import polars as pl  # heavy

    if not any(map(_is_own, frame.dtypes)):
        try:
            return pl.DataFrame(frame)
        except BaseException as e:
            if not own_fault(e):
                raise
    columns = (frame.iloc[:, at].reset_index(drop=True) for at in range(len(names)))
    return together({name: column_of_pandas(column) for name, column in zip(names, columns, strict=True)})


def is_pandas(values: object) -> bool:
    """Whether it's an object of pandas."""
    return type(values).__module__.partition(".")[0] == "pandas"


def column_of_pandas(values: Any) -> pl.Series | pa.ChunkedArray[Any] | list[Any]:
    """A Series, an index or an array of pandas: typed where Polars or Arrow has the type, else values of Python.

    A sparse column is dense, of a period or an interval it's the text; a time zone that has no name is UTC.
    """

    column = values if hasattr(values, "to_frame") else sys.modules["pandas"].Series(values)
    if str(column.dtype).startswith("Sparse["):
        column = column.sparse.to_dense()
    categories = getattr(column.dtype, "categories", None)
    if categories is not None and str(categories.dtype).startswith(_TEXTS):
        column = column.cat.rename_categories([str(category) for category in categories])
    elif str(column.dtype).startswith(_TEXTS):
        column = column.astype("string")
    arrow = getattr(column.dtype, "pyarrow_dtype", None)
    if arrow is not None:
        import pyarrow as pa  # heavy

        return pa.chunked_array(column.array.__arrow_array__())
    if str(column.dtype) == "object":
        return list(column.tolist())
    try:
        return _typed(column)
    except BaseException as e:
        if not own_fault(e):
            raise
    if getattr(column.dtype, "tz", None) is not None:
        zoned = column.dt if hasattr(column, "dt") else column
        return _typed(zoned.tz_convert("UTC"))
    return list(column.tolist())


def _is_own(dtype: Any) -> bool:
    """Whether only pandas has this type, or another one than Polars takes it for."""
    name = str(dtype)
    categories = getattr(dtype, "categories", None)
    if categories is not None:
        return _is_own(categories.dtype)
    return name.startswith(("Sparse[", *_TEXTS)) or hasattr(dtype, "pyarrow_dtype")


def together(columns: Mapping[str, Any]) -> pl.DataFrame | pa.Table | Mixed:
    """Columns as a table: of Arrow where that has types which Polars hasn't.

    :param columns: each a column of Polars or of Arrow, or values of Python.
    :raises UsageError: as :func:`table_of_pandas`.
    """
    import polars as pl  # heavy

    from potable.engine.given.records import table_of_columns  # heavy
    from potable.engine.reading.narrow import is_known, unread  # heavy

    columns = {name: c.alias(name) if isinstance(c, pl.Series) else c for name, c in columns.items()}
    arrows = {name: column for name, column in columns.items() if hasattr(column, "combine_chunks")}
    if arrows:
        import pyarrow as pa  # heavy

        schema = pa.schema([pa.field(name, column.type) for name, column in arrows.items()])
        if words := unread(schema):
            raise UsageError(f"can't check a DataFrame: {words}")
        if is_known(schema):
            columns = {name: pl.Series(name, c) if name in arrows else c for name, c in columns.items()}
        elif any(isinstance(column, list) for column in columns.values()):
            columns = {name: c.to_pylist() if name in arrows else c for name, c in columns.items()}
        else:
            return pa.table({name: c if name in arrows else c.to_arrow() for name, c in columns.items()})
    return table_of_columns(columns, len(next(iter(columns.values()), ())))


def _typed(column: Any) -> pl.Series:
    """A column that has a type which Polars knows."""
    import polars as pl  # heavy

    return pl.DataFrame(column.to_frame()).to_series()
