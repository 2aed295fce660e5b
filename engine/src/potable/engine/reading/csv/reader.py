"""The reader of delimited text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from potable.engine.contracts.reading import Cut, ReadContext, Reader, beginning_of
from potable.engine.contracts.snapshot import Snapshot
from potable.engine.findings import Code, Fault, Occurrence, Tally
from potable.engine.reading.codes import ENCODING_CODES
from potable.engine.reading.csv.codes import CSV_CODES
from potable.engine.reading.csv.cutter import PartCutter
from potable.engine.reading.csv.dialect import Dialect
from potable.engine.reading.csv.header import differs, faults, layout_of
from potable.engine.reading.csv.layout import Layout
from potable.engine.reading.csv.opening.beginning import Beginning
from potable.engine.reading.csv.opening.length import headless_width, trails, usual_length
from potable.engine.reading.csv.opening.misdeclared import misdeclared
from potable.engine.reading.csv.opening.misheaded import HEADER_LINE
from potable.engine.reading.csv.opening.under import under_header
from potable.engine.reading.csv.parser import CsvParser
from potable.engine.reading.csv.seen import Seen
from potable.engine.reading.marks import marked
from potable.engine.reading.named import named_columns
from potable.engine.reading.naming import numbered
from potable.engine.reading.of_parts import StreamedReading
from potable.engine.reading.parameters import declared_encoding, faults_of
from potable.engine.reading.replay import replay
from potable.engine.reading.text import TextStream

if TYPE_CHECKING:
    from pyroaring import BitMap

    from potable.engine.definition.model import SourceDefinition
    from potable.engine.limits import Limits


class CsvReader(Reader):
    """Reads CSV, TSV and whatever else separates cells by a fixed text."""

    name: ClassVar[str] = "csv"
    formats: ClassVar[frozenset[str]] = frozenset({"csv", "tsv"})
    codes: ClassVar[tuple[Code, ...]] = CSV_CODES

    def check_definition(self, source: SourceDefinition) -> Iterable[Occurrence]:
        """See :meth:`Reader.check_definition`."""
        return faults_of(source, Dialect.of, declared_encoding)

    def open(self, source: SourceDefinition, snapshot: Snapshot, context: ReadContext) -> CsvReading:
        """See :meth:`Reader.open`. Raises :class:`Fault` for an unusable parameter, or a header that can't be read."""
        reading = CsvReading(source, snapshot, context.limits)
        try:
            reading.start()
        except BaseException:
            reading.close()
            raise
        return reading


class CsvReading(StreamedReading):
    """One reading of a table; see :class:`Reading`."""

    typed = False
    codes = tuple(c.id for c in (*CSV_CODES, *ENCODING_CODES))

    def __init__(self, source: SourceDefinition, snapshot: Snapshot, limits: Limits) -> None:
        super().__init__(snapshot, limits)
        self.columns: tuple[str, ...] = ()
        self._source = source
        self._dialect = Dialect.of(source)
        self._named = named_columns(source)
        self._declared = declared_encoding(source)
        self._seen: list[Seen] = []
        self._first: Layout | None = None
        self._open: tuple[PartCutter, Layout] | None = None
        self._next_part = 0
        self._bound: int | None = None

    def start(self) -> None:
        """Open the first part that has a header. Raises :class:`Fault` where there is none."""
        while self._open is None:
            if self._next_part == len(self._parts):
                raise Fault(self._no_records())
            self._begin(1)
        layout = self._first = self._open[1]
        self.columns = layout.paths

    def cuts(self) -> Iterator[Cut]:
        """See :meth:`Reading.cuts`."""
        index, record = 0, 1
        try:
            while self._open is not None or self._next_part < len(self._parts):
                if self._open is None:
                    self._begin(record)
                    continue
                cutter, layout = self._open
                for cut in cutter.cuts(layout, index, record, self._bound):
                    self._seen.append(Seen.of(cut, cutter.at))
                    yield cut
                    index += 1
                    record += cut.records
                self._end(cutter)
        except Fault:
            self._hash_the_rest()
            raise
        if record == 1:
            self._note(self._no_records())

    def bound(self, records: int) -> None:
        """See :meth:`Reading.bound`."""
        self._bound = records

    def parser(self) -> CsvParser:
        """See :meth:`Reading.parser`."""
        return CsvParser(self.columns, self._limits.samples, self._source.primary_key)

    def again(self, records: BitMap | None = None) -> Iterator[Cut]:
        """See :meth:`Reading.again`. Raises :class:`Fault` (``access/changed``) where a file was changed since."""
        pieces = (piece for whole in self._seen for piece in whole.pieces(records))
        encodings = dict.fromkeys(range(len(self._parts)), self._declared)
        return replay(pieces, self._parts, encodings, self._limits)

    def tallies(self) -> Sequence[Tally]:
        """See :meth:`Reading.tallies`."""
        unfinished = self._open[0].tallies() if self._open is not None else ()
        return (*self._found, *unfinished)

    def close(self) -> None:
        """See :meth:`Reading.close`."""
        if self._open is not None:
            self._open[0].text.bytes.close()
            self._open = None

    def _begin(self, record: int) -> None:
        """Open the next part and read its header; a part without one is done with.

        :param record: number of its first record.
        """
        number = self._next_part
        part = self._parts[number]
        self._next_part += 1
        text = TextStream(part, self._limits, self._declared, hashed=part.sha256 is None, unmarked=True)
        try:
            self._parts[number] = text.bytes.seen  # so that a second reading finds what this one found
            start, whole = text.peek()
            cutter = PartCutter(text, number, self._dialect, self._limits)
            header = cutter.header()
            if header is None:
                self._note(marked(text, part))
                if self._first is not None:
                    said = f"{part.name} has no header"
                    self._note(Occurrence("csv/header-differs", said, location=beginning_of(part)))
                self._end(cutter)
                return
            layout = layout_of(header, self._dialect, part.name, part.url, self._named)
            at_key = layout.paths[0] in self._source.primary_key and header.line == 1
            self._note(marked(text, part, layout.paths[0] if at_key else None))
            if self._dialect.header_line:
                self._note(*faults(header, layout, self._named))
            beginning = Beginning(start, whole, header, layout, cutter.at, self._named, text.original)
            if not self._dialect.header_line:
                width = min(headless_width(beginning), self._limits.columns)
                layout = replace(layout, names=numbered(width))
                beginning = replace(beginning, layout=layout)
            if self._first is not None:
                self._note(differs(header, layout, self._first))
            else:
                self._note(told := misdeclared(beginning))
                if told is not None and HEADER_LINE in told.details:
                    cutter.blanks.leave_out_above(told.details[HEADER_LINE])
            self._note(*under_header(beginning, record))
            self._open = (cutter, replace(layout, trailing=trails(beginning), usual=usual_length(beginning)))
        finally:
            if self._open is None:
                text.bytes.close()

    def _end(self, cutter: PartCutter) -> None:
        """A part has been read to its end."""
        stream = cutter.text.bytes
        stream.drain()  # behind the end of compressed data may be padding
        self._found += cutter.tallies()
        self._keep_digest(stream)
        stream.close()
        self._open = None

    def _hash_the_rest(self) -> None:
        if self._open is not None:
            cutter = self._open[0]
            self._end(cutter)
        super()._hash_the_rest()

    def _no_records(self) -> Occurrence:
        behind = f" behind the header in line {self._dialect.header_line}" if self._dialect.header_line else ""
        what = (
            f"no records{behind}"
            if self._first is not None
            else f"no header in line {max(self._dialect.header_line, 1)}"
        )
        return Occurrence("csv/no-records", f"{self._part_names()}: {what}", location=self._beginning())
