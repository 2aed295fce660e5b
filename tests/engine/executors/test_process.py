"""A run's own process: whatever it does, the supervisor gets one true outcome and nothing is left behind."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("resource", reason="a run's own process needs a POSIX system")
if sys.platform != "linux":
    pytest.skip("reads /proc", allow_module_level=True)

from potable.engine.executors.contract import Ending, Outcome
from potable.engine.executors.process import ProcessExecutor

HERE = str(Path(__file__).parent)
LONG = 60.0


@pytest.fixture(params=["fork", "forkserver"])
def executor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProcessExecutor]:
    monkeypatch.syspath_prepend(HERE)
    monkeypatch.setenv("POTABLE_STORE", "postgresql://user:secret@host/db")
    monkeypatch.setenv("POTABLE_ALLOW_HOSTS", "10.0.0.1")
    monkeypatch.setenv("PGPASSWORD", "secret")
    executor = ProcessExecutor("potable_test_work:work", start=request.param)
    yield executor
    executor.close()


def run(executor: ProcessExecutor, do: str, seconds: float = LONG, **job: Any) -> Outcome:
    return executor.execute({"do": do, **job}, seconds=seconds, progress=lambda _: None, stop=lambda: False)


def gone(pid: int) -> bool:
    """Whether a process has ended (a zombie has)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def await_gone(*pids: int) -> None:
    """Wait until the processes have ended; the test's time limit ends it otherwise."""
    while not all(map(gone, pids)):
        time.sleep(0.01)


def test_a_report_comes_back(executor: ProcessExecutor) -> None:
    value = {"text": "Ünïcode \udc80 \0", "n": 2**70, "deep": [{"a": None}]}
    outcome = run(executor, "echo", value=value)
    assert outcome.ending is Ending.DONE
    assert outcome.report is not None
    assert outcome.report["got"] == value
    assert outcome.report["pid"] != os.getpid()
    await_gone(outcome.report["pid"])


def test_each_job_has_a_process_of_its_own(executor: ProcessExecutor) -> None:
    pids = [(run(executor, "echo", value=0).report or {})["pid"] for _ in range(3)]
    assert len(set(pids)) == 3


def test_big_jobs_and_reports_fit(executor: ProcessExecutor) -> None:
    big = "x" * 5_000_000
    assert (run(executor, "echo", value=big).report or {})["got"] == big


def test_progress_arrives_in_order(executor: ProcessExecutor) -> None:
    said: list[Mapping[str, Any]] = []
    outcome = executor.execute({"do": "steps"}, seconds=LONG, progress=said.append, stop=lambda: False)
    assert outcome.ending is Ending.DONE
    assert [p["stage"] for p in said] == ["definition", "fetch", "scan"]


def test_a_flood_of_progress_is_thinned(executor: ProcessExecutor) -> None:
    said: list[Mapping[str, Any]] = []
    executor.execute({"do": "many_steps"}, seconds=LONG, progress=said.append, stop=lambda: False)
    assert said[0] == {"stage": "scan", "bytes": 0}
    assert len(said) < 1000


def test_surroundings_are_confined(executor: ProcessExecutor) -> None:
    report = run(executor, "surroundings").report or {}
    assert report["environ"] == {"POTABLE_ALLOW_HOSTS": "10.0.0.1"}
    assert report["leads_session"]
    assert report["links"] == [os.devnull] * 3
    assert (report["core"], report["sockets"]) == (0, 1)
    assert report["files"] <= 4096


@pytest.mark.parametrize(
    ("do", "ending", "message"),
    [
        ("raises", Ending.FAULT, r"ValueError: not today \(in raises, potable_test_work\.py:\d+\)"),
        ("usage", Ending.FAULT, "write it so"),
        ("system_exit", Ending.FAULT, r"SystemExit: 0 \(in system_exit, potable_test_work\.py:\d+\)"),
        ("hard_exit", Ending.CRASHED, "the run's process exited with status 0 before it had a report"),
        (
            "segfault", Ending.CRASHED,
            r"the run's process was killed by SIGSEGV \(in string_at, __init__\.py:\d+\)",
        ),
        ("closes_everything", Ending.CRASHED, "the run's process can't be understood: it closed its channel"),
    ],
)  # fmt: skip
def test_what_is_no_report_is_no_success(executor: ProcessExecutor, do: str, ending: Ending, message: str) -> None:
    outcome = run(executor, do)
    assert (outcome.ending, outcome.report) == (ending, None)
    import re

    assert re.fullmatch(message, outcome.message), outcome.message
    assert run(executor, "echo", value=1).ending is Ending.DONE  # the next one is unharmed


def test_exit_status_is_told(executor: ProcessExecutor) -> None:
    assert (
        run(executor, "hard_exit", status=3).message == "the run's process exited with status 3 before it had a report"
    )


@pytest.mark.parametrize(
    ("signal_name", "ending"),
    [
        *((name, Ending.LOST) for name in ("SIGKILL", "SIGTERM", "SIGHUP", "SIGINT")),
        *((name, Ending.CRASHED) for name in ("SIGABRT", "SIGXCPU")),
    ],
)
def test_deaths_by_signal(executor: ProcessExecutor, signal_name: str, ending: Ending) -> None:
    outcome = run(executor, "kill_self", signal=signal_name)
    assert outcome.ending is ending
    assert f"killed by {signal_name}" in outcome.message


@pytest.mark.parametrize(
    ("garbage", "message"),
    [
        (b"\xff\xff\xff\xff", "it announced a message of 4,294,967,295 bytes"),
        (b"\0\0\0\x03abc", "it sent a message that isn't JSON"),
        (b"\0\0\0\x02[]", "it sent a message that isn't an object"),
        (b'\0\0\0\x0f{"type":"done"}', "it sent a message of no known type"),
    ],
)
def test_garbage_on_the_channel(executor: ProcessExecutor, garbage: bytes, message: str) -> None:
    outcome = run(executor, "writes_garbage", bytes=garbage)
    assert (outcome.ending, outcome.message) == (Ending.CRASHED, f"the run's process can't be understood: {message}")


@pytest.mark.parametrize("do", ["hang", "hang_in_c", "deaf", "stop_self", "prints"])
def test_a_deadline_ends_whatever_hangs(executor: ProcessExecutor, do: str) -> None:
    said: list[Mapping[str, Any]] = []
    outcome = executor.execute({"do": do}, seconds=0.5, progress=said.append, stop=lambda: False)
    assert (outcome.ending, outcome.message) == (Ending.TIMED_OUT, "no end after 0.5 seconds: it was stopped")
    await_gone(*(p["pid"] for p in said if "pid" in p))


def test_stop_ends_a_hang(executor: ProcessExecutor) -> None:
    said: list[Mapping[str, Any]] = []
    outcome = executor.execute({"do": "hang_in_c"}, seconds=LONG, progress=said.append, stop=lambda: bool(said))
    assert outcome.ending is Ending.STOPPED
    await_gone(said[0]["pid"])


def test_what_progress_raises_ends_the_process(executor: ProcessExecutor) -> None:
    pids: list[int] = []

    def progress(said: Mapping[str, Any]) -> None:
        pids.append(said["pid"])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        executor.execute({"do": "hang"}, seconds=LONG, progress=progress, stop=lambda: False)
    await_gone(*pids)


@pytest.mark.parametrize("do", ["prints_a_bit", "thread_stays"])
def test_harmless_habits(executor: ProcessExecutor, do: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(executor, do).report == {"did": do}
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("then", ["hang", "return"])
def test_no_descendant_is_left(executor: ProcessExecutor, then: str) -> None:
    said: list[Mapping[str, Any]] = []
    executor.execute(
        {"do": "leaves_children", "then": then}, seconds=LONG, progress=said.append, stop=lambda: bool(said)
    )
    assert len(said[0]["pids"]) == 50
    await_gone(*said[0]["pids"])


def test_kill_9_of_the_process_is_a_loss(executor: ProcessExecutor) -> None:
    for _ in range(5):
        outcome = executor.execute(
            {"do": "hang"}, seconds=LONG, progress=lambda p: os.kill(p["pid"], signal.SIGKILL), stop=lambda: False
        )
        assert outcome.ending is Ending.LOST
        assert outcome.message == "the run's process was killed by SIGKILL: out of memory, or by hand"


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_kill_9_of_the_nursery_is_a_loss_and_the_next_job_gets_another(executor: ProcessExecutor) -> None:
    pids: list[int] = []

    def progress(said: Mapping[str, Any]) -> None:
        pids.append(said["pid"])
        os.kill(parent_of(said["pid"]), signal.SIGKILL)

    outcome = executor.execute({"do": "hang"}, seconds=LONG, progress=progress, stop=lambda: False)
    assert (outcome.ending, outcome.message) == (Ending.LOST, "the run's process vanished with its fork server")
    await_gone(*pids)
    assert run(executor, "echo", value=1).ending is Ending.DONE


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_nursery_ends_with_its_parent_alone(executor: ProcessExecutor, number: signal.Signals) -> None:
    before = (run(executor, "imports", names=[]).report or {})["nursery"]
    os.kill(before, number)
    assert (run(executor, "imports", names=[]).report or {})["nursery"] == before


def test_jobs_side_by_side_do_not_harm_each_other(executor: ProcessExecutor) -> None:
    outcomes: dict[int, Outcome] = {}
    jobs = ["echo", "segfault", "echo", "hang", "hard_exit", "echo"]

    def one(n: int) -> None:
        outcomes[n] = run(executor, jobs[n], seconds=1.0 if jobs[n] == "hang" else LONG, value=n)

    threads = [threading.Thread(target=one, args=(n,)) for n in range(len(jobs))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    endings = {"echo": Ending.DONE, "segfault": Ending.CRASHED, "hang": Ending.TIMED_OUT, "hard_exit": Ending.CRASHED}
    assert {n: o.ending for n, o in outcomes.items()} == {n: endings[do] for n, do in enumerate(jobs)}
    assert [(outcomes[n].report or {})["got"] for n in (0, 2, 5)] == [0, 2, 5]


def test_closing_ends_what_runs(executor: ProcessExecutor) -> None:
    pids: list[int] = []

    def progress(said: Mapping[str, Any]) -> None:
        pids.append(said["pid"])
        executor.close()

    outcome = executor.execute({"do": "hang"}, seconds=LONG, progress=progress, stop=lambda: False)
    assert outcome.ending is Ending.LOST
    await_gone(*pids)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(HERE)
    executor = ProcessExecutor("potable_test_work:work", memory=2 << 30)
    outcome = run(executor, "eats_memory")
    executor.close()
    assert (outcome.ending, outcome.message[:11]) == (Ending.FAULT, "MemoryError")


def test_what_is_given_is_copied_with_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(HERE)
    here = lambda: "nothing that could be pickled"  # noqa: E731
    executor = ProcessExecutor("potable_test_work:given", start="fork", given={"thing": here})
    assert run(executor, "given").report == {"got": "nothing that could be pickled"}
    executor.close()


def test_a_fork_server_is_given_nothing() -> None:
    with pytest.raises(TypeError, match="can't be given"):
        ProcessExecutor("potable_test_work:given", start="forkserver", given={"thing": 1})


@pytest.mark.parametrize(
    ("then", "reason"),
    [
        ("hard_exit", "it ended its process: exit code 3"),
        ("segfault", "it ended its process: signal 11 (SIGSEGV) (in string_at, __init__.py:"),
        ("closes_everything", "it broke its process: it closed its channel"),
    ],
)
def test_who_was_at_work_is_known_of_the_dead(executor: ProcessExecutor, then: str, reason: str) -> None:
    outcome = run(executor, "at_work", then=then, status=3)
    assert (outcome.ending, outcome.at_work) == (Ending.CRASHED, ("one", "two"))
    assert outcome.culprits == ("one", "two")
    assert outcome.reason.startswith(reason)


def test_nobody_is_blamed_for_what_others_did(executor: ProcessExecutor) -> None:
    killed = run(executor, "at_work", then="kill_self", signal="SIGKILL")
    assert (killed.ending, killed.culprits) == (Ending.LOST, ())
    fault = run(executor, "at_work", then="raises")
    assert (fault.ending, fault.at_work, fault.culprits) == (Ending.FAULT, (), ())
    done = run(executor, "at_work", then="echo", value=1)
    assert (done.ending, done.at_work) == (Ending.DONE, ())
    nobody = run(executor, "hard_exit")
    assert (nobody.ending, nobody.culprits) == (Ending.CRASHED, ())


def test_who_hangs_is_named(executor: ProcessExecutor) -> None:
    run(executor, "echo", value=1)  # so that the fork server is there
    outcome = run(executor, "at_work", seconds=0.5, then="hang_in_c")
    assert (outcome.ending, outcome.culprits) == (Ending.TIMED_OUT, ())
    assert outcome.message == "no end after 0.5 seconds: it was stopped while the checkers one, two were at work"


def test_who_ran_out_of_memory_is_known_afterwards(executor: ProcessExecutor) -> None:
    outcome = run(executor, "starved")
    assert (outcome.ending, outcome.message[:11]) == (Ending.FAULT, "MemoryError")
    assert outcome.culprits == ("greedy",)
    assert outcome.reason == "it used up the memory that its process may have"
