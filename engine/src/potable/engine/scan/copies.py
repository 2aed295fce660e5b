"""A crew of copies (forks) of the process, for readings whose parsing holds Python's lock.

A copy has all that the work needs, so that only cuts and what came of them are sent: rules and parsers needn't pickle.
It's made before the process has run a Polars query, since a copy of a started thread pool hangs. The death of a copy is
that of the process: who watches the one learns of it what the other died of.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from typing import Any

from potable.engine.checker import Fold
from potable.engine.contracts.host import Host
from potable.engine.contracts.reading import Cut
from potable.engine.errors import EngineFault, own_fault, told
from potable.engine.findings import Fault
from potable.engine.handed import place_of
from potable.engine.scan.task import Task, Worked
from potable.engine.scan.worker import Done, Station, Worker

AHEAD = 2
"""Cuts for each copy that may have been worked on before an earlier one is done."""
Outcome = Worked | Exception


class Copies:
    """A crew of copies of this process.

    :param jobs: how many.
    :param worker: the task's.
    :param host: this process, which ``may_fork``.
    :raises OSError: the system lets it have no copy. Fewer than ``jobs`` will do.
    """

    def __init__(self, jobs: int, task: Task, worker: Worker, host: Host) -> None:
        self._host = host
        self._copies = _fork(jobs, task, worker, host)

    def work(self, cuts: Iterator[Cut]) -> Iterator[Worked]:
        """What came of the cuts, in order. Raises what the work and the cuts raise, after what came before."""
        try:
            yield from self._share_out(cuts)
        finally:
            for copy in self._copies:
                copy.end()

    def _share_out(self, cuts: Iterator[Cut]) -> Iterator[Worked]:
        ready: dict[int, Outcome] = {}
        given = taken = 0
        cut, fault = _next(cuts)
        while cut is not None or taken < given:
            idle = [copy for copy in self._copies if copy.number is None]
            while cut is not None and idle and given - taken < len(self._copies) * (1 + AHEAD):
                idle.pop().give(given, cut)
                given += 1
                cut, fault = _next(cuts)
            self._gather(ready)
            while taken in ready:
                outcome = ready.pop(taken)
                taken += 1
                if isinstance(outcome, Exception):
                    raise outcome
                yield outcome
        if fault is not None:
            raise fault

    def _gather(self, ready: dict[int, Outcome]) -> None:
        """Wait for a copy that is done, and take the outcomes of all that are."""
        busy = [copy for copy in self._copies if copy.number is not None]
        done = wait([copy.connection for copy in busy])
        for copy in busy:
            if copy.connection in done:
                try:
                    number, outcome = copy.take()
                except (EOFError, ConnectionError):
                    self._host.end_like(copy.status())
                ready[number] = outcome


def _next(cuts: Iterator[Cut]) -> tuple[Cut | None, Fault | None]:
    try:
        return next(cuts, None), None
    except Fault as e:  # what was cut before it still counts
        return None, e


class _Copy:
    """A copy, as the process that made it sees it.

    :ivar number: of the cut that it works on, None when it's idle.
    """

    def __init__(self, connection: Connection, process: ForkProcess) -> None:
        self.connection, self._process = connection, process
        self.number: int | None = None

    def give(self, number: int, cut: Cut) -> None:
        """Let it work on a cut."""
        self.number = number
        with contextlib.suppress(ConnectionError):  # it has died: that's noticed where its answer is waited for
            self.connection.send(cut)

    def take(self) -> tuple[int, Outcome]:
        """Its cut's number, and what came of it. Raises EOFError or ConnectionError when it has died."""
        assert self.number is not None
        number, outcome = self.number, self.connection.recv()
        self.number = None
        return number, outcome

    def status(self) -> int:
        """How it ended: its exit code, or a signal's number, negative."""
        self._process.join()
        return self._process.exitcode or 0

    def end(self) -> None:
        """Let it finish what it's at, and end it."""
        if self.number is not None:
            with contextlib.suppress(EOFError, ConnectionError):
                self.take()
        self.connection.close()
        self._process.join()


def _fork(jobs: int, task: Task, worker: Worker, host: Host) -> list[_Copy]:
    context = multiprocessing.get_context("fork")
    copies: list[_Copy] = []
    for number in range(jobs):
        ours, its = context.Pipe()
        others = [*(copy.connection for copy in copies), ours]
        process = context.Process(target=_serve, args=(number, its, others, task, worker, host), daemon=True)
        try:
            process.start()
        except OSError:
            ours.close()
            if not copies:
                raise
            return copies
        finally:
            its.close()
        copies.append(_Copy(ours, process))
    return copies


def _serve(
    number: int, connection: Connection, others: Sequence[Connection], task: Task, worker: Worker, host: Host
) -> None:
    """A copy's life: until the other end of the connection is closed."""
    host.copied(number)
    for other in others:
        other.close()
    gc.freeze()
    worker.part()
    while True:
        try:
            cut = connection.recv()
        except (EOFError, ConnectionError):
            return
        outcome: Outcome
        try:
            outcome = task(cut)
        except BaseException as e:
            if not own_fault(e):
                raise
            # It's raised where the outcome is taken.
            outcome = e if isinstance(e, Exception) else EngineFault(told(e))
        with contextlib.suppress(ConnectionError):
            connection.send_bytes(_pickled(outcome, worker.stations))


def _pickled(outcome: Outcome, stations: Sequence[Station]) -> bytes:
    folds = {station.checker: station.folds for station in stations}
    try:
        try:
            data = pickle.dumps(outcome, pickle.HIGHEST_PROTOCOL)
        except Exception:
            if isinstance(outcome, Exception):
                raise
            done = [
                {key: _picklable(part, folds[key]) for key, part in by_checker.items()} for by_checker in outcome.done
            ]
            data = pickle.dumps(replace(outcome, done=done))
        if isinstance(outcome, Exception):
            pickle.loads(data)  # our own  # noqa: S301
    except Exception as e:  # noqa: BLE001 - an exception's methods, or a reader's lesson
        return pickle.dumps(EngineFault(told(outcome if isinstance(outcome, Exception) else e)))
    return data


def _picklable(done: Done, folds: Sequence[Fold[Any]]) -> Done:
    """What came of a checker's work, or that it has crashed, where its states don't pickle as folds' states must."""
    of, place = "a fold", ""
    try:
        for fold, state in zip(folds, done.states, strict=False):  # none where it crashed
            of, place = f"the fold {fold.name}", place_of(fold.update)
            pickle.dumps(state)
        pickle.dumps(done)
    except Exception as e:  # noqa: BLE001 - the states are the checker's own
        return Done(crash=f"the state of {of} can't be pickled: {told(e)}{place}", seconds=done.seconds)
    return done
