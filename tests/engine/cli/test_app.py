"""The root command: help, mistakes, faults."""

from __future__ import annotations

import errno
import importlib
import os
import re
import resource
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

from potable.engine import __version__
from potable.engine.cli import app
from potable.engine.cli.signals import Terminated
from potable.engine.errors import EngineFault, PluginError, PotableError, StoreUnavailable


def test_help_lists_all_commands_with_their_own_words(potable) -> None:
    done = potable("--help")
    assert done.code == 0
    assert done.err == ""
    for name, (module, told) in app.COMMANDS.items():
        command = getattr(importlib.import_module(f"potable.engine.cli.{module}"), name.replace("-", "_"))
        assert isinstance(command, click.Command)
        assert command.short_help == told
        assert re.search(rf"^  {name} +{re.escape(told)}$", done.out, re.MULTILINE)


@pytest.mark.parametrize("name", app.COMMANDS)
def test_each_command_has_a_help_page(potable, name: str) -> None:
    done = potable(name, "--help")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"Usage: potable {name} ")


def test_help_imports_nothing_heavy() -> None:
    heavy = "polars|pyarrow|numpy|sqlalchemy|jsonschema|ruamel|urllib3|structlog|rich|jinja2|pluggy"
    code = (
        "import sys\nfrom potable.engine.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        f"print(sorted({{m.partition('.')[0] for m in sys.modules}} & set('{heavy}'.split('|'))), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


def test_version(potable) -> None:
    assert potable("--version").out == f"potable, version {__version__}\n"


def test_no_arguments_show_the_help_as_a_mistake(potable) -> None:
    done = potable()
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Usage: potable ")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["chek"], "potable: there is no command 'chek'; did you mean check? (see potable --help)"),
        (["run"], "potable: name the sources to run (potable sources lists them), or say --all or "
                  "--standing NAMES"),
        (["run", "x", "--catalgo", "."],
         "potable run: no such option '--catalgo'. Did you mean '--catalog'? (see potable run --help)"),
        (["run", "good", "--catalog", "catalog", "--format", "jsn"],
         "potable: there is no format 'jsn'; did you mean json?"),
        (["run", "good", "--catalog", "catalog", "--fail-on", "errors"],
         "potable run: invalid value for '--fail-on': 'errors' is not one of 'error', 'warning', 'never' "
         "(see potable run --help)"),
        (["run", "good", "--catalog", "catalog", "--limit-records", "0"],
         "potable run: invalid value for '--limit-records': 0 is not in the range x>=1 (see potable run --help)"),
        (["run", "good", "--catalog", "catalog", "--jobs", "0"],
         "potable run: invalid value for '--jobs': 0 is not in the range x>=1 (see potable run --help)"),
        (["run", "good", "--catalog", "catalog", "--output", "no/r.txt"],
         "potable: can't write no/r.txt: there is no folder {home}/no"),
        (["run", "good", "--catalog", "catalog", "--output", "catalog"],
         "potable: can't write catalog: it is a folder"),
        (["run", "good", "--catalog", "catalog", "--plugin", "lap.py"], "potable: there is no plugin file lap.py"),
        (["run", "good"], "potable: no catalog: name one with --catalog PATH or POTABLE_CATALOG "
                          "(the current folder holds no definitions)"),
        (["check", "catalog/good.csv", "--schema", "x.json"], "potable: there is no schema file x.json"),
        (["check", ""], "potable: check needs a file or URL"),
        (["plugins", "--no-plugin", "engnie"],
         "potable: --no-plugin: there is no plugin or checker 'engnie'; did you mean engine?"),
        (["run", "good", "--catalog", "catalog", "--no-plugin", "zzz"],
         "potable: --no-plugin: there is no plugin or checker 'zzz'; potable plugins lists all"),
        (["check", "catalog/good.csv", "--delimiter", ""],
         "potable: --delimiter needs a character, as in --delimiter ';'"),
        (["lint", "catalog", "--catalog", "catalog"], "potable: lint takes a PATH or --catalog, not both"),
        (["api-keys", "add", "--name", " "], "potable: a key needs a name: --name NAME"),
    ],
)  # fmt: skip
def test_a_mistake_gets_one_line(potable, home: Path, argv: list[str], said: str) -> None:
    done = potable(*argv)
    assert (done.code, done.out, done.err) == (2, "", said.format(home=home) + "\n")


@pytest.mark.parametrize(
    "error", [RuntimeError("it\x1b[31m broke"), EngineFault("timed-out"), StoreUnavailable("timed-out")]
)
def test_our_own_faults_are_engine_errors(potable, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("potable.engine.cli.session.settings", fail)
    done = potable("status", "x")
    assert (done.code, done.out) == (4, "")
    if isinstance(error, PotableError):
        assert done.err == "ENGINE ERROR: timed-out\n"
    else:
        assert done.err == "ENGINE ERROR: RuntimeError: it\\x1b[31m broke (--debug shows the traceback)\n"
    for argv in (["--debug", "status", "x"], ["status", "x", "--debug"]):
        done = potable(*argv)
        assert done.code == 4
        assert done.err.startswith("Traceback (most recent call last):\n")
        assert done.err.splitlines()[-1].startswith("ENGINE ERROR: ")


def test_what_to_do_about_a_refusal_of_the_system_is_told(potable, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("potable.engine.cli.session.settings", fail)
    done = potable("status", "x")
    assert done.code == 4
    assert "Too many open files: raise the limit of open files (ulimit -n) (--debug" in done.err


@pytest.mark.parametrize(
    ("error", "code"),
    [(MemoryError(), 4), (EngineFault("no report (lost)"), 4), (PluginError("x.py: MemoryError"), 4)],
)
def test_a_bound_on_memory_is_named_where_it_may_be_to_blame(
    potable, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("potable.engine.cli.session.settings", fail)
    said = "(it may have 67,108,864 MiB of memory only, by ulimit -v: raise that)"
    without = potable("status", "x")
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (1 << 46, hard))
    try:
        done = potable("status", "x")
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    assert (done.code, said in done.err, "ulimit -v" in without.err) == (code, True, False)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems don't keep to it")
@pytest.mark.parametrize("mebibytes", [100, 160])
def test_too_little_memory_to_load_anything_is_an_engine_error(home: Path, mebibytes: int) -> None:
    program = (
        f"import resource\nresource.setrlimit(resource.RLIMIT_AS, ({mebibytes} << 20,) * 2)\n"
        "from potable.engine.cli import main\nmain(['run', 'good', '--catalog', 'catalog'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == (
        "ENGINE ERROR: the libraries that read data need more than 192 MiB of memory "
        f"(it may have {mebibytes} MiB of memory only, by ulimit -v: raise that)\n"
    )


EARLY = """
import os, signal, sys
sys.argv = [sys.argv[1]]
if sys.argv[0].endswith("ignored"):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.argv = ["potable"]
from potable.engine.cli import early
signal.raise_signal(signal.SIGINT)
print("went on")
early.end()
signal.raise_signal(signal.SIGINT)
"""


@pytest.mark.parametrize(
    ("name", "code", "out", "err"),
    [
        ("/usr/bin/potable", 130, "", "potable: interrupted"),
        ("ignored", 0, "went on\n", ""),
        ("pipeline.py", -signal.SIGINT, "", "KeyboardInterrupt"),
    ],
)
def test_ctrl_c_while_the_command_is_imported_ends_it(name: str, code: int, out: str, err: str) -> None:
    done = subprocess.run([sys.executable, "-c", EARLY, name], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, (done.stderr.splitlines() or [""])[-1]) == (code, out, err)
    assert ("Traceback" in done.stderr) == (name == "pipeline.py")


def test_once_there_is_somebody_to_tell_ctrl_c_is_an_exception_again() -> None:
    program = (
        "import signal, sys\nsys.argv = ['potable']\nfrom potable.engine.cli import early\nearly.end()\n"
        "assert signal.getsignal(signal.SIGINT) is signal.default_int_handler"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize(
    ("leave", "told"), [(sys.exit, "SystemExit: 0"), (os._exit, "Left: os._exit(0) was called, perhaps by a plugin")]
)
def test_an_exit_of_a_plugin_is_no_verdict(potable, monkeypatch: pytest.MonkeyPatch, leave: object, told: str) -> None:
    # What is called is looked up late, as a plugin does.
    monkeypatch.setattr(
        "potable.engine.cli.session.settings", lambda *_, **__: sys.exit(0) if leave is sys.exit else os._exit(0)
    )
    done = potable("status", "x")
    assert (done.code, done.out) == (4, "")
    assert done.err == f"ENGINE ERROR: {told} (--debug shows the traceback)\n"


def test_what_a_plugin_does_at_the_end_changes_no_exit_code(shell, home: Path) -> None:
    (home / "late.py").write_text("import atexit, os\npotable_api = 1\natexit.register(lambda: os._exit(0))\n")
    done = shell("check", "catalog/gone.csv", "--plugin", "late.py")
    assert done.code == 3
    assert "os._exit(0)" in done.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no disk that is always full")
def test_a_full_disk_is_no_verdict(home: Path) -> None:
    program = Path(sys.executable).with_name("potable")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [program, "check", "catalog/good.csv"], stdout=full, stderr=subprocess.PIPE, timeout=60, check=False
        )
    assert done.returncode == 4
    assert done.stderr == (
        b"ENGINE ERROR: the result can't be written to the standard output: No space left on device\n"
    )


@pytest.mark.parametrize(("error", "code", "said"), [
    (KeyboardInterrupt(), 130, "potable: interrupted"),
    (Terminated(), 143, "potable: terminated"),
])  # fmt: skip
def test_signals_have_their_own_codes(
    potable, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, said: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("potable.engine.cli.session.settings", fail)
    done = potable("status", "x")
    assert (done.code, done.err.strip()) == (code, said)


def test_a_closed_pipe_is_quiet(shell, home: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    program = Path(sys.executable).with_name("potable")
    done = subprocess.run([program, "--help"], stdout=writing, stderr=subprocess.PIPE, timeout=60, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_an_output_that_knows_only_ascii(home: Path) -> None:
    (home / "ünïcode.csv").write_text("id\n1\n")
    program = Path(sys.executable).with_name("potable")
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [program, "check", "ünïcode.csv"], capture_output=True, env=environment, timeout=60, check=False
    )
    assert done.stderr == b""
    assert done.returncode == 0
    assert b"\\xfcn\\xefcode.csv" in done.stdout
    assert done.stdout.decode("ascii").splitlines()[-1].startswith("v PASSED  ")


def test_a_current_folder_that_was_deleted_is_named(potable, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = home / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    done = potable("check", "x.csv")
    assert (done.code, done.err) == (2, "potable: the current folder was deleted: change to one that is there\n")
