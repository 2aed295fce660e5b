"""The records of a document that is looked at as a whole: their numbers, keys, and where they begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from potable.checkers.markup.elements import RecordNames, name_of
from potable.checkers.markup.libxml import Element, etree
from potable.checkers.markup.parts import blocks
from potable.engine.contracts.snapshot import Part
from potable.engine.limits import Limits
from potable.engine.paths import FieldPath
from potable.engine.toolkit import Names, element_names, find, start_tags

HEAD = 1 << 20
"""So many bytes tell which names a part has."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The primary key of records.

    :param paths: canonical paths; none: there's no key.
    :param delimiter: joins the values of several.
    :param names: see :class:`~potable.engine.reading.xml.names.Names`.
    """

    paths: Sequence[str]
    delimiter: str
    names: Names

    @classmethod
    def of_part(cls, part: Part, limits: Limits, paths: Sequence[str], delimiter: str) -> Keys:
        """Those of a part. Raises :class:`Fault`."""
        head = next(blocks(part, limits, HEAD), b"") if paths else b""
        return cls(paths, delimiter, Names(element_names(head)))

    def of(self, record: Element) -> str | None:
        """A record's key; None where a part of it is missing."""
        parts = []
        for path in self.paths:
            nodes = find(record, FieldPath.parse(path), self.names)
            value = next((n.value for n in nodes if n.value is not None), None)
            if value is None:
                return None
            parts.append(value)
        return self.delimiter.join(parts) if parts else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an element is.

    :param line: of its start tag.
    :param record: number of the record that it lies in; ``byte``: where that begins; ``key``: the record's.
    """

    line: int | None = None
    record: int | None = None
    byte: int | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A record of a document.

    :param number: from 1 in its part; None where they can't be counted.
    :param index: how many elements begin before it.
    """

    number: int | None
    index: int


class TreeRecords:
    """The records of a document in memory.

    :ivar counted: how many there are; 0 where they can't be counted.
    """

    def __init__(self, root: Element, names: RecordNames, part: Part, limits: Limits, keys: Keys) -> None:
        self._part, self._limits, self._keys = part, limits, keys
        self._found: dict[Element, Record] = {}
        self._starts: list[int] | None = None
        self._breaks = np.empty(0, np.int64)
        self._elements = 0
        for index, element in enumerate(root.iter(etree.Element)):
            self._elements = index + 1
            parent = element.getparent()
            if names.is_record(name_of(element), None if parent is None else name_of(parent)):
                number = len(self._found) + 1 if names.counted else None
                self._found[element] = Record(number, index)
        self.counted = len(self._found) if names.counted else 0

    def at(self, element: Element) -> Place:
        """Where an element is."""
        record: Element | None = element
        while record is not None and record not in self._found:
            record = record.getparent()
        if record is None:
            return Place(line=element.sourceline)
        found = self._found[record]
        further = next(n for n, e in enumerate(record.iter(etree.Element)) if e is element)
        tag = self._tag(found.index + further)
        return Place(
            line=element.sourceline if tag is None else int(np.searchsorted(self._breaks, tag)) + 1,
            record=found.number, byte=self._tag(found.index), key=self._keys.of(record),
        )  # fmt: skip

    def _tag(self, index: int) -> int | None:
        """Where the element with that index begins; None where the bytes don't tell, as in UTF-16."""
        if self._starts is None:
            data = b"".join(blocks(self._part, self._limits))
            self._starts, self._breaks = start_tags(data), line_breaks(data)
        return self._starts[index] if len(self._starts) == self._elements else None


def line_breaks(data: bytes) -> npt.NDArray[np.int64]:
    """Offsets of the line breaks: LF, and CR where no LF follows."""
    text = np.frombuffer(data, np.uint8)
    is_break = text == ord("\n")
    if b"\r" in data:
        alone = text == ord("\r")
        alone[:-1] &= ~is_break[1:]
        is_break |= alone
    return np.flatnonzero(is_break)
