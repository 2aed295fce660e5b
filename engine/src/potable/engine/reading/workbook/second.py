"""A second table in a sheet: below the first, behind blank rows, or beside it, behind a blank column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from potable.engine.reading.above import heads

_FEW = 2
"""Fewer rows behind a header are no table."""
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Below:
    """A table below another: the number of its header among the records, from 0, and its names."""

    record: int
    names: tuple[str, ...]


def below(names: Sequence[str], lines: Sequence[int], rows: Sequence[Sequence[str]]) -> Below | None:
    """The second table below the first, if there is one.

    :param names: the header's cells. :param lines: numbers of the rows; :param rows: all that aren't blank.
    """
    for n, (line, following) in enumerate(pairwise(lines), 1):
        if following == line + 1:
            continue
        block = rows[n : next((m for m in range(n + 1, len(lines)) if lines[m] > lines[m - 1] + 1), len(lines))]
        while len(block) > 1 and sum(1 for c in block[0] if c.strip()) == 1:  # a title
            block = block[1:]
        left = min(_left(row) for row in block)
        cells = [[c.strip() for c in row[left:]] for row in block]
        width = max(len(row) - _blank_end(row) for row in cells)
        header, *behind = (row[:width] for row in cells)
        if width < 2 or len(behind) < _FEW or tuple(header) == tuple(names[:width]) or not heads(header, behind):
            continue
        if left or any(name not in names for name in header):
            return Below(n, tuple(header))
    return None


def beside(names: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[int, tuple[str, ...]] | None:
    """The first column, from 0, and the names of a second table beside the first: behind a column that is blank all
    through, of several columns, and with other rows than the first has: it ends earlier, or later.
    """
    blank = [n for n, name in enumerate(names) if not name.strip() and not any(row[n].strip() for row in rows)]
    for column in blank:
        left, right = range(column), range(column + 1, len(names))
        there = [n for n in right if names[n].strip()]
        if len([n for n in left if names[n].strip()]) < 2 or len(there) < 2:
            continue
        ends = [_last(rows, side) for side in (left, right)]
        twice = {names[n].strip() for n in left if names[n].strip()} & {names[n].strip() for n in there}
        if min(ends) >= 0 and (ends[0] != ends[1] or len(twice) > 1):
            return there[0], tuple(names[n].strip() for n in there)
    return None


def listed(names: Sequence[str]) -> str:
    """Names, for a message."""
    return ", ".join(repr(name[:40]) for name in names[:_SHOWN]) + ", …" * (len(names) > _SHOWN)


def _last(rows: Sequence[Sequence[str]], columns: Sequence[int]) -> int:
    """The last row that has a value in one of these columns; -1: none has."""
    return max((m for m, row in enumerate(rows) if any(row[n].strip() for n in columns)), default=-1)


def _left(row: Sequence[str]) -> int:
    return next((n for n, cell in enumerate(row) if cell.strip()), len(row))


def _blank_end(row: Sequence[str]) -> int:
    return next((n for n, cell in enumerate(reversed(row)) if cell.strip()), len(row))
