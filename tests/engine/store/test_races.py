"""Many processes on one store: nothing is done twice, nothing is lost."""

from __future__ import annotations

import multiprocessing
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from potable.engine.contracts.history import Summary
from potable.engine.errors import RunOngoing
from potable.engine.runs import RunState
from potable.engine.store.store import Store

PROCESSES, SOURCES = 8, 40

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks")


def enqueue_all(url: str, start: Any, results: Any) -> None:
    start.wait()
    store = Store(url, patience=60)
    made, refused = [], []
    for n in range(SOURCES):
        try:
            made.append(store.enqueue(f"S{n}").run_id)
        except RunOngoing as e:
            refused.append((e.resource_id, e.run_id))
    store.close()
    results.put((made, refused))


def work_off(url: str, start: Any, results: Any) -> None:
    start.wait()
    store = Store(url, patience=60)
    done = []
    report = {"verdict": "passed", "counts": {"records": 1}, "source": {"sample": None}}
    while (run := store.claim("w", lease=600, seconds=600)) is not None:
        assert store.heartbeat(run.run_id, "w", run.attempt, lease=600, progress={"stage": "scan"})
        assert store.finish(run.run_id, "w", run.attempt, report, Summary(records=1))
        done.append(run.run_id)
    store.close()
    results.put(done)


def together(target: Callable[..., None], url: str) -> list[Any]:
    context = multiprocessing.get_context("spawn" if sys.platform == "darwin" else "fork")
    start, results = context.Event(), context.Queue()
    processes = [context.Process(target=target, args=(url, start, results)) for _ in range(PROCESSES)]
    for p in processes:
        p.start()
    start.set()
    found = [results.get(timeout=120) for _ in processes]
    for p in processes:
        p.join()
        assert p.exitcode == 0
    return found


def test_eight_processes_race(url: str) -> None:
    """They make the tables, enqueue the same sources, and work them off, at the same time."""
    found = together(enqueue_all, url)
    made = [run_id for m, _ in found for run_id in m]
    refused = [r for _, rs in found for r in rs]
    assert len(made) == len(set(made)) == SOURCES
    assert len(refused) == (PROCESSES - 1) * SOURCES
    assert {run_id for _, run_id in refused} == set(made)
    assert Counter(resource for resource, _ in refused) == {f"S{n}": PROCESSES - 1 for n in range(SOURCES)}

    done = [run_id for d in together(work_off, url) for run_id in d]
    assert Counter(done) == Counter(made)
    store = Store(url)
    runs = [store.get(run_id) for run_id in made]
    assert {(r.state, r.attempt) for r in runs} == {(RunState.FINISHED, 1)}
    assert all(store.report(run_id)["verdict"] == "passed" for run_id in made)
    store.close()
