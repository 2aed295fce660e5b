"""Runs of records, kept as bounds: where in a source something is, near enough to look there again."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from potable.engine.checker import Late

MOST_SPANS = 1_000
MOST_RECORDS = 10_000_000
"""Past so many records a second pass over all of them is as cheap, and takes no list of their numbers."""


@dataclass(slots=True)
class Spans:
    """Ascending runs of record numbers, each with its first and last one; merged runs may hold a few records more."""

    bounds: list[tuple[int, int]] = field(default_factory=list)

    def add(self, first: int, last: int) -> None:
        """One more run, behind all others."""
        if self.bounds and self.bounds[-1][1] + 1 >= first:
            self.bounds[-1] = (self.bounds[-1][0], max(last, self.bounds[-1][1]))
        else:
            self.bounds.append((first, last))
        if len(self.bounds) > MOST_SPANS:
            pairs = zip(self.bounds[::2], [*self.bounds[1::2], self.bounds[-1]], strict=False)
            self.bounds = [(a[0], b[1]) for a, b in pairs]

    def append(self, other: Spans) -> None:
        """The runs of data that follow."""
        for first, last in other.bounds:
            self.add(first, last)


def records_of(*all_spans: Spans) -> npt.NDArray[np.uint64] | None:
    """All their record numbers, ascending, as a second pass wants them; None: too many, look at all."""
    merged = Spans()
    for first, last in sorted(b for spans in all_spans for b in spans.bounds):
        merged.add(first, last)
    if sum(last - first + 1 for first, last in merged.bounds) > MOST_RECORDS:
        return None
    runs = [np.arange(first, last + 1, dtype=np.uint64) for first, last in merged.bounds]
    return np.concatenate(runs) if runs else np.empty(0, dtype=np.uint64)


def union(left: npt.NDArray[np.uint64], right: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Both lists of record numbers as one, ascending, each once."""
    both = np.sort(np.concatenate([left, right]), kind="stable")  # of two sorted runs: a merge
    first: npt.NDArray[np.bool_] = np.diff(both, prepend=np.uint64(0)) != 0  # records are counted from 1
    return both[first]


def joined(one: Late | None, other: Late) -> Late:
    """Both second passes as one, over the records of either."""
    if one is None:
        return other
    records = (
        None
        if one.records is None or other.records is None
        else union(np.asarray(one.records), np.asarray(other.records))
    )
    return Late(rules=[*one.rules, *other.rules], folds=[*one.folds, *other.folds], records=records)
