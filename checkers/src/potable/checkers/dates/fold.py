"""What a column of dates holds, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from potable.checkers.columns import SHARE, ColumnFold
from potable.checkers.dates.codes import AMBIGUOUS, CODES, FUTURE, IMPLAUSIBLE, MIXED
from potable.checkers.dates.layouts import (
    ANY,
    EITHER,
    FIRST_IS_DAY,
    ISO,
    LAYOUTS,
    SAME,
    SECOND_IS_DAY,
    Layout,
    Order,
    plain_days,
)
from potable.checkers.names import speaks_of
from potable.checkers.spans import Spans
from potable.engine.checker import Rule
from potable.engine.definition.model import SourceDefinition
from potable.engine.fields import Field

TO_COME = frozenset(
    {
        "expiry", "expire", "expiration", "exp", "due", "until", "valid", "end", "deadline", "planned", "plan",
        "scheduled", "schedule", "next", "forecast", "target", "embargo", "review", "renewal", "through", "future",
        "projected", "expected", "estimated", "maturity", "retest",
    }
)  # fmt: skip
"""Words in the names of fields whose dates may well lie ahead."""


@dataclass(slots=True)
class Group:
    """Values that have something in common: how many, and where."""

    count: int = 0
    spans: Spans = field(default_factory=Spans)

    def add(self, more: Group) -> None:
        """Those of values that follow."""
        self.count += more.count
        self.spans.append(more.spans)


Found = dict[str, Group]
"""By layout's name, and by the words below; what depends on which of day and month comes first has the order behind."""
FILLED, FIRST, SECOND, OPEN, NO_DAY, EARLY, LATE, AHEAD = (
    "all",
    "first",
    "second",
    "open",
    "none",
    "early",
    "late",
    "ahead",
)


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
    """

    def __init__(
        self,
        source: SourceDefinition,
        bounds: Bounds,
        orders: Mapping[str, Order | None],
        on: Collection[str],
        *,
        chosen: Collection[str],
        left_out: Collection[str],
    ) -> None:
        codes = [c.id for c in CODES if c.id in on]
        super().__init__("dates", codes, source, chosen=chosen, left_out=left_out)
        self._bounds, self._orders = bounds, orders

    def votes(self, name: str, texts: pl.Series) -> Mapping[str, int]:
        return {"date": int(texts.str.contains(ANY).sum())}

    def look(self, name: str, texts: pl.Series, span: tuple[int, int]) -> Found | None:
        found: Found = {}

        def note(what: str, count: int) -> None:
            if count:
                found[what] = Group(count)
                found[what].spans.add(*span)

        note(FILLED, len(texts))
        plain, days = plain_days(texts)
        if not plain.all():
            self._look_closely(name, texts.filter(~plain), note)
        if not len(days):
            return found
        before = {what: found.pop(what, Group()).count for what in (ISO.name, EARLY, LATE, AHEAD)}
        note(ISO.name, before[ISO.name] + len(days))
        self._compare(days, lambda what, count: note(what, count + before[what]))
        return found

    def join(self, left: Found, right: Found) -> Found:
        for what, group in right.items():
            left.setdefault(what, Group()).add(group)
        return left

    def judge(self, name: str, found: Found) -> Iterator[tuple[Rule, Spans]]:
        there = [layout for layout in LAYOUTS if layout.name in found]
        dates = sum(found[layout.name].count for layout in there)
        if not self.is_chosen(name) and 100 * dates < SHARE * found[FILLED].count:
            return
        if MIXED.id in self.codes:
            yield from self._mixed(name, found, there)
        order = self._order(name, found)
        for what in (NO_DAY, EARLY, LATE, AHEAD):
            parts = [p for p in (found.get(what), found.get(_ordered(what, order))) if p is not None]
            if parts:
                bounds = sorted(b for p in parts for b in p.spans.bounds)
                found[what] = Group(sum(p.count for p in parts), Spans(bounds))
        is_open = FIRST not in found and SECOND not in found and name not in self._orders
        if AMBIGUOUS.id in self.codes and OPEN in found and is_open:
            message = '"{value}" may be read day first or month first, and no date of the field tells which'
            yield Rule(AMBIGUOUS.id, [name], _Matching(EITHER, SAME), message), found[OPEN].spans
        if AHEAD in found and FUTURE.id in self.codes and self._is_of_the_past(name, found, dates):
            message = f'"{{value}}" lies after {_told(self._bounds.today)}'
            long = [layout for layout in there if not layout.short]
            yield Rule(FUTURE.id, [name], _Beyond(long, order, after=self._bounds.today), message), found[AHEAD].spans
        if IMPLAUSIBLE.id in self.codes:
            yield from self._implausible(name, found, there, order)

    def _mixed(self, name: str, found: Found, there: Sequence[Layout]) -> Iterator[tuple[Rule, Spans]]:
        if len(there) > 1:
            usual = max(there, key=lambda layout: found[layout.name].count)
            rare = [layout for layout in there if layout is not usual]
            message = f'"{{value}}" is written otherwise than most dates of the field, {usual.name}'
            spans = Spans(sorted(b for layout in rare for b in found[layout.name].spans.bounds))
            yield Rule(MIXED.id, [name], _Matching("|".join(r.test for r in rare)), message, id="layout"), spans
        if FIRST in found and SECOND in found:
            by_day = found[FIRST].count >= found[SECOND].count
            rare_ones, pattern = (found[SECOND], SECOND_IS_DAY) if by_day else (found[FIRST], FIRST_IS_DAY)
            message = '"{value}" has the ' + ("month" if by_day else "day") + " first, most dates of the field haven't"
            yield Rule(MIXED.id, [name], _Matching(pattern), message, id="order"), rare_ones.spans

    def _implausible(
        self, name: str, found: Found, there: Sequence[Layout], order: Order | None
    ) -> Iterator[tuple[Rule, Spans]]:
        bounds = self._bounds
        if NO_DAY in found:
            message, wrong = '"{value}" is no day of the calendar', _Beyond(there, order, no_day=True)
            yield Rule(IMPLAUSIBLE.id, [name], wrong, message, id="no such day"), found[NO_DAY].spans
        long = [layout for layout in there if not layout.short]
        if EARLY in found:
            message = f'"{{value}}" lies before {_told(bounds.earliest)}'
            wrong = _Beyond(long, order, before=bounds.earliest)
            yield Rule(IMPLAUSIBLE.id, [name], wrong, message, id="before earliest"), found[EARLY].spans
        if LATE in found:
            message = f'"{{value}}" lies after {_told(bounds.latest)}'
            wrong = _Beyond(long, order, after=bounds.latest)
            yield Rule(IMPLAUSIBLE.id, [name], wrong, message, id="after latest"), found[LATE].spans

    def _is_of_the_past(self, name: str, found: Found, dates: int) -> bool:
        return 2 * found[AHEAD].count <= dates and not speaks_of(name, TO_COME)

    def _order(self, name: str, found: Found) -> Order | None:
        """Which of day and month comes first, as the definition or the data tell; None: they don't."""
        if name in self._orders:
            return self._orders[name]
        if (FIRST in found) == (SECOND in found):
            return None
        return "day-first" if FIRST in found else "month-first"

    def _look_closely(self, name: str, texts: pl.Series, note: Callable[[str, int], None]) -> None:
        totals: dict[str, int] = {}

        def add(what: str, count: int) -> None:
            totals[what] = totals.get(what, 0) + count

        for layout in LAYOUTS:
            if not len(texts):
                break
            mask = texts.str.contains(layout.test)
            if not mask.any():
                continue
            own, texts = texts.filter(mask), texts.filter(~mask)
            add(layout.name, len(own))
            if layout.is_open:
                add(FIRST, int(own.str.contains(FIRST_IS_DAY).sum()))
                add(SECOND, int(own.str.contains(SECOND_IS_DAY).sum()))
                add(OPEN, int((own.str.contains(EITHER) & ~own.str.contains(SAME)).sum()))
            orders: tuple[Order | None, ...] = (None, "day-first", "month-first") if layout.is_open else (None,)
            for order in orders:
                days = own.to_frame("t").select(layout.days(pl.col("t"), order).alias("d"))["d"]

                def add_ordered(what: str, count: int, order: Order | None = order, layout: Layout = layout) -> None:
                    add(_ordered(what, order) if layout.is_open else what, count)

                add_ordered(NO_DAY, int((days == 0).sum()))
                if not layout.short:
                    self._compare(days, add_ordered)
        for what, count in totals.items():
            note(what, count)

    def _compare(self, days: pl.Series, note: Callable[[str, int], None]) -> None:
        bounds = self._bounds
        least, greatest = days.min() or 0, days.max() or 0
        assert isinstance(least, int)
        assert isinstance(greatest, int)
        note(EARLY, int(((days < bounds.earliest) & (days > 0)).sum()) if least < bounds.earliest else 0)
        for what, bound in ((LATE, bounds.latest), (AHEAD, bounds.today)):
            note(what, int((days > bound).sum()) if bound is not None and greatest > bound else 0)


def _ordered(what: str, order: Order | None) -> str:
    return f"{what} {order}"


class _Matching:
    """Wrong where a string matches one pattern, and not the other."""

    def __init__(self, pattern: str, but: str | None = None) -> None:
        self._pattern, self._but = pattern, but

    def __call__(self, f: Field) -> pl.Expr:
        said = f.text.str.contains(self._pattern) & _is_text(f)
        return said if self._but is None else said & ~f.text.str.contains(self._but)


class _Beyond:
    """Wrong where a date is no day, or lies before or after one."""

    def __init__(
        self,
        layouts: Sequence[Layout],
        order: Order | None,
        *,
        before: int | None = None,
        after: int | None = None,
        no_day: bool = False,
    ) -> None:
        self._layouts, self._order = layouts, order
        self._before, self._after, self._no_day = before, after, no_day

    def __call__(self, f: Field) -> pl.Expr:
        days = pl.coalesce(*(layout.days(f.text, self._order) for layout in self._layouts))
        if self._no_day:
            wrong = days == 0
        elif self._before is not None:
            wrong = (days < self._before) & (days > 0)
        else:
            wrong = days > self._after
        return wrong & _is_text(f)


def _is_text(f: Field) -> pl.Expr:
    return f.present & (f.kind == "string") if f.typed else f.present


def _told(day: int | None) -> str:
    text = f"{day:08}"
    return f"{text[:4]}-{text[4:6]}-{text[6:]}"
