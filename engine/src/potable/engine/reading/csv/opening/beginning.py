"""The beginning of a table: its header, and the first records in whatever dialect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from potable.engine.findings import Location
from potable.engine.reading.csv.cutter import Header
from potable.engine.reading.csv.dialect import Dialect
from potable.engine.reading.csv.layout import Layout
from potable.engine.reading.csv.tokenizer import tokenize
from potable.engine.reading.decoding import UTF8, original_length
from potable.engine.reading.window import count_lines

SAMPLE = 20
"""So many records are looked at behind the header."""
FEW = 5
"""Fewer records don't show a habit of the whole table."""


@dataclass(frozen=True, slots=True)
class Row:
    """A record: its start and end in the text, physical line from 1, cells."""

    at: int
    stop: int
    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Beginning:
    """The beginning of a table.

    :param text: the part's first bytes of text; :param whole: they're all of it.
    :param header: the header as it was read; :param layout: the columns that it tells.
    :param data: offset in the text of the first record.
    :param named: columns that the definition names.
    :param original: the encoding that the text comes from.
    """

    text: bytes
    whole: bool
    header: Header
    layout: Layout
    data: int
    named: frozenset[str]
    original: str = UTF8
    _read: dict[tuple[Dialect, int], tuple[int, list[Row]]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def place(self) -> Location:
        """The header's."""
        return Location(file=self.layout.file, url=self.layout.url, line=self.header.line, byte=self.header.byte)

    def at(self, row: Row) -> Location:
        """The place of a record."""
        byte = self.header.byte + original_length(self.text[self.header.at : row.at], self.original)
        return Location(file=self.layout.file, url=self.layout.url, line=row.line, byte=byte)

    def rows(self, dialect: Dialect, start: int = 0, most: int = SAMPLE) -> list[Row]:
        """The first whole records from an offset on."""
        asked, rows = self._read.get((dialect, start), (0, []))
        if asked < most:  # a dozen looks ask for the same ones
            rows = list(islice(self._rows(dialect, start), most))
            self._read[dialect, start] = most, rows
        return rows[:most]

    def _rows(self, dialect: Dialect, start: int) -> Iterator[Row]:
        text = self.text[start:]
        line = count_lines(self.text[:start]) + 1
        for token in tokenize(text, dialect, final=self.whole):
            if token.kind == "incomplete":
                return
            if token.kind == "record":
                cells = tuple(c.decode("utf-8", "replace") for c in token.cells)
                yield Row(start + token.start, start + token.stop, line, cells)
            line += count_lines(text[token.start : token.stop])

    def header_in(self, dialect: Dialect) -> tuple[str, ...]:
        """The cells of the header's record in another dialect."""
        token = next(tokenize(self.header.text, dialect), None)
        return () if token is None else tuple(c.decode("utf-8", "replace") for c in token.cells)

    def split(self, dialect: Dialect) -> int:
        """Into how many columns a dialect splits the header and the first records alike; 0: not alike."""
        width = len(self.header_in(dialect))
        return width if all(len(row.cells) == width for row in self.rows(dialect, self.data)) else 0
