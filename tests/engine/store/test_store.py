"""The store's promises, on every database it knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from potable.engine.contracts.history import Summary
from potable.engine.errors import NotAcceptable, RunOngoing, StoreError, UnknownRun
from potable.engine.runs import Reason, Run, RunState
from potable.engine.store.steady import Steady
from potable.engine.store.store import Store

T0 = "2023-11-14T22:13:20.000Z"


def report(verdict: str = "passed", records: int = 3, sample: dict[str, Any] | None = None) -> dict[str, Any]:
    counts = {"records": records, "recordsWithErrors": 0, "errors": 0, "warnings": 0, "infos": 0}
    return {"verdict": verdict, "counts": counts, "source": {"sample": sample}, "text": "Ünïcode \udc80 \0 ✓"}


def summary(records: int = 3, shape: str = "s") -> Summary:
    return Summary(records=records, shape=shape, columns=("$.a",), counts={"keys/missing": 2}, metrics={"x": [1]})


def claimed(store: Store, resource: str = "A", owner: str = "w1", **more: Any) -> Run:
    store.enqueue(resource, **more)
    run = store.claim(owner, lease=30, seconds=600)
    assert run is not None
    return run


def finished(store: Store, resource: str = "A", verdict: str = "passed", records: int = 3, **more: Any) -> Run:
    run = claimed(store, resource, **more)
    assert store.finish(run.run_id, "w1", run.attempt, report(verdict, records), summary(records))
    return store.get(run.run_id)


def test_enqueue_gives_a_queued_run(store: Store) -> None:
    run = store.enqueue("A", 7, options={"limit_records": 5}, sample=True)
    assert store.get(run.run_id) == run
    assert run == Run(
        run_id=run.run_id, resource_id="A", user_id=7, created=T0, options={"limit_records": 5}, sample=True
    )  # fmt: skip


def test_one_ongoing_run_per_source(store: Store) -> None:
    first = store.enqueue("A")
    with pytest.raises(RunOngoing) as refused:
        store.enqueue("A")
    assert (refused.value.resource_id, refused.value.run_id) == ("A", first.run_id)
    other = store.enqueue("B")
    assert other.run_id != first.run_id
    store.cancel(first.run_id)
    assert store.enqueue("A").run_id not in (first.run_id, other.run_id)


def test_begin_is_refused_while_another_runs(store: Store) -> None:
    first = store.begin("A", owner="cli", lease=30, seconds=60)
    assert (first.state, first.attempt, first.owner, first.max_attempts) == (RunState.RUNNING, 1, "cli", 1)
    with pytest.raises(RunOngoing):
        store.begin("A", owner="cli2", lease=30, seconds=60)
    assert store.claim("w1", lease=30, seconds=60) is None


def test_claims_come_in_order_each_once(store: Store, clock: Any) -> None:
    asked = [store.enqueue(name).run_id for name in "BAC"]
    clock.forward(1.5)
    got = [store.claim("w1", lease=30, seconds=600) for _ in asked]
    assert [run and run.run_id for run in got] == asked
    assert store.claim("w1", lease=30, seconds=600) is None
    run = got[0]
    assert run is not None
    assert (run.started, run.lease, run.deadline) == (
        "2023-11-14T22:13:21.500Z", "2023-11-14T22:13:51.500Z", "2023-11-14T22:23:21.500Z",
    )  # fmt: skip
    assert (run.state, run.attempt, run.owner) == (RunState.RUNNING, 1, "w1")


def test_finish_publishes_report_and_state_at_once(store: Store, clock: Any) -> None:
    run = claimed(store)
    with pytest.raises(StoreError, match="has no report: it's running"):
        store.report(run.run_id)
    clock.forward(2)
    assert store.finish(run.run_id, "w1", 1, report("failed"), summary())
    done = store.get(run.run_id)
    assert (done.state, done.verdict, done.ended) == (RunState.FINISHED, "failed", "2023-11-14T22:13:22.000Z")
    assert done.counts == report()["counts"]
    assert (done.owner, done.lease, done.deadline, done.accepted) == (None, None, None, False)
    assert store.report(run.run_id) == report("failed")
    assert store.last_report("A") == run.run_id


@pytest.mark.parametrize(
    ("owner", "attempt"), [("w2", 1), ("w1", 0), ("w1", 2)], ids=["other-owner", "earlier-attempt", "later-attempt"]
)
def test_a_fenced_holder_changes_nothing(store: Store, owner: str, attempt: int) -> None:
    run = claimed(store)
    assert not store.holds(run.run_id, owner, attempt)
    assert not store.heartbeat(run.run_id, owner, attempt, lease=99, progress={"stage": "scan"})
    assert not store.finish(run.run_id, owner, attempt, report(), summary())
    assert not store.fail(run.run_id, owner, attempt, Reason.CRASHED, "x")
    assert not store.release(run.run_id, owner, attempt)
    assert store.lose(run.run_id, owner, attempt, "x") is None
    assert store.get(run.run_id) == run


def test_a_late_finish_after_the_lease_changes_nothing(store: Store, clock: Any) -> None:
    run = claimed(store)
    clock.forward(31)
    assert [(r.run_id, r.state) for r in store.sweep()] == [(run.run_id, RunState.QUEUED)]
    assert not store.finish(run.run_id, "w1", 1, report(), summary())
    again = store.claim("w1", lease=30, seconds=600)  # even by the same worker
    assert again is not None
    assert again.attempt == 2
    assert not store.finish(run.run_id, "w1", 1, report("failed"), summary())
    assert store.finish(run.run_id, "w1", 2, report("passed"), summary())
    assert store.report(run.run_id)["verdict"] == "passed"


def test_heartbeat_renews_the_lease_and_keeps_the_progress(store: Store, clock: Any) -> None:
    run = claimed(store)
    clock.forward(20)
    assert store.heartbeat(run.run_id, "w1", 1, lease=30, progress={"stage": "scan", "bytes": 5})
    clock.forward(20)
    assert store.sweep() == []
    assert store.heartbeat(run.run_id, "w1", 1, lease=30)
    after = store.get(run.run_id)
    assert (after.lease, after.progress) == ("2023-11-14T22:14:30.000Z", {"stage": "scan", "bytes": 5})


def test_three_losses_end_a_run(store: Store, clock: Any) -> None:
    run_id = store.enqueue("A").run_id
    for attempt in (1, 2, 3):
        run = store.claim("w1", lease=30, seconds=600)
        assert run is not None
        assert (run.run_id, run.attempt) == (run_id, attempt)
        clock.forward(30.001)
        (swept,) = store.sweep()
    assert (swept.state, swept.reason, swept.losses, swept.attempt) == (RunState.ERROR, Reason.LOST, 3, 3)
    assert swept.message == "its worker vanished without a word"
    assert store.claim("w1", lease=30, seconds=600) is None
    store.enqueue("A")  # the source is free again


def test_a_lease_that_ends_now_still_holds(store: Store, clock: Any) -> None:
    claimed(store)
    clock.forward(30)
    assert store.sweep() == []


def test_a_begun_run_is_lost_at_once(store: Store, clock: Any) -> None:
    run = store.begin("A", owner="cli", lease=30, seconds=60)
    clock.forward(31)
    (swept,) = store.sweep()
    assert (swept.run_id, swept.state, swept.reason) == (run.run_id, RunState.ERROR, Reason.LOST)


def test_dead_owners_are_swept_before_their_lease_ends(store: Store) -> None:
    one, two = claimed(store, "A", "w1"), claimed(store, "B", "w2")
    assert {(lease.run_id, lease.owner) for lease in store.leases()} == {(one.run_id, "w1"), (two.run_id, "w2")}
    assert [r.run_id for r in store.sweep(dead=["w1"])] == [one.run_id]
    assert store.get(two.run_id) == two


def test_a_lease_goes_by_the_steady_clock_of_its_holder(open_store: Callable[..., Store], clock: Any) -> None:
    """Where whoever sweeps has it too: then it's no matter how the time of day is set meanwhile."""
    ticks = [5_000]
    steady = Steady("boot/1", lambda: ticks[0])
    store, same = open_store(clock=clock, steady=steady), open_store(clock=clock, steady=steady)
    others = [open_store(clock=clock, steady=s) for s in (Steady("boot/2", lambda: 0), Steady(None, lambda: 0))]
    run = claimed(store)
    for leap in (86_400, -172_800):
        clock.forward(leap)
        ticks[0] += 20_000
        assert same.sweep() == []
        assert store.heartbeat(run.run_id, "w1", 1, lease=30)
    assert [other.sweep() for other in others] == [[], []]
    ticks[0] += 30_001
    assert [r.run_id for r in same.sweep()] == [run.run_id]
    assert store.claim("w1", lease=30, seconds=600) is not None
    clock.forward(31)
    assert [r.run_id for r in others[0].sweep()] == [run.run_id]
    assert store.claim("w1", lease=30, seconds=600) is not None
    clock.forward(31)
    assert [r.run_id for r in others[1].sweep()] == [run.run_id]


def test_a_holder_that_knows_of_no_clocks_is_judged_by_the_time(open_store: Callable[..., Store], clock: Any) -> None:
    """One of an older version that has the store open: it renews the lease alone, and leaves the clock of another."""
    ticks = [5_000]
    store = open_store(clock=clock, steady=Steady("boot/1", lambda: ticks[0]))
    run = claimed(store)
    clock.forward(60)
    ticks[0] += 60_000
    with store._db.write() as t:
        t.change("UPDATE potable_runs SET lease = :now + 30000 WHERE run_id = :run_id", run_id=run.run_id)
    assert store.sweep() == []
    assert store.heartbeat(run.run_id, "w1", 1, lease=30)
    clock.forward(60)
    assert store.sweep() == []
    ticks[0] += 30_001
    assert [r.run_id for r in store.sweep()] == [run.run_id]


def test_a_lease_that_ends_later_than_any_can_is_seen(store: Store) -> None:
    run = claimed(store, "A", "w1")
    (lease,) = store.leases()
    assert (store.ahead("A", 29.0), store.ahead("A", 31.0), store.ahead("B", 0.0)) == (lease, None, None)
    store.cancel(run.run_id)
    assert store.ahead("A", 0.0) is None


def test_leases_that_stood_still_are_over_unless_they_were_renewed(store: Store, clock: Any) -> None:
    one, two = claimed(store, "A", "w1"), claimed(store, "B", "w1")
    still = store.leases()
    clock.forward(1)
    assert store.heartbeat(two.run_id, "w1", 1, lease=30)
    assert [r.run_id for r in store.sweep(still=still, leases=False)] == [one.run_id]
    assert store.sweep(still=still) == []


def test_releases_cost_no_attempt(store: Store) -> None:
    run = claimed(store)
    for attempt in range(1, 6):
        assert store.release(run.run_id, "w1", attempt)
        again = store.claim("w1", lease=30, seconds=600)
        assert again is not None
        assert (again.attempt, again.losses) == (attempt + 1, 0)


def test_fail_keeps_reason_and_message(store: Store) -> None:
    run = claimed(store)
    assert store.fail(run.run_id, "w1", 1, Reason.TIMED_OUT, "no end \0 after\udc80 5 s" + "x" * 5000)
    after = store.get(run.run_id)
    assert (after.state, after.reason, after.verdict) == (RunState.ERROR, Reason.TIMED_OUT, None)
    assert after.message.startswith("no end \N{REPLACEMENT CHARACTER} after? 5 s")
    assert len(after.message) == 4000


def test_cancel_queued_running_and_ended(store: Store) -> None:
    queued = store.enqueue("A")
    assert store.cancel(queued.run_id, "by user 4").state is RunState.CANCELLED
    assert store.get(queued.run_id).message == "by user 4"
    running = claimed(store, "B")
    assert store.cancel(running.run_id).state is RunState.CANCELLED
    assert not store.holds(running.run_id, "w1", 1)
    assert not store.finish(running.run_id, "w1", 1, report(), summary())
    done = finished(store, "C")
    assert store.cancel(done.run_id) == done
    with pytest.raises(StoreError, match="no run 'nope'"):
        store.cancel("nope")


@pytest.mark.parametrize(("verdict", "accepted"), [("passed", True), ("failed", False), ("inconclusive", False)])
def test_only_passed_runs_are_accepted_by_themselves(store: Store, verdict: str, accepted: bool) -> None:
    assert finished(store, verdict=verdict).accepted is accepted


def test_accept(store: Store) -> None:
    failed = finished(store, verdict="failed")
    assert store.accept(failed.run_id).accepted
    sample = finished(store, "B", sample=True)
    assert not sample.accepted
    with pytest.raises(StoreError, match="only a sample"):
        store.accept(sample.run_id)
    with pytest.raises(StoreError, match="it's queued, not finished"):
        store.accept(store.enqueue("C").run_id)
    with pytest.raises(UnknownRun, match="no run 'nope'"):
        store.accept("nope")
    unread, empty = finished(store, "D", verdict="inconclusive"), finished(store, "E", "inconclusive", records=0)
    with pytest.raises(NotAcceptable, match="it's inconclusive"):
        store.accept(unread.run_id)
    with pytest.raises(NotAcceptable, match="it read no record"):
        store.accept(empty.run_id)
    assert not store.get(unread.run_id).accepted


def test_the_baseline_is_the_last_accepted_run(store: Store) -> None:
    old, failed, new = finished(store), finished(store, verdict="failed"), finished(store)
    assert store.baseline("A") == new
    store.accept(failed.run_id)
    store.accept(old.run_id)  # accepted already: that it's asked for again changes nothing
    assert store.baseline("A") == new
    last = finished(store, verdict="failed")
    assert store.baseline("A") == new
    assert store.accept(last.run_id) == store.baseline("A")


def test_a_report_of_a_sample_marks_its_run(store: Store) -> None:
    run = claimed(store)
    store.finish(run.run_id, "w1", 1, report(sample={"mode": "head", "size": 5}), summary())
    assert (store.get(run.run_id).sample, store.get(run.run_id).accepted) == (True, False)


def test_history_is_newest_first_and_bounded(store: Store) -> None:
    made = [finished(store, records=n).run_id for n in range(5)]
    finished(store, "B")
    assert [r.run_id for r in store.history("A")] == made[::-1]
    assert [r.run_id for r in store.history("A", 2)] == made[:-3:-1]
    assert store.history("none") == []
    latest = store.latest("A")
    assert latest is not None
    assert latest.run_id == made[-1]
    assert store.ongoing("A") is None
    assert {k: v.resource_id for k, v in store.newest().items()} == {"A": "A", "B": "B"}
    assert store.newest()["A"].run_id == made[-1]


def test_ongoing_and_latest(store: Store) -> None:
    assert store.latest("A") is None
    finished(store)
    run = store.enqueue("A")
    assert store.ongoing("A") == store.latest("A") == run


def test_summaries_hold_the_last_accepted_run(store: Store) -> None:
    assert (store.summaries("A").runs, store.summaries("A").reason) == ((), "first run")
    accepted = finished(store, records=10)
    for n in range(4):
        finished(store, verdict="failed", records=n)
    history = store.summaries("A", limit=2)
    assert [(s.records, s.accepted) for s in history.runs] == [(3, False), (2, False), (10, True)]
    base = history.baseline("s")
    assert base is not None
    assert (base.run_id, base.ended, base.columns) == (accepted.run_id, T0, ("$.a",))
    assert (base.counts, base.metrics) == ({"keys/missing": 2}, {"x": [1]})
    assert history.baseline("other") is None


def test_summaries_without_an_accepted_run(store: Store) -> None:
    finished(store, verdict="failed")
    assert store.summaries("A").baseline("s") is None


def test_a_report_that_json_cannot_hold_is_stored_all_the_same(store: Store) -> None:
    run = claimed(store)
    odd = report() | {"nan": float("nan"), "set": {1}, "deep": [{"inf": float("-inf")}]}
    assert store.finish(run.run_id, "w1", 1, odd, summary())
    stored = store.report(run.run_id)
    assert (stored["nan"], stored["set"], stored["deep"]) == (None, [1], [{"inf": None}])


def test_another_connection_sees_what_was_committed(store: Store, open_store: Callable[..., Store]) -> None:
    run = store.enqueue("A")
    assert open_store().get(run.run_id) == run


def test_the_database_guards_the_shape(store: Store, url: str) -> None:
    """Whoever writes past the store's methods can't break what others rely on."""
    run = finished(store)
    engine = sa.create_engine(url)
    for change in (
        "state = 'stuck'", "state = 'running'", "verdict = NULL", "verdict = 'fine'", "ended = NULL", "state = 'error'",
        "attempt = 0", "losses = 2", "owner = 'w'", "sample = (1 = 1)",
    ):  # fmt: skip
        with engine.connect() as c, pytest.raises(sa.exc.IntegrityError):
            c.execute(sa.text(f"UPDATE potable_runs SET {change} WHERE run_id = :run"), {"run": run.run_id})
    engine.dispose()


def test_a_newer_schema_is_left_alone(store: Store, url: str, open_store: Callable[..., Store]) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as c:
        c.exec_driver_sql("UPDATE potable_meta SET value = '4'")
    engine.dispose()
    with pytest.raises(StoreError, match=r"made by a newer Potable \(its schema is 4, this one knows 3\): upgrade"):
        open_store()


def test_times_are_the_stores_own_without_a_clock(open_store: Callable[..., Store]) -> None:
    store = open_store()
    run = claimed(store)
    assert run.started is not None
    assert run.created <= run.started < (run.lease or "") < (run.deadline or "")
    assert run.created > "2024"
    assert store.sweep() == []
