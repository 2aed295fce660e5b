"""Times counted since 1970: seconds in some records, and milliseconds, micro- or nanoseconds in others."""

from __future__ import annotations

from dataclasses import dataclass

from potable.checkers.numbers.bins import Histogram, bounds_of, greatest_of, least_of
from potable.checkers.numbers.outliers import LEAST

UNITS = {"seconds": 1.0, "milliseconds": 1e3, "microseconds": 1e6, "nanoseconds": 1e9}
_EARLIEST, _LATEST = 3e8, 4.2e9
"""Seconds: of 1979 and 2103."""
_SLACK = 1.05
"""Times in another unit may lie as much beyond those of the usual one: years go on."""


@dataclass(frozen=True, slots=True)
class Mixed:
    """The unit of most times, and the ranges of numbers that are in others."""

    usual: str
    rare: tuple[tuple[float, float], ...]

    def has_any(self, least: int, greatest: int) -> bool:
        """Whether some may be among numbers whose bins are these at the least and greatest."""
        return any(least_of(least) <= high and low <= greatest_of(greatest) for low, high in self.rare)


def mixed(numbers: Histogram) -> Mixed | None:
    """How a field's times are mixed; None: they aren't, or not all of its numbers are times of about the same years."""
    if numbers.total < LEAST or least_of(int(numbers.bins.min())) < _EARLIEST / 2:
        return None
    numbers = numbers.tidied()
    low, high = bounds_of(numbers.bins)
    counts, years = dict[str, int](), dict[str, tuple[float, float]]()
    for unit, factor in UNITS.items():
        own = (low >= _EARLIEST * factor) & (high <= _LATEST * factor)
        if own.any():
            counts[unit] = int(numbers.counts[own].sum())
            years[unit] = float(low[own].min()) / factor, float(high[own].max()) / factor
    if len(counts) < 2 or sum(counts.values()) < numbers.total:
        return None
    usual = max(counts, key=lambda unit: counts[unit])
    first, last = years[usual][0] / _SLACK, years[usual][1] * _SLACK
    rare = [unit for unit in counts if unit != usual]
    if any(years[unit][0] < first or years[unit][1] > last for unit in rare):
        return None
    return Mixed(usual, tuple((_EARLIEST * UNITS[unit], _LATEST * UNITS[unit]) for unit in rare))
