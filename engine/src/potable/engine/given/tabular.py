"""What a program has at hand, as a table: a frame of any library, columns, rows."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Set
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from potable.engine.definition import data_package
from potable.engine.definition.parse import NATIVE, looks_like_definition
from potable.engine.errors import UsageError, own_fault, slip
from potable.engine.given.pandas_frames import column_of_pandas, is_pandas, table_of_pandas, together
from potable.engine.handed import a_kind

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

    from potable.engine.given.records import Mixed

FORMS = "give a path, a URL, a definition, a mapping from column to values, rows that are mappings, or a frame"


OR_INLINE = "or give the text as a definition, {'ingestMethod': 'INLINE', 'parserType': 'csv', 'data': text}"


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


def table_of(data: Any, most: int | None = None) -> pl.DataFrame | pa.Table | Mixed:
    """The data as a table: nothing is left out, and no row is taken for a column.

    :param data: a frame (Polars, or anything that speaks the Arrow PyCapsule interface: pandas, PyArrow, DuckDB, ...),
        of which the named levels of a pandas index are columns; a column (a Series); a mapping from column to values;
        rows, each a mapping (a column for each name that any of them has), an object with fields, or a sequence.
        Values of several kinds in one column stay what they are.
    :param most: take only so many rows, of an iterator that may have no end; a frame is taken as a whole.
    :raises UsageError: it's none of these, or has a column whose values can't be told as text; the message names it.
    """
    if _are_rows(data):
        data = _rows(data, most)  # what an iterator raises is its own
    elif type(data).__module__.partition(".")[0] == "polars" and hasattr(data, "collect"):
        data = data.collect()  # and so is what a query raises
    try:
        return _table(data)
    except (UsageError, MemoryError):
        raise
    except ImportError as e:
        words = " ".join(str(e).split())
        raise UsageError(f"can't check {a_kind(data)}: a package that reads it can't be imported: {words}") from e
    except BaseException as e:
        if not own_fault(e):
            raise
        column = _culprit(data)
        if column is not None:
            raise UsageError(
                f"can't check {a_kind(data)} with the column {column!r}: its values have no text of their own; convert "
                "them to texts or numbers first, or leave it out"
            ) from e
        # A TypeError is that of a library of frames, in its own words; what else is raised may be the data's own.
        why = "" if isinstance(e, TypeError) else f" ({' '.join(str(e).split())})"
        raise UsageError(f"can't check {a_kind(data)}: {FORMS}{why}") from e


def _table(data: Any) -> pl.DataFrame | pa.Table | Mixed:
    import polars as pl  # heavy

    from potable.engine.given.records import table_of_rows  # heavy

    if isinstance(data, bytes | bytearray | memoryview):
        raise UsageError(f"can't check {type(data).__name__}: write them to a file and give its path, {OR_INLINE}")
    if hasattr(data, "read") and not hasattr(data, "__arrow_c_stream__"):
        name = getattr(data, "name", None)
        path = (
            f"give its path, {name!r}," if isinstance(name, str) else "write what it reads to a file and give its path,"
        )
        raise UsageError(f"can't check a {type(data).__name__}: {path} {OR_INLINE}")
    if data is None or isinstance(data, type):
        raise UsageError(f"can't check {a_kind(data)}: {FORMS}")
    if hasattr(data, "__aiter__"):
        raise UsageError(f"can't wait for {a_kind(data)}, asynchronous rows: give them as [row async for row in rows]")
    if isinstance(data, list) and data and hasattr(data[0], "__arrow_c_stream__"):
        raise UsageError(f"can't check a list of tables, such as {a_kind(data[0])}: give each by itself, or all as one")
    if isinstance(data, list) and data and isinstance(data[0], str | bytes | os.PathLike):
        raise UsageError(
            "can't check a list of texts or paths: give each file by itself, or a mapping from column to values"
        )
    table: Any
    if isinstance(data, list):
        table = table_of_rows(data)
    elif isinstance(data, Mapping):
        table = _of_columns(data)
    elif str(getattr(data, "dtype", "")) == "object" and not hasattr(data, "to_frame"):  # an array of NumPy's
        table = table_of_rows(data.tolist())
    else:
        table = _of_frame(data)
    if not isinstance(table, pl.DataFrame):
        return table  # type: ignore[no-any-return]
    return table.with_columns(_writable(column) for column in table.iter_columns())


def _are_rows(data: Any) -> bool:
    """Whether they're rows, one after the other, and not a table that knows its columns."""
    if isinstance(data, str | bytes | bytearray | memoryview | Mapping | Set | type):
        return False
    if type(data).__module__.partition(".")[0] in ("pandas", "polars", "pyarrow"):
        return False
    frame = any(hasattr(data, name) for name in ("__arrow_c_stream__", "__array__", "__dataframe__", "read"))
    named = hasattr(data, "columns") and not callable(data.columns)  # a result of SQLAlchemy's has it as a method
    return isinstance(data, Iterable) and not frame and not named


def _rows(data: Iterable[Any], most: int | None) -> Any:
    """The rows; of a database's cursor (DB-API), whose rows are tuples, with the names that it has of their columns."""
    described = getattr(data, "description", None) if hasattr(data, "fetchall") else None
    names = [column[0] for column in described or ()]
    rows = list(islice(data, most))
    if not names or (rows and not isinstance(rows[0], tuple | list)):
        return rows
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise UsageError(f"can't check {a_kind(data)} with two columns {twice!r}: name one of them with AS")
    return {name: [row[at] for row in rows] for at, name in enumerate(names)}


def _of_columns(data: Mapping[Any, Any]) -> pl.DataFrame | pa.Table | Mixed:
    import polars as pl  # heavy

    columns: dict[str, Any] = {}
    for name, values in data.items():
        if not isinstance(name, str):
            raise UsageError(f"can't check the column {name!r}: the names of columns have to be texts")
        if not _is_column(values):
            raise UsageError(f"{name!r} is a {type(values).__name__} where the values of a column have to be")
        if is_pandas(values):
            columns[name] = column_of_pandas(values)
            continue
        typed = hasattr(values, "__array__") and str(getattr(values, "dtype", "")) not in ("object", "Object")
        if not typed and hasattr(values, "tolist"):
            values = values.tolist()
        columns[name] = _without_nan(values, pl.Series(name, values)) if typed else list(values)
    return together(columns)


def _of_frame(data: Any) -> pl.DataFrame | pa.Table | Mixed:
    import polars as pl  # heavy

    if isinstance(data, pl.DataFrame):
        return data
    data = _whole(data)
    names = [str(name) for name in getattr(data, "column_names", getattr(data, "columns", ()))]
    twice = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
    if twice is not None:
        raise UsageError(f"can't check a {type(data).__name__} with two columns {twice!r}: rename one of them")
    library = type(data).__module__.partition(".")[0]
    if library == "pyarrow" and hasattr(data, "to_table"):  # a dataset
        data = data.to_table()
    by_capsule = hasattr(data, "__arrow_c_stream__") or hasattr(data, "__arrow_c_array__")
    if by_capsule and (library == "pyarrow" or (names and library != "pandas")):
        import pyarrow as pa  # heavy

        from potable.engine.reading.narrow import is_known, unread  # heavy

        if library == "pyarrow" and not hasattr(data, "schema"):
            data = pa.table([data], names=["column_0"])  # a column
        table: pa.Table = pa.table(data)
        if words := unread(table.schema):
            raise UsageError(f"can't check a {type(data).__name__}: {words}")
        if not is_known(table.schema):
            return table
        data = table
    if hasattr(data, "iloc"):
        return table_of_pandas(data, names)
    return pl.DataFrame([_without_nan(data, column) for column in pl.DataFrame(data)])


def _without_nan(given: Any, column: pl.Series) -> pl.Series:
    """A column in which NaN is missing, where it comes from NumPy, which has nothing else for that."""
    from_numpy = type(given).__module__.partition(".")[0] == "numpy"
    return column.fill_nan(None) if from_numpy and column.dtype.is_float() else column


def _whole(data: Any) -> Any:
    """Of pandas: a column as a frame, and the named levels of an index as columns."""
    if type(data).__module__.partition(".")[0] == "pandas" and hasattr(data, "to_frame"):
        data = data.to_frame()
    index = getattr(getattr(data, "index", None), "names", None)
    if index is not None and any(name is not None for name in index):
        taken = next((name for name in index if name is not None and name in getattr(data, "columns", ())), None)
        if taken is not None:
            raise UsageError(
                f"can't check a frame with a column and a level of its index {taken!r}: rename one of them"
            )
        data = data.reset_index()
    return data


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
