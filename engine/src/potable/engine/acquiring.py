"""A source's snapshot: fetched, or a kept one; looked at before it's read; kept for later."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from potable.engine.contracts.fetching import Fetcher
from potable.engine.contracts.snapshot import Snapshot
from potable.engine.coverage import Ledger
from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.veil import Veil
from potable.engine.errors import PotableError, UsageError
from potable.engine.fetching.codes import CHANGED
from potable.engine.fetching.context import FetchSession
from potable.engine.fetching.integrity import declared_faults
from potable.engine.fetching.sniff import check_media_type
from potable.engine.findings import Fault, Location, Occurrence
from potable.engine.limits import Limits
from potable.engine.plugins import Plugins
from potable.engine.reading.parts import digest_of, head_of
from potable.engine.reading.survey import survey
from potable.engine.scan.worker import told
from potable.engine.snapshots import Snapshots
from potable.engine.summary import shape_of


class AcquireOptions(Protocol):
    """The members of :class:`~potable.engine.pipeline.RunOptions` that matter here."""

    @property
    def limits(self) -> Limits: ...
    @property
    def allow_hosts(self) -> Sequence[str]: ...
    @property
    def roots(self) -> Sequence[Path]: ...
    @property
    def snapshots(self) -> Path | None: ...
    @property
    def replay(self) -> str: ...


class Acquirer:
    """Gets the snapshot of one run.

    :param say: reports an occurrence.
    :param codes_of: ids of the codes of some families that this run reports.
    :param progress: gets the bytes that have come, and of how many (None: not known).
    :param wanted: most records that will be read; None: all.
    :ivar veil: keeps the definition's secrets out of whatever is shown or kept.
    :ivar session: what fetchers are lent; use it as a context manager around the run.
    """

    def __init__(
        self,
        source: SourceDefinition,
        plugins: Plugins,
        options: AcquireOptions,
        scratch: Path,
        ledger: Ledger,
        *,
        say: Callable[[Occurrence], None],
        codes_of: Callable[..., list[str]],
        progress: Callable[[int, int | None], None],
        wanted: int | None = None,
    ) -> None:
        self._source = source
        self._plugins = plugins
        self._limits = options.limits
        self._replay = options.replay.strip().lower()
        self._ledger = ledger
        self.veil = Veil.of(source)
        self._tell = say
        self._codes_of = codes_of
        self._kept = Snapshots(options.snapshots, options.limits.snapshots_bytes) if options.snapshots else None
        self._place = f"{source.resource_id} {shape_of(source)}"
        self.session = FetchSession(
            limits=options.limits,
            scratch=scratch,
            roots=tuple(options.roots) or (source.origin.folder.resolve(),),
            allow_hosts=tuple(options.allow_hosts),
            previous=self._kept.latest(self._place) if self._kept and not self._replay else None,
            report=self._say,
            progress=progress,
            wanted=wanted,
            secrets=self.veil.secrets,
            survey=lambda part: survey(part, source, plugins.readers.values(), options.limits),
        )

    def __enter__(self) -> AbstractContextManager[FetchSession]:
        return self.session.__enter__()

    def __exit__(self, *of: object) -> None:
        self.session.__exit__(*of)

    def _say(self, said: Occurrence) -> None:
        self._tell(self.veil.occurrence(said))

    def acquire(self) -> Snapshot | None:
        """The snapshot; None when it can't be had, which is reported.

        :raises UsageError: the snapshot to run on again isn't there; a secret that the definition refers to isn't set.
        """
        if self._replay and self._source.scheme != "file":
            if self._kept is None:
                raise UsageError("no snapshots are kept here, so there's none to run on again")
            snapshot = self._kept.find(self._replay)
            if "archive" not in snapshot.details:  # of an archive only the members are kept
                for said in declared_faults(self._source, snapshot.parts):
                    self._say(said)
            self._ledger.skipped("access", "run on a kept snapshot", self._codes_of("access"))
            return snapshot
        return self._fetch()

    def _fetch(self) -> Snapshot | None:
        start = time.perf_counter()
        fetcher = self._fetcher()
        if fetcher is None:
            self._ledger.skipped("access", f"no plugin fetches {self._source.ingest_method or self._source.scheme!r}")
            return None
        codes = self._codes_of("access", fetcher.name)
        snapshot = None
        try:
            snapshot = fetcher().fetch(self._source, self.session)
            if self._replay:
                snapshot = self._same(self.hashed(snapshot))
        except Fault as fault:
            self._say(fault.occurrence)
        except PotableError:  # the operator's fault, as a secret that isn't set: there's no run
            raise
        except Exception as e:  # noqa: BLE001 - a fetcher's own fault
            self._ledger.crashed("access", told(e), codes, seconds=time.perf_counter() - start)
            return None
        self._ledger.ran("access", codes, seconds=time.perf_counter() - start)
        return snapshot

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
        if self._kept is None or self._replay:
            return None
        try:
            self._kept.keep(snapshot, self._place)
        except OSError as e:
            return f"the snapshot wasn't kept: {e.strerror or e}"
        return None
