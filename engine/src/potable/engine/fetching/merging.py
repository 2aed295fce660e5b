"""Lists whose records are completed by a request each: ``mergeIngestURLTemplate`` and its kin, for JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.definition.methods import default
from potable.engine.fetching import codes
from potable.engine.fetching.raw import NotJson, find, members_of, records_of
from potable.engine.fetching.saving import drop, now, write
from potable.engine.fetching.urls import shown, with_credentials_of
from potable.engine.findings import Fault, Location, Occurrence, clip
from potable.engine.paths import FieldPath, PathError
from potable.engine.reading.streams import ByteStream

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.definition.model import SourceDefinition

LIST_BYTES = 1 << 28
"""Longest page of a list whose records are completed: it's held in memory."""

_VARIABLE = re.compile(r"\$\{[^}]*\}")
_OF_ONE = frozenset({codes.NOT_FOUND.id, codes.UNAUTHORIZED.id, codes.HTTP_STATUS.id})
"""Refusals that concern one record; others mean that the server isn't there."""


def is_merged(source: SourceDefinition) -> bool:
    """Whether a definition asks for details to be merged in."""
    return bool(source.parameters.get("mergeIngestURLTemplate")) and source.format in ("json", "jsonl")


def merged(source: SourceDefinition, snapshot: Snapshot, context: FetchContext) -> Snapshot:
    """The list with each record's details in it, as one part: a JSON document of the same shape, a record a line.

    The identifier that ``idJsonPath`` finds takes the place of the template's ``${var}``; of the answer the member
    ``mergeDocElName`` (at any depth; else ``documentElement``, else all of it) becomes the record's member
    ``mergeFieldName``. Records and details keep their spelling. A record without identifier or details is reported as
    ``access/no-details`` and stays as it is.

    Raises :class:`~potable.engine.findings.Fault` where the list can't be read, or the server doesn't answer.
    """
    merge = _Merge(source, context)
    name = "merged.jsonl" if source.format == "jsonl" else "merged.json"
    made = write(merge.text(snapshot.parts), name, context)
    for part in snapshot.parts:
        if part.path.is_relative_to(context.scratch):
            drop(part.path)
    url = snapshot.parts[0].url if len(snapshot.parts) == 1 else source.shown_url
    details = {**snapshot.details, "details": merge.number}
    parts = (replace(made, url=url, media_type="application/json"),)
    return Snapshot(parts=parts, fetched=now(), details=details, partial=snapshot.partial or merge.partial)


class _Merge:
    def __init__(self, source: SourceDefinition, context: FetchContext) -> None:
        parameters = source.parameters
        self._source, self._context = source, context
        self._template = str(parameters["mergeIngestURLTemplate"])
        self._asked = source.access_url() or ""
        self._id = _path(source)
        self._element = str(parameters.get("documentElement") or "")
        self._wanted = str(parameters.get("mergeDocElName") or "")
        self._field = str(parameters.get("mergeFieldName") or self._wanted or "details")
        wait = parameters.get("waitTime")
        self._pause = float(default("WEB", "waitTime") if wait is None else wait) / 1000
        self.number = 0
        self.partial = False

    def text(self, parts: tuple[Part, ...]) -> Iterator[bytes]:
        """The document with the merged records."""
        lines = self._source.format == "jsonl"
        if not lines:
            yield b"{" + json.dumps(self._element).encode() + b": [" if self._element else b"["
        for record in self._records(parts):
            if lines:
                yield record + b"\n"
            else:
                yield (b"\n" if self.number == 1 else b",\n") + record
        if not lines:
            yield b"\n]}\n" if self._element else b"\n]\n"

    def _records(self, parts: tuple[Part, ...]) -> Iterator[bytes]:
        for part in parts:
            self._context.survey(part)  # what isn't JSON is told as its reader tells it
            for record in self._listed(part):
                if self._context.wanted is not None and self.number > self._context.wanted:
                    self.partial = True
                    return
                self.number += 1
                yield self._completed(record, part)

    def _listed(self, part: Part) -> list[bytes]:
        with closing(ByteStream(part, self._context.limits, hashed=False)) as stream:
            body = stream.read(LIST_BYTES + 1)
        at = Location(file=part.name, url=part.url)
        if len(body) > LIST_BYTES:
            words = f"{part.name}: the list is longer than {LIST_BYTES:,} bytes: ask for it in pages (offsetParam)"
            raise Fault(Occurrence(codes.TOO_LARGE.id, words, location=at))
        try:
            return records_of(body, self._element, lines=self._source.format == "jsonl")
        except NotJson as error:
            raise Fault(Occurrence(codes.MEDIA_TYPE.id, f"{part.name}: {error}", location=at)) from None

    def _completed(self, record: bytes, part: Part) -> bytes:
        """The record on one line, its details in it where they can be had."""
        line = b" ".join(record.strip().splitlines())
        if not line.startswith(b"{"):
            return line  # its reader will say so
        identifier = self._identifier(line)
        if identifier is None:
            path = self._id.canonical
            self._report(f" has no identifier at {path}, so its details can't be asked for", None, part.url)
            return line
        detail = self._detail(identifier)
        if detail is None:
            return line
        comma = b"" if not line[1:-1].strip() else b", "
        return line[:-1] + comma + json.dumps(self._field).encode() + b": " + detail + b"}"

    def _identifier(self, record: bytes) -> str | None:
        found = self._id.find(members_of(record))
        value = found[0][0] if found else None
        return value if isinstance(value, str) and value else None

    def _detail(self, identifier: str) -> bytes | None:
        """The details of a record; None, and a report, where there are none."""
        if self.number > 1:
            self._context.http.pause(self._pause)
        bare = _VARIABLE.sub(lambda _: quote(identifier, safe=""), self._template, count=1)
        url = with_credentials_of(self._asked, bare)
        try:
            with self._context.http.get(url, {"Accept": "application/json, */*;q=0.5"}) as response:
                body = response.read(self._context.limits.record_bytes)
        except Fault as fault:
            said = fault.occurrence
            if said.code not in _OF_ONE or said.details.get("status", 404) >= 500:
                raise
            self._report(f": {said.message}", identifier, shown(bare))
            return None
        try:
            detail = find(body, self._wanted or self._element) if self._wanted or self._element else None
            if detail is None and not self._wanted:
                detail = find(body, "")
        except NotJson as error:
            self._report(f" has details that can't be read: {error}", identifier, shown(bare))
            return None
        if detail is None:
            self._report(f" has details without the member {self._wanted!r}", identifier, shown(bare))
            return None
        return b" ".join(detail.splitlines())

    def _report(self, words: str, identifier: str | None, url: str | None) -> None:
        name = f"record {self.number:,}" + (f" ({clip(identifier, 100)})" if identifier else "")
        at = Location(url=url, record=self.number)
        said = Occurrence(codes.NO_DETAILS.id, f"{name}{words}", self._id.canonical, value=identifier, location=at)
        self._context.report(said)


def _path(source: SourceDefinition) -> FieldPath:
    given = str(source.parameters.get("idJsonPath") or "")
    try:
        return FieldPath.parse(given)
    except PathError as error:
        words = f"idJsonPath {given[:100]!r} can't be used: {error}"
        raise Fault(Occurrence("definition/bad-path", words, location=source.place("/idJsonPath"))) from None
