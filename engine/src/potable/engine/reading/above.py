"""Rows above the names of a table's columns: a title, in its own cell or padded to the table's width; names of groups
of columns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from potable.engine.reading.looks import is_value

_BEHIND = 20
"""So many records are looked at behind what may be the header."""
_FEW = 2
"""Fewer of them show no table."""


def header_below(rows: Sequence[Sequence[str]]) -> int | None:
    """The number of the record that has the names of columns, where the first one is but a title, names groups, or has
    nothing but blank cells.

    A title is one filled cell, the only one or with blank cells behind it; names of groups leave cells blank, or stand
    there twice. The names of columns are above records of as many cells, and above figures or dates which they aren't
    themselves.

    :param rows: the first records.
    """
    blank = next((n for n, row in enumerate(rows) if _filled(row)), 0)
    if blank:
        below = 0 if heads(rows[blank], rows[blank + 1 :]) else header_below(rows[blank:])
        return None if below is None else blank + below
    if not rows:
        return None
    if is_grouped(rows[0]):
        return 1 if len(rows) > 1 and len(rows[1]) == len(rows[0]) and heads(rows[1], rows[2:]) else None
    if _filled(rows[0]) != 1 or not rows[0][0].strip():
        return None
    width = len(rows[0])
    n = next((n for n, row in enumerate(rows) if _filled(row) > 1), None)
    if n is None:
        return None
    names, behind = rows[n], rows[n + 1 :]
    if width not in (1, len(names)) or len(names) == 2 == width or not heads(names, behind):
        return None
    return n if all(len(row) in (1, width) for row in rows[:n]) else None


def heads(names: Sequence[str], behind: Sequence[Sequence[str]]) -> bool:
    """Whether cells are the names of columns: all filled, each another, above records of as many cells, and above
    figures or dates, which they aren't themselves.
    """
    behind = behind[:_BEHIND]
    if not may_head(names) or len(behind) < _FEW:
        return False
    usual = Counter(map(len, behind)).most_common(1)[0][0]
    return len(names) == usual and any(_is_of_values(behind, column) for column in range(usual))


def may_head(names: Sequence[str]) -> bool:
    """Whether cells may be the names of columns: all filled, each another, none a figure or date."""
    bare = {cell.strip() for cell in names}
    return len(bare) == len(names) and "" not in bare and not any(map(is_value, bare))


def is_grouped(row: Sequence[str]) -> bool:
    """Whether cells may be the names of groups of columns: several are blank or there again, none is a figure or date.

    A single blank cell is the usual way to name no column of row names. A first cell that is the only one is a title.
    """
    filled = [cell.strip() for cell in row if cell.strip()]
    if len(row) < 3 or len(row) - len(set(filled)) < 2 or any(map(is_value, filled)):
        return False
    return len(filled) > 1 or (len(filled) == 1 and not row[0].strip())


def _filled(row: Sequence[str]) -> int:
    return sum(1 for cell in row if cell.strip())


def _is_of_values(rows: Sequence[Sequence[str]], column: int) -> bool:
    cells = [row[column] for row in rows if column < len(row) and row[column].strip()]
    return len(cells) >= _FEW and sum(map(is_value, cells)) * 2 > len(cells)
