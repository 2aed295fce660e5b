"""The records' elements of a cut, parsed some at a time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from potable.engine.findings import Occurrence
from potable.engine.reading.xml.broken import Broken
from potable.engine.reading.xml.layout import Hints, Offsets, Seam
from potable.engine.reading.xml.nodes import large_node, large_text, too_large
from potable.engine.reading.xml.piece import Piece
from potable.engine.reading.xml.places import Places
from potable.engine.reading.xml.values import name_of

if TYPE_CHECKING:
    from lxml import etree

    from potable.engine.limits import Limits


class Records:
    """The records of a cut.

    :ivar fault: once :meth:`groups` has ended: why the document isn't well-formed behind the last record.
    """

    def __init__(self, places: Places, limits: Limits) -> None:
        self._places, self._limits = places, limits
        self._hints: Hints = places.hints
        self._kept: dict[int, etree._Element] = {}
        self.fault: Occurrence | None = None

    def groups(self, wanted: Offsets | None = None) -> Iterator[tuple[int, list[etree._Element]]]:
        """Elements of records that follow each other, and the row of the first; as far as the document goes.

        :param wanted: rows, ascending: groups that have none of them are left out. None: all are wanted.

        A group's tree lives as long as one of its elements: let them go before the next.
        """
        for part in pairwise(self._hints.seams):
            if wanted is not None and np.searchsorted(wanted, part[0].row) == np.searchsorted(wanted, part[1].row):
                continue
            found, self.fault = self._group(*part)
            yield part[0].row, found
            if self.fault is not None:
                return

    def element(self, row: int) -> etree._Element:
        """The element of a record that :meth:`groups` gave: parsed alone, if it's a sibling of those since a seam."""
        if row not in self._kept:
            hints = self._hints
            n = max(n for n, seam in enumerate(hints.seams[:-1]) if seam.row <= row)
            seam = hints.seams[n]
            run = hints.runs[bisect_right(hints.runs, row, key=lambda r: r.row) - 1]
            first = int(hints.starts[seam.row])
            if run.row <= seam.row and not self._places.cut.data[seam.at : first].strip():
                start = replace(seam, at=int(hints.starts[row]), row=row, elements=self._number(row))
                part = start, replace(seam, at=int(hints.stops[row]), row=row + 1)
            else:
                part = seam, hints.seams[n + 1]
            found, _ = self._group(*part)
            self._kept = dict(enumerate(found, part[0].row))
        return self._kept[row]

    def each(self, rows: Iterable[int]) -> Iterator[etree._Element]:
        """The elements of these records, in ascending order."""
        groups = self.groups()
        first = 0
        elements: list[etree._Element] = []
        for row in rows:
            while row >= first + len(elements):
                first, elements = next(groups)
            yield elements[row - first]

    def _number(self, row: int) -> int:
        """Which of all records' elements of the cut it is, with those left out."""
        number = row
        for left_out in sorted(self._hints.left_out):
            number += left_out <= number
        return number

    def _group(self, start: Seam, end: Seam) -> tuple[list[etree._Element], Occurrence | None]:
        places, hints = self._places, self._hints
        piece = Piece(
            data=places.cut.data[start.at : end.at], before=start.tags, behind=end.names, depth=self._limits.depth,
            doctype=hints.layout.doctype,
        )  # fmt: skip
        records = end.row - start.row
        broken = hints.broken if end is hints.seams[-1] else None
        parsed = piece.parse()
        if not isinstance(parsed, Broken):
            found = self._alone(parsed, piece, start, end)
            if found is None:
                found = list(self._records(parsed, piece, start))
            if len(found) != records:
                at = places.cut.byte + start.at
                raise RuntimeError(f"{len(found)} records where {records} were cut, from byte {at}")
            return self._bounded(start, end, found, broken)
        if broken is None or not parsed.open:
            broken = parsed.told(places.exact(start.at + parsed.at))
        root, unfinished = piece.start()
        whole: list[etree._Element] = []
        if root is not None:
            stops = hints.stops[start.row : end.row].tolist()
            for element, stop in zip(self._records(root, piece, start), stops, strict=False):
                if element in unfinished or stop > start.at + parsed.at:
                    break
                whole.append(element)
        return self._bounded(start, end, whole, broken)

    def _alone(self, root: etree._Element, piece: Piece, start: Seam, end: Seam) -> list[etree._Element] | None:
        """The records' elements where they're all that is in the innermost open element; else None."""
        if (
            start.row == end.row
            or not start.tags
            or start.tags != end.tags
            or len(self._hints.runs) != 1
            or self._hints.left_out
        ):
            return None
        for _ in range(piece.extra + len(start.tags) - 1):
            root = root[0]
        if len(root) != end.row - start.row or not self._hints.layout.target.is_record(name_of(root[0]), name_of(root)):
            return None
        found = list(root)
        tag, prefix = root[0].tag, root[0].prefix
        return found if all(e.tag == tag for e in found) and all(e.prefix == prefix for e in found) else None

    def _records(self, root: etree._Element, piece: Piece, start: Seam) -> Iterator[etree._Element]:
        """The records' elements in document order, but those that the cutter left out."""
        for _ in range(piece.extra):
            root = root[0]
        elements = self._elements(root)
        if not self._hints.left_out:
            return elements
        return (e for n, e in enumerate(elements, start.elements) if n not in self._hints.left_out)

    def _elements(self, root: etree._Element) -> Iterator[etree._Element]:
        target = self._hints.layout.target
        if target.is_record(name_of(root), None):
            yield root
            return
        decided: dict[tuple[str, str | None, str], bool] = {}
        stack: list[Iterator[etree._Element]] = [iter(root)]
        parents = [name_of(root)]
        while stack:
            parent = parents[-1]
            for element in stack[-1]:
                key = (str(element.tag), element.prefix, parent)
                is_record = decided.get(key)
                if is_record is None:
                    is_record = decided[key] = target.is_record(name_of(element), parent)
                if is_record:
                    yield element
                elif len(element):
                    stack.append(iter(element))
                    parents.append(name_of(element))
                    break
            else:
                stack.pop()
                parents.pop()

    def _bounded(
        self, start: Seam, end: Seam, found: list[etree._Element], fault: Occurrence | None
    ) -> tuple[list[etree._Element], Occurrence | None]:
        """The records up to a node beyond ``Limits.node_bytes``, in them or between them."""
        most, hints, data = self._limits.node_bytes, self._hints, self._places.cut.data
        if end.at - start.at <= most:
            return found, fault
        starts, stops = (offsets[start.row : start.row + len(found)] for offsets in (hints.starts, hints.stops))
        # What lies behind the last record that could be read has the fault.
        close = end.at if len(found) == end.row - start.row and fault is None else int(stops[-1]) if len(stops) else 0
        before, begins = np.concatenate(([start.at], stops)), np.concatenate((starts, [close]))
        sizes = np.concatenate((stops - starts, [0]))
        for n in ((begins - before > most) | (sizes > most)).nonzero()[0].tolist():
            large = large_node(data, int(before[n]), int(begins[n]), most)
            if large is None and sizes[n] > most:
                text = large_text(found[n], most)
                if text is not None:
                    what, element = text
                    where = self._places.element(start.row + n, found[n], element)
                    return found[:n], too_large(f"{what} of <{name_of(element)}>", most, where)
                large = large_node(data, int(starts[n]), int(stops[n]), most, inside=True)
            if large is not None:
                return found[:n], too_large(large[0], most, self._places.exact(large[1]))
        return found, fault
