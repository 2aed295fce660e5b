"""Connections to a database, kept for the next who needs one."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

KEPT, MOST = 5, 25
"""Connections that are kept idle, and that are open at most."""


class Busy(Exception):
    """All connections stayed in use for too long."""


class Pool:
    """Connections (of the DB-API, PEP 249), each lent to one thread at a time.

    A process forked from this one doesn't touch its connections, but makes its own.

    :param make: opens one.
    :param answers: whether one that was idle still works.
    :param patience: seconds that a free one is waited for.
    """

    def __init__(self, make: Callable[[], Any], answers: Callable[[Any], bool], patience: float) -> None:
        self._make, self._answers, self._patience = make, answers, patience
        self._lock = threading.Lock()
        self._reset()

    def _reset(self) -> None:
        self._process = os.getpid()
        self._free = threading.BoundedSemaphore(MOST)
        self._idle: list[Any] = []

    @contextmanager
    def connection(self) -> Iterator[Any]:
        """A connection outside of a transaction, for as long as the block; rolled back at its end, closed where that
        fails. Raises :class:`Busy`, and what ``make`` raises.
        """
        if self._process != os.getpid():
            self._inherited = self._idle  # not closed: that would end the parent's transactions and locks
            self._lock = threading.Lock()
            self._reset()
        free = self._free
        if not free.acquire(timeout=self._patience):
            raise Busy
        connection = None
        try:
            connection = self._take()
            yield connection
        finally:
            if connection is not None:
                self._give(connection)
            free.release()

    def close(self) -> None:
        """Close those that are idle."""
        with self._lock:
            idle, self._idle = self._idle, []
        if self._process == os.getpid():
            for connection in idle:
                _close(connection)

    def _take(self) -> Any:
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                return self._make()
            if self._answers(connection):
                return connection
            _close(connection)

    def _give(self, connection: Any) -> None:
        try:
            connection.rollback()  # nothing to do where it was committed
        except Exception:  # noqa: BLE001 - whatever a driver raises: it's of no use any more
            _close(connection)
            return
        with self._lock:
            if len(self._idle) < KEPT:
                self._idle.append(connection)
                return
        _close(connection)


def _close(connection: Any) -> None:
    with suppress(Exception):
        connection.close()
