"""Numbers counted in fixed bins: the same bins whatever the data, so that any cutting gives the same counts.

A bin holds the numbers that share sign, exponent and the first :data:`BITS` bits of the mantissa: its width is at most
1/256 of its numbers. Only integers are added up.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

BITS = 8
"""So many bits of the mantissa tell bins apart."""
_SHIFT = 52 - BITS
_UNTIDY = 1 << 16
"""More bins than these are put in order, each once, before further ones are added."""

Ints = npt.NDArray[np.int64]


def bins_of(values: npt.NDArray[np.float64]) -> Ints:
    """The bin of each number; bins are ordered as numbers are, zero is bin 0."""
    bits = (values + 0.0).view(np.int64)  # + 0.0: there's but one zero
    bins = (bits & np.int64(0x7FFF_FFFF_FFFF_FFFF)) >> _SHIFT
    return np.where(bits < 0, -bins - 1, bins)


def least_of(bins: int) -> float:
    """The least number of a bin."""
    return float(bounds_of(np.array([bins]))[0][0])


def greatest_of(bins: int) -> float:
    """The greatest number of a bin."""
    return float(bounds_of(np.array([bins]))[1][0])


def bounds_of(bins: Ints) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The least and the greatest number of each bin."""
    negative = bins < 0
    size = np.where(negative, -bins - 1, bins)
    near, far = (size << _SHIFT).view(np.float64), (((size + 1) << _SHIFT) - 1).view(np.float64)
    return np.where(negative, -far, near), np.where(negative, -near, far)


@dataclass(slots=True)
class Histogram:
    """How many numbers fell into which bins.

    :param bins: ascending once it's :meth:`tidied`; before, a bin may be there several times.
    :param counts: of each.
    """

    bins: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    counts: Ints = field(default_factory=lambda: np.empty(0, np.int64))

    @classmethod
    def of(cls, values: npt.NDArray[np.float64]) -> Histogram:
        """The histogram of finite numbers."""
        bins = bins_of(values)
        if not len(bins):
            return cls()
        least, greatest = int(bins.min()), int(bins.max())
        if greatest - least < 4 * len(bins) + 1024:
            counts = np.bincount(bins - least)
            at = np.flatnonzero(counts)
            return cls(at + least, counts[at].astype(np.int64))
        return cls(*np.unique(bins, return_counts=True))

    @property
    def total(self) -> int:
        """How many numbers there are."""
        return int(self.counts.sum())

    def plus(self, other: Histogram) -> Histogram:
        """Both together."""
        bins, counts = np.concatenate([self.bins, other.bins]), np.concatenate([self.counts, other.counts])
        both = Histogram(bins, counts)
        return both.tidied() if len(bins) > _UNTIDY else both

    def tidied(self) -> Histogram:
        """The same with each bin once, in order. Adding up is put off until there's enough to add."""
        order = np.argsort(self.bins, kind="stable")
        bins = self.bins[order]
        first = np.flatnonzero(np.diff(bins, prepend=bins[:1] - 1))
        return Histogram(bins[first], np.add.reduceat(self.counts[order], first)) if len(bins) else self

    def quantile(self, numerator: int, denominator: int) -> int:
        """The bin of the number at this share of all, in ascending order, of a tidied histogram."""
        ranks = np.cumsum(self.counts)
        return int(self.bins[np.searchsorted(ranks, -(-self.total * numerator // denominator))])
