"""What an OpenDocument's own XML says of its sheets before it's opened: how far they reach, and what calamine doesn't
tell of their cells.

A few bytes can make a sheet of seventeen thousand million cells: a cell that is repeated.
OpenDocument 1.3, part 3, https://docs.oasis-open.org/office/OpenDocument/v1.3/: §9 (tables), §19 (attributes).
"""

from __future__ import annotations

import zipfile
from datetime import timedelta
from typing import IO, Any

from lxml import etree

from potable.engine.reading.durations import duration
from potable.engine.reading.workbook.extent import Extent
from potable.engine.reading.workbook.values import NO_RESULT

CONTENT = "content.xml"
_MANIFEST = "META-INF/manifest.xml"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_TYPES = (f"{_OFFICE}value-type", f"{_CALC}value-type")
_BLANKS = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
_HIDDEN = ("collapse", "filter")
_ROWS = 1 << 20
"""Most rows of a sheet."""
_HOURS = 24


def is_encrypted(archive: zipfile.ZipFile) -> bool:
    """Whether a password protects an OpenDocument. Raises zipfile.BadZipFile and the like for a damaged file."""
    return _MANIFEST in archive.namelist() and b"encryption-data" in archive.read(_MANIFEST)


def extents_of(archive: zipfile.ZipFile) -> dict[str, Extent]:
    """By its name the extent of each sheet of an OpenDocument, which calamine reads whole when it's opened.

    Raises zipfile.BadZipFile, etree.XMLSyntaxError, zlib.error and the like for a damaged file.
    """
    if CONTENT not in archive.namelist():
        return {}
    with archive.open(CONTENT) as file:
        return _sheets(file)


def _sheets(file: IO[bytes]) -> dict[str, Extent]:
    extents: dict[str, Extent] = {}
    extent, row, depth = Extent(), 0, 0
    column = 0
    tags = (f"{_TABLE}table", f"{_TABLE}table-row", f"{_TABLE}table-column")
    walk = etree.iterparse(file, events=("start", "end"), tag=tags, resolve_entities=False, no_network=True)
    for event, element in walk:
        if element.tag == tags[0] and event == "start":
            depth += 1
            if depth == 1:  # a table may stand inside a cell
                extent, row, column = extents.setdefault(element.get(f"{_TABLE}name") or "", Extent()), 0, 0
        elif element.tag == tags[0]:
            depth -= 1
            element.clear()
        elif element.tag == tags[2]:
            if event == "end" and depth == 1:
                wide = _number(element, "number-columns-repeated")
                if element.get(f"{_TABLE}visibility") in _HIDDEN:
                    extent.hide_columns(column, column + wide - 1)
                column += wide
        elif event == "end" and depth == 1:
            row = _cover_row(extent, element, row)
            element.clear()
    return extents


def _cover_row(extent: Extent, element: etree._Element, row: int) -> int:
    """Cover a row; returns the next one."""
    times = _number(element, "number-rows-repeated")
    column = 0
    if element.get(f"{_TABLE}visibility") in _HIDDEN:
        extent.hidden_rows.update(range(row, row + min(times, _ROWS)))
    for cell in element.iterchildren(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
        wide = _number(cell, "number-columns-repeated")
        formula = cell.get(f"{_TABLE}formula") is not None
        if formula or len(cell) or any(cell.get(kind) is not None for kind in _TYPES):
            extent.cover(row + times - 1, column + wide - 1)
            value = _value(cell, formula=formula)
            if value is not None and times * wide == 1:
                extent.cells[row, column] = value
            down, across = _number(cell, "number-rows-spanned"), _number(cell, "number-columns-spanned")
            if down * across > 1:
                extent.merged.append((row, column, row + down - 1, column + across - 1))
        column += wide
    return row + times


def _value(cell: etree._Element, *, formula: bool) -> Any:
    """The value of a cell that calamine can't tell, or tells otherwise; None for the others."""
    kind = cell.get(_TYPES[0])
    if cell.get(_TYPES[1]) == "error":
        return "".join(str(t) for t in cell.itertext()).strip()
    if kind is None:
        return NO_RESULT if formula else None
    if kind == "time":
        return _long(cell.get(f"{_OFFICE}time-value") or "")
    if kind == "string" and cell.get(f"{_OFFICE}string-value") is None:
        paragraphs = cell.findall(f"{_TEXT}p")
        if any(next(p.iter(*_BLANKS), None) is not None for p in paragraphs):
            return "\n".join(map(_text, paragraphs))
    return None


def _long(time: str) -> str | None:
    """A duration of a day or more, ``PT36H30M00S``, as ISO 8601 has it and other workbooks give it."""
    hours, _, rest = time.removeprefix("PT").partition("H")
    minutes, _, seconds = rest.removesuffix("S").partition("M")
    try:
        length = timedelta(hours=int(hours), minutes=int(minutes or 0), seconds=float(seconds or 0))
    except (ValueError, OverflowError):
        return None
    return duration(length) if int(hours) >= _HOURS else None


def _text(paragraph: etree._Element) -> str:
    """A paragraph's text, with blanks that are elements."""
    pieces = []
    for event, element in etree.iterwalk(paragraph, events=("start", "end")):
        if event == "start":
            times = element.get(f"{_TEXT}c") or "1"
            pieces.append(" " * int(times) if element.tag == f"{_TEXT}s" and times.isdecimal() else "")
            pieces.append(_BLANKS.get(str(element.tag), element.text or ""))
        elif element is not paragraph:
            pieces.append(element.tail or "")
    return "".join(pieces)


def _number(element: etree._Element, name: str) -> int:
    given = element.get(f"{_TABLE}{name}") or "1"
    return max(int(given), 1) if given.isdecimal() else 1
