"""Where records, and nodes inside them, are."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from potable.engine.contracts.reading import Cut
from potable.engine.findings import Location
from potable.engine.reading.decoding import UTF8, original_length
from potable.engine.reading.window import place_after
from potable.engine.reading.xml.layout import Hints, Offsets
from potable.engine.reading.xml.markup import start_tags
from potable.engine.reading.xml.values import name_of

if TYPE_CHECKING:
    from lxml import etree


class Places:
    """The places in one cut."""

    def __init__(self, cut: Cut) -> None:
        self.cut = cut
        self.hints: Hints = cut.hints
        self._breaks: Offsets | None = None

    def offset(self, offset: int, row: int | None = None, path: str | None = None) -> Location:
        """The place of an offset in the cut."""
        cut, layout = self.cut, self.hints.layout
        return Location(
            file=layout.file, url=layout.url, line=self.line(offset), byte=self.byte(offset),
            record=None if row is None else cut.first_record + row, path=path,
        )  # fmt: skip

    def exact(self, offset: int) -> Location:
        """The place of an offset in the cut, with its column."""
        line, column = place_after(self.cut.data[:offset], self.cut.line, self.hints.column)
        return replace(self.offset(offset), line=line, column=column)

    def record(self, row: int) -> Location:
        """The place of a record of the cut."""
        return self.offset(int(self.hints.starts[row]), row, self.path(row))

    def node(self, row: int, record: etree._Element, element: etree._Element, part: str = "") -> Location:
        """The place of an element inside a record: its line, and the record's byte.

        :param part: of the element, ``@name`` or ``_$``.
        """
        path = self.path(row) + inner_path(record, element) + (f"/{part}" if part.startswith("@") else "")
        return replace(self.record(row), line=self.line(self._tag(row, record, element)), path=path)

    def element(self, row: int, record: etree._Element, element: etree._Element) -> Location:
        """The place of the start tag of an element inside a record, with its column."""
        place = self.exact(self._tag(row, record, element))
        return replace(place, path=self.path(row) + inner_path(record, element))

    def _tag(self, row: int, record: etree._Element, element: etree._Element) -> int:
        """The offset in the cut of an element's start tag."""
        start, stop = int(self.hints.starts[row]), int(self.hints.stops[row])
        number = next(n for n, e in enumerate(record.iter()) if e is element)
        return start + start_tags(self.cut.data[start:stop])[number]

    def line(self, offset: int) -> int:
        """The physical line of an offset in the cut."""
        if self._breaks is None:
            text = np.frombuffer(self.cut.data, np.uint8)
            is_break = text == 10
            if b"\r" in self.cut.data:
                alone = text == 13
                alone[:-1] &= ~is_break[1:]
                is_break |= alone
            self._breaks = np.flatnonzero(is_break)
        return self.cut.line + int(np.searchsorted(self._breaks, offset))

    def byte(self, offset: int) -> int:
        """The offset in the part's decompressed bytes of an offset in the cut."""
        hints, cut = self.hints, self.cut
        if hints.original == UTF8:
            return cut.byte + offset
        invalid = tuple(i for i in hints.invalid if i.at < offset)
        return cut.byte + original_length(cut.data[:offset], hints.original, invalid)

    def path(self, row: int) -> str:
        """The record's element path."""
        run = self.hints.runs[bisect_right(self.hints.runs, row, key=lambda r: r.row) - 1]
        return f"{run.path}[{run.number + row - run.row}]"

    def row(self, offset: int) -> int | None:
        """The record that an offset lies in; None between records."""
        row = int(np.searchsorted(self.hints.starts, offset, "right")) - 1
        return row if row >= 0 and offset < int(self.hints.stops[row]) else None


def inner_path(record: etree._Element, element: etree._Element) -> str:
    """The path from a record to an element in it: ``/synonym[2]``; "" for the record itself.

    A number stands where there are several siblings of that name.
    """
    steps: list[str] = []
    while element is not record:
        parent = element.getparent()
        assert parent is not None
        name = name_of(element)
        twins = [child for child in parent if name_of(child) == name]
        steps.append(f"/{name}[{twins.index(element) + 1}]" if len(twins) > 1 else f"/{name}")
        element = parent
    return "".join(reversed(steps))
