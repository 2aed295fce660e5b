"""The reader of JSON documents and JSON Lines."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from potable.engine.contracts.reading import Cut, ReadContext, Reader, Reading
from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.findings import Code, Fault, Location, Occurrence, Tally
from potable.engine.reading.codes import BYTE_ORDER_MARK, DECLARED_MISMATCH, INVALID
from potable.engine.reading.decoding import UTF8, codec
from potable.engine.reading.json.codes import JSON_CODES
from potable.engine.reading.json.document import DocumentCutter
from potable.engine.reading.json.lines import LinesCutter
from potable.engine.reading.json.window import Window
from potable.engine.reading.text import TextStream

if TYPE_CHECKING:
    from pyroaring import BitMap

    from potable.engine.definition.model import SourceDefinition
    from potable.engine.limits import Limits
    from potable.engine.reading.json.parser import JsonParser

_BLOCK = 1 << 20


class JsonReader(Reader):
    """Reads JSON documents (an array of records, or one inside), JSON Lines, and the rows of databases."""

    name: ClassVar[str] = "json"
    formats: ClassVar[frozenset[str]] = frozenset({"json", "jsonl", "sql"})
    codes: ClassVar[tuple[Code, ...]] = JSON_CODES

    def open(self, source: SourceDefinition, snapshot: Snapshot, context: ReadContext) -> JsonReading:
        """See :meth:`Reader.open`. Raises :class:`Fault` for an encoding that isn't known."""
        return JsonReading(source, snapshot, context.limits)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A cut without its data, and how to get these again.

    :param at: offset in the part's text; :param size: length of the data.
    """

    cut: Cut
    at: int
    size: int


class JsonReading(Reading):
    """One reading of JSON; see :class:`Reading`."""

    typed = True
    columns = None
    codes = tuple(c.id for c in (*JSON_CODES, INVALID, BYTE_ORDER_MARK, DECLARED_MISMATCH))

    def __init__(self, source: SourceDefinition, snapshot: Snapshot, limits: Limits) -> None:
        self._limits = limits
        self._parts = list(snapshot.parts)
        self._declared = _declared_encoding(source)
        self._lines = source.format in ("jsonl", "sql")  # a query's rows come as lines
        self._element = str(source.parameters.get("documentElement") or "")
        self._found: list[Tally] = []
        self._missing: list[Occurrence] = []
        self._digests: dict[str, str] = {}
        self._seen: list[_Seen] = []
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
                for cut in cutter.cuts(index, record):
                    spans = None if cut.hints.together else cut.hints.spans
                    kept = replace(cut, data=b"", hints=replace(cut.hints, spans=spans, brackets=None))
                    self._seen.append(_Seen(kept, cutter.at, len(cut.data)))
                    yield cut
                    index, record = index + 1, record + cut.records
                if isinstance(cutter, DocumentCutter):
                    self._found += map(Tally.of, cutter.twice)
                    if cutter.missing is not None:
                        self._note_missing(cutter)
                self._end()
        except Fault:
            self._hash_the_rest()
            raise
        if record == 1:
            self._found.append(Tally.of(self._no_records()))
        else:
            self._found += map(Tally.of, self._missing)

    def parser(self) -> JsonParser:
        """See :meth:`Reading.parser`."""
        from potable.engine.reading.json.parser import JsonParser  # heavy: PyArrow

        limits = self._limits
        return JsonParser(limits.samples, limits.depth, limits.columns)

    def again(self, records: BitMap | None = None) -> Iterator[Cut]:
        """See :meth:`Reading.again`. Raises :class:`Fault` (``access/changed``) where a file was changed since."""
        text: TextStream | None = None
        part = -1
        try:
            for seen in self._seen:
                cut = seen.cut
                if records is not None and not records.range_cardinality(
                    cut.first_record, cut.first_record + cut.records
                ):
                    continue
                if text is None or part != cut.part:
                    if text is not None:
                        text.bytes.finish()
                        text.bytes.close()
                    part = cut.part
                    text = TextStream(self._parts[part], self._limits, self._declared, hashed=False)
                yield replace(cut, data=_reread(text, seen))
            if text is not None:
                text.bytes.finish()
        finally:
            if text is not None:
                text.bytes.close()

    def tallies(self) -> Sequence[Tally]:
        """See :meth:`Reading.tallies`."""
        return tuple(self._found)

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
        if text.encoding.mark and text.encoding.name == UTF8:
            message = f"{part.name} starts with a byte order mark"
            self._found.append(Tally.of(Occurrence("encoding/byte-order-mark", message, location=_top(part))))
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
        for part in self._parts:
            if part.sha256 is None and part.name not in self._digests:
                with suppress(OSError), part.path.open("rb") as f:
                    self._digests[part.name] = hashlib.file_digest(f, "sha256").hexdigest()

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
        return Occurrence("json/no-records", f"{names}: {what}" if names else "there is no file", location=place)


def _reread(text: TextStream, seen: _Seen) -> bytes:
    if text.direct:
        text.bytes.seek(seen.cut.byte)
        data = text.bytes.read(seen.size)
    else:
        while text.position < seen.at and text.read(min(seen.at - text.position, _BLOCK)):
            pass
        data = text.read(seen.size)
    if len(data) != seen.size:
        part = text.bytes.part
        raise Fault(Occurrence("access/changed", f"{part.name} became shorter while it was read", location=_top(part)))
    return data


def _top(part: Part) -> Location:
    return Location(file=part.name, url=part.url, line=1, byte=0)


def _declared_encoding(source: SourceDefinition) -> str | None:
    """The definition's encoding. Raises :class:`Fault` for one that isn't known."""
    for name in ("encoding", "charset"):
        value = source.parameters.get(name)
        if value:
            if not isinstance(value, str) or codec(value) is None:
                message = f"{name} is {value!r}, which is no known encoding; try utf-8, windows-1252, utf-16"
                place = source.place(f"/{name}")
                raise Fault(Occurrence("definition/bad-value", message, value=str(value), location=place))
            return value
    return None
