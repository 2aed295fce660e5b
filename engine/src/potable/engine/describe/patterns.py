"""Types of Table Schema that texts may be of: each told by a test that is at least as strict as the checker's own.

A test takes a column of texts and gives, for each, whether it's sure to be right; a text that is in doubt is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

Test = Callable[[pl.Series], pl.Series]

MISSING = ("N/A", "n/a", "NULL", "null", "\\N")
"""Texts that hardly ever mean anything but *missing*."""
WORDS = (*MISSING, "NA", "na", "N.A.", "n.a.", "Null", "NaN", "nan", "NAN")
"""Texts that mean *missing* in all columns, where they do in one of numbers, dates and the like."""
PLACEHOLDERS = (
    *WORDS, "None", "none", "-", "--", "---", "?", ".", "missing", "Missing", "unknown", "Unknown", "TBD",
)  # fmt: skip
"""Texts that mean *missing* in a column whose other values are numbers, dates and the like."""

_BLANKS = r"[ \t\r\n]*"
_WHOLE = "(?:0|[1-9][0-9]{0,17})"  # leading zeros and very long ones are identifiers
_DAY = "[0-9]{1,2}"
_YEAR = "[12][0-9]{3}"
_TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_ZONE = "(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])?"
_MONTH = "(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_LONG_MONTH = "(?i:january|february|march|april|may|june|july|august|september|october|november|december)"
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A way to write values.

    :param name: unique.
    :param descriptor: the members of a field's descriptor that say it.
    :param test: see the module.
    """

    name: str
    descriptor: Mapping[str, Any] = field(compare=False)
    test: Test = field(compare=False)


def _matches(pattern: str) -> Test:
    def test(texts: pl.Series) -> pl.Series:
        return texts.str.contains(f"^(?:{pattern})$")

    return test


def _day(shape: str, layout: str, length: int | None = None) -> Test:
    """Texts of a shape whose date there is in the calendar; the date is the first ``length`` characters."""
    matches = _matches(shape)

    def test(texts: pl.Series) -> pl.Series:
        dates = texts if length is None else texts.str.slice(0, length)
        return matches(texts) & dates.str.to_date(layout, strict=False).is_not_null()

    return test


def _grouped(group: str, decimal: str) -> Test:
    """Numbers whose digits are grouped by three; by a plain blank such are rather telephone numbers."""
    group, decimal = re.escape(group), re.escape(decimal)
    whole = f"(?:0|[1-9][0-9]{{0,2}}(?:{group}[0-9]{{3}}){{0,5}})"
    return _matches(f"[+-]?{whole}(?:{decimal}[0-9]+)?")


_DATES = {
    "%d.%m.%Y": rf"{_DAY}\.{_DAY}\.{_YEAR}",
    "%d/%m/%Y": f"{_DAY}/{_DAY}/{_YEAR}",
    "%m/%d/%Y": f"{_DAY}/{_DAY}/{_YEAR}",
    "%d-%m-%Y": f"{_DAY}-{_DAY}-{_YEAR}",
    "%Y/%m/%d": f"{_YEAR}/{_DAY}/{_DAY}",
    "%d-%b-%Y": f"{_DAY}-{_MONTH}-{_YEAR}",
    "%d %b %Y": f"{_DAY} {_MONTH} {_YEAR}",
    "%d %B %Y": f"{_DAY} {_LONG_MONTH} {_YEAR}",
    "%b %d, %Y": f"{_MONTH} {_DAY}, {_YEAR}",
    "%B %d, %Y": f"{_LONG_MONTH} {_DAY}, {_YEAR}",
}
_ISO = f"{_YEAR}-[0-9]{{2}}-[0-9]{{2}}"
_DATETIMES = {
    "%Y-%m-%d %H:%M:%S": f"{_ISO} {_TIME}:[0-5][0-9]",
    "%Y-%m-%d %H:%M:%S.%f": rf"{_ISO} {_TIME}:[0-5][0-9]\.[0-9]{{1,6}}",
    "%Y-%m-%d %H:%M": f"{_ISO} {_TIME}",
    "%Y-%m-%dT%H:%M": f"{_ISO}T{_TIME}",
}

INTEGER = Pattern("integer", {"type": "integer"}, _matches(f"{_BLANKS}[+-]?{_WHOLE}{_BLANKS}"))
NUMBER = Pattern(
    "number", {"type": "number"},
    _matches(rf"{_BLANKS}[+-]?(?:{_WHOLE}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{{1,3}})?{_BLANKS}"),
)  # fmt: skip
YEAR = Pattern("year", {"type": "year"}, _matches(_YEAR))
DECIMAL_COMMA, COMMA_GROUPS = "number ,", "number 1,234.5"
"""Patterns that say nothing where both fit: ``1,234``."""
AMBIGUOUS = ("date %d/%m/%Y", "date %m/%d/%Y")
"""Patterns that say nothing where both fit."""

OF_TEXT: tuple[Pattern, ...] = (
    *(Pattern(f"date {f}", {"type": "date", "format": f}, _day(shape, f)) for f, shape in _DATES.items()),
    Pattern("date", {"type": "date"}, _day(_ISO, "%Y-%m-%d")),
    Pattern("datetime", {"type": "datetime"},
            _day(rf"{_ISO}T{_TIME}:[0-5][0-9](?:\.[0-9]+)?{_ZONE}", "%Y-%m-%d", 10)),
    *(Pattern(f"datetime {f}", {"type": "datetime", "format": f}, _day(shape, "%Y-%m-%d", 10))
      for f, shape in _DATETIMES.items()),
    Pattern("time", {"type": "time"}, _matches(rf"{_TIME}:[0-5][0-9](?:\.[0-9]+)?")),
    Pattern("time %H:%M", {"type": "time", "format": "%H:%M"}, _matches(_TIME)),
    Pattern("yearmonth", {"type": "yearmonth"}, _matches(f"{_YEAR}-(?:0[1-9]|1[0-2])")),
    Pattern("uuid", {"type": "string", "format": "uuid"},
            _matches("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")),
    Pattern("email", {"type": "string", "format": "email"},
            _matches(rf"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@{_LABEL}(?:\.{_LABEL})+")),
    Pattern("uri", {"type": "string", "format": "uri"},
            _matches(rf"(?:https?|ftp)://{_LABEL}(?:\.{_LABEL})*(?:[/?#][A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*)?")),
)  # fmt: skip
"""What a text may be, in a table and in JSON, the first that fits counts."""

OF_TABLE: tuple[Pattern, ...] = (
    Pattern("boolean", {"type": "boolean"}, lambda t: t.is_in(["true", "True", "TRUE", "false", "False", "FALSE"])),
    INTEGER,
    NUMBER,
    Pattern(DECIMAL_COMMA, {"type": "number", "decimalChar": ","}, _matches(rf"[+-]?{_WHOLE}(?:,[0-9]+)?")),
    Pattern(COMMA_GROUPS, {"type": "number", "groupChar": ","}, _grouped(",", ".")),
    *(
        Pattern(f"number 1{g}234,5", {"type": "number", "decimalChar": ",", "groupChar": g}, _grouped(g, ","))
        for g in (".", "\u00a0", "\u202f", "'")
    ),
    *(
        Pattern(f"number 1{g}234.5", {"type": "number", "groupChar": g}, _grouped(g, "."))
        for g in ("\u00a0", "\u202f", "'", "\u2019")
    ),
    YEAR,
    *OF_TEXT,
)
"""What a cell of a table may be."""

BY_NAME: Mapping[str, Pattern] = {p.name: p for p in OF_TABLE}
