"""What one client may take: requests per second, bytes and seconds per request."""

from __future__ import annotations

import math
import resource
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpLimits:
    """Bounds of the HTTP layer.

    :param rate: requests per second that one key may make for long.
    :param burst: requests that one key may make at once after a pause.
    :param line_bytes: longest request line; longer ones are 400.
    :param header_bytes: longest header.
    :param body_bytes: largest body; larger ones are 413.
    :param body_seconds: longest wait for a body; then 408.
    :param idle_seconds: longest wait for a request's headers, on a fresh or a kept connection; then it's closed.
    :param send_seconds: longest wait for a client to take an answer; then the connection is cut.
    :param linger_seconds: longest time that the rest of an unread body is taken in before the connection is closed.
    :param connections: most connections at once; for a further one the oldest that waits for a request is closed, and
        without such a one itself. Fewer where the process may have fewer files open.
    :param threads: service calls at once.
    :param call_seconds: longest wait for a service call; then 503.
    :param drain_seconds: longest wait for requests that are being answered when the server stops.
    """

    rate: float = 50.0
    burst: int = 200
    line_bytes: int = 32 << 10
    header_bytes: int = 8 << 10
    body_bytes: int = 64 << 10
    body_seconds: float = 10.0
    idle_seconds: float = 15.0
    send_seconds: float = 120.0
    linger_seconds: float = 2.0
    connections: int = 500
    threads: int = 8
    call_seconds: float = 30.0
    drain_seconds: float = 10.0


DEFAULT_LIMITS = HttpLimits()


_FILES = 200
"""Files, of those that the process may have open, that are left to all but connections: runs, the store, sources."""


def bounded(limits: HttpLimits) -> HttpLimits:
    """The limits with no more connections than the process may have open (``ulimit -n``) beside all else."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return limits
    return replace(limits, connections=max(1, min(limits.connections, files - min(_FILES, files // 2))))


class Bucket:
    """A token bucket: ``burst`` tokens at first, ``rate`` more each second, never above ``burst``."""

    __slots__ = ("_burst", "_clock", "_rate", "_then", "_tokens")

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._tokens, self._then = float(burst), clock()

    def take(self) -> float:
        """Take a token: 0.0, or the seconds until there is one."""
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._then) * self._rate)
        self._then = now
        if self._tokens < 1:
            return (1 - self._tokens) / self._rate
        self._tokens -= 1
        return 0.0


class RateLimit:
    """A bucket for each of the ``most`` latest keys that were found good.

    A flood with a good key is refused here, before the store is asked. Keys that were never found good have no
    bucket, so that whatever is wrong with a key, its answer is the same.

    :param rate: tokens per second.
    :param burst: size of a bucket.
    :param most: number of buckets kept.
    """

    def __init__(
        self, rate: float, burst: int, most: int = 10_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._burst, self._most, self._clock = rate, burst, most, clock
        self._buckets: OrderedDict[bytes, Bucket] = OrderedDict()

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._buckets

    def take(self, digest: bytes) -> int:
        """Count a request of a key: 0, or the whole seconds to wait before the next. 0 for a key that isn't known."""
        bucket = self._buckets.get(digest)
        if bucket is None:
            return 0
        self._buckets.move_to_end(digest)
        return math.ceil(bucket.take())

    def good(self, digest: bytes) -> int:
        """A request that wasn't counted has a good key: count it, as :meth:`take` does."""
        self._buckets.setdefault(digest, Bucket(self._rate, self._burst, self._clock))
        wait = self.take(digest)
        while len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return wait

    def bad(self, digest: bytes) -> None:
        """The key isn't good, or no longer: forget it."""
        self._buckets.pop(digest, None)
