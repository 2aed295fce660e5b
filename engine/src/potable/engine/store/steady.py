"""A clock that nobody sets: leases by it hold, and end, whatever happens to the time of day."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Steady:
    """A monotonic clock that several processes share.

    :param name: which one: times of another can't be compared with its own. None: nobody else shares it.
    :param now: milliseconds since whenever.
    """

    name: str | None
    now: Callable[[], int]


@cache
def of_this_machine() -> Steady:
    """That of all processes of this machine since it was started, where the system tells which machine and start."""
    return Steady(_name(), lambda: time.monotonic_ns() // 1_000_000)


def _name() -> str | None:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{Path('/proc/self/ns/time').readlink().name}"
    except OSError:
        return None
