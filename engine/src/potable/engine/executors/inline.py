"""Executes each job in this process and thread: no child, and so no isolation.

A job can be stopped, and its deadline holds, only where it tells its progress; a checker that crashes the process or
hangs takes the caller with it. It works in a daemonic worker process, where children aren't allowed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from potable.engine.errors import PotableError
from potable.engine.executors.contract import Emit, Ending, Outcome, Work, told, too_long

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
        stopped, ended, deadline = threading.Event(), threading.Event(), time.monotonic() + seconds

        def watch() -> None:
            while not ended.wait(PACE):
                if stop():
                    stopped.set()
                    return

        def emit(said: Mapping[str, Any]) -> None:
            if stopped.is_set() or time.monotonic() > deadline:
                raise _Halt
            progress(said)

        watcher = threading.Thread(target=watch, name="potable-run-watch", daemon=True)
        watcher.start()
        try:
            return Outcome(ending=Ending.DONE, report=self._work(job, emit))
        except _Halt:
            if stopped.is_set():
                return Outcome(ending=Ending.STOPPED, message="it was stopped on request")
            return Outcome(ending=Ending.TIMED_OUT, message=too_long(seconds))
        except PotableError as e:
            return Outcome(ending=Ending.FAULT, message=str(e))
        except (Exception, SystemExit) as e:  # noqa: BLE001 - whatever it is, the caller is told
            return Outcome(ending=Ending.FAULT, message=told(e))
        finally:
            ended.set()
            watcher.join()

    def close(self) -> None:
        """Nothing to free."""
