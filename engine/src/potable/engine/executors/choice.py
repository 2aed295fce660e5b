"""Which executor suits this process."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path
from typing import Literal

from potable.engine.lazyregex import lazy_regex

ExecutorName = Literal["inline", "fork", "forkserver"]

# The allocator's see to it that they can be copied. The other one is there as soon as Polars is imported, and removes
# what queries have put on the disk, which none of ours does.
_DISPENSABLE = lazy_regex(r"jemalloc_bg_thd|polars-ooc-clea.*")
_POOLS = lazy_regex(r"polars-\d+|tokio-rt-worker|async-executor-?")


def best() -> ExecutorName:
    """The best isolation that this process can give just now.

    A copy of a process with threads may hang, and one that has run a Polars query does: the pool's threads aren't
    copied.
    """
    if not hasattr(os, "fork") or not hasattr(socket, "send_fds"):
        return "inline"
    return "fork" if threading.active_count() == 1 and not _has_pool() else "forkserver"


def copyable() -> bool:
    """Whether a copy of this process lacks no thread that matters; False where the system doesn't tell."""
    names = other_threads()
    return names is not None and all(map(_DISPENSABLE.fullmatch, names))


def _has_pool() -> bool:
    """Whether Polars has started its threads; True where the system doesn't tell."""
    names = other_threads()
    return names is None or any(map(_POOLS.fullmatch, names))


def has_started_pool() -> bool:
    """The same; False where the system doesn't tell."""
    return other_threads() is not None and _has_pool()


def other_threads() -> list[str] | None:
    """The names of this process's threads but its main one, Python's and others; None where the system doesn't tell."""
    tasks = Path("/proc/self/task")
    try:
        return [(task / "comm").read_text().strip() for task in tasks.iterdir() if task.name != str(os.getpid())]
    except OSError:
        return None
