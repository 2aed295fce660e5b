"""A point in time that everything in a fetch must respect."""

from __future__ import annotations

import time
from collections.abc import Callable


class Deadline:
    """A fixed instant, ``seconds`` from now, on a monotonic clock.

    :param seconds: how long the whole may take.
    :param clock: gives seconds; replaced in tests.
    """

    __slots__ = ("_at", "_clock", "seconds")

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._at = clock() + seconds

    def left(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self._at - self._clock())

    @property
    def passed(self) -> bool:
        """Whether no time is left."""
        return self._clock() >= self._at
