"""What was found in a column of dates: groups of values that have something in common, by chunk and on the whole."""

from __future__ import annotations

from dataclasses import dataclass, field

from potable.checkers.calendar.layouts import Indices, Order
from potable.checkers.folds.hits import Hits
from potable.checkers.folds.spans import Spans

Extent = tuple[int, int]
"""The earliest and the latest day, as ``YYYYMMDD``."""


@dataclass(slots=True)
class Group:
    """Values that have something in common: how many, and where.

    :param hits: None for the many plain ones, of which only the chunks are known.
    :param extent: the earliest and the latest day, of those of which it's asked.
    """

    count: int = 0
    spans: Spans = field(default_factory=Spans)
    hits: Hits | None = None
    extent: Extent | None = None

    def add(self, more: Group, most: int) -> None:
        """Those of values that follow."""
        self.count += more.count
        self.spans.append(more.spans)
        if self.hits is None or more.hits is None:
            self.hits = None
        else:
            self.hits.append(more.hits, most)
        self.extent = spanned(self.extent, more.extent)


Found = dict[str, Group]
"""By layout's name, and by the words below. Where it depends on which of day and month comes first what a value is, the
order follows the word: see :func:`groups_of`."""
FILLED = "all"
EXTENT = "extent"
"""A group without values: its extent is that of all days but those that stand for none."""
NUMBERED = "numbered"
"""What may be a spreadsheet's number of a day."""
LEFT = "left"
"""What can't be read as a date, nor as a part of one."""
ZONED, LOCAL = "zoned", "local"
"""Dates with a time of day, with its zone and without."""
FIRST, SECOND, OPEN = "first", "second", "open"
"""Which of the two numbers must be the day; ``open``: either may be."""
NO_DAY, EARLY, LATE, AHEAD = "none", "early", "late", "ahead"
"""What no calendar has; what lies beyond the bounds; what lies after today."""


@dataclass(slots=True)
class Notes:
    """What is found in a chunk's values: which, by what they are, and what their days span, by the order's suffix."""

    at: dict[str, list[Indices]] = field(default_factory=dict)
    extents: dict[str, Extent] = field(default_factory=dict)

    def add(self, what: str, at: Indices) -> None:
        """Note values by their indices; none is no note."""
        if len(at):
            self.at.setdefault(what, []).append(at)

    def reach(self, extent: Extent, suffix: str) -> None:
        """Note the extent of days that were read in the order of this suffix."""
        self.extents[suffix] = spanned(self.extents.get(suffix), extent) or extent


def spanned(one: Extent | None, other: Extent | None) -> Extent | None:
    """The least extent that has both; None where neither is known."""
    if one is None or other is None:
        return one or other
    return min(one[0], other[0]), max(one[1], other[1])


def extent_of(found: Found, order: Order | None) -> Extent | None:
    """The earliest and the latest day, but for those that stand for none."""
    extent = None
    for group in groups_of(found, EXTENT, order):
        extent = spanned(extent, group.extent)
    return extent


def groups_of(found: Found, what: str, order: Order | None) -> list[Group]:
    """The groups of values that are this, whatever the order of day and month, and in this order."""
    return [found[name] for name in (what, f"{what} {order}") if name in found]
