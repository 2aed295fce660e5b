"""Cells that stand apart from a sheet's table: far below it, or beside it under no name; and rows that name a group of
the records below them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from potable.engine.findings import Occurrence, Sample, Tally, clip
from potable.engine.reading.sections import SECTION, sections
from potable.engine.reading.workbook.layout import Layout, cell
from potable.engine.reading.workbook.values import texts

_GAP = 2
"""Fewer blank rows before it don't set a row apart."""
_MOST = 2
"""So many rows at the end may stand apart."""
_FEWEST = 3
"""Fewer records show nothing."""
_BESIDE = 3
"""Columns without a name that have more values than that are columns of the table."""


def strays(rows: Sequence[tuple[int, Sequence[object]]]) -> list[int]:
    """The last rows that have one filled cell each, as no other row has, and blank rows before them; by their place
    among the rows.
    """
    found: list[int] = []
    for n in range(len(rows) - 1, max(len(rows) - _MOST, _FEWEST) - 1, -1):
        if sum(c != "" for c in rows[n][1]) != 1:
            break
        found.insert(0, n)
    while found and rows[found[0]][0] - rows[found[0] - 1][0] <= _GAP:
        found.pop(0)
    lone = sum(sum(c != "" for c in row) == 1 for _, row in rows)
    return found if lone == len(found) else []


def told_strays(
    layout: Layout, rows: Sequence[tuple[int, Sequence[object]]], found: Sequence[int], record: int
) -> Iterator[Tally]:
    """``excel/stray-cell``; ``record``: number of the first record."""
    samples = []
    for n in found:
        line, row = rows[n]
        column = next(number for number, c in enumerate(row) if c != "")
        at = cell(layout, column, line, record + n)
        above = rows[found[0] - 1][0]
        message = f"a cell stands alone, {line - above:,} rows below the table, which ends in row {above:,}"
        samples.append(Sample(message=message, value=clip(texts(row)[column]), location=at))
    if found:
        yield Tally(
            code="excel/stray-cell", count=len(found), samples=tuple(samples), records=[record + n for n in found]
        )


def beside(
    layout: Layout, rows: Sequence[tuple[int, Sequence[object]]], left_out: Sequence[int]
) -> tuple[int, Occurrence | None]:
    """Columns behind the last one that has a name, if they have but a cell or two: how many; and ``excel/blank-header``
    that tells of them at once.

    :param left_out: rows that are told for themselves.
    """
    width = len(layout.names)
    named = next((n for n in range(width, 0, -1) if layout.names[n - 1].strip()), 0)
    if named < 2 or named == width or len(rows) < _FEWEST:
        return 0, None
    filled = [(n, c) for n, (_, row) in enumerate(rows) for c in range(named, width) if row[c] != ""]
    if not filled or len(filled) > _BESIDE or 2 * len(filled) > len(rows):
        return 0, None
    own = [(n, c) for n, c in filled if n not in left_out]
    if not own:
        return width - named, None
    n, c = own[0]
    at = cell(layout, c, rows[n][0])
    text = clip(texts(rows[n][1])[c], 60)
    others = f" and {len(own) - 1} more" if len(own) > 1 else ""
    message = f"{at.path} ({text!r}){others} stands beside the table, in a column without a name"
    hint = "Remove the cell, or name its column."
    told = Occurrence(
        "excel/blank-header", message, layout.paths[c], value=text, location=at, hint=hint, details={"column": c + 1}
    )
    return width - named, told


def told_sections(
    layout: Layout, rows: Sequence[tuple[int, Sequence[object]]], record: int, samples: int
) -> Iterator[Tally]:
    """``excel/section``; ``record``: number of the first record."""
    found = sections(layout.names, [texts(row) for _, row in rows]) if _may_have_sections(rows) else []
    told = []
    for n in found[:samples]:
        line, row = rows[n]
        text = texts(row)[0]
        at = cell(layout, 0, line, record + n)
        told.append(Sample(message=SECTION.format(clip(text, 80)), value=clip(text), location=at))
    if found:
        numbers = [record + n for n in found]
        yield Tally(code="excel/section", count=len(found), samples=tuple(told), records=numbers)


def _may_have_sections(rows: Sequence[tuple[int, Sequence[object]]]) -> bool:
    return bool(rows) and sum(c != "" for c in rows[0][1]) == 1
