"""A run that is made again without the checker that ended its process: one deadline, and what each try is given."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from potable.engine.executors.again import RERUNS, execute
from potable.engine.executors.contract import Emit, Ending, Outcome

JOB = {"source": "s", "options": {"jobs": 4}}


class Told:
    """An executor whose outcomes are told beforehand; it notes what each try is given."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = list(outcomes)
        self.seconds: list[float] = []
        self.options: list[Mapping[str, Any]] = []

    def execute(self, job: Mapping[str, Any], *, seconds: float, progress: Emit, stop: Callable[[], bool]) -> Outcome:
        began = time.monotonic()
        while time.monotonic() == began:
            pass  # some time passes in each try
        self.seconds.append(seconds)
        self.options.append(job["options"])
        return self.outcomes.pop(0)

    def close(self) -> None:
        pass


def crashed(*checkers: str) -> Outcome:
    return Outcome(ending=Ending.CRASHED, message="it exited", at_work=checkers, reason="exit(0)")


DONE = Outcome(ending=Ending.DONE, report={"verdict": "passed"})


def made(executor: Told, seconds: float = 3600.0) -> Outcome:
    return execute(executor, JOB, seconds=seconds, progress=lambda _: None, stop=lambda: False)


def test_a_sound_run_is_made_once() -> None:
    executor = Told(DONE)
    assert made(executor) is DONE
    assert executor.options == [{"jobs": 4}]


def test_all_tries_share_one_deadline() -> None:
    executor = Told(crashed("a"), crashed("b"), DONE)
    assert made(executor) is DONE
    first, second, third = executor.seconds
    assert 3600 >= first > second > third


def test_each_try_leaves_out_one_more() -> None:
    executor = Told(crashed("a"), crashed("b"), DONE)
    made(executor)
    assert [given.get("crashed", {}) for given in executor.options] == [
        {}, {"a": "exit(0)"}, {"a": "exit(0)", "b": "exit(0)"},
    ]  # fmt: skip


def test_of_several_one_works_after_the_other_before_any_is_left_out() -> None:
    executor = Told(crashed("a", "b"), crashed("b"), DONE)
    made(executor)
    assert executor.options == [{"jobs": 4}, {"jobs": 1}, {"jobs": 1, "crashed": {"b": "exit(0)"}}]


def test_several_at_once_one_after_the_other_are_left_out_together() -> None:
    executor = Told(crashed("a", "b"), crashed("a", "b"), DONE)
    made(executor)
    assert executor.options[-1] == {"jobs": 1, "crashed": {"a": "exit(0)", "b": "exit(0)"}}


def test_it_gives_up_in_the_end() -> None:
    outcome = made(executor := Told(*(crashed(f"c{n}") for n in range(RERUNS + 1))))
    assert len(executor.seconds) == RERUNS + 1
    assert (outcome.ending, outcome.message) == (
        Ending.CRASHED, f"it exited while the checker c{RERUNS} was at work",
    )  # fmt: skip


def test_no_try_begins_past_the_deadline() -> None:
    outcome = made(executor := Told(crashed("a")), seconds=0.0)
    assert len(executor.seconds) == 1
    assert (outcome.ending, outcome.message) == (
        Ending.TIMED_OUT, "no end after 0 seconds: it was stopped while the checker a was at work",
    )  # fmt: skip


@pytest.mark.parametrize("ending", [Ending.FAULT, Ending.LOST, Ending.STOPPED])
def test_what_no_checker_did_is_not_tried_again(ending: Ending) -> None:
    outcome = Outcome(ending=ending, message="m", at_work=("a",))
    assert made(Told(outcome)) is outcome


def test_a_try_that_is_stopped_at_the_deadline_names_the_whole_time() -> None:
    outcome = made(Told(crashed("a"), Outcome(ending=Ending.TIMED_OUT, message="m", at_work=("b",))), seconds=60)
    assert outcome.message == "no end after 60 seconds: it was stopped while the checker b was at work"
