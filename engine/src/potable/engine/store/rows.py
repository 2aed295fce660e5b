"""Runs as rows of the store."""

from __future__ import annotations

import json
from typing import Any

from potable.engine.runs import Reason, Run, RunState, iso
from potable.engine.store import summaries
from potable.engine.store.database import Row
from potable.engine.store.intact import intact

COLUMNS = (
    "run_id, resource_id, user_id, state, attempt, losses, max_attempts, owner, created, started, ended, lease, "
    "deadline, reason, message, verdict, counts, summary, progress, sample, accepted, options"
)
"""Those that a run is made of: the metrics, kept for later ones, are heavy."""


def run_of(row: Row) -> Run:
    """The run of a row. Raises StoreDamaged where it isn't as it was written."""
    with intact(f"the row of run {row['run_id']}"):
        return _decoded(row)


def _decoded(row: Row) -> Run:
    return Run(
        run_id=row["run_id"], resource_id=row["resource_id"], user_id=row["user_id"], state=RunState(row["state"]),
        attempt=row["attempt"], losses=row["losses"], max_attempts=row["max_attempts"], owner=row["owner"],
        created=iso(row["created"]), started=_iso(row["started"]), ended=_iso(row["ended"]),
        lease=_iso(row["lease"]), deadline=_iso(row["deadline"]),
        reason=None if row["reason"] is None else Reason(row["reason"]), message=row["message"],
        verdict=row["verdict"], counts=_loaded(row["counts"]), codes=summaries.codes(row["summary"]),
        progress=_loaded(row["progress"]), sample=bool(row["sample"]), accepted=bool(row["accepted"]),
        options=_loaded(row["options"]),
    )  # fmt: skip


def _iso(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else iso(milliseconds)


def _loaded(text: str | None) -> dict[str, Any] | None:
    """An object of JSON in a column. Raises TypeError for another value."""
    loaded = None if text is None else json.loads(text)
    if text is not None and not isinstance(loaded, dict):
        raise TypeError(f"a JSON object is expected, not {loaded!r}")
    return loaded
