"""Rows of a sheet that are no records, seen in all of it: totals, and a second table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise
from typing import Any

from potable.engine.findings import Occurrence, Sample, Tally, clip
from potable.engine.lazyregex import lazy_regex
from potable.engine.reading.strays import NOTE
from potable.engine.reading.totals import may_end_in_total, totals
from potable.engine.reading.workbook.layout import Layout, cell
from potable.engine.reading.workbook.second import below, beside, listed
from potable.engine.reading.workbook.values import texts

_MOST = 100_000
"""Sheets of more cells aren't looked at."""
_NOTE = lazy_regex(NOTE)
_ENDING = 10
"""So many rows at the end are looked at before all of them are."""
Row = tuple[int, list[Any]]


def is_note(row: Sequence[Any]) -> bool:
    """Whether a row is a note: its first cell alone is filled, with a text such as notes have."""
    if type(row[0]) is not str or len(row) < 2 or any(c != "" for c in row[1:]):
        return False
    return _NOTE.search(row[0]) is not None


def looked_at(layout: Layout, rows: Iterable[Row]) -> list[Row]:
    """The rows of the records, with their numbers from 1; none of a sheet that is too large, or has one column."""
    width = len(layout.names)
    some = list(islice(rows, _MOST // max(width, 1) + 1))
    return [] if width < 2 or len(some) * width > _MOST else some


def inside(layout: Layout, rows: Sequence[Row], record: int, samples: int) -> Iterator[Tally]:
    """``excel/repeated-header``, ``excel/total`` and ``excel/second-table``, where there are such.

    :param rows: those of the records, with their numbers from 1. :param record: number of the first record.
    """
    yield from _repeated(layout, rows, record, samples)
    yield from _totals(layout, rows, record, samples)
    yield from _second(layout, rows, record)


def _repeated(layout: Layout, rows: Sequence[Row], record: int, samples: int) -> Iterator[Tally]:
    """Records that are the header again."""
    names = [name.strip() for name in layout.names]
    likely = [n for n, (_, row) in enumerate(rows) if row[0] == layout.names[0]]
    found = [n for n in likely if [text.strip() for text in texts(rows[n][1])] == names]
    if found and names[0]:
        told = []
        for n in found[:samples]:
            at = cell(layout, 0, rows[n][0], record + n)
            told.append(Sample(message="the record is the header again", value=clip(" | ".join(names)), location=at))
        numbers = [record + n for n in found]
        yield Tally(code="excel/repeated-header", count=len(found), samples=tuple(told), records=numbers)


def _totals(layout: Layout, rows: Sequence[Row], record: int, samples: int) -> Iterator[Tally]:
    if not may_end_in_total([texts(row) for _, row in rows[-_ENDING:]]):
        return
    found = totals(layout.names, [texts(row) for _, row in rows])
    told = []
    for n in sorted(found)[:samples]:
        at = cell(layout, 0, rows[n][0], record + n)
        value = clip(" | ".join(texts(rows[n][1])))
        told.append(Sample(message=f"the record is a row of totals: {found[n]}", value=value, location=at))
    if found:
        numbers = [record + n for n in sorted(found)]
        yield Tally(code="excel/total", count=len(found), samples=tuple(told), records=numbers)


def _second(layout: Layout, rows: Sequence[Row], record: int) -> Iterator[Tally]:
    lines = [line for line, _ in rows]
    gaps = any(b > a + 1 for a, b in pairwise(lines))
    blank = any(not name.strip() for name in layout.names)
    cells = [texts(row) for _, row in rows] if gaps or blank else []
    lower = below(layout.names, lines, cells) if gaps else None
    if lower is not None:
        at = cell(layout, 0, lines[lower.record], record + lower.record)
        message = f"row {at.line} begins another table, of {len(lower.names)} columns: {listed(lower.names)}"
        numbers = list(range(record + lower.record, record + len(rows)))
        sample = Sample(message=message, location=at)
        yield Tally(code="excel/second-table", count=len(numbers), samples=(sample,), records=numbers)
    right = beside(layout.names, cells) if blank else None
    if right is not None:
        at = cell(layout, right[0], layout.line)
        message = f"at {at.path} begins another table, of {len(right[1])} columns: {listed(right[1])}"
        yield Tally.of(Occurrence("excel/second-table", message, location=at))
