"""What a run had to import is there already in the processes of later ones; and else nothing is different."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("resource", reason="a run's own process needs a POSIX system")
if sys.platform != "linux":
    pytest.skip("reads /proc", allow_module_level=True)

from potable.engine.executors import nursery
from potable.engine.executors.contract import Ending, Outcome
from potable.engine.executors.process import ProcessExecutor

HERE = str(Path(__file__).parent)
LONG = 60.0
NAMES = [f"potable_lesson_{n}" for n in range(nursery.FEWEST)]
NOTE = "import os, pathlib\nwith open({log!r}, 'a') as log: log.write(f'{{os.getpid()}} {{__name__}}\\n')\n"


class Modules:
    """Modules that note which process imports them."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._log = folder, folder / "log"
        self._log.touch()

    def write(self, *names: str, then: str = "") -> None:
        for name in names:
            (self._folder / f"{name}.py").write_text(NOTE.format(log=str(self._log)) + then)

    def imported(self, name: str) -> list[int]:
        """The processes that have imported it, in order."""
        lines = (line.split() for line in self._log.read_text().splitlines())
        return [int(pid) for pid, imported in lines if imported == name]


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Modules:
    monkeypatch.syspath_prepend(HERE)
    monkeypatch.syspath_prepend(str(tmp_path))
    made = Modules(tmp_path)
    made.write(*NAMES)
    return made


@pytest.fixture(params=["fork", "forkserver"])
def executor(request: pytest.FixtureRequest, modules: Modules) -> Iterator[ProcessExecutor]:
    executor = ProcessExecutor("potable_test_work:work", start=request.param)
    yield executor
    executor.close()


def run(executor: ProcessExecutor, do: str, seconds: float = LONG, **job: Any) -> Outcome:
    return executor.execute({"do": do, **job}, seconds=seconds, progress=lambda _: None, stop=lambda: False)


def imports(executor: ProcessExecutor, *names: str) -> Mapping[str, Any]:
    outcome = run(executor, "imports", names=[*NAMES, *names])
    assert outcome.report is not None, outcome
    return outcome.report


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def await_gone(*pids: int) -> None:
    """Wait until the processes have ended; the test's time limit ends it otherwise."""
    pause = threading.Event()
    while not all(map(gone, pids)):
        pause.wait(0.01)


def test_what_one_run_imports_is_there_in_the_next(executor: ProcessExecutor, modules: Modules) -> None:
    first, second, third = (imports(executor) for _ in range(3))
    assert (first["new"], second["new"], third["new"]) == (NAMES, [], [])
    heir = second["nursery"]
    assert first["nursery"] != heir == third["nursery"]
    assert all(len(modules.imported(name)) == 2 and modules.imported(name)[1] == heir for name in NAMES)
    executor.close()
    await_gone(heir)


def test_a_single_run_costs_nothing_more(executor: ProcessExecutor, modules: Modules) -> None:
    imports(executor)
    executor.close()
    assert all(len(modules.imported(name)) == 1 for name in NAMES)


def test_further_lessons_are_learnt_too(executor: ProcessExecutor, modules: Modules) -> None:
    more = [f"potable_further_{n}" for n in range(nursery.FEWEST)]
    modules.write(*more)
    nurseries = [imports(executor)["nursery"], imports(executor)["nursery"]]
    third = imports(executor, *more)
    assert third["new"] == more
    fourth = imports(executor, *more)
    assert fourth["new"] == []
    assert len({*nurseries, third["nursery"], fourth["nursery"]}) == 3


def test_a_few_modules_are_not_worth_it(executor: ProcessExecutor) -> None:
    few = NAMES[:1]
    reports = [run(executor, "imports", names=few).report or {} for _ in range(2)]
    assert [r["new"] for r in reports] == [few, few]


def test_libraries_of_ours_leave_a_process_that_may_be_copied(executor: ProcessExecutor) -> None:
    """So JSON and XML are worked on by copies as before."""
    names = ["polars", "pyarrow.csv", "pyarrow.parquet", "numpy", "lxml.etree", "orjson", "msgspec"]
    reports = [imports(executor, *names) for _ in range(2)]
    assert [r["may_fork"] for r in reports] == [True, True]
    assert reports[1]["new"] == []


@pytest.mark.parametrize(
    "then",
    [
        "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()",
        "file = open(os.devnull)",
        "import subprocess, sys; process = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE)",
        "if pathlib.Path({log!r}).read_text().count(__name__) > 1: os._exit(0)",
        "if pathlib.Path({log!r}).read_text().count(__name__) > 1: os.kill(os.getpid(), 9)",
    ],
    ids=["thread", "file", "process", "exit", "killed"],
)
def test_what_cannot_be_copied_is_imported_by_each_run(
    executor: ProcessExecutor, modules: Modules, then: str, tmp_path: Path
) -> None:
    then = then.replace("{log!r}", repr(str(tmp_path / "log"))).replace("> 1", "== 2")  # only when it's imported ahead
    modules.write("potable_unfit", then=then)
    reports = [imports(executor, "potable_unfit") for _ in range(3)]
    assert [r["new"] for r in reports] == [[*NAMES, "potable_unfit"]] * 3
    assert len({r["nursery"] for r in reports}) == 1
    assert len(modules.imported("potable_unfit")) == 4  # once in vain


def test_what_is_imported_ahead_sees_no_secret(modules: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POTABLE_STORE", "postgresql://user:secret@host/db")
    modules.write("potable_curious", then="assert 'POTABLE_STORE' not in os.environ")
    executor = ProcessExecutor("potable_test_work:work", start="fork")
    reports = [imports(executor, "potable_curious") for _ in range(2)]
    executor.close()
    assert reports[1]["new"] == []


def test_an_import_that_hangs_holds_nothing_up(modules: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nursery, "PATIENCE", 0.5)
    log = str(modules._log)
    hang = f"if pathlib.Path({log!r}).read_text().count(__name__) == 2: import threading; threading.Event().wait()"
    modules.write("potable_unfit", then=hang)
    executor = ProcessExecutor("potable_test_work:work", start="fork")
    reports = [imports(executor, "potable_unfit") for _ in range(3)]
    executor.close()
    assert [r["new"] for r in reports] == [[*NAMES, "potable_unfit"]] * 3
    await_gone(*modules.imported("potable_unfit"))


@pytest.mark.parametrize("then", ["raise ValueError", "raise SystemExit"])
def test_an_import_that_fails_is_left_out(executor: ProcessExecutor, modules: Modules, then: str) -> None:
    log = str(modules._log)
    condition = f"if pathlib.Path({log!r}).read_text().count(__name__) == 2: {then}"
    modules.write("potable_unfit", then=condition)
    reports = [imports(executor, "potable_unfit") for _ in range(3)]
    assert [r["new"] for r in reports] == [[*NAMES, "potable_unfit"], ["potable_unfit"], ["potable_unfit"]]


def test_a_later_run_is_confined_as_the_first(executor: ProcessExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    cold = run(executor, "surroundings").report
    imports(executor)
    heir = imports(executor)["nursery"]
    assert run(executor, "surroundings").report == cold
    assert run(executor, "segfault").ending is Ending.CRASHED
    said: list[Mapping[str, Any]] = []
    job = {"do": "leaves_children", "then": "hang"}
    assert executor.execute(job, seconds=LONG, progress=said.append, stop=lambda: bool(said)).ending is Ending.STOPPED
    await_gone(*said[0]["pids"])
    assert run(executor, "hang", seconds=0.5).ending is Ending.TIMED_OUT
    assert imports(executor)["nursery"] == heir


def test_when_the_heir_is_killed_the_nursery_goes_on(executor: ProcessExecutor) -> None:
    first, second = imports(executor)["nursery"], imports(executor)["nursery"]
    pids: list[int] = []

    def progress(said: Mapping[str, Any]) -> None:
        pids.append(said["pid"])
        os.kill(second, signal.SIGKILL)

    outcome = executor.execute({"do": "hang"}, seconds=LONG, progress=progress, stop=lambda: False)
    assert (outcome.ending, outcome.message) == (Ending.LOST, "the run's process vanished with its fork server")
    await_gone(*pids)
    assert imports(executor)["nursery"] == first


def test_the_heir_dies_with_the_nursery(executor: ProcessExecutor) -> None:
    first, second = imports(executor)["nursery"], imports(executor)["nursery"]
    os.kill(first, signal.SIGKILL)
    await_gone(second)
    assert imports(executor)["new"] == NAMES


@pytest.fixture
def under_way(executor: ProcessExecutor) -> Iterator[Callable[[], dict[str, Any]]]:
    """Starts a run that hangs, in a thread, and gives what becomes known of it."""
    threads: list[threading.Thread] = []
    stop = threading.Event()

    def start() -> dict[str, Any]:
        known: dict[str, Any] = {"stop": stop}
        began = threading.Event()

        def progress(said: Mapping[str, Any]) -> None:
            known["pid"] = said["pid"]
            began.set()

        def hang() -> None:
            known["outcome"] = executor.execute({"do": "hang"}, seconds=LONG, progress=progress, stop=stop.is_set)

        threads.append(threading.Thread(target=hang))
        threads[-1].start()
        assert began.wait(LONG)
        known["thread"] = threads[-1]
        return known

    yield start
    stop.set()
    for thread in threads:
        thread.join()


def test_runs_under_way_are_looked_after(executor: ProcessExecutor, under_way: Callable[[], dict[str, Any]]) -> None:
    """Those of the nursery itself, when the heir has taken over."""
    hanging = under_way()
    imports(executor)
    assert imports(executor)["new"] == []
    assert not gone(hanging["pid"])
    hanging["stop"].set()
    hanging["thread"].join()
    assert hanging["outcome"].ending is Ending.STOPPED
    await_gone(hanging["pid"])


def test_closing_ends_the_runs_of_both(executor: ProcessExecutor, under_way: Callable[[], dict[str, Any]]) -> None:
    old = under_way()
    imports(executor)
    heir = imports(executor)["nursery"]
    new = under_way()
    executor.close()
    for hanging in (old, new):
        hanging["thread"].join()
        assert hanging["outcome"].ending is Ending.LOST
    await_gone(old["pid"], new["pid"], heir)
