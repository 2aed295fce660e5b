"""What a column of dates holds, and what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.checkers.columns import SHARE, ColumnFold, Seen
from potable.checkers.dates.codes import (
    AMBIGUOUS,
    CODES,
    FUTURE,
    IMPLAUSIBLE,
    MIXED,
    NOT_A_DATE,
    SENTINEL,
    SERIAL,
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
    extent_of,
    groups_of,
)
from potable.checkers.dates.layouts import ANY, COMPACT, ISO, LAYOUTS, Indices, Layout, Order, written
from potable.checkers.dates.others import HAS_ZONE, IS_LOCAL, PARTIAL
from potable.checkers.dates.standing import NUMBER, ZEROS, Numbered, split, standing
from potable.checkers.days import are_plain_days, plain_days
from potable.checkers.fixed import Numbers
from potable.checkers.hits import together
from potable.checkers.names import is_of_time, speaks_of
from potable.checkers.spans import Spans
from potable.checkers.strings import SIGNS_ALONE, Values
from potable.engine.checker import Rule
from potable.engine.definition.model import SourceDefinition
from potable.engine.fields import Field
from potable.engine.findings import Tally
from potable.engine.toolkit import Quoting

TO_COME = frozenset(
    {
        "expiry", "expire", "expiration", "exp", "due", "until", "valid", "end", "deadline", "planned", "plan",
        "scheduled", "schedule", "next", "forecast", "target", "embargo", "review", "renewal", "through", "future",
        "projected", "expected", "estimated", "maturity", "retest",
    }
)  # fmt: skip
"""Words in the names of fields whose dates may well lie ahead."""

VERSIONS = frozenset({"version", "ver", "release", "build", "revision", "rev", "firmware", "patch", "tag"})
"""Words in the names of fields whose numbers may look like dates (2024.03.01), unless the name speaks of a time too."""

NO_END = 9999
"""A date of this year stands for none: what is valid to 9999-12-31 is valid for good."""

_ZEROS = frozenset(ZEROS)

DATE, NO_DATE = "date", "no date"
"""Votes: values written as dates, and those of them that are no days, as most numbers of the CAS are (7440-01-9)."""


FEW_COMPACT = 20
_WEIGHT = FEW_COMPACT // 2
"""Numbers of eight digits are days where at most one in so many is none; of other dates every second one may be."""
FEW = 20
"""At most one value of so many is no date: else the field holds something else, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Days as ``YYYYMMDD``.

    :param today: after it lies the future; None: not known.
    :param latest: None: none.
    """

    earliest: int
    latest: int | None
    today: int | None


class DatesFold(ColumnFold[Found]):
    """See the module.

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

    def judge(self, name: str, found: Found) -> Iterator[Tally | tuple[Rule, Spans]]:
        there = [layout for layout in LAYOUTS if layout.name in found]
        dates = sum(found[layout.name].count for layout in there)
        if not dates or (_is_version(name) and not self.is_chosen(name)):
            return
        numbered = found[NUMBERED].count if NUMBERED in found else 0
        order = self._order(name, found)
        extent = extent_of(found, order)
        alike = dates + min(numbered, dates)
        if SERIAL.id in self.codes and numbered and extent and 100 * alike >= SHARE * found[FILLED].count:
            message = '"{value}" is the number that a spreadsheet keeps for a day, most of the field are dates'
            yield Rule(SERIAL.id, [name], Numbered(extent), message), found[NUMBERED].spans
        if not self.is_chosen(name) and 100 * dates < SHARE * found[FILLED].count:
            return
        # What isn't in the format that the schema gives is its business, however much of it there is.
        given = self._orders.get(name, "") is None
        if MIXED.id in self.codes and not given:
            yield from self._mixed(name, found, there)
        if ZONES.id in self.codes and ZONED in found and LOCAL in found:
            with_zone = found[ZONED].count < found[LOCAL].count
            message = f'"{{value}}" has {"a" if with_zone else "no"} time zone, most times of the field have {{}}'
            message = message.format("none" if with_zone else "one", value="{value}")
            rare, pattern = (ZONED, HAS_ZONE) if with_zone else (LOCAL, IS_LOCAL)
            yield Rule(ZONES.id, [name], _Matching(pattern), message), found[rare].spans
        if NOT_A_DATE.id in self.codes and LEFT in found and not given:
            left, filled = found[LEFT].count, found[FILLED].count
            if filled >= max(FEW * left, FEW):
                message = '"{value}" can\'t be read as a date, which nearly all other values of the field are'
                yield from self._told(NOT_A_DATE.id, name, found, LEFT, None, message)
        is_open = FIRST not in found and SECOND not in found and name not in self._orders
        if AMBIGUOUS.id in self.codes and is_open:
            message = '"{value}" may be read day first or month first, and no date of the field tells which'
            yield from self._told(AMBIGUOUS.id, name, found, OPEN, None, message)
        if FUTURE.id in self.codes and self._is_of_the_past(name, found, order, dates):
            message = f'"{{value}}" lies after {_shown(self._bounds.today)}'
            yield from self._told(FUTURE.id, name, found, AHEAD, order, message)
        # Of numbers of eight digits so few would be days by chance.
        compact = found[COMPACT.name].count if COMPACT in there else 0
        by_chance = 2 * compact > dates and FEW_COMPACT * _count(found, NO_DAY, order) > compact
        if IMPLAUSIBLE.id in self.codes and not by_chance:
            for what, rule, message in (
                (NO_DAY, "no such day", '"{value}" is no day of the calendar'),
                (EARLY, "before earliest", f'"{{value}}" lies before {_shown(self._bounds.earliest)}'),
                (LATE, "after latest", f'"{{value}}" lies after {_shown(self._bounds.latest)}'),
            ):
                yield from self._told(IMPLAUSIBLE.id, name, found, what, order, message, rule)

        if SENTINEL.id in self.codes and extent is not None:
            yield from self._sentinels(name, found, order, dates, extent)

    def _sentinels(self, name: str, found: Found, order: Order | None, dates: int, extent: Extent) -> Iterator[Tally]:
        groups = {day: [g for g in groups_of(found, str(day), order) if g.hits is not None] for day in ZEROS}
        counts = {day: sum(g.count for g in of) for day, of in groups.items()}
        days = standing(counts, dates, extent)
        if days:
            message = '"{value}" seems to stand for a missing date: it recurs, long before all others'
            if self._quoting.policy(name) == "shown":
                message += f", the earliest of which is {_shown(extent[0])}"
            hits = together((g.hits for day in days for g in groups[day] if g.hits is not None), self.recorder.most)
            yield hits.tally(SENTINEL.id, name, message)

    def _told(
        self, code: str, name: str, found: Found, what: str, order: Order | None, message: str, rule: str | None = None
    ) -> Iterator[Tally]:
        hits = together((g.hits for g in groups_of(found, what, order) if g.hits is not None), self.recorder.most)
        if len(hits.records):
            yield hits.tally(code, name, message, rule=rule)

    def _mixed(self, name: str, found: Found, there: Sequence[Layout]) -> Iterator[Tally | tuple[Rule, Spans]]:
        if len(there) > 1:
            usual = max(there, key=lambda layout: found[layout.name].count)
            rare = [layout for layout in there if layout is not usual]
            groups = [found[layout.name] for layout in rare]
            message = f'"{{value}}" is written otherwise than most dates of the field, {usual.name}'
            known = [g.hits for g in groups if g.hits is not None]
            if len(known) == len(groups):
                yield together(known, self.recorder.most).tally(MIXED.id, name, message, rule="layout")
            else:
                spans = Spans(sorted(b for g in groups for b in g.spans.bounds))
                yield Rule(MIXED.id, [name], _Matching("|".join(r.test for r in rare)), message, id="layout"), spans
        if FIRST in found and SECOND in found:
            by_day = found[FIRST].count >= found[SECOND].count
            message = '"{value}" has the ' + ("month" if by_day else "day") + " first, most dates of the field haven't"
            yield from self._told(MIXED.id, name, found, SECOND if by_day else FIRST, None, message, "order")

    def _is_of_the_past(self, name: str, found: Found, order: Order | None, dates: int) -> bool:
        return 2 * _count(found, AHEAD, order) <= dates and not speaks_of(name, TO_COME)

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


def _count(found: Found, what: str, order: Order | None) -> int:
    return sum(group.count for group in groups_of(found, what, order))


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


class _Matching:
    """Wrong where a string matches a pattern."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern

    def __call__(self, f: Field) -> pl.Expr:
        said = f.text.str.contains(self._pattern) & f.present
        return said & (f.kind == "string") if f.typed else said


def _shown(day: int | None) -> str:
    text = f"{day or 0:08}"
    return f"{text[:4]}-{text[4:6]}-{text[6:]}"
