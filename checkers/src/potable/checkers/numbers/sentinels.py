"""Numbers that stand for a missing value, such as -9999, where they are too many to be outliers.

A number on the list is one where it recurs, and where nothing else lies near it or beyond it: how far off it has to be
depends on how seldom it's a quantity. Only counts of the listed numbers are kept beside the histogram.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from potable.checkers.names.words import speaks_of
from potable.checkers.numbers.bins import Histogram, bins_of, bounds_of, greatest_of, least_of
from potable.checkers.numbers.outliers import LEAST, SHARE

TIMES = 3
"""So often a number recurs."""
_FEW, _SOME = 2, 5
"""So many different bins the other numbers fill, beside a negative one and beside a positive one."""
_RELATIVE = 2e-6
"""Fill values are cut to six digits, 9.96921e36 for 9.969209968386869e36."""

_NINES = [float("9" * digits) for digits in range(3, 11)]
_NEGATIVE = [9.0, 99.0, 99.9, 99.99, 999.9, 999.99, 9999.9, 9999.99, *_NINES, 32767.0, 32768.0, 2147483648.0]
_FILL = [1e20, 1e30, 1e34, 1e36, 1e37, 9.969209968386869e36, 3.4028234663852886e38, 1.7976931348623157e308]
"""Of netCDF, ESRI's and GDAL's rasters, models of the weather; with either sign."""

VALUES = [-1.0, *(-v for v in _NEGATIVE), *_NINES, 999.9, 9999.9, 99999.9, *_FILL, *(-v for v in _FILL)]
"""The list."""
_LOW, _HIGH = (
    np.array([v * (1 + sign * math.copysign(_RELATIVE, v)) if abs(v) >= _FILL[0] else v for v in VALUES])
    for sign in (-1, 1)
)
_HIGH = np.minimum(_HIGH, np.finfo(np.float64).max)
_LOW = np.maximum(_LOW, np.finfo(np.float64).min)
_BINS = bins_of(np.array(VALUES))
_OWN_BINS = frozenset(_BINS.tolist())

_NO_GAP = frozenset(
    {
        "price", "cost", "amount", "fee", "charge", "salary", "msrp", "mrp", "rate", "total", "fare", "rent", "usd",
        "eur", "gbp", "max", "maximum", "limit", "cap", "quota", "capacity", "threshold", "ttl", "priority", "order",
        "sort", "sequence", "seq", "position", "level", "score", "points", "version",
    }
)  # fmt: skip
"""Words in the names of fields where 999 may be meant: a price, no limit, or behind all others."""
_NO_END = frozenset(
    {
        "end", "until", "to", "thru", "through", "stop", "last", "final", "valid", "expiry", "expiration", "expire",
        "exp", "close", "closed", "retired", "retirement", "maturity",
    }
)  # fmt: skip
"""Words in the names of fields where the year 9999 means that there's no end."""
_YEARS = 1000, 3000
"""Among such numbers 9999 may be a year that stands for no end."""


def counted(numbers: npt.NDArray[np.float64], spread: Histogram) -> Counter[int]:
    """How often each listed number occurs, by its index.

    :param spread: the histogram of the numbers, tidy. A listed one between two others in the next bins isn't counted:
        it can't be apart.
    """
    counts: Counter[int] = Counter()
    bins = spread.bins
    if not len(bins):
        return counts
    at = np.searchsorted(bins, _BINS)
    for index in np.flatnonzero(bins[np.minimum(at, len(bins) - 1)] == _BINS).tolist():
        place = int(at[index])
        around = (place - 1, place + 1)
        if around[0] >= 0 and around[1] < len(bins) and not any(int(bins[n]) in _OWN_BINS for n in around):
            continue
        number = int(((numbers >= _LOW[index]) & (numbers <= _HIGH[index])).sum())
        if number:
            counts[index] = number
    return counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentinels:
    """Listed numbers that are apart, as ranges, least first, and what the others are.

    :param ranges: the least and the greatest number that is one, which differ for fill values.
    :param rest: all others, tidy.
    """

    ranges: tuple[tuple[float, float], ...]
    rest: Histogram

    @property
    def hull(self) -> tuple[float, float]:
        """Bounds that all others lie between."""
        return least_of(int(self.rest.bins[0])), greatest_of(int(self.rest.bins[-1]))

    def has_any(self, least: int, greatest: int) -> bool:
        """Whether some may be among numbers whose bins are these at the least and greatest."""
        return any(least_of(least) <= high and low <= greatest_of(greatest) for low, high in self.ranges)


def sentinels(name: str, spread: Histogram, counts: Mapping[int, int]) -> Sentinels | None:
    """The listed numbers that stand for a missing value in a field; None: none does.

    :param spread: all numbers of the field.
    :param counts: how often each listed one occurs, by its index.
    """
    if max(counts.values(), default=0) < TIMES:
        return None
    spread, chosen = spread.tidied(), set(counts)
    while chosen:
        rest = _without(spread, {index: counts[index] for index in chosen})
        far = {index for index in chosen if _is_apart(name, VALUES[index], counts[index], rest)}
        if far == chosen:
            break
        chosen = far
    if max((counts[index] for index in chosen), default=0) < TIMES:
        return None
    ranges = sorted((float(_LOW[index]), float(_HIGH[index])) for index in chosen)
    return Sentinels(ranges=tuple(ranges), rest=rest)


def _without(spread: Histogram, counts: Mapping[int, int]) -> Histogram:
    left = spread.counts.copy()
    for index, number in counts.items():
        value = np.array([_LOW[index], _HIGH[index]])
        own = np.flatnonzero(np.isin(spread.bins, bins_of(value)))
        for place in own:  # a fill value's range may touch two bins
            taken = min(number, int(left[place]))
            left[place] -= taken
            number -= taken
    there = left > 0
    return Histogram(spread.bins[there], left[there])


def _is_apart(name: str, value: float, number: int, rest: Histogram) -> bool:
    if rest.total < LEAST or len(rest.bins) < (_FEW if value < 0 else _SOME):
        return False
    low, high = float(bounds_of(rest.bins[:1])[0][0]), float(bounds_of(rest.bins[-1:])[1][0])
    gap, width = (low - value, high - low) if value < 0 else (value - high, high - low)
    if gap <= 0:
        return False
    if value == -1.0:
        return low >= 100 and gap >= width
    if value < 0:
        return gap >= _negative(-value, low) * width
    if abs(value) >= _FILL[0]:
        return gap >= width
    if speaks_of(name, _NO_GAP) or (
        value == 9999 and _YEARS[0] <= low <= high < _YEARS[1] and speaks_of(name, _NO_END)
    ):
        return False
    return gap >= (1.5 if number >= SHARE * (rest.total + number) else 4) * width


def _negative(size: float, low: float) -> float:
    """How many times as wide as the others are spread the gap between them and a negative number must be."""
    if size < 99:
        return 4
    if size < 999:
        return 1 if low >= 0 else 2
    return 0 if low >= 0 else 1
