"""Days that programs write where there's none, and the day numbers of spreadsheets.

Day 0 of a counter is one where it recurs long before all other dates of a field; 44197 among dates is one of them,
counted from the end of 1899.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.engine.fields import Field

ZEROS = (
    10000101, 16010101, 17530101, 18581117, 18991230, 18991231, 19000101, 19010101, 19040101, 19691231, 19700101,
)  # fmt: skip
"""The least days of databases, and those from which computers, spreadsheets and astronomers count, as ``YYYYMMDD``."""
TIMES = 3
"""So often a day recurs."""
FEWEST = 10
"""Beside so many other dates."""
_YEARS, _SHARE = 10, 4
"""It lies so many years before all others, and this part of the time that they span."""

NUMBER = r"\A[1-9][0-9]{4}(?:\.[0-9]+)?\z"
"""A day's number in a spreadsheet, of the years 1927 to 2173; with a fraction where it has a time of day."""
_ZERO = date(1899, 12, 30)
_SLACK = timedelta(days=366)


def split(
    days: npt.NDArray[np.int64], earliest: int, latest: int
) -> tuple[dict[int, npt.NDArray[np.int64]], tuple[int, int] | None]:
    """Where the days are that stand for none, and the extent of all others that are plausible; 0 is no day.

    :param days: as ``YYYYMMDD``, in any order; those of the year 9999 stand for no end.
    :param earliest: the earliest day that has a part in the extent; ``latest``: the latest one.
    """
    zeros = {day: at for day in ZEROS if len(at := np.flatnonzero(days == day))}
    others = days[(days > 0) & (days >= earliest) & (days <= latest) & ~np.isin(days, ZEROS)]
    return zeros, (int(others.min()), int(others.max())) if len(others) else None


def standing(counts: Mapping[int, int], dates: int, extent: tuple[int, int]) -> list[int]:
    """Which of these days stand for none.

    :param counts: how often each occurs, of those that lie before the extent.
    :param dates: how many dates there are in all.
    :param extent: the earliest and the latest of the others.
    """
    first, last = map(_date, extent)
    counts = {day: n for day, n in counts.items() if day < extent[0]}
    others = dates - sum(counts.values())
    # With first days of January at both ends it may be a field of years, with one at its beginning of some years.
    new_years = [(day.month, day.day) == (1, 1) for day in (first, last)]
    if others < FEWEST or all(new_years):
        return []
    gap = max(timedelta(days=365 * _YEARS), (last - first) / (1 if new_years[0] else _SHARE))
    return [day for day, n in sorted(counts.items()) if n >= TIMES and first - _date(day) >= gap]


class Numbered:
    """Wrong where the value is a day's number, of a day within an extent or a year around it."""

    def __init__(self, extent: tuple[int, int]) -> None:
        first, last = map(_date, extent)
        self._least, self._greatest = (first - _ZERO - _SLACK).days, (last - _ZERO + _SLACK).days

    def __call__(self, f: Field) -> pl.Expr:
        number = pl.when(f.text.str.contains(NUMBER) & f.present).then(f.text.cast(pl.Float64, strict=False))
        return number.is_between(self._least, self._greatest)


def _date(day: int) -> date:
    return date(day // 10_000, day // 100 % 100, day % 100)
