"""How runs get into the queue, and what waits in it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from potable.engine.errors import RunOngoing, StoreUnavailable
from potable.engine.jsontext import dumps
from potable.engine.runs import Run
from potable.engine.store.database import Transaction
from potable.engine.store.rows import COLUMNS, run_of
from potable.engine.store.tables import ONGOING

BATCH = 100
"""Most waiting runs that are told at once."""


class Waiting(NamedTuple):
    """A queued run.

    :param seq: its place in the order of the queue.
    :param waited: seconds since it was asked for.
    """

    seq: int
    run_id: str
    resource_id: str
    waited: float


def waiting(t: Transaction, after: int) -> list[Waiting]:
    """The oldest queued runs after a place in the order."""
    query = (
        "SELECT seq, run_id, resource_id, :now - created AS waited FROM potable_runs "
        "WHERE state = 'queued' AND seq > :after ORDER BY seq LIMIT :most"
    )
    rows = t.rows(query, after=after, most=BATCH)
    return [Waiting(row["seq"], row["run_id"], row["resource_id"], row["waited"] / 1000) for row in rows]


def insert(
    t: Transaction,
    resource_id: str,
    user_id: int,
    sample: bool,
    options: Mapping[str, Any] | None,
    max_attempts: int,
) -> Run:
    """A new queued run. Raises :class:`~potable.engine.errors.RunOngoing`."""
    # Only one run of a source is ongoing, whoever else inserts just now.
    new = (
        "INSERT INTO potable_runs (run_id, resource_id, user_id, state, created, sample, options, max_attempts, "
        "attempt, losses, message, accepted) VALUES (:run_id, :resource_id, :user_id, 'queued', :now, :sample, "
        ":options, :max_attempts, 0, 0, '', (1 = 0)) ON CONFLICT DO NOTHING "
        f"RETURNING {COLUMNS}"
    )
    values = {
        "resource_id": resource_id, "user_id": user_id, "sample": sample,
        "options": dumps(options) if options else None, "max_attempts": max_attempts,
    }  # fmt: skip
    query = f"SELECT run_id FROM potable_runs WHERE resource_id = :resource_id AND {ONGOING}"
    for _ in range(10):
        row = t.row(new, run_id=_new_id(), **values)
        if row is not None:
            return run_of(row)
        ongoing = t.value(query, resource_id=resource_id)
        if ongoing is not None:
            raise RunOngoing(resource_id, ongoing)
    raise StoreUnavailable(f"{resource_id}: too many runs start and end just now: try again")


def _new_id() -> str:
    return f"{max(time.time_ns() // 1_000_000, 0):011x}{secrets.token_hex(8)}"
