"""The ways to write a date that are told apart, and the days that they mean.

A day is one integer, ``YYYYMMDD``, which sorts as days do; 0 where there's no such day. Dates are of the Gregorian
calendar, as in ISO 8601.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.checkers.calendar.days import are_days, as_integers
from potable.checkers.calendar.others import TIME
from potable.checkers.calendar.words import SHORT_MONTHS
from potable.checkers.values.fixed import Fixed, Numbers, Shape

Days = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int64]
Order = Literal["day-first", "month-first"]

_NAMES = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    "nov(?:ember)?|dec(?:ember)?"
)
_MONTH = rf"(?i:(?<b>{_NAMES})\.?)"
_DAY = "(?<d>[0-9]{1,2})"
_YEAR = "(?<y>[0-9]{4})"
_WEEKDAY = "(?i:(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?,? +)?"
"""Before the date in mail, feeds and HTTP (RFC 5322)."""
_PAIR = "(?<p>[0-9]{1,2})"
_OTHER = "(?<q>[0-9]{1,2})"


class Parts(NamedTuple):
    """The numbers in dates of one layout: ``uint16`` arrays, one element for each.

    :ivar year: as written, with two digits or four.
    :ivar first, second: month and day; of an open layout what stands first, and what second.
    """

    year: Numbers
    first: Numbers
    second: Numbers


@dataclass(frozen=True)
class Layout:
    """One way to write a date.

    :param name: as people write it.
    :param date: its pattern, with groups ``y m d``; ``b`` is a month's name; ``p q`` are day and month, or month and
        day.
    :param shape: the most usual way to write all digits of it; None: there is none.
    :param short: its year has two digits.
    :param dotted: ``p`` is the day.
    """

    name: str
    date: str
    shape: Shape | None = None
    short: bool = False
    dotted: bool = False

    @cached_property
    def pattern(self) -> str:
        """For a whole text, a time of day included."""
        return rf"\A{self.date}(?:{TIME})?\z"

    @cached_property
    def test(self) -> str:
        """The same without groups: quicker."""
        return re.sub(r"\(\?<\w>", "(?:", self.pattern)

    @property
    def is_open(self) -> bool:
        """Whether its texts may be read day first or month first."""
        return "?<p>" in self.date and not self.dotted

    def parts(self, texts: pl.Series) -> Parts:
        """The numbers in texts that are written so."""
        if self.shape is None:
            return self._matched(texts)
        fixed = Fixed(texts.str.slice(0, self.shape.width), self.shape.width)
        usual, numbers = fixed.read(self.shape)
        parts = self.in_order(numbers)
        if fixed.there is None and usual.all():
            return parts
        mask = fixed.of_all(usual)
        rest = self._matched(texts.filter(pl.Series(~mask)))
        whole = Parts(*(np.empty(len(texts), np.uint16) for _ in parts))
        for into, some, others in zip(whole, parts, rest, strict=True):
            into[mask], into[~mask] = some[usual], others
        return whole

    def in_order(self, number: Mapping[str, Numbers]) -> Parts:
        """What stands in texts of the shape."""
        year, month, day = number["Y"], number["m"], number["d"]
        return Parts(year, day, month) if "?<p>" in self.date else Parts(year, month, day)

    def days(self, parts: Parts, order: Order | None = None) -> Days:
        """The days; 0 where there's no such day.

        :param order: for an open layout; None: either, the earlier one where both are days.
        """
        year = parts.year
        if self.short:
            year = year + np.where(year < 69, np.uint16(2000), np.uint16(1900))  # as POSIX has it
        if "?<p>" not in self.date or order == "month-first":
            return _days(year, parts.first, parts.second)
        if self.dotted or order == "day-first":
            return _days(year, parts.second, parts.first)
        one, other = _days(year, parts.first, parts.second), _days(year, parts.second, parts.first)
        earlier = np.minimum(one, other)
        return np.where(earlier > 0, earlier, np.maximum(one, other))

    def _matched(self, texts: pl.Series) -> Parts:
        groups = texts.str.extract_groups(self.pattern).struct
        year = _numbers(groups.field("y"))
        if "?<p>" in self.date:
            return Parts(year, _numbers(groups.field("p")), _numbers(groups.field("q")))
        if "?<b>" in self.date:
            names = groups.field("b").str.slice(0, 3).str.to_lowercase()
            months = names.replace_strict(SHORT_MONTHS, range(1, 13), return_dtype=pl.UInt16).to_numpy()
            return Parts(year, months, _numbers(groups.field("d")))
        return Parts(year, _numbers(groups.field("m")), _numbers(groups.field("d")))


ISO = Layout("YYYY-MM-DD", f"{_YEAR}-(?<m>[0-9]{{1,2}})-{_DAY}", Shape("%Y-%m-%d"))
COMPACT = Layout("YYYYMMDD", r"(?<y>1[6-9][0-9]{2}|20[0-9]{2}|9999)(?<m>[0-9]{2})(?<d>[0-9]{2})", Shape("%Y%m%d"))
"""Most numbers of eight digits are something else: see :data:`YEARS`."""
YEARS = (1600, 2099), (9999, 9999)
"""From first to last: those that a compact date may have."""
LAYOUTS = (
    ISO,
    Layout("YYYY/MM/DD", f"{_YEAR}/(?<m>[0-9]{{1,2}})/{_DAY}", Shape("%Y/%m/%d")),
    Layout("YYYY.MM.DD", rf"{_YEAR}\.(?<m>[0-9]{{1,2}})\.{_DAY}", Shape("%Y.%m.%d")),
    Layout("DD/MM/YYYY or MM/DD/YYYY", f"{_PAIR}/{_OTHER}/{_YEAR}", Shape("%d/%m/%Y")),
    Layout("DD/MM/YY or MM/DD/YY", f"{_PAIR}/{_OTHER}/(?<y>[0-9]{{2}})", short=True),
    Layout("DD-MM-YYYY or MM-DD-YYYY", f"{_PAIR}-{_OTHER}-{_YEAR}", Shape("%d-%m-%Y")),
    Layout("DD.MM.YYYY", rf"{_PAIR}\.{_OTHER}\.{_YEAR}", Shape("%d.%m.%Y"), dotted=True),
    COMPACT,
    Layout("D Month YYYY", rf"{_WEEKDAY}{_DAY}(?:\.? +|-|\.){_MONTH}(?:,? +|-|\.){_YEAR}"),
    Layout("D Month YY", rf"{_DAY}(?: +|-){_MONTH}(?: +|-)(?<y>[0-9]{{2}})", short=True),
    Layout("Month D, YYYY", rf"{_MONTH} +{_DAY}(?:st|nd|rd|th)?,? +{_YEAR}"),
)
_SHAPED = {
    width: [(layout, shape) for layout in LAYOUTS if (shape := layout.shape) is not None and shape.width == width]
    for width in (10, 8)
}
ANY = "|".join(layout.test for layout in LAYOUTS)
"""A date in any of these layouts."""


def written(texts: pl.Series) -> Iterator[tuple[Layout, Indices, Parts]]:
    """The dates among texts (String, none of them null): their layout, which they are, and their numbers.

    A layout may come twice; those of its shape come first, which cost a hundredth of the others.
    """
    left = np.ones(len(texts), np.bool_)
    for width, layouts in _SHAPED.items():
        fixed = Fixed(texts, width)
        at = np.arange(len(texts)) if fixed.there is None else np.flatnonzero(fixed.there)
        for layout, shape in layouts if len(at) else ():
            own, number = fixed.read(shape)
            if layout is COMPACT:
                own &= np.any([(number["Y"] >= first) & (number["Y"] <= last) for first, last in YEARS], axis=0)
            if not own.any():
                continue
            left[at[own]] = False
            yield layout, at[own], layout.in_order({what: numbers[own] for what, numbers in number.items()})
            if not left.any():
                return
    at = np.flatnonzero(left)
    texts = texts.gather(at)
    some = texts.str.contains(ANY).arg_true()
    texts, at = texts.gather(some), at[some.to_numpy()]
    for layout in LAYOUTS:
        if not len(texts):
            return
        own = texts.str.contains(layout.test).to_numpy()
        if own.any():
            yield layout, at[own], layout.parts(texts.filter(pl.Series(own)))
            texts, at = texts.filter(pl.Series(~own)), at[~own]


def _numbers(texts: pl.Series) -> Numbers:
    return texts.cast(pl.UInt16).to_numpy()


def _days(year: Numbers, month: Numbers, day: Numbers) -> Days:
    return as_integers(year, month, day) * are_days(year, month, day)
