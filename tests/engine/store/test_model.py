"""Whatever is asked of the store in whatever order, it holds what the pure state machine says."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

from potable.engine.contracts.history import Summary
from potable.engine.errors import RunOngoing, StoreError
from potable.engine.runs import Reason, Run, RunState, iso
from potable.engine.store.store import Store

SOURCES, OWNERS = ("A", "B", "C"), ("w1", "w2")
LEASE, SECONDS = 30, 600


def machine(store: Store, now: list[int]) -> type[RuleBasedStateMachine]:
    class StoreMachine(RuleBasedStateMachine):
        held = Bundle("held")

        def __init__(self) -> None:
            super().__init__()
            self.prefix = uuid.uuid4().hex[:8]  # the store outlives this machine
            self.model: dict[str, Run] = {}

        def ongoing(self, resource: str) -> Run | None:
            return next((r for r in self.model.values() if r.resource_id == resource and r.ongoing), None)

        def at(self, seconds: float = 0) -> str:
            return iso(now[0] + round(seconds * 1000))

        def mine(self, hold: tuple[str, str, int]) -> Run | None:
            run = self.model[hold[0]]
            return run if run.state is RunState.RUNNING and (run.owner, run.attempt) == hold[1:] else None

        @rule(source=st.sampled_from(SOURCES), sample=st.booleans())
        def enqueue(self, source: str, sample: bool) -> None:
            resource = f"{self.prefix}-{source}"
            there = self.ongoing(resource)
            if there is not None:
                with pytest.raises(RunOngoing) as refused:
                    store.enqueue(resource, sample=sample)
                assert refused.value.run_id == there.run_id
                return
            run = store.enqueue(resource, sample=sample)
            assert run == Run(run_id=run.run_id, resource_id=resource, created=self.at(), sample=sample)
            self.model[run.run_id] = run

        @rule(target=held, source=st.sampled_from(SOURCES), owner=st.sampled_from(OWNERS))
        def begin(self, source: str, owner: str) -> tuple[str, str, int]:
            resource = f"{self.prefix}-{source}"
            there = self.ongoing(resource)
            if there is not None:
                with pytest.raises(RunOngoing):
                    store.begin(resource, owner=owner, lease=LEASE, seconds=SECONDS)
                return (there.run_id, owner, 99)
            run = store.begin(resource, owner=owner, lease=LEASE, seconds=SECONDS)
            made = Run(run_id=run.run_id, resource_id=resource, created=self.at(), max_attempts=1)
            self.model[run.run_id] = made.claimed(owner, now=self.at(), lease=self.at(LEASE), deadline=self.at(SECONDS))
            return (run.run_id, owner, 1)

        @rule(target=held, owner=st.sampled_from(OWNERS))
        def claim(self, owner: str) -> tuple[str, str, int]:
            queued = [r for r in self.model.values() if r.state is RunState.QUEUED]
            run = store.claim(owner, lease=LEASE, seconds=SECONDS)
            if run is None:
                assert queued == []
                return next(((r.run_id, owner, 99) for r in self.model.values()), ("", owner, 99))
            assert run.run_id == queued[0].run_id
            self.model[run.run_id] = queued[0].claimed(
                owner, now=self.at(), lease=self.at(LEASE), deadline=self.at(SECONDS)
            )
            return (run.run_id, owner, run.attempt)

        @rule(hold=held.filter(lambda h: h[0] != ""), bytes_=st.none() | st.integers(0, 9))
        def heartbeat(self, hold: tuple[str, str, int], bytes_: int | None) -> None:
            progress = None if bytes_ is None else {"bytes": bytes_}
            run = self.mine(hold)
            assert store.holds(*hold) == (run is not None)
            assert store.heartbeat(*hold, lease=LEASE, progress=progress) == (run is not None)
            if run is not None:
                self.model[hold[0]] = replace(run, lease=self.at(LEASE), progress=progress or run.progress)

        @rule(hold=consumes(held).filter(lambda h: h[0] != ""), verdict=st.sampled_from(["passed", "failed"]))
        def finish(self, hold: tuple[str, str, int], verdict: Any) -> None:
            run, counts, codes = self.mine(hold), {"records": hold[2]}, {"keys/missing": hold[2]}
            report = {"verdict": verdict, "counts": counts, "source": {"sample": None}}
            assert store.finish(*hold, report, Summary(records=hold[2], counts=codes)) == (run is not None)
            if run is not None:
                self.model[hold[0]] = run.finished(verdict, counts, codes, now=self.at())

        @rule(hold=held.filter(lambda h: h[0] != ""), how=st.sampled_from(["fail", "release", "lose"]))
        def part(self, hold: tuple[str, str, int], how: str) -> None:
            run = self.mine(hold)
            if how == "fail":
                did = store.fail(*hold, Reason.CRASHED, "why")
                after = run and run.failed(Reason.CRASHED, "why", now=self.at())
            elif how == "release":
                did, after = store.release(*hold), run and run.released()
            else:
                did = store.lose(*hold, "lost it") is not None
                after = run and run.lost("lost it", now=self.at())
            assert did == (run is not None)
            if after is not None:
                self.model[hold[0]] = after

        @rule(seconds=st.sampled_from([1, 29, 31]))
        def time_passes(self, seconds: int) -> None:
            now[0] += seconds * 1000

        @rule(dead=st.lists(st.sampled_from(OWNERS), max_size=1))
        def sweep(self, dead: list[str]) -> None:
            swept = {r.run_id: r for r in store.sweep(dead)}
            for run in list(self.model.values()):
                if run.state is RunState.RUNNING and (str(run.lease) < self.at() or run.owner in dead):
                    self.model[run.run_id] = run.lost("its worker vanished without a word", now=self.at())
                    assert swept.pop(run.run_id) == self.model[run.run_id]
            assert swept == {}

        @rule(data=st.data())
        def cancel_or_accept(self, data: st.DataObject) -> None:
            if not self.model:
                return
            run = self.model[data.draw(st.sampled_from(sorted(self.model)))]
            if data.draw(st.booleans()):
                self.model[run.run_id] = run.cancelled(now=self.at()) if run.ongoing else run
                assert store.cancel(run.run_id) == self.model[run.run_id]
            elif run.unacceptable is None:
                self.model[run.run_id] = replace(run, accepted=True)
                assert store.accept(run.run_id) == self.model[run.run_id]
            else:
                with pytest.raises(StoreError):
                    store.accept(run.run_id)

        @invariant()
        def the_store_holds_the_model(self) -> None:
            for source in SOURCES:
                resource = f"{self.prefix}-{source}"
                wanted = [r for r in self.model.values() if r.resource_id == resource][::-1]
                assert store.history(resource, 1000) == wanted
                assert store.ongoing(resource) == self.ongoing(resource)
                finished = [r for r in wanted if r.state is RunState.FINISHED]
                assert store.last_report(resource) == (finished[0].run_id if finished else None)
                for run in finished[:1]:
                    assert store.report(run.run_id)["counts"] == {"records": run.attempt}
                assert [(s.run_id, s.accepted) for s in store.summaries(resource, 1000).runs] == [
                    (r.run_id, r.accepted) for r in finished
                ]

        def teardown(self) -> None:
            for run in self.model.values():
                store.cancel(run.run_id)

    return StoreMachine


def test_the_store_is_the_state_machine(open_store: Callable[..., Store]) -> None:
    now = [1_700_000_000_000]
    store = open_store(clock=lambda: now[0])
    run_state_machine_as_test(
        machine(store, now),
        settings=settings(
            max_examples=15, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
