"""Rows and columns with values that are hidden in a workbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from potable.engine.findings import Occurrence, Sample, Tally
from potable.engine.reading.workbook.book import Sheet
from potable.engine.reading.workbook.layout import Layout, cell
from potable.engine.reading.workbook.values import letters


def hidden(
    sheet: Sheet, layout: Layout, rows: Sequence[tuple[int, list[Any]]], record: int, samples: int
) -> Iterator[Tally]:
    """``excel/hidden-row`` and ``excel/hidden-column``, where there are such.

    :param rows: those of the records, with their numbers from 1. :param record: number of the first record.
    """
    lines, columns = sheet.hidden
    found = [(record + n, line) for n, (line, _) in enumerate(rows) if line in lines]
    if found:
        told = [Sample(message=f"row {n:,} is hidden", location=cell(layout, 0, n, r)) for r, n in found[:samples]]
        numbers = [number for number, _ in found]
        yield Tally(code="excel/hidden-row", count=len(found), samples=tuple(told), records=numbers)
    for column in sorted(n - sheet.left for n in columns if 0 <= n - sheet.left < sheet.width):
        if any(row[column] != "" for _, row in rows):
            at = cell(layout, column, layout.line)
            message = f"column {letters(sheet.left + column)} ({layout.names[column][:60]!r}) is hidden"
            yield Tally.of(Occurrence("excel/hidden-column", message, layout.paths[column], location=at))
