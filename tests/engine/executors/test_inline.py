"""Jobs in the caller's own process: the same outcomes, as far as one process can."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Mapping
from typing import Any

import pytest

from potable.engine.errors import UsageError
from potable.engine.executors.contract import Emit, Ending, Outcome
from potable.engine.executors.inline import InlineExecutor
from potable.engine.fetching.deadline import Deadline


def work(job: Mapping[str, Any], emit: Emit) -> dict[str, Any]:
    for stage in job.get("stages", ()):
        emit({"stage": stage})
    if "raises" in job:
        raise job["raises"]
    return {"pid": os.getpid()}


def run(job: Mapping[str, Any], seconds: float = 60.0, **more: Any) -> Outcome:
    given: dict[str, Any] = {"progress": lambda _: None, "stop": lambda: False, **more}
    return InlineExecutor(work).execute(job, seconds=seconds, **given)


def test_the_report_is_made_here() -> None:
    said: list[Mapping[str, Any]] = []
    outcome = run({"stages": ["fetch", "scan"]}, progress=said.append)
    assert outcome == Outcome(ending=Ending.DONE, report={"pid": os.getpid()})
    assert said == [{"stage": "fetch"}, {"stage": "scan"}]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (UsageError("write it so"), "write it so"),
        (ValueError("no"), "ValueError: no (in work, test_inline.py:"),
        (SystemExit(0), "SystemExit: 0 (in work, test_inline.py:"),
    ],
)
def test_what_it_raises_is_a_fault(error: BaseException, message: str) -> None:
    outcome = run({"raises": error})
    assert (outcome.ending, outcome.report) == (Ending.FAULT, None)
    assert outcome.message.startswith(message)


def test_an_interrupt_passes_through() -> None:
    with pytest.raises(KeyboardInterrupt):
        run({"raises": KeyboardInterrupt()})


def test_the_deadline_holds_where_progress_is_told() -> None:
    outcome = run({"stages": ["scan"]}, seconds=-1.0)
    assert (outcome.ending, outcome.message) == (Ending.TIMED_OUT, "no end after -1 seconds: it was stopped")


def test_stop_holds_where_progress_is_told() -> None:
    class Endless:
        def __iter__(self) -> Endless:
            return self

        def __next__(self) -> str:
            return "scan"

    assert run({"stages": Endless()}, stop=lambda: True).ending is Ending.STOPPED


@pytest.mark.parametrize(
    ("seconds", "stop", "ending"), [(60.0, True, Ending.STOPPED), (0.1, False, Ending.TIMED_OUT)], ids=["stop", "time"]
)
def test_both_hold_where_a_server_is_waited_for(seconds: float, stop: bool, ending: Ending) -> None:
    def waiting(job: Mapping[str, Any], emit: Emit) -> dict[str, Any]:
        deadline = Deadline(3600)
        deadline.wait(3600)
        assert deadline.passed
        return {"told": "it took longer than an hour"}

    executor = InlineExecutor(waiting)
    outcome = executor.execute({}, seconds=seconds, progress=lambda _: None, stop=lambda: stop)
    assert (outcome.ending, outcome.report) == (ending, None)


def in_a_daemon(results: Any) -> None:
    results.put(run({}).ending)


def test_it_works_in_a_daemonic_process() -> None:
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()
    process = context.Process(target=in_a_daemon, args=(results,), daemon=True)
    process.start()
    assert results.get() is Ending.DONE
    process.join()
