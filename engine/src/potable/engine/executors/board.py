"""Where a run's process notes which checkers are at work, so that it's known of a process that has died.

It's shared memory: noting costs no system call, and what was noted last is there however the process ended.
"""

from __future__ import annotations

import mmap
import os
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from potable.engine.lazyregex import lazy_regex

_SLOTS, _WIDTH = 63, 64
_STARVED = _SLOTS * _WIDTH  # the last slot: the checker that ran out of memory
SIZE = _STARVED + _WIDTH
_SHARE = 6
"""Slots of a copy of the process; what is left at the end is for the process itself."""
_NAME = lazy_regex(rb"[a-z0-9-]{1,64}")


class Board:
    """The board as the run's process writes it; from any thread.

    :param descriptor: of a file of :data:`SIZE` bytes.
    """

    def __init__(self, descriptor: int) -> None:
        self._memory = mmap.mmap(descriptor, SIZE)
        self._free = deque(range(0, _STARVED, _WIDTH))

    def keep_to(self, number: int) -> None:
        """In a copy of the process: write where no other copy does, nor the process; ``number``: which copy, from 0."""
        slots = range(number * _SHARE, min((number + 1) * _SHARE, _SLOTS - _SHARE))
        self._free = deque(slot * _WIDTH for slot in slots)

    @contextmanager
    def at_work(self, checker: str) -> Iterator[None]:
        """Note that a checker is at work, for as long as the context lasts."""
        name = checker.encode("ascii", "replace").ljust(_WIDTH, b"\0")
        try:
            at = self._free.pop() if len(name) == _WIDTH else None
        except IndexError:
            at = None
        if at is None:  # too many threads, or too long a name: nothing depends on it but who is blamed
            yield
            return
        self._memory[at : at + _WIDTH] = name
        try:
            yield
        except MemoryError:
            self._memory[_STARVED:SIZE] = name
            raise
        finally:
            self._memory[at : at + _WIDTH] = bytes(_WIDTH)
            self._free.append(at)


def blank() -> IO[bytes]:
    """A file for a board, with nothing on it; in memory where that can be, as a disk may be full."""
    memory = getattr(os, "memfd_create", None)
    file = tempfile.TemporaryFile() if memory is None else os.fdopen(memory("potable-board"), "w+b")  # noqa: SIM115
    file.write(bytes(SIZE))
    file.flush()
    return file


def at_work(file: IO[bytes]) -> tuple[str, ...]:
    """The checkers that were at work when the process ended, by name."""
    return _names(file, 0, _STARVED)


def starved(file: IO[bytes]) -> tuple[str, ...]:
    """The checker that ran out of memory last."""
    return _names(file, _STARVED, SIZE)


def _names(file: IO[bytes], start: int, end: int) -> tuple[str, ...]:
    """What is on the board; anything else than names was written by chance."""
    written = os.pread(file.fileno(), SIZE, 0)
    slots = (written[at : at + _WIDTH].rstrip(b"\0") for at in range(start, end, _WIDTH))
    return tuple(sorted({slot.decode("ascii") for slot in slots if _NAME.fullmatch(slot)}))
