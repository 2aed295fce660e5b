"""What is wrong with a column of dates, all of which was seen."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import polars as pl

from potable.checkers.calendar.layouts import COMPACT, LAYOUTS, Order
from potable.checkers.calendar.others import HAS_ZONE, IS_LOCAL
from potable.checkers.dates.codes import (
    AMBIGUOUS,
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
    Found,
    extent_of,
    groups_of,
)
from potable.checkers.dates.standing import ZEROS, Numbered, standing
from potable.checkers.folds.columns import SHARE
from potable.checkers.folds.hits import together
from potable.checkers.folds.spans import Spans
from potable.checkers.names.words import speaks_of
from potable.engine.checker import Rule
from potable.engine.fields import Field
from potable.engine.findings import Tally

TO_COME = frozenset(
    {
        "expiry", "expire", "expiration", "exp", "due", "until", "valid", "end", "deadline", "planned", "plan",
        "scheduled", "schedule", "next", "forecast", "target", "embargo", "review", "renewal", "through", "future",
        "projected", "expected", "estimated", "maturity", "retest", "eol", "eos", "support", "sunset", "retirement",
    }
)  # fmt: skip
"""Words in the names of fields whose dates may well lie ahead."""

FEW_COMPACT = 20
"""Numbers of eight digits are days where at most one in so many is none."""
FEW = 20
"""At most one value of so many is no date: else the field holds something else, too."""

Wrong = Tally | tuple[Rule, Spans]
"""What was counted already, or what a second pass is to find, and where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Days as ``YYYYMMDD``.

    :param today: after it lies the future; None: not known.
    :param latest: None: none.
    """

    earliest: int
    latest: int | None
    today: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DateColumn:
    """A column of dates.

    :param name: its canonical path.
    :param found: what it holds.
    :param order: which of day and month comes first, as the definition or the data tell; None: they don't.
    :param declared: the definition says which comes first, or the schema gives the format.
    :param formatted: the schema gives the format: what isn't in it is its business, however much of it there is.
    :param chosen: the definition names the column.
    :param codes: ids of the codes that are looked for.
    :param shown: its values may be quoted.
    :param most: most samples of a finding.
    """

    name: str
    found: Found
    order: Order | None
    declared: bool
    formatted: bool
    chosen: bool
    codes: Collection[str]
    bounds: Bounds
    shown: bool
    most: int

    @property
    def dates(self) -> int:
        """How many values are dates."""
        return sum(self.found[layout.name].count for layout in LAYOUTS if layout.name in self.found)

    def judged(self) -> Iterator[Wrong]:
        """All that is wrong."""
        if not self.dates:
            return
        yield from self._serials()
        if not self.chosen and 100 * self.dates < SHARE * self.found[FILLED].count:
            return
        yield from self._mixed()
        yield from self._zones()
        yield from self._no_dates()
        yield from self._ambiguous()
        yield from self._ahead()
        yield from self._implausible()
        yield from self._sentinels()

    def _serials(self) -> Iterator[Wrong]:
        extent, numbered = extent_of(self.found, self.order), self.found.get(NUMBERED)
        if SERIAL.id not in self.codes or numbered is None or extent is None:
            return
        alike = self.dates + min(numbered.count, self.dates)
        if 100 * alike >= SHARE * self.found[FILLED].count:
            message = '"{value}" is the number that a spreadsheet keeps for a day, most of the field are dates'
            yield Rule(SERIAL.id, [self.name], Numbered(extent), message), numbered.spans

    def _mixed(self) -> Iterator[Wrong]:
        found = self.found
        there = [layout for layout in LAYOUTS if layout.name in found]
        if MIXED.id not in self.codes or self.formatted:
            return
        if len(there) > 1:
            usual = max(there, key=lambda layout: found[layout.name].count)
            rare = [layout for layout in there if layout is not usual]
            groups = [found[layout.name] for layout in rare]
            message = f'"{{value}}" is written otherwise than most dates of the field, {usual.name}'
            known = [g.hits for g in groups if g.hits is not None]
            if len(known) == len(groups):
                yield together(known, self.most).tally(MIXED.id, self.name, message, rule="layout")
            else:
                spans = Spans(sorted(b for g in groups for b in g.spans.bounds))
                test = _Matching("|".join(r.test for r in rare))
                yield Rule(MIXED.id, [self.name], test, message, id="layout"), spans
        if FIRST in found and SECOND in found:
            by_day = found[FIRST].count >= found[SECOND].count
            message = '"{value}" has the ' + ("month" if by_day else "day") + " first, most dates of the field haven't"
            yield from self._told(MIXED.id, SECOND if by_day else FIRST, message, order=None, rule="order")

    def _zones(self) -> Iterator[Wrong]:
        zoned, local = self.found.get(ZONED), self.found.get(LOCAL)
        if ZONES.id not in self.codes or zoned is None or local is None:
            return
        if zoned.count < local.count:
            message = '"{value}" has a time zone, most times of the field have none'
            yield Rule(ZONES.id, [self.name], _Matching(HAS_ZONE), message), zoned.spans
        else:
            message = '"{value}" has no time zone, most times of the field have one'
            yield Rule(ZONES.id, [self.name], _Matching(IS_LOCAL), message), local.spans

    def _no_dates(self) -> Iterator[Wrong]:
        """Values that are no dates at all."""
        if NOT_A_DATE.id not in self.codes or LEFT not in self.found or self.formatted:
            return
        if self.found[FILLED].count >= max(FEW * self.found[LEFT].count, FEW):
            message = '"{value}" can\'t be read as a date, which nearly all other values of the field are'
            yield from self._told(NOT_A_DATE.id, LEFT, message, order=None)

    def _ambiguous(self) -> Iterator[Wrong]:
        is_open = FIRST not in self.found and SECOND not in self.found and not self.declared
        if AMBIGUOUS.id in self.codes and is_open:
            message = '"{value}" may be read day first or month first, and no date of the field tells which'
            yield from self._told(AMBIGUOUS.id, OPEN, message, order=None)

    def _ahead(self) -> Iterator[Wrong]:
        of_the_past = 2 * self._count(AHEAD) <= self.dates and not speaks_of(self.name, TO_COME)
        if FUTURE.id in self.codes and of_the_past:
            message = f'"{{value}}" lies after {_shown(self.bounds.today)}'
            yield from self._told(FUTURE.id, AHEAD, message, order=self.order)

    def _implausible(self) -> Iterator[Wrong]:
        # Of numbers of eight digits so few would be days by chance.
        compact = self.found[COMPACT.name].count if COMPACT.name in self.found else 0
        by_chance = 2 * compact > self.dates and FEW_COMPACT * self._count(NO_DAY) > compact
        if IMPLAUSIBLE.id not in self.codes or by_chance:
            return
        for what, rule, message in (
            (NO_DAY, "no such day", '"{value}" is no day of the calendar'),
            (EARLY, "before earliest", f'"{{value}}" lies before {_shown(self.bounds.earliest)}'),
            (LATE, "after latest", f'"{{value}}" lies after {_shown(self.bounds.latest)}'),
        ):
            yield from self._told(IMPLAUSIBLE.id, what, message, order=self.order, rule=rule)

    def _sentinels(self) -> Iterator[Wrong]:
        extent = extent_of(self.found, self.order)
        if SENTINEL.id not in self.codes or extent is None:
            return
        groups = {day: [g for g in groups_of(self.found, str(day), self.order) if g.hits is not None] for day in ZEROS}
        counts = {day: sum(g.count for g in of) for day, of in groups.items()}
        days = standing(counts, self.dates, extent)
        if days:
            message = '"{value}" seems to stand for a missing date: it recurs, long before all others'
            if self.shown:
                message += f", the earliest of which is {_shown(extent[0])}"
            hits = together((g.hits for day in days for g in groups[day] if g.hits is not None), self.most)
            yield hits.tally(SENTINEL.id, self.name, message)

    def _told(
        self, code: str, what: str, message: str, *, order: Order | None, rule: str | None = None
    ) -> Iterator[Wrong]:
        groups = groups_of(self.found, what, order)
        hits = together((g.hits for g in groups if g.hits is not None), self.most)
        if len(hits.records):
            yield hits.tally(code, self.name, message, rule=rule)

    def _count(self, what: str) -> int:
        return sum(group.count for group in groups_of(self.found, what, self.order))


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
