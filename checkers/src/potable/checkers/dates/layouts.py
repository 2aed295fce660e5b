"""The ways to write a date that are told apart, and the days that they mean.

A day is one integer, ``YYYYMMDD``, which sorts as days do; 0 where there's no such day, null where a text isn't written
so. Dates are of the Gregorian calendar, as in ISO 8601.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import polars as pl

Order = Literal["day-first", "month-first"]

_TIME = (
    r"(?:(?:T|,? +)[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?(?: ?[AaPp]\.?[Mm]\.?)?"
    r"(?: ?(?:Z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?))?)?"
)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMES = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    "nov(?:ember)?|dec(?:ember)?"
)
_MONTH = rf"(?i:(?<b>{_NAMES})\.?)"
_DAY = "(?<d>[0-9]{1,2})"
_YEAR = "(?<y>[0-9]{4})"
_PAIR = "(?<p>[0-9]{1,2})"
_OTHER = "(?<q>[0-9]{1,2})"


@dataclass(frozen=True)
class Layout:
    """One way to write a date.

    :param name: as people write it.
    :param date: its pattern, with groups ``y m d``; ``b`` is a month's name; ``p q`` are day and month, or month and
        day.
    :param short: its year has two digits.
    :param dotted: ``p`` is the day.
    """

    name: str
    date: str
    short: bool = False
    dotted: bool = False

    @cached_property
    def pattern(self) -> str:
        """For a whole text, a time of day included."""
        return rf"\A{self.date}{_TIME}\z"

    @cached_property
    def test(self) -> str:
        """The same without groups: quicker."""
        return re.sub(r"\(\?<\w>", "(?:", self.pattern)

    @property
    def is_open(self) -> bool:
        """Whether its texts may be read day first or month first."""
        return "?<p>" in self.date and not self.dotted

    def days(self, text: pl.Expr, order: Order | None = None) -> pl.Expr:
        """The day as an Int64; null where a text isn't written so, 0 where there's no such day.

        :param order: for an open layout; None: either, the earlier one where both are days.
        """
        part = text.str.extract_groups(self.pattern).struct
        year = part.field("y").cast(pl.Int64, strict=False)
        if self.short:
            year = pl.when(year < 69).then(2000 + year).otherwise(1900 + year)  # as POSIX has it
        if "?<p>" not in self.date:
            return _day(year, _month(part, self.date), part.field("d").cast(pl.Int64, strict=False))
        p, q = (part.field(g).cast(pl.Int64, strict=False) for g in "pq")
        by_day, by_month = _day(year, q, p), _day(year, p, q)
        if self.dotted or order == "day-first":
            return by_day
        if order == "month-first":
            return by_month
        both = pl.min_horizontal(by_day, by_month)
        return pl.when(both == 0).then(pl.max_horizontal(by_day, by_month)).otherwise(both)


ISO = Layout("YYYY-MM-DD", f"{_YEAR}-(?<m>[0-9]{{1,2}})-{_DAY}")
LAYOUTS = (
    ISO,
    Layout("YYYY/MM/DD", f"{_YEAR}/(?<m>[0-9]{{1,2}})/{_DAY}"),
    Layout("YYYY.MM.DD", rf"{_YEAR}\.(?<m>[0-9]{{1,2}})\.{_DAY}"),
    Layout("DD/MM/YYYY or MM/DD/YYYY", f"{_PAIR}/{_OTHER}/{_YEAR}"),
    Layout("DD/MM/YY or MM/DD/YY", f"{_PAIR}/{_OTHER}/(?<y>[0-9]{{2}})", short=True),
    Layout("DD-MM-YYYY or MM-DD-YYYY", f"{_PAIR}-{_OTHER}-{_YEAR}"),
    Layout("DD.MM.YYYY", rf"{_PAIR}\.{_OTHER}\.{_YEAR}", dotted=True),
    Layout("D Month YYYY", rf"{_DAY}(?:\.? +|-|\.){_MONTH}(?:,? +|-|\.){_YEAR}"),
    Layout("D Month YY", rf"{_DAY}(?: +|-){_MONTH}(?: +|-)(?<y>[0-9]{{2}})", short=True),
    Layout("Month D, YYYY", rf"{_MONTH} +{_DAY}(?:st|nd|rd|th)?,? +{_YEAR}"),
)
ANY = "|".join(layout.test for layout in LAYOUTS)
"""A date in any of these layouts."""

FIRST_IS_DAY = r"\A(?:1[3-9]|2[0-9]|3[01])[-/](?:0?[1-9]|1[0-2])[-/]"
SECOND_IS_DAY = r"\A(?:0?[1-9]|1[0-2])[-/](?:1[3-9]|2[0-9]|3[01])[-/]"
EITHER = r"\A(?:0?[1-9]|1[0-2])[-/](?:0?[1-9]|1[0-2])[-/][0-9]"
SAME = "|".join(rf"\A0?{n}[-/]0?{n}[-/]" for n in range(1, 13))
"""Day and month are the same number: both readings are one."""


def _month(part: pl.expr.struct.ExprStructNameSpace, date: str) -> pl.Expr:
    if "?<b>" not in date:
        return part.field("m").cast(pl.Int64, strict=False)
    return part.field("b").str.slice(0, 3).str.to_lowercase().replace_strict(MONTHS, range(1, 13), default=None)


def _day(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    longest = pl.when(month == 2).then(28 + leap.cast(pl.Int64)).when(month.is_in([4, 6, 9, 11])).then(30).otherwise(31)
    right = (year > 0) & month.is_between(1, 12) & day.is_between(1, longest)
    return pl.when(right).then(year * 10_000 + month * 100 + day).when(year.is_not_null()).then(0)
