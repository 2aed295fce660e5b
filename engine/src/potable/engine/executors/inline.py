"""Executes each job in this process and thread: no child, and so no isolation.

A job can be stopped, and its deadline holds, only where it tells its progress or waits for a server; a checker that
crashes the process or hangs takes the caller with it. It works in a daemonic worker process, where children aren't
allowed.
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from potable.engine.errors import PotableError
from potable.engine.executors.contract import Emit, Ending, Outcome, Work, told, too_long
from potable.engine.fetching.deadline import STOPPED

PACE = 0.5
"""How often ``stop`` is asked, in seconds."""


class _Halt(BaseException):
    """Raised through the work to stop it; no checker's ``except Exception`` holds it up."""


class InlineExecutor:
    """Executes jobs in the caller's thread.

    :param work: what does the jobs.
    """

    def __init__(self, work: Work) -> None:
        self._work = work

    def execute(self, job: Mapping[str, Any], *, seconds: float, progress: Emit, stop: Callable[[], bool]) -> Outcome:
        """See :class:`~potable.engine.executors.contract.Executor`."""
        halt, ended, deadline = threading.Event(), threading.Event(), time.monotonic() + seconds
        stopped = False

        def watch() -> None:
            nonlocal stopped
            while not ended.wait(max(0.0, min(PACE, deadline - time.monotonic()))):
                stopped = stop()
                if stopped or time.monotonic() > deadline:
                    halt.set()
                    return

        def emit(said: Mapping[str, Any]) -> None:
            if halt.is_set() or time.monotonic() > deadline:
                raise _Halt
            progress(said)

        context = contextvars.copy_context()
        context.run(STOPPED.set, halt)
        watcher = threading.Thread(target=watch, name="potable-run-watch", daemon=True)
        watcher.start()
        try:
            outcome = Outcome(ending=Ending.DONE, report=context.run(self._work, job, emit))
        except _Halt:
            halt.set()
        except PotableError as e:
            outcome = Outcome(ending=Ending.FAULT, message=str(e))
        except (Exception, SystemExit) as e:  # noqa: BLE001 - whatever it is, the caller is told
            outcome = Outcome(ending=Ending.FAULT, message=told(e))
        finally:
            ended.set()
            watcher.join()
        if not halt.is_set():
            return outcome
        # Also where it came to an end: whoever waited for a server was told that its time was over.
        if stopped:
            return Outcome(ending=Ending.STOPPED, message="it was stopped on request")
        return Outcome(ending=Ending.TIMED_OUT, message=too_long(seconds))

    def close(self) -> None:
        """Nothing to free."""
