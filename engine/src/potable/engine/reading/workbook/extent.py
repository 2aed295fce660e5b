"""What a workbook's own XML says of a sheet before it's opened: how far it reaches, and which cells are errors.

A few bytes can make a sheet of seventeen thousand million cells: the last cell of the last row (ECMA-376), or a cell
that is repeated (OpenDocument).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from lxml import etree

from potable.engine.reading.workbook.values import column_of

_PIECE = 1 << 20
_USUAL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"')
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_REFERENCE = re.compile(rb"""<(?:\w+:)?c\s(?:[^>]*?\s)?r\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["']""")
_ERROR = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\bt\s*=\s*["']e["'][^>]*>.*?</(?:\w+:)?c\s*>""", re.DOTALL)
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>([^<]*)<")
_MAIN = "{*}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"


@dataclass(slots=True)
class Extent:
    """How far a sheet reaches.

    :ivar rows: rows up to the last one with a cell.
    :ivar columns: columns up to the last one with a cell.
    :ivar errors: by row and column, from 0, the errors of formulas: ``#N/A``.
    """

    rows: int = 0
    columns: int = 0
    errors: dict[tuple[int, int], str] = field(default_factory=dict)

    def cover(self, row: int, column: int) -> None:
        """Reach as far as this cell, from 0."""
        self.rows, self.columns = max(self.rows, row + 1), max(self.columns, column + 1)


def extents_of(archive: zipfile.ZipFile) -> dict[str, Extent]:
    """By its name the extent of each sheet of an OpenDocument, which calamine reads whole when it's opened.

    Raises zipfile.BadZipFile, etree.XMLSyntaxError, zlib.error and the like for a damaged file.
    """
    if "content.xml" not in archive.namelist():
        return {}
    with archive.open("content.xml") as file:
        return _open_document(file)


def extent_of(archive: zipfile.ZipFile, sheet: str) -> Extent | None:
    """The extent of a sheet of an Office Open XML workbook; None for another kind. Raises as :func:`extents_of`."""
    if "xl/workbook.xml" not in archive.namelist():
        return None
    member = _member(archive, sheet)
    if member is None:
        return None
    with archive.open(member) as file:
        extent = _quick(file)
    if extent is None:
        with archive.open(member) as file:
            extent = _thorough(file)
    return extent


def _member(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The file of a sheet."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    book = etree.fromstring(archive.read("xl/workbook.xml"), parser)
    relations = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), parser)
    targets = {r.get("Id"): r.get("Target") or "" for r in relations.iter(f"{_MAIN}Relationship")}
    for element in book.iter(f"{_MAIN}sheet"):
        if element.get("name") == sheet:
            target = targets.get(element.get(_RELATION) or element.get(_STRICT_RELATION), "")
            path = target[1:] if target.startswith("/") else f"xl/{target}"
            return path if path in archive.namelist() else None
    return None


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """The file in pieces that end between two cells."""
    rest = b""
    while data := file.read(_PIECE):
        data = rest + data
        end = max(data.rfind(b"</c>"), data.rfind(b"</row>"), data.rfind(b":c>"), data.rfind(b":row>"))
        end = data.find(b">", end) + 1 if end >= 0 else 0
        yield data[:end]
        rest = data[end:]
    yield rest


def _quick(file: IO[bytes]) -> Extent | None:
    """By regular expressions, ten times as fast as a parser; None where cells don't say where they are, or the text
    isn't in a superset of ASCII.
    """
    extent = Extent()
    for n, piece in enumerate(_pieces(file)):
        if n == 0 and b"\0" in piece[:100]:
            return None
        found = _USUAL.findall(piece)
        if len(found) != piece.count(b"<c") or b":c" in piece:  # rarely: another spelling, or elements such as <cols>
            found = _REFERENCE.findall(piece)
            if len(found) != len(_CELL.findall(piece)):
                return None
        if not found:
            continue
        last = max({c for c, _ in found}, key=lambda c: (len(c), c))
        extent.cover(max(map(int, {r for _, r in found})) - 1, column_of(last.decode()))
        if b'"e"' not in piece and b"'e'" not in piece:
            continue
        for match in _ERROR.finditer(piece):
            place, value = _REFERENCE.match(match[0]), _VALUE.search(match[0])
            if place is not None and value is not None:
                at = int(place[2]) - 1, column_of(place[1].decode())
                extent.errors[at] = value[1].decode("utf-8", "replace").strip()
    return extent


def _thorough(file: IO[bytes]) -> Extent:
    extent = Extent()
    row, column = -1, -1
    walk = etree.iterparse(
        file, events=("start", "end"), tag=(f"{_MAIN}row", f"{_MAIN}c"), resolve_entities=False, no_network=True
    )
    for event, element in walk:
        is_row = etree.QName(element).localname == "row"
        if event == "start" and is_row:
            row, column = int(element.get("r") or row + 2) - 1, -1
        elif event == "start":
            reference = re.fullmatch("([A-Z]{1,3})([0-9]{1,7})", element.get("r") or "")
            column = column + 1 if reference is None else column_of(reference[1])
            row = row if reference is None else int(reference[2]) - 1
            extent.cover(row, column)
        elif is_row:
            element.clear()
        elif element.get("t") == "e":
            value = element.findtext(f"{_MAIN}v")
            if value:
                extent.errors[row, column] = value.strip()
    return extent


def _open_document(file: IO[bytes]) -> dict[str, Extent]:
    extents: dict[str, Extent] = {}
    extent, row, depth = Extent(), 0, 0
    tags = (f"{_TABLE}table", f"{_TABLE}table-row")
    walk = etree.iterparse(file, events=("start", "end"), tag=tags, resolve_entities=False, no_network=True)
    for event, element in walk:
        if element.tag == tags[0] and event == "start":
            depth += 1
            if depth == 1:  # a table may stand inside a cell
                extent, row = extents.setdefault(element.get(f"{_TABLE}name") or "", Extent()), 0
        elif element.tag == tags[0]:
            depth -= 1
            element.clear()
        elif event == "end" and depth == 1:
            row = _cover_row(extent, element, row)
            element.clear()
    return extents


def _cover_row(extent: Extent, element: etree._Element, row: int) -> int:
    """Cover a row; returns the next one."""
    times = _repeated(element, "rows")
    column = 0
    for cell in element.iterchildren(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
        wide = _repeated(cell, "columns")
        if cell.get(f"{_OFFICE}value-type") is not None or cell.get(f"{_CALC}value-type") is not None or len(cell):
            extent.cover(row + times - 1, column + wide - 1)
            if cell.get(f"{_CALC}value-type") == "error" and times * wide == 1:
                extent.errors[row, column] = "".join(str(t) for t in cell.itertext()).strip()
        column += wide
    return row + times


def _repeated(element: etree._Element, what: str) -> int:
    given = element.get(f"{_TABLE}number-{what}-repeated") or "1"
    return max(int(given), 1) if given.isdecimal() else 1
