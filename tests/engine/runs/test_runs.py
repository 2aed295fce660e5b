"""The life of a run: every move from every state, and any sequence of moves."""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potable.engine.runs import LEGAL, IllegalTransition, Reason, Run, RunState, RunStatus, iso

Q, R, F, E, C = RunState
NOW = "2026-01-01T00:00:00.000Z"

MOVES: dict[str, Callable[[Run], Run]] = {
    "claimed": lambda r: r.claimed("w", now=NOW, lease="l", deadline="d"),
    "finished": lambda r: r.finished("passed", {"records": 1}, {}, now=NOW),
    "failed": lambda r: r.failed(Reason.CRASHED, "why", now=NOW),
    "cancelled": lambda r: r.cancelled(now=NOW),
    "released": lambda r: r.released(),
    "lost": lambda r: r.lost("gone", now=NOW),
}

TABLE = {
    "claimed": {Q: R},
    "finished": {R: F},
    "failed": {Q: E, R: E},
    "cancelled": {Q: C, R: C},
    "released": {R: Q},
    "lost": {R: Q},
}


def in_state(state: RunState) -> Run:
    queued = Run(run_id="r", resource_id="A")
    running = MOVES["claimed"](queued)
    return {
        Q: queued, R: running, F: MOVES["finished"](running), E: MOVES["failed"](running), C: MOVES["cancelled"](queued)
    }[state]  # fmt: skip


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("state", RunState)
def test_every_move_from_every_state(move: str, state: RunState) -> None:
    run = in_state(state)
    after = TABLE[move].get(state)
    if after is None:
        with pytest.raises(IllegalTransition, match=f"run r is {state}"):
            MOVES[move](run)
    else:
        assert MOVES[move](run).state is after
        assert after in LEGAL[state]


def test_every_legal_change_is_some_move() -> None:
    made = {(state, after) for targets in TABLE.values() for state, after in targets.items()}
    assert made == {(state, after) for state, targets in LEGAL.items() for after in targets}


def shape(run: Run) -> None:
    """What holds of any run; the store's CHECK constraints say the same."""
    assert (run.state is R) == (run.owner is not None) == (run.lease is not None) == (run.deadline is not None)
    assert run.ongoing == (run.ended is None)
    assert (run.state is F) == (run.verdict is not None) == (run.counts is not None) == run.has_report
    assert (run.state is E) == (run.reason is not None)
    assert (run.attempt > 0) == (run.started is not None)
    assert 0 <= run.losses <= min(run.attempt, run.max_attempts)
    assert not run.accepted or (run.state is F and not run.sample)


@settings(max_examples=300)
@given(st.lists(st.sampled_from(list(MOVES)), max_size=30), st.booleans(), st.integers(1, 4))
def test_any_life_keeps_its_shape(moves: list[str], sample: bool, max_attempts: int) -> None:
    run = Run(run_id="r", resource_id="A", sample=sample, max_attempts=max_attempts)
    for move in moves:
        before = run
        try:
            run = MOVES[move](run)
        except IllegalTransition:
            assert before.state not in TABLE[move]
            continue
        shape(run)
        assert run.attempt >= before.attempt
        assert before.ongoing
    if not run.ongoing:
        for move in MOVES.values():
            with pytest.raises(IllegalTransition):
                move(run)


def test_losses_end_it_after_as_many_as_allowed() -> None:
    run = Run(run_id="r", resource_id="A")
    for attempt in (1, 2, 3):
        run = MOVES["claimed"](run)
        assert run.attempt == attempt
        run = MOVES["lost"](run)
    assert (run.state, run.reason, run.message, run.losses) == (E, Reason.LOST, "gone", 3)


def test_a_given_back_run_loses_no_attempt() -> None:
    run = in_state(R).released()
    assert (run.attempt, run.losses, run.started) == (1, 0, NOW)


@pytest.mark.parametrize(
    ("verdict", "sample", "accepted"),
    [("passed", False, True), ("passed", True, False), ("failed", False, False), ("inconclusive", False, False)],
)
def test_what_accepts_itself(verdict: str, sample: bool, accepted: bool) -> None:
    running = dataclasses.replace(in_state(R), sample=sample)
    assert running.finished(verdict, {}, {}, now=NOW).accepted is accepted  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("verdict", "sample", "records", "why"),
    [
        ("failed", False, 5, None),
        ("passed", False, 5, None),
        ("passed", True, 5, "it read only a sample of its source"),
        ("inconclusive", False, 5, "it's inconclusive: the source wasn't checked as a whole"),
        ("inconclusive", False, 0, "it read no record"),
    ],
)
def test_what_can_be_accepted(verdict: str, sample: bool, records: int, why: str | None) -> None:
    running = dataclasses.replace(in_state(R), sample=sample)
    assert running.unacceptable == "it's running, not finished"
    assert running.finished(verdict, {"records": records}, {}, now=NOW).unacceptable == why  # type: ignore[arg-type]


def test_a_run_pickles() -> None:
    assert pickle.loads(pickle.dumps(in_state(F))) == in_state(F)


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_700_000_000_007, "2023-11-14T22:13:20.007Z"),
        (951_782_399_999, "2000-02-28T23:59:59.999Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_times(ms: int, text: str) -> None:
    assert iso(ms) == text


@given(st.integers(0, 253_402_300_799_999), st.integers(0, 253_402_300_799_999))
def test_times_sort_as_text(a: int, b: int) -> None:
    assert (iso(a) < iso(b)) == (a < b)


def test_status_of_nothing() -> None:
    assert RunStatus().to_dict("/r") == {
        "status": "No ongoing run", "runID": None, "state": None, "verdict": None, "progress": None, "counts": None,
        "userID": None, "started": None, "ended": None, "report": None, "attempt": None, "reason": None,
        "message": None, "accepted": None, "baseline": None, "codes": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("state", "word"), [(Q, "Running"), (R, "Running"), (F, "Finished"), (E, "Finished"), (C, "Finished")]
)
def test_status_words(state: RunState, word: str) -> None:
    run = dataclasses.replace(in_state(state), progress={"stage": "fetch", "records": 0})
    said = RunStatus(run, "b").to_dict("/reports/r")
    assert said["progress"] == (run.progress if word == "Running" else None)
    assert (said["status"], said["state"], said["runID"], said["userID"]) == (word, state.value, "r", 4)
    assert said["report"] == ("/reports/r" if state is F else None)
    assert said["reason"] == ("crashed" if state is E else None)
    assert said["message"] == ("why" if state is E else None)
    assert said["verdict"] == ("passed" if state is F else None)
    assert (said["accepted"], said["baseline"]) == (state is F, "b")
