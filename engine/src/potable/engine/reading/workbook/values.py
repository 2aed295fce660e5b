"""Cells as texts, and their addresses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from potable.engine.lazyregex import lazy_regex
from potable.engine.reading.durations import duration

_EXACT = 10**16
"""Below it a number that is whole is spelled with all its digits, as Python's ``repr`` does but for ``.0``."""
PRECISE = 2**53
"""From here on not every whole number is a double."""
_DIGITS = 15
"""So many digits of a number survive in any spreadsheet."""


class NoResult:
    """What is in a cell with a formula that was never calculated."""


NO_RESULT = NoResult()
_PLAIN = lazy_regex(r"[^\W\d]\w*")


def spelled(value: Any) -> tuple[str, str | None]:
    """Kind and text of a cell: whole numbers without a fraction, others as the shortest that gives the same double;
    dates, times and durations as in ISO 8601. An empty cell is null.
    """
    if isinstance(value, str):
        return ("string", value) if value else ("null", None)
    if isinstance(value, bool):
        return "boolean", "true" if value else "false"
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < _EXACT
        return "number", str(int(value)) if whole else repr(value)
    if isinstance(value, int):
        return "number", str(value)
    if isinstance(value, datetime | date | time):
        return "string", value.isoformat()
    if isinstance(value, timedelta):
        return "string", duration(value)
    return ("null", None) if value is None or isinstance(value, NoResult) else ("string", str(value))


def texts(cells: Sequence[Any]) -> list[str]:
    """A row's cells as texts."""
    return [spelled(value)[1] or "" for value in cells]


def is_inexact(number: float) -> bool:
    """Whether a number may have lost digits: it's whole, beyond 2⁵³, and has as many as are kept."""
    if abs(number) < PRECISE:
        return False
    digits = repr(number).lstrip("-").partition("e")[0].removesuffix(".0").replace(".", "")
    return len(digits.rstrip("0")) >= _DIGITS


def letters(column: int) -> str:
    """The letters of a column, from 0: ``A`` … ``XFD``."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def column_of(text: str) -> int:
    """The column, from 0, of its letters."""
    number = 0
    for letter in text:
        number = number * 26 + ord(letter) - 64
    return number - 1


def address(sheet: str, column: int, row: int) -> str:
    """A cell as formulas name it: ``Sheet1!A7``, ``'My sheet'!A7``.

    :param column: from 0. :param row: from 1.
    """
    name = sheet if _PLAIN.fullmatch(sheet) else "'" + sheet.replace("'", "''") + "'"
    return f"{name}!{letters(column)}{row}"
