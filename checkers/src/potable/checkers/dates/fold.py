"""What a column of dates holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.checkers.calendar.days import are_plain_days, plain_days
from potable.checkers.calendar.layouts import ANY, COMPACT, ISO, Indices, Order, written
from potable.checkers.calendar.others import HAS_ZONE, IS_LOCAL, PARTIAL
from potable.checkers.dates.codes import (
    CODES,
    NOT_A_DATE,
    ZONES,
)
from potable.checkers.dates.groups import (
    AHEAD,
    EARLY,
    EXTENT,
    FILLED,
    FIRST,
    LATE,
    LEFT,
    LOCAL,
    NO_DAY,
    NUMBERED,
    OPEN,
    SECOND,
    ZONED,
    Extent,
    Found,
    Group,
    Notes,
)
from potable.checkers.dates.judging import FEW_COMPACT, Bounds, DateColumn, Wrong
from potable.checkers.dates.standing import NUMBER, ZEROS, split
from potable.checkers.folds.columns import SHARE, ColumnFold, Seen
from potable.checkers.folds.spans import Spans
from potable.checkers.names.words import is_of_time, speaks_of
from potable.checkers.values.fixed import Numbers
from potable.checkers.values.strings import SIGNS_ALONE, Values
from potable.engine.definition.model import SourceDefinition
from potable.engine.toolkit import Quoting

VERSIONS = frozenset({"version", "ver", "release", "build", "revision", "rev", "firmware", "patch", "tag"})
"""Words in the names of fields whose numbers may look like dates (2024.03.01), unless the name speaks of a time too."""

_WEIGHT = FEW_COMPACT // 2
"""A compact date that is no day counts as so many others, of which every second one may be none."""

NO_END = 9999
"""A date of this year stands for none: what is valid to 9999-12-31 is valid for good."""

_ZEROS = frozenset(ZEROS)

DATE, NO_DATE = "date", "no date"
"""Votes: values written as dates, and those of them that are no days, as most numbers of the CAS are (7440-01-9)."""


class DatesFold(ColumnFold[Found]):
    """Sorts the values of columns by what they are; :class:`DateColumn` judges.

    :param orders: by canonical path, whether day or month comes first; None: the schema gives the format.
    :param strict: fields of which the schema says that all dates are ``YYYY-MM-DD``: others are the schema's business.
    """

    numbers_too = True  # days may have become some

    def __init__(
        self,
        source: SourceDefinition,
        samples: int,
        bounds: Bounds,
        orders: Mapping[str, Order | None],
        strict: Collection[str],
        on: Collection[str],
        *,
        chosen: Collection[str],
        left_out: Collection[str],
    ) -> None:
        codes = [c.id for c in CODES if c.id in on]
        super().__init__("dates", codes, source, samples, chosen=chosen, left_out=left_out)
        self._bounds, self._orders, self._strict = bounds, orders, frozenset(strict)
        self._quoting = Quoting(source.values)

    def votes(self, name: str, texts: pl.Series) -> Mapping[str, int]:
        if _is_version(name):
            return {}
        dates = texts.filter(texts.str.contains(ANY))
        impossible, compact = _impossible(dates)
        no_dates = impossible + _WEIGHT * compact
        return {DATE: len(dates), NO_DATE: no_dates, NUMBERED: int(texts.str.contains(NUMBER).sum())}

    def may_hold(self, seen: Seen[Found]) -> bool:
        dates = seen.votes[DATE]
        alike = dates + min(dates, seen.votes[NUMBERED])
        return 100 * alike >= SHARE * seen.filled and 2 * seen.votes[NO_DATE] <= dates

    def look(self, name: str, values: Values) -> Found | None:
        texts = values.texts
        plain, days = plain_days(texts)
        found = Notes()
        self._compare(days, lambda: np.flatnonzero(plain), found)
        odd, counts = 0, dict[str, int]()
        if len(days) < len(texts) and name not in self._strict:
            at = np.flatnonzero(~plain)
            odd, counts = self._look_closely(texts.gather(at), at, found)
        hits = self.hits(name, values, {what: np.sort(np.concatenate(parts)) for what, parts in found.at.items()})
        groups = {w: Group(sum(map(len, found.at[w])), Spans([values.span]), h) for w, h in hits.items()}
        groups |= {f"{EXTENT}{suffix}": Group(extent=extent) for suffix, extent in found.extents.items()}
        groups[FILLED] = Group(len(texts), Spans([values.span]))
        groups |= {what: Group(count, Spans([values.span])) for what, count in counts.items() if count}
        if len(days) + odd:
            groups[ISO.name] = Group(len(days) + odd, Spans([values.span]))
        return groups

    def join(self, left: Found, right: Found) -> Found:
        for what, group in right.items():
            if what in left:
                left[what].add(group, self.recorder.most)
            else:
                left[what] = group
        return left

    def judge(self, name: str, found: Found) -> Iterator[Wrong]:
        if _is_version(name) and not self.is_chosen(name):
            return
        column = DateColumn(
            name=name,
            found=found,
            order=self._order(name, found),
            declared=name in self._orders,
            formatted=self._orders.get(name, "") is None,
            chosen=self.is_chosen(name),
            codes=self.codes,
            bounds=self._bounds,
            shown=self._quoting.policy(name) == "shown",
            most=self.recorder.most,
        )
        yield from column.judged()

    def _order(self, name: str, found: Found) -> Order | None:
        """Which of day and month comes first, as the definition or the data tell; None: they don't."""
        if name in self._orders:
            return self._orders[name]
        if (FIRST in found) == (SECOND in found):
            return None
        return "day-first" if FIRST in found else "month-first"

    def _look_closely(self, texts: pl.Series, at: Indices, found: Notes) -> tuple[int, dict[str, int]]:
        """Sort values that aren't plain by what they are; returns how many are of the layout of the plain ones, and how
        many there are by what is only counted.
        """
        odd, left = 0, np.ones(len(texts), np.bool_)
        for layout, own, parts in written(texts):
            own_at, left[own] = at[own], False
            if layout is ISO:
                odd += len(own)
            else:
                found.add(layout.name, own_at)
            if layout.is_open:
                for what, which in _readings(parts.first, parts.second):
                    found.add(what, own_at[which])
            orders: tuple[Order | None, ...] = (None, "day-first", "month-first") if layout.is_open else (None,)
            for order in orders:
                days = layout.days(parts, order)
                suffix = f" {order}" if layout.is_open else ""
                found.add(NO_DAY + suffix, own_at[days == 0])
                if not layout.short:
                    self._compare(days, _chosen(own_at), found, suffix)
        counts = dict[str, int]()
        if left.any():
            others = texts.filter(pl.Series(left))
            numbered = others.str.contains(NUMBER)
            counts[NUMBERED] = int(numbered.sum())
            if NOT_A_DATE.id in self.codes:
                none = ~(numbered | others.str.strip_chars().str.contains(f"{PARTIAL}|{ANY}|{SIGNS_ALONE}"))
                found.add(LEFT, at[left][none.to_numpy()])
        if ZONES.id in self.codes and not left.all():
            counts |= _zones(texts if not left.any() else texts.filter(pl.Series(~left)))
        return odd, counts

    def _compare(self, days: npt.NDArray[np.int64], at: Callable[[], Indices], found: Notes, suffix: str = "") -> None:
        """Note those that lie beyond the bounds, those that stand for none, and the extent of the others."""
        if not len(days):
            return
        bounds, least, greatest = self._bounds, int(days.min()), int(days.max())
        extent: Extent | None = (least, greatest)
        last = NO_END * 10_000 if bounds.latest is None else min(bounds.latest, NO_END * 10_000)
        if least < max(bounds.earliest, 1) or greatest > last or {least, greatest} & _ZEROS:
            zeros, extent = split(days, bounds.earliest, last)
            for day, own in zeros.items():
                found.add(f"{day}{suffix}", at()[own])
        if extent is not None:
            found.reach(extent, suffix)
        if least < bounds.earliest:
            found.add(EARLY + suffix, at()[(days < bounds.earliest) & (days > 0)])
        for what, bound in ((LATE, bounds.latest), (AHEAD, bounds.today)):
            if bound is not None and greatest > bound:
                found.add(what + suffix, at()[(days > bound) & (days < NO_END * 10_000)])


def _impossible(dates: pl.Series) -> tuple[int, int]:
    """How many of these dates no calendar has, and how many of those are compact; noughts alone (0000-00-00) stand for
    a date that is missing.
    """
    odd = dates.filter(pl.Series(~are_plain_days(dates)) & dates.str.contains("[1-9]")) if len(dates) else dates
    none: Counter[bool] = Counter()
    for layout, _, parts in written(odd) if len(odd) else ():
        none[layout is COMPACT] += int((layout.days(parts) == 0).sum())
    return none[False], none[True]


def _zones(dates: pl.Series) -> dict[str, int]:
    """How many of these dates have a time of day with a zone, and without."""
    zoned = dates.str.contains(HAS_ZONE)
    others = dates.filter(~zoned)
    return {ZONED: int(zoned.sum()), LOCAL: int(others.str.contains(IS_LOCAL).sum()) if len(others) else 0}


def _readings(first: Numbers, second: Numbers) -> Iterator[tuple[str, npt.NDArray[np.bool_]]]:
    """Which dates have the day first, which have it second, and of which nothing tells."""
    one, other = (number - np.uint16(1) < 12 for number in (first, second))
    yield FIRST, (first > 12) & (first <= 31) & other
    yield SECOND, (second > 12) & (second <= 31) & one
    yield OPEN, one & other & (first != second)


def _is_version(name: str) -> bool:
    return speaks_of(name, VERSIONS) and not is_of_time(name, VERSIONS)


def _chosen(at: Indices) -> Callable[[], Indices]:
    return lambda: at
