"""The figures of a store: right after any course of runs, however often they were asked for on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potable.engine.contracts.history import Summary
from potable.engine.runs import Reason
from potable.engine.store import figures
from potable.engine.store.figures import BOUNDS, OUTCOMES, SETTLED
from potable.engine.store.store import Store

LEASE = {"lease": 30.0, "seconds": 3600.0}


def ends(store: Store, resource: str, outcome: str, clock: Any, seconds: float) -> None:
    """A run from its beginning to its end."""
    run = store.begin(resource, owner="w", **LEASE)
    clock.forward(seconds)
    if outcome == "cancelled":
        store.cancel(run.run_id)
    elif outcome in list(Reason):
        store.fail(run.run_id, "w", 1, Reason(outcome), "why")
    else:
        counts = {"records": 1, "recordsWithErrors": 0, "errors": 0, "warnings": 0, "infos": 0}
        report = {"verdict": outcome, "counts": counts, "source": {"sample": None}}
        assert store.finish(run.run_id, "w", 1, report, Summary(records=1, shape="s"))


def test_an_empty_store(store: Store) -> None:
    f = store.figures()
    assert (f.queued, f.running, f.waiting, f.seconds) == (0, 0, 0.0, 0.0)
    assert f.ended == dict.fromkeys(OUTCOMES, 0)
    assert f.lengths == (0,) * (len(BOUNDS) + 1)


def test_queue_and_ends(store: Store, clock: Any) -> None:
    store.enqueue("A")
    clock.forward(5)
    store.enqueue("B")
    store.begin("C", owner="w", **LEASE)
    for outcome, seconds in (("passed", 0.1), ("passed", 0.5), ("failed", 20_000.0), ("timed-out", 7.0)):
        ends(store, "D", outcome, clock, seconds)
    ends(store, "D", "cancelled", clock, 1)
    f = store.figures()
    assert (f.queued, f.running, f.waiting) == (2, 1, 5 + 0.1 + 0.5 + 20_000 + 7 + 1)
    assert {outcome: n for outcome, n in f.ended.items() if n} == {
        "passed": 2, "failed": 1, "timed-out": 1, "cancelled": 1,
    }  # fmt: skip
    assert dict(zip((*BOUNDS, None), f.lengths, strict=True)) | {0.1: 0, 1.0: 0, None: 0} == dict.fromkeys(
        (*BOUNDS, None), 0
    )
    assert (f.lengths[0], f.lengths[2], f.lengths[-1], f.seconds) == (1, 1, 1, 20_000.6)


STEP = st.sampled_from([*OUTCOMES, "queue", "claim", "ask", "ask"])
STEPS = st.lists(st.tuples(STEP, st.sampled_from([0.2, 40.0, SETTLED / 500])), max_size=30)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, most=st.integers(1, 4))
def test_what_is_counted_once_is_as_if_all_were_counted(
    tmp_path_factory: pytest.TempPathFactory, clock: Any, steps: list[tuple[str, float]], most: int
) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('figures') / 'runs.db'}"
    store, told = Store(url, clock=clock), Counter[str]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "MOST_ROWS", most)
        for n, (step, seconds) in enumerate(steps):
            if step == "queue":
                store.enqueue(f"q{n}")
            elif step == "claim":
                store.claim("w", **LEASE)
            elif step == "ask":
                store.figures()
            else:
                ends(store, f"s{n}", step, clock, seconds)
                told[step] += 1
            clock.forward(seconds)
        asked, fresh = store.figures(), Store(url, clock=clock)
        assert asked == fresh.figures()
        assert {outcome: n for outcome, n in asked.ended.items() if n} == dict(told)
        assert sum(asked.lengths) == told["passed"] + told["failed"] + told["inconclusive"]
        store.close()
        fresh.close()


def test_a_settled_run_is_not_read_again(open_store: Callable[..., Store], clock: Any, tmp_path: Path) -> None:
    store = open_store(clock=clock)
    ends(store, "A", "passed", clock, 1)
    assert store.figures().ended["passed"] == 1
    clock.forward(SETTLED / 1000 + 1)
    assert store.figures().ended["passed"] == 1
    ends(store, "A", "failed", clock, 1)
    with store._db.write() as t:  # which nobody does; it shows what is read
        t.change("UPDATE potable_runs SET verdict = 'inconclusive'")
    ended = store.figures().ended
    assert (ended["passed"], ended["failed"], ended["inconclusive"]) == (1, 0, 1)
