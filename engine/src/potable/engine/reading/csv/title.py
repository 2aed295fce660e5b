"""Lines above the header: a title, in its own cells or padded to the table's width, and ``sep=;``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from potable.engine.reading.csv.looks import is_value

_SEP = re.compile(rb"\A(?:\xef\xbb\xbf)?\"?sep=([^\r\n\"])\"?(?:\r\n|\r|\n|\Z)", re.IGNORECASE)
_BEHIND = 20
"""So many records are looked at behind what may be the header."""
_FEW = 2
"""Fewer of them show no table."""


def separator_line(text: bytes) -> tuple[bytes, int] | None:
    """The delimiter that a first line ``sep=;`` tells spreadsheets, and where the next line starts."""
    found = _SEP.match(text)
    return None if found is None else (found[1], found.end())


def header_below(rows: Sequence[Sequence[str]]) -> int | None:
    """The number of the record that has the names of columns, where the first one is but a title.

    A title is one filled cell, the only one or with blank cells behind it; the names of columns are above records of
    as many cells, and above figures or dates which they aren't themselves.

    :param rows: the first records.
    """
    if not rows or _filled(rows[0]) != 1 or not rows[0][0].strip():
        return None
    width = len(rows[0])
    n = next((n for n, row in enumerate(rows) if _filled(row) > 1), None)
    if n is None:
        return None
    names, behind = [cell.strip() for cell in rows[n]], rows[n + 1 : n + 1 + _BEHIND]
    if len(behind) < _FEW or len(set(names)) < len(names) or not all(names) or any(map(is_value, names)):
        return None
    usual = Counter(map(len, behind)).most_common(1)[0][0]
    if len(names) != usual or width not in (1, usual) or usual == 2 == width:
        return None
    padded = all(len(row) in (1, width) for row in rows[:n])
    return n if padded and any(_is_of_values(behind, column) for column in range(usual)) else None


def _filled(row: Sequence[str]) -> int:
    return sum(1 for cell in row if cell.strip())


def _is_of_values(rows: Sequence[Sequence[str]], column: int) -> bool:
    cells = [row[column] for row in rows if column < len(row) and row[column].strip()]
    return len(cells) >= _FEW and sum(map(is_value, cells)) * 2 > len(cells)
