"""What plugins do to a process when they're loaded is tried in a copy of it, and put back."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

PROGRAM = """
import json, sys
from potable.engine.executors import trial
from potable.engine.plugins import load_plugins

class Guard:
    put_back = staticmethod(trial.put_back)
    deadly = staticmethod(lambda steps: trial.deadly(steps, float(sys.argv[1])))

plugins = load_plugins(sys.argv[2:-1], entry_points=False, guard=lambda: Guard)
{then}
"""
HOOKS = """
from potable.engine import hookimpl
potable_api = 1
@hookimpl
def potable_checkers():
    {act}
    return []
"""
LEAVE = "import ctypes; ctypes.CDLL(None)._exit(0)"
"""As a library in C does it: no exception, no exit handler."""
ENDED = "it ended the process while it was loaded"


def loaded(folder: Path, act: str = "pass", *, hook: str = "pass", then: str = "", seconds: float = 60) -> list[str]:
    """What a process of its own prints that loads a plugin under guard, and its errors."""
    (folder / "odd.py").write_text(f"import os, signal, sys\n{act}\n{HOOKS.format(act=hook)}")
    program = PROGRAM.format(then=then)
    arguments = [sys.executable, "-c", program, str(seconds), str(folder / "odd.py"), ""]
    done = subprocess.run(arguments, capture_output=True, text=True, cwd=folder, check=False)
    last = (done.stderr.strip().splitlines() or [""])[-1]
    return [str(done.returncode), done.stdout.strip(), last.replace(str(folder) + os.sep, "")]


@pytest.mark.parametrize(
    ("act", "how"),
    [
        (LEAVE, f"{ENDED}: exit code 0"),
        ("os.execv(sys.executable, [sys.executable, '-c', ''])", f"{ENDED}: exit code 0"),
        ("os.abort()", f"{ENDED}: signal 6 (SIGABRT) (in <module>, odd.py:2)"),
        ("os.closerange(3, 256)", "it closed files of this process, which aren't its own, while it was loaded"),
        ("os.kill(os.getpid(), signal.SIGKILL)", f"{ENDED}: signal 9 (SIGKILL)"),
        ("sys.exit(0)", "it called exit(0) while being imported"),
        ("os._exit(0)", "it called os._exit(0) while being imported"),
    ],
    ids=["exit-in-c", "exec", "abort", "close", "kill", "exit", "os-exit"],
)
def test_a_plugin_that_ends_the_process_is_a_load_error(act: str, how: str, tmp_path: Path) -> None:
    assert loaded(tmp_path, act) == ["1", "", f"potable.engine.errors.PluginError: plugin file odd.py: {how}"]


def test_so_is_one_whose_hook_does(tmp_path: Path) -> None:
    assert loaded(tmp_path, hook=LEAVE)[2].endswith(f"plugin file odd.py: {ENDED}: exit code 0")


def test_so_is_one_that_never_ends_even_where_it_has_left_a_process_behind(tmp_path: Path) -> None:
    act = "import time\nif os.fork() == 0:\n    time.sleep(600)\nwhile True: pass"
    assert loaded(tmp_path, act, seconds=0.3)[2].endswith("plugin file odd.py: it wasn't loaded within 0.3 seconds")


def test_what_a_dead_one_left_behind_is_not_waited_for(tmp_path: Path) -> None:
    act = f"import time\nif os.fork() == 0:\n    time.sleep(600)\n{LEAVE}"
    assert loaded(tmp_path, act)[2].endswith(f"{ENDED}: exit code 0")


@pytest.mark.skipif(sys.platform != "linux", reason="others don't tell a process of its parent's end")
def test_the_copy_ends_with_a_process_that_is_killed(tmp_path: Path) -> None:
    """At an endless import it would go on for good."""
    pid = tmp_path / "pid"
    (tmp_path / "odd.py").write_text(
        f"import os, pathlib\npathlib.Path({str(tmp_path / 'new')!r}).write_text(str(os.getpid()))\n"
        f"os.replace({str(tmp_path / 'new')!r}, {str(pid)!r})\nwhile True: pass\n"
    )
    arguments = [sys.executable, "-c", PROGRAM.format(then=""), "600", str(tmp_path / "odd.py"), ""]
    with subprocess.Popen(arguments) as process:
        while not pid.exists():
            time.sleep(0.01)
        process.kill()
    while Path(f"/proc/{pid.read_text()}").exists():
        time.sleep(0.01)


def test_one_that_is_found_by_entry_point_leaves_the_others_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, act in {"aaa": LEAVE, "bbb": "sys.stdout.write('seen once')", "ccc": "os.abort()"}.items():
        (tmp_path / f"{name}.py").write_text(f"import os, sys\n{act}\n{HOOKS.format(act='pass')}")
        info = tmp_path / f"{name}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        (info / "entry_points.txt").write_text(f"[potable]\n{name} = {name}\n")
    program = """
import json
from potable.engine.executors import trial
from potable.engine.plugins import load_plugins
plugins = load_plugins(guard=lambda: trial)
print(json.dumps([[r.name, r.status, r.reason] for r in plugins.records if r.dist in ("aaa", "bbb", "ccc")]))
"""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert out.strip() == (
        f'seen once[["aaa", "load-error", "{ENDED}: exit code 0"], ["bbb", "loaded", ""], '
        f'["ccc", "load-error", "{ENDED}: signal 6 (SIGABRT) (in <module>, ccc.py:2)"]]'
    )


@pytest.mark.parametrize(
    ("act", "shown", "value"),
    [
        ("os.chdir('/')", "import os; print(os.getcwd())", None),
        (
            "signal.signal(signal.SIGINT, signal.SIG_IGN)",
            "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)", "True",
        ),
        ("os.umask(0o077); os.umask(0o777)", "import os; print(os.umask(0) == 0o777)", "False"),
        ("os.close(1)", "print('there')", "there"),
        ("sys.stdout.close()", "print('there')", "there"),
        ("sys.stdout = open(os.devnull, 'w')", "print('there')", "there"),
        ("os.dup2(2, 1)", "print('there')", "there"),
    ],
    ids=["folder", "signal", "umask", "descriptor", "stream", "another-stream", "another-file"],
)  # fmt: skip
def test_what_a_plugin_changes_in_the_process_is_put_back(
    act: str, shown: str, value: str | None, tmp_path: Path
) -> None:
    assert loaded(tmp_path, act, then=shown) == ["0", str(tmp_path) if value is None else value, ""]


def test_the_locale_is_put_back(tmp_path: Path) -> None:
    act = "import locale; locale.setlocale(locale.LC_ALL, 'C')"
    before = subprocess.run(
        [sys.executable, "-c", "import locale; print(locale.setlocale(locale.LC_ALL))"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    assert before
    assert loaded(tmp_path, act, then="import locale; print(locale.setlocale(locale.LC_ALL))")[1] == before
