"""A source's snapshot: fetched, or a kept one; looked at before it's read; kept for later."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from potable.engine.contracts.fetching import Fetcher
from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.references import check_references
from potable.engine.definition.veil import Veil
from potable.engine.errors import PotableError, UsageError, own_fault, told_of_plugin
from potable.engine.fetching import ending
from potable.engine.fetching.codes import BYTE_COUNT, CHANGED, CHECKSUM, INCOMPLETE_PAGES, NOT_FOUND, TRUNCATED
from potable.engine.fetching.context import FetchSession
from potable.engine.fetching.integrity import DECLARED, declared_faults
from potable.engine.fetching.sniffing.body import check_media_type
from potable.engine.findings import Fault, Location, Occurrence, Tally
from potable.engine.guess import shown
from potable.engine.handed import a_kind
from potable.engine.handed import place_of as place_of_code
from potable.engine.judging.collector import NotItsCode
from potable.engine.judging.coverage import NO_LENGTH, Ledger
from potable.engine.judging.summary import shape_of
from potable.engine.options import RunOptions
from potable.engine.plugins import Plugins
from potable.engine.reading.parts import digest_of, head_of
from potable.engine.reading.survey import survey
from potable.engine.snapshots import Kept, Snapshots, Told, tally_rule


@dataclass(frozen=True, slots=True)
class Handed:
    """What was fetched before it was known how to read it.

    :param told: what its fetch reported.
    :param open_ended: addresses, as shown, whose answer ended as one does that breaks off.
    """

    snapshot: Snapshot
    told: tuple[Tally, ...]
    open_ended: frozenset[str]


class Otherwise(Exception):
    """The data are of another kind than their name let guess: the run begins again, on what has been fetched."""

    def __init__(self, source: SourceDefinition, handed: Handed) -> None:
        super().__init__(source.ingest_method)
        self.source = source
        self.handed = handed


class Acquirer:
    """Gets the snapshot of one run.

    :param say: reports an occurrence, or several of a kind.
    :param say_of: reports one of a fetcher's; see :meth:`~potable.engine.pipeline.filing.Filing.say_of`.
    :param codes_of: ids of the codes of some families that this run reports.
    :param progress: gets the bytes that have come, and of how many (None: not known).
    :param wanted: most records that will be read; None: all.
    :param handed: what has been fetched already.
    :ivar veil: keeps the definition's secrets out of whatever is shown or kept.
    :ivar session: what fetchers are lent; use it as a context manager around the run.
    """

    def __init__(
        self,
        source: SourceDefinition,
        plugins: Plugins,
        options: RunOptions,
        scratch: Path,
        ledger: Ledger,
        *,
        say: Callable[[Occurrence | Tally], None],
        say_of: Callable[..., None],
        codes_of: Callable[..., list[str]],
        progress: Callable[[int, int | None], None],
        wanted: int | None = None,
        handed: Handed | None = None,
    ) -> None:
        self._source = source
        self._handed = handed
        self._plugins = plugins
        self._limits = options.limits
        self._replay = options.replay.strip().lower()
        self._otherwise = options.otherwise
        self._ledger = ledger
        self.veil = Veil.of(source)
        self._tell, self._tell_of = say, say_of
        self._fetching: type[Fetcher] | None = None
        self._foreign: NotItsCode | None = None
        self._told = Told(options.limits.samples)
        self._codes_of = codes_of
        self._folder = Snapshots(options.snapshots, options.limits.snapshots_bytes) if options.snapshots else None
        self._place = place_of(source)
        self._kept: Kept | None = None
        self.session = FetchSession(
            limits=options.limits,
            scratch=scratch,
            roots=tuple(options.roots) or (source.origin.folder.resolve(),),
            allow_hosts=tuple(options.allow_hosts),
            previous=self._previous,
            report=self._note,
            progress=progress,
            wanted=wanted,
            secrets=self.veil.secrets,
            survey=lambda part: survey(part, source, plugins.readers.values(), options.limits),
        )

    def __enter__(self) -> AbstractContextManager[FetchSession]:
        return self.session.__enter__()

    def __exit__(self, *of: object) -> None:
        self.session.__exit__(*of)

    def acquire(self) -> Snapshot | None:
        """The snapshot; None when it can't be had, which is reported.

        A run on a kept snapshot, or on one that the server says still holds, reports what its fetch did.

        :raises UsageError: the snapshot to run on again isn't there, is another source's or damaged.
        :raises SecretNotSet: a secret that the definition refers to can't be had.
        :raises Otherwise: the ingest method was only a guess, and the data are of another kind.
        """
        if self._handed is not None:
            snapshot: Snapshot | None = self._taken_over(self._handed)
        elif self._replay and self._source.scheme != "file":
            snapshot = self._replayed()
        else:
            check_references(self._source)
            snapshot = self._fetch()
            if snapshot is not None and self._otherwise:
                self._look(snapshot)
        if snapshot is not None:
            self._compare(snapshot)
            self._doubt(snapshot)
        return snapshot

    def _look(self, snapshot: Snapshot) -> None:
        """Raise :class:`Otherwise` where the first bytes show another ingest method than was guessed."""
        method = shown(snapshot.parts) or self._source.ingest_method
        source = self._otherwise.get(method)
        if source is not None and method != self._source.ingest_method:
            raise Otherwise(source, Handed(snapshot, tuple(self._told.tallies()), self.session.open_ended))

    def _taken_over(self, handed: Handed) -> Snapshot:
        for tally in handed.told:
            if tally.code != INCOMPLETE_PAGES.id:
                self._tell(tally)
        if handed.snapshot.parts[0].url is not None:  # only now it's known how many records came
            from potable.engine.fetching.pages import further  # heavy

            further.compare(self._source, handed.snapshot, self.session)
        self._ledger.ran("access", self._codes_of("access"))
        return handed.snapshot

    def _replayed(self) -> Snapshot:
        if self._folder is None:
            raise UsageError("no snapshots are kept here, so there's none to run on again")
        kept = self._folder.find(self._replay, self._source.resource_id, self._place)
        for tally in kept.told:
            self._tell(tally)
        self._ledger.skipped("access", "run on a kept snapshot", self._codes_of("access"))
        return kept.snapshot

    def _fetch(self) -> Snapshot | None:
        start = time.perf_counter()
        fetcher = self._fetcher()
        if fetcher is None:
            self._ledger.skipped("access", f"no plugin fetches {self._source.ingest_method or self._source.scheme!r}")
            return None
        codes = self._codes_of("access", fetcher.name)
        snapshot = None
        self._fetching = fetcher
        try:
            try:
                snapshot = self._given(fetcher)
                if self._replay:
                    snapshot = self._same(self.hashed(snapshot))
            except Fault as fault:
                self._of_fetch(self.veil.occurrence(fault.occurrence))
            if self._foreign is not None:
                raise self._foreign
        except PotableError:  # the operator's fault, as a secret that isn't set: there's no run
            raise
        except BaseException as e:
            if not own_fault(e):
                raise
            told = str(e) if isinstance(e, NotItsCode) else told_of_plugin(e, fetcher)
            self._ledger.crashed(
                "access", f"the fetcher {fetcher.name}: {told}", codes, seconds=time.perf_counter() - start
            )
            return None
        if snapshot is not None and snapshot.not_modified and self._kept is not None:
            for tally in self._kept.told:
                if tally_rule(tally) not in self._told.rules:  # of what this fetch met itself, that alone is true now
                    self._tell(tally)
        self._ledger.ran("access", codes, seconds=time.perf_counter() - start)
        return snapshot

    def _given(self, fetcher: type[Fetcher]) -> Snapshot:
        """What a fetcher gives; raises what it raises, and TypeError and ValueError for what it may not give."""
        given = fetcher().fetch(self._source, self.session)
        return veiled(_fetched(given, fetcher, self._kept.snapshot if self._kept else None), self.veil)

    def _previous(self) -> Snapshot | None:
        """The kept snapshot that the source may still be, unless its definition wants none."""
        if self._folder is None or self._replay or self._source.parameters.get("useCache") is False:
            return None
        self._kept = self._folder.latest(self._place)
        return self._kept.snapshot if self._kept is not None else None

    def _compare(self, snapshot: Snapshot) -> None:
        """Compare the bytes with what the definition declares of them."""
        source = self._source
        if snapshot.partial:
            declared = [CHECKSUM.id] * ("hash" in source.parameters) + [BYTE_COUNT.id] * ("bytes" in source.parameters)
            self._ledger.left_out("access", "only a part was fetched: a sample", declared)
            source = replace(source, parameters={n: v for n, v in source.parameters.items() if n not in DECLARED})
        try:
            for said in declared_faults(source, snapshot.came):
                self._say(said)
        except OSError as e:
            self._say(Occurrence(NOT_FOUND.id, f"the data can't be read: {e.strerror or e}", location=Location()))

    def _doubt(self, snapshot: Snapshot) -> None:
        """Say where nobody can tell whether all of the data have come, unless the definition says how many they are."""
        if self._source.parameters.keys() & set(DECLARED):
            return
        open_ended = self.session.open_ended if self._handed is None else self._handed.open_ended
        parts = ending.unproven(snapshot, self._source.format, open_ended)
        told = list(ending.doubtful(parts))
        for said in told:
            self._note(said)
        if len(told) < len(parts):
            reason = f"{NO_LENGTH}: whether the transfer broke off can't be told"
            self._ledger.left_out("access", reason, [TRUNCATED.id])

    def _note(self, said: Occurrence) -> None:
        """What a fetcher reports: it's kept with the snapshot too."""
        said = self.veil.occurrence(said)
        try:
            self._of_fetch(said)
        except NotItsCode as e:
            self._foreign = e  # whatever it makes of that
            raise
        self._told.add(said)

    def _of_fetch(self, said: Occurrence) -> None:
        """File what a fetcher says, perhaps of what the reader of the format has said to it."""
        if self._fetching is None:
            self._tell(said)
            return
        readers = [r for r in self._plugins.readers.values() if self._source.format in r.formats]
        self._tell_of(said, self._fetching.fetch, self._fetching, *readers)

    def _say(self, said: Occurrence) -> None:
        self._tell(self.veil.occurrence(said))

    def _fetcher(self) -> type[Fetcher] | None:
        """The fetcher of the method, else of the URL's scheme."""
        fetchers = self._plugins.fetchers.values()
        by_method = (f for f in fetchers if self._source.ingest_method in f.methods)
        by_scheme = (f for f in fetchers if not f.methods and self._source.scheme in f.schemes)
        return next(by_method, None) or next(by_scheme, None)

    def _same(self, snapshot: Snapshot) -> Snapshot:
        """A local source's snapshot, where it's the one to run on again."""
        if not (snapshot.sha256 or "").startswith(self._replay):
            words = f"{self._source.ingest_url} isn't as it was in that snapshot: its SHA-256 is {snapshot.sha256}"
            hint = "Local files aren't kept: put the file of then back, or run on the one of now."
            raise Fault(Occurrence(CHANGED.id, words, location=Location(file=self._source.ingest_url), hint=hint))
        return snapshot

    def check(self, snapshot: Snapshot) -> None:
        """Report the parts whose first bytes show that they aren't what the definition promises."""
        for part in snapshot.parts:
            try:
                said = check_media_type(self._source, part, head_of(part, self._limits))
            except Fault as fault:
                said = fault.occurrence
            if said is not None:
                self._say(said)

    def hashed(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with every part's digest: parts that weren't read to their end are read now.

        Raises :class:`Fault` for one that can't be.
        """
        unread = [p for p in snapshot.parts if p.sha256 is None]
        return snapshot.with_digests({p.name: digest_of(p, self._limits) or "" for p in unread}) if unread else snapshot

    def keep(self, snapshot: Snapshot) -> str | None:
        """Keep it for later runs, where this run keeps any; returns why it couldn't be kept."""
        if self._folder is None or self._replay:
            return None
        try:
            self._folder.keep(snapshot, self._source.resource_id, self._place, self._told.tallies())
        except OSError as e:
            return f"the snapshot wasn't kept: {e.strerror or e}"
        return None


def place_of(source: SourceDefinition) -> str:
    """What a source is known by among kept snapshots: whose it is, which data, and who asks for them."""
    users = [str(source.parameters.get(name) or "") for name in ("username", "dbUser")]
    return " ".join((source.resource_id, shape_of(source), *users)).rstrip()


def _fetched(given: Snapshot, fetcher: type[Fetcher], kept: Snapshot | None) -> Snapshot:
    """What a fetcher gave, as far as it can be made sure of before it's read.

    :param kept: what it was lent; that was made sure of.
    :raises TypeError, ValueError: it can't be read, or isn't what it's said to be.
    """
    if not isinstance(given, Snapshot):
        raise TypeError(f"fetch gave {a_kind(given)} where a Snapshot belongs")
    if not given.parts and not given.not_modified:
        raise ValueError("fetch gave a Snapshot without parts; where there are no data, raise a Fault that says so")
    if fetcher.__module__.startswith("potable.engine."):
        return given
    try:
        known = set() if kept is None else {(p.path, p.bytes, p.sha256) for p in (*kept.parts, *kept.originals)}
        parts, originals = ([_proved(p, known) for p in some] for some in (given.parts, given.originals))
        return replace(given, parts=tuple(parts), originals=tuple(originals), fetched=_time(given.fetched))
    except ValueError as e:
        raise ValueError(f"{e}{place_of_code(fetcher.fetch)}") from None


def _proved(part: Part, known: set[tuple[Path, int, str | None]]) -> Part:
    """A part whose file is as large as it says, and has the hash that it says; that of one that may change meanwhile
    is taken while it's read.

    :param known: path, size and hash of those that are known to be so; this one is added.
    """
    if part.mtime_ns is not None:
        return replace(part, sha256=None)
    this = part.path, part.bytes, part.sha256
    if this in known:
        return part
    try:
        size = part.path.stat().st_size
        if size != part.bytes:
            raise ValueError(f"the part {part.name[:200]!r} has bytes={part.bytes:,}, and its file {size:,}")
        if part.sha256 is not None:
            with part.path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            if digest != part.sha256:
                said = f"the part {part.name[:200]!r} has sha256={part.sha256!r}, and its file {digest!r}"
                raise ValueError(f"{said}: give the file's, or None")
    except OSError:  # it's told where it's read
        return part
    known.add(this)
    return part


def _time(text: str) -> str:
    """A time of a fetch, in UTC with Z. Raises ValueError where it's none, or one without its zone."""
    mend = "write ISO 8601 in UTC, as 2024-05-31T12:00:00Z"
    try:
        time = datetime.fromisoformat(text)
        zoned = None if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"Snapshot.fetched is {text[:100]!r}, no time: {mend}") from None
    if zoned is None:
        raise ValueError(f"Snapshot.fetched is {text[:100]!r}, without its zone: {mend}")
    return text if text.endswith("Z") else zoned.isoformat().replace("+00:00", "Z")


def veiled(snapshot: Snapshot, veil: Veil) -> Snapshot:
    """A snapshot as it may be shown and kept."""
    if not veil:
        return snapshot

    def hidden(part: Part) -> Part:
        return replace(part, name=veil.hide(part.name), url=veil.over(part.url), headers=veil.over(dict(part.headers)))

    parts, originals = map(hidden, snapshot.parts), map(hidden, snapshot.originals)
    return replace(snapshot, parts=tuple(parts), originals=tuple(originals), details=veil.over(dict(snapshot.details)))
