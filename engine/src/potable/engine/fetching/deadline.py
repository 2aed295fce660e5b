"""A point in time that everything in a fetch must respect."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextvars import ContextVar

STOPPED: ContextVar[threading.Event | None] = ContextVar("potable_stopped", default=None)
"""Of a run that may be told to stop, in whose context it's made: is set then, and deadlines made in it have passed."""

LOOK_SECONDS = 0.5
"""So often a run that may be told to stop looks whether it was, while it waits for a server."""


class Deadline:
    """A fixed instant, ``seconds`` from now, on a monotonic clock; it comes early when the run is told to stop.

    :param seconds: how long the whole may take.
    :param clock: gives seconds; replaced in tests.
    """

    __slots__ = ("_at", "_clock", "_stopped", "seconds")

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._at = clock() + seconds
        self._stopped = STOPPED.get()

    @property
    def may_stop(self) -> bool:
        """Whether it may come early: then nobody waits long without a look at it."""
        return self._stopped is not None

    def wait(self, seconds: float) -> None:
        """Sleep so long, or until the run is told to stop."""
        if self._stopped is None:
            time.sleep(seconds)
        else:
            self._stopped.wait(seconds)

    def left(self) -> float:
        """Seconds left, never below 0."""
        if self._stopped is not None and self._stopped.is_set():
            return 0.0
        return max(0.0, self._at - self._clock())

    @property
    def passed(self) -> bool:
        """Whether no time is left."""
        return self.left() == 0.0
