"""The one façade that the command line and the server use: start, follow, read, accept and cancel runs.

A :class:`Service` joins a catalog, plugins, the run store and an executor. It holds no state of its own but
connections: any number of processes may use one store. :class:`~potable.engine.worker.Worker` runs what
:meth:`Service.start` queued.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from potable.engine.contracts.events import Progress
from potable.engine.contracts.report import Report
from potable.engine.limits import Limits
from potable.engine.runs import AUTO_USER, Run, RunStatus
from potable.engine.settings import Settings

if TYPE_CHECKING:
    from potable.engine.contracts.catalog import Catalog
    from potable.engine.plugins import Plugins
    from potable.engine.store.keys import Keys
    from potable.engine.store.store import Store

ExecutorName = Literal["inline", "fork", "forkserver"]


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

    :param settings: catalog, store, plugin files, allowed hosts.
    :param limits: bounds of each run.
    :param executor: where runs are executed: ``fork`` a child of this (single-threaded) process, a child of a
        ``forkserver`` of its own, or ``inline``. None: ``fork`` where that's safe, else ``forkserver``.
    :param jobs: threads or processes of one run; None: the engine decides.
    :param catalog: an opened catalog, instead of ``settings.catalog``.
    :param plugins: loaded plugins, instead of those that the settings name.
    :param memory: most bytes of address space of a run's own process; None: no limit.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        limits: Limits = Limits(),
        executor: ExecutorName | None = None,
        jobs: int | None = None,
        catalog: Catalog | None = None,
        plugins: Plugins | None = None,
        memory: int | None = None,
    ) -> None:
        raise NotImplementedError

    @property
    def plugins(self) -> Plugins:
        """The plugins, loaded when first needed. Raises :class:`~potable.engine.errors.PluginError`."""
        raise NotImplementedError

    @property
    def catalog(self) -> Catalog:
        """The catalog, opened when first needed.

        Raises :class:`~potable.engine.errors.UsageError` when none was named, CatalogError when it can't be read.
        """
        raise NotImplementedError

    @property
    def store(self) -> Store:
        """The run store, opened (and its tables made) when first needed."""
        raise NotImplementedError

    @property
    def keys(self) -> Keys:
        """The API keys: ``add(name, user_id=…, scopes=…, expires=…) -> (key, ApiKey)``, ``all()``,
        ``revoke(id) -> bool``, ``verify(key) -> ApiKey | None``, ``any() -> bool``.
        """
        raise NotImplementedError

    def start(self, resource_id: str, user_id: int = AUTO_USER, *, limit_records: int | None = None) -> Run:
        """Queue a run; it's committed when this returns. A worker of any process that uses the store takes it.

        Raises UnknownSource, DefinitionError, SourceOnHold, RunOngoing (with ``run_id``), StoreUnavailable.
        """
        raise NotImplementedError

    def run_now(
        self,
        resource_id: str,
        user_id: int = AUTO_USER,
        *,
        progress: Callable[[Progress], None] | None = None,
        limit_records: int | None = None,
        select: Sequence[str] = (),
        ignore: Sequence[str] = (),
    ) -> tuple[Run, Report]:
        """Run a source now and wait for its report; the run is recorded as any other.

        An ongoing run of the source whose worker is gone is given up first. KeyboardInterrupt cancels the run.

        :param progress: called in this thread as the run goes on.
        :raises EngineFault: the run ended without a report; the message gives the reason (``timed-out``, ...).
        :raises UnknownSource, DefinitionError, SourceOnHold, RunOngoing, StoreUnavailable: as :meth:`start`.
        """
        raise NotImplementedError

    def status(self, resource_id: str) -> RunStatus:
        """The source's ongoing run, else its last one. Raises UnknownSource."""
        raise NotImplementedError

    def run(self, run_id: str) -> Run:
        """One run. Raises StoreError for an unknown one."""
        raise NotImplementedError

    def report(self, resource_id: str, run_id: str | None = None) -> Report:
        """A stored report: of ``run_id``, else of the source's last run that has one.

        Raises UnknownSource (the source has no run and isn't in the catalog) and StoreError (no such run of this
        source, or it has no report).
        """
        raise NotImplementedError

    def history(self, resource_id: str, limit: int = 20) -> list[Run]:
        """The source's runs, the newest first."""
        raise NotImplementedError

    def accept(self, run_id: str) -> Run:
        """Make a finished run a baseline. Raises StoreError where it can't be: unknown, not finished, a sample."""
        raise NotImplementedError

    def cancel(self, run_id: str) -> Run:
        """Stop a run: at once when queued, within seconds when running; one that has ended stays as it is.

        Returns the run as it is afterwards. Raises StoreError for an unknown one.
        """
        raise NotImplementedError

    def sources(self) -> list[SourceRow]:
        """The catalog's sources by resourceID, each with its last run."""
        raise NotImplementedError

    def ready(self) -> None:
        """Check that catalog, plugins and store can be used; raises what they raise."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the store and the fork server. Idempotent."""
        raise NotImplementedError

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
