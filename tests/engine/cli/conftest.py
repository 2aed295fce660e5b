"""A folder with a small catalog, a plugin of one file, and the ``potable`` command, in this process or its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pytest

click = pytest.importorskip("click", reason="the command line is an extra: potable-engine[cli]")

LAB = """
from potable.engine import Checker, Code, Rule, Severity, hookimpl

potable_api = 1


def code(name, severity, **more):
    return Code(id=f"lab/{name}", severity=severity, title=f"Lab {name}", meaning=f"The value is {name}.",
                why="It spoils averages.", example="age\\\\n-1", mend="Correct the value.", **more)


class Lab(Checker):
    name = "lab"
    codes = (
        code("negative", Severity.ERROR),
        code("zero", Severity.WARNING, misses="Zeros written as words."),
        code("slow", Severity.INFO, default_on=False),
    )

    def rules(self, source):
        yield Rule("lab/negative", ["age"], wrong=lambda age: age.number < 0, message="{value} is below 0")
        yield Rule("lab/zero", ["age"], wrong=lambda age: age.number == 0, message="{value} is zero")


@hookimpl
def potable_checkers():
    return [Lab]
"""

FILES = {
    "lab.py": LAB,
    "catalog/good.csv": "id,age\n1,5\n2,6\n",
    "catalog/zero.csv": "id,age\n1,0\n2,6\n",
    "catalog/bad.csv": "id,age\n1,5\n2,-3\n3,-4\n4,0\n",
    "catalog/good.yaml": "resourceID: good\nname: Good birds\ningestMethod: CSV\ningestURL: good.csv\n",
    "catalog/zero.yaml": "resourceID: zero\nname: Zeros\ningestMethod: CSV\ningestURL: zero.csv\n",
    "catalog/bad.yaml": "resourceID: bad\nname: Bad birds\nowner: lab\ningestMethod: CSV\ningestURL: bad.csv\n",
    "catalog/gone.yaml": "resourceID: gone\nname: Gone birds\ningestMethod: CSV\ningestURL: gone.csv\n",
    "catalog/held.yaml": "resourceID: held\nname: Held\ningestMethod: CSV\ningestURL: good.csv\nhold: true\n",
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder of a test, with the files above, a store of its own and nothing set in the environment."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    for name in [n for n in os.environ if n.startswith("POTABLE_")]:
        monkeypatch.delenv(name)
    for name, value in {"POTABLE_STATE": str(tmp_path / "state"), "COLUMNS": "80", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@dataclass(frozen=True)
class Done:
    """What a command did."""

    code: int
    out: str
    err: str


Command = Callable[..., Done]


@pytest.fixture
def potable(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs the command line in this process, and the runs too, which saves each the start of a fork server.

    Of runs in processes of their own there are tests with ``shell`` and ``apart``.
    """
    for of in ("carrier", "apart"):
        monkeypatch.setattr(f"potable.engine.running.{of}.best", lambda: "inline")
    return _command(capsys)


@pytest.fixture
def apart(home: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs the command line in this process, and each run in one of its own."""
    return _command(capsys)


def _command(capsys: pytest.CaptureFixture[str]) -> Command:
    from potable.engine.cli.app import run

    def call(*argv: str) -> Done:
        capsys.readouterr()
        code = run(argv)
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return call


@pytest.fixture
def shell(home: Path) -> Iterator[Command]:
    """Runs the installed ``potable`` command as a shell would."""
    program = Path(sys.executable).with_name("potable")

    def call(*argv: str, **more: object) -> Done:
        done = subprocess.run([program, *argv], capture_output=True, timeout=60, **more)  # type: ignore[call-overload]
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


@pytest.fixture
def lab() -> list[str]:
    """Options that leave only the checker above in charge, whatever is installed."""
    others = [p.name for p in metadata.entry_points(group="potable") if p.name != "engine"]
    return ["--plugin", "lab.py", *(x for name in others for x in ("--no-plugin", name))]
