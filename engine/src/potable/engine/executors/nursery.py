"""The process that forks a run's process for each job: imports are paid once, and no orphan is left behind.

It is either forked from a single-threaded process or started afresh (:mod:`.process` decides), and must never run a
Polars query itself: a copy of its thread pool would hang. Of ``multiprocessing``'s fork server it differs in what a
validator of other people's data needs: it adopts and ends the orphans of a run, ends all runs when its own parent is
killed (there, each child holds the descriptor whose end would tell), doesn't import the parent's main module again,
and gets an environment without secrets.

Protocol: a byte on the control socket brings four descriptors: the job's channel, a handle, a trace file, a board. The
run's wait status (four bytes, native) is written to the handle when its process has ended. A byte on the handle, or its
end, asks to kill the run. The end of the control socket ends everything.

What a run had to import is imported before the next one is forked, so that a command with many sources pays for it once
and one with a single source nothing. It's done by a copy of the nursery, its heir: only if that comes through it, and
can still be copied itself, does it take the control socket over. The nursery then looks after the runs that it has, and
after its heir; when that ends, or never gets so far, it goes on as before.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import selectors
import signal
import socket
import struct
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

from potable.engine.executors import child, kernel, lessons
from potable.engine.executors.choice import copyable
from potable.engine.executors.contract import Work, resolve

STATUS = struct.Struct("i")
NOT_STARTED = -1
"""Written in place of a wait status when the process couldn't be forked."""
FEWEST = 4
"""Modules that an heir is worth its making for."""
HEIRS = 8
"""Most nurseries that one descends from."""
PATIENCE = 30.0
"""How long an heir may take to import, in seconds."""


def main() -> NoReturn:
    """Entry of a nursery that was started afresh; ``sys.argv[1]`` is JSON: fd, work, memory."""
    arguments = json.loads(sys.argv[1])
    serve(socket.socket(fileno=arguments["fd"]), arguments["work"], arguments["memory"], {})


def serve(control: socket.socket, work: str, memory: int | None, given: Mapping[str, Any]) -> NoReturn:
    """Serve until the control socket ends; never returns. The other parameters are those of ProcessExecutor."""
    try:
        with contextlib.suppress(PermissionError):  # it leads a session already when it was started afresh
            os.setsid()
        signal.set_wakeup_fd(-1)
        # A service manager tells all processes of a service to stop; this one stops with its parent, who drains first.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        kernel.blank(keep=(control.fileno(),))
        kernel.adopt_orphans()
        # NumPy's algebra would start a thread for each processor when it's loaded, and nothing here uses it.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        function = resolve(work)
        gc.freeze()  # the children's collectors leave the shared pages alone
        Nursery(control, partial(function, **given), memory).serve()
    finally:
        os._exit(0)


@dataclass(slots=True)
class _Run:
    """A run under way: its handle, and the pipe that it writes its lesson to."""

    handle: socket.socket
    lesson: int


@dataclass(slots=True)
class _Heir:
    """A nursery that is to take over, or has done so.

    :param word: says a byte when it does; closed then.
    :param until: when it must have.
    """

    pid: int
    word: socket.socket
    until: float


class Nursery:
    """The loop; see the module.

    :param learnt: modules that have been imported ahead, or can't be.
    :param heirs: how many more may descend from it.
    """

    def __init__(
        self,
        control: socket.socket,
        work: Work,
        memory: int | None,
        *,
        learnt: Iterable[str] = (),
        heirs: int = HEIRS,
    ) -> None:
        self._control, self._work, self._memory = control, work, memory
        self._runs: dict[int, _Run] = {}
        self._selector = selectors.DefaultSelector()
        self._learnt, self._heirs = set(learnt), heirs
        self._lesson: dict[str, None] = {}
        self._heir: _Heir | None = None

    def serve(self) -> None:
        """Until the control socket ends."""
        woken, wake = socket.socketpair()
        for end in (woken, wake):
            end.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        self._selector.register(self._control, selectors.EVENT_READ)
        self._selector.register(woken, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select(self._left()):
                if key.fileobj is self._control:
                    if self._ended():
                        self._end()
                        return
                    if not self._bequeath():
                        self._accept()
                elif key.fileobj is woken:
                    with contextlib.suppress(BlockingIOError):
                        woken.recv(4096)
                elif self._heir is not None and key.fileobj is self._heir.word:
                    self._hear(self._heir)
                elif key.data in self._runs:
                    kernel.kill(key.data)
                    self._selector.unregister(key.fileobj)
            self._reap()
            if self._left() == 0.0 and self._heir is not None:
                kernel.kill(self._heir.pid)

    def _ended(self) -> bool:
        """Whether nothing more can come on the control socket."""
        try:
            return not self._control.recv(1, socket.MSG_PEEK)
        except ConnectionError:
            return True

    def _accept(self) -> None:
        try:
            data, descriptors, _, _ = socket.recv_fds(self._control, 1, 4)
        except ConnectionError:
            return
        if not data:
            return
        channel, handle, trace, board = descriptors
        report = socket.socket(fileno=handle)
        try:
            pid, lesson = self._fork(channel, trace, board)
        except OSError:
            _send(report, NOT_STARTED)
            report.close()
        else:
            self._runs[pid] = _Run(report, lesson)
            self._selector.register(report, selectors.EVENT_READ, pid)
        for descriptor in (channel, trace, board):
            os.close(descriptor)

    def _fork(self, channel: int, trace: int, board: int) -> tuple[int, int]:
        """A run's process, and the end of the pipe from which its lesson is read. Raises OSError."""
        me = os.getpid()
        lesson, its_lesson = _pipe()
        try:
            pid = kernel.fork()
            if pid == 0:
                child.main(channel, trace, board, its_lesson, self._work, self._memory, me)
        except OSError:
            os.close(lesson)
            raise
        finally:
            os.close(its_lesson)
        return pid, lesson

    def _reap(self) -> None:
        while (pid := kernel.ended_child()) is not None:
            run = self._runs.pop(pid, None)
            if run is not None:
                kernel.kill(pid)  # the rest of its group, while the number can't be anybody else's
            _, status = os.waitpid(pid, 0)
            if run is not None:
                with contextlib.suppress(KeyError):
                    self._selector.unregister(run.handle)
                _send(run.handle, status)
                run.handle.close()
                self._lesson.update((name, None) for name in lessons.read(run.lesson) if name not in self._learnt)
                os.close(run.lesson)
            elif self._heir is not None and pid == self._heir.pid:
                self._disown(self._heir)
            self._end_orphans()

    def _end_orphans(self) -> None:
        for pid in kernel.children():
            if pid not in self._runs and (self._heir is None or pid != self._heir.pid):
                kernel.kill(pid)

    def _end(self) -> None:
        for pid in self._runs:
            kernel.kill(pid)
        while True:
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                return
            self._end_orphans()

    # -- the heir -----------------------------------------------------------------------------------------------------

    def _left(self) -> float | None:
        """How long the heir may still take to take over; None: there's none that is about to."""
        if self._heir is None or self._heir.word.fileno() == -1:
            return None
        return max(0.0, self._heir.until - time.monotonic())

    def _bequeath(self) -> bool:
        """Make an heir, where that's worth it: a job has come, and there is something to learn."""
        if len(self._lesson) < FEWEST or self._heirs <= 0 or not copyable():
            return False
        names, me = list(self._lesson), os.getpid()
        try:
            word, its = socket.socketpair()
            with its:
                pid = kernel.fork()
                if pid == 0:
                    self._inherit(names, its, me)
        except OSError:
            self._heirs = 0
            return False
        self._heir = _Heir(pid, word, time.monotonic() + PATIENCE)
        self._selector.unregister(self._control)
        self._selector.register(word, selectors.EVENT_READ)
        return True

    def _inherit(self, names: list[str], word: socket.socket, parent: int) -> NoReturn:
        """The heir's life."""
        try:
            kernel.die_with_parent(parent)
            os.setsid()
            signal.set_wakeup_fd(-1)
            kernel.blank(keep=(self._control.fileno(), word.fileno()), also=())
            kernel.adopt_orphans()
            child.forget_secrets()
            if lessons.learn(names):
                gc.freeze()
                word.send(b"+")
                word.close()
                learnt = {*self._learnt, *names}
                Nursery(self._control, self._work, self._memory, learnt=learnt, heirs=self._heirs - 1).serve()
        finally:
            os._exit(0)

    def _hear(self, heir: _Heir) -> None:
        """It takes over; or else it has ended, and will be reaped."""
        with contextlib.suppress(ConnectionError):
            heir.word.recv(1)
        self._selector.unregister(heir.word)
        heir.word.close()

    def _disown(self, heir: _Heir) -> None:
        """It has ended: go on, without another."""
        if heir.word.fileno() != -1:
            self._hear(heir)
        self._heir, self._heirs = None, 0
        self._selector.register(self._control, selectors.EVENT_READ)


def _pipe() -> tuple[int, int]:
    """A pipe whose ends don't block."""
    ends = os.pipe()
    for end in ends:
        os.set_blocking(end, False)
    return ends


def _send(report: socket.socket, status: int) -> None:
    with contextlib.suppress(OSError):  # nobody may listen any more
        report.send(STATUS.pack(status))
