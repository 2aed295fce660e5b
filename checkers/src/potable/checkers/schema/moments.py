"""Dates, times and the like: read by a pattern into one integer that sorts as they do.

A :class:`Layout` is a regular expression with named groups (``Y m d H M S f z`` and so on, as in ``strptime``). What it
matches becomes microseconds since 1970-01-01, less the offset from UTC where one is written; a day that its month
doesn't have is no match. Sources: XML Schema Part 2 (the default formats), Python's ``strptime`` (the custom ones).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.checkers.days import ISO, are_days, are_plain_days
from potable.checkers.fixed import Fixed, Shape, has_shape
from potable.checkers.schema.base import BadSetting, Bound, Type, as_text, only

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SECOND = 1_000_000

_DIRECTIVES = {
    "Y": r"(?<Y>[0-9]{4})", "y": r"(?<y>[0-9]{2})", "m": r"(?<m>1[0-2]|0[1-9]|[1-9])",
    "d": r"(?<d>3[01]|[12][0-9]|0[1-9]|[1-9]| [1-9])",
    "j": r"(?<j>36[0-6]|3[0-5][0-9]|[12][0-9]{2}|0[1-9][0-9]|00[1-9]|[1-9][0-9]|0[1-9]|[1-9])",
    "H": r"(?<H>2[0-3]|[01][0-9]|[0-9])", "I": r"(?<I>1[0-2]|0[1-9]|[1-9])", "M": r"(?<M>[0-5][0-9]|[0-9])",
    "S": r"(?<S>[0-5][0-9]|[0-9])", "f": r"(?<f>[0-9]{1,6})", "p": r"(?i:(?<p>[ap]m))",
    "z": r"(?<z>[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9](?::?[0-5][0-9](?:\.[0-9]{1,6})?)?|Z)", "Z": r"(?i:UTC|GMT)",
    "B": rf"(?i:(?<B>{'|'.join(MONTHS)}))", "b": rf"(?i:(?<b>{'|'.join(m[:3] for m in MONTHS)}))",
    "A": rf"(?i:{'|'.join(DAYS)})", "a": rf"(?i:{'|'.join(d[:3] for d in DAYS)})", "w": "[0-6]", "u": "[1-7]", "%": "%",
}  # fmt: skip
_ALIASES = {"h": "%b", "e": "%d", "F": "%Y-%m-%d", "T": "%H:%M:%S", "R": "%H:%M", "D": "%m/%d/%y"}
_BEYOND: dict[Bound, Callable[[Any, Any], Any]] = {
    "minimum": operator.lt, "maximum": operator.gt, "exclusiveMinimum": operator.le, "exclusiveMaximum": operator.ge,
}  # fmt: skip

_YEAR = "(?:000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})"
_LEAP = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
_DAY_OF_ANY_YEAR = (
    "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8])"
)
DATE = f"(?:{_YEAR}-(?:{_DAY_OF_ANY_YEAR})|{_LEAP}-02-29)"
"""Exactly the days that there are, of the years 1 to 9999."""
TIME = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"

_ISO_DATE = "(?<Y>[0-9]{4})-(?<m>[0-9]{2})-(?<d>[0-9]{2})"
_ISO_TIME = r"(?<H>[0-9]{2}):(?<M>[0-9]{2}):(?<S>[0-9]{2})(?:\.(?<f>[0-9]+))?"
_ISO_ZONE = "(?<z>Z|[+-][0-9]{2}:[0-9]{2})?"
_ANY_YEAR = f"(?:{_YEAR}|[1-9][0-9]{{4}})"


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


class MomentType(Type):
    """A date, time, datetime, year or month.

    :param noun: what a right value is, with its article.
    :param layouts: ways to write it, the first that fits counts.
    :param quick: the same as the only layout's ``shape``, quicker, for texts of which none is null.
    :param by_format: whether its format was given: then another spelling is a fault of format.
    :param kinds: of a JSON value that may be right.
    """

    ordered = True

    def __init__(
        self,
        noun: str,
        layouts: Sequence[Layout],
        *,
        quick: Callable[[pl.Series], npt.NDArray[np.bool_]] | None = None,
        by_format: bool = False,
        kinds: frozenset[str] = Type.kinds,
    ) -> None:
        self.noun, self.kinds = noun, kinds
        self._layouts = tuple(layouts)
        self._exact = self._layouts[0].exact if len(self._layouts) == 1 else None
        self._quick = quick
        self.code = "schema/format" if by_format else "schema/type"

    def valid(self, texts: pl.Series) -> pl.Series:
        if self._exact is None:
            return self.moments(texts).is_not_null()
        if self._quick is not None and not texts.null_count():
            return pl.Series(texts.name, self._quick(texts))
        return texts.str.contains(self._exact)

    def valid_in(self, text: pl.Expr) -> pl.Expr:
        if self._exact is None or self._quick is not None:
            return super().valid_in(text)
        return text.str.contains(self._exact)

    def moments(self, texts: pl.Series) -> pl.Series:
        """Int64 that sorts as the values do; null where a text is none."""
        found = self._layouts[0].moments(texts)
        for layout in self._layouts[1:]:
            rest = found.is_null() & texts.is_not_null()
            if rest.any():
                found = found.zip_with(~rest, layout.moments(only(texts, rest)))
        return found

    def beyond(self, texts: pl.Series, which: Bound, bound: Any) -> pl.Series:
        return _BEYOND[which](self.moments(texts), self._moment(bound))  # type: ignore[no-any-return]

    def listed(self, texts: pl.Series, values: Sequence[Any]) -> pl.Series:
        return self.moments(texts).is_in([self._moment(v) for v in values])

    def _moment(self, value: Any) -> int:
        moment = self.moments(pl.Series([as_text(value)]))[0]
        if moment is None:
            raise BadSetting(f"{as_text(value)!r} isn't {self.noun} as this field writes it")
        return int(moment)


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


def moment_type(kind: str, fmt: str) -> MomentType:
    """The type of a field. Raises :class:`BadSetting` for a format that can't be used."""
    noun, default, others = _KINDS[kind]
    if kind in ("year", "yearmonth"):
        return MomentType(noun, [default], kinds=Type.kinds | {"number"} if kind == "year" else Type.kinds)
    if fmt == "default":
        return MomentType(noun, [default], quick=are_plain_days if kind == "date" else None)
    if fmt == "any":
        further = (o if isinstance(o, Layout) else Layout.of(o) for o in others)
        return MomentType(noun, [default, *further], by_format=True)
    return MomentType(f"{noun} written as {fmt}", [Layout.of(fmt)], by_format=True)


_ISO_DAY = Layout(f"^{_ISO_DATE}$", [ISO], f"^{DATE}$")
# Without separators each part has all its digits: 2020111 is no date.
_COMPACT_DATE = Layout("^(?<Y>[0-9]{4})(?<m>0[1-9]|1[0-2])(?<d>0[1-9]|[12][0-9]|3[01])$", [Shape("%Y%m%d")])
_COMPACT_TIME = Layout("^(?<H>[01][0-9]|2[0-3])(?<M>[0-5][0-9])(?<S>[0-5][0-9])$", [Shape("%H%M%S")])
_ANY_DATE = (
    "%Y/%m/%d", "%Y.%m.%d", _COMPACT_DATE, "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d %B %Y", "%d %b %Y",
    "%d-%b-%Y", "%B %d, %Y", "%b %d, %Y", "%B %d %Y", "%b %d %Y",
)  # fmt: skip
_ANY_TIME = ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p", _COMPACT_TIME)
_ANY_DATETIME = tuple(
    f"{date}{between}{time}{zone}"
    for date in ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y")
    for between in (" ", "T")
    for time in ("%H:%M:%S", "%H:%M:%S.%f", "%H:%M")
    for zone in ("", "%z")
)
_KINDS: dict[str, tuple[str, Layout, Sequence[str | Layout]]] = {
    "date": ("a date", _ISO_DAY, _ANY_DATE),
    "time": (
        "a time",
        Layout(f"^{_ISO_TIME}{_ISO_ZONE}$", [Shape("%H:%M:%S"), Shape("%H:%M:%SZ")], f"^{TIME}{ZONE}?$"),
        _ANY_TIME,
    ),
    "datetime": (
        "a date and time",
        Layout(
            f"^{_ISO_DATE}T{_ISO_TIME}{_ISO_ZONE}$",
            [Shape("%Y-%m-%dT%H:%M:%S"), Shape("%Y-%m-%dT%H:%M:%SZ")],
            f"^{DATE}T{TIME}{ZONE}?$",
        ),
        (*_ANY_DATETIME, _ISO_DAY, *_ANY_DATE),
    ),
    # XML Schema 1.0: there is no year 0, and no zero before five digits
    "year": ("a year", Layout("^(?<Y>-?[0-9]{4,5})$", exact=f"^-?{_ANY_YEAR}$"), ()),
    "yearmonth": (
        "a year and month",
        Layout("^(?<Y>-?[0-9]{4,5})-(?<m>[0-9]{2})$", exact=f"^-?{_ANY_YEAR}-(?:0[1-9]|1[0-2])$"),
        (),
    ),
}
