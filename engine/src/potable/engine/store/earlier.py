"""What a new run of a source is compared with: its earlier runs."""

from __future__ import annotations

from potable.engine.contracts.history import LONGEST, History
from potable.engine.store import summaries
from potable.engine.store.database import Row, Transaction

RECENT = 20
"""How many of the last finished runs are among them, accepted or not."""

_LIGHT = "seq, run_id, ended, accepted, sample, summary"
_WHOLE = f"{_LIGHT}, metrics"


def history(t: Transaction, resource_id: str, *, recent: int = RECENT, shape: str = "", before: str = "") -> History:
    """The last finished runs of a source and further accepted ones, the newest first.

    :param recent: how many of the last finished runs, with all of their figures.
    :param shape: the last accepted run of this shape has all of its figures too; "": of any.
    :param before: the beginning of a snapshot's SHA-256: the history as it stood when the source was first seen with
        it. "" for that of now.

    Runs on kept snapshots are left out, unless they were accepted on purpose.
    """
    until = _first_seen(t, resource_id, before)
    last = baseline(t, resource_id, shape, _WHOLE, until=until)
    found_rows = [
        *t.rows(_finished(_LIGHT, "AND accepted"), resource_id=resource_id, until=until, most=LONGEST),
        *t.rows(_finished(_WHOLE), resource_id=resource_id, until=until, most=recent),
        *([] if last is None else [last]),
    ]
    rows = {row["seq"]: dict(row) for row in found_rows}
    found = (summaries.summary(rows[seq]) for seq in sorted(rows, reverse=True))
    runs = tuple(s for s in found if s.accepted or not s.replayed)
    if not runs:
        return History(reason="first run")
    return History(runs=runs, reason="definition changed" if any(s.accepted for s in runs) else "no accepted run")


def baseline(t: Transaction, resource_id: str, shape: str, columns: str, *, until: int | None = None) -> Row | None:
    """The row of the last accepted run of a shape; "": of any."""
    and_ = "AND accepted" + (" AND shape = :shape" if shape else "")
    given = {"shape": shape} if shape else {}
    return t.row(_finished(columns, and_), resource_id=resource_id, until=until, most=1, **given)


def last_shape(t: Transaction, resource_id: str) -> str:
    """The shape of the definition under which the source was last run to its end; "" without any."""
    row = t.row(_finished("shape"), resource_id=resource_id, until=None, most=1)
    return "" if row is None else row["shape"] or ""


def _first_seen(t: Transaction, resource_id: str, snapshot: str) -> int | None:
    """Where a snapshot's first run stands, None where there's none."""
    if not snapshot:
        return None
    query = (
        "SELECT min(seq) FROM potable_runs WHERE resource_id = :resource_id AND state = 'finished' "
        "AND substr(snapshot, 1, :digits) = :snapshot"
    )
    found: int | None = t.value(query, resource_id=resource_id, digits=len(snapshot), snapshot=snapshot)
    return found


def _finished(columns: str, and_: str = "") -> str:
    """A query for a source's finished runs, the newest first."""
    return (
        f"SELECT {columns} FROM potable_runs WHERE resource_id = :resource_id AND state = 'finished' {and_} "
        "AND (CAST(:until AS BIGINT) IS NULL OR seq < :until) ORDER BY seq DESC LIMIT :most"
    )
