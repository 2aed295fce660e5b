"""Time and memory of a command: wall clock, processor time, and the peak of its whole process tree.

Memory is read from ``/proc`` while the command runs, in two ways: the sum of the resident sets of all processes of the
tree, which counts a page twice that a child shares with its parent, and the sum of their proportional sets, which
counts each page once. Elsewhere than on Linux both are None.
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
from dataclasses import dataclass, replace
from pathlib import Path

INTERVAL = 0.005
SHARE = 0.04
"""How much of a processor the watch may take at most: it isn't to be in the way of what it watches."""
PAGE = os.sysconf("SC_PAGE_SIZE")
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a command took.

    :param seconds: wall clock.
    :param cpu: user and system seconds, of the command and the processes that it waited for.
    :param peak: most bytes at a time, each page counted once.
    :param resident: most bytes of resident sets, shared pages counted in each process.
    :param code: its exit code; negative: the signal that ended it.
    :param output: its standard output.
    :param errors: its standard error.
    """

    seconds: float
    cpu: float
    peak: int | None
    resident: int | None
    code: int
    output: str
    errors: str


def command(argv: Sequence[str], env: Mapping[str, str] | None = None, *, memory: bool = True) -> Measured:
    """Run a command to its end.

    :param memory: watch its memory. That costs a command that keeps all processors busy some hundredths of its time.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        process = subprocess.Popen(argv, stdout=out, stderr=err, cwd=ROOT, env={**_environment(), **(env or {})})
        watch = _Watch(process.pid)
        while True:
            if memory:
                watch.look()
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            time.sleep(INTERVAL)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return Measured(
            seconds=seconds,
            cpu=usage.ru_utime + usage.ru_stime,
            peak=watch.peak or None,
            resident=watch.resident or None,
            code=process.returncode,
            output=out.read().decode(errors="replace"),
            errors=err.read().decode(errors="replace"),
        )


def timed(argv: Sequence[str], env: Mapping[str, str] | None = None, *, repeat: int = 1) -> list[Measured]:
    """Run a command ``repeat`` times for its time alone, and once more for its memory, which all are given."""
    runs = [command(argv, env, memory=False) for _ in range(repeat)]
    watched = command(argv, env)
    return [replace(ran, peak=watched.peak, resident=watched.resident) for ran in runs]


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
    """Ours, but for what would make Python compile modules anew each time; and nobody is told of it."""
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**ours, "GX_ANALYTICS_ENABLED": "false"}


class _Watch:
    """The memory of a process and all below it. Proportional sets take milliseconds to read: they're read when the
    resident sets are about as large as they ever were, and after a while that grows with what a look takes.
    """

    def __init__(self, pid: int) -> None:
        self.peak = self.resident = 0
        self._pid = pid
        self._next = 0.0

    def look(self) -> None:
        start = time.perf_counter()
        if start < self._next:
            return
        pids = _tree(self._pid)
        resident = sum(map(_resident, pids))
        self.resident = max(self.resident, resident)
        if resident >= 0.97 * self.resident:
            self.peak = max(self.peak, sum(map(_proportional, pids)))
        now = time.perf_counter()
        self._next = now + (now - start) / SHARE


def _tree(pid: int) -> list[int]:
    pids, pending = [], [pid]
    while pending:
        one = pending.pop()
        pids.append(one)
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                with contextlib.suppress(OSError):
                    pending += map(int, (task / "children").read_text().split())
    return pids


def _resident(pid: int) -> int:
    with contextlib.suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    return 0


def _proportional(pid: int) -> int:
    with contextlib.suppress(OSError):
        found = re.search(r"^Pss: +([0-9]+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
        return int(found[1]) * 1024 if found else 0
    return 0
