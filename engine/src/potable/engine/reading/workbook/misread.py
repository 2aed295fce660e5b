"""A sheet that isn't the table, or whose header is in another row than declared."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from potable.engine.findings import Fault, Location, Occurrence
from potable.engine.lazyregex import lazy_regex
from potable.engine.reading.above import header_below, is_grouped
from potable.engine.reading.headless import MEND, is_record, may_be_record
from potable.engine.reading.stacked import stacked
from potable.engine.reading.turned import turned
from potable.engine.reading.workbook.book import Sheet
from potable.engine.reading.workbook.layout import Layout, cell
from potable.engine.reading.workbook.values import spelled

_FAR = 100
"""So many rows are looked at for a header."""
_SHEETS = 10
"""Most other sheets that are looked at."""
_FEW = 3
"""Fewer rows, or columns, don't show that all stand in one cell."""
_DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a vertical bar"}
_QUOTED = lazy_regex(r'"[^"]*"')
_COVERS = (
    "about", "contents", "cover", "codebook", "coverpage", "coversheet", "datadictionary", "deckblatt", "dictionary",
    "disclaimer", "erläuterungen", "fieldlist", "glossary", "hinweise", "inhalt", "inhaltsverzeichnis", "instructions",
    "legend", "legende", "note", "notes", "readme", "releasenotes", "sommaire", "tableofcontents", "titelblatt",
    "title", "titlepage", "toc", "variablelist", "índice",
)  # fmt: skip
"""What sheets are called that hold no records, without blanks and marks."""


@dataclass(frozen=True, slots=True)
class Misread:
    """What is told, and the row that has the header, where it's another one than declared."""

    told: Occurrence
    header: int | None = None


def misread(
    sheet: Sheet, layout: Layout, header: int, named: Collection[str], opened: Callable[[str], Sheet] | None
) -> Misread | None:
    """What is wrong with a sheet as a whole.

    :param header: number of the row that is read as its header, from 1.
    :param named: columns that the definition names.
    :param opened: opens another sheet; None: the definition says which sheet is meant.
    """
    rows = list(_texts(sheet))
    at = cell(layout, 0, header)
    if any(name.strip() in named for name in layout.names):
        return _in_two_rows(rows, header, at) or _turned(rows, header, named, at)
    if len(layout.names) == 1 and (apart := _unsplit([row[0] for row in rows[header - 1 :]])) is not None:
        delimiter, columns = apart
        message = f"each row stands in one cell: {_DELIMITERS[delimiter]} splits it into {columns}"
        details = {"delimiter": delimiter, "columns": columns}
        return Misread(Occurrence("excel/unsplit", message, location=at, details=details))
    if named:
        lacking = f"row {header:,} has none of the {len(named):,} columns that the definition names"
        lacking = lacking if len(named) > 1 else f"row {header:,} hasn't the column that the definition names"
        found = _header(rows, named)
        if found is not None:
            return _wrong_header(rows, found, f"{lacking}; row {found:,} has ", at)
        for name, _ in (sheet.unread if opened is not None else ())[:_SHEETS]:
            other = _opened(opened, name)
            found = None if other is None else _header(list(_texts(other)), named)
            if found is not None:
                message = f"sheet {sheet.name!r} is read, as the first one; it has none of the columns that the "
                message += f"definition names, and sheet {name!r} has them, in row {found:,}"
                hint = f"Set sheet: {name}" + (f" and headerLine: {found}." if found > 1 else ".")
                details = {"sheet": name}
                return Misread(Occurrence("excel/wrong-sheet", message, location=at, hint=hint, details=details))
        if may_be_record(layout.names, rows[header:]):
            cells = _listed(layout.names)
            return _headless(f"{lacking}, and its cells ({cells}) look like those of the rows behind it", at)
        return None
    shown = [name for name, hidden in sheet.unread if not hidden and not is_cover(name)]
    if opened is not None and is_cover(sheet.name) and shown:
        names = ", ".join(repr(n[:60]) for n in shown[:5])
        message = f"sheet {sheet.name!r} is read, as the first one: by its name it holds no records; there is {names}"
        hint, details = f"Set sheet: {shown[0]}", {"sheet": shown[0]}
        return Misread(Occurrence("excel/wrong-sheet", message, location=at, hint=hint, details=details))
    behind = [row for row in rows[header:] if any(c.strip() for c in row)]
    if is_record(layout.names, behind):
        return _headless(
            f"row {header:,} is read as the header, but its cells ({_listed(layout.names)}) look like values", at
        )
    below = header_below(rows[header - 1 :])
    if below is None:
        return _in_two_rows(rows, header, at) or _turned(rows, header, named, at)
    found = header + below
    above = "names groups of columns" if is_grouped(rows[header - 1]) else f"has one name, for {len(rows[0])} columns"
    return _wrong_header(rows, found, f"row {header:,} {above}; row {found:,} has ", at)


def _headless(message: str, at: Location) -> Misread:
    return Misread(Occurrence("excel/wrong-header", message, location=at, hint=f"Give the sheet a header; or {MEND}"))


def _turned(rows: Sequence[Sequence[str]], header: int, named: Collection[str], at: Location) -> Misread | None:
    below = [row for row in rows[header:] if any(c.strip() for c in row)]
    told = turned("excel", rows[header - 1], below, named, at) if header <= len(rows) else None
    return None if told is None else Misread(told)


def _in_two_rows(rows: Sequence[Sequence[str]], header: int, at: Location) -> Misread | None:
    """Names of groups of columns that are read as the header, above those of the columns."""
    filled = [(n, row) for n, row in enumerate(rows[header:], header + 1) if any(c.strip() for c in row)]
    found = stacked(rows[header - 1], [row for _, row in filled]) if header <= len(rows) else None
    if found is None:
        return None
    below, row = filled[0]
    message = (
        f"the columns' names stand in rows {header:,} and {below:,}: {_listed(rows[header - 1])} above {_listed(row)}"
    )
    told = Occurrence("excel/wrong-header", message, location=at, hint=found.mend(below), details={"headerLine": below})
    return Misread(told, below)


def _unsplit(cells: Sequence[str]) -> tuple[str, int] | None:
    """What splits all of these cells into as many columns, three or more, and into how many."""
    bare = [_QUOTED.sub("", c) for c in cells if c.strip()]
    if len(bare) <= _FEW:
        return None
    for delimiter in _DELIMITERS:
        counts = {cell.count(delimiter) for cell in bare}
        if len(counts) == 1 and (columns := counts.pop() + 1) >= _FEW:
            return delimiter, columns
    return None


def is_cover(name: str) -> bool:
    """Whether a sheet of this name is one that holds no records."""
    return re.sub(r"[\W\d_]+", "", name).casefold() in _COVERS


def _wrong_header(rows: Sequence[Sequence[str]], found: int, message: str, at: Location) -> Misread:
    message += _listed(rows[found - 1])
    hint = f"Set headerLine: {found}."
    told = Occurrence("excel/wrong-header", message, location=at, hint=hint, details={"headerLine": found})
    return Misread(told, found)


def _listed(row: Sequence[str]) -> str:
    names = [name for name in row if name.strip()]
    return ", ".join(repr(n[:40]) for n in names[:3]) + ", …" * (len(names) > 3)


def _header(rows: Sequence[Sequence[str]], named: Collection[str]) -> int | None:
    """The number of the row that has most of these columns, from 1."""
    for number, row in enumerate(rows, 1):
        there = {c.strip() for c in row} & set(named)
        if 2 * len(there) >= len(named) and (len(there) > 1 or sum(map(bool, row)) > 1):
            return number
    return None


def _opened(opened: Callable[[str], Sheet] | None, name: str) -> Sheet | None:
    try:
        return None if opened is None else opened(name)
    except Fault:  # it isn't the sheet that was asked for
        return None


def _texts(sheet: Sheet) -> Iterator[list[str]]:
    """The first rows as texts."""
    for _, row in islice(sheet.rows(), _FAR):
        yield [spelled(c)[1] or "" for c in row]
