"""A run that somebody follows, in a thread of its own, and that ends when nobody does any more."""

from __future__ import annotations

import asyncio
import atexit
import contextvars
import queue
import threading
import time
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TypeVar

from potable.engine.contracts.events import Progress
from potable.engine.contracts.report import Report
from potable.engine.fetching.deadline import STOPPED

PATIENCE = 2.0
"""Longest wait for a run that was told to stop, in seconds: it ends when it next tells its progress, and waits for no
server.
"""

T = TypeVar("T")
Tell = Callable[[Progress], None]
Work = Callable[[Tell], Report]
"""Makes a run, and tells its progress."""


class Events:
    """The progress of a run, as an iterator of :class:`Progress`, synchronous or asynchronous.

    Each iteration is a run. Leaving it (``break``, an exception, a cancelled task) stops the run, at the next progress
    that it makes: a plain ``for`` waits for that, :data:`PATIENCE` at most, ``async for`` doesn't.

    :ivar report: the run's report, once the iteration has ended; None before, and where the run was stopped.
    """

    def __init__(self, work: Work) -> None:
        self.report: Report | None = None
        self._work = work

    def __iter__(self) -> Iterator[Progress]:
        said: queue.SimpleQueue[Progress | None] = queue.SimpleQueue()
        run = self._begin(said.put)
        try:
            while (event := said.get()) is not None:
                yield event
        finally:
            run.stop(PATIENCE)
        self.report = run.result()

    async def __aiter__(self) -> AsyncIterator[Progress]:
        said: asyncio.Queue[Progress | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def say(event: Progress | None) -> None:
            loop.call_soon_threadsafe(said.put_nowait, event)

        run = self._begin(say)
        try:
            while (event := await said.get()) is not None:
                yield event
        finally:
            run.stop()
        self.report = run.result()

    def _begin(self, say: Callable[[Progress | None], None]) -> _Run:
        self.report = None
        return _Run(self._work, say)


async def followed(work: Work) -> Report:
    """The report of a run; cancelling the task stops the run."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()

    def say(event: Progress | None) -> None:
        if event is None:
            loop.call_soon_threadsafe(ended.set)

    run = _Run(work, say)
    try:
        await ended.wait()
    finally:
        run.stop()
    return run.result()


def heard(work: Callable[[Tell | None], T], progress: Tell | None) -> T:
    """What a work comes to that tells its progress. What ``progress`` raises ends it, and is raised here.

    Else it would pass for a fault of the reader or fetcher that happens to be at work.
    """
    if progress is None:
        return work(None)
    raised: list[BaseException] = []

    def tell(event: Progress) -> None:
        try:
            progress(event)
        except BaseException as e:
            raised.append(e)
            raise _Stop from e

    try:
        return work(tell)
    except _Stop:
        raise raised[0] from None


class _Stop(BaseException):
    """Raised through a run to stop it; no checker's ``except Exception`` holds it up."""


class _Run:
    """A run under way.

    :param say: called in the run's thread with each progress, and with None at the end.
    """

    def __init__(self, work: Work, say: Callable[[Progress | None], None]) -> None:
        self._work, self._say = work, say
        self._report: Report | None = None
        self._raised: BaseException | None = None
        self._stopped = threading.Event()
        # A daemon: neither an event loop's end nor the program's waits for a source that doesn't answer.
        context = contextvars.copy_context()
        context.run(STOPPED.set, self._stopped)
        self._thread = threading.Thread(target=context.run, args=(self._go,), name="potable-run", daemon=True)
        self._thread.start()

    def stop(self, patience: float = 0.0) -> None:
        """Have the run end, unless it has; wait for that as many seconds at most."""
        self._stopped.set()
        if self._thread.is_alive():
            _STOPPING.add(self._thread)
            self._thread.join(patience)

    def result(self) -> Report:
        """Of a run that has ended by itself: its report. Raises what the run has raised."""
        if self._raised is not None:
            raise self._raised
        if self._report is None:
            raise RuntimeError("the run hasn't ended")
        return self._report

    def _go(self) -> None:
        try:
            self._report = self._work(self._tell)
        except _Stop:
            pass
        except BaseException as e:  # noqa: BLE001 - it's raised where the run is followed
            self._raised = e
        finally:
            self._told(None)

    def _tell(self, event: Progress) -> None:
        if self._stopped.is_set():
            raise _Stop
        self._told(event)

    def _told(self, event: Progress | None) -> None:
        try:
            self._say(event)
        except RuntimeError:  # the event loop is closed: nobody follows any more
            self._stopped.set()


_STOPPING: weakref.WeakSet[threading.Thread] = weakref.WeakSet()


@atexit.register
def _leave() -> None:
    """Let runs that were told to stop remove what they have put on the disk."""
    until = time.monotonic() + PATIENCE
    for thread in list(_STOPPING):
        thread.join(max(0.0, until - time.monotonic()))
