"""The few calls to the operating system that Python lacks. On systems without them they do nothing."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
import warnings
from collections.abc import Collection
from pathlib import Path

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_OUT_OF_MEMORY = (("/proc/vmstat", "oom_kill"), ("/sys/fs/cgroup/memory.events", "oom_kill"))
OPEN_FILES = 4096
"""Most files that a run's process may have open."""


def _prctl(option: int, value: int) -> None:
    if sys.platform != "linux":
        return
    import ctypes  # heavy: only a child needs it

    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def die_with_parent(parent: int) -> None:
    """Have this process killed when its parent ends. See prctl(2)."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the call
        os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of all descendants whose own parent ends. See prctl(2)."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def children() -> list[int]:
    """Process ids of this (single-threaded) process's children; empty where the system doesn't tell."""
    try:
        text = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    except OSError:
        return []
    return [int(word) for word in text.split()]


def open_files() -> set[tuple[str, str]]:
    """This process's descriptors from 3 on, and what each is open for; empty where the system doesn't tell."""
    found = set()
    with contextlib.suppress(OSError):
        for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - names are all that's wanted
            with contextlib.suppress(OSError):  # the listing's own is closed by now
                if int(name) > 2:
                    found.add((name, os.readlink(f"/proc/self/fd/{name}")))  # noqa: PTH115
    return found


def fork() -> int:
    """As :func:`os.fork`, of a process whose threads, if any, see to it that they can be copied."""
    with warnings.catch_warnings():
        # From 3.12 on a fork beside other threads warns; those that an import of Polars starts are prepared for it.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def ended_child() -> int | None:
    """Process id of a child that has ended and isn't waited for yet; None when there's none."""
    try:
        ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return None
    return None if ended is None else ended.si_pid


def kill(pid: int) -> None:
    """End a process and the group that it leads."""
    for send in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            send(pid, signal.SIGKILL)


def out_of_memory() -> int | None:
    """How often the system has killed for want of memory, in this machine or container; None where it doesn't tell."""
    found = [_count(path, name) for path, name in _OUT_OF_MEMORY]
    return max((n for n in found if n is not None), default=None)


def _count(path: str, name: str) -> int | None:
    try:
        words = Path(path).read_text().split()
        return int(words[words.index(name) + 1])
    except (OSError, ValueError, IndexError):
        return None


def confine(memory: int | None) -> None:
    """Bound this process: no core file, a limited number of open files, ``memory`` bytes of address space; and make
    it the first to go when the machine runs out of memory.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_NOFILE, OPEN_FILES)
    if memory is not None:
        _lower(resource.RLIMIT_AS, memory)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def _lower(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    limit = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (limit, limit))


def blank(*, keep: Collection[int], also: Collection[int] = (0, 1)) -> None:
    """Point every open file descriptor from 3 on but ``keep``, and those of ``also``, at /dev/null.

    They aren't closed: Python objects of the process that was copied still have their numbers, and would write to
    (or close) whatever got a number next.
    """
    null = os.open(os.devnull, os.O_RDWR)
    try:
        there = [int(name) for name in os.listdir("/dev/fd")]  # noqa: PTH208 - names are all that's wanted
    except OSError:  # not mounted
        there = list(range(OPEN_FILES))
    for descriptor in there:
        if descriptor in also or (descriptor >= 3 and descriptor not in keep and descriptor != null):
            with contextlib.suppress(OSError):  # the listing's own is closed by now
                os.fstat(descriptor)
                os.dup2(null, descriptor, inheritable=descriptor < 3)
    os.close(null)
