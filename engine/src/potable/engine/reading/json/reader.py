"""One reading of JSON documents or JSON Lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from potable.engine.contracts.reading import Cut, Reading
from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.findings import Fault, Location, Occurrence, Tally
from potable.engine.reading.codes import BYTE_ORDER_MARK, DECLARED_MISMATCH, INVALID
from potable.engine.reading.json.codes import JSON_CODES
from potable.engine.reading.json.document import DocumentCutter
from potable.engine.reading.json.ending import Ending
from potable.engine.reading.json.lines import LinesCutter
from potable.engine.reading.json.nowhere import LOOKED_AT, nowhere, paths_in
from potable.engine.reading.marks import marked
from potable.engine.reading.mentions import Mentions
from potable.engine.reading.parameters import declared_encoding
from potable.engine.reading.replay import Seen, digests_of_rest, replay
from potable.engine.reading.text import TextStream
from potable.engine.reading.window import Window

if TYPE_CHECKING:
    from pyroaring import BitMap

    from potable.engine.definition.model import SourceDefinition
    from potable.engine.limits import Limits
    from potable.engine.reading.json.parser import JsonParser


class JsonReading(Reading):
    """One reading of JSON; see :class:`Reading`."""

    typed = True
    columns = None
    holds_lock = True
    codes = tuple(c.id for c in (*JSON_CODES, INVALID, BYTE_ORDER_MARK, DECLARED_MISMATCH))

    def __init__(self, source: SourceDefinition, snapshot: Snapshot, limits: Limits) -> None:
        self._limits = limits
        self._parts = list(snapshot.parts)
        self._declared = declared_encoding(source)
        self._lines = source.format in ("jsonl", "sql")  # a query's rows come as lines
        self._foreign = source.format != "sql"  # a database fails otherwise
        self._mentions = Mentions(source)
        self._element = str(source.parameters.get("documentElement") or "")
        self._found: list[Tally] = []
        self._many: Tally | None = None
        self._missing: list[Occurrence] = []
        self._keyed: list[tuple[tuple[str, ...], Occurrence]] = []
        self._digests: dict[str, str] = {}
        self._seen: list[Seen] = []
        self._open: Window | None = None

    def cuts(self) -> Iterator[Cut]:
        """See :meth:`Reading.cuts`."""
        index, record = 0, 1
        try:
            for number in range(len(self._parts)):
                window = self._begin(number)
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
                if self._foreign and (error := ending.tally()) is not None:
                    self._found.append(error)
                if isinstance(cutter, DocumentCutter):
                    self._found += map(Tally.of, cutter.twice)
                    self._keyed += cutter.keyed
                    if cutter.missing is not None:
                        self._note_missing(cutter)
                self._end()
        except Fault:
            self._hash_the_rest()
            raise
        times = Counter(names for names, _ in self._keyed)  # what several have are fields, and no keys
        self._found += [Tally.of(said) for names, said in self._keyed if times[names] == 1]
        if record == 1:
            self._found.append(Tally.of(self._no_records()))
        else:
            self._found += map(Tally.of, self._missing)

    def parser(self) -> JsonParser:
        """See :meth:`Reading.parser`."""
        from potable.engine.reading.json.parser import JsonParser  # heavy: PyArrow

        limits = self._limits
        return JsonParser(limits.samples, limits.depth, limits.columns, limits.cells, limits.node_bytes)

    def again(self, records: BitMap | None = None) -> Iterator[Cut]:
        """See :meth:`Reading.again`. Raises :class:`Fault` (``access/changed``) where a file was changed since."""
        encodings = dict.fromkeys(range(len(self._parts)), self._declared)
        return replay(self._seen, self._parts, encodings, self._limits, records)

    def learn(self, lesson: Tally) -> None:
        """See :meth:`Reading.learn`."""
        self._many = self._many or lesson

    def lacked(self, fields: Mapping[str, bool], found: Collection[str]) -> None:
        """See :meth:`Reading.lacked`."""
        if not any(map(self._mentions.of_all, fields)):
            return
        from pyroaring import BitMap  # heavy: mostly nothing is lacking

        parser, numbers = self.parser(), np.arange(1, LOOKED_AT + 1, dtype=np.uint64)
        first: list[Any] = []
        with suppress(Fault):  # the file was changed: the run tells that
            for cut in self.again(BitMap(numbers)):
                first += (document for _, document in parser.parse(cut, frozenset(), numbers).documents())
        said = nowhere(fields, found, paths_in(first), self._mentions, _top(self._parts[0]))
        self._found += map(Tally.of, said)

    def tallies(self) -> Sequence[Tally]:
        """See :meth:`Reading.tallies`."""
        return (*self._found, *([self._many] if self._many is not None else []))

    def digests(self) -> dict[str, str]:
        """See :meth:`Reading.digests`."""
        return dict(self._digests)

    def close(self) -> None:
        """See :meth:`Reading.close`."""
        if self._open is not None:
            self._open.text.bytes.close()
            self._open = None

    def _begin(self, number: int) -> Window:
        part = self._parts[number]
        text = TextStream(part, self._limits, self._declared, hashed=part.sha256 is None)
        self._parts[number] = text.bytes.seen  # so that a second reading finds what this one found
        window = self._open = Window(text)
        if (mark := marked(text, part)) is not None:
            self._found.append(Tally.of(mark))
        return window

    def _end(self) -> None:
        """A part has been read to its end."""
        assert self._open is not None
        stream = self._open.text.bytes
        stream.drain()  # behind the end of compressed data may be padding
        if (mismatch := self._open.mismatch()) is not None:
            self._found.append(Tally.of(mismatch))
        if stream.digest is not None:
            self._digests[stream.part.name] = stream.digest
        self.close()

    def _hash_the_rest(self) -> None:
        """After a fault: what wasn't read has a digest all the same, so that the report names exact bytes."""
        if self._open is not None:
            self._end()
        self._digests.update(digests_of_rest(self._parts, self._digests))

    def _note_missing(self, cutter: DocumentCutter) -> None:
        part = cutter.window.part
        said = Occurrence("json/missing-element", f"{part.name}: {cutter.missing}", location=_top(part))
        self._missing.append(said if cutter.hint is None else replace(said, hint=cutter.hint))

    def _no_records(self) -> Occurrence:
        if self._missing:
            return replace(self._missing[0], code="json/no-records")
        names = ", ".join(p.name for p in self._parts[:3])
        what = "no line" if self._lines else f"{self._element!r} is empty" if self._element else "the array is empty"
        place = _top(self._parts[0]) if self._parts else Location()
        message = f"{names}: {what}" if names else "there is no file"
        return Occurrence("json/no-records", message, location=place, hint=_EMPTY)


_EMPTY = "Ask the source's owner why there are none, and check the parameters in ingestURL."


def _top(part: Part) -> Location:
    return Location(file=part.name, url=part.url, line=1, byte=0)
