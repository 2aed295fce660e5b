"""What a run is compared with, out of thousands; and stores of an older version."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from potable.engine.contracts.history import LONGEST, Summary
from potable.engine.runs import Run
from potable.engine.store.earlier import RECENT
from potable.engine.store.store import Store

METRICS = {"drift": {"fields": {"$.a": {"n": 1}}}}


def finished(store: Store, verdict: str = "passed", shape: str = "s", snapshot: str = "aa", **more: Any) -> Run:
    run = store.begin("A", owner="w", lease=30, seconds=60)
    report = {
        "verdict": verdict, "counts": {"records": 3},
        "source": {"sample": None, "snapshot": {"replayed": more.get("replayed", False)}},
    }  # fmt: skip
    summary = Summary(records=3, shape=shape, snapshot=snapshot, columns=("$.a",), metrics=METRICS, **more)
    assert store.finish(run.run_id, "w", 1, report, summary)
    return store.get(run.run_id)


def test_the_baseline_stays_however_many_runs_fail(store: Store) -> None:
    accepted = finished(store)
    finished(store, shape="other")
    for _ in range(2 * RECENT):
        finished(store, "failed")
    base = store.summaries("A", shape="s").baseline("s")
    assert base is not None
    assert (base.run_id, base.columns, base.metrics) == (accepted.run_id, ("$.a",), METRICS)
    assert store.baseline("A", "s") == accepted
    assert store.baseline("A", "none") is None
    assert store.baseline("B") is None


def test_the_baseline_of_another_shape_is_found_behind_accepted_ones(store: Store) -> None:
    accepted = finished(store, shape="old")
    for _ in range(LONGEST + 1):
        finished(store)
    history = store.summaries("A", shape="old")
    assert [s.run_id for s in history.runs if s.shape == "old"] == [accepted.run_id]
    assert history.runs[-1].metrics == METRICS
    assert len(history.runs) == LONGEST + 1
    assert store.summaries("A", shape="new").baseline("new") is None
    assert store.summaries("A", shape="new").reason == "definition changed"


def test_runs_further_back_have_their_figures_alone(store: Store) -> None:
    for n in range(RECENT + 5):
        finished(store, "failed" if n % 5 == 0 else "passed")
    runs = store.summaries("A", shape="s").runs
    assert [s.run_id for s in runs] == [
        r.run_id for n, r in enumerate(store.history("A", 100)) if n < RECENT or r.accepted
    ]
    assert all(s.metrics == METRICS and s.columns for s in runs[:RECENT])
    assert all(s.metrics == {} and s.columns == () for s in runs[RECENT:])
    assert {(s.records, s.shape, s.snapshot) for s in runs} == {(3, "s", "aa")}


def test_runs_on_kept_snapshots_count_once_they_are_accepted(store: Store) -> None:
    first = finished(store)
    again = finished(store, replayed=True)
    assert not again.accepted
    assert [s.run_id for s in store.summaries("A").runs] == [first.run_id]
    store.accept(again.run_id)
    assert [s.run_id for s in store.summaries("A").runs] == [again.run_id, first.run_id]


def test_the_history_as_it_stood_before_a_snapshot(store: Store) -> None:
    runs = [finished(store, snapshot=s) for s in ("aaaa1", "bbbb1", "bbbb1", "cccc1")]
    assert [s.run_id for s in store.summaries("A", before="bbbb").runs] == [runs[0].run_id]
    assert store.summaries("A", before="aaaa").runs == ()
    assert [s.run_id for s in store.summaries("A", before="dddd").runs] == [r.run_id for r in runs[::-1]]
    for _ in range(2 * RECENT):
        finished(store, "failed", snapshot="bbbb1")
    base = store.summaries("A", shape="s", before="bbbb").baseline("s")
    assert base is not None
    assert (base.run_id, base.metrics) == (runs[0].run_id, METRICS)


# The tables of version 1, as it made them.
VERSION_1 = """
CREATE TABLE potable_meta (
    name VARCHAR(40) NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE potable_runs (
    seq {SERIAL},
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
    deadline BIGINT,
    reason VARCHAR(20),
    message TEXT NOT NULL,
    verdict VARCHAR(20),
    counts TEXT,
    progress TEXT,
    options TEXT,
    summary TEXT,
    sample BOOLEAN NOT NULL,
    accepted BOOLEAN NOT NULL,
    CONSTRAINT potable_runs_state CHECK (state IN ('queued', 'running', 'finished', 'error', 'cancelled')),
    CONSTRAINT potable_runs_owned CHECK (
        (state = 'running') = (owner IS NOT NULL) AND (state = 'running') = (lease IS NOT NULL)
        AND (state = 'running') = (deadline IS NOT NULL)
    ),
    CONSTRAINT potable_runs_ended CHECK ((state IN ('queued', 'running')) = (ended IS NULL)),
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

CREATE UNIQUE INDEX potable_one_ongoing_run ON potable_runs (resource_id) WHERE state IN ('queued', 'running');
CREATE INDEX potable_runs_by_source ON potable_runs (resource_id, seq);
CREATE INDEX potable_runs_by_state ON potable_runs (state, seq);

CREATE TABLE potable_reports (
    run_id VARCHAR(40) NOT NULL REFERENCES potable_runs (run_id),
    attempt INTEGER NOT NULL,
    body {BYTES} NOT NULL,
    PRIMARY KEY (run_id, attempt)
);

CREATE TABLE potable_api_keys (
    seq {SERIAL},
    id VARCHAR(40) NOT NULL UNIQUE,
    name TEXT NOT NULL,
    hash {BYTES} NOT NULL,
    scopes VARCHAR(100) NOT NULL,
    user_id BIGINT,
    created BIGINT NOT NULL,
    expires BIGINT,
    revoked BIGINT
);

INSERT INTO potable_meta (name, value) VALUES ('schema', '1');
"""


@pytest.fixture
def old(url: str) -> sa.Engine:
    """A store of version 1 with two runs."""
    engine = sa.create_engine(url)
    words = ("INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT", "BLOB")
    if engine.dialect.name == "postgresql":
        words = ("BIGSERIAL NOT NULL PRIMARY KEY", "BYTEA")
    summary = {
        "records": 5, "errors": 0, "records_with_errors": 0, "columns": ["$.a"], "counts": {}, "metrics": METRICS,
        "snapshot": "ab" * 32, "replayed": False, "shape": "s" * 64,
    }  # fmt: skip
    insert = sa.text(
        "INSERT INTO potable_runs (run_id, resource_id, user_id, state, attempt, losses, max_attempts, created, "
        "started, ended, message, verdict, counts, summary, sample, accepted) VALUES (:run, 'A', 4, 'finished', 1, 0, "
        "1, 1, 1, 2, '', :verdict, :counts, :summary, (1 = 0), :accepted)"
    )
    with engine.begin() as c:
        for statement in VERSION_1.replace("{SERIAL}", words[0]).replace("{BYTES}", words[1]).split(";"):
            if statement.strip():
                c.exec_driver_sql(statement)
        for run, verdict in (("r1", "passed"), ("r2", "failed")):
            given = {
                "run": run,
                "verdict": verdict,
                "accepted": verdict == "passed",
                "counts": json.dumps({"records": 5}),
            }
            c.execute(insert, {**given, "summary": json.dumps(summary)})
    return engine


def test_a_store_of_version_1_is_brought_up_to_date(old: sa.Engine, open_store: Callable[..., Store]) -> None:
    store = open_store()
    with old.connect() as c:
        assert c.exec_driver_sql("SELECT value FROM potable_meta").scalar() == "3"
        rows = c.exec_driver_sql("SELECT shape, snapshot, metrics FROM potable_runs").all()
    old.dispose()
    assert [tuple(row) for row in rows] == [("s" * 64, "ab" * 32, None)] * 2
    history = store.summaries("A", shape="s" * 64)
    assert [(s.run_id, s.accepted, s.columns, s.metrics) for s in history.runs] == [
        ("r2", False, ("$.a",), METRICS), ("r1", True, ("$.a",), METRICS),
    ]  # fmt: skip
    light = store.summaries("A", 1, shape="none").runs[1]
    assert (light.run_id, light.metrics, light.columns, light.shape) == ("r1", {}, (), "s" * 64)
    finished(store, shape="s" * 64)
    assert [s.run_id for s in store.summaries("A", before="abab").runs] == []
    assert len(open_store().summaries("A").runs) == 3
