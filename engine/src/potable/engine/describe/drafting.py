"""From a path or URL to a drafted definition: fetched once, looked at, scanned once."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, NoReturn
from urllib.parse import unquote, urlsplit

from potable.engine.contracts.events import Progress
from potable.engine.contracts.fetching import FetchContext, Fetcher
from potable.engine.contracts.report import Report
from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.parse import from_mapping
from potable.engine.definition.secrets import plain_query_secrets, split_userinfo
from potable.engine.describe.dialect import SAMPLE_BYTES, sniff_dialect
from potable.engine.describe.documents import json_element, xml_elements
from potable.engine.describe.profile import Profile, ProfileFold, profiler
from potable.engine.describe.schema import Draft
from potable.engine.errors import UsageError
from potable.engine.fetching.codes import INCOMPLETE_PAGES
from potable.engine.fetching.pages import further
from potable.engine.fetching.sniffing.body import check_media_type
from potable.engine.findings import Fault, Finding, Occurrence, Severity, Tally
from potable.engine.guess import guess, json_method, method_of
from potable.engine.judging.coverage import Ledger
from potable.engine.lazyregex import lazy_regex
from potable.engine.options import RunOptions
from potable.engine.pipeline.acquiring import Acquirer
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import Plugins
from potable.engine.reading.decoding import UTF8, mend_utf8
from potable.engine.reading.parts import HEAD
from potable.engine.reading.text import TextStream
from potable.engine.roots import as_path, resolved

ENCODINGS = ("windows-1252", "iso-8859-1")
"""What is tried, in turn, where bytes aren't UTF-8; the last one takes any byte."""

_TABLES = frozenset({"csv", "tsv"})
_NOT_A_NAME = lazy_regex(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Description:
    """A drafted definition.

    :param definition: its members by their native names.
    :param notes: what its author should know, a sentence each.
    :param records: how many records it was drafted from.
    """

    definition: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    records: int = 0


def describe(
    place: str,
    plugins: Plugins,
    options: RunOptions,
    *,
    folder: Path,
    given: Mapping[str, Any] | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Description:
    """Draft a definition of the data at a path or URL.

    :param folder: where the definition will be: a local ``ingestURL`` is written relative to it.
    :param given: members of the definition that aren't to be guessed.
    :raises UsageError: the data can't be had or read; the message says why.
    """
    place = as_path(place)
    local = "://" not in place
    where = str(resolved(place)) if local else place
    given = dict(given or {})
    how = {} if "ingestMethod" in given else guess(where)
    made = {"resourceID": identifier(place), "name": Path(unquote(urlsplit(place).path)).name or place, **how, **given}
    source = from_mapping({**made, "ingestURL": where})
    if local and not options.roots:
        options = replace(options, roots=(Path(where).parent,))
    with tempfile.TemporaryDirectory(prefix="potable-", dir=options.scratch, ignore_cleanup_errors=True) as scratch:
        snapshot = _fetched(place, source, plugins, options, Path(scratch), progress)
        looked = _Look(place, {**made, "ingestURL": where}, given, snapshot, plugins, options, progress)
        looked.look()
    written = where
    notes = list(looked.notes)
    if local:
        written = Path(os.path.relpath(where, folder.resolve())).as_posix()
    else:
        written, masked = _without_secrets(where)
        notes += masked
    definition = {**looked.members, "ingestURL": written}
    order = ["resourceID", "name", "ingestMethod", "ingestURL", *(n for n in definition if n not in looked.drafted)]
    ordered = {n: definition[n] for n in dict.fromkeys((*order, *definition))}
    return Description(ordered, tuple(notes), looked.records)


def describe_frame(source: SourceDefinition, plugins: Plugins, options: RunOptions) -> Description:
    """Draft the schema and key of a source that is at hand: of a frame, or of a definition that lacks them."""
    fold = ProfileFold(options.limits.state_bytes)
    report = _scan(source, plugins, options, fold, None)
    _refuse_blocked(source.name or source.resource_id, report)
    draft = Draft(fold.found or Profile())
    return Description(draft.members, tuple(draft.notes), report.counts.records)


def identifier(place: str) -> str:
    """A ``resourceID`` after a file's name, without its suffixes."""
    parts = urlsplit(place) if "://" in place else None
    path = place if parts is None else unquote(parts.path)
    name = path.rstrip("/").rpartition("/")[2] or (parts.hostname if parts is not None else "") or ""
    stem = re.sub(r"(\.[A-Za-z][A-Za-z0-9]{0,7}){1,2}$", "", name) or name
    return _NOT_A_NAME.sub("-", stem).strip("._-")[:200] or "source"


def _fetched(
    place: str,
    source: SourceDefinition,
    plugins: Plugins,
    options: RunOptions,
    scratch: Path,
    progress: Callable[[Progress], None] | None,
) -> Snapshot:
    said: list[Occurrence | Tally] = []

    def tell(done: int, total: int | None) -> None:
        if progress is not None:
            progress(Progress(resource_id=source.resource_id, stage="fetch", bytes=done, total=total))

    acquirer = Acquirer(
        source,
        plugins,
        options,
        scratch,
        Ledger(),
        say=said.append,
        say_of=lambda o, *_: said.append(o),
        codes_of=lambda *_: [],
        progress=tell,
    )
    with acquirer:
        snapshot = acquirer.acquire()
    if snapshot is None:
        errors = (o for o in said if plugins.codes[o.code].severity is Severity.ERROR)
        worst = next((o for o in errors if isinstance(o, Occurrence)), None)
        if worst is None:
            raise UsageError(f"{place} can't be described: no plugin fetches {source.ingest_method}")
        _refuse(place, worst.message, worst.code, worst.hint or plugins.codes[worst.code].mend)
    return snapshot


def _fetcher_of(snapshot: Snapshot, method: str) -> type[Fetcher]:
    """A fetcher class that gives what has been fetched."""

    class Fetched(Fetcher):
        name = "described"
        methods: ClassVar[frozenset[str]] = frozenset({method})

        def fetch(self, source: SourceDefinition, context: FetchContext) -> Snapshot:
            if snapshot.parts[0].url is not None:  # only now it's known where the records are
                further.compare(source, snapshot, context)
            return snapshot

    return Fetched


@dataclass(slots=True)
class _Look:
    """Finds out how to read the data, and reads them.

    :ivar members: of the definition.
    :ivar drafted: names of those that the scan told.
    """

    place: str
    members: dict[str, Any]
    given: Mapping[str, Any]
    snapshot: Snapshot
    plugins: Plugins
    options: RunOptions
    progress: Callable[[Progress], None] | None
    drafted: frozenset[str] = frozenset()
    notes: list[str] = field(default_factory=list)
    records: int = 0

    def look(self) -> None:
        """Do it all. Raises :class:`UsageError` where the data can't be read."""
        self._find_format()
        fold, report = self._read()
        draft = Draft(fold.found or Profile())
        self.records = report.counts.records
        self.drafted = frozenset(draft.members.keys() - self.given.keys())
        self.members |= {name: draft.members[name] for name in draft.members if name in self.drafted}
        self.notes += draft.notes
        if any(f.code == "encoding/byte-order-mark" for f in report.findings):
            self.notes.append(
                "The data begin with a byte order mark (encoding/byte-order-mark), which is an error where the first "
                "column is the key: no definition mends that."
            )
        self.notes += _faults(report)

    def _source(self) -> SourceDefinition:
        return from_mapping(self.members)

    def _add(self, found: Mapping[str, Any]) -> None:
        """Take what was found out, where it isn't given."""
        self.members |= {name: value for name, value in found.items() if name not in self.given}

    def _find_format(self) -> None:
        part = self.snapshot.parts[0]
        text, whole = self._beginning(part)
        if "ingestMethod" not in self.given:
            told = self.members["ingestMethod"]
            if told == "CSV":
                self.members["ingestMethod"] = told = method_of(text) or told
            if told in ("JSON", "JSONL"):
                self.members["ingestMethod"] = json_method(text, told)
        wanted = self._source().format
        if wanted in _TABLES:
            self._add(sniff_dialect(text, whole=whole))
        elif wanted == "json" and "documentElement" not in self.members:
            element = json_element(text)
            self._add({} if element is None else {"documentElement": element})
        elif wanted == "xml":
            said = check_media_type(self._source(), part, text[:HEAD])
            if said is not None:  # a draft of it would make records of a server's excuse
                _refuse(self.place, said.message, said.code, said.hint)
            self._add(xml_elements(text))

    def _beginning(self, part: Part) -> tuple[bytes, bool]:
        """The first bytes of a part as UTF-8, and whether that's all."""
        encoding = self.members.get("encoding")
        try:
            stream = TextStream(part, self.options.limits, encoding, hashed=False, unmarked=True)
            with closing(stream.bytes):
                text = stream.read(SAMPLE_BYTES + 1)
        except Fault as fault:
            raise UsageError(f"{self.place} can't be described: {fault.occurrence.message}") from None
        return text[:SAMPLE_BYTES], len(text) <= SAMPLE_BYTES

    def _read(self) -> tuple[ProfileFold, Report]:
        """Scan; again with what the first scan shows to be needed."""
        fold, report = self._scan()
        for code, name in (("excel/wrong-sheet", "sheet"), ("excel/wrong-header", "headerLine")):
            told = next((f for f in report.findings if f.code == code and name in f.details), None)
            if told is not None and name not in self.given:
                self.members[name] = told.details[name]
                self.notes += _of_sheet(told) if name == "sheet" else ()
                fold, report = self._scan()
        codes = {f.code: f for f in report.findings}
        if "encoding/invalid" in codes and "encoding" not in self.given and not self._is_mostly_utf8():
            for encoding in ENCODINGS:
                self.members["encoding"] = encoding
                fold, report = self._scan()
                if all(f.code != "encoding/invalid" for f in report.findings):
                    break
            self.notes.append(
                f"The bytes aren't {UTF8}; they are read as {self.members['encoding']}, which is a guess: look at the "
                "letters beyond a to z."
            )
        _refuse_blocked(self.place, report)
        return fold, report

    def _is_mostly_utf8(self) -> bool:
        """Whether more lines of the beginning have letters in UTF-8 than bytes that aren't in it."""
        text, _ = self._beginning(self.snapshot.parts[0])
        beyond = [line for line in text.splitlines()[:-1] if not line.isascii()]
        invalid = sum(1 for line in beyond if mend_utf8(line)[1])
        return invalid * 2 < len(beyond)

    def _scan(self) -> tuple[ProfileFold, Report]:
        source = self._source()
        fold = ProfileFold(self.options.limits.state_bytes)
        fetcher = _fetcher_of(self.snapshot, source.ingest_method)
        plugins = replace(self.plugins, fetchers={fetcher.name: fetcher, **self.plugins.fetchers})
        return fold, _scan(source, plugins, self.options, fold, self.progress)


def _scan(
    source: SourceDefinition,
    plugins: Plugins,
    options: RunOptions,
    fold: ProfileFold,
    progress: Callable[[Progress], None] | None,
) -> Report:
    checker = profiler(fold)
    return run_source(source, replace(plugins, checkers={checker.name: checker}), options, progress)


def _refuse_blocked(place: str, report: Report) -> None:
    """Raise what made the data unreadable."""
    if report.verdict != "inconclusive":
        return
    crashed = [f"{c.checker}: {c.reason}" for c in report.coverage if c.status == "crashed"]
    skipped = [c.reason for c in report.coverage if c.checker == "reading"]
    said = [f for f in report.findings if f.severity is Severity.ERROR and f.samples]
    if len(said) == 1:
        _refuse(place, said[0].samples[0].message, said[0].code, said[0].hint)
    told = [f"{f.samples[0].message} ({f.code})" for f in said[:3]]
    why = "; ".join(told or crashed or skipped or report.why)
    raise UsageError(f"{place} can't be described: {_itself(why, place)}")


def _refuse(place: str, message: str, code: str, hint: str | None) -> NoReturn:
    raise UsageError(f"{place} can't be described: {_itself(message, place)} ({code}). {hint or ''}".rstrip())


def _itself(why: str, place: str) -> str:
    """A message that follows its subject's name, without that name at its start."""
    return why.removeprefix(f"{place}: ").replace(f"{place} ", "it ", 1) if why.startswith(place) else why


def _of_sheet(told: Finding) -> list[str]:
    """Which sheet is read, of several that there are."""
    said = "; ".join(s.message for s in told.samples[:1])
    return [f"{said[:1].upper()}{said[1:]}. The draft reads {told.details['sheet']!r}: say sheet where it's another."]


def _faults(report: Report) -> list[str]:
    """Errors of form: whatever the definition says, they stand. And what may make the draft another one."""
    found: dict[str, list[Finding]] = {}
    for f in report.findings:
        if f.severity is Severity.ERROR:
            found.setdefault(f.code, []).append(f)
    notes = []
    for finding in found.pop(INCOMPLETE_PAGES.id, ()):
        said = finding.samples[0].message
        notes.append(f"{said[:1].upper()}{said[1:]} ({finding.code}). {finding.hint}")
    for code, alike in found.items():
        lines = [s.location.line for f in alike for s in f.samples[:1] if s.location.line is not None]
        place = f", first in line {min(lines)}" if lines else ""
        unless = ", unless the header is in another row: say headerLine" if code == "excel/blank-header" else ""
        notes.append(
            f"The data have {sum(f.count for f in alike):,} x {code}{place}: no definition mends that{unless}."
        )
    for f in report.findings:
        if f.code == "excel/other-sheets" and f.samples:
            said = f.samples[0].message
            notes.append(f"{said[:1].upper()}{said[1:]}. Where the records are in another one, say sheet.")
    return notes


def _without_secrets(url: str) -> tuple[str, list[str]]:
    """A URL as a definition should have it: references instead of secrets."""
    bare, user, password = split_userinfo(url)
    notes = []
    if user or password:
        notes.append("The user and password aren't written down: set username, and password: ${NAME}.")
    for name in plain_query_secrets(bare):
        variable = re.sub(r"[^A-Za-z0-9]+", "_", unquote(name)).strip("_").upper() or "SECRET"
        bare = re.sub(rf"([?&;]{re.escape(name)}=)[^&;#]*", rf"\g<1>${{{variable}}}", bare, count=1)
        notes.append(f"The value of {name} isn't written down: set the variable {variable} of the environment.")
    return bare, notes
