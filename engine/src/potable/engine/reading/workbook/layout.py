"""The columns of a sheet, and a run of its rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from potable.engine.contracts.snapshot import Part
from potable.engine.findings import Location
from potable.engine.reading.naming import column_index, column_paths
from potable.engine.reading.workbook.values import address


@dataclass(frozen=True, slots=True)
class Layout:
    """What all rows of a sheet share.

    :param sheet: its name.
    :param left: number of its first column, from 0.
    :param names: the header's cells, or ``column1``, ``column2`` … without a header.
    :param line: the header's row, from 1; 1 without a header.
    :param paths: canonical paths of the columns.
    :param index: column number by path, from 0 for the first column with a value.
    """

    part: Part
    sheet: str
    left: int
    names: tuple[str, ...]
    line: int = 1
    paths: tuple[str, ...] = field(init=False)
    index: dict[str, int] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Derive paths from names."""
        object.__setattr__(self, "paths", column_paths(self.names))
        object.__setattr__(self, "index", column_index(self.names, self.paths))


@dataclass(frozen=True, slots=True)
class Rows:
    """A cut's rows.

    :param layout: their sheet's.
    :param lines: numbers of the records' rows, from 1.
    :param rows: their cells.
    :param blank: numbers of blank rows before or between them.
    """

    layout: Layout
    lines: list[int]
    rows: list[list[Any]]
    blank: list[int]


def cell(layout: Layout, column: int, line: int, record: int | None = None) -> Location:
    """The place of a cell.

    :param column: from 0 for the sheet's first column with a value; :param line: its row, from 1.
    """
    path = address(layout.sheet, layout.left + column, line)
    return Location(file=layout.part.name, url=layout.part.url, line=line, record=record, path=path)
