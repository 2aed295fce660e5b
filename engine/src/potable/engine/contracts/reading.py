"""From bytes to chunks: what a reader gives, and what checkers see of the data.

A reader works in two steps, so that the heavy one can run in parallel:

1. :meth:`Reading.cuts` goes through the bytes once, in order, cheaply, and cuts them at record boundaries. A
   :class:`Cut` knows its first record, line and byte.
2. :meth:`ChunkParser.parse` turns one cut into a :class:`Chunk`, in any thread or process, in any order.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.findings import Code, Location, Occurrence, Tally
from potable.engine.paths import FieldPath

if TYPE_CHECKING:
    import polars as pl
    from pyroaring import BitMap

    from potable.engine.definition.model import SourceDefinition
    from potable.engine.limits import Limits

KIND_SUFFIX = "\x1fkind"
"""A typed format's frame has, beside each column ``$.a``, a column ``$.a␟kind``."""

KINDS = ("absent", "null", "boolean", "number", "string", "object", "array", "many")
"""What a value was in the source; ``many``: the path matched several values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A run of whole records of one part, still as bytes.

    :param index: its number in the source, from 0.
    :param part: index of its part in the snapshot.
    :param byte: offset of its first byte in the part's decompressed bytes, from 0.
    :param line: physical line of its first byte, from 1.
    :param first_record: number of its first record in the source, from 1.
    :param records: how many records it holds.
    :param data: its bytes.
    :param hints: what the reader's cutter knows and its parser wants; must pickle.
    """

    index: int
    part: int
    byte: int
    line: int
    first_record: int
    records: int
    data: bytes
    hints: Any = None

    def holds(self, records: BitMap | None) -> bool:
        """Whether it has one of these records (None: all)."""
        return records is None or bool(records.range_cardinality(self.first_record, self.first_record + self.records))


@dataclass(frozen=True, slots=True)
class JsonText:
    """Sound JSON objects as they stand in the source, for checks that read many at a time.

    :param data: UTF-8.
    :param starts: offset in it of each record, ascending.
    :param stops: offset behind each record.
    :param lines: between them are line breaks; else commas.
    """

    data: bytes
    starts: npt.NDArray[np.int64]
    stops: npt.NDArray[np.int64]
    lines: bool

    def __len__(self) -> int:
        return len(self.starts)

    def run(self, first: int, behind: int) -> bytes:
        """The text of the records from ``first`` up to ``behind`` (rows, from 0), and what is between them."""
        return self.data[int(self.starts[first]) : int(self.stops[behind - 1])] if behind > first else b""

    def array(self, first: int, behind: int) -> bytes:
        """The text of an array of these records."""
        text = self.run(first, behind)
        if self.lines and behind - first > 1:
            if text.count(b"\n") == behind - first - 1 and b"\r" not in text:
                text = text.replace(b"\n", b",")
            else:
                edges = zip(self.starts[first:behind].tolist(), self.stops[first:behind].tolist(), strict=True)
                text = b",".join([self.data[a:b] for a, b in edges])
        return b"".join((b"[", text, b"]"))


class Chunk(ABC):
    """A run of records as checkers see them.

    :ivar frame: a row per record; a String column per field, named by its canonical path, in the source's own
        spelling. null = absent, JSON null, or not a scalar; a present CSV cell is never null. A typed format adds a
        kind column per field (see :data:`KIND_SUFFIX`), XML one per named field; a field that can have several values
        is a List(String), in which a record without any has one null.
    :ivar index: number of the cut it was parsed from.
    :ivar typed: True where values have a kind of their own (JSON), False where all are text (CSV, XML).
    :ivar columns: canonical paths of the part's columns in order, None for a format without columns.
    :ivar file: the part's name.
    :ivar numbers: ``uint64`` array, the record number of each row.
    :ivar tallies: faults of form that the reader found in it.
    :ivar fault: what is wrong behind its last record, so that the data can't be read on: no later chunk counts.
    :ivar json: the text of its records, where all are sound JSON objects; else None.
    :ivar picked: other records of its cut were left out of it, so that columns may be here that none of its own has.
    """

    frame: pl.DataFrame
    index: int
    typed: bool
    columns: tuple[str, ...] | None
    file: str
    numbers: npt.NDArray[np.uint64]
    tallies: Sequence[Tally]
    fault: Occurrence | None = None
    json: JsonText | None = None
    picked: bool = False

    @property
    def records(self) -> int:
        """How many records it has."""
        return len(self.numbers)

    @abstractmethod
    def locate(self, rows: Sequence[int]) -> list[Location]:
        """Places of the records in these rows (indices into ``frame``, from 0): file, line, byte, record.

        Worked out on demand: ask only for rows that are shown.
        """

    @property
    def placed(self) -> bool:
        """Whether fields have places of their own, which :meth:`locate_field` tells: nodes of documents, cells."""
        return self.columns is None

    def locate_field(self, row: int, field: str, value: str | None = None) -> Location:
        """The place of a record's field (a canonical path): where it has one of its own, that of the first node with
        this value; else the record's.
        """
        return self.locate([row])[0]

    def locate_path(self, row: int, path: str) -> Location:
        """The place of a node of a document, by its pointer as a :class:`DocumentCheck` tells it."""
        return replace(self.locate([row])[0], path=path)

    def lesson(self) -> Any:
        """What its reading is to learn from it (see :meth:`Reading.learn`); must pickle. None: nothing."""
        return None

    def documents(self) -> Iterator[tuple[int, Any]]:
        """Each record as checks of documents see it, with its row: here a ``dict`` from column name to text."""
        names = [(c, FieldPath.parse(c).name) for c in self.frame.columns if not c.endswith(KIND_SUFFIX)]
        for row, record in enumerate(self.frame.iter_rows(named=True)):
            yield row, {name: record[column] for column, name in names if record[column] is not None}

    def document(self, row: int) -> Any:
        """One record, as :meth:`documents` gives it. Raises LookupError where it isn't among these."""
        for other, document in self.documents():
            if other == row:
                return document
        raise LookupError(row)

    def keep(self, rows: npt.NDArray[np.uint64]) -> Chunk:
        """Only these rows (indices, ascending); of its tallies what falls on them (with the samples that there are)."""
        return _Kept(self, rows)


class _Kept(Chunk):
    picked = True

    def __init__(self, whole: Chunk, rows: npt.NDArray[np.uint64]) -> None:
        self._whole, self._rows = whole, rows
        self.index, self.typed, self.columns, self.file = whole.index, whole.typed, whole.columns, whole.file
        self.frame = whole.frame[rows] if whole.frame.width else whole.frame  # no columns, no rows to choose from
        self.numbers = whole.numbers[rows]
        self.tallies = [t for t in (_of_records(t, self.numbers) for t in whole.tallies) if t is not None]

    @property
    def placed(self) -> bool:
        return self._whole.placed

    def locate(self, rows: Sequence[int]) -> list[Location]:
        return self._whole.locate([int(self._rows[r]) for r in rows])

    def locate_field(self, row: int, field: str, value: str | None = None) -> Location:
        return self._whole.locate_field(int(self._rows[row]), field, value)

    def locate_path(self, row: int, path: str) -> Location:
        return self._whole.locate_path(int(self._rows[row]), path)

    def documents(self) -> Iterator[tuple[int, Any]]:
        position = {int(row): n for n, row in enumerate(self._rows)}
        return ((position[row], d) for row, d in self._whole.documents() if row in position)


def _of_records(tally: Tally, numbers: npt.NDArray[np.uint64]) -> Tally | None:
    """What of a tally falls on these records; None: nothing does."""
    records = np.intersect1d(np.asarray(tally.records, np.uint64), numbers)
    if not len(records):
        return None
    samples = tuple(s for s in tally.samples if s.location.record in records)
    return replace(tally, count=len(records), records=records, samples=samples)


class TooManyCells(Exception):
    """Raised by a parser where the records of a cut have so many fields that they are to be parsed some at a time.

    :ivar chunk: of all records, with all that is wrong with their form, but without columns.
    :ivar records: how many to parse at a time.
    """

    def __init__(self, chunk: Chunk, records: int) -> None:
        super().__init__(chunk, records)
        self.chunk, self.records = chunk, max(records, 1)


class ChunkParser(ABC):
    """Turns cuts into chunks. It pickles, has no open files, and may be used by several threads at once."""

    @abstractmethod
    def parse(
        self, cut: Cut, fields: frozenset[str] | None = None, records: npt.NDArray[np.uint64] | None = None
    ) -> Chunk:
        """The chunk of a cut.

        :param fields: canonical paths to extract; None: all columns, or all scalar fields of a source without columns.
            There, :data:`~potable.engine.checker.EACH_FIELD` among them stands for all scalar fields besides those
            named. A field that the source doesn't have is a column of nulls.
        :param records: record numbers to keep, ascending; None: all. Only a chunk of all records has ``tallies``.

        Raises :class:`TooManyCells` where that many records would have more cells than ``Limits.cells``.
        """

    def again(self, found: frozenset[str]) -> ChunkParser:
        """The parser for a second pass, in which fields are named that the first one didn't name, but found.

        :param found: canonical paths of such fields. They must have the values that they had there: of ``$.a[*]``,
            found where ``a`` is an array, not the members of an ``a`` that's an object, as when it's named.
        """
        return self


class Reading(ABC):
    """One reading of a snapshot.

    :ivar columns: canonical paths of the first part's columns, in order; None for a format without columns.
    :ivar typed: see :class:`Chunk`.
    :ivar nested: its columns may hold objects and arrays: the parser takes paths into them, also beside
        ``EACH_FIELD``, and a chunk's columns have those that were asked for behind its own.
    :ivar codes: ids of the codes that this reading looks for, for the coverage.
    :ivar holds_lock: parsing holds Python's lock most of the time, so that processes get further than threads.
    """

    columns: tuple[str, ...] | None
    typed: bool
    nested: bool = False
    codes: tuple[str, ...]
    holds_lock: bool = False

    @abstractmethod
    def cuts(self) -> Iterator[Cut]:
        """All cuts in order, once. Raises :class:`Fault` where the data can't be read on."""

    @abstractmethod
    def parser(self) -> ChunkParser:
        """The parser of these cuts."""

    @abstractmethod
    def again(self, records: BitMap | None = None) -> Iterator[Cut]:
        """After :meth:`cuts`: the cuts once more, only those that hold one of these records (None: all)."""

    def bound(self, records: int) -> None:  # noqa: B027 - most readers have nothing to tell of files as wholes
        """Called before :meth:`cuts` where only so many records are wanted: if there are more, what :meth:`tallies` has
        mustn't hang on how far beyond them was read.
        """

    def learn(self, lesson: Any) -> None:  # noqa: B027 - most readers learn nothing
        """Called with the :meth:`Chunk.lesson` of each chunk of all records that has one, in order: what a reader
        learns from the data as a whole.
        """

    def lacked(self, fields: Mapping[str, bool], found: Collection[str]) -> None:  # noqa: B027 - as for tables
        """Called once for a source without columns, when all of it was read and learnt and records were there: what the
        definition calls a field may be none.

        :param fields: canonical paths that were asked for by name and that no record has; True where that is an error
            already, of some record.
        :param found: those that were asked for, and that some record has.
        """

    @abstractmethod
    def tallies(self) -> Sequence[Tally]:
        """Faults of whole files; complete when :meth:`cuts` has ended, all lessons were :meth:`learnt <learn>`, and
        :meth:`lacked` was called if at all.
        """

    def metrics(self) -> Mapping[str, Any]:
        """Figures of the source as a whole, JSON-compatible, by name: for the report, and for later runs; complete when
        :meth:`cuts` has ended.
        """
        return {}

    @abstractmethod
    def digests(self) -> dict[str, str]:
        """SHA-256 (hex) by part name, of the parts hashed while read; complete when :meth:`cuts` has ended."""

    @abstractmethod
    def close(self) -> None:
        """Let go of files. The reading can't be used any more."""


class ReadContext(Protocol):
    """What the engine lends a reader."""

    @property
    def limits(self) -> Limits:
        """The run's limits."""

    def report(self, occurrence: Occurrence) -> None:
        """Report a fault of a file that can be stepped over."""


class Reader(ABC):
    """A data format.

    :cvar name: the reader's name, the first part of its codes.
    :cvar formats: the formats it reads, as ``SourceDefinition.format`` names them, lower-case.
    :cvar codes: codes that it may report, besides the engine's ``encoding/*``.
    """

    name: ClassVar[str]
    formats: ClassVar[frozenset[str]]
    codes: ClassVar[tuple[Code, ...]] = ()

    def check_definition(self, source: SourceDefinition) -> Iterable[Occurrence]:
        """What is wrong with a definition of this format, without its data; ``potable lint`` asks for it too."""
        return ()

    @abstractmethod
    def open(self, source: SourceDefinition, snapshot: Snapshot, context: ReadContext) -> Reading:
        """Start reading. Raises :class:`Fault` where not even the start can be read."""


def part_location(part: Part, *, line: int | None = None, byte: int | None = None) -> Location:
    """A place in a part."""
    return Location(file=part.name, url=part.url, line=line, byte=byte)


def beginning_of(part: Part) -> Location:
    """The first place in a part: line 1, byte 0."""
    return part_location(part, line=1, byte=0)
