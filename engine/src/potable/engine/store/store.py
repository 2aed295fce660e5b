"""The run store: every change of a run's state is one short transaction, fenced by owner and attempt."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from potable.engine.contracts.history import History, Summary
from potable.engine.errors import RunOngoing, StoreError, StoreUnavailable
from potable.engine.jsontext import dumps
from potable.engine.runs import ATTEMPTS, AUTO_USER, Reason, Run, RunState, iso
from potable.engine.store import summaries
from potable.engine.store.database import PATIENCE, Database
from potable.engine.store.keys import Keys
from potable.engine.store.tables import ONGOING, reports, runs

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, RowMapping

HISTORY = 20
"""How many finished runs a run is compared with at most; the last accepted one is always among them."""


class Store:
    """Runs and reports in a database; opened, and its tables made, on construction.

    A *holder* of a run is known by (run_id, owner, attempt): methods that take these three change nothing and
    return False when the run is no longer theirs.

    :param url: see :class:`~potable.engine.store.database.Database`; so are the other parameters.
    """

    def __init__(self, url: str, *, clock: Callable[[], int] | None = None, patience: float = PATIENCE) -> None:
        self._db = Database(url, clock=clock, patience=patience)
        try:
            self._db.open()
        except BaseException:
            self._db.close()
            raise
        self.keys = Keys(self._db)

    @property
    def name(self) -> str:
        """The URL without its password."""
        return self._db.name

    def close(self) -> None:
        """Close all connections."""
        self._db.close()

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
        with self._db.write() as c:
            return self._insert(c, resource_id, user_id, sample, options, max_attempts)

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
        with self._db.write() as c:
            run = self._insert(c, resource_id, user_id, sample, options, 1)
            claimed = self._claim(c, owner, lease, seconds, runs.c.run_id == run.run_id)
            assert claimed is not None
            return claimed

    def claim(self, owner: str, *, lease: float, seconds: float) -> Run | None:
        """The oldest queued run, now this owner's; None when there's none.

        :param lease: seconds without a heartbeat after which it's given up.
        :param seconds: seconds after which it's stopped.
        """
        with self._db.write() as c:
            return self._claim(c, owner, lease, seconds)

    def take(self, run_id: str, owner: str, *, lease: float, seconds: float, waiting: float) -> Run | None:
        """One queued run, now this owner's: if it's a plain one and was asked for more than ``waiting`` seconds ago."""
        waited = runs.c.created < self._db.now() - _ms(waiting)
        with self._db.write() as c:
            return self._claim(c, owner, lease, seconds, runs.c.run_id == run_id, runs.c.options.is_(None), waited)

    def heartbeat(
        self, run_id: str, owner: str, attempt: int, *, lease: float, progress: Mapping[str, Any] | None = None
    ) -> bool:
        """Renew the lease, and record the progress unless it's None. False: the run is no longer the holder's."""
        values: dict[str, Any] = {"lease": self._db.now() + _ms(lease)}
        if progress is not None:
            values["progress"] = dumps(progress)
        with self._db.write() as c:
            return c.execute(sa.update(runs).where(*_held(run_id, owner, attempt)).values(values)).rowcount == 1

    def holds(self, run_id: str, owner: str, attempt: int) -> bool:
        """Whether the run is still the holder's: not cancelled, not given up."""
        with self._db.read() as c:
            return c.scalar(sa.select(runs.c.seq).where(*_held(run_id, owner, attempt))) is not None

    def finish(self, run_id: str, owner: str, attempt: int, report: Mapping[str, Any], summary: Summary) -> bool:
        """Publish the report (its JSON object) and end the run, in one transaction.

        A passed run is accepted by itself unless it's a sample or was made on a kept snapshot. False: the run is no
        longer the holder's, and nothing was written.
        """
        fresh = not (report["source"].get("snapshot") or {}).get("replayed")
        sampled = sa.or_(runs.c.sample, sa.literal(report["source"]["sample"] is not None))
        values = {
            "state": RunState.FINISHED.value, "verdict": report["verdict"], "sample": sampled,
            "accepted": sa.and_(sa.literal(report["verdict"] == "passed" and fresh), sa.not_(sampled)),
            "counts": dumps(report["counts"]), "summary": summaries.figures(summary),
            "ended": self._db.now(), "owner": None, "lease": None, "deadline": None,
        }  # fmt: skip
        body = summaries.pack(report)
        with self._db.write() as c:
            if c.execute(sa.update(runs).where(*_held(run_id, owner, attempt)).values(values)).rowcount != 1:
                return False
            c.execute(sa.insert(reports).values(run_id=run_id, attempt=attempt, body=body))
            return True

    def fail(self, run_id: str, owner: str, attempt: int, reason: Reason, message: str) -> bool:
        """End the run without a report. False: it's no longer the holder's."""
        values = {
            "state": RunState.ERROR.value, "reason": reason.value, "message": _text(message),
            "ended": self._db.now(), "owner": None, "lease": None, "deadline": None,
        }  # fmt: skip
        with self._db.write() as c:
            return c.execute(sa.update(runs).where(*_held(run_id, owner, attempt)).values(values)).rowcount == 1

    def release(self, run_id: str, owner: str, attempt: int) -> bool:
        """Give the run back to the queue; no attempt is lost. False: it's no longer the holder's."""
        values = {"state": RunState.QUEUED.value, "owner": None, "lease": None, "deadline": None, "progress": None}
        with self._db.write() as c:
            return c.execute(sa.update(runs).where(*_held(run_id, owner, attempt)).values(values)).rowcount == 1

    def lose(self, run_id: str, owner: str, attempt: int, message: str) -> Run | None:
        """The run's process vanished: queue it again, or end it as ``lost`` when no attempts are left.

        None: it's no longer the holder's.
        """
        lost = self._lose(sa.and_(*_held(run_id, owner, attempt)), message)
        return lost[0] if lost else None

    def sweep(self, dead: Iterable[str] = ()) -> list[Run]:
        """Give up the runs whose lease has ended, and those of owners known to be dead; returns them as they are now:
        queued again, or in ``error`` as ``lost``.
        """
        given_up = [runs.c.lease < self._db.now()]
        if owners := list(dead):
            given_up.append(runs.c.owner.in_(owners))
        return self._lose(
            sa.and_(runs.c.state == RunState.RUNNING.value, sa.or_(*given_up)), "its worker vanished without a word"
        )

    def owners(self) -> set[str]:
        """Those who run something now."""
        with self._db.read() as c:
            query = sa.select(runs.c.owner).where(runs.c.state == RunState.RUNNING.value).distinct()
            return {str(o) for o in c.scalars(query)}

    def cancel(self, run_id: str, message: str = "") -> Run:
        """Cancel a run unless it has ended; returns it as it is now. Raises StoreError for an unknown one."""
        values = {
            "state": RunState.CANCELLED.value, "message": _text(message), "ended": self._db.now(),
            "owner": None, "lease": None, "deadline": None,
        }  # fmt: skip
        with self._db.write() as c:
            c.execute(sa.update(runs).where(runs.c.run_id == run_id, sa.text(ONGOING)).values(values))
            return self._get(c, run_id)

    def accept(self, run_id: str) -> Run:
        """Make a finished run a baseline. Raises StoreError where it can't be one."""
        with self._db.write() as c:
            run = self._get(c, run_id)
            if run.state is not RunState.FINISHED:
                raise StoreError(f"run {run_id} can't be accepted: it's {run.state.value}, not finished")
            if run.sample:
                raise StoreError(f"run {run_id} can't be accepted: it read only a sample of its source")
            c.execute(sa.update(runs).where(runs.c.run_id == run_id).values(accepted=True))
            return self._get(c, run_id)

    def get(self, run_id: str) -> Run:
        """One run. Raises StoreError for an unknown one."""
        with self._db.read() as c:
            return self._get(c, run_id)

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
        query = sa.select(runs).where(runs.c.resource_id == resource_id).order_by(runs.c.seq.desc()).limit(limit)
        with self._db.read() as c:
            return [_run(row) for row in c.execute(query).mappings()]

    def newest(self) -> dict[str, Run]:
        """The newest run of every source that has one, by resourceID."""
        last = sa.select(sa.func.max(runs.c.seq)).group_by(runs.c.resource_id)
        with self._db.read() as c:
            return {
                r["resource_id"]: _run(r) for r in c.execute(sa.select(runs).where(runs.c.seq.in_(last))).mappings()
            }

    def report(self, run_id: str) -> dict[str, Any]:
        """The JSON object of a run's report. Raises StoreError when the run is unknown or has none."""
        query = sa.select(reports.c.body).join(
            runs, sa.and_(runs.c.run_id == reports.c.run_id, runs.c.attempt == reports.c.attempt)
        )
        with self._db.read() as c:
            body = c.scalar(query.where(runs.c.run_id == run_id, runs.c.state == RunState.FINISHED.value))
            if body is None:
                raise StoreError(f"run {run_id} has no report: it's {self._get(c, run_id).state.value}")
        return summaries.unpack(body)

    def last_report(self, resource_id: str) -> str | None:
        """The run_id of the source's last run that has a report."""
        with self._db.read() as c:
            return c.scalar(
                sa.select(runs.c.run_id)
                .where(runs.c.resource_id == resource_id, runs.c.state == RunState.FINISHED.value)
                .order_by(runs.c.seq.desc())
                .limit(1)
            )

    def summaries(self, resource_id: str, limit: int = HISTORY) -> History:
        """What a new run of the source is compared with: its last finished runs, the last accepted one among them.

        Runs on kept snapshots are left out, unless they were accepted on purpose.
        """
        finished = (
            sa.select(runs)
            .where(runs.c.resource_id == resource_id, runs.c.state == RunState.FINISHED.value)
            .order_by(runs.c.seq.desc())
        )
        with self._db.read() as c:
            rows = list(c.execute(finished.limit(limit)).mappings())
            if not any(r["accepted"] for r in rows):
                rows += c.execute(finished.where(runs.c.accepted).limit(1)).mappings()
        found = tuple(s for s in map(_summary, rows) if s.accepted or not s.replayed)
        if not found:
            return History(reason="first run")
        accepted = any(s.accepted for s in found)
        return History(runs=found, reason="definition changed" if accepted else "no accepted run")

    def _insert(
        self,
        c: Connection,
        resource_id: str,
        user_id: int,
        sample: bool,
        options: Mapping[str, Any] | None,
        max_attempts: int,
    ) -> Run:
        values = {
            "resource_id": resource_id, "user_id": user_id, "state": RunState.QUEUED.value, "created": self._db.now(),
            "sample": sample, "options": dumps(options) if options else None, "max_attempts": max_attempts,
            "attempt": 0, "losses": 0, "message": "", "accepted": False,
        }  # fmt: skip
        for _ in range(10):
            # The same words in both dialects; only one run of a source is ongoing, whoever else inserts just now.
            statement = self._insert_ignore().values(run_id=_new_id(), **values).returning(runs)
            row = c.execute(statement).mappings().first()
            if row is not None:
                return _run(row)
            query = sa.select(runs.c.run_id).where(runs.c.resource_id == resource_id, sa.text(ONGOING))
            ongoing = c.scalar(query)
            if ongoing is not None:
                raise RunOngoing(resource_id, ongoing)
        raise StoreUnavailable(f"{resource_id}: too many runs start and end just now: try again")

    def _insert_ignore(self) -> Any:
        # Imported here for the start-up's sake: one process needs only one of them.
        if self._db.sqlite:
            from sqlalchemy.dialects import sqlite

            return sqlite.insert(runs).on_conflict_do_nothing()
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(runs).on_conflict_do_nothing()

    def _claim(self, c: Connection, owner: str, lease: float, seconds: float, *where: Any) -> Run | None:
        now = self._db.now()
        first = (
            sa.select(runs.c.seq)
            .where(runs.c.state == RunState.QUEUED.value, *where)
            .order_by(runs.c.seq)
            .limit(1)
            .with_for_update(skip_locked=True)  # SQLite leaves it out: it has one writer
        )
        statement = (
            sa.update(runs)
            .where(runs.c.seq == first.scalar_subquery(), runs.c.state == RunState.QUEUED.value)
            .values(
                state=RunState.RUNNING.value, attempt=runs.c.attempt + 1, owner=owner, started=now,
                lease=now + _ms(lease), deadline=now + _ms(seconds), progress=None,
            )
            .returning(runs)
        )  # fmt: skip
        row = c.execute(statement).mappings().first()
        return None if row is None else _run(row)

    def _lose(self, where: Any, message: str) -> list[Run]:
        left = runs.c.losses + 1 < runs.c.max_attempts
        values = {
            "state": sa.case((left, RunState.QUEUED.value), else_=RunState.ERROR.value),
            "reason": sa.case((left, sa.null()), else_=Reason.LOST.value),
            "message": sa.case((left, ""), else_=_text(message)),
            "ended": sa.case((left, sa.null()), else_=self._db.now()),
            "progress": sa.case((left, sa.null()), else_=runs.c.progress),
            "losses": runs.c.losses + 1, "owner": None, "lease": None, "deadline": None,
        }  # fmt: skip
        with self._db.write() as c:
            return [_run(r) for r in c.execute(sa.update(runs).where(where).values(values).returning(runs)).mappings()]

    @staticmethod
    def _get(c: Connection, run_id: str) -> Run:
        row = c.execute(sa.select(runs).where(runs.c.run_id == run_id)).mappings().first()
        if row is None:
            raise StoreError(f"no run {run_id!r} in the store: `potable history ID` lists a source's runs")
        return _run(row)


def _held(run_id: str, owner: str, attempt: int) -> tuple[Any, ...]:
    return (
        runs.c.run_id == run_id,
        runs.c.owner == owner,
        runs.c.attempt == attempt,
        runs.c.state == RunState.RUNNING.value,
    )


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _text(message: str) -> str:
    """A message that every database takes (PostgreSQL has no NUL, UTF-8 no lone surrogates), 4,000 characters."""
    return message.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()[:4000]


def _new_id() -> str:
    return f"{time.time_ns() // 1_000_000:011x}{secrets.token_hex(8)}"


def _iso(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else iso(milliseconds)


def _loaded(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _run(row: RowMapping) -> Run:
    return Run(
        run_id=row["run_id"], resource_id=row["resource_id"], user_id=row["user_id"], state=RunState(row["state"]),
        attempt=row["attempt"], losses=row["losses"], max_attempts=row["max_attempts"], owner=row["owner"],
        created=iso(row["created"]), started=_iso(row["started"]), ended=_iso(row["ended"]),
        lease=_iso(row["lease"]), deadline=_iso(row["deadline"]),
        reason=None if row["reason"] is None else Reason(row["reason"]), message=row["message"],
        verdict=row["verdict"], counts=_loaded(row["counts"]), progress=_loaded(row["progress"]),
        sample=row["sample"], accepted=row["accepted"], options=_loaded(row["options"]),
    )  # fmt: skip


def _summary(row: RowMapping) -> Summary:
    return summaries.summary(
        row["summary"],
        run_id=row["run_id"],
        ended=iso(row["ended"]),
        accepted=row["accepted"],
        sample=row["sample"],
    )
