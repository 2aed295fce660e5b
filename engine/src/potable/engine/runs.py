"""A run of a source and its legal state changes; pure, without a store or a clock.

::

    queued ──► running ──► finished | error | cancelled
      │ ▲         │
      │ └─────────┘   its worker was lost and attempts are left, or gave it back
      ├──► cancelled
      └──► error      its definition is gone

``finished`` means that a report exists, whatever its verdict; ``error`` that none could be made, with the reason.
Terminal states never change: a re-run is a new run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Literal

from potable.engine.contracts.report import Verdict

AUTO_USER = 4
"""The userID of automatic runs: the default."""

LARGEST_USER = 2**31 - 1
"""A userID is a whole number from 0 to this one."""

ATTEMPTS = 3
"""How often a run is tried before it's given up as lost."""


class RunState(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    ERROR = "error"
    CANCELLED = "cancelled"

    @property
    def ongoing(self) -> bool:
        """Queued or running: a source has at most one such run."""
        return self in (RunState.QUEUED, RunState.RUNNING)


class Reason(StrEnum):
    """Why a run ended in ``error``."""

    LOST = "lost"
    """Its worker vanished, as often as it was tried."""
    TIMED_OUT = "timed-out"
    """It reached its deadline and was stopped."""
    CRASHED = "crashed"
    """Its process ended without a report."""
    FAULT = "fault"
    """Potable, a plugin or the definition raised an error; the message says which."""


LEGAL: Mapping[RunState, frozenset[RunState]] = {
    RunState.QUEUED: frozenset({RunState.RUNNING, RunState.CANCELLED, RunState.ERROR}),
    RunState.RUNNING: frozenset({RunState.QUEUED, RunState.FINISHED, RunState.ERROR, RunState.CANCELLED}),
    RunState.FINISHED: frozenset(),
    RunState.ERROR: frozenset(),
    RunState.CANCELLED: frozenset(),
}
"""The states that may follow each state."""


class IllegalTransition(ValueError):
    """A state change that the life of a run doesn't know; a caller's mistake."""


def iso(milliseconds: int) -> str:
    """A time in milliseconds since 1970 as ISO 8601 in UTC with milliseconds: ``2026-01-31T12:00:00.000Z``."""
    moment = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of one source. Times are ISO 8601 in UTC with milliseconds, None where there is none.

    :param run_id: unique, text of hexadecimal digits; later runs sort later.
    :param resource_id: the source.
    :param user_id: who asked for it; 4 is automatic.
    :param attempt: how often it was claimed: 0 while it has never run. Together with ``owner`` it fences: a worker
        that was given up can't write any more.
    :param losses: how many of the attempts lost their worker.
    :param max_attempts: losses that end it as ``lost``.
    :param owner: the worker that runs it; None unless running.
    :param created: when it was asked for.
    :param started: when its current or last attempt began.
    :param ended: when it reached its terminal state.
    :param lease: until when its worker counts as alive without another heartbeat; None unless running.
    :param deadline: when it's stopped as ``timed-out``; None unless running.
    :param reason: of an ``error``: a :class:`Reason`.
    :param message: a sentence about the reason, for people; "" without one.
    :param verdict: the report's verdict; None unless finished.
    :param counts: the report's ``counts``, under their names in the report's JSON; None unless finished.
    :param codes: how often each code was found, in the report's order; None unless finished.
    :param progress: the last known progress: stage, bytes, total, records, errors; None before the first.
    :param sample: only a sample of the source is (was) read; such a run is never a baseline.
    :param accepted: it serves as a baseline for later runs.
    :param options: what was asked for besides: ``limit_records``, ``select``, ``ignore``, ``replay``.
    """

    run_id: str
    resource_id: str
    user_id: int = AUTO_USER
    state: RunState = RunState.QUEUED
    attempt: int = 0
    losses: int = 0
    max_attempts: int = ATTEMPTS
    owner: str | None = None
    created: str = ""
    started: str | None = None
    ended: str | None = None
    lease: str | None = None
    deadline: str | None = None
    reason: Reason | None = None
    message: str = ""
    verdict: Verdict | None = None
    counts: Mapping[str, int] | None = None
    codes: Mapping[str, int] | None = None
    progress: Mapping[str, Any] | None = None
    sample: bool = False
    accepted: bool = False
    options: Mapping[str, Any] | None = None

    @property
    def ongoing(self) -> bool:
        """Queued or running."""
        return self.state.ongoing

    @property
    def has_report(self) -> bool:
        """Whether a report of it is stored."""
        return self.state is RunState.FINISHED

    @property
    def unacceptable(self) -> str | None:
        """Why it can't be accepted as a baseline, None where it can."""
        if self.state is not RunState.FINISHED:
            return f"it's {self.state.value}, not finished"
        if self.sample:
            return "it read only a sample of its source"
        if self.counts is not None and self.counts.get("records") == 0:
            return "it read no record"
        if self.verdict == "inconclusive":
            return "it's inconclusive: the source wasn't checked as a whole"
        return None

    def _to(self, state: RunState) -> None:
        if state not in LEGAL[self.state]:
            raise IllegalTransition(f"run {self.run_id} is {self.state}: it can't become {state}")

    def claimed(self, owner: str, *, now: str, lease: str, deadline: str) -> Run:
        """The run as ``owner`` takes it from the queue."""
        self._to(RunState.RUNNING)
        return replace(
            self, state=RunState.RUNNING, attempt=self.attempt + 1, owner=owner, started=now, lease=lease,
            deadline=deadline, progress=None,
        )  # fmt: skip

    def finished(self, verdict: Verdict, counts: Mapping[str, int], codes: Mapping[str, int], *, now: str) -> Run:
        """The run with its report made: a passed one is accepted by itself unless it's a sample."""
        self._to(RunState.FINISHED)
        return replace(
            self, state=RunState.FINISHED, verdict=verdict, counts=counts, codes=codes, ended=now, owner=None,
            lease=None, deadline=None, accepted=verdict == "passed" and not self.sample,
        )  # fmt: skip

    def failed(self, reason: Reason, message: str, *, now: str) -> Run:
        """The run without a report, for a reason."""
        self._to(RunState.ERROR)
        return replace(
            self, state=RunState.ERROR, reason=reason, message=message, ended=now, owner=None, lease=None, deadline=None
        )

    def cancelled(self, message: str = "", *, now: str) -> Run:
        """The run, stopped on request."""
        self._to(RunState.CANCELLED)
        return replace(
            self, state=RunState.CANCELLED, message=message, ended=now, owner=None, lease=None, deadline=None
        )

    def released(self) -> Run:
        """The run given back by its worker, which stops in good order: no attempt is lost."""
        self._to(RunState.QUEUED)
        return replace(self, state=RunState.QUEUED, owner=None, lease=None, deadline=None, progress=None)

    def lost(self, message: str, *, now: str) -> Run:
        """The run whose worker vanished: queued again while attempts are left, else ``error`` (``lost``).

        Raises :class:`IllegalTransition` where it isn't running.
        """
        if self.state is not RunState.RUNNING:
            raise IllegalTransition(f"run {self.run_id} is {self.state}: it has no worker to lose")
        losses = self.losses + 1
        if losses < self.max_attempts:
            return replace(self.released(), losses=losses)
        return replace(self.failed(Reason.LOST, message, now=now), losses=losses)


StatusWord = Literal["Running", "Finished", "No ongoing run"]


@dataclass(frozen=True, slots=True)
class RunStatus:
    """The answer to "how is this source's run": that of ``GET /controller/run_status``.

    :param run: the ongoing run of the source, else its last one, else None.
    :param baseline: the run_id of the one that the next run is compared with, as far as the definition's data-shaping
        part stays what it was in the last run; None where there's none.
    """

    run: Run | None = None
    baseline: str | None = None

    @property
    def status(self) -> StatusWord:
        """``Running``: queued or running; ``Finished``: the last run ended; ``No ongoing run``: none is known."""
        if self.run is None:
            return "No ongoing run"
        return "Running" if self.run.ongoing else "Finished"

    def to_dict(self, report: str | None = None) -> dict[str, Any]:
        """The contract's JSON object.

        :param report: the report's relative URL; left out (null) where the run has no report.
        """
        r = self.run
        if r is None:
            none = ("runID", "state", "verdict", "progress", "counts", "userID", "started", "ended", "report")
            more = ("attempt", "reason", "message", "accepted", "baseline", "codes")
            return {"status": self.status, **dict.fromkeys((*none, *more))}
        return {
            "status": self.status, "runID": r.run_id, "state": r.state.value, "verdict": r.verdict,
            # Of a run that ended it's how far it was when somebody last looked, and less than the counts.
            "progress": dict(r.progress) if r.ongoing and r.progress is not None else None,
            "counts": None if r.counts is None else dict(r.counts),
            "userID": r.user_id, "started": r.started, "ended": r.ended, "report": report if r.has_report else None,
            "attempt": r.attempt, "reason": r.reason and r.reason.value, "message": r.message or None,
            "accepted": r.accepted, "baseline": self.baseline, "codes": None if r.codes is None else dict(r.codes),
        }  # fmt: skip
