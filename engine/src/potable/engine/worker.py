"""Runs what was queued: claims runs from the store and supervises their processes, several at once."""

from __future__ import annotations

import logging
import random
import threading
import time
from typing import TYPE_CHECKING

from potable.engine.errors import StoreError
from potable.engine.running import owner
from potable.engine.running.supervision import AGAIN

if TYPE_CHECKING:
    from potable.engine.runs import Run
    from potable.engine.service import Service

log = logging.getLogger(__name__)


class Worker:
    """Claims queued runs and runs each in a child process, at most ``children`` at once, in threads of its own.

    :param service: whose store, executor and pace it uses; its executor should be ``forkserver``.
    :param children: most runs at once.
    """

    def __init__(self, service: Service, *, children: int = 2) -> None:
        self._service, self._children = service, children
        self._owner = owner.me()
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._threads: dict[str, threading.Thread] = {}
        self._lock = threading.Lock()
        self._loop = threading.Thread(target=self._run, name="potable-worker", daemon=True)

    def start(self) -> None:
        """Begin to claim, in background threads; returns at once."""
        self._service.carrier.prepare()
        self._service.on_start(self.wake)
        self._loop.start()

    def wake(self) -> None:
        """Look for queued runs at once. :meth:`Service.start` of the same service does so by itself."""
        self._wake.set()

    @property
    def running(self) -> tuple[str, ...]:
        """The run_ids under way."""
        with self._lock:
            return tuple(self._threads)

    def stop(self, grace: float = 30.0) -> None:
        """Stop claiming, wait up to ``grace`` seconds for the runs under way, give the rest back to the queue.

        Blocks; an asyncio server calls it in a thread. Idempotent.
        """
        until = time.monotonic() + grace
        self._stopping.set()
        self.wake()
        if self._loop.ident is not None:
            self._loop.join()
        with self._lock:
            threads = dict(self._threads)
        for thread in threads.values():
            thread.join(max(0.0, until - time.monotonic()))
        while left := self.running:
            for run_id in left:
                self._service.carrier.give_back(run_id)
            for thread in threads.values():
                thread.join(0.1)

    def _run(self) -> None:
        sweep_at, pace = 0.0, self._service.carrier.pace
        trouble = Trouble()
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                if time.monotonic() >= sweep_at:
                    # Jitter: the workers of one store shouldn't all look at once.
                    again = pace.sweep * random.uniform(1.0, 1.2)  # noqa: S311
                    for run in self._service.carrier.sweep(again):
                        log.warning("run %s of %s lost its worker: it's %s", run.run_id, run.resource_id, run.state)
                    sweep_at = time.monotonic() + again
                self._claim()
                trouble.over()
            except StoreError as e:
                trouble.tell(e)
            except Exception:
                log.exception("worker")
            self._wake.wait(pace.poll)

    def _claim(self) -> None:
        while not self._stopping.is_set() and len(self.running) < self._children:
            run = self._service.carrier.claim(self._owner)
            if run is None:
                return
            thread = threading.Thread(
                target=self._carry_out, args=(run,), name=f"potable-run-{run.run_id}", daemon=True
            )
            with self._lock:
                self._threads[run.run_id] = thread
            thread.start()

    def _carry_out(self, run: Run) -> None:
        facts: dict[str, object] = {"run": run.run_id, "resource": run.resource_id}
        log.info("run begins", extra={**facts, "user": run.user_id, "attempt": run.attempt})
        began = time.monotonic()
        try:
            self._service.carrier.carry_out(run)
            now = self._service.run(run.run_id)
            facts |= {"state": now.state.value, "verdict": now.verdict, "seconds": round(time.monotonic() - began, 3)}
            if now.reason is not None:
                log.warning("run ended", extra={**facts, "reason": now.reason.value, "why": now.message})
            else:
                log.info("run queued again" if now.ongoing else "run ended", extra={**facts, **(now.counts or {})})
        except StoreError as e:
            log.warning("run %s of %s: its end couldn't be recorded: %s", run.run_id, run.resource_id, e)
        except Exception:
            log.exception("run %s of %s", run.run_id, run.resource_id)
        finally:
            with self._lock:
                self._threads.pop(run.run_id, None)
            self.wake()


class Trouble:
    """What is wrong with the store, told when it begins, at intervals, and when it's over: it's asked each second."""

    def __init__(self) -> None:
        self._told, self._again = "", 0.0

    def tell(self, error: StoreError) -> None:
        """The store couldn't be used."""
        now, said = time.monotonic(), str(error)
        if not self._told or now >= self._again:
            log.warning("%s", said)
            self._told, self._again = said, now + AGAIN

    def over(self) -> None:
        """It could."""
        if self._told:
            log.info("the run store answers again")
            self._told = ""
