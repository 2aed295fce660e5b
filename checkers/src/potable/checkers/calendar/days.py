"""Days of the Gregorian calendar, and those written ``YYYY-MM-DD`` (ISO 8601, RFC 3339's full-date)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.checkers.values.fixed import Fixed, Mask, Numbers, Shape

ISO = Shape("%Y-%m-%d")


class Days(NamedTuple):
    """What texts are.

    :ivar right: Boolean array, one for each text: whether it's a day that there is, of the years 1 to 9999.
    :ivar days: ``int64`` array, those that are some, each as ``YYYYMMDD``.
    """

    right: Mask
    days: npt.NDArray[np.int64]


def plain_days(texts: pl.Series) -> Days:
    """Which texts (String, none of them null) are a plain day of the calendar, and these days."""
    fixed = Fixed(texts, ISO.width)
    right, number = fixed.read(ISO)
    year, month, day = number["Y"], number["m"], number["d"]
    right &= are_days(year, month, day)
    days = as_integers(year, month, day)
    return Days(fixed.of_all(right), days if right.all() else days[right])


def are_plain_days(texts: pl.Series) -> Mask:
    """Which texts (String, none of them null) are a plain day of the calendar."""
    fixed = Fixed(texts, ISO.width)
    right, number = fixed.read(ISO)
    return fixed.of_all(right & are_days(number["Y"], number["m"], number["d"]))


def are_days(year: Numbers, month: Numbers, day: Numbers) -> Mask:
    """Which of them are days of the Gregorian calendar, of the years 1 to 9999."""
    right = (year > 0) & (day > 0) & (month - np.uint16(1) < 12)
    right &= (day <= 28) | _is_late(year, month, day)
    return right


def as_integers(year: Numbers, month: Numbers, day: Numbers) -> npt.NDArray[np.int64]:
    """Each day as ``YYYYMMDD``."""
    days = year.astype(np.int64)
    days *= 10_000
    days += month * np.uint16(100) + day
    return days


def _is_late(year: Numbers, month: Numbers, day: Numbers) -> Mask:
    """Whether a month has this day, which may be its 29th, 30th or 31st."""
    there = np.zeros(len(day), np.bool_)
    at = np.flatnonzero(day > 28)
    year, month, day = year[at], month[at], day[at]
    leap = (year % 4 == 0) & ((year % 100 > 0) | (year % 400 == 0))
    february, short = month == 2, (month == 4) | (month == 6) | (month == 9) | (month == 11)
    there[at] = day <= np.where(february, 28 + leap, np.where(short, 30, 31))
    return there
