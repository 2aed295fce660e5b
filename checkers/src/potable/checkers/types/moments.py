"""Dates, times and the like, as types. Source: XML Schema Part 2 (the default formats)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.checkers.calendar.days import ISO, are_plain_days
from potable.checkers.types.base import BEYOND, BadSetting, Bound, Type, as_text, only
from potable.checkers.types.layouts import Layout
from potable.checkers.values.fixed import Shape

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
        return BEYOND[which](self.moments(texts), self._moment(bound))  # type: ignore[no-any-return]

    def listed(self, texts: pl.Series, values: Sequence[Any]) -> pl.Series:
        return self.moments(texts).is_in([self._moment(v) for v in values])

    def check_listed(self, values: Sequence[Any]) -> None:
        for value in values:
            self._moment(value)

    def _moment(self, value: Any) -> int:
        moment = self.moments(pl.Series([as_text(value)]))[0]
        if moment is None:
            raise BadSetting(f"{as_text(value)!r} isn't {self.noun} as this field writes it")
        return int(moment)


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
