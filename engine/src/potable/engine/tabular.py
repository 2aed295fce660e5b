"""What a program has at hand, as a table: a frame of any library, columns, rows."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from potable.engine.definition import data_package
from potable.engine.definition.parse import NATIVE, looks_like_definition
from potable.engine.errors import UsageError, own_fault, slip

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

FORMS = "give a path, a URL, a definition, a mapping from column to values, rows that are mappings, or a frame"


def is_columns(data: Mapping[Any, Any], more: Mapping[str, Any] = MappingProxyType({})) -> bool:
    """Whether a mapping goes from columns to their values; else it's a definition.

    :param more: further members of a definition.
    :raises UsageError: it's neither.
    """
    if data_package.matches(data):
        return False
    odd = next((name for name, values in data.items() if not _is_column(values)), None)
    if data and odd is None:
        return True
    both = {name: value for name, value in {**more, **data}.items() if isinstance(name, str)}
    if odd is None or looks_like_definition(both) or any(slip(name, NATIVE) for name in both):
        return False
    kind = type(data[odd]).__name__
    unordered = isinstance(data[odd], set | frozenset)
    mend = "a set has no order: sort it" if unordered else "a single record belongs into a list"
    raise UsageError(
        f"can't check a {type(data).__name__} that is neither a definition (it names neither ingestMethod nor "
        f"ingestURL) nor a mapping from column to values (the values of {odd!r} are a {kind}); {mend}"
    )


def _is_column(values: Any) -> bool:
    """Whether they're the values of a column: several, in an order."""
    if isinstance(values, str | bytes | bytearray | Mapping | set | frozenset):
        return False
    return isinstance(values, Iterable) or hasattr(values, "__array__")


def table_of(data: Any) -> pl.DataFrame | pa.Table:
    """The data as a table: nothing is left out, and no row is taken for a column.

    :param data: a frame (Polars, or anything that speaks the Arrow PyCapsule interface: pandas, PyArrow, DuckDB, ...),
        of which the named levels of a pandas index are columns; a column (a Series); a mapping from column to values;
        rows, each a mapping (a column for each name that any of them has), an object with fields, or a sequence.
    :raises UsageError: it's none of these, or has a column whose values can't be told as text; the message names it.
    """
    try:
        return _frame(data)
    except UsageError:
        raise
    except BaseException as e:
        if not own_fault(e):
            raise
        kind = type(data).__name__
        why = " ".join(str(e).split())
        column = _culprit(data)
        if column is not None:
            raise UsageError(
                f"can't check a {kind} with the column {column!r}: {why}; make its values all of one kind first, or "
                "leave it out"
            ) from e
        raise UsageError(f"can't check a {kind}: {FORMS} ({why})") from e


def _frame(data: Any) -> pl.DataFrame | pa.Table:
    import polars as pl  # heavy

    if isinstance(data, bytes | bytearray | memoryview):
        raise UsageError(
            f"can't check {type(data).__name__}: write them to a file and give its path, or give the text as a "
            "definition, {'ingestMethod': 'INLINE', 'parserType': 'csv', 'data': text}"
        )
    if data is None or hasattr(data, "read") or isinstance(data, type):
        raise TypeError("its type isn't that of a table")
    if isinstance(data, pl.LazyFrame):
        data = data.collect()
    if not isinstance(data, pl.DataFrame):
        if type(data).__module__.partition(".")[0] == "pyarrow" and hasattr(data, "__arrow_c_stream__"):
            import pyarrow as pa  # heavy

            from potable.engine.reading.narrow import is_known  # heavy

            table: pa.Table = pa.table(data)
            if not is_known(table.schema):
                return table
            data = table
        if isinstance(data, Mapping):
            data = {name: _listed(values) for name, values in data.items()}
        data = _rows(list(data)) if isinstance(data, Iterator | list | tuple) else pl.DataFrame(_whole(data))
    frame: pl.DataFrame = data
    return frame.with_columns(_writable(column) for column in frame.iter_columns())


def _listed(values: Any) -> Any:
    """A column's values as Polars takes them: a range or a generator as a list."""
    known = isinstance(values, list | tuple) or hasattr(values, "__array__")
    return list(values) if not known and isinstance(values, Iterable) and not isinstance(values, str) else values


def _whole(data: Any) -> Any:
    """Of pandas: a column as a frame, and the named levels of an index as columns."""
    if type(data).__module__.partition(".")[0] == "pandas" and hasattr(data, "to_frame"):
        data = data.to_frame()
    index = getattr(getattr(data, "index", None), "names", None)
    if index is not None and any(name is not None for name in index):
        data = data.reset_index()
    return data


def _rows(rows: Sequence[Any]) -> pl.DataFrame:
    import polars as pl  # heavy

    first = rows[0] if rows else None
    if isinstance(first, str | bytes | os.PathLike):
        raise UsageError(
            "can't check a list of texts or paths: give each file by itself, or a mapping from column to values"
        )
    # Without these two, Polars leaves out members that only later rows have, and takes few long rows for columns.
    orient: Any = "row" if isinstance(first, list | tuple) else None
    return pl.DataFrame(rows, infer_schema_length=None, orient=orient)


def _writable(column: pl.Series) -> pl.Series:
    """The column, in a type that Arrow's files have."""
    import polars as pl  # heavy

    if column.dtype in (pl.Int128, pl.UInt128):
        return column.cast(pl.Decimal(38, 0))
    if isinstance(column.dtype, pl.BaseExtension) and not column.dtype.ext_name().startswith("pandas."):
        return column.ext.storage()
    if isinstance(column.dtype, pl.BaseExtension) or column.dtype == pl.Object:
        raise UsageError(
            f"can't check the column {column.name!r}: its values, of the type {column.dtype}, have no text of their "
            "own; convert it to texts or numbers first"
        )
    return column


def _culprit(data: Any) -> str | None:
    """The column that can't be had, where it's a single one's fault."""
    import polars as pl  # heavy

    try:
        if hasattr(data, "column_names"):
            alone = {str(name): data.select([name]) for name in data.column_names}
        elif hasattr(data, "columns") and hasattr(data, "iloc"):
            alone = {str(name): data.iloc[:, [at]].reset_index(drop=True) for at, name in enumerate(data.columns)}
        elif isinstance(data, Mapping):
            alone = {str(name): {name: values} for name, values in data.items()}
        else:
            return None
    except Exception:  # noqa: BLE001 - somebody else's class; it's only for a better message
        return None
    for name, column in alone.items():
        try:
            pl.DataFrame(column)
        except BaseException as e:
            if not own_fault(e):
                raise
            return name
    return None
