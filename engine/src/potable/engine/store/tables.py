"""The store's tables, in SQL that both databases take. Times are integers: milliseconds since 1970 in UTC, of the
store's own clock, but ``ticks``: when the lease ends by ``clock``, a steady one of the run's holder.
"""

from __future__ import annotations

from collections.abc import Iterator

SCHEMA = 3
"""Version of these tables; a store of a newer one isn't touched, an older one is brought up to it."""

ONGOING = "state IN ('queued', 'running')"

_INDEXES = """
CREATE INDEX potable_accepted ON potable_runs (resource_id, seq) WHERE accepted;
CREATE INDEX potable_baselines ON potable_runs (resource_id, shape, seq) WHERE accepted;
"""

# {SERIAL} numbers rows, {BYTES} holds bytes: the two words in which the databases differ.
_TABLES = f"""
CREATE TABLE potable_meta (
    name VARCHAR(40) NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE potable_runs (
    seq {{SERIAL}},
    run_id VARCHAR(40) NOT NULL UNIQUE,
    resource_id VARCHAR(200) NOT NULL,
    user_id BIGINT NOT NULL,
    state VARCHAR(10) NOT NULL,
    attempt INTEGER NOT NULL,
    losses INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL,
    owner VARCHAR(300),
    created BIGINT NOT NULL,
    started BIGINT,
    ended BIGINT,
    lease BIGINT,
    clock VARCHAR(80),
    ticks BIGINT,
    deadline BIGINT,
    reason VARCHAR(20),
    message TEXT NOT NULL,
    verdict VARCHAR(20),
    sample BOOLEAN NOT NULL,
    accepted BOOLEAN NOT NULL,
    shape VARCHAR(64),
    snapshot VARCHAR(64),
    counts TEXT,
    progress TEXT,
    options TEXT,
    summary TEXT,
    metrics TEXT,
    CONSTRAINT potable_runs_state CHECK (state IN ('queued', 'running', 'finished', 'error', 'cancelled')),
    CONSTRAINT potable_runs_owned CHECK (
        (state = 'running') = (owner IS NOT NULL) AND (state = 'running') = (lease IS NOT NULL)
        AND (state = 'running') = (deadline IS NOT NULL)
    ),
    CONSTRAINT potable_runs_ended CHECK (({ONGOING}) = (ended IS NULL)),
    CONSTRAINT potable_runs_verdict CHECK (
        (state = 'finished') = (verdict IS NOT NULL) AND (state = 'finished') = (counts IS NOT NULL)
        AND (verdict IS NULL OR verdict IN ('passed', 'failed', 'inconclusive'))
    ),
    CONSTRAINT potable_runs_reason CHECK ((state = 'error') = (reason IS NOT NULL)),
    CONSTRAINT potable_runs_attempt CHECK (
        (attempt > 0) = (started IS NOT NULL) AND losses BETWEEN 0 AND attempt AND losses <= max_attempts
        AND (attempt > 0 OR state NOT IN ('running', 'finished'))
    ),
    CONSTRAINT potable_runs_accepted CHECK (NOT accepted OR (state = 'finished' AND NOT sample))
);

CREATE UNIQUE INDEX potable_one_ongoing_run ON potable_runs (resource_id) WHERE {ONGOING};
CREATE INDEX potable_runs_by_source ON potable_runs (resource_id, seq);
CREATE INDEX potable_runs_by_state ON potable_runs (state, seq);
{_INDEXES.strip()}

CREATE TABLE potable_reports (
    run_id VARCHAR(40) NOT NULL REFERENCES potable_runs (run_id),
    attempt INTEGER NOT NULL,
    body {{BYTES}} NOT NULL,
    PRIMARY KEY (run_id, attempt)
);

CREATE TABLE potable_api_keys (
    seq {{SERIAL}},
    id VARCHAR(40) NOT NULL UNIQUE,
    name TEXT NOT NULL,
    hash {{BYTES}} NOT NULL,
    scopes VARCHAR(100) NOT NULL,
    user_id BIGINT,
    created BIGINT NOT NULL,
    expires BIGINT,
    revoked BIGINT
);
"""


# In version 1 a run's summary held all of its figures. {OPEN}member{CLOSE} is a member of it. Up to version 2 leases
# went by the time of day alone.
_UPGRADES = {
    2: f"""
ALTER TABLE potable_runs ADD COLUMN shape VARCHAR(64);
ALTER TABLE potable_runs ADD COLUMN snapshot VARCHAR(64);
ALTER TABLE potable_runs ADD COLUMN metrics TEXT;
UPDATE potable_runs SET shape = {{OPEN}}shape{{CLOSE}}, snapshot = {{OPEN}}snapshot{{CLOSE}} WHERE summary IS NOT NULL;
{_INDEXES}
""",
    3: """
ALTER TABLE potable_runs ADD COLUMN clock VARCHAR(80);
ALTER TABLE potable_runs ADD COLUMN ticks BIGINT;
""",
}


def statements(*, sqlite: bool) -> Iterator[str]:
    """The statements that make the tables."""
    # SQLite numbers rows only where the key's type is exactly INTEGER.
    serial = "INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT" if sqlite else "BIGSERIAL NOT NULL PRIMARY KEY"
    text = _TABLES.format(SERIAL=serial, BYTES="BLOB" if sqlite else "BYTEA")
    return _each(text)


def upgrades(version: int, *, sqlite: bool) -> Iterator[str]:
    """The statements that bring tables of an older version up to this one."""
    around = {"OPEN": "json_extract(summary, '$.", "CLOSE": "')"}
    if not sqlite:
        around = {"OPEN": "(CAST(summary AS json) ->> '", "CLOSE": "')"}
    for number in range(version + 1, SCHEMA + 1):
        yield from _each(_UPGRADES[number].format(**around))


def _each(text: str) -> Iterator[str]:
    return (s for s in map(str.strip, text.split(";")) if s)
