"""The run store: every change of a run's state is one short transaction, fenced by owner and attempt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from potable.engine.contracts.history import History, Summary
from potable.engine.errors import NotAcceptable, StoreError, UnknownRun
from potable.engine.jsontext import dumps
from potable.engine.runs import ATTEMPTS, AUTO_USER, Reason, Run
from potable.engine.store import earlier, queue, room, summaries
from potable.engine.store.database import PATIENCE, Database, Transaction
from potable.engine.store.figures import Figures, Tally
from potable.engine.store.intact import intact
from potable.engine.store.keys import Keys
from potable.engine.store.rows import COLUMNS, run_of
from potable.engine.store.steady import Steady, of_this_machine
from potable.engine.store.tables import ONGOING

_HELD = "run_id = :run_id AND owner = :owner AND attempt = :attempt AND state = 'running'"
_NOBODYS = "owner = NULL, lease = NULL, deadline = NULL, clock = NULL, ticks = NULL"
_LEASED = (
    "(lease, clock) = (SELECT until, CAST(:clock AS VARCHAR(60)) || '/' || until "
    "FROM (SELECT :now + :lease AS until) AS leased), ticks = :ticks"
)
"""The clock names the lease too: a holder that knows of no clocks, of an older version, renews the lease alone."""
_SOURCES = """WITH RECURSIVE sources (id) AS (
    SELECT min(resource_id) FROM potable_runs
    UNION ALL
    SELECT (SELECT min(resource_id) FROM potable_runs WHERE resource_id > id) FROM sources WHERE id IS NOT NULL
)"""
"""All sources that have runs, by leaps over the index: neither database groups by them without reading every run."""
_LAST_SEQ = "(SELECT max(seq) FROM potable_runs WHERE resource_id = id)"
_OVER = "CASE WHEN clock = CAST(:clock AS VARCHAR(60)) || '/' || lease THEN ticks < :tick ELSE lease < :now END"
"""Whether a lease has ended: by the steady clock of its holder where that is this process's too, else by the time."""


class Lease(NamedTuple):
    """Until when a run's holder counts as alive, by the store's clock in milliseconds."""

    run_id: str
    owner: str
    until: int


class Store:
    """Runs and reports in a database; opened, and its tables made, on construction.

    A *holder* of a run is known by (run_id, owner, attempt): methods that take these three change nothing and
    return False when the run is no longer theirs.

    :param url: see :class:`~potable.engine.store.database.Database`; so are ``clock`` and ``patience``.
    :param steady: the clock of leases; None: this machine's, but none besides a given ``clock``.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Callable[[], int] | None = None,
        steady: Steady | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._db = Database(url, clock=clock, patience=patience)
        self._steady = steady or (of_this_machine() if clock is None else Steady(None, clock))
        try:
            self._db.open()
        except BaseException:
            self._db.close()
            raise
        self.keys = Keys(self._db)
        self._tally = Tally()

    @property
    def name(self) -> str:
        """The URL without its password."""
        return self._db.name

    def close(self) -> None:
        """Close all connections."""
        self._db.close()

    def make_sure(self, folders: Iterable[Path] = ()) -> None:
        """Commit a change that says nothing, and see that there's room for what runs leave.

        :param folders: where else there must be.
        :raises StoreError: a run couldn't be recorded.
        """
        room.make_sure([*self._db.folders, *folders])
        self._db.make_sure()

    def enqueue(
        self,
        resource_id: str,
        user_id: int = AUTO_USER,
        *,
        sample: bool = False,
        options: Mapping[str, Any] | None = None,
        max_attempts: int = ATTEMPTS,
    ) -> Run:
        """A new queued run, committed. Raises :class:`~potable.engine.errors.RunOngoing`."""
        with self._db.write() as t:
            return queue.insert(t, resource_id, user_id, sample, options, max_attempts)

    def begin(
        self,
        resource_id: str,
        user_id: int = AUTO_USER,
        *,
        owner: str,
        lease: float,
        seconds: float,
        sample: bool = False,
        options: Mapping[str, Any] | None = None,
    ) -> Run:
        """A new run that its asker runs at once, never seen as queued by others; lost with its asker.

        Raises :class:`~potable.engine.errors.RunOngoing`.
        """
        with self._db.write() as t:
            run = queue.insert(t, resource_id, user_id, sample, options, 1)
            claimed = self._claim(t, owner, lease, seconds, "run_id = :run_id", run_id=run.run_id)
            assert claimed is not None
            return claimed

    def queued(self, after: int = 0) -> list[queue.Waiting]:
        """The oldest queued runs, at most :data:`~potable.engine.store.queue.BATCH`.

        :param after: the ``seq`` of the last one that was seen; 0: from the beginning.
        """
        with self._db.read() as t:
            return queue.waiting(t, after)

    def claim(self, owner: str, *, lease: float, seconds: float, run_id: str = "") -> Run | None:
        """The oldest queued run, now this owner's; None when there's none.

        :param lease: seconds without a heartbeat after which it's given up.
        :param seconds: seconds after which it's stopped.
        :param run_id: only this one.
        """
        with self._db.write() as t:
            if run_id:
                return self._claim(t, owner, lease, seconds, "run_id = :run_id", run_id=run_id)
            return self._claim(t, owner, lease, seconds)

    def take(self, run_id: str, owner: str, *, lease: float, seconds: float, waiting: float) -> Run | None:
        """One queued run, now this owner's: if it's a plain one and was asked for more than ``waiting`` seconds ago."""
        where = "run_id = :run_id AND options IS NULL AND created < :now - :waiting"
        with self._db.write() as t:
            return self._claim(t, owner, lease, seconds, where, run_id=run_id, waiting=_ms(waiting))

    def heartbeat(
        self, run_id: str, owner: str, attempt: int, *, lease: float, progress: Mapping[str, Any] | None = None
    ) -> bool:
        """Renew the lease, and record the progress unless it's None. False: the run is no longer the holder's."""
        changes, values = _LEASED, self._leasing(lease)
        if progress is not None:
            changes, values = f"{changes}, progress = :progress", {**values, "progress": dumps(progress)}
        return self._change(run_id, owner, attempt, changes, **values)

    def holds(self, run_id: str, owner: str, attempt: int) -> bool:
        """Whether the run is still the holder's: not cancelled, not given up."""
        query = f"SELECT seq FROM potable_runs WHERE {_HELD}"
        with self._db.read() as t:
            return t.value(query, run_id=run_id, owner=owner, attempt=attempt) is not None

    def finish(self, run_id: str, owner: str, attempt: int, report: Mapping[str, Any], summary: Summary) -> bool:
        """Publish the report (its JSON object) and end the run, in one transaction.

        A passed run is accepted by itself unless it's a sample or was made on a kept snapshot. False: the run is no
        longer the holder's, and nothing was written.
        """
        fresh = not (report["source"].get("snapshot") or {}).get("replayed")
        holder = {"run_id": run_id, "owner": owner, "attempt": attempt}
        update = (
            "UPDATE potable_runs SET state = 'finished', verdict = :verdict, counts = :counts, summary = :summary, "
            "metrics = :metrics, shape = :shape, snapshot = :snapshot, "
            "sample = (sample OR :sampled), accepted = (:passed AND NOT (sample OR :sampled)), ended = :now, "
            f"{_NOBODYS} WHERE {_HELD}"
        )
        values = {
            "verdict": report["verdict"], "sampled": report["source"]["sample"] is not None,
            "passed": report["verdict"] == "passed" and fresh,
            "counts": dumps(report["counts"]), **summaries.figures(summary),
        }  # fmt: skip
        insert = "INSERT INTO potable_reports (run_id, attempt, body) VALUES (:run_id, :attempt, :body)"
        body = summaries.pack(report)
        with self._db.write() as t:
            if t.change(update, **holder, **values) != 1:
                return False
            t.change(insert, run_id=run_id, attempt=attempt, body=body)
            return True

    def fail(self, run_id: str, owner: str, attempt: int, reason: Reason, message: str) -> bool:
        """End the run without a report. False: it's no longer the holder's."""
        changes = f"state = 'error', reason = :reason, message = :message, ended = :now, {_NOBODYS}"
        return self._change(run_id, owner, attempt, changes, reason=reason.value, message=_text(message))

    def release(self, run_id: str, owner: str, attempt: int) -> bool:
        """Give the run back to the queue; no attempt is lost. False: it's no longer the holder's."""
        return self._change(run_id, owner, attempt, f"state = 'queued', progress = NULL, {_NOBODYS}")

    def lose(self, run_id: str, owner: str, attempt: int, message: str) -> Run | None:
        """The run's process vanished: queue it again, or end it as ``lost`` when no attempts are left.

        None: it's no longer the holder's.
        """
        lost = self._lose(_HELD, message, run_id=run_id, owner=owner, attempt=attempt)
        return lost[0] if lost else None

    def sweep(self, dead: Iterable[str] = (), *, still: Iterable[Lease] = (), leases: bool = True) -> list[Run]:
        """Give up the runs whose lease has ended, and those of owners known to be dead; returns them as they are now:
        queued again, or in ``error`` as ``lost``.

        :param still: leases that have ended, whatever they say, unless they were renewed since.
        :param leases: False: what leases say doesn't count now.
        """
        owners = {f"dead{n}": owner for n, owner in enumerate(dead)}
        given_up = [_OVER if leases else "1 = 0", *(f"owner = :{name}" for name in owners)]
        values: dict[str, Any] = {**owners, "clock": self._steady.name, "tick": self._steady.now()}
        for n, lease in enumerate(still):
            given_up.append(f"(run_id = :run{n} AND owner = :owner{n} AND lease = :until{n})")
            values |= {f"run{n}": lease.run_id, f"owner{n}": lease.owner, f"until{n}": lease.until}
        where = f"state = 'running' AND ({' OR '.join(given_up)})"
        return self._lose(where, "its worker vanished without a word", **values)

    def leases(self) -> list[Lease]:
        """Those of all runs that are under way."""
        with self._db.read() as t:
            rows = t.rows("SELECT run_id, owner, lease FROM potable_runs WHERE state = 'running'")
        return [Lease(row["run_id"], row["owner"], row["lease"]) for row in rows]

    def ahead(self, resource_id: str, seconds: float) -> Lease | None:
        """The lease of the source's run that is under way, if it ends later than so many seconds from now."""
        query = (
            "SELECT run_id, owner, lease FROM potable_runs "
            "WHERE resource_id = :resource_id AND state = 'running' AND lease > :now + :most"
        )
        with self._db.read() as t:
            row = t.row(query, resource_id=resource_id, most=_ms(seconds))
        return None if row is None else Lease(row["run_id"], row["owner"], row["lease"])

    def cancel(self, run_id: str, message: str = "") -> Run:
        """Cancel a run unless it has ended; returns it as it is now. Raises StoreError for an unknown one."""
        update = (
            f"UPDATE potable_runs SET state = 'cancelled', message = :message, ended = :now, {_NOBODYS} "
            f"WHERE run_id = :run_id AND {ONGOING}"
        )
        with self._db.write() as t:
            t.change(update, run_id=run_id, message=_text(message))
            return self._get(t, run_id)

    def accept(self, run_id: str) -> Run:
        """Make a finished run a baseline. Raises UnknownRun, and NotAcceptable where it can't be one."""
        with self._db.write() as t:
            run = self._get(t, run_id)
            if (reason := run.unacceptable) is not None:
                raise NotAcceptable(run_id, reason)
            t.change("UPDATE potable_runs SET accepted = (1 = 1) WHERE run_id = :run_id", run_id=run_id)
            return self._get(t, run_id)

    def get(self, run_id: str) -> Run:
        """One run. Raises :class:`~potable.engine.errors.UnknownRun`."""
        with self._db.read() as t:
            return self._get(t, run_id)

    def latest(self, resource_id: str) -> Run | None:
        """The source's ongoing run, else its last one: always the newest."""
        found = self.history(resource_id, 1)
        return found[0] if found else None

    def ongoing(self, resource_id: str) -> Run | None:
        """The source's queued or running run."""
        run = self.latest(resource_id)
        return run if run is not None and run.ongoing else None

    def history(self, resource_id: str, limit: int = 20) -> list[Run]:
        """The source's runs, the newest first."""
        query = f"SELECT {COLUMNS} FROM potable_runs WHERE resource_id = :resource_id ORDER BY seq DESC LIMIT :most"
        with self._db.read() as t:
            return [run_of(row) for row in t.rows(query, resource_id=resource_id, most=limit)]

    def newest(self) -> dict[str, Run]:
        """The newest run of every source that has one, by resourceID."""
        query = f"{_SOURCES} SELECT {COLUMNS} FROM potable_runs WHERE seq IN (SELECT {_LAST_SEQ} FROM sources)"
        with self._db.read() as t:
            return {row["resource_id"]: run_of(row) for row in t.rows(query)}

    def figures(self) -> Figures:
        """How all runs stand, in figures."""
        with self._db.read() as t:
            return self._tally.figures(t)

    def report(self, run_id: str) -> dict[str, Any]:
        """The JSON object of a run's report. Raises StoreError when the run is unknown or has none."""
        query = (
            "SELECT body FROM potable_reports JOIN potable_runs USING (run_id, attempt) "
            "WHERE run_id = :run_id AND state = 'finished'"
        )
        with self._db.read() as t:
            body = t.value(query, run_id=run_id)
            if body is None:
                raise StoreError(f"run {run_id} has no report: it's {self._get(t, run_id).state.value}")
        with intact(f"the report of run {run_id}"):
            return summaries.unpack(body)

    def last_report(self, resource_id: str) -> str | None:
        """The run_id of the source's last run that has a report."""
        query = (
            "SELECT run_id FROM potable_runs WHERE resource_id = :resource_id AND state = 'finished' "
            "ORDER BY seq DESC LIMIT 1"
        )
        with self._db.read() as t:
            found: str | None = t.value(query, resource_id=resource_id)
            return found

    def summaries(self, resource_id: str, limit: int = earlier.RECENT, *, shape: str = "", before: str = "") -> History:
        """What a new run of the source is compared with; see :func:`potable.engine.store.earlier.history`."""
        with self._db.read() as t:
            return earlier.history(t, resource_id, recent=limit, shape=shape, before=before)

    def baseline(self, resource_id: str, shape: str | None = None) -> Run | None:
        """The last accepted run of the source under a definition of a shape.

        :param shape: None: that of the source's last finished run; "": any.
        """
        with self._db.read() as t:
            if shape is None:
                shape = earlier.last_shape(t, resource_id)
            row = earlier.baseline(t, resource_id, shape, COLUMNS)
            return None if row is None else run_of(row)

    def _change(self, run_id: str, owner: str, attempt: int, changes: str, **values: Any) -> bool:
        """Change a run that is still its holder's."""
        update = f"UPDATE potable_runs SET {changes} WHERE {_HELD}"
        with self._db.write() as t:
            return t.change(update, run_id=run_id, owner=owner, attempt=attempt, **values) == 1

    def _claim(
        self, t: Transaction, owner: str, lease: float, seconds: float, where: str = "1 = 1", **values: Any
    ) -> Run | None:
        lock = "" if self._db.sqlite else "FOR UPDATE SKIP LOCKED"  # SQLite has one writer
        first = f"SELECT seq FROM potable_runs WHERE state = 'queued' AND {where} ORDER BY seq LIMIT 1 {lock}"
        update = (
            "UPDATE potable_runs SET state = 'running', attempt = attempt + 1, owner = :owner, started = :now, "
            f"{_LEASED}, deadline = :now + :seconds, progress = NULL "
            f"WHERE seq = ({first}) AND state = 'queued' RETURNING {COLUMNS}"
        )
        row = t.row(update, owner=owner, seconds=_ms(seconds), **self._leasing(lease), **values)
        return None if row is None else run_of(row)

    def _leasing(self, seconds: float) -> dict[str, Any]:
        """The values of a lease that begins now."""
        return {"lease": _ms(seconds), "clock": self._steady.name, "ticks": self._steady.now() + _ms(seconds)}

    def _lose(self, where: str, message: str, **values: Any) -> list[Run]:
        left = "losses + 1 < max_attempts"
        update = (
            f"UPDATE potable_runs SET state = CASE WHEN {left} THEN 'queued' ELSE 'error' END, "
            f"reason = CASE WHEN {left} THEN NULL ELSE 'lost' END, "
            f"message = CASE WHEN {left} THEN '' ELSE :message END, "
            f"ended = CASE WHEN {left} THEN NULL ELSE :now END, "
            f"progress = CASE WHEN {left} THEN NULL ELSE progress END, "
            f"losses = losses + 1, {_NOBODYS} WHERE {where} RETURNING {COLUMNS}"
        )
        with self._db.write() as t:
            return [run_of(row) for row in t.rows(update, message=_text(message), **values)]

    @staticmethod
    def _get(t: Transaction, run_id: str) -> Run:
        row = t.row(f"SELECT {COLUMNS} FROM potable_runs WHERE run_id = :run_id", run_id=run_id)
        if row is None:
            raise UnknownRun(run_id)
        return run_of(row)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _text(message: str) -> str:
    """A message that every database takes (PostgreSQL has no NUL, UTF-8 no lone surrogates), 4,000 characters."""
    return message.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()[:4000]
