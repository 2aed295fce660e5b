"""Service calls block; here they run in bounded pools of threads, never on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from potable.engine.errors import StoreError, StoreFull, StoreUnavailable
from potable.server.answers import Refused
from potable.server.limits import HttpLimits

P = ParamSpec("P")
T = TypeVar("T")

RETRY_SECONDS = 5
"""What ``Retry-After`` says when the store doesn't answer."""

STRANGER_THREADS = 2
"""Threads that check keys which haven't been found good yet: a flood of them leaves the others alone."""


def unavailable(what: str) -> Refused:
    """The 503 of a server that can't answer just now."""
    return Refused(503, f"Service unavailable: {what}; try again", {"Retry-After": str(RETRY_SECONDS)})


def store_trouble(fault: StoreError) -> str:
    """What is wrong with the run store, for callers: the log alone tells where it is."""
    if isinstance(fault, StoreFull):
        return "the run store's disk is full, and nothing can be recorded until there's room"
    if not isinstance(fault, StoreUnavailable):
        return "the run store can't be used as it should, and the server's log says why"
    return "the run store doesn't answer"


class Calls:
    """Pools of threads for blocking calls."""

    def __init__(self, limits: HttpLimits) -> None:
        self._seconds = limits.call_seconds
        self._known = ThreadPoolExecutor(limits.threads, thread_name_prefix="potable-call")
        self._strangers = ThreadPoolExecutor(STRANGER_THREADS, thread_name_prefix="potable-stranger")

    async def known(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call for a caller with a good key. Refuses (503) past ``HttpLimits.call_seconds``; raises what it raises."""
        return await self._in(self._known, lambda: function(*args, **kwargs))

    async def stranger(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for anybody."""
        return await self._in(self._strangers, lambda: function(*args, **kwargs))

    async def _in(self, pool: ThreadPoolExecutor, call: Callable[[], T]) -> T:
        future = asyncio.get_running_loop().run_in_executor(pool, call)
        try:
            async with asyncio.timeout(self._seconds):
                return await future
        except TimeoutError:
            if future.done() and not future.cancelled():
                raise  # the call's own
            raise unavailable("it takes too long") from None

    def close(self) -> None:
        """Begin nothing more; calls under way go on to their end."""
        for pool in (self._known, self._strangers):
            pool.shutdown(wait=False, cancel_futures=True)
