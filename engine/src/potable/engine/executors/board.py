"""Where a run's process notes which checkers are at work, so that it's known of a process that has died.

It's shared memory: noting costs no system call, and what was noted last is there however the process ended.
"""

from __future__ import annotations

import mmap
import re
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

_SLOTS, _WIDTH = 63, 64
_STARVED = _SLOTS * _WIDTH  # the last slot: the checker that ran out of memory
SIZE = _STARVED + _WIDTH
_NAME = re.compile(rb"[a-z0-9-]{1,64}")


class Board:
    """The board as the run's process writes it; from any thread.

    :param descriptor: of a file of :data:`SIZE` bytes.
    """

    def __init__(self, descriptor: int) -> None:
        self._memory = mmap.mmap(descriptor, SIZE)
        self._free = deque(range(0, _STARVED, _WIDTH))

    @contextmanager
    def at_work(self, checker: str) -> Iterator[None]:
        """Note that a checker is at work, for as long as the context lasts."""
        name = checker.encode("ascii", "replace")
        if len(name) > _WIDTH or not self._free:
            yield
            return
        at, name = self._free.pop(), name.ljust(_WIDTH, b"\0")
        self._memory[at : at + _WIDTH] = name
        try:
            yield
        except MemoryError:
            self._memory[_STARVED:SIZE] = name
            raise
        finally:
            self._memory[at : at + _WIDTH] = bytes(_WIDTH)
            self._free.append(at)


def blank(file: IO[bytes]) -> None:
    """Give a file the size of a board with nothing on it."""
    file.truncate(SIZE)


def at_work(file: IO[bytes]) -> tuple[str, ...]:
    """The checkers that were at work when the process ended, by name."""
    return _names(file, 0, _STARVED)


def starved(file: IO[bytes]) -> tuple[str, ...]:
    """The checker that ran out of memory last."""
    return _names(file, _STARVED, SIZE)


def _names(file: IO[bytes], start: int, end: int) -> tuple[str, ...]:
    """What is on the board; anything else than names was written by chance."""
    file.seek(0)
    written = file.read(SIZE)
    slots = (written[at : at + _WIDTH].rstrip(b"\0") for at in range(start, end, _WIDTH))
    return tuple(sorted({slot.decode("ascii") for slot in slots if _NAME.fullmatch(slot)}))
