"""The real pipeline in the real processes: faulty checkers, killed commands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from potable.engine.errors import EngineFault
from potable.engine.limits import Limits
from potable.engine.running.owner import remove_abandoned
from potable.engine.running.supervision import Pace
from potable.engine.runs import Reason, RunState
from potable.engine.service import Service
from potable.engine.settings import Settings, sqlite_url
from potable.engine.worker import Worker

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

PLUGIN = """
import ctypes, os, sys, time
from pathlib import Path
from potable.engine import Checker, Code, Occurrence, Severity, hookimpl

potable_api = 1


def code(name):
    return Code(id=f"{name}/wrong", severity=Severity.ERROR, title="t", meaning="m", why="w", example="e", mend="d")


class Faulty(Checker):
    name = "faulty"
    codes = (code("faulty"),)
    options_schema = {"type": "object"}

    def check_access(self, source, snapshot):
        do = self.options.get("do")
        if do == "raise":
            raise ValueError("no")
        if do == "exit":
            os._exit(0)
        if do == "system-exit":
            sys.exit(0)
        if do == "segfault":
            ctypes.string_at(0)
        if do == "hang":
            Path(self.options["pidfile"]).write_text(str(os.getpid()))
            ctypes.PyDLL(None).sleep(3600)
        return [Occurrence("faulty/wrong", "always")]


class Sound(Checker):
    name = "sound"
    codes = (code("sound"),)

    def check_access(self, source, snapshot):
        return [Occurrence("sound/wrong", "always")]


@hookimpl
def potable_checkers():
    return [Faulty, Sound]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    catalog = tmp_path / "catalog"
    catalog.mkdir()
    (catalog / "data.csv").write_text("id,name\n1,a\n2,b\n")
    (tmp_path / "plugin.py").write_text(PLUGIN)
    return tmp_path


@pytest.fixture
def define(folder: Path) -> Callable[..., None]:
    def define(do: str = "", pidfile: str = "") -> None:
        (folder / "catalog" / "s.yaml").write_text(
            "resourceID: S\ningestMethod: CSV\ningestURL: data.csv\n"
            f"checks: {{faulty: {{do: '{do}', pidfile: '{pidfile}'}}}}\n"
        )

    define()
    return define


def settings(folder: Path) -> Settings:
    store = sqlite_url(folder / "runs.db")
    return Settings(catalog=str(folder / "catalog"), store=store, state=folder, plugins=(folder / "plugin.py",))


@pytest.fixture
def service(folder: Path, define: Any) -> Iterator[Service]:
    with Service(settings(folder), executor="forkserver", limits=Limits(run_seconds=60.0)) as service:
        yield service


def test_a_sound_run(service: Service) -> None:
    run, report = service.run_now("S")
    assert (run.state, report.verdict, report.counts.records) == (RunState.FINISHED, "failed", 2)
    assert {f.code: f.count for f in report.findings} == {"faulty/wrong": 1, "sound/wrong": 1}
    again, _ = service.run_now("S")
    assert [s.records for s in service.store.summaries("S").runs] == [2, 2]
    assert service.report("S").run.run_id == again.run_id


def test_a_checker_that_raises_is_a_crash_in_the_coverage(service: Service, define: Any) -> None:
    define("raise")
    _, report = service.run_now("S")
    lines = {c.checker: (c.status, c.reason) for c in report.coverage}
    assert lines["faulty"][0] == "crashed"
    assert "ValueError: no" in lines["faulty"][1]
    assert {f.code for f in report.findings} == {"sound/wrong"}


def test_a_checker_that_hangs_is_named_at_the_deadline(service: Service, define: Any, folder: Path) -> None:
    define("hang", str(folder / "pid"))
    service.carrier.limits = Limits(run_seconds=8.0)
    message = "no end after 8 seconds: it was stopped while the checker faulty was at work"
    with pytest.raises(EngineFault, match=message):
        service.run_now("S")
    (run,) = service.history("S")
    assert (run.state, run.reason, run.message) == (RunState.ERROR, Reason.TIMED_OUT, message)
    define()
    assert service.run_now("S")[0].state is RunState.FINISHED


COMMAND = """
import sys
from pathlib import Path
from potable.engine.service import Service
from potable.engine.settings import Settings
catalog, store, plugin = sys.argv[1:]
settings = Settings(catalog=catalog, store=store, state=Path(catalog), plugins=(Path(plugin),))
with Service(settings) as service:
    service.run_now("S")
    print(service.executor)
"""


def test_a_fresh_command_forks(folder: Path, define: Any) -> None:
    """The default of a process that has no threads."""
    chosen = settings(folder)
    command = [sys.executable, "-c", COMMAND, str(chosen.catalog), chosen.store, str(folder / "plugin.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("fork\n", "", 0)
    with Service(chosen) as service:
        assert service.report("S").verdict == "failed"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_command_that_is_killed_leaves_nothing_behind(
    folder: Path, define: Any, until: Any, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    scratch, pidfile = folder / "tmp", folder / "pid"
    scratch.mkdir()
    define("hang", str(pidfile))
    chosen = settings(folder)
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(chosen.catalog), chosen.store, str(folder / "plugin.py")],
        env={**os.environ, "TMPDIR": str(scratch)},
        stderr=subprocess.DEVNULL,
    )
    pid = int(until(lambda: pidfile.exists() and pidfile.read_text()))
    process.send_signal(number)
    process.wait()
    until(lambda: not Path(f"/proc/{pid}").exists())
    define()
    with Service(chosen, executor="forkserver") as service:
        assert service.status("S").status == "Finished"  # at once, not only when its lease ends
        (run,) = service.history("S")
        if number is signal.SIGKILL:
            assert (run.state, run.reason) == (RunState.ERROR, Reason.LOST)
            assert len(list(scratch.iterdir())) == 1
            remove_abandoned(scratch)
        else:
            assert (run.state, run.message) == (RunState.CANCELLED, "interrupted")
        assert list(scratch.iterdir()) == []
        monkeypatch.setattr(tempfile, "tempdir", str(scratch))
        assert service.run_now("S")[0].state is RunState.FINISHED
        assert list(scratch.iterdir()) == []


LISTENER = """
import os, sys, threading, time
from pathlib import Path
from potable.engine import hookimpl

potable_api = 1
HERE = Path(__file__).parent


@hookimpl
def potable_run_finished(run, report):
    do = (HERE / "do").read_text()
    print(f"{do} {run.resource_id} {report.verdict}", os.environ.get("PGPASSWORD"))
    if do == "exit":
        os._exit(0)
    if do == "interrupt":
        raise KeyboardInterrupt
    if do == "hang":
        (HERE / "hung").touch()
        time.sleep(3600)
    if do == "thread":
        def later():
            time.sleep(0.3)
            (HERE / "later").touch()
        threading.Thread(target=later).start()
"""


@pytest.fixture
def listened(folder: Path, define: Any) -> Iterator[Service]:
    (folder / "listener.py").write_text(LISTENER)
    own = replace(settings(folder), plugins=(folder / "listener.py",))
    with Service(own, executor="forkserver", limits=Limits(run_seconds=60.0), pace=Pace(poll=0.05)) as service:
        yield service


@pytest.mark.parametrize(
    ("do", "told"),
    [
        ("exit", "plugin listener: potable_run_finished broke off: it ended its process: exit code 0"),
        ("interrupt", "plugin listener: potable_run_finished raised KeyboardInterrupt"),
        ("hang", "plugin listener: potable_run_finished hadn't ended after 2 seconds and was stopped"),
        ("thread", ""),
    ],
)
def test_whatever_a_plugin_does_at_the_end_of_a_run_it_has_ended(
    listened: Service,
    folder: Path,
    do: str,
    told: str,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PGPASSWORD", "its own to use")
    (folder / "do").write_text(do)
    if do == "hang":
        listened.carrier.pace = Pace(notify=2.0)
    run, report = listened.run_now("S")
    assert (run.state, report.verdict) == (RunState.FINISHED, "passed")
    assert caplog.text.count("plugin listener: ") == bool(told)
    assert told in caplog.text
    if do == "thread":
        assert (folder / "later").exists()
        assert capsys.readouterr().err == "thread S passed its own to use\n"


def test_a_worker_that_stops_waits_for_no_plugin(
    listened: Service, folder: Path, caplog: pytest.LogCaptureFixture, until: Callable[[Callable[[], Any]], Any]
) -> None:
    (folder / "do").write_text("hang")
    worker = Worker(listened, children=1)
    worker.start()
    run = listened.start("S")
    until((folder / "hung").exists)
    worker.stop(grace=0.1)
    assert listened.run(run.run_id).state is RunState.FINISHED
    assert "potable_run_finished was stopped, as its server was" in caplog.text


FRESH = """
import sys
from pathlib import Path
from potable.engine.service import Service
from potable.engine.settings import Settings

folder = Path(sys.argv[1])
settings = Settings(catalog=str(folder / "catalog"), store=f"sqlite:///{folder}/fresh.db", state=folder)
service = Service(settings, executor="forkserver")
_, report = service.run_now(sys.argv[2])
print([(c.checker, c.status, c.reason) for c in report.coverage if c.checker == "dead"], report.counts.records)
service.close()
"""


def test_a_plugin_that_ends_whatever_loads_it_ends_no_run_in_a_fresh_process(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It's known to, once it has ended the copy of the process that it was tried in."""
    (folder / "dead.py").write_text("import ctypes\nctypes.CDLL(None)._exit(0)\n")
    info = folder / "dead-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: dead\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[potable]\ndead = dead\n")
    (folder / "catalog" / "fresh.json").write_text(
        '{"resourceID": "fresh", "ingestMethod": "CSV", "ingestURL": "data.csv"}'
    )
    monkeypatch.setenv("PYTHONPATH", str(folder))
    done = subprocess.run(
        [sys.executable, "-c", FRESH, str(folder), "fresh"], capture_output=True, text=True, check=True
    )
    reason = "the plugin can't be used: it ended the process while it was loaded: exit code 0"
    assert done.stdout == f"{[('dead', 'crashed', reason)]} 2\n"
