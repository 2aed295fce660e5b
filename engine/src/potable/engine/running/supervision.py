"""One run under way: executed, its lease renewed, its end written to the store."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from potable.engine.contracts.report import Report
from potable.engine.errors import StoreFull, StoreUnavailable, UsageError
from potable.engine.executors import again
from potable.engine.executors.contract import Emit, Ending, Executor, Outcome
from potable.engine.judging.summary import summarise
from potable.engine.running import owner
from potable.engine.runs import Reason, Run

if TYPE_CHECKING:
    from potable.engine.store.store import Store

log = logging.getLogger(__name__)

AGAIN = 60.0
"""Seconds after which it's told again that the store still doesn't answer."""
_REASONS = {Ending.FAULT: Reason.FAULT, Ending.CRASHED: Reason.CRASHED, Ending.TIMED_OUT: Reason.TIMED_OUT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a supervisor or worker does what, in seconds.

    :param lease: a run whose worker hasn't been heard of for so long is given up.
    :param heartbeat: how often a worker renews its leases; well below ``lease``.
    :param sweep: how often it looks for runs that were given up, plus up to a fifth at random.
    :param poll: how often it looks for queued runs that another process queued.
    :param watch: how often a supervisor stores progress, and looks whether its run was cancelled.
    :param publish: how long a finished report is kept trying to be stored while the store doesn't answer.
    :param room: the same where there's no room in the store: nobody but a person makes some.
    :param abandon: how long a queued run may wait for a worker whose catalog has its source; then it ends in an error.
    :param notify: how long a plugin's ``potable_run_finished`` may take.
    """

    lease: float = 30.0
    heartbeat: float = 10.0
    sweep: float = 10.0
    poll: float = 1.0
    watch: float = 2.0
    publish: float = 300.0
    room: float = 300.0
    abandon: float = 3600.0
    notify: float = 60.0


class Supervision:
    """The holder's view of one claimed run; :meth:`run` does it all, in the caller's thread.

    :ivar hold: (run_id, owner, attempt): what the store knows the holder by.
    :param run: as it was claimed.
    :param seconds: its deadline, from now.
    :param progress: told of the progress, in the caller's thread.
    """

    def __init__(
        self,
        store: Store,
        executor: Executor,
        run: Run,
        *,
        seconds: float,
        pace: Pace,
        progress: Emit | None = None,
    ) -> None:
        assert run.owner is not None
        self._store, self._executor, self._pace, self._seconds = store, executor, pace, seconds
        self.hold = (run.run_id, run.owner, run.attempt)
        self._tell = progress
        self._said: Mapping[str, Any] | None = None
        self._fenced = False
        self._beaten = self._looked = time.monotonic()
        self._told_until = 0.0
        self._hurry, self._give_back = threading.Event(), threading.Event()

    def hurry(self) -> None:
        """Look at once whether the run was cancelled. From any thread."""
        self._hurry.set()

    def give_back(self) -> None:
        """Stop, and put the run back into the queue. From any thread."""
        self._give_back.set()

    @property
    def given_back(self) -> bool:
        """Whether :meth:`give_back` was called."""
        return self._give_back.is_set()

    def run(self, job: Callable[[Path], Mapping[str, Any]]) -> Report | None:
        """Execute and record the run; returns the report if it was published.

        :param job: makes the job, given a scratch folder that is removed at the end.
        """
        with owner.scratch_folder() as scratch:
            outcome = again.execute(
                self._executor, job(scratch), seconds=self._seconds, progress=self._progress, stop=self._stop
            )
        return self._settle(outcome)

    def _progress(self, said: Mapping[str, Any]) -> None:
        self._said = said
        if self._tell is not None:
            self._tell(said)

    def _stop(self) -> bool:
        """The regular duties; whether the run has to stop."""
        if self._give_back.is_set():
            return True
        now = time.monotonic()
        if self._hurry.is_set() or now - self._looked >= self._pace.watch:
            self._hurry.clear()
            self._looked = now
            try:
                self._fenced = not self._still_ours(now)
            except StoreUnavailable as e:  # the lease may end meanwhile; then the next look tells
                self._trouble(e)
        return self._fenced

    def _trouble(self, e: StoreUnavailable, what: str = "") -> None:
        now = time.monotonic()
        if now >= self._told_until:
            log.warning("run %s: %s%s", self.hold[0], e, what)
            self._told_until = now + AGAIN

    def _still_ours(self, now: float) -> bool:
        said, self._said = self._said, None
        if said is None and now - self._beaten < self._pace.heartbeat:
            return self._store.holds(*self.hold)
        self._beaten = now
        return self._store.heartbeat(*self.hold, lease=self._pace.lease, progress=said)

    def _settle(self, outcome: Outcome) -> Report | None:
        if outcome.ending is Ending.STOPPED:
            if not self._fenced:
                self._persist(lambda: self._store.release(*self.hold))
            return None
        if outcome.ending is Ending.LOST:
            self._persist(lambda: self._store.lose(*self.hold, outcome.message) is not None)
            return None
        if outcome.ending is not Ending.DONE:
            self._persist(lambda: self._store.fail(*self.hold, _REASONS[outcome.ending], outcome.message))
            return None
        data = dict(outcome.report or {})
        try:
            report = Report.from_dict(data)
            summary = summarise(report, accepted=False)
        except (KeyError, TypeError, ValueError, AttributeError, UsageError) as e:
            message = f"the run's process sent a report that can't be read: {e}"
            self._persist(lambda: self._store.fail(*self.hold, Reason.CRASHED, message))
            return None
        published = self._persist(lambda: self._store.finish(*self.hold, data, summary))
        return report if published else None

    def _persist(self, write: Callable[[], bool]) -> bool:
        """Write the end of the run, however long the store takes to answer again (within reason)."""
        begun, pause = time.monotonic(), 0.1
        while True:
            try:
                return write()
            except StoreUnavailable as e:
                left = begun - time.monotonic() + (self._pace.room if isinstance(e, StoreFull) else self._pace.publish)
                if left < 0 or self._give_back.is_set():
                    raise
                self._trouble(e, f" (what came of the run is kept for {left:.0f} s)")
                self._give_back.wait(pause)
                pause = min(2 * pause, 5.0)
