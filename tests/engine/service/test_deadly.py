"""Checkers that take their process down, at every stage: the others finish, and the report says who it was."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("resource", reason="a run's own process needs a POSIX system")
if sys.platform != "linux":
    pytest.skip("reads /proc", allow_module_level=True)

from potable.engine.contracts.report import Report
from potable.engine.errors import EngineFault
from potable.engine.limits import Limits
from potable.engine.runs import Reason, Run, RunState
from potable.engine.service import Service
from potable.engine.settings import Settings, sqlite_url
from potable.engine.worker import Worker

PLUGIN = """
import ctypes, os, signal, time
from potable.engine import Checker, Code, Fold, Occurrence, Outcome, Rule, Severity, hookimpl

potable_api = 1
HOARD = []


def code(name):
    return Code(id=f"{name}/wrong", severity=Severity.ERROR, title="t", meaning="m", why="w", example="e", mend="d")


def die(how):
    if how == "exit":
        os._exit(0)
    if how == "segfault":
        ctypes.string_at(0)
    if how == "abort":
        os.kill(os.getpid(), signal.SIGABRT)
    if how == "close":
        os.closerange(3, 4096)
        time.sleep(3600)
    if how == "hang":
        open(os.path.join(os.path.dirname(__file__), "tries"), "w").close()
        time.sleep(3600)
    if how.startswith("/"):  # a group of processes with little memory
        with open(os.path.join(how, "cgroup.procs"), "w") as procs:
            procs.write(str(os.getpid()))
        how = "hoard"
    if how == "hoard":
        while True:
            HOARD.append(bytearray(16 << 20))


class Counting(Fold):
    name = "counting"
    fields = ("id",)

    def __init__(self, checker):
        self.checker = checker
        self.codes = (f"{checker.name}/wrong",)

    def start(self):
        return [0]

    def update(self, state, chunk):
        self.checker.at("update")
        return [state[0] + chunk.records]

    def merge(self, left, right):
        self.checker.at("merge")
        return [left[0] + right[0]]

    def finish(self, state):
        self.checker.at("finish")
        return Outcome(findings=[Occurrence(self.codes[0], f"{state[0]} records")])


class Staged(Checker):
    options_schema = {"type": "object"}

    def at(self, stage):
        if self.options.get("at") == stage:
            die(self.options["how"])

    def __init__(self, options, context):
        super().__init__(options, context)
        self.at("init")

    def skip_reason(self, source):
        self.at("skip_reason")

    def check_definition(self, source):
        self.at("check_definition")
        return ()

    def check_access(self, source, snapshot):
        self.at("check_access")
        return ()

    def files(self, source):
        self.at("files")
        return ()

    def rules(self, source):
        def wrong(id):
            self.at("wrong")
            return id.text == "no such"

        self.at("rules")
        yield Rule(f"{self.name}/wrong", ["id"], wrong=wrong, message="m", id="r")

    def folds(self, source):
        yield Counting(self)

    def check_history(self, source, summary, history):
        self.at("check_history")
        return ()


class First(Staged):
    name = "first"
    codes = (code("first"),)


class Second(Staged):
    name = "second"
    codes = (code("second"),)


class Third(Staged):
    name = "third"
    codes = (code("third"),)


class Fourth(Staged):
    name = "fourth"
    codes = (code("fourth"),)


@hookimpl
def potable_checkers():
    return [First, Second, Third, Fourth]
"""
RECORDS = 2_000

Define = Callable[..., None]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deadly")
    catalog = folder / "catalog"
    catalog.mkdir()
    (catalog / "data.csv").write_text("id,name\n" + "".join(f"{n},name {n}\n" for n in range(RECORDS)))
    (folder / "plugin.py").write_text(PLUGIN)
    return folder


@pytest.fixture
def source(request: pytest.FixtureRequest) -> str:
    """The test's own source."""
    return re.sub(r"\W", "-", request.node.name)


@pytest.fixture
def define(folder: Path, source: str) -> Define:
    """``define(first=("exit", "update"))``: how a checker dies, and at which stage."""

    def define(**deaths: tuple[str, str]) -> None:
        checks = "".join(f"  {name}: {{how: {how}, at: {at}}}\n" for name, (how, at) in deaths.items())
        text = f"resourceID: {source}\ningestMethod: CSV\ningestURL: data.csv\n"
        (folder / "catalog" / f"{source}.yaml").write_text(text + (f"checks:\n{checks}" if checks else ""))

    define()
    return define


def make(folder: Path, **given: Any) -> Service:
    settings = Settings(
        catalog=str(folder / "catalog"), store=sqlite_url(folder / "runs.db"), state=folder, without=("checkers",),
        plugins=(folder / "plugin.py",),
    )  # fmt: skip
    limits = Limits(run_seconds=60.0, chunk_bytes=4096)
    return Service(settings, **{"executor": "forkserver", "limits": limits, "jobs": 1, **given})


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[Service]:
    """One for many tests, so that what runs import is imported once."""
    with make(folder) as service:
        yield service


def lines(report: Report) -> dict[str, tuple[str, str]]:
    names = ("first", "second", "third", "fourth")
    return {c.checker: (c.status, c.reason) for c in report.coverage if c.checker in names}


def check(run: Run, report: Report, *dead: str) -> None:
    """The others have seen everything, the dead ones stand as crashed, and it's all one attempt of one run."""
    assert (run.state, run.attempt, run.losses, run.verdict) == (RunState.FINISHED, 1, 0, "failed")
    found = lines(report)
    assert {name for name, (status, _) in found.items() if status == "crashed"} == set(dead)
    alive = sorted(found.keys() - set(dead))
    assert sorted((f.checker, f.samples[0].message) for f in report.findings) == [
        (name, f"{RECORDS} records") for name in alive
    ]
    assert report.counts.records == RECORDS
    assert report.why[-1] == f"Not everything was checked: {', '.join(dead)} crashed (see the coverage)."


STAGES = (
    "init",
    "skip_reason",
    "check_definition",
    "check_access",
    "files",
    "rules",
    "wrong",
    "update",
    "merge",
    "finish",
)


@pytest.mark.parametrize("stage", STAGES)
def test_at_every_stage(service: Service, define: Define, source: str, stage: str) -> None:
    define(second=("exit", stage))
    run, report = service.run_now(source)
    check(run, report, "second")
    assert lines(report)["second"] == ("crashed", "it ended its process: exit code 0")


def test_beside_earlier_runs(service: Service, define: Define, source: str) -> None:
    run, _ = service.run_now(source)
    service.accept(run.run_id)
    define(second=("exit", "check_history"))
    again, report = service.run_now(source)
    check(again, report, "second")


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("exit", "it ended its process: exit code 0"),
        ("segfault", "it ended its process: signal 11 (SIGSEGV) (in string_at, __init__.py:"),
        ("abort", "it ended its process: signal 6 (SIGABRT) (in die, plugin.py:"),
        ("close", "it broke its process: it closed its channel"),
    ],
)
def test_in_every_way(service: Service, define: Define, source: str, how: str, reason: str) -> None:
    define(second=(how, "update"))
    run, report = service.run_now(source)
    check(run, report, "second")
    assert lines(report)["second"][1].startswith(reason)
    define()
    run, report = service.run_now(source)
    assert [c for c in report.coverage if c.status == "crashed"] == []


def test_a_forked_process_is_no_other(folder: Path, define: Define, source: str) -> None:
    define(second=("segfault", "finish"))
    program = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]); import test_deadly as t\n"
        "with t.make(Path(sys.argv[2]), executor=None) as service:\n"
        "    t.check(*service.run_now(sys.argv[3]), 'second'); print(service.executor)"
    )
    command = [sys.executable, "-c", program, str(Path(__file__).parent), str(folder), source]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("fork\n", 0), done.stderr
    assert "the run is made again without second" in done.stderr


def test_among_threads_the_one_that_did_it_is_found(folder: Path, define: Define, source: str) -> None:
    """With chunks worked on side by side several checkers are at work; innocent ones aren't left out."""
    define(third=("exit", "update"))
    with make(folder, jobs=4) as service:
        check(*service.run_now(source), "third")


def test_several_of_them(service: Service, define: Define, source: str) -> None:
    define(first=("exit", "update"), third=("segfault", "finish"), fourth=("exit", "check_access"))
    run, report = service.run_now(source)
    check(run, report, "first", "third", "fourth")
    assert lines(report)["third"][1].startswith("it ended its process: signal 11")


def test_too_many_of_them_end_the_run(service: Service, define: Define, source: str) -> None:
    define(**dict.fromkeys(("first", "second", "third", "fourth"), ("exit", "update")))
    with pytest.raises(EngineFault, match="while the checker fourth was at work"):
        service.run_now(source)
    (run,) = service.history(source)
    assert (run.state, run.reason, run.attempt) == (RunState.ERROR, Reason.CRASHED, 1)
    assert run.message == (
        "the run's process exited with status 0 before it had a report while the checker fourth was at work"
    )


def test_the_deadline_may_pass_in_a_later_try(folder: Path, define: Define, source: str) -> None:
    define(first=("exit", "finish"), second=("hang", "check_access"))
    with make(folder, limits=Limits(run_seconds=8)) as service:
        message = "no end after 8 seconds: it was stopped while the checker second was at work"
        with pytest.raises(EngineFault, match=message):
            service.run_now(source)
        (run,) = service.history(source)
    assert (run.state, run.reason, run.message) == (RunState.ERROR, Reason.TIMED_OUT, message)


def test_a_run_can_be_cancelled_at_its_second_try(folder: Path, define: Define, source: str) -> None:
    define(first=("exit", "update"), second=("hang", "finish"))
    tries = folder / "tries"
    tries.unlink(missing_ok=True)
    with make(folder) as service:
        worker = Worker(service, children=1)
        worker.start()
        run = service.start(source)
        while not tries.exists():
            time.sleep(0.01)
        service.cancel(run.run_id)
        while worker.running:
            time.sleep(0.01)
        worker.stop()
        assert service.run(run.run_id).state is RunState.CANCELLED


def test_a_worker_does_the_same(folder: Path, define: Define, source: str) -> None:
    define(second=("segfault", "update"))
    with make(folder) as service:
        worker = Worker(service, children=1)
        worker.start()
        run = service.start(source)
        while service.run(run.run_id).ongoing:
            worker.wake()
        worker.stop()
        check(service.run(run.run_id), service.report(source), "second")


def test_one_that_eats_all_memory(folder: Path, define: Define, source: str) -> None:
    """What it holds is never given back: the others couldn't go on in that process."""
    define(second=("hoard", "update"))
    with make(folder, memory=3 << 30) as service:
        run, report = service.run_now(source)
    check(run, report, "second")
    reason = lines(report)["second"][1]
    told = r"MemoryError( \(plugin\.py:\d+\))?|it used up the memory that its process may have|.*SIGABRT.*"
    assert re.fullmatch(told, reason)


@pytest.fixture
def small_group() -> Iterator[Path]:
    """A control group with 256 MiB of memory."""
    for root, limit in (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")):
        group = Path(root, f"potable-test-{os.getpid()}")
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            (group / limit).write_text(str(256 << 20))
        except OSError:
            group.rmdir()
            continue
        yield group
        group.rmdir()
        return
    pytest.skip("needs control groups and the right to make one")


def test_one_that_the_system_kills_for_want_of_memory(
    folder: Path, define: Define, source: str, small_group: Path
) -> None:
    define(second=(str(small_group), "update"))
    with make(folder) as service:
        run, report = service.run_now(source)
    check(run, report, "second")
    assert lines(report)["second"][1] == "it ended its process: signal 9 (SIGKILL), out of memory"
