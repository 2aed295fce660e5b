"""A workbook, opened; its sheet, picked."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO

from lxml import etree

from potable.engine.contracts.reading import part_location
from potable.engine.contracts.snapshot import Part
from potable.engine.errors import UsageError, likely
from potable.engine.findings import Fault, Occurrence, clip
from potable.engine.reading.streams import compression
from potable.engine.reading.workbook.extent import Extent, extent_of
from potable.engine.reading.workbook.opendocument import CONTENT, extents_of, is_encrypted
from potable.engine.reading.workbook.values import address

if TYPE_CHECKING:
    from potable.engine.limits import Limits

_CELL_BYTES = 32
"""What calamine keeps of each cell of a sheet, filled or not, besides its text."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ZIP = b"PK\x03\x04"
_HEAD = 12
"""So many bytes tell whether a file is compressed, and how."""
_BOOKS = ("xl/workbook.xml", "xl/workbook.bin", CONTENT)
"""What a zip archive that is a workbook has."""
_ERRORS = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"})
"""Errors of formulas that calamine knows; it reads no sheet of Office Open XML that has another."""
_UNKNOWN = "Cannot detect file format"  # calamine's words for a file that it can't open as any kind of workbook
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet, held in memory.

    :ivar name: its name. :ivar names: names of all sheets.
    :ivar unread: names of other sheets with tables, and whether each is hidden.
    :ivar left: number of its first column with a value, from 0.
    :ivar width: how many columns there are from there on.
    :ivar told: by row and column, from 0, what is in cells that calamine doesn't tell, or tells wrong.
    :ivar merged: merged cells: first row, first column, last row, last column, from 0.
    :ivar hidden: numbers of hidden rows, from 1, and of hidden columns, from 0.
    """

    part: Part
    name: str
    names: tuple[str, ...]
    unread: tuple[tuple[str, bool], ...]
    left: int
    width: int
    told: dict[tuple[int, int], Any]
    merged: list[tuple[int, int, int, int]]
    hidden: tuple[frozenset[int], frozenset[int]]
    cells: Any

    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        """All rows, with their numbers from 1; each has ``width`` values."""
        places = sorted(self.told)
        at = 0
        for number, row in enumerate(self.cells.iter_rows() if self.width else (), 1):
            while at < len(places) and places[at][0] < number:
                line, column = places[at]
                at += 1
                if line == number - 1 and 0 <= column - self.left < len(row):
                    row[column - self.left] = self.told[line, column]
            yield number, row


def open_sheet(part: Part, wanted: str | int | None, limits: Limits) -> Sheet:
    """The sheet of a workbook.

    :param wanted: its name or its number from 1; None: the first one that isn't hidden.
    :raises Fault: ``excel/unreadable``, ``excel/unknown-sheet``, ``excel/too-large``, ``excel/many-columns``;
        ``access/compression`` for a file that unpacks to more than it may.
    :raises UsageError: python-calamine isn't installed.
    """
    calamine = _library()
    with _reading(part), part.path.open("rb") as file:
        archive = _archive(part, file)
        extents = {} if archive is None else _extents(part, archive, limits)
        file.seek(0)
        book = calamine.CalamineWorkbook.from_filelike(file)
        name = _picked(part, book, wanted)
        if archive is not None and not extents and (found := extent_of(archive, name)) is not None:
            _check_extent(part, name, found, limits)
            _check_errors(part, name, found)
            extents[name] = found
        cells = book.get_sheet_by_name(name)
    left = cells.start[1] if cells.start is not None else 0
    right = left + cells.width if cells.start is not None else 0
    if right - left > limits.columns:
        message = f"sheet {name!r} has {right - left:,} columns, more than {limits.columns:,} (Limits.columns)"
        raise Fault(Occurrence("excel/many-columns", message, location=part_location(part)))
    extent = extents.get(name, Extent())
    merged = extent.merged or [(*first, *last) for first, last in cells.merged_cell_ranges or ()]
    tables = [m for m in book.sheets_metadata if m.typ == calamine.SheetTypeEnum.WorkSheet and m.name != name]
    unread = tuple((m.name, m.visible != calamine.SheetVisibleEnum.Visible) for m in tables)
    hidden = frozenset(row + 1 for row in extent.hidden_rows), frozenset(extent.hidden_columns)
    return Sheet(part, name, tuple(book.sheet_names), unread, left, right - left, extent.cells, merged, hidden, cells)


def _archive(part: Part, file: BinaryIO) -> zipfile.ZipFile | None:
    """The zip archive that a workbook is; None for the older kinds. Raises :class:`Fault` for what can't be opened."""
    if file.read(len(_OLE)) == _OLE:
        file.seek(0)
        if _ENCRYPTED in file.read(1 << 20) or _ENCRYPTED in _tail(file):
            raise Fault(_unreadable(part, "it's protected by a password"))
    file.seek(0)
    head = file.read(_HEAD)
    if zipfile.is_zipfile(file):
        return zipfile.ZipFile(file)
    if head.startswith(_ZIP):
        cut = _unreadable(part, "it's cut off: the list of contents at its end is missing")
        raise Fault(replace(cut, hint="Get the file again, whole: a transfer broke off, or the disk was full."))
    if (kind := compression(head)) is not None:
        packed = _unreadable(part, f"it's compressed with {kind}, and workbooks aren't unpacked")
        raise Fault(replace(packed, hint="Unpack the file, and name the workbook itself in ingestURL."))
    return None


def _extents(part: Part, archive: zipfile.ZipFile, limits: Limits) -> dict[str, Extent]:
    """By its name the extent of each sheet, where calamine reads all of them at once; else nothing.

    Raises :class:`Fault` for an archive that is no workbook, or needs more than it may.
    """
    if not any(name in archive.namelist() for name in _BOOKS):
        raise Fault(_unreadable(part, "it's a zip archive without a workbook in it"))
    _check_size(part, archive, limits)
    if is_encrypted(archive):
        raise Fault(_unreadable(part, "it's protected by a password"))
    extents = extents_of(archive)
    for name, extent in extents.items():
        _check_extent(part, name, extent, limits)
    return extents


def sheets_told(names: tuple[str, ...]) -> str:
    """The sheets there are, for a message."""
    shown = ", ".join(repr(n[:60]) for n in names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else shown or "none"


def _library() -> Any:
    try:
        import python_calamine  # heavy, and an extra
    except ImportError:
        message = "workbooks are read with python-calamine, which isn't installed: pip install 'potable-engine[excel]'"
        raise UsageError(message) from None
    return python_calamine


@contextmanager
def _reading(part: Part) -> Iterator[None]:
    """Whatever goes wrong with the file inside is a :class:`Fault` of the part."""
    try:
        yield
    except (Fault, UsageError):
        raise
    except OSError as e:
        if e.errno is None:
            raise Fault(_unreadable(part, str(e))) from None
        code = "access/not-found" if isinstance(e, FileNotFoundError) else "access/unreachable"
        said = Occurrence(code, f"{part.name} can't be read: {e.strerror}", location=part_location(part))
        raise Fault(said) from None
    except (
        zipfile.BadZipFile,
        etree.XMLSyntaxError,
        zlib.error,
        EOFError,
        ValueError,
        LookupError,
        NotImplementedError,
    ) as e:
        raise Fault(_unreadable(part, str(e))) from None
    except BaseException as e:
        # calamine's own exceptions have no common base in its stubs; its panics don't derive from Exception
        if type(e).__module__ not in ("python_calamine", "pyo3_runtime"):
            raise
        words = "it's protected by a password" if type(e).__name__ == "PasswordError" else str(e)
        raise Fault(_unreadable(part, words)) from None


def _unreadable(part: Part, words: str) -> Occurrence:
    told = clip(" ".join(words.split()), 1_000) or "it's damaged"
    if _UNKNOWN in told:
        told = "it's damaged, cut off, or no workbook at all"
    return Occurrence("excel/unreadable", f"{part.name} can't be read: {told}", location=part_location(part))


def _check_errors(part: Part, sheet: str, extent: Extent) -> None:
    odd = ((at, said) for at, said in sorted(extent.cells.items()) if isinstance(said, str) and said not in _ERRORS)
    for (row, column), said in odd:
        path = address(sheet, column, row + 1)
        message = f"{part.name} can't be read: the cell {path} holds an error that isn't known, {said[:60]!r}"
        at = replace(part_location(part, line=row + 1), path=path)
        hint = "Mend the formula in that cell, or have the table exported as CSV."
        raise Fault(Occurrence("excel/unreadable", message, location=at, hint=hint))


def _tail(file: BinaryIO) -> bytes:
    """The end of a file: the directory of an OLE file may stand there."""
    file.seek(0, 2)
    file.seek(max(0, file.tell() - (1 << 20)))
    return file.read()


def _check_size(part: Part, archive: zipfile.ZipFile, limits: Limits) -> None:
    size = sum(info.file_size for info in archive.infolist())
    for limit in ("inflated_bytes", "workbook_bytes"):
        most = getattr(limits, limit)
        if size > most:
            message = f"{part.bytes:,} bytes of a workbook unpack to {size:,}, more than {most:,} (Limits.{limit})"
            raise Fault(Occurrence("access/compression", message, location=part_location(part)))


def _check_extent(part: Part, sheet: str, extent: Extent, limits: Limits) -> None:
    size = extent.rows * extent.columns * _CELL_BYTES
    if size > limits.workbook_bytes:
        message = (
            f"sheet {sheet!r} reaches to row {extent.rows:,} and column {extent.columns:,}: it would take "
            f"{size:,} bytes, more than {limits.workbook_bytes:,} (Limits.workbook_bytes)"
        )
        raise Fault(Occurrence("excel/too-large", message, location=part_location(part, line=extent.rows)))


def _picked(part: Part, book: Any, wanted: str | int | None) -> str:
    names: tuple[str, ...] = tuple(book.sheet_names)
    if wanted is None:
        import python_calamine as calamine  # heavy, and an extra

        tables = [m for m in book.sheets_metadata if m.typ == calamine.SheetTypeEnum.WorkSheet]
        shown = [m.name for m in tables if m.visible == calamine.SheetVisibleEnum.Visible]
        first: str | None = next(iter([*shown, *(m.name for m in tables), *names]), None)
        if first is None:
            raise Fault(_unreadable(part, "it has no sheets"))
        return first
    given = wanted
    if isinstance(wanted, str):
        same = [n for n in names if n == wanted] or [n for n in names if n.casefold() == wanted.strip().casefold()]
        if same:
            return same[0]
        if wanted.strip().isdecimal():
            wanted = int(wanted)
    if isinstance(wanted, int) and 1 <= wanted <= len(names):
        return names[wanted - 1]
    near = likely(given, names) if isinstance(given, str) else []
    message = f"{part.name} has no sheet {given!r}; its sheets: {sheets_told(names)}"
    hint = f"Set sheet to {near[0]!r}." if near else None
    raise Fault(Occurrence("excel/unknown-sheet", message, location=part_location(part), hint=hint))
