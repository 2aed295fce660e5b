"""Values of Python as they are: columns of one kind as typed ones, JSON Lines where kinds are mixed or values nested.

Polars by itself makes one kind of several (texts of numbers, 1 of True, 1 of a nested 1.5) and leaves out what it can't
bring under: then what is wrong with a value isn't to be seen any more, and values that differ are equal.
"""

from __future__ import annotations

import base64
import dataclasses
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import orjson
import polars as pl

from potable.engine.errors import UsageError, own_fault
from potable.engine.reading.durations import duration

EXACT = 2**53
"""Whole numbers up to here are floats without loss."""
DEEPEST = 250
"""Most levels of values in values: orjson writes no more than 254."""
_UNKNOWN = frozenset({"NAType", "NaTType"})  # pandas' own None
_SPELLED = frozenset({"Interval", "Period"})
"""Kinds of pandas whose values are what their text says."""
_INT64, _UINT64 = -(2**63), 2**64


@dataclass(frozen=True, slots=True)
class Mixed:
    """Columns of which some have values of several kinds, or nested ones.

    :param columns: by name the values, as many in each.
    """

    columns: Mapping[str, Sequence[Any]]

    def lines(self) -> Iterator[bytes]:
        """Each record as a line of JSON."""
        for row in zip(*self.columns.values(), strict=True):
            yield orjson.dumps(dict(zip(self.columns, row, strict=True)), option=orjson.OPT_APPEND_NEWLINE)


def table_of_rows(rows: Sequence[Any]) -> pl.DataFrame | Mixed:
    """Rows as a table: a column for each name that any of them has.

    :param rows: each a mapping, an object with fields, a sequence, or None, a row without values; or each the value of
        the only column.
    :raises UsageError: one isn't like the others; a name is no text; a column has values that have no text.
    """
    first = next((row for row in rows if row is not None), None)
    if names_of(first) is not None:
        named = [_named(row, number) for number, row in enumerate(rows, 1)]
        names = dict.fromkeys(name for row in named for name in row)
        for name in names:
            if not isinstance(name, str):
                number = next(n for n, row in enumerate(named, 1) if name in row)
                raise UsageError(f"row {number} has a member {name!r}: the names of members have to be texts")
        return table_of_columns({name: [row.get(name) for row in named] for name in names}, len(rows))
    if isinstance(first, list | tuple):
        for number, row in enumerate(rows, 1):
            if row is not None and not (isinstance(row, list | tuple) and len(row) == len(first)):
                told = f"has {len(row)}" if isinstance(row, list | tuple) else f"is a {type(row).__name__}"
                raise UsageError(f"row {number} {told} where the first has {len(first)} values")
        nothing = (None,) * len(first)
        values = zip(*(nothing if row is None else row for row in rows), strict=True)
        return table_of_columns({f"column_{at}": list(column) for at, column in enumerate(values)}, len(rows))
    return table_of_columns({"column_0": rows} if rows else {}, len(rows))


def table_of_columns(columns: Mapping[str, Sequence[Any] | pl.Series], height: int) -> pl.DataFrame | Mixed:
    """Columns of values as a table.

    :param columns: each the values of Python, or a typed column.
    :param height: how many values each has.
    :raises UsageError: a column has another number of values, or values that have no text.
    """
    for name, values in columns.items():
        if len(values) != height:
            raise UsageError(f"the column {name!r} has {len(values)} values where the first has {height}")
    columns = {name: values if isinstance(values, pl.Series) else _owned(values) for name, values in columns.items()}
    series = [_series(name, values) for name, values in columns.items()]
    if all(isinstance(one, pl.Series) for one in series):
        return pl.DataFrame(series)
    told = {}
    for (name, values), one in zip(columns.items(), series, strict=True):
        said = one.to_list() if isinstance(one, pl.Series) else values
        told[_sound(name, name)] = [_json(value, name) for value in said]
    return Mixed(told)


def names_of(row: Any) -> Iterable[Any] | None:
    """The names of a row's members; None where it hasn't any: of a sequence, or a value."""
    if isinstance(row, Mapping):
        return row.keys()
    if isinstance(mapping := getattr(row, "_mapping", None), Mapping):  # a row of SQLAlchemy
        return mapping.keys()
    if isinstance(row, SimpleNamespace):
        return vars(row)
    if dataclasses.is_dataclass(row) and not isinstance(row, type):
        return [field.name for field in dataclasses.fields(row)]
    kind = type(row)
    if isinstance(row, tuple):
        return getattr(kind, "_fields", None)
    if callable(getattr(row, "keys", None)) and hasattr(row, "__getitem__"):  # sqlite3.Row and its like
        return list(row.keys())
    by_library = ("model_fields", "__attrs_attrs__", "__struct_fields__")  # Pydantic, attrs, msgspec
    fields = next((found for name in by_library if (found := getattr(kind, name, None))), None)
    return None if fields is None else [getattr(field, "name", field) for field in fields]


def _named(row: Any, number: int) -> Mapping[Any, Any]:
    if row is None:
        return {}
    names = names_of(row)
    if names is None:
        raise UsageError(f"row {number} is a {type(row).__name__} where the first one has named members")
    mapping = getattr(row, "_mapping", row)  # else a column `count` of SQLAlchemy's would be the row's method
    if isinstance(mapping, Mapping):
        return mapping
    return {name: row[name] if hasattr(row, "keys") else getattr(row, name) for name in names}


def _series(name: str, values: Sequence[Any] | pl.Series) -> pl.Series | None:
    """A column of one kind; None where there are several, or nested values."""
    if isinstance(values, pl.Series):
        return values
    kinds = set(map(type, values)) - {type(None)}
    if kinds == {int, float} and all(abs(v) <= EXACT for v in values if type(v) is int):
        return pl.Series(name, values, dtype=pl.Float64, strict=False)
    if len(kinds) > 1 or any(issubclass(kind, Mapping | list | tuple) for kind in kinds):
        return None
    try:
        series = pl.Series(name, values)
    except BaseException as e:
        if not own_fault(e):
            raise
        return None
    return None if series.dtype == pl.Object else series


def _owned(values: Sequence[Any]) -> Sequence[Any]:
    """Values of which those of pandas and NumPy are Python's own; what isn't a number (NaN) is missing, as there."""
    kinds = set(map(type, values))
    if any(kind.__name__ in _UNKNOWN or kind.__module__ == "numpy" or _is_spelled(kind) for kind in kinds):
        values = [_own(value) for value in values]
    if any(issubclass(kind, float) for kind in kinds):
        values = [None if isinstance(value, float) and math.isnan(value) else value for value in values]
    return values


def _own(value: Any) -> Any:
    if type(value).__name__ in _UNKNOWN:
        return None
    if _is_spelled(type(value)):
        return str(value)
    return value.item() if type(value).__module__ == "numpy" and hasattr(value, "item") else value


def _is_spelled(kind: type) -> bool:
    return kind.__name__ in _SPELLED and kind.__module__.partition(".")[0] == "pandas"


def _sound(text: str, column: str) -> str:
    """A text, as it is. Raises UsageError for one with halves of characters, which no encoding has."""
    try:
        text.isascii() or text.encode()
    except UnicodeEncodeError as e:
        half = ascii(text[e.start])
        raise UsageError(f"can't check the column {column!a}: a text in it has half a character, {half}") from None
    return str(text)


def _json(value: Any, column: str, depth: int = 0) -> Any:
    """A value as JSON has it, spelled as in typed tables. Raises UsageError for what has no text.

    :param depth: in how many others it is.
    """
    if depth > DEEPEST:
        raise UsageError(
            f"can't check the column {column!r}: a value in it is nested more than {DEEPEST} levels deep, or contains "
            "itself"
        )
    match value:
        case None | bool():
            return value
        case str():
            return _sound(value, column)
        case int():
            return value if _INT64 <= value < _UINT64 else orjson.Fragment(str(int(value)))
        case float():
            if math.isnan(value):
                return None
            return value if math.isfinite(value) else "INF" if value > 0 else "-INF"
        case Decimal():
            return orjson.Fragment(str(value)) if value.is_finite() else str(value)
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return duration(value)
        case bytes():
            return base64.b64encode(value).decode()
        case Mapping():
            return {_sound(str(name), column): _json(inner, column, depth + 1) for name, inner in value.items()}
        case list() | tuple():
            return [_json(inner, column, depth + 1) for inner in value]
    raise UsageError(
        f"can't check the column {column!r}: its values, such as a {type(value).__name__}, have no text of their own; "
        "convert them to texts or numbers first"
    )
