"""How the runs of a store stand, in figures: for whoever watches over it."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from potable.engine.runs import Reason, RunState
from potable.engine.store.database import Row, Transaction

BOUNDS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1_000.0, 3_000.0, 10_000.0)
"""Upper bounds of the classes of lengths, in seconds; the last class has none."""

SETTLED = 600_000
"""Milliseconds after which no run turns up among earlier ones any more: transactions that add one are short."""

MOST_ROWS = 10_000
"""Rows that are read at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of all runs, whoever made them.

    :param queued: runs that wait; ``running``: that are under way.
    :param waiting: seconds since the one that waits longest was asked for; 0 where none does.
    :param ended: runs that have ended, by verdict, by the reason of an error, or ``cancelled``.
    :param lengths: finished runs by how long their last attempt took: a count for each of :data:`BOUNDS`, and for what
        is longer; ``seconds`` is their sum.
    """

    queued: int
    running: int
    waiting: float
    ended: Mapping[str, int]
    lengths: tuple[int, ...]
    seconds: float


OUTCOMES: tuple[str, ...] = ("passed", "failed", "inconclusive", *Reason, RunState.CANCELLED)
"""How a run may have ended."""


@dataclass(slots=True)
class _Sums:
    """Runs that have ended: they never change again."""

    ended: Counter[str] = field(default_factory=Counter)
    lengths: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    milliseconds: int = 0

    def add(self, row: Row) -> None:
        self.ended[row["verdict"] or row["reason"] or row["state"]] += 1
        if row["verdict"] is not None:
            took = max(row["ended"] - row["started"], 0)
            self.lengths[bisect_left(BOUNDS, took / 1000)] += 1
            self.milliseconds += took

    def copy(self) -> _Sums:
        return _Sums(self.ended.copy(), list(self.lengths), self.milliseconds)


class Tally:
    """Counts the runs of a store. What has ended long ago is counted once; each call reads only the runs since."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._settled, self._until = _Sums(), 0

    def figures(self, t: Transaction) -> Figures:
        """The figures as they're now."""
        query = (
            "SELECT seq, state, verdict, reason, created, started, ended, :now AS now FROM potable_runs "
            "WHERE seq > :after ORDER BY seq LIMIT :most"
        )
        with self._lock:
            since, standing, waiting = self._settled.copy(), Counter[str](), 0
            after, settling = self._until, True
            while rows := t.rows(query, after=after, most=MOST_ROWS):
                for row in rows:
                    over = row["ended"] is not None
                    settling = settling and over and row["created"] < row["now"] - SETTLED
                    if settling:
                        self._settled.add(row)
                        self._until = row["seq"]
                    if over:
                        since.add(row)
                        continue
                    standing[row["state"]] += 1
                    if row["state"] == RunState.QUEUED:
                        waiting = max(waiting, row["now"] - row["created"])
                after = rows[-1]["seq"]
            return Figures(
                queued=standing[RunState.QUEUED], running=standing[RunState.RUNNING], waiting=waiting / 1000,
                ended={outcome: since.ended[outcome] for outcome in OUTCOMES},
                lengths=tuple(since.lengths), seconds=since.milliseconds / 1000,
            )  # fmt: skip
