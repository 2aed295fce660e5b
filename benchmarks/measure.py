"""Time and memory of a command: wall clock, processor time, and the peak of its whole process tree.

Memory is read from ``/proc`` every few milliseconds: the sum of the resident sets of all processes of the tree, which
counts a page that two share twice and so errs upwards. Elsewhere than on Linux it's None.
"""

from __future__ import annotations

import contextlib
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

INTERVAL = 0.005
PAGE = os.sysconf("SC_PAGE_SIZE")
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a command took.

    :param seconds: wall clock.
    :param cpu: user and system seconds, of the command and the processes that it waited for.
    :param peak: bytes, see the module.
    :param code: its exit code; negative: the signal that ended it.
    :param output: its standard output.
    :param errors: its standard error.
    """

    seconds: float
    cpu: float
    peak: int | None
    code: int
    output: str
    errors: str


def command(argv: Sequence[str], env: Mapping[str, str] | None = None) -> Measured:
    """Run a command to its end."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        process = subprocess.Popen(argv, stdout=out, stderr=err, cwd=ROOT, env={**_environment(), **(env or {})})
        peak = 0
        while True:
            peak = max(peak, _tree(process.pid))
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            time.sleep(INTERVAL)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return Measured(
            seconds=seconds, cpu=usage.ru_utime + usage.ru_stime, peak=peak or None, code=process.returncode,
            output=out.read().decode(errors="replace"), errors=err.read().decode(errors="replace"),
        )  # fmt: skip


def python(*arguments: str) -> Measured:
    """Run this Python with ``arguments``."""
    return command([sys.executable, *arguments])


def script(name: str) -> str:
    """The path of a command that is installed beside this Python."""
    return str(Path(sys.executable).parent / name)


def median(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)


def _environment() -> dict[str, str]:
    """Ours, but for what would make Python compile modules anew each time."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _tree(pid: int) -> int:
    total = 0
    pending = [pid]
    while pending:
        one = pending.pop()
        with contextlib.suppress(OSError, ValueError):
            folder = Path(f"/proc/{one}")
            total += int((folder / "statm").read_text().split()[1]) * PAGE
            for task in (folder / "task").iterdir():
                with contextlib.suppress(OSError):
                    pending += map(int, re.findall(r"\d+", (task / "children").read_text()))
    return total
