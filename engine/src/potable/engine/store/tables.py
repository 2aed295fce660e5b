"""The store's tables. Times are integers: milliseconds since 1970 in UTC, of the store's own clock."""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    event,
)

SCHEMA = 1
"""Version of these tables; a store of a newer one isn't touched."""

ONGOING = "state IN ('queued', 'running')"

metadata = MetaData()

meta = Table(
    "potable_meta",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)

runs = Table(
    "potable_runs",
    metadata,
    # SQLite numbers rows only where the key's type is exactly INTEGER.
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("run_id", String(40), nullable=False, unique=True),
    Column("resource_id", String(200), nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("state", String(10), nullable=False),
    Column("attempt", Integer, nullable=False, default=0),
    Column("losses", Integer, nullable=False, default=0),
    Column("max_attempts", Integer, nullable=False),
    Column("owner", String(300)),
    Column("created", BigInteger, nullable=False),
    Column("started", BigInteger),
    Column("ended", BigInteger),
    Column("lease", BigInteger),
    Column("deadline", BigInteger),
    Column("reason", String(20)),
    Column("message", Text, nullable=False, default=""),
    Column("verdict", String(20)),
    Column("counts", Text),
    Column("progress", Text),
    Column("options", Text),
    Column("summary", Text),
    Column("sample", Boolean, nullable=False, default=False),
    Column("accepted", Boolean, nullable=False, default=False),
    CheckConstraint("state IN ('queued', 'running', 'finished', 'error', 'cancelled')", name="potable_runs_state"),
    CheckConstraint(
        "(state = 'running') = (owner IS NOT NULL) AND (state = 'running') = (lease IS NOT NULL)"
        " AND (state = 'running') = (deadline IS NOT NULL)",
        name="potable_runs_owned",
    ),
    CheckConstraint(f"({ONGOING}) = (ended IS NULL)", name="potable_runs_ended"),
    CheckConstraint(
        "(state = 'finished') = (verdict IS NOT NULL) AND (state = 'finished') = (counts IS NOT NULL)"
        " AND (verdict IS NULL OR verdict IN ('passed', 'failed', 'inconclusive'))",
        name="potable_runs_verdict",
    ),
    CheckConstraint("(state = 'error') = (reason IS NOT NULL)", name="potable_runs_reason"),
    CheckConstraint(
        "(attempt > 0) = (started IS NOT NULL) AND losses BETWEEN 0 AND attempt AND losses <= max_attempts"
        " AND (attempt > 0 OR state NOT IN ('running', 'finished'))",
        name="potable_runs_attempt",
    ),
    CheckConstraint("NOT accepted OR (state = 'finished' AND NOT sample)", name="potable_runs_accepted"),
    sqlite_autoincrement=True,
)

# As text that both databases understand: an Index with a condition makes SQLAlchemy import both dialects.
event.listen(
    runs,
    "after_create",
    DDL(  # type: ignore[no-untyped-call]
        f"CREATE UNIQUE INDEX potable_one_ongoing_run ON potable_runs (resource_id) WHERE {ONGOING}"
    ),
)
Index("potable_runs_by_source", runs.c.resource_id, runs.c.seq)
Index("potable_runs_by_state", runs.c.state, runs.c.seq)

reports = Table(
    "potable_reports",
    metadata,
    Column("run_id", String(40), ForeignKey(runs.c.run_id), primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("body", LargeBinary, nullable=False, comment="zlib-compressed JSON"),
)

api_keys = Table(
    "potable_api_keys",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("scopes", String(100), nullable=False),
    Column("user_id", BigInteger),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger),
    Column("revoked", BigInteger),
    sqlite_autoincrement=True,
)
