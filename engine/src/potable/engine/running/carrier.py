"""Carries runs out: from a run in the store to its report in the store.

A :class:`Carrier` prepares each run's job, has an executor do it under supervision, and records how it ended. The
command line carries its own runs; a :class:`~potable.engine.worker.Worker` those that were queued.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from potable.engine.contracts.report import Report
from potable.engine.errors import PotableError, RunOngoing, StoreError, UsageError
from potable.engine.executors.choice import ExecutorName, best
from potable.engine.executors.contract import Emit, Executor
from potable.engine.executors.making import make
from potable.engine.executors.notice import announce
from potable.engine.judging.summary import shape_of
from potable.engine.limits import Limits
from potable.engine.roots import roots_for
from potable.engine.running import owner
from potable.engine.running.claiming import Claiming
from potable.engine.running.resources import Resources
from potable.engine.running.supervision import Pace, Supervision
from potable.engine.running.sweeping import Sweeping
from potable.engine.runs import Reason, Run

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition

log = logging.getLogger(__name__)


class Carrier:
    """See the module. Every method may be called from any thread, and raises
    :class:`~potable.engine.errors.StoreUnavailable` when the store doesn't answer.

    :ivar executor: the name of the executor in use; None before the first run where none was named.
    :ivar limits: bounds of each run.
    :ivar pace: how often supervisors and workers do what.
    :param jobs: chunks of a run worked on at a time; None: the engine decides.
    :param memory: most bytes of address space of a run's own process; None: no limit.
    :param work: what a run's process does, ``module:function``.
    """

    def __init__(
        self,
        resources: Resources,
        limits: Limits,
        pace: Pace,
        *,
        executor: ExecutorName | None,
        jobs: int | None,
        memory: int | None,
        work: str,
    ) -> None:
        self.executor = executor
        self._resources, self.limits, self.pace = resources, limits, pace
        self._jobs, self._memory, self._work = jobs, memory, work
        self._executor: Executor | None = None
        self._lock = threading.Lock()
        self._under_way: dict[str, Supervision] = {}
        self._sweeping = Sweeping(resources, pace)
        self._claiming = Claiming(resources, pace)
        self._defined: dict[str, SourceDefinition] = {}

    def prepare(self) -> Executor:
        """The executor, made when first needed: its process imports the pipeline meanwhile."""
        with self._lock:
            if self._executor is None:
                self._executor = self._make_executor()
            return self._executor

    def begin(self, resource_id: str, user_id: int, options: Mapping[str, Any]) -> Run:
        """A running run of this process.

        An ongoing run of the source whose worker is gone is given up first; one that waits in the queue although no
        worker has come for it is taken over. Raises RunOngoing.
        """
        name, sample = owner.me(), "limit_records" in options
        lease, seconds, store = self.pace.lease, self.limits.run_seconds, self._resources.store

        def begin() -> Run:
            return store.begin(
                resource_id, user_id, owner=name, lease=lease, seconds=seconds, sample=sample, options=options
            )

        try:
            return begin()
        except RunOngoing:
            if not self.swept(resource_id):
                self._sweeping.outlast(resource_id)
        try:
            return begin()
        except RunOngoing as e:
            taken = None
            if not options:
                taken = store.take(e.run_id, name, lease=lease, seconds=seconds, waiting=lease)
            if taken is None:
                raise
            return taken

    def claim(self, name: str) -> Run | None:
        """The oldest queued run that this process can carry out, now that owner's; see
        :meth:`potable.engine.running.claiming.Claiming.claim`.
        """
        claimed = self._claiming.claim(name, self.limits.run_seconds)
        if claimed is None:
            return None
        run, source = claimed
        if source is not None:  # found among thousands, that needn't be looked through once more
            self._defined[run.run_id] = source
        return run

    def carry(self, run: Run, source: SourceDefinition, *, progress: Emit | None = None) -> Report | None:
        """Carry out a run that this process has begun; None: it ended without a report, as the store tells.

        What is raised meanwhile is recorded, and passes through; what isn't an Exception (Ctrl-C) cancels the run.
        """
        store = self._resources.store
        supervision = self._supervise(run, progress)
        try:
            report = supervision.run(partial(self._job, run, source))
        except Exception as e:
            with suppress(StoreError):
                store.fail(*supervision.hold, Reason.FAULT, _told(e))
            raise
        except BaseException:
            with suppress(StoreError):
                store.cancel(run.run_id, "interrupted")
            raise
        finally:
            self._under_way.pop(run.run_id, None)
        if report is not None:
            self._announce(report, supervision)
        return report

    def carry_out(self, run: Run) -> None:
        """Carry out a run that a worker has claimed; whatever happens is recorded in the store.

        Raises StoreUnavailable when the end couldn't be recorded; the lease's end will do it then.
        """
        supervision = self._supervise(run)
        try:
            source = self._resources.runnable(run.resource_id, self._defined.pop(run.run_id, None))
            report = supervision.run(partial(self._job, run, source))
        except StoreError:
            raise
        except Exception as e:
            if not isinstance(e, PotableError):
                log.exception("run %s of %s", run.run_id, run.resource_id)
            self._resources.store.fail(*supervision.hold, Reason.FAULT, _told(e))
        else:
            if report is not None:
                self._announce(report, supervision)
        finally:
            self._under_way.pop(run.run_id, None)

    def hurry(self, run_id: str) -> None:
        """Have a run that is under way in this process look soon whether it was cancelled."""
        if (supervision := self._under_way.get(run_id)) is not None:
            supervision.hurry()

    def give_back(self, run_id: str) -> None:
        """Have a run that is under way in this process stopped and queued again."""
        if (supervision := self._under_way.get(run_id)) is not None:
            supervision.give_back()

    def sweep(self, again: float = math.inf) -> list[Run]:
        """Give up the runs whose worker is gone; see :meth:`potable.engine.running.sweeping.Sweeping.sweep`."""
        return self._sweeping.sweep(again)

    def swept(self, resource_id: str) -> bool:
        """Sweep if it helps this source; whether it did."""
        return any(run.resource_id == resource_id for run in self.sweep())

    def kept(self, source: SourceDefinition, snapshot: str) -> str:
        """The whole hash of a kept snapshot; as it's given for a local source, which isn't kept.

        Raises UsageError where there's none.
        """
        if not snapshot:
            return ""
        from potable.engine.snapshots import Snapshots, digits  # heavy

        given, folder = digits(snapshot), self._resources.settings.snapshots
        if source.scheme == "file":
            return given
        if folder is None:
            raise UsageError("no snapshots are kept here (POTABLE_SNAPSHOTS is off), so there's none to run on again")
        kept = Snapshots(folder, self.limits.snapshots_bytes).find(given, source.resource_id)
        return kept.snapshot.sha256 or given

    def close(self) -> None:
        """End the executor, and what it is doing. Idempotent."""
        with self._lock:
            executor, self._executor = self._executor, None
        if executor is not None:
            executor.close()

    def _supervise(self, run: Run, progress: Emit | None = None) -> Supervision:
        supervision = Supervision(
            self._resources.store, self.prepare(), run, seconds=self.limits.run_seconds, pace=self.pace,
            progress=progress,
        )  # fmt: skip
        self._under_way[run.run_id] = supervision
        return supervision

    def _job(self, run: Run, source: SourceDefinition, scratch: Path) -> dict[str, Any]:
        """What the run's process is given; see :func:`potable.engine.executors.work.run_job`."""
        from potable.engine.pipeline.inputs import inputs_of  # heavy: pulls in the YAML parser

        settings, store = self._resources.settings, self._resources.store
        options: dict[str, Any] = {"limit_records": None, "select": (), "ignore": (), **(run.options or {})}
        # A run on a kept snapshot is compared with what there was before that: with the same runs as the first report.
        history = store.summaries(run.resource_id, shape=shape_of(source), before=options.get("replay", ""))
        options |= {
            "run_id": run.run_id, "user_id": run.user_id, "limits": self.limits, "jobs": self._jobs,
            "history": history, "allow_hosts": settings.allow_hosts, "roots": self._roots(source),
            "scratch": scratch, "snapshots": settings.snapshots,
            "inputs": inputs_of(source, self._resources.plugins, self._resources.catalog),
        }  # fmt: skip
        return {
            "source": source, "options": options, "files": settings.plugins, "without": settings.without,
            "unusable": self._resources.plugins.unusable,
        }  # fmt: skip

    def _roots(self, source: SourceDefinition) -> tuple[Path, ...]:
        settings = self._resources.settings
        return roots_for(source, catalog=settings.catalog, listed=settings.roots)

    def _announce(self, report: Report, supervision: Supervision) -> None:
        """Tell the plugins; the run has ended, whatever becomes of that."""
        try:
            plugins, settings = self._resources.plugins, self._resources.settings
            if not plugins.listeners:
                return
            if self._resources.plugins_given or self.executor == "inline":  # objects of this very process
                faults = plugins.finished(report.run, report)
            else:
                faults = announce(
                    self.prepare(), plugins.listeners, report, files=settings.plugins, without=settings.without,
                    unusable=plugins.unusable, seconds=self.pace.notify, stop=lambda: supervision.given_back,
                )  # fmt: skip
        except (PotableError, OSError) as e:
            faults = [f"plugins weren't told that run {report.run.run_id} has ended: {_told(e)}"]
        for fault in faults:
            log.warning("%s", fault)

    def _make_executor(self) -> Executor:
        wanted = self.executor or best()
        if self._resources.plugins_given and wanted == "forkserver":
            wanted = "inline"
        self.executor = wanted
        return make(wanted, self._work, self._resources.plugins, memory=self._memory)


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, PotableError) else f"{type(error).__name__}: {error}"
