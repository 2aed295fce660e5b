"""What the tests of the packaging share."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent

PLAIN = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""The environment of a pytest as an author has it, who installed nothing else."""

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a command with a state folder of its own; returns its exit code and output."""

    def run_command(
        *argv: str | Path, cwd: Path = ROOT, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        own = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("POTABLE_", "COLUMNS"))},
            "POTABLE_STATE": str(tmp_path / "state"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            **(env or {}),
        }
        return subprocess.run(argv, cwd=cwd, env=own, text=True, capture_output=True, timeout=240, check=False)

    return run_command
