"""Ways to write a moment: read by a pattern into one integer that sorts as moments do.

A :class:`Layout` is a regular expression with named groups (``Y m d H M S f z`` and so on, as in ``strptime``). What it
matches becomes microseconds since 1970-01-01, less the offset from UTC where one is written; a day that its month
doesn't have is no match. Source: Python's ``strptime``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from potable.checkers.calendar.days import are_days
from potable.checkers.calendar.words import DAYS, MONTHS, SHORT_DAYS, SHORT_MONTHS
from potable.checkers.types.base import BadSetting, only
from potable.checkers.values.fixed import Fixed, Shape, has_shape

SECOND = 1_000_000

_DIRECTIVES = {
    "Y": r"(?<Y>[0-9]{4})",
    "y": r"(?<y>[0-9]{2})",
    "m": r"(?<m>1[0-2]|0[1-9]|[1-9])",
    "d": r"(?<d>3[01]|[12][0-9]|0[1-9]|[1-9]| [1-9])",
    "j": r"(?<j>36[0-6]|3[0-5][0-9]|[12][0-9]{2}|0[1-9][0-9]|00[1-9]|[1-9][0-9]|0[1-9]|[1-9])",
    "H": r"(?<H>2[0-3]|[01][0-9]|[0-9])",
    "I": r"(?<I>1[0-2]|0[1-9]|[1-9])",
    "M": r"(?<M>[0-5][0-9]|[0-9])",
    "S": r"(?<S>[0-5][0-9]|[0-9])",
    "f": r"(?<f>[0-9]{1,6})",
    "p": r"(?i:(?<p>[ap]m))",
    "z": r"(?<z>[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9](?::?[0-5][0-9](?:\.[0-9]{1,6})?)?|Z)",
    "Z": r"(?i:UTC|GMT)",
    "B": rf"(?i:(?<B>{'|'.join(MONTHS)}))",
    "b": rf"(?i:(?<b>{'|'.join(SHORT_MONTHS)}))",
    "A": rf"(?i:{'|'.join(DAYS)})",
    "a": rf"(?i:{'|'.join(SHORT_DAYS)})",
    "w": "[0-6]",
    "u": "[1-7]",
    "%": "%",
}
_ALIASES = {"h": "%b", "e": "%d", "F": "%Y-%m-%d", "T": "%H:%M:%S", "R": "%H:%M", "D": "%m/%d/%y"}


@dataclass(frozen=True)
class Layout:
    """One way to write a moment.

    :param pattern: of the whole text, with groups named by their directives.
    :param shapes: the most usual of the spellings that it allows, which are read much quicker.
    :param exact: a pattern that right values match, exactly, where one can tell; it's what makes the default formats
        fast. None: ``pattern`` and the calendar tell.
    """

    pattern: str
    shapes: Sequence[Shape] = ()
    exact: str | None = None

    @classmethod
    def of(cls, directives: str) -> Layout:
        """The layout of a ``strptime`` format. Raises :class:`BadSetting` for one that can't be used."""
        expanded = re.sub(r"%-(?=[a-zA-Z])", "%", directives)  # %-d: without a zero, which is read anyway
        expanded = re.sub(r"%([FTRDhe])", lambda m: _ALIASES[m[1]], expanded)
        out: list[str] = []
        seen: set[str] = set()
        for item in re.findall(r"%.?|\s+|[^%\s]+", expanded, re.DOTALL):
            if item.isspace():
                out.append(r"\s+")
            elif not item.startswith("%"):
                out.append(re.escape(item))
            elif item[1:] not in _DIRECTIVES:
                raise BadSetting(f"{item!r} is no directive of a date format")
            elif item in seen and item != "%%":
                raise BadSetting(f"{item!r} is there twice")
            else:
                seen.add(item)
                out.append(_DIRECTIVES[item[1:]])
        layout = cls("^" + "".join(out) + "$", [Shape(expanded)] if has_shape(expanded) else [])
        if not layout.groups:
            raise BadSetting("it says nothing of a date or time, as %Y-%m-%d does")
        return layout

    @cached_property
    def groups(self) -> frozenset[str]:
        """The directives that it has."""
        return frozenset(re.findall(r"\(\?<(\w)>", self.pattern))

    def moments(self, texts: pl.Series) -> pl.Series:
        """Int64, microseconds; null where a text isn't written so or means no day."""
        found: pl.Series | None = None
        for shape in self.shapes:
            right, usual = _usual_moments(texts, shape)
            if right.any():
                found = usual if found is None else found.zip_with(~right, usual)
                if right.all():
                    return found
                texts = only(texts, ~right)
        if found is None:
            return self._matched_moments(texts)
        rest = texts.is_not_null()
        return found.zip_with(~rest, self._matched_moments(texts)) if rest.any() else found

    def _matched_moments(self, texts: pl.Series) -> pl.Series:
        if self.exact is not None:
            texts = only(texts, texts.str.contains(self.exact))
        distinct = texts.unique()
        if 2 * len(distinct) < len(texts):  # days repeat, and looking one up is much quicker than reading it
            return texts.replace_strict(distinct, self._read(distinct), return_dtype=pl.Int64)
        return self._read(texts)

    def _read(self, texts: pl.Series) -> pl.Series:
        parts = texts.str.extract_groups(self.pattern).struct.unnest()
        return parts.select(self._moment().alias("moment"))["moment"]

    def _moment(self) -> pl.Expr:
        year, month, day = self._year(), self._month(), self._int("d", 1)
        leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
        longest = (
            pl.when(month == 2).then(28 + leap.cast(pl.Int64)).when(month.is_in([4, 6, 9, 11])).then(30).otherwise(31)
        )
        days = _days(year, month, day)
        right = (day <= longest) & (year != 0)
        if "j" in self.groups:
            ordinal = self._int("j", 1)
            days, right = _days(year, pl.lit(1), ordinal), (ordinal <= 365 + leap.cast(pl.Int64)) & (year != 0)
        second = self._hour() * 3600 + self._int("M", 0) * 60 + self._int("S", 0) - self._offset()
        return pl.when(right & self._matched()).then((days * 86400 + second) * SECOND + self._fraction())

    def _matched(self) -> pl.Expr:
        always = next(g for g in "YymdjHIMSBbfpz" if g in self.groups)
        return pl.col(always).is_not_null()

    def _int(self, group: str, default: int) -> pl.Expr:
        if group not in self.groups:
            return pl.lit(default, dtype=pl.Int64)
        return pl.col(group).str.strip_chars().cast(pl.Int64, strict=False)

    def _year(self) -> pl.Expr:
        if "y" in self.groups:
            short = self._int("y", 0)
            return pl.when(short < 69).then(2000 + short).otherwise(1900 + short)  # as POSIX has it
        return self._int("Y", 1900 if "d" not in self.groups else 1904)  # a leap year, for a 29 February without one

    def _month(self) -> pl.Expr:
        for group, length in (("B", None), ("b", 3)):
            if group in self.groups:
                names = [m[:length] for m in MONTHS]
                return pl.col(group).str.to_lowercase().replace_strict(names, range(1, 13), default=None)
        return self._int("m", 1)

    def _hour(self) -> pl.Expr:
        if "I" not in self.groups:
            return self._int("H", 0)
        hour = self._int("I", 12) % 12
        return hour + 12 * (pl.col("p").str.to_lowercase() == "pm").cast(pl.Int64) if "p" in self.groups else hour

    def _fraction(self) -> pl.Expr:
        if "f" not in self.groups:
            return pl.lit(0, dtype=pl.Int64)
        return pl.col("f").str.slice(0, 6).str.pad_end(6, "0").cast(pl.Int64, strict=False).fill_null(0)

    def _offset(self) -> pl.Expr:
        """Seconds that the text is ahead of UTC."""
        if "z" not in self.groups:
            return pl.lit(0, dtype=pl.Int64)
        digits = pl.col("z").str.replace_all("[^0-9]", "")
        hours = digits.str.slice(0, 2).cast(pl.Int64, strict=False).fill_null(0)
        minutes = digits.str.slice(2, 2).cast(pl.Int64, strict=False).fill_null(0)
        sign = pl.when(pl.col("z").str.starts_with("-")).then(-1).otherwise(1)
        return sign * (hours * 3600 + minutes * 60)


def _usual_moments(texts: pl.Series, shape: Shape) -> tuple[pl.Series, pl.Series]:
    """Which texts are certainly a moment of this shape, and these moments; null elsewhere."""
    fixed = Fixed(texts, shape.width)
    right, number = fixed.read(shape)
    none = np.zeros(len(right), np.uint16)
    year = number.get("Y", none + np.uint16(1904 if "d" in number else 1900))
    if "y" in number:
        year = number["y"] + np.where(number["y"] < 69, np.uint16(2000), np.uint16(1900))
    month, day = number.get("m", none + np.uint16(1)), number.get("d", none + np.uint16(1))
    right &= are_days(year, month, day)
    seconds = np.zeros(len(right), np.int64)
    for directive, least_wrong, unit in (("H", 24, 3600), ("M", 60, 60), ("S", 60, 1)):
        if directive in number:
            right &= number[directive] < least_wrong
            seconds += number[directive].astype(np.int64) * unit
    months = (year.astype(np.int64) - 1970) * 12 + month - 1
    days = months.astype("M8[M]").astype("M8[D]").astype(np.int64) + day - 1
    mask = fixed.of_all(right)
    moments = np.zeros(len(mask), np.int64)
    moments[mask] = ((days * 86400 + seconds) * SECOND)[right]
    known = pl.Series(mask)
    return known, pl.Series(moments).set(~known, None)


def _days(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Days since 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant's ``days_from_civil``)."""
    y = year - (month <= 2).cast(pl.Int64)
    era = y // 400
    of_era = y - era * 400
    shifted = (month + 9) % 12
    of_year = (153 * shifted + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468
