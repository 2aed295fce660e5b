"""A crew of threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from potable.engine.contracts.reading import Cut
from potable.engine.findings import Fault
from potable.engine.scan.task import Task, Worked


class Threads:
    """A crew of threads.

    :param jobs: how many; one is the caller's own.
    """

    def __init__(self, jobs: int, task: Task) -> None:
        self._jobs, self._task = jobs, task

    def work(self, cuts: Iterator[Cut]) -> Iterator[Worked]:
        """What came of the cuts, in order. Raises what the work and the cuts raise, after what came before."""
        if self._jobs <= 1:
            yield from map(self._task, cuts)
            return
        with ThreadPoolExecutor(self._jobs, thread_name_prefix="potable-scan") as pool:
            pending: deque[Future[Worked]] = deque()
            fault: Fault | None = None
            try:
                while fault is None:
                    try:
                        pending.append(pool.submit(self._task, next(cuts)))
                    except StopIteration:
                        break
                    except Fault as e:  # what was cut before it still counts
                        fault = e
                    if len(pending) > self._jobs + 1:
                        yield pending.popleft().result()
                while pending:
                    yield pending.popleft().result()
            finally:  # a run that is stopped doesn't wait for what hasn't been begun
                for left in pending:
                    left.cancel()
            if fault is not None:
                raise fault
