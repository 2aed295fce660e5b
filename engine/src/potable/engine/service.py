"""The one façade that the command line and the server use: start, follow, read, accept and cancel runs.

A :class:`Service` joins a catalog, plugins, the run store and an executor. It keeps no state of its own but
connections: any number of processes may use one store. :class:`~potable.engine.worker.Worker` runs what
:meth:`Service.start` queued.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from potable.engine import owner
from potable.engine.contracts.events import Progress
from potable.engine.contracts.report import Report
from potable.engine.errors import (
    CatalogError,
    DefinitionError,
    EngineFault,
    PotableError,
    RunOngoing,
    SourceOnHold,
    StoreError,
    UnknownSource,
    UsageError,
)
from potable.engine.executors.choice import ExecutorName as ExecutorName  # part of the signature
from potable.engine.executors.choice import best
from potable.engine.executors.contract import Executor, resolve
from potable.engine.findings import Occurrence
from potable.engine.limits import Limits
from potable.engine.runs import AUTO_USER, Reason, Run, RunState, RunStatus
from potable.engine.settings import Settings
from potable.engine.summary import shape_of
from potable.engine.supervision import Pace, Supervision

if TYPE_CHECKING:
    from potable.engine.contracts.catalog import Catalog
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.plugins import Plugins
    from potable.engine.store.keys import Keys
    from potable.engine.store.store import Store

log = logging.getLogger(__name__)

DEFAULT_LIMITS, DEFAULT_PACE = Limits(), Pace()
WORK = "potable.engine.executors.work:run_job"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """A source of the catalog with its standing.

    :param resource_id: the source.
    :param name: its name; "" where its definition can't be read.
    :param ingest_method: upper-case.
    :param hold: no run is allowed.
    :param run: its ongoing run, else its last one; None without any (or without a store).
    :param fault: why its definition can't be used; "" when it can.
    """

    resource_id: str
    name: str = ""
    ingest_method: str = ""
    hold: bool = False
    run: Run | None = None
    fault: str = ""


class Service:
    """See the module. Every method may be called from any thread; each raises
    :class:`~potable.engine.errors.StoreUnavailable` when the store doesn't answer and
    :class:`~potable.engine.errors.StoreError` when it can't be used at all. The store is opened when first needed.

    :ivar executor: the name of the executor in use; None before the first run where none was named.
    :param settings: catalog, store, plugin files, allowed hosts.
    :param limits: bounds of each run.
    :param executor: where runs are executed: ``fork`` a child of this (single-threaded) process, a child of a
        ``forkserver`` of its own, or ``inline``. None: ``fork`` where that's safe, else ``forkserver``.
    :param jobs: threads or processes of one run; None: the engine decides.
    :param catalog: an opened catalog, instead of ``settings.catalog``.
    :param plugins: loaded plugins, instead of those that the settings name.
    :param memory: most bytes of address space of a run's own process; None: no limit.
    :param pace: how often supervisors and workers do what.
    :param work: what a run's process does, ``module:function``; see :mod:`potable.engine.executors.work`.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        limits: Limits = DEFAULT_LIMITS,
        executor: ExecutorName | None = None,
        jobs: int | None = None,
        catalog: Catalog | None = None,
        plugins: Plugins | None = None,
        memory: int | None = None,
        pace: Pace = DEFAULT_PACE,
        work: str = WORK,
    ) -> None:
        if plugins is not None and executor == "forkserver":
            raise UsageError("a fork server loads plugins itself: name them in the settings")
        self.settings, self.limits, self.pace = settings, limits, pace
        self._jobs, self._memory, self._work = jobs, memory, work
        self._wanted = executor
        self._catalog, self._plugins = catalog, plugins
        self._plugins_given = plugins is not None
        self.executor = executor
        self._store: Store | None = None
        self._executor: Executor | None = None
        self._lock = threading.RLock()
        self._under_way: dict[str, Supervision] = {}
        self._wakers: list[Callable[[], None]] = []

    @property
    def plugins(self) -> Plugins:
        """The plugins, loaded when first needed. Raises :class:`~potable.engine.errors.PluginError`."""
        with self._lock:
            if self._plugins is None:
                from potable.engine.plugins import load_plugins  # most calls don't need any

                self._plugins = load_plugins(files=self.settings.plugins, without=self.settings.without)
            return self._plugins

    @property
    def catalog(self) -> Catalog:
        """The catalog, opened when first needed.

        Raises :class:`~potable.engine.errors.UsageError` when none was named, CatalogError when it can't be read.
        """
        with self._lock:
            if self._catalog is None:
                if self.settings.catalog is None:
                    raise UsageError("no catalog: name one with --catalog PATH or POTABLE_CATALOG")
                from potable.engine.catalog import open_catalog  # pulls in the YAML parser

                self._catalog = open_catalog(
                    self.settings.catalog, self.plugins.catalogs, allow_hosts=self.settings.allow_hosts
                )
            return self._catalog

    @property
    def store(self) -> Store:
        """The run store, opened (and its tables made) when first needed."""
        with self._lock:
            if self._store is None:
                from potable.engine.store.store import Store  # only some commands need it

                self._store = Store(self.settings.store)
            return self._store

    @property
    def keys(self) -> Keys:
        """The API keys: ``add(name, user_id=…, scopes=…, expires=…) -> (key, ApiKey)``, ``all()``,
        ``revoke(id) -> bool``, ``verify(key) -> ApiKey | None``, ``any() -> bool``.
        """
        return self.store.keys

    def start(self, resource_id: str, user_id: int = AUTO_USER, *, limit_records: int | None = None) -> Run:
        """Queue a run; it's committed when this returns. A worker of any process that uses the store takes it.

        Raises UnknownSource, DefinitionError, SourceOnHold, RunOngoing (with ``run_id``), StoreUnavailable.
        """
        self._runnable(resource_id)
        options = _options(limit_records)
        try:
            run = self.store.enqueue(resource_id, user_id, sample=limit_records is not None, options=options)
        except RunOngoing:
            if not self._swept(resource_id):
                raise
            run = self.store.enqueue(resource_id, user_id, sample=limit_records is not None, options=options)
        for wake in list(self._wakers):
            wake()
        return run

    def run_now(
        self,
        resource_id: str,
        user_id: int = AUTO_USER,
        *,
        progress: Callable[[Progress], None] | None = None,
        limit_records: int | None = None,
        select: Sequence[str] = (),
        ignore: Sequence[str] = (),
        snapshot: str = "",
    ) -> tuple[Run, Report]:
        """Run a source now and wait for its report; the run is recorded as any other.

        An ongoing run of the source whose worker is gone is given up first; one that waits in the queue although no
        worker has come for it is taken over. KeyboardInterrupt cancels the run.

        :param progress: called in this thread as the run goes on. What it raises cancels the run.
        :param snapshot: SHA-256 (hex, its first 8 characters or more) of the kept snapshot to run on, instead of
            fetching; of a local source: of the file, which must not have changed. Such a run is no baseline by itself.
        :raises EngineFault: the run ended without a report; the message gives the reason (``timed-out``, ...).
        :raises UnknownSource, DefinitionError, SourceOnHold, RunOngoing, StoreUnavailable: as :meth:`start`.
        :raises UsageError: there is no such snapshot.
        """
        source = self._runnable(resource_id)
        snapshot = self._kept(source, snapshot)
        executor = self._prepared()  # first: its process imports the pipeline while this one opens the store
        run = self._begin(resource_id, user_id, _options(limit_records, select, ignore, snapshot))

        def tell(said: Mapping[str, Any]) -> None:
            if progress is not None:
                progress(Progress(**said))

        supervision = self.supervise(run, executor, progress=tell)
        try:
            report = supervision.run(partial(self._job, run, source))
        except Exception as e:
            with suppress(StoreError):
                self.store.fail(*supervision.hold, Reason.FAULT, _told(e))
            raise
        except BaseException:
            with suppress(StoreError):
                self.store.cancel(run.run_id, "interrupted")
            raise
        finally:
            self._under_way.pop(run.run_id, None)
        run = self.store.get(run.run_id)
        if report is None:
            raise EngineFault(_why(run))
        self._announce(report)
        return run, report

    def status(self, resource_id: str) -> RunStatus:
        """The source's ongoing run, else its last one. Raises UnknownSource for a source that's neither in the store
        nor in the catalog.
        """
        run = self.store.latest(resource_id)
        if run is None:
            self._known(resource_id)
        elif run.state is RunState.RUNNING and self._swept(resource_id):
            run = self.store.latest(resource_id)
        base = None if run is None else self.store.baseline(resource_id)
        return RunStatus(run, None if base is None else base.run_id)

    def run(self, run_id: str) -> Run:
        """One run. Raises :class:`~potable.engine.errors.UnknownRun`."""
        return self.store.get(run_id)

    def report(self, resource_id: str, run_id: str | None = None) -> Report:
        """A stored report: of ``run_id``, else of the source's last run that has one.

        Raises UnknownSource (the source has no run and isn't in the catalog) and StoreError (no such run of this
        source, or it has no report).
        """
        if run_id is None:
            run_id = self.store.last_report(resource_id)
            if run_id is None:
                run = self.store.latest(resource_id)
                if run is None:
                    self._known(resource_id)
                    raise StoreError(f"{resource_id} has no report: it was never run (potable run {resource_id})")
                raise StoreError(f"{resource_id} has no report yet: its last run, {run.run_id}, is {run.state.value}")
        elif (run := self.store.get(run_id)).resource_id != resource_id:
            raise StoreError(f"run {run_id} is of {run.resource_id}, not of {resource_id}")
        return Report.from_dict(self.store.report(run_id))

    def history(self, resource_id: str, limit: int = 20) -> list[Run]:
        """The source's runs, the newest first."""
        return self.store.history(resource_id, limit)

    def accept(self, run_id: str) -> Run:
        """Make a finished run a baseline; :meth:`baseline` tells what later runs are compared with.

        Raises UnknownRun, and NotAcceptable where it isn't finished, is inconclusive, read no record or only a sample.
        """
        return self.store.accept(run_id)

    def last_finished(self, resource_id: str) -> str | None:
        """The run_id of the source's last run that has a report. Raises UnknownSource as :meth:`status` does."""
        found = self.store.last_report(resource_id)
        if found is None and self.store.latest(resource_id) is None:
            self._known(resource_id)
        return found

    def baseline(self, resource_id: str) -> Run | None:
        """The run that the next one will be compared with: the last accepted one under the source's definition as it
        is now, or (where that can't be had) as it was in the last finished run. None where there's none.
        """
        try:
            shape = shape_of(self.catalog.get(resource_id))
        except (CatalogError, UsageError):
            shape = None
        return self.store.baseline(resource_id, shape)

    def cancel(self, run_id: str) -> Run:
        """Stop a run: at once when queued, within seconds when running; one that has ended stays as it is.

        Returns the run as it is afterwards. Raises StoreError for an unknown one.
        """
        run = self.store.cancel(run_id)
        if (supervision := self._under_way.get(run_id)) is not None:
            supervision.hurry()
        return run

    def sources(self) -> list[SourceRow]:
        """The catalog's sources by resourceID, each with its last run (where the store can be read)."""
        return self.listing()[0]

    def listing(self) -> tuple[list[SourceRow], list[Occurrence]]:
        """The :meth:`sources`, and what can't be used in the catalog beside them: files whose sources aren't known."""
        try:
            newest = self.store.newest()
        except StoreError as e:
            log.warning("%s", e)
            newest = {}
        usable: dict[str, SourceDefinition] = {}
        invalid: list[Occurrence] = []
        for content in self.catalog.contents():
            if not isinstance(content, Occurrence):
                usable.setdefault(content.resource_id, content)
            elif content.code == "definition/invalid":
                invalid.append(content)
        rows = []
        for resource_id in self.catalog.ids():
            run, fault = newest.get(resource_id), ""
            found = usable.get(resource_id)
            if found is None:  # one by one only those that can't be used, to say why
                try:
                    found = self.catalog.get(resource_id)
                except (DefinitionError, UnknownSource) as e:
                    fault = str(e)
            rows.append(
                SourceRow(resource_id=resource_id, run=run, fault=fault)
                if found is None
                else SourceRow(
                    resource_id=resource_id,
                    name=found.name,
                    ingest_method=found.ingest_method,
                    hold=found.hold,
                    run=run,
                )
            )
        told = tuple(row.fault for row in rows if row.fault)
        return rows, [o for o in invalid if not any(t.startswith(str(o.location.file)) for t in told)]

    def ready(self) -> None:
        """Check that catalog, plugins and store can be used; raises what they raise."""
        _ = self.catalog, self.plugins
        self.store.owners()

    def close(self) -> None:
        """Close the store and the fork server. Idempotent."""
        with self._lock:
            executor, self._executor = self._executor, None
            store, self._store = self._store, None
        if executor is not None:
            executor.close()
        if store is not None:
            store.close()

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- for the worker ----------------------------------------------------------------------------------------

    def on_start(self, wake: Callable[[], None]) -> None:
        """Have ``wake`` called whenever :meth:`start` has queued a run."""
        self._wakers.append(wake)

    def prepare(self) -> None:
        """Make the executor ready: its process imports the pipeline meanwhile."""
        self._prepared()

    def claim(self, name: str) -> Run | None:
        """The oldest queued run, now that owner's."""
        return self.store.claim(name, lease=self.pace.lease, seconds=self.limits.run_seconds)

    def give_back(self, run_id: str) -> None:
        """Have a run under way in this process stopped and queued again."""
        if (supervision := self._under_way.get(run_id)) is not None:
            supervision.give_back()

    def supervise(self, run: Run, executor: Executor | None = None, *, progress: Any = None) -> Supervision:
        """The supervision of a claimed run; :meth:`cancel` knows of it until :meth:`settled`."""
        supervision = Supervision(
            self.store, executor or self._prepared(), run, seconds=self.limits.run_seconds, pace=self.pace,
            progress=progress,
        )  # fmt: skip
        self._under_way[run.run_id] = supervision
        return supervision

    def carry_out(self, run: Run) -> None:
        """Run what a worker has claimed, to its end; whatever happens is recorded in the store.

        Raises StoreUnavailable when the end couldn't be recorded; the lease's end will do it then.
        """
        supervision = self.supervise(run)
        try:
            source = self._runnable(run.resource_id)
            report = supervision.run(partial(self._job, run, source))
        except StoreError:
            raise
        except Exception as e:
            if not isinstance(e, PotableError):
                log.exception("run %s of %s", run.run_id, run.resource_id)
            self.store.fail(*supervision.hold, Reason.FAULT, _told(e))
        else:
            if report is not None:
                self._announce(report)
        finally:
            self._under_way.pop(run.run_id, None)

    def sweep(self) -> list[Run]:
        """Give up the runs whose worker is gone; returns them as they are now."""
        return self.store.sweep(dead=[name for name in self.store.owners() if owner.is_gone(name)])

    # -- inside ------------------------------------------------------------------------------------------------

    def _known(self, resource_id: str) -> None:
        """Raise UnknownSource for a source that the catalog doesn't have; a bad definition of it is no matter."""
        with suppress(DefinitionError):
            self.catalog.get(resource_id)

    def _runnable(self, resource_id: str) -> SourceDefinition:
        source = self.catalog.get(resource_id)
        if source.hold:
            raise SourceOnHold(resource_id)
        return source

    def _swept(self, resource_id: str) -> bool:
        """Sweep if it helps this source; whether it did."""
        return any(run.resource_id == resource_id for run in self.sweep())

    def _begin(self, resource_id: str, user_id: int, options: Mapping[str, Any]) -> Run:
        """A running run of this process."""
        name, sample = owner.me(), "limit_records" in options
        lease, seconds = self.pace.lease, self.limits.run_seconds

        def begin() -> Run:
            return self.store.begin(
                resource_id, user_id, owner=name, lease=lease, seconds=seconds, sample=sample, options=options
            )

        try:
            return begin()
        except RunOngoing:
            self._swept(resource_id)
        try:
            return begin()
        except RunOngoing as e:
            taken = None
            if not options:
                taken = self.store.take(e.run_id, name, lease=lease, seconds=seconds, waiting=lease)
            if taken is None:
                raise
            return taken

    def _job(self, run: Run, source: SourceDefinition, scratch: Path) -> dict[str, Any]:
        """What the run's process is given; see :func:`potable.engine.executors.work.run_job`."""
        options: dict[str, Any] = {"limit_records": None, "select": (), "ignore": (), **(run.options or {})}
        # A run on a kept snapshot is compared with what there was before that: with the same runs as the first report.
        history = self.store.summaries(run.resource_id, shape=shape_of(source), before=options.get("replay", ""))
        options |= {
            "run_id": run.run_id, "user_id": run.user_id, "limits": self.limits, "jobs": self._jobs,
            "history": history, "allow_hosts": self.settings.allow_hosts,
            "roots": self._roots(source), "scratch": scratch, "snapshots": self.settings.snapshots,
            "inputs": self._inputs(source),
        }  # fmt: skip
        return {
            "source": source, "options": options,
            "files": self.settings.plugins, "without": self.settings.without,
        }  # fmt: skip

    def _inputs(self, source: SourceDefinition) -> dict[str, SourceDefinition]:
        """The definitions of the sources that this one's foreign keys and the like refer to."""
        from potable.engine.inputs import inputs_of  # pulls in the YAML parser

        return inputs_of(source, self.plugins, self.catalog)

    def _kept(self, source: SourceDefinition, snapshot: str) -> str:
        """The whole hash of a kept snapshot; as it's given for a local source, which isn't kept."""
        if not snapshot:
            return ""
        from potable.engine.snapshots import Snapshots, digits

        given = digits(snapshot)
        if source.scheme == "file":
            return given
        if self.settings.snapshots is None:
            raise UsageError("no snapshots are kept here (POTABLE_SNAPSHOTS is off), so there's none to run on again")
        return (
            Snapshots(self.settings.snapshots, self.limits.snapshots_bytes)
            .find(given, source.resource_id)
            .snapshot.sha256
            or given
        )

    def _roots(self, source: SourceDefinition) -> tuple[Path, ...]:
        """The folders that local files of a source may lie in: its own, the catalog's and those of the settings."""
        roots = [source.origin.folder.resolve()]
        if self.settings.catalog is not None and (place := Path(self.settings.catalog)).exists():
            place = place.resolve()
            roots.append(place if place.is_dir() else place.parent)
        roots += (r.resolve() for r in self.settings.roots)
        return tuple(dict.fromkeys(roots))

    def _announce(self, report: Report) -> None:
        """Tell the plugins; the run has ended, whatever becomes of that."""
        try:
            faults = self.plugins.finished(report.run, report)
        except PotableError as e:
            faults = [str(e)]
        for fault in faults:
            log.warning("%s", fault)

    def _prepared(self) -> Executor:
        """The executor, made when first needed."""
        with self._lock:
            if self._executor is None:
                self._executor = self._make_executor()
            return self._executor

    def _make_executor(self) -> Executor:
        wanted = self._wanted or best()
        if self._plugins_given and wanted == "forkserver":
            wanted = "inline"
        self.executor = wanted
        # Each is imported where it's chosen: `process` needs a system that can fork.
        if wanted == "inline":
            from potable.engine.executors.inline import InlineExecutor

            given: dict[str, Any] = {"plugins": self.plugins}
            return InlineExecutor(partial(resolve(self._work), **given))
        from potable.engine.executors.process import ProcessExecutor

        given = {"plugins": self.plugins} if wanted == "fork" else {}  # a fork server loads them itself
        return ProcessExecutor(self._work, start=wanted, given=given, memory=self._memory)


def _options(
    limit_records: int | None, select: Sequence[str] = (), ignore: Sequence[str] = (), snapshot: str = ""
) -> dict[str, Any]:
    """What was asked for besides the source; empty for a plain run."""
    if limit_records is not None and limit_records < 1:
        raise UsageError(f"the number of records to read must be at least 1, not {limit_records}")
    given = {"limit_records": limit_records, "select": list(select), "ignore": list(ignore), "replay": snapshot}
    return {name: value for name, value in given.items() if value}


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, PotableError) else f"{type(error).__name__}: {error}"


def _why(run: Run) -> str:
    """Why a run has no report, for people."""
    if run.state is RunState.ERROR:
        return f"{run.resource_id}: {run.reason}: {run.message}"
    if run.state is RunState.CANCELLED:
        return f"{run.resource_id}: run {run.run_id} was cancelled"
    return f"{run.resource_id}: run {run.run_id} was lost to this process; it's {run.state.value} now"
