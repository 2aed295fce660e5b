"""Names of columns in two rows: those of groups, mostly in merged cells, and below them those of the columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from potable.engine.reading.above import may_head
from potable.engine.reading.looks import is_one_of, is_value

_BEHIND = 20
"""So many records are looked at behind them."""
_FEW = 3
"""Fewer of them show nothing."""
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Stacked:
    """Names in two rows.

    :param names: of the columns, each made of both rows.
    :param whole: the second row alone has a name for each column.
    """

    names: tuple[str, ...]
    whole: bool

    def mend(self, line: int) -> str:
        """What to do about it.

        :param line: of the second row.
        """
        if self.whole:
            return f"Set headerLine: {line}."
        shown = ", ".join(repr(n[:60]) for n in self.names[:_SHOWN]) + ", …" * (len(self.names) > _SHOWN)
        return (
            f"Write the names as one row: {shown}. Where the file can't be changed, set headerLine: 0 and ignoreLines: "
            f"{line}, and call the fields column1, column2 … in the definition."
        )


def stacked(top: Sequence[str], rows: Sequence[Sequence[str]]) -> Stacked | None:
    """The names, where the header has those of groups alone, and the first record those of the columns in them.

    A name of a group stands above its first column, with blank cells above the others, or above each of them. That the
    second row is no record shows where it has no cell though all records have one, or words above figures.

    :param top: the header's cells; :param rows: the first records.
    """
    width = len(top)
    low, behind = rows[0] if rows else (), rows[1 : _BEHIND + 1]
    if width < 3 or len(behind) < _FEW or any(len(row) != width for row in (low, *behind)):
        return None
    top, low = [c.strip() for c in top], [c.strip() for c in low]
    if any(map(is_value, top)) or any(map(is_value, low)):
        return None
    names, carried, again = _joined(top, low)
    if not carried + again or len(set(names)) < width:
        return None
    columns = [[row[n].strip() for row in behind] for n in range(width)]
    if any(is_one_of(cell, column) for cell, column in zip(low, columns, strict=True)):
        return None
    lacking = carried and any(not cell and all(column) for cell, column in zip(low, columns, strict=True))
    figures = [n for n, column in enumerate(columns) if _are_values(column)]
    words = sum(bool(low[n]) for n in figures)
    if not lacking and (words < len(figures) or words < 1 + (carried + again == 1)):
        return None
    return Stacked(tuple(names), may_head(low))


def _joined(top: Sequence[str], low: Sequence[str]) -> tuple[list[str], int, int]:
    """The names made of both rows; how many cells a group's name is carried to, and in how many it's written again. No
    names where it's no such header.
    """
    names, carried, again, group = [], 0, 0, ""
    for n, (upper, lower) in enumerate(zip(top, low, strict=True)):
        if not upper and group:
            if not lower or not low[n - 1]:
                return [], 0, 0
            carried += 1
        elif upper and upper in top[:n]:
            again += 1
        group = upper or group
        # A column left of all groups has but the lower name; one of no group but the upper.
        names.append(" ".join(dict.fromkeys(filter(None, (group, lower)))))
    return (names, carried, again) if all(names) else ([], 0, 0)


def _are_values(column: Sequence[str]) -> bool:
    filled = [cell for cell in column if cell]
    return len(filled) >= _FEW and all(map(is_value, filled))
