"""Whoever waits for a server in a library's code is woken at the deadline, whatever the server does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from potable.engine.fetching.deadline import LOOK_SECONDS, Deadline

GRACE = 2.0
"""Seconds that a server has to obey a cancellation before the connection is cut."""


class Watch:
    """Cancels a query when its time is over, or the run is told to stop; a context manager.

    :param deadline: of the body.
    :param cancel: asks the server to stop; run in a thread of its own.
    :param cut: breaks the connection, if that doesn't help.
    """

    def __init__(self, deadline: Deadline, cancel: Callable[[], None], cut: Callable[[], None]) -> None:
        self._deadline, self._cancel, self._cut = deadline, cancel, cut
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
        longest = LOOK_SECONDS if self._deadline.may_stop else threading.TIMEOUT_MAX
        while not self._deadline.passed:
            if self._done.wait(min(self._deadline.left(), longest)):
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
