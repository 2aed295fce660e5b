"""Rows of tables whose columns have types: as text and kind, as objects, and what paths find inside nested columns."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.engine.contracts.reading import KIND_SUFFIX
from potable.engine.findings import Location, Tally
from potable.engine.paths import FieldPath, column_path
from potable.engine.paths.steps import Child
from potable.engine.reading.beyond import rows_beyond, tallies_beyond, values_beyond
from potable.engine.reading.durations import duration
from potable.engine.reading.spelling import spelled_frame


def top_of(path: FieldPath) -> str | None:
    """The canonical path of the column that a path inside nested columns begins with; None where it may be any."""
    first = path.steps[0]
    return column_path(first.name) if isinstance(first, Child) and not first.deep else None


@dataclass(frozen=True, slots=True)
class TypedRows:
    """Some rows.

    :param table: its columns are under their canonical paths; others are left alone.
    :param columns: those, in the source's order.
    :param wide: columns of numbers that are kept as text, since Polars has no type for them.
    :param maps: columns of maps, which Polars keeps as lists of ``key`` and ``value``.
    """

    table: pl.DataFrame
    columns: tuple[str, ...]
    wide: frozenset[str] = frozenset()
    maps: frozenset[str] = frozenset()

    def holds(self, path: str) -> bool:
        """Whether a canonical path that is no column's leads into nested columns."""
        if path in self.columns:
            return False
        parsed = FieldPath.parse(path)
        top = top_of(parsed)
        nested = [c for c in self.columns if self.table.schema[c].is_nested()]
        return bool(nested) if top is None else len(parsed.steps) > 1 and top in nested

    def frame(self, names: Sequence[str]) -> pl.DataFrame:
        """Text and kind of these fields, by canonical path; one that isn't there is absent in all rows."""
        frame = spelled_frame(self.table, {name: name if name in self.columns else None for name in names})
        if wide := sorted(self.wide.intersection(names)):
            frame = frame.with_columns(pl.col(n + KIND_SUFFIX).replace("string", "number") for n in wide)
        inner = [name for name in names if self.holds(name)]
        if inner:
            objects = [record for _, record in self.documents()]
            frame = frame.with_columns(s for name in inner for s in _found(name, objects))
        return frame

    def beyond(
        self, code: str, samples: int, place: Callable[[Sequence[int]], list[Location]], numbers: npt.NDArray[np.uint64]
    ) -> Iterator[Tally]:
        """Dates and times that programs can't hold; see :func:`tallies_beyond`."""
        return tallies_beyond(code, ((c, self.table[c]) for c in self.columns), samples, place, numbers)

    def documents(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Each row as an object, with its number: numbers are numbers, nested values too, without members that are
        null; dates, times and binary values are texts as in :func:`spelled_frame`.
        """
        names = [(c, FieldPath.parse(c).name) for c in self.columns]
        columns = [(name, self._values(column)) for column, name in names]
        for row in range(self.table.height):
            yield row, {name: values[row] for name, values in columns}

    def _values(self, column: str) -> list[Any]:
        series = self.table[column]
        if column in self.wide:
            return [None if text is None else Decimal(text) for text in series]
        if series.dtype.is_nested():
            values = values_beyond(series) if len(rows_beyond(series)) else series.to_list()
            if column in self.maps:
                values = [{str(e["key"]): e["value"] for e in v} if isinstance(v, list) else v for v in values]
            return list(map(plain, values))
        if series.dtype.is_numeric() or series.dtype == pl.Boolean:
            return list(map(plain, series.to_list()))
        return spelled_frame(self.table.select(column), {column: column})[column].to_list()


def plain(value: Any) -> Any:
    """A value as JSON has it; numbers that JSON hasn't are texts, ``NaN``. Members that are null are left out."""
    match value:
        case None | bool() | int() | str() | Decimal():
            return value
        case float():
            return value if math.isfinite(value) else {"nan": "NaN", "inf": "INF", "-inf": "-INF"}[str(value)]
        case dict():
            return {str(name): plain(inner) for name, inner in value.items() if inner is not None}
        case list():
            return list(map(plain, value))
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return duration(value)
        case bytes():
            return base64.b64encode(value).decode()
    return str(value)


def _found(name: str, objects: Sequence[dict[str, Any]]) -> tuple[pl.Series, pl.Series]:
    """Texts and kinds of what a path finds in each object; lists where it finds several in one."""
    path = FieldPath.parse(name)
    found = [[_spelled(v) for v, _ in path.find(record) if v is not None] or [("absent", None)] for record in objects]
    if all(len(values) == 1 for values in found):
        kinds: list[Any] = [values[0][0] for values in found]
        texts: list[Any] = [values[0][1] for values in found]
        dtype: Any = pl.String
    else:
        kinds, texts = ([[one[part] for one in values] for values in found] for part in (0, 1))
        dtype = pl.List(pl.String)
    return pl.Series(name, texts, dtype=dtype), pl.Series(name + KIND_SUFFIX, kinds, dtype=dtype)


def _spelled(value: Any) -> tuple[str, str | None]:
    match value:
        case bool():
            return "boolean", str(value).lower()
        case str():
            return "string", value
        case dict() | list():
            return ("object" if isinstance(value, dict) else "array"), None
    return "number", str(value)
