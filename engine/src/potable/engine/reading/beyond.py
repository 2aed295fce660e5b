"""Dates and times of no year from 1 to 9999, as a wrong unit makes them: neither Python nor most databases have them,
and Polars panics on writing those that are further off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.engine.findings import Location, Sample, Tally

_FIRST, _BEHIND = -719_162, 2_932_897
"""Days since 1970-01-01, of 0001-01-01 and 10000-01-01."""
_IN_A_DAY = {"us": 86_400_000_000, "ms": 86_400_000}
"""Nanoseconds reach from 1677 to 2262 only."""
_NONE = np.empty(0, np.int64)

Rows = npt.NDArray[np.int64]


def rows_beyond(series: pl.Series) -> Rows:
    """Rows with such a value, ascending; also inside of objects, lists and maps."""
    dtype = series.dtype
    if dtype.is_nested():
        if not any(len(rows_beyond(leaf)) for leaf in _inner(series)):
            return _NONE
        values = series.cast(_counted(dtype)).to_list()
        return np.array([n for n, value in enumerate(values) if _holds(value, dtype)], np.int64)
    bounds = _bounds(dtype)
    if bounds is None:
        return _NONE
    numbers = series.to_physical()
    least, most = numbers.min(), numbers.max()
    if least is None or most is None or (bounds[0] <= least and most < bounds[1]):  # type: ignore[operator]
        return _NONE
    beyond = (numbers < bounds[0]) | (numbers >= bounds[1])
    return beyond.fill_null(False).arg_true().to_numpy().astype(np.int64)


def texts_beyond(series: pl.Series, rows: Rows) -> list[str]:
    """The values in these rows of a column of dates or times, as in ISO 8601."""
    return [_text(number, series.dtype) for number in series.to_physical().gather(rows).to_list()]


def without(series: pl.Series, rows: Rows) -> pl.Series:
    """The column with nulls in these rows."""
    kept = np.ones(len(series), np.bool_)
    kept[rows] = False
    return series.zip_with(pl.Series(kept), pl.Series(series.name, [None], dtype=series.dtype))


def values_beyond(series: pl.Series) -> list[Any]:
    """The values of a nested column that has such ones, which are texts in them."""
    return [_told(value, series.dtype) for value in series.cast(_counted(series.dtype)).to_list()]


def tallies_beyond(
    code: str, columns: Iterator[tuple[str, pl.Series]], samples: int, place: Callable[[Sequence[int]], list[Location]],
    numbers: npt.NDArray[np.uint64],
) -> Iterator[Tally]:  # fmt: skip
    """What is to be told of a chunk's columns.

    :param columns: canonical path and values.
    :param place: of these rows.
    :param numbers: record numbers of the rows.
    """
    for path, series in columns:
        rows = rows_beyond(series)
        if not len(rows):
            continue
        some = rows[:samples]
        if series.dtype.is_nested():
            words: list[str | None] = [None] * len(some)
        else:
            words = list(texts_beyond(series, some))
        found = [
            Sample(
                message=f"{text or 'a date or time in it'} is of no year from 1 to 9999", value=text, location=location
            )
            for text, location in zip(words, place(some.tolist()), strict=True)
        ]
        yield Tally(code=code, field=path, count=len(rows), samples=tuple(found), records=numbers[rows])


def _bounds(dtype: pl.DataType) -> tuple[int, int] | None:
    """The least number that stands for such a date, and the one behind the greatest; None: all do."""
    if isinstance(dtype, pl.Date):
        return _FIRST, _BEHIND
    if isinstance(dtype, pl.Datetime) and dtype.time_unit in _IN_A_DAY:
        day = _IN_A_DAY[dtype.time_unit]
        return _FIRST * day, _BEHIND * day
    return None


def _inner(series: pl.Series) -> Iterator[pl.Series]:
    if isinstance(series.dtype, pl.Struct):
        yield from series.struct.unnest().get_columns()
    elif isinstance(series.dtype, pl.List | pl.Array):
        yield series.explode()
    elif _is_map(series.dtype):
        yield series.map.values().explode()


def _is_map(dtype: Any) -> bool:
    """Polars has maps since 2.1; before, they are lists of ``key`` and ``value``."""
    return bool(type(dtype).__name__ == "Map")


def _counted(dtype: Any) -> Any:
    """The type with numbers for dates and times."""
    if isinstance(dtype, pl.Struct):
        return pl.Struct([pl.Field(f.name, _counted(f.dtype)) for f in dtype.fields])
    if isinstance(dtype, pl.List):
        return pl.List(_counted(dtype.inner))
    if isinstance(dtype, pl.Array):
        return pl.Array(_counted(dtype.inner), dtype.size)
    if _is_map(dtype):
        return type(dtype)(dtype.key, _counted(dtype.value))
    return pl.Int64 if isinstance(dtype, pl.Date | pl.Datetime) else dtype


def _holds(value: Any, dtype: Any) -> bool:
    if value is None:
        return False
    if isinstance(dtype, pl.Struct):
        return any(_holds(value[f.name], f.dtype) for f in dtype.fields)
    if isinstance(dtype, pl.List | pl.Array):
        return any(_holds(inner, dtype.inner) for inner in value)
    if _is_map(dtype):
        return any(_holds(inner, dtype.value) for inner in value.values())
    bounds = _bounds(dtype)
    return bounds is not None and not bounds[0] <= value < bounds[1]


def _told(value: Any, dtype: Any) -> Any:
    if value is None:
        return None
    if isinstance(dtype, pl.Struct):
        return {f.name: _told(value[f.name], f.dtype) for f in dtype.fields}
    if isinstance(dtype, pl.List | pl.Array):
        return [_told(inner, dtype.inner) for inner in value]
    if _is_map(dtype):
        return {key: _told(inner, dtype.value) for key, inner in value.items()}
    if not isinstance(dtype, pl.Date | pl.Datetime):
        return value
    return _text(value, dtype) if _holds(value, dtype) else pl.Series([value], dtype=pl.Int64).cast(dtype)[0]


def _text(number: int, dtype: Any) -> str:
    if isinstance(dtype, pl.Date):
        return _signed(str(np.datetime64(number, "D")))
    unit = dtype.time_unit
    days, rest = divmod(number, _IN_A_DAY[unit])
    time = timedelta(microseconds=rest * (_IN_A_DAY["us"] // _IN_A_DAY[unit]))
    digits = f".{time.microseconds:06}".rstrip("0") if time.microseconds else ""
    hours, seconds = divmod(time.seconds, 3600)
    zone = "" if dtype.time_zone is None else "+00:00"
    day = _signed(str(np.datetime64(days, "D")))
    return f"{day}T{hours:02}:{seconds // 60:02}:{seconds % 60:02}{digits}{zone}"


def _signed(day: str) -> str:
    return f"+{day}" if day.index("-", 1) > 4 and not day.startswith("-") else day
