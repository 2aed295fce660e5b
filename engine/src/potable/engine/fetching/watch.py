"""Whoever waits for a database is woken at the deadline, whatever the server does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

GRACE = 2.0
"""Seconds that a server has to obey a cancellation before the connection is cut."""


class Watch:
    """Cancels a query when its time is over; a context manager.

    :param seconds: how long the body may take.
    :param cancel: asks the server to stop; run in a thread of its own.
    :param cut: breaks the connection, if that doesn't help.
    """

    def __init__(self, seconds: float, cancel: Callable[[], None], cut: Callable[[], None]) -> None:
        self._seconds, self._cancel, self._cut = seconds, cancel, cut
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._wait, name="potable-watch", daemon=True)
        self.over = False
        """Whether the time was over before the body was."""

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join(GRACE)

    def _wait(self) -> None:
        if self._done.wait(min(self._seconds, threading.TIMEOUT_MAX)):
            return
        self.over = True
        cancelling = threading.Thread(target=self._quietly, args=(self._cancel,), daemon=True)
        cancelling.start()
        if not self._done.wait(GRACE):
            self._quietly(self._cut)

    @staticmethod
    def _quietly(act: Callable[[], None]) -> None:
        with suppress(Exception):
            act()
