"""A compiled schema of XML: what it finds wrong with a part or a record."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from potable.checkers.markup.documents import SchemaDocument
from potable.checkers.markup.elements import RecordNames
from potable.checkers.markup.libxml import Element
from potable.checkers.markup.records import Keys, TreeRecords
from potable.engine.contracts.snapshot import Part
from potable.engine.findings import clip
from potable.engine.limits import Limits
from potable.engine.toolkit import lazy_regex

T = TypeVar("T")
_ABSOLUTE = lazy_regex(r"(?<![\w:/.])(?:file://)?/(?:[^\s/'\"{}]+/)+([^\s/'\"{}]+)")
SHOWN_FAULTS = 20
"""Most faults of one schema that are told."""


@dataclass(frozen=True, slots=True)
class Violation:
    """Something in a document that its schema forbids.

    :param rule: a stable name of what is broken.
    :param names: the elements from the document's, or the record's, own down to the faulty one; an attribute is
        ``@name``.
    :param path: the same with numbers, ``/r/stock[2]/name``; of an attribute that is missing its element's.
    :param value: the value that is wrong, where libxml2 tells.
    :param record: number of the record in the part; None outside of records, or where they can't be counted.
    :param byte: where that record begins, and its ``key``; None where they aren't known.
    """

    rule: str
    message: str
    names: tuple[str, ...]
    path: str
    value: str | None = None
    line: int | None = None
    record: int | None = None
    byte: int | None = None
    key: str | None = None


@dataclass(slots=True)
class PartRun:
    """One look at a part.

    :param most: most bytes that may be held as a tree.
    :param keys: the primary key of its records.
    :ivar counted: how many records it has, when the look has ended.
    """

    part: Part
    limits: Limits
    records: RecordNames
    most: int
    keys: Keys
    counted: int = 0

    def tree(self, root: Element) -> TreeRecords:
        """The records of its document; counts them."""
        found = TreeRecords(root, self.records, self.part, self.limits, self.keys)
        self.counted = found.counted
        return found


class Schema(ABC):
    """A schema that can be used; safe to use in several threads at once.

    :ivar roots: the elements, ``{namespace}name``, that a document of its may have at its root; empty: not known.
    """

    roots: frozenset[str] = frozenset()

    @abstractmethod
    def of_element(self, element: Element) -> Iterator[Violation]:
        """What is wrong with a record; paths begin at its own element."""

    @abstractmethod
    def of_part(self, run: PartRun) -> Iterator[Violation]:
        """What is wrong with a part.

        Raises :class:`~potable.checkers.markup.parts.TooLarge`,
        :class:`~potable.checkers.markup.parts.NotWellFormed`, and :class:`Fault`.
        """


class PerThread(Generic[T]):
    """One object for each thread, for lxml keeps the errors of a validation in the validator."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make, self._kept = make, threading.local()

    def get(self) -> T:
        """This thread's."""
        found: T | None = getattr(self._kept, "value", None)
        if found is None:
            found = self._kept.value = self._make()
        return found


def compile_faults(document: SchemaDocument, error: Any) -> None:
    """Note why libxml2 doesn't take a schema: its own words, at the lines that it names."""
    told: set[tuple[str, int]] = set()
    for entry in list(error.error_log):
        key = (entry.message, entry.line)
        if key in told or len(told) >= SHOWN_FAULTS:
            continue
        told.add(key)
        line = entry.line if entry.line > 0 else None
        said = _line(document, entry.message)
        document.bad(f"the schema can't be used: {said}", line, file=_file(document, entry))
    if not told:
        document.bad(f"the schema can't be used: {_line(document, str(error))}")


def _file(document: SchemaDocument, entry: Any) -> str | None:
    folder = document.source.origin.folder.resolve()
    name = str(entry.filename or "")
    path = Path(name.removeprefix("file://"))
    if path.is_absolute() and path.is_relative_to(folder) and path.is_file():
        return path.relative_to(folder).as_posix()
    return document.file


def _line(document: SchemaDocument, message: str) -> str:
    """Words of libxml2 in one line, in which files are called as the definition calls them."""
    folder = document.source.origin.folder.resolve().as_posix().rstrip("/") + "/"
    text = " ".join(message.split())
    for spelt in (f"file://{folder}", quote(f"file://{folder}", safe=":/"), folder, quote(folder)):
        text = text.replace(spelt, "")
    text = _ABSOLUTE.sub(lambda found: found[1], text)
    return clip(text, 300)


def told_line(message: str) -> str:
    """A schema's words as one line of at most 500 characters."""
    text = " ".join(message.split())
    return clip(text, 500)


def names_in(path: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    """The names of a path."""
    return tuple(name for name, _ in path)
