"""A command in whose own process others' plugins are at work ends as it says, or is told to have been ended."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(signal, "sigtimedwait"), reason="needs sigtimedwait")

PLUGIN = """
import ctypes, os, signal, time
from pathlib import Path
from potable.engine import Checker, hookimpl
from potable.engine.contracts.catalog import Catalog, Reporter
from potable.engine.toolkit import from_mapping

potable_api = 1


def here(where):
    if where == os.environ.get("AT"):
        exec(os.environ["ACT"])


class Shelf(Catalog):
    name = "shelf"

    @classmethod
    def opens(cls, location):
        here("opens")
        return location.startswith("shelf:")

    @classmethod
    def open(cls, location):
        return cls()

    def ids(self):
        here("ids")
        return iter(["good", "bad"])

    def get(self, name):
        here("get")
        given = {"resourceID": name, "ingestMethod": "CSV", "ingestURL": f"{name}.csv"}
        return from_mapping(given, folder=Path("catalog"))


class Verdicts(Reporter):
    name = "verdicts"
    media_type = "text/plain"

    def render(self, report):
        here("render")
        return report.verdict


class Asking(Checker):
    name = "asking"

    def inputs(self, source):
        here("inputs")
        return ()

    def check_definition(self, source):
        here("definition")
        return ()


@hookimpl
def potable_catalogs():
    return [Shelf]


@hookimpl
def potable_reporters():
    return [Verdicts]


@hookimpl
def potable_checkers():
    return [Asking]
"""
IN_C = "ctypes.CDLL(None)._exit(0)"
ENDED = (
    "ENGINE ERROR: the command was ended in its midst, without a result ({how}); what can do so are plugins at work in "
    "its own process: odd (odd.py: checker asking, catalog shelf, reporter verdicts)\n"
)


@pytest.fixture
def odd(home: Path, lab, monkeypatch: pytest.MonkeyPatch):
    """Options of a run by others' plugins, of which one does something somewhere."""
    (home / "odd.py").write_text(PLUGIN)

    def argv(at: str = "", act: str = "") -> list[str]:
        monkeypatch.setenv("AT", at)
        monkeypatch.setenv("ACT", act)
        return ["--catalog", "shelf:", "--plugin", "odd.py", *lab[2:]]

    return argv


@pytest.mark.parametrize(
    ("at", "command"),
    [
        ("opens", ["run", "good"]),
        ("get", ["run", "good"]),
        ("ids", ["run", "--all"]),
        ("inputs", ["run", "good"]),
        ("render", ["run", "good", "--format", "verdicts"]),
        ("ids", ["sources"]),
        ("definition", ["sources"]),
        ("definition", ["lint"]),
    ],
)
def test_a_plugin_that_ends_the_command_in_c_is_told(shell, odd, at: str, command: list[str]) -> None:
    done = shell(*command, *odd(at, IN_C))
    assert (done.code, done.out, done.err) == (4, "", ENDED.format(how="exit code 0"))


def test_so_is_a_reporter_of_a_check(shell, odd) -> None:
    done = shell("check", "catalog/good.csv", "--format", "verdicts", *odd("render", IN_C)[2:])
    assert (done.code, done.out, done.err) == (4, "", ENDED.format(how="exit code 0"))


def test_so_is_one_that_dies_of_a_fault_in_c(shell, odd) -> None:
    done = shell("run", "good", *odd("get", "os.abort()"))
    assert (done.code, done.out, done.err) == (4, "", ENDED.format(how="signal 6 (SIGABRT) (in <module>, <string>:1)"))


@pytest.mark.parametrize(("act", "code"), [("os._exit(0)", 2), ("raise SystemExit(0)", 2)])
def test_what_can_be_held_is_held_in_the_copy_too(shell, odd, act: str, code: int) -> None:
    done = shell("run", "good", *odd("get", act))
    assert done.code == code
    assert done.err.startswith("potable: the catalogue's get('good') failed: ")


@pytest.mark.parametrize(("command", "code", "out"), [("good", 0, "passed"), ("bad", 1, "failed")])
def test_others_end_as_they_do_without_them(shell, odd, command: str, code: int, out: str) -> None:
    done = shell("run", command, "--format", "verdicts", "--plugin", "lab.py", *odd())
    assert (done.code, done.out, done.err) == (code, out, "")


def test_the_exit_code_is_told_before_exit_handlers_have_a_say(shell, odd) -> None:
    done = shell("run", "bad", "--plugin", "lab.py", *odd("get", f"import atexit; atexit.register(lambda: {IN_C})"))
    assert (done.code, done.err) == (1, "")


SLEEPING = "Path('asleep').write_text(str(os.getpid())); time.sleep(600)"


def _started(home: Path, argv: list[str]) -> subprocess.Popen[str]:
    program = Path(sys.executable).with_name("potable")
    process = subprocess.Popen([program, *argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not (home / "asleep").exists() or not (home / "asleep").read_text():
        assert process.poll() is None
        time.sleep(0.01)
    return process


@pytest.mark.parametrize(
    ("sent", "code", "said"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated"), (signal.SIGHUP, 143, "terminated")],
)
def test_a_signal_cancels_the_run(shell, home: Path, odd, sent: int, code: int, said: str) -> None:
    argv = odd("definition", SLEEPING)
    with _started(home, ["run", "good", *argv]) as process:
        process.send_signal(sent)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err.strip()) == (code, "", f"potable: {said}")
    status = json.loads(shell("status", "good", "--format", "json").out)
    assert (status["status"], status["state"], status["verdict"]) == ("Finished", "cancelled", None)


def test_a_signal_that_ends_the_command_at_once_does_so(home: Path, odd) -> None:
    argv = odd("definition", SLEEPING)
    with _started(home, ["lint", *argv]) as process:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (-signal.SIGTERM, "", "")


@pytest.mark.skipif(sys.platform != "linux", reason="others don't tell a process of its parent's end")
def test_the_copy_ends_with_a_command_that_is_killed(home: Path, odd) -> None:
    argv = odd("definition", SLEEPING)
    with _started(home, ["lint", *argv]) as process:
        process.kill()
    copy = Path(f"/proc/{(home / 'asleep').read_text()}")
    assert copy.name != str(process.pid)
    while copy.exists():
        time.sleep(0.01)
