"""What the cutter of XML tells its parser."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from potable.engine.findings import Occurrence
from potable.engine.reading.decoding import Invalid
from potable.engine.reading.xml.names import Names

Offsets = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Target:
    """Which elements are records.

    :param document: names of the record's element, as the part spells them; empty: the root is the record.
    :param top: names of its parent; empty: any.
    :param feed: the records are items of a feed, as flat records.
    :param living: those whose header says ``status="deleted"`` aren't records (OAI-PMH).
    :param any_prefix: ``document`` are local names, which stand for those with any prefix.
    :param any_top: so are ``top``.
    """

    document: tuple[str, ...]
    top: tuple[str, ...] = ()
    feed: bool = False
    living: bool = False
    any_prefix: bool = False
    any_top: bool = False

    def is_record(self, name: str, parent: str | None) -> bool:
        """Whether an element of that name, child of ``parent`` (None for the root), outside records, is one."""
        if not self.document:
            return parent is None
        return _is(name, self.document, self.any_prefix) and self.holds(parent)

    def holds(self, parent: str | None) -> bool:
        """Whether children of ``parent`` may be records."""
        if not self.document:
            return parent is None
        return not self.top or (parent is not None and _is(parent, self.top, self.any_top))


def _is(name: str, names: tuple[str, ...], any_prefix: bool) -> bool:
    return name in names or (any_prefix and name.rpartition(":")[2] in names)


@dataclass(frozen=True, slots=True)
class Run:
    """Records that are siblings of one name, one after the other.

    :param row: the first one's row in the cut, from 0.
    :param path: their element path, without the number.
    :param number: the first one's number among its siblings, from 1.
    """

    row: int
    path: str
    number: int


@dataclass(frozen=True, slots=True)
class Seam:
    """A place between records where a cut may be parted again.

    :param at: offset in the cut; :param row: row of the next record in the cut.
    :param elements: how many elements of records come before it, with those left out.
    :param tags: start tags of the elements that are open there, outermost first; :param names: their names.
    """

    at: int
    row: int
    elements: int
    tags: tuple[bytes, ...]
    names: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What all cuts of a part share.

    :param file: the part's name; :param url: where it came from.
    :param doctype: the document type, as far as it says something of attributes.
    """

    file: str
    url: str | None
    names: Names
    target: Target
    doctype: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What the cutter knows of a cut.

    :param original: the encoding that the text was transcoded from; ``utf-8``: it wasn't.
    :param column: column of the cut's first byte in its line, in characters from 1.
    :param seams: where it may be parted again: first its start, last its end. Where the document can't be read on, no
        element is open at the end.
    :param starts: offsets of the records; :param stops: behind them.
    :param runs: where in the document they are.
    :param left_out: which of the records' elements, counted from 0, are no records after all.
    :param invalid: what couldn't be transcoded, ``at`` counted from the cut's start.
    :param first: it's the part's first cut.
    :param broken: the document can't be read on behind this cut, for this reason if the parser finds no better one.
    """

    layout: Layout
    original: str
    column: int
    seams: tuple[Seam, ...]
    starts: Offsets
    stops: Offsets
    runs: tuple[Run, ...]
    left_out: frozenset[int] = field(default=frozenset())
    invalid: tuple[Invalid, ...] = ()
    first: bool = False
    broken: Occurrence | None = None
