"""The one façade that the command line and the server use: start, follow, read, accept and cancel runs.

A :class:`Service` joins a catalog, plugins, the run store and an executor. It keeps no state of its own but
connections: any number of processes may use one store. :class:`~potable.engine.worker.Worker` runs what
:meth:`Service.start` queued.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from potable.engine.contracts.events import Progress
from potable.engine.contracts.report import Report
from potable.engine.definition.references import check_references
from potable.engine.errors import (
    CatalogError,
    EngineFault,
    RunOngoing,
    StoreError,
    UsageError,
)
from potable.engine.executors.choice import ExecutorName as ExecutorName  # part of the signature
from potable.engine.executors.making import WORK
from potable.engine.findings import Occurrence
from potable.engine.judging.sampling import check_size
from potable.engine.judging.summary import shape_of
from potable.engine.limits import Limits
from potable.engine.running.carrier import Carrier
from potable.engine.running.resources import Resources
from potable.engine.running.sources import SourceRow, Sources
from potable.engine.running.supervision import Pace
from potable.engine.runs import AUTO_USER, Run, RunState, RunStatus
from potable.engine.settings import SECRET_VARIABLES, Settings
from potable.engine.store.intact import intact

if TYPE_CHECKING:
    from potable.engine.contracts.catalog import Catalog
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.plugins import Plugins
    from potable.engine.store.figures import Figures
    from potable.engine.store.keys import Keys
    from potable.engine.store.store import Store

log = logging.getLogger(__name__)

DEFAULT_PACE = Pace()


class Service:
    """See the module. Every method may be called from any thread; each raises
    :class:`~potable.engine.errors.StoreUnavailable` when the store doesn't answer and
    :class:`~potable.engine.errors.StoreError` when it can't be used at all. The store is opened when first needed.

    :ivar carrier: carries runs out; for workers.
    :param settings: catalog, store, plugin files, allowed hosts.
    :param limits: bounds of each run; None: those of the settings.
    :param executor: where runs are executed: ``fork`` a child of this (single-threaded) process, a child of a
        ``forkserver`` of its own, or ``inline``. None: ``fork`` where that's safe, else ``forkserver``.
    :param jobs: chunks of a run worked on at a time; None: as ``settings.jobs`` says.
    :param catalog: an opened catalog, instead of ``settings.catalog``.
    :param plugins: loaded plugins, instead of those that the settings name.
    :param memory: most bytes of address space of a run's own process; None: no limit.
    :param pace: how often supervisors and workers do what.
    :param loaded: called when the plugins that the settings name have been loaded.
    :param work: what a run's process does, ``module:function``; see :mod:`potable.engine.executors.work`.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        limits: Limits | None = None,
        executor: ExecutorName | None = None,
        jobs: int | None = None,
        catalog: Catalog | None = None,
        plugins: Plugins | None = None,
        memory: int | None = None,
        pace: Pace = DEFAULT_PACE,
        loaded: Callable[[Plugins], None] | None = None,
        work: str = WORK,
    ) -> None:
        if plugins is not None and executor == "forkserver":
            raise UsageError("a fork server loads plugins itself: name them in the settings")
        self.settings = settings
        self._resources = Resources(settings, catalog, plugins, loaded)
        self.carrier = Carrier(
            self._resources,
            limits or settings.limits,
            pace,
            executor=executor,
            jobs=jobs or settings.jobs,
            memory=memory,
            work=work,
        )
        self._sources = Sources(self._resources)
        self._wakers: list[Callable[[], None]] = []

    @property
    def executor(self) -> str | None:
        """The name of the executor in use; None before the first run where none was named."""
        return self.carrier.executor

    @property
    def plugins(self) -> Plugins:
        """The plugins, loaded when first needed. Raises :class:`~potable.engine.errors.PluginError`."""
        return self._resources.plugins

    @property
    def catalog(self) -> Catalog:
        """The catalog, opened when first needed.

        Raises :class:`~potable.engine.errors.UsageError` when none was named, CatalogError when it can't be read.
        """
        return self._resources.catalog

    def definition(self, resource_id: str) -> SourceDefinition:
        """A source's definition in the catalog, whoever has written that. Raises CatalogError."""
        return self._resources.definition(resource_id)

    @property
    def store(self) -> Store:
        """The run store, opened (and its tables made) when first needed."""
        return self._resources.store

    @property
    def keys(self) -> Keys:
        """The API keys: ``add(name, user_id=…, scopes=…, expires=…) -> (key, ApiKey)``, ``all()``,
        ``revoke(id) -> bool``, ``verify(key) -> ApiKey | None``, ``any() -> bool``.
        """
        return self.store.keys

    def start(
        self,
        resource_id: str,
        user_id: int = AUTO_USER,
        *,
        limit_records: int | None = None,
        source: SourceDefinition | None = None,
    ) -> Run:
        """Queue a run; it's committed when this returns. A worker of any process that uses the store takes it.

        :param source: its definition, where that was read just now: to look for it among thousands takes a while.

        Raises UnknownSource, DefinitionError, SourceOnHold, RunOngoing (with ``run_id``), StoreUnavailable, and
        SecretNotSet where this process has workers: those of another one may have another environment.
        """
        source = self._resources.runnable(resource_id, source)
        if self._wakers:
            check_references(source, SECRET_VARIABLES)
        options = _options(limit_records)
        try:
            run = self.store.enqueue(resource_id, user_id, sample=limit_records is not None, options=options)
        except RunOngoing:
            if not self.carrier.swept(resource_id):
                raise
            run = self.store.enqueue(resource_id, user_id, sample=limit_records is not None, options=options)
        for wake in list(self._wakers):
            wake()
        return run

    def prepare(self) -> None:
        """Have the process of the runs import the pipeline, while this one opens the catalog and the store.

        Only saves time: a run does it otherwise. Raises :class:`~potable.engine.errors.PluginError`.
        """
        self.carrier.prepare()

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

        An ongoing run of the source that nobody carries out is no hindrance: see :meth:`Carrier.begin`.
        KeyboardInterrupt cancels the run.

        :param progress: called in this thread as the run goes on. What it raises cancels the run.
        :param snapshot: SHA-256 (hex, its first 8 characters or more) of the kept snapshot to run on, instead of
            fetching; of a local source: of the file, which must not have changed. Such a run is no baseline by itself.
        :raises EngineFault: the run ended without a report; the message gives the reason (``timed-out``, ...).
        :raises UnknownSource, DefinitionError, SourceOnHold, RunOngoing, StoreUnavailable: as :meth:`start`.
        :raises UsageError: there is no such snapshot.
        :raises SecretNotSet: a secret that the definition refers to can't be had.
        """
        source = self._resources.runnable(resource_id)
        check_references(source, SECRET_VARIABLES)
        snapshot = self.carrier.kept(source, snapshot)
        run = self.carrier.begin(resource_id, user_id, _options(limit_records, select, ignore, snapshot))

        def tell(said: Mapping[str, Any]) -> None:
            if progress is not None:
                progress(Progress(**said))

        report = self.carrier.carry(run, source, progress=tell)
        run = self.store.get(run.run_id)
        if report is None:
            raise EngineFault(_why(run))
        return run, report

    def status(self, resource_id: str) -> RunStatus:
        """The source's ongoing run, else its last one. Raises UnknownSource for a source that's neither in the store
        nor in the catalog.
        """
        run = self.store.latest(resource_id)
        if run is None:
            self._resources.known(resource_id)
        elif run.state is RunState.RUNNING:
            with suppress(StoreError):  # it may only be read
                self.carrier.swept(resource_id)
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
                    self._resources.known(resource_id)
                    raise StoreError(f"{resource_id} has no report: it was never run (potable run {resource_id})")
                raise StoreError(f"{resource_id} has no report yet: its last run, {run.run_id}, is {run.state.value}")
        elif (run := self.store.get(run_id)).resource_id != resource_id:
            raise StoreError(f"run {run_id} is of {run.resource_id}, not of {resource_id}")
        found = self.store.report(run_id)
        with intact(f"the report of run {run_id}"):
            return Report.from_dict(found)

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
            self._resources.known(resource_id)
        return found

    def baseline(self, resource_id: str) -> Run | None:
        """The run that the next one will be compared with: the last accepted one under the source's definition as it
        is now, or (where that can't be had) as it was in the last finished run. None where there's none.
        """
        try:
            shape = shape_of(self.definition(resource_id))
        except (CatalogError, UsageError):
            shape = None
        return self.store.baseline(resource_id, shape)

    def cancel(self, run_id: str) -> Run:
        """Stop a run: at once when queued, within seconds when running; one that has ended stays as it is.

        Returns the run as it is afterwards. Raises StoreError for an unknown one.
        """
        run = self.store.cancel(run_id)
        self.carrier.hurry(run_id)
        return run

    def sources(self) -> list[SourceRow]:
        """The catalog's sources by resourceID, each with its last run (where the store can be read)."""
        return self.listing()[0]

    def listing(self, *, standing: bool = False) -> tuple[list[SourceRow], list[Occurrence]]:
        """The :meth:`sources`, and what can't be used in the catalog beside them: files whose sources aren't known.

        :param standing: it's needed how they stand: a store that can't be read is raised as StoreError, not logged.
        """
        return self._sources.listing(standing=standing)

    def newest(self) -> dict[str, Run]:
        """The newest run of each source that has one, by resourceID; these stand in the :meth:`listing` too."""
        return self.store.newest()

    def figures(self) -> Figures:
        """How all runs of the store stand: queued, running, ended, and how long they took."""
        return self.store.figures()

    def source(self, resource_id: str) -> SourceRow:
        """One source as :meth:`sources` has it, also one that is gone from the catalog and still has runs.

        Raises UnknownSource for one that neither knows.
        """
        run = self.status(resource_id).run
        return self._sources.row(resource_id, run)

    def ready(self, *, recording: bool = False) -> None:
        """Check that catalog, plugins and store can be used; raises what they raise.

        :param recording: also that a run could be recorded: a change of the store is committed, and there's room on the
            disks of the store, of the state and of runs' scratch folders.
        """
        self._resources.make_sure_of_catalog()
        _ = self.plugins
        self.store.leases()
        if recording:
            self.store.make_sure([self.settings.state, Path(tempfile.gettempdir())])

    def close(self) -> None:
        """Close the store and the fork server. Idempotent."""
        self.carrier.close()
        self._resources.close()

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- for the worker ----------------------------------------------------------------------------------------

    def on_start(self, wake: Callable[[], None]) -> None:
        """Have ``wake`` called whenever :meth:`start` has queued a run."""
        self._wakers.append(wake)


def _options(
    limit_records: int | None, select: Sequence[str] = (), ignore: Sequence[str] = (), snapshot: str = ""
) -> dict[str, Any]:
    """What was asked for besides the source; empty for a plain run."""
    check_size(limit_records)
    given = {"limit_records": limit_records, "select": list(select), "ignore": list(ignore), "replay": snapshot}
    return {name: value for name, value in given.items() if value}


def _why(run: Run) -> str:
    """Why a run has no report, for people."""
    if run.state is RunState.ERROR:
        return f"{run.resource_id}: {run.reason}: {run.message}"
    if run.state is RunState.CANCELLED:
        return f"{run.resource_id}: run {run.run_id} was cancelled"
    return f"{run.resource_id}: run {run.run_id} was lost to this process; it's {run.state.value} now"
