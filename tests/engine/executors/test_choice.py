"""Forking is chosen only where a copy of the process works."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.mark.parametrize(
    ("before", "chosen"),
    [
        ("pass", "fork"),
        ("import polars, pyarrow.csv, numpy", "fork"),
        ("import polars; polars.DataFrame({'a': [1]}).lazy().select('a').collect()", "forkserver"),
        ("import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()", "forkserver"),
        ("import os; del os.fork", "inline"),
    ],
    ids=["fresh", "imported", "queried", "threads", "no fork"],
)
def test_best(before: str, chosen: str) -> None:
    program = f"{before}\nfrom potable.engine.executors.choice import best\nprint(best())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == (chosen, "")
