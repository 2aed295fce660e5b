"""The details of a list's records: found, asked for, and put in where they belong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.definition.methods import default
from potable.engine.definition.template import BadTemplate, Template, read_template
from potable.engine.definition.veil import Veil
from potable.engine.fetching import codes
from potable.engine.fetching.details.insertions import Insertion, write_insertions
from potable.engine.fetching.details.raw import NotJson, find, holds, members_of
from potable.engine.fetching.faults import quote_text
from potable.engine.fetching.http.urls import shown, with_credentials_of
from potable.engine.fetching.pages.refusals import PAGE_BYTES as REFUSAL_BYTES
from potable.engine.fetching.pages.refusals import tells_error
from potable.engine.fetching.saving import write
from potable.engine.fetching.sniffing.body import sniff
from potable.engine.fetching.sniffing.markup import as_text
from potable.engine.findings import Fault, Location, Occurrence, clip
from potable.engine.paths import FieldPath, PathError, column_path
from potable.engine.paths.pointer import escape
from potable.engine.reading.decoding import UTF8, original_length
from potable.engine.reading.json.places import Places
from potable.engine.reading.json.reader import JsonReading
from potable.engine.reading.streams import ByteStream

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.contracts.reading import Cut
    from potable.engine.definition.model import SourceDefinition

MOST_REFUSED = 20
"""So many servers' errors in a row mean that the server isn't there, and end the fetch."""

_WHITE = b" \t\r\n"
_HEAD = 8192
"""So many bytes of an answer tell what it is."""
_COPIED = 1 << 18
"""A page is copied in pieces of so many bytes."""
_OF_ONE = frozenset({codes.NOT_FOUND.id, codes.UNAUTHORIZED.id, codes.HTTP_STATUS.id})
"""Refusals that concern one record; others mean that the server isn't there."""


@dataclass(frozen=True, slots=True)
class _Record:
    """A record of the list, and where it ends.

    :param data: its bytes, as UTF-8.
    :param brace: offset in the page of the brace that closes it; None for what is no object.
    :param line: the line that's in.
    :param pointer: its JSON Pointer in the page.
    :param single: it's no item of an array.
    :param encoding: that of the page.
    """

    data: bytes
    brace: int | None
    line: int
    pointer: str
    single: bool
    encoding: str
    places: Places
    row: int


class Details:
    """The details of a source's records.

    :ivar number: how many records were met.
    :ivar partial: it stopped before the end, since only a sample is wanted.
    """

    def __init__(self, source: SourceDefinition, context: FetchContext) -> None:
        parameters = source.parameters
        self._source, self._context = source, context
        self._template = _template(source)
        self._asked = source.access_url() or ""
        self._id = _path(source)
        self._element = str(parameters.get("documentElement") or "")
        self._wanted = str(parameters.get("mergeDocElName") or "")
        self._field = str(parameters.get("mergeFieldName") or self._wanted or "details")
        wait = parameters.get("waitTime")
        self._pause = float(default("WEB", "waitTime") if wait is None else wait) / 1000
        self.number = 0
        self.partial = False
        self._refused = self._told = 0

    def part(self, part: Part) -> Part:
        """A page of the list with the details of its records."""
        context, insertions = self._context, list[Insertion]()
        context.survey(part)  # what isn't JSON is told as its reader tells it
        made = write(self._text(part, insertions), part.name, context)
        file = None
        if insertions:
            file = made.path.with_name(f"{made.path.name}.insertions")
            write_insertions(file, insertions)
        return replace(part, path=made.path, bytes=made.bytes, sha256=made.sha256, mtime_ns=None, version=None,
                       insertions=file)  # fmt: skip

    def _text(self, part: Part, insertions: list[Insertion]) -> Iterator[bytes]:
        """The page's bytes, unpacked, with the details where they belong; notes what was put in."""
        grown = 0
        with closing(ByteStream(part, self._context.limits, hashed=False)) as page:
            for record in self._records(part):
                if self._context.wanted is not None and self.number > self._context.wanted:
                    self.partial = True
                    break
                self.number += 1
                detail = None if record.brace is None else self._detail(record)
                if detail is None or record.brace is None:
                    continue
                while piece := page.read(min(_COPIED, record.brace - page.position)):
                    yield piece
                before = b"" if not record.data.strip(_WHITE)[1:-1].strip(_WHITE) else b", "
                text = before + json.dumps(self._field).encode() + b": " + detail.value
                data = text if record.encoding == UTF8 else _ascii(text).encode(record.encoding)
                chars = len(text.decode("utf-8", "replace")) if record.encoding == UTF8 else len(_ascii(text))
                insertions.append(
                    Insertion(
                        start=record.brace + grown,
                        length=len(data),
                        chars=chars,
                        line=record.line,
                        path=f"{record.pointer}/{escape(self._field)}",
                        url=detail.url,
                        pointer=detail.pointer,
                    )
                )
                grown += len(data)
                yield data
            while piece := page.read(_COPIED):
                yield piece

    def _records(self, part: Part) -> Iterator[_Record]:
        """The records of a page, as its reader finds them."""
        with closing(JsonReading(self._source, Snapshot(parts=(part,), fetched=""), self._context.limits)) as reading:
            for cut in reading.cuts():
                yield from _of_cut(cut)

    def _detail(self, record: _Record) -> _Detail | None:
        """The details of a record; None, and a report, where there are none."""
        try:
            identifier = self._identifier(record.data)
        except NotJson:
            return None  # its reader will say so
        if identifier is None:
            path = self._id.canonical
            self._report(record, f" has no identifier at {path}, so its details can't be asked for", None)
            return None
        url = shown(self._template.shown(identifier))
        try:
            body = self._body(identifier)
        except Fault as fault:
            said = fault.occurrence
            self._refused += said.details.get("status", 0) >= 500
            if said.code not in _OF_ONE or self._refused >= MOST_REFUSED:
                raise
            self._report(record, f": {said.message}", identifier)
            return None
        self._refused = 0
        if words := self._no_details(body):
            self._report(record, f"{words} ({url})", identifier)
            return None
        try:
            found = find(body, self._wanted or self._element) if self._wanted or self._element else None
            if found is None and not self._wanted:
                found = find(body, "")
            if found is not None and record.single and self._element and holds(found[1], self._element):
                words = f" has details with a member {self._element!r} of their own, which would be taken for records"
                self._report(record, f"{words} ({url})", identifier)
                return None
        except NotJson as error:
            self._report(record, f" has details that can't be read: {error} ({url})", identifier)
            return None
        if found is None:
            self._report(record, f" has details without the member {self._wanted!r} ({url})", identifier)
            return None
        return _Detail(url, found[0], b" ".join(found[1].splitlines()))

    def _body(self, identifier: str) -> bytes:
        if self.number > 1:
            self._context.http.pause(self._pause)
        url = with_credentials_of(self._asked, self._template.url(identifier, self._source.origin.folder))
        with self._context.http.get(url, {"Accept": "application/json, */*;q=0.5"}) as response:
            return response.read(self._context.limits.record_bytes)

    def _no_details(self, body: bytes) -> str | None:
        """What an answer of 200 is, where it can't be details: nothing, a web page, or an error."""
        kind = sniff(body[:_HEAD])
        if kind in ("empty", "html"):
            return f" has {'nothing' if kind == 'empty' else 'a web page'} in place of details"
        if len(body) > REFUSAL_BYTES or self._wanted or not tells_error(body):
            return None
        return f" has an error in place of details: {quote_text(as_text(body), Veil.of(self._source))}"

    def _identifier(self, record: bytes) -> str | None:
        found = self._id.find(members_of(record))
        value = found[0][0] if found else None
        return value if isinstance(value, str) and value else None

    def _report(self, record: _Record, words: str, identifier: str | None) -> None:
        name = f"record {self.number:,}" + (f" ({clip(identifier, 100)})" if identifier else "")
        at = Location(file=record.places.hints.file, url=record.places.hints.url)
        if self._told < self._context.limits.samples:  # in a long line it takes its time, and no more are shown
            at = record.places.record(record.row)
        self._told += 1
        said = Occurrence(
            codes.NO_DETAILS.id, f"{name}{words}", self._id.canonical, value=identifier,
            location=replace(at, record=self.number), explains=(column_path(self._field),),
        )  # fmt: skip
        self._context.report(said)


@dataclass(frozen=True, slots=True)
class _Detail:
    """What is put into a record: where it came from, its JSON Pointer there, its text on one line."""

    url: str
    pointer: str
    value: bytes


def _of_cut(cut: Cut) -> Iterator[_Record]:
    """The records of a cut. Places are counted from one to the next: a page may be a single long line."""
    places, encoding = Places(cut), cut.hints.original
    at, byte, line = 0, cut.byte, cut.line
    for row in range(cut.records):
        data = places.bytes(row)
        end = len(data.rstrip(_WHITE)) - 1
        is_object = data.startswith(b"{") and data[end : end + 1] == b"}"
        brace = places.start(row) + end
        passed = cut.data[at:brace]
        invalid = tuple(replace(i, at=i.at - at) for i in cut.hints.invalid if at <= i.at < brace)
        byte += original_length(passed, encoding, invalid)
        line += passed.count(b"\n") + passed.count(b"\r") - passed.count(b"\r\n")
        at = brace
        pointer = places.pointer(row)
        single = any(run.item < 0 and run.row == row for run in places.hints.runs)
        yield _Record(data, byte if is_object else None, line, pointer, single, encoding, places, row)


def _ascii(text: bytes) -> str:
    """JSON of ASCII characters alone, for a page whose encoding may lack others."""
    return "".join(c if c.isascii() else json.dumps(c)[1:-1] for c in text.decode("utf-8", "replace"))


def _template(source: SourceDefinition) -> Template:
    given = str(source.parameters["mergeIngestURLTemplate"])
    try:
        return read_template(given)
    except BadTemplate as bad:
        place = source.place("/mergeIngestURLTemplate")
        words = f"mergeIngestURLTemplate can't be used: {bad}"
        raise Fault(Occurrence(codes.UNREACHABLE.id, words, location=place)) from None


def _path(source: SourceDefinition) -> FieldPath:
    given = str(source.parameters.get("idJsonPath") or "")
    try:
        return FieldPath.parse(given)
    except PathError as error:
        words = f"idJsonPath {given[:100]!r} can't be used: {error}"
        raise Fault(Occurrence("definition/bad-path", words, location=source.place("/idJsonPath"))) from None
