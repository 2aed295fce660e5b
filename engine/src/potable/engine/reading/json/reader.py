"""One reading of JSON documents or JSON Lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from potable.engine.contracts.reading import Cut, beginning_of
from potable.engine.contracts.snapshot import Snapshot
from potable.engine.findings import Fault, Occurrence, Tally
from potable.engine.reading.codes import BYTE_ORDER_MARK, DECLARED_MISMATCH, END_MARK, INVALID
from potable.engine.reading.json.codes import JSON_CODES
from potable.engine.reading.json.document import DocumentCutter
from potable.engine.reading.json.ending import Ending, instead
from potable.engine.reading.json.lines import LinesCutter
from potable.engine.reading.mentions import Mentions
from potable.engine.reading.nowhere import LOOKED_AT, nowhere, paths_in
from potable.engine.reading.parameters import declared_encoding
from potable.engine.reading.replay import Seen
from potable.engine.reading.windowed import WindowedReading

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.limits import Limits
    from potable.engine.reading.json.parser import JsonParser


class JsonReading(WindowedReading):
    """One reading of JSON; see :class:`Reading`."""

    typed = True
    codes = tuple(c.id for c in (*JSON_CODES, INVALID, BYTE_ORDER_MARK, END_MARK, DECLARED_MISMATCH))

    def __init__(self, source: SourceDefinition, snapshot: Snapshot, limits: Limits) -> None:
        super().__init__(snapshot, limits)
        self._declared = declared_encoding(source)
        self._lines = source.format in ("jsonl", "sql")  # a query's rows come as lines
        self._foreign = source.format != "sql"  # a database fails otherwise
        self._mentions = Mentions(source)
        self._element = str(source.parameters.get("documentElement") or "")
        self._many: Tally | None = None
        self._missing: list[Occurrence] = []
        self._keyed: list[tuple[tuple[str, ...], Occurrence]] = []

    def cuts(self) -> Iterator[Cut]:
        """See :meth:`Reading.cuts`."""
        index, record = 0, 1
        wrapped: Occurrence | None = None
        try:
            for number in range(len(self._parts)):
                window = self._opened(number, self._declared, unmarked=self._lines and self._foreign)
                cutter: LinesCutter | DocumentCutter
                if self._lines:
                    cutter = LinesCutter(window, number, self._limits)
                else:
                    cutter = DocumentCutter(window, number, self._limits, self._element)
                ending = Ending()
                for cut in cutter.cuts(index, record):
                    spans = None if cut.hints.together else cut.hints.spans
                    kept = replace(cut, hints=replace(cut.hints, spans=spans, brackets=None))
                    self._seen.append(Seen.of(kept, cutter.at))
                    ending.look(cut)
                    yield cut
                    index, record = index + 1, record + cut.records
                if (header := ending.header()) is not None:
                    self._found.append(header)
                if self._foreign and (error := ending.tally()) is not None:
                    self._found.append(error)
                if isinstance(cutter, DocumentCutter):
                    self._note(*cutter.twice)
                    self._keyed += cutter.keyed
                    wrapped = wrapped or cutter.wrapped
                    if cutter.missing is not None:
                        self._note_missing(cutter)
                self._end()
        except Fault:
            self._hash_the_rest()
            raise
        times = Counter(names for names, _ in self._keyed)  # what several have are fields, and no keys
        self._note(*(said for names, said in self._keyed if times[names] == 1))
        if wrapped is not None and record == 2:  # of one among several it's a field
            self._note(wrapped)
        if record == 1:
            self._note(self._no_records())
        else:
            self._note(*self._missing)

    def parser(self) -> JsonParser:
        """See :meth:`Reading.parser`."""
        from potable.engine.reading.json.parser import JsonParser  # heavy: PyArrow

        limits = self._limits
        return JsonParser(limits.samples, limits.depth, limits.columns, limits.cells, limits.node_bytes)

    def learn(self, lesson: Tally) -> None:
        """See :meth:`Reading.learn`."""
        self._many = self._many or lesson

    def lacked(self, fields: Mapping[str, bool], found: Collection[str]) -> None:
        """See :meth:`Reading.lacked`."""
        if not any(map(self._mentions.of_all, fields)):
            return
        there = paths_in(self._first_records(LOOKED_AT))
        said = nowhere("json/wrong-path", fields, found, there, self._mentions, beginning_of(self._parts[0]))
        self._note(*said)

    def tallies(self) -> Sequence[Tally]:
        """See :meth:`Reading.tallies`."""
        return (*self._found, *([self._many] if self._many is not None else []))

    def _note_missing(self, cutter: DocumentCutter) -> None:
        part = cutter.window.part
        said = Occurrence("json/missing-element", f"{part.name}: {cutter.missing}", location=beginning_of(part))
        if self._foreign and (told := instead(part, self._limits)) is not None:
            words = f"{part.name} is the message of an error, and no data"
            self._missing.append(replace(said, message=words, value=told, hint=_REFUSED))
            return
        self._missing.append(said if cutter.hint is None else replace(said, hint=cutter.hint))

    def _no_records(self) -> Occurrence:
        if self._missing:
            return replace(self._missing[0], code="json/no-records")
        names = self._part_names()
        what = "no line" if self._lines else f"{self._element!r} is empty" if self._element else "the array is empty"
        message = f"{names}: {what}" if names else "there is no file"
        return Occurrence("json/no-records", message, location=self._beginning(), hint=_EMPTY)


_REFUSED = (
    "The server says why it gives no data: mend what it names, such as credentials, a parameter or the pace of "
    "requests, and run again."
)
_EMPTY = "Ask the source's owner why there are none, and check the parameters in ingestURL."
