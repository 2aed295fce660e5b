"""One harvest: request after request, and what the repository's errors mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from potable.engine.contracts.reading import part_location
from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.definition.methods import default
from potable.engine.definition.veil import Veil
from potable.engine.errors import likely
from potable.engine.fetching import codes as access
from potable.engine.fetching.oai import codes
from potable.engine.fetching.oai.datestamps import Datestamps
from potable.engine.fetching.oai.response import LISTED, Header, NotOai, Response, read_response
from potable.engine.fetching.pages.paging import query_of, with_parameters
from potable.engine.fetching.saving import download, drop, now
from potable.engine.fetching.sniffing.body import check_media_type
from potable.engine.findings import Code, Fault, Location, Occurrence, clip
from potable.engine.reading.parameters import declared_encoding
from potable.engine.reading.parts import head_of

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.definition.model import SourceDefinition

MOST_RESPONSES = 100_000
"""Most responses of one source."""
MOST_EMPTY = 10
"""Most pages without records in a row."""
SHOWN = 10
_DATESTAMP = "$.record.header.datestamp.'_$'"

_ARGUMENTS = frozenset({"verb", "metadataPrefix", "set", "from", "until", "resumptionToken", "identifier"})


@dataclass(slots=True)
class _List:
    """How far the harvest of one list is.

    :ivar name: the set; None: all records.
    """

    name: str | None
    parts: int = 0
    records: int = 0
    announced: int | None = None
    empty: int = 0
    tokens: set[str] = field(default_factory=set)
    pages: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        return f"the set {self.name}" if self.name else "the list"


class Harvest:
    """The harvest of a source.

    ``from``, ``until`` and further arguments in the URL's query are kept; its verb isn't.
    """

    def __init__(self, source: SourceDefinition, context: FetchContext) -> None:
        self._source, self._context = source, context
        url = source.access_url() or ""
        query = query_of(url)
        self._kept = {name: query[name] for name in ("from", "until") if query.get(name)}
        self._base = _without(url, _ARGUMENTS)
        prefix = source.parameters.get("metadataPrefix") or query.get("metadataPrefix")
        self._prefix = str(prefix or default("OAI", "metadataPrefix"))
        self._sets = _words(source.parameters.get("allowedSetSpecs") or query.get("set"))
        pause = source.parameters.get("sleepTimeSecs")
        self._pause = float(default("OAI", "sleepTimeSecs") if pause is None else pause)
        self._veil = Veil.of(source)
        self._declared = declared_encoding(source)
        self._parts: list[Part] = []
        self._asked = False
        self._live = self._deleted = 0
        self._partial = self._unread = False
        self._datestamps = Datestamps()

    def snapshot(self) -> Snapshot:
        """All responses. Raises ``Fault``."""
        names: list[str | None] = [*self._sets] or [None]
        for name in names:
            self._harvest(_List(name))
            if self._enough():
                self._partial = self._partial or name != names[-1]
                break
        if not self._parts or not (self._live or self._unread):
            what = f" in {'these sets' if len(self._sets) > 1 else 'this set'}" if self._sets else ""
            words = f"the repository has no records{what} in the format {self._prefix} (noRecordsMatch)"
            if self._parts:
                kept = f"but {self._deleted:,} deleted ones" if self._deleted else "in its list"
                words = f"the repository has no records{what} in the format {self._prefix}, {kept}"
            raise Fault(Occurrence(access.EMPTY.id, words, location=Location(url=self._source.shown_url)))
        details = {"responses": len(self._parts), "deleted": self._deleted}
        return Snapshot(parts=tuple(self._parts), fetched=now(), details=details, partial=self._partial)

    def _harvest(self, of: _List) -> None:
        arguments: dict[str, Any] = {"verb": "ListRecords", "metadataPrefix": self._prefix, **self._kept}
        if of.name:
            arguments["set"] = of.name
        while True:
            if len(self._parts) == MOST_RESPONSES:
                words = f"after {MOST_RESPONSES:,} responses there's still no last one"
                raise self._fault(codes.BAD_TOKEN, words, self._parts[-1])
            part = self._ask(arguments, re.sub(r"[^A-Za-z0-9._-]+", "_", of.name or "records"))
            response = Response()
            for header in self._headers(part, response):
                self._judge(header, response, part)
            if response.errors and self._failed(response, part, of):
                return
            if "ListRecords" not in response.verbs and not response.unread:
                said = (
                    f"it has {self._veil.hide(', '.join(response.verbs))[:200]}"
                    if response.verbs
                    else "it has no payload"
                )
                raise self._fault(codes.PROTOCOL_ERROR, f"the response has no ListRecords: {said}", part)
            token = self._take(part, response, of)
            if response.unread:
                self._unread = True
                return
            if token is None:
                self._compare(of, part)
                return
            if self._enough():
                self._partial = True
                return
            arguments = {"verb": "ListRecords", "resumptionToken": token}

    def _take(self, part: Part, response: Response, of: _List) -> str | None:
        """Keep a page; gives the token of the next one."""
        of.parts += 1
        of.records += response.records
        self._live += response.records - response.deleted
        self._deleted += response.deleted
        token = response.token
        if token is not None and token.size is not None:
            of.announced = token.size
        if response.records or response.unread or of.parts == 1:
            self._parts.append(part)
        else:
            drop(part.path)
        if token is None or not token.text:
            return None
        of.empty = 0 if response.records else of.empty + 1
        if of.empty > MOST_EMPTY:
            words = f"the tokens lead from one empty page to the next ({of.empty} in a row)"
            raise self._fault(codes.BAD_TOKEN, words, part)
        if response.records and response.digest in of.pages:
            words = f"the tokens lead in a circle: {part.name} has the records of an earlier page"
            raise self._fault(codes.BAD_TOKEN, words, part)
        if not response.records and token.text in of.tokens:
            words = f"the tokens lead in a circle: {self._veil.hide(token.text)[:100]!r} comes again"
            raise self._fault(codes.BAD_TOKEN, words, part)
        if response.records:
            of.pages.add(response.digest)
        of.tokens.add(token.text)
        return token.text

    def _compare(self, of: _List, part: Part) -> None:
        if of.announced is not None and of.records < of.announced:
            words = f"{of} ended with {of.records:,} records where the repository announced {of.announced:,}"
            details = {"announced": of.announced, "received": of.records}
            at = part_location(part)
            self._context.report(
                Occurrence(codes.INCOMPLETE_LIST.id, words, rule=of.name, location=at, details=details)
            )

    def _judge(self, header: Header, response: Response, part: Part) -> None:
        at = part_location(part, line=header.line)
        name, key = clip(header.identifier, 100) or "a record", header.identifier or None
        if header.deleted:
            words = f"{name} is deleted"
            self._context.report(Occurrence(codes.DELETED_RECORDS.id, words, key=key, location=at))
        fault = self._datestamps.fault(header.datestamp, response.date)
        if fault is not None:
            message, value = f"{name}: {fault}", header.datestamp
            self._context.report(Occurrence(codes.DATESTAMP.id, message, _DATESTAMP, value=value, key=key, location=at))

    # -- requests --------------------------------------------------------------------------------------------------

    def _ask(self, arguments: dict[str, Any], stem: str) -> Part:
        if self._asked:
            self._context.http.pause(self._pause)
        self._asked = True
        url = with_parameters(self._base, arguments)
        return download(url, f"{stem}-{len(self._parts) + 1:04d}.xml", self._context)

    def _headers(self, part: Part, response: Response) -> Iterator[Header]:
        try:
            yield from read_response(part, self._context.limits, response, self._veil, self._declared)
        except NotOai as error:
            said = check_media_type(self._source, part, head_of(part, self._context.limits))
            if said is not None:
                raise Fault(said) from None
            words = f"this isn't an OAI-PMH response: {error}"
            raise self._fault(codes.PROTOCOL_ERROR, words, part, line=error.line) from None

    def _listed(self, verb: str) -> list[str] | None:
        """What ``ListSets`` or ``ListMetadataFormats`` names; None where the repository doesn't say."""
        names: list[str] = []
        arguments: dict[str, Any] = {"verb": verb}
        tokens: set[str] = set()
        try:
            while len(names) < LISTED:
                part, response = self._ask(arguments, verb), Response()
                for _ in self._headers(part, response):
                    pass
                drop(part.path)
                names += response.values
                token = response.token.text if response.token else ""
                if not token or token in tokens:
                    return names if verb in response.verbs else None
                tokens.add(token)
                arguments = {"verb": verb, "resumptionToken": token}
        except Fault:
            pass  # it's only asked to explain another error, which is told in any case
        return None

    # -- what errors mean ------------------------------------------------------------------------------------------

    def _failed(self, response: Response, part: Part, of: _List) -> bool:
        """Raise what the repository's errors mean; True where the list just has no records."""
        if of.parts:
            refused = response.error("badResumptionToken")
            code = codes.PROTOCOL_ERROR if refused is None else codes.BAD_TOKEN
            words = f"after {of.records:,} records of {of} the repository answers {_quoted(response)}"
            raise self._fault(code, words, part)
        if response.error("noSetHierarchy") is not None:
            words = f"there's no set {of.name}: the repository has no sets at all"
            raise self._fault(codes.UNKNOWN_SET, words, part, hint="Leave allowedSetSpecs out to harvest all records.")
        kinds = {code for code, _ in response.errors}
        if kinds & {"cannotDisseminateFormat", "badArgument", "noRecordsMatch"}:
            self._explain(kinds, part, of)
        if kinds == {"noRecordsMatch"}:
            drop(part.path)
            return True
        raise self._fault(codes.PROTOCOL_ERROR, f"the repository answers {_quoted(response)}", part)

    def _explain(self, kinds: set[str], part: Part, of: _List) -> None:
        """Say whether it's the metadata format or the set that the repository doesn't know."""
        formats = self._listed("ListMetadataFormats")
        if "cannotDisseminateFormat" in kinds or (formats and self._prefix not in formats):
            words = f"the repository has no records in the format {self._prefix[:100]!r}"
            hint = _choice("metadata formats", self._prefix, formats)
            raise self._fault(codes.UNKNOWN_PREFIX, words, part, hint=hint)
        sets = self._listed("ListSets") if of.name else None
        if of.name and sets and not any(s == of.name or s.startswith(f"{of.name}:") for s in sets):
            words = f"the repository has no set {of.name[:100]!r}"
            raise self._fault(codes.UNKNOWN_SET, words, part, hint=_choice("sets", of.name, sets))

    def _enough(self) -> bool:
        return self._context.wanted is not None and self._live > self._context.wanted

    def _fault(self, code: Code, words: str, part: Part, hint: str | None = None, line: int | None = None) -> Fault:
        return Fault(Occurrence(code.id, str(clip(words, 900)), location=part_location(part, line=line), hint=hint))


def _words(given: Any) -> list[str]:
    words = given.split(",") if isinstance(given, str) else given or ()
    return list(dict.fromkeys(w for word in words if (w := str(word).strip())))


def _without(url: str, names: frozenset[str]) -> str:
    """``url`` without these parameters of its query."""
    head, _, query = url.partition("#")[0].partition("?")
    pairs = [pair for pair in query.split("&") if pair and pair.partition("=")[0] not in names]
    return f"{head}?{'&'.join(pairs)}" if pairs else head


def _quoted(response: Response) -> str:
    return "; ".join(f"{code}: {words}" if words else code for code, words in response.errors[:5])


def _choice(what: str, given: str, known: list[str] | None) -> str | None:
    """The names there are, the likely ones first."""
    if not known:
        return None
    near = likely(given, known, 3)
    start = f"Did you mean {' or '.join(near)}? " if near else ""
    more = f" and {len(known) - SHOWN:,} more" if len(known) > SHOWN else ""
    return f"{start}The repository has the {what} {', '.join(known[:SHOWN])}{more}."
