"""The process that forks a run's process for each job: imports are paid once, and no orphan is left behind.

It is either forked from a single-threaded process or started afresh (:mod:`.process` decides), and must never run a
Polars query itself: a copy of its thread pool would hang. Of ``multiprocessing``'s fork server it differs in what a
validator of other people's data needs: it adopts and ends the orphans of a run, ends all runs when its own parent is
killed (there, each child holds the descriptor whose end would tell), doesn't import the parent's main module again,
and gets an environment without secrets.

Protocol: a byte on the control socket brings four descriptors: the job's channel, a handle, a trace file, a board. The
run's
wait status (four bytes, native) is written to the handle when its process has ended. A byte on the handle, or its
end, asks to kill the run. The end of the control socket ends everything.
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
from collections.abc import Mapping
from functools import partial
from typing import Any, NoReturn

from potable.engine.executors import child, kernel
from potable.engine.executors.contract import Work, resolve

STATUS = struct.Struct("i")
NOT_STARTED = -1
"""Written in place of a wait status when the process couldn't be forked."""


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
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        kernel.blank(keep=(control.fileno(),))
        kernel.adopt_orphans()
        function = resolve(work)
        gc.freeze()  # the children's collectors leave the shared pages alone
        Nursery(control, partial(function, **given), memory).serve()
    finally:
        os._exit(0)


class Nursery:
    """The loop; see the module."""

    def __init__(self, control: socket.socket, work: Work, memory: int | None) -> None:
        self._control, self._work, self._memory = control, work, memory
        self._runs: dict[int, socket.socket] = {}
        self._selector = selectors.DefaultSelector()

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
            for key, _ in self._selector.select():
                if key.fileobj is self._control:
                    if not self._accept():
                        self._end()
                        return
                elif key.fileobj is woken:
                    with contextlib.suppress(BlockingIOError):
                        woken.recv(4096)
                elif key.data in self._runs:
                    kernel.kill(key.data)
                    self._selector.unregister(key.fileobj)
            self._reap()

    def _accept(self) -> bool:
        try:
            data, descriptors, _, _ = socket.recv_fds(self._control, 1, 4)
        except ConnectionError:
            return False
        if not data:
            return False
        channel, handle, trace, board = descriptors
        report = socket.socket(fileno=handle)
        me = os.getpid()
        try:
            pid = os.fork()
        except OSError:
            _send(report, NOT_STARTED)
            report.close()
        else:
            if pid == 0:
                child.main(channel, trace, board, self._work, self._memory, me)
            self._runs[pid] = report
            self._selector.register(report, selectors.EVENT_READ, pid)
        os.close(channel)
        os.close(trace)
        os.close(board)
        return True

    def _reap(self) -> None:
        while (pid := kernel.ended_child()) is not None:
            report = self._runs.pop(pid, None)
            if report is not None:
                kernel.kill(pid)  # the rest of its group, while the number can't be anybody else's
            _, status = os.waitpid(pid, 0)
            if report is not None:
                with contextlib.suppress(KeyError):
                    self._selector.unregister(report)
                _send(report, status)
                report.close()
            self._end_orphans()

    def _end_orphans(self) -> None:
        for pid in kernel.children():
            if pid not in self._runs:
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


def _send(report: socket.socket, status: int) -> None:
    with contextlib.suppress(OSError):  # nobody may listen any more
        report.send(STATUS.pack(status))
