"""Executes each job in a process of its own, forked by a :mod:`nursery <.nursery>`."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import re
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import IO, Any, Literal

from potable.engine.errors import EngineFault
from potable.engine.executors import board, kernel, nursery
from potable.engine.executors.contract import Emit, Ending, Outcome, too_long
from potable.engine.executors.frames import FrameError, Frames, header
from potable.engine.lazyregex import lazy_regex
from potable.engine.settings import SECRET_VARIABLES

PACE = 0.5
"""How often ``stop`` is asked at least, in seconds."""
GRACE = 1.0
"""How long a process may take to end once it has said *done*, in seconds."""
KILL_SECONDS = 5.0
"""How long the end of a killed process is waited for, in seconds; one in an uninterruptible call may outlast it."""

_FROM_OUTSIDE = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
"""No fault of a checker: what people and service managers end processes with."""

_START = "import sys, json; sys.path[:] = json.loads(sys.argv[1])['path']; from {0} import main; main()"
_PLACE = lazy_regex(r'^  File "(?P<file>[^"]*)", line (?P<line>\d+) in (?P<name>.*)$', re.MULTILINE)


class ProcessExecutor:
    """Executes jobs in processes of their own.

    :param work: what does the jobs, ``module:function``; imported once, by the nursery.
    :param start: ``fork`` the nursery from this process, which must be single-threaded and must not have run a Polars
        query, or start it afresh (``forkserver``).
    :param given: what the work gets as keyword arguments beside each job; only where it's forked.
    :param memory: most bytes of address space of a job's process; None: no limit.
    """

    def __init__(
        self,
        work: str,
        *,
        start: Literal["fork", "forkserver"] = "forkserver",
        given: Mapping[str, Any] | None = None,
        memory: int | None = None,
    ) -> None:
        if given and start == "forkserver":
            raise TypeError("a fork server can't be given what isn't a name")
        self._work, self._start, self._given, self._memory = work, start, given or {}, memory
        self._lock = threading.Lock()
        self._nursery: _Nursery | None = self._make()

    def execute(self, job: Mapping[str, Any], *, seconds: float, progress: Emit, stop: Callable[[], bool]) -> Outcome:
        """See :class:`~potable.engine.executors.contract.Executor`. The job is pickled; the report isn't."""
        body = pickle.dumps(job)
        with tempfile.TemporaryFile() as trace, board.blank() as noted, contextlib.ExitStack() as stack:
            channel, its_channel = socket.socketpair()
            handle, its_handle = socket.socketpair()
            stack.enter_context(channel)
            stack.enter_context(handle)
            with its_channel, its_handle:
                self._spawn(its_channel, its_handle, trace, noted)
            supervision = _Supervision(channel, handle, header(len(body)) + body)
            try:
                ending = supervision.follow(time.monotonic() + seconds, progress, stop)
            finally:
                supervision.end()
            return supervision.outcome(ending, seconds, trace, noted)

    def close(self) -> None:
        """End the nursery, and with it every job."""
        with self._lock:
            if self._nursery is not None:
                self._nursery.close()
                self._nursery = None

    def _spawn(self, *files: socket.socket | IO[bytes]) -> None:
        descriptors = [file.fileno() for file in files]
        with self._lock:
            for _ in range(2):
                if self._nursery is None:
                    self._nursery = self._make()
                try:
                    socket.send_fds(self._nursery.control, [b"+"], descriptors)
                except OSError:  # it was killed: its successor will do
                    self._nursery.close()
                    self._nursery = None
                else:
                    return
        raise EngineFault("no process for the run could be made: the fork server ends at once")

    def _make(self) -> _Nursery:
        control, its = socket.socketpair()
        with its:
            if self._start == "fork":
                return _Nursery(control, pid=_fork(its, self._work, self._memory, self._given))
            arguments = {"fd": its.fileno(), "work": self._work, "memory": self._memory, "path": sys.path}
            process = subprocess.Popen(  # noqa: S603 - this interpreter
                [sys.executable, "-c", _START.format(nursery.__name__), json.dumps(arguments)],
                pass_fds=[its.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={k: v for k, v in os.environ.items() if not SECRET_VARIABLES.fullmatch(k)},
                start_new_session=True,
            )
            return _Nursery(control, process=process)


@dataclass(slots=True)
class _Nursery:
    """The nursery as its parent holds it."""

    control: socket.socket
    pid: int | None = None
    process: subprocess.Popen[bytes] | None = None

    def close(self) -> None:
        self.control.close()
        if self.process is not None:
            self.process.wait()
        elif self.pid is not None:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.pid, 0)


def _fork(control: socket.socket, work: str, memory: int | None, given: Mapping[str, Any]) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    pid = kernel.fork()
    if pid == 0:
        nursery.serve(control, work, memory, given)
    return pid


class _Supervision:
    """One job's process, watched."""

    def __init__(self, channel: socket.socket, handle: socket.socket, job: bytes) -> None:
        self._channel, self._handle = channel, handle
        self._unsent = memoryview(job)
        self._frames = Frames()
        self._report: Mapping[str, Any] | None = None
        self._error: str | None = None
        self._starved = False
        self._garbage: str | None = None
        self._status: int | None = None
        self._gone = False
        self._killed_before = kernel.out_of_memory()
        channel.setblocking(False)
        handle.setblocking(False)

    def follow(self, deadline: float, progress: Emit, stop: Callable[[], bool]) -> Ending | None:
        """Until the process has said its last word or ended, or has to be stopped; None: it ended by itself."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._channel, selectors.EVENT_READ | selectors.EVENT_WRITE)
            selector.register(self._handle, selectors.EVENT_READ)
            while True:
                left = deadline - time.monotonic()
                if left <= 0:
                    return Ending.TIMED_OUT
                for key, events in selector.select(min(PACE, left)):
                    if key.fileobj is self._handle:
                        self._ended()
                        self._read(progress)  # what it said last
                        return self._said()
                    if events & selectors.EVENT_WRITE and not self._write():
                        selector.modify(self._channel, selectors.EVENT_READ)
                    if events & selectors.EVENT_READ and not self._read(progress) and self._said() is None:
                        return self._hung_up()
                if (said := self._said()) is not None:
                    return said
                if stop():
                    return Ending.STOPPED

    def end(self) -> None:
        """Make sure that the process is gone: at once, or when it has just said *done* after a moment."""
        if not self._gone and self._said() is Ending.DONE:
            self._wait(GRACE)
        if not self._gone:
            with contextlib.suppress(OSError):
                self._handle.send(b"k")
            self._wait(KILL_SECONDS)

    def outcome(self, ending: Ending | None, seconds: float, trace: IO[bytes], noted: IO[bytes]) -> Outcome:
        """What became of the job.

        :param noted: the job's board.
        """
        if ending is Ending.DONE:
            return Outcome(ending=ending, report=self._report)
        if ending is Ending.STOPPED:
            return Outcome(ending=ending, message="it was stopped on request")
        at_work = board.at_work(noted)
        if ending is Ending.FAULT:
            at_work = at_work or board.starved(noted)
            reason = "it used up the memory that its process may have" if self._starved and at_work else ""
            return Outcome(ending=ending, message=self._error or "", at_work=at_work, reason=reason)
        if ending is Ending.TIMED_OUT:
            return Outcome(ending=ending, message=too_long(seconds, at_work), at_work=at_work)
        if ending is Ending.CRASHED:
            message = f"the run's process can't be understood: {self._garbage}"
            return Outcome(
                ending=ending, message=message, at_work=at_work, reason=f"it broke its process: {self._garbage}"
            )
        return replace(self._death(trace), at_work=at_work)

    def _death(self, trace: IO[bytes]) -> Outcome:
        status = self._status
        if status is None:
            return Outcome(ending=Ending.LOST, message="the run's process vanished with its fork server")
        if status == nursery.NOT_STARTED:
            return Outcome(ending=Ending.LOST, message="no process for the run could be made: the system refused")
        if not os.WIFSIGNALED(status):
            code = os.WEXITSTATUS(status)
            message = f"the run's process exited with status {code} before it had a report"
            return Outcome(ending=Ending.CRASHED, message=message, reason=f"it ended its process: exit code {code}")
        number = os.WTERMSIG(status)
        name, where = signal.Signals(number).name, place(trace)
        reason = f"it ended its process: signal {number} ({name}){where}"
        if number in _FROM_OUTSIDE:
            message = f"the run's process was killed by {name}: by hand, or with the service that it's part of"
            return Outcome(ending=Ending.LOST, message=message)
        if number != signal.SIGKILL:
            return Outcome(
                ending=Ending.CRASHED, message=f"the run's process was killed by {name}{where}", reason=reason
            )
        if self._out_of_memory():
            message = "the run's process was killed by SIGKILL: the machine was out of memory"
            return Outcome(ending=Ending.LOST, message=message, reason=f"{reason}, out of memory")
        return Outcome(ending=Ending.LOST, message="the run's process was killed by SIGKILL: out of memory, or by hand")

    def _out_of_memory(self) -> bool:
        """Whether the system has killed for want of memory meanwhile: a run's process is its first choice."""
        now = kernel.out_of_memory()
        return now is not None and self._killed_before is not None and now > self._killed_before

    def _said(self) -> Ending | None:
        if self._report is not None:
            return Ending.DONE
        if self._error is not None:
            return Ending.FAULT
        return None if self._garbage is None else Ending.CRASHED

    def _hung_up(self) -> Ending | None:
        """It can't say any more: it has ended, or else somebody closed its descriptors."""
        self._wait(GRACE)
        if not self._gone:
            self._garbage = "it closed its channel"
        return self._said()

    def _write(self) -> bool:
        """Send some more of the job; False when nothing is left."""
        try:
            self._unsent = self._unsent[self._channel.send(self._unsent) :]
        except BlockingIOError:
            return True
        except OSError:  # it has ended; the handle will tell how
            return False
        return len(self._unsent) > 0

    def _read(self, progress: Emit) -> bool:
        """Take in what has come; False at the end of the stream."""
        while True:
            try:
                data = self._channel.recv(1 << 20)
            except BlockingIOError:
                return True
            except OSError:
                return False
            if not data:
                return False
            try:
                for message in self._frames.feed(data):
                    self._take(message, progress)
            except FrameError as e:
                self._garbage = str(e)
                return False

    def _take(self, message: Mapping[str, Any], progress: Emit) -> None:
        match message:
            case {"type": "progress", "progress": dict(said)}:
                progress(said)
            case {"type": "done", "report": dict(report)}:
                self._report = report
            case {"type": "error", "message": str(text)}:
                self._error, self._starved = text, message.get("starved") is True
            case _:
                raise FrameError("it sent a message of no known type")

    def _ended(self) -> None:
        try:
            data = self._handle.recv(nursery.STATUS.size)
        except (BlockingIOError, TimeoutError):
            return
        except OSError:
            data = b""
        self._gone = True
        if len(data) == nursery.STATUS.size:
            (self._status,) = nursery.STATUS.unpack(data)

    def _wait(self, seconds: float) -> None:
        self._handle.settimeout(seconds)
        self._ended()


def place(trace: IO[bytes]) -> str:
    """Where a fatal signal struck, as far as the fault handler could tell: the innermost Python frame."""
    trace.seek(0)
    found = _PLACE.search(trace.read(1 << 16).decode("utf-8", "replace"))
    return "" if found is None else f" (in {found['name']}, {os.path.basename(found['file'])}:{found['line']})"  # noqa: PTH119


def ending(status: int, trace: IO[bytes]) -> str:
    """How a process ended, in words: ``exit code 0``, ``signal 11 (SIGSEGV) (in get, mylab.py:28)``."""
    code = os.waitstatus_to_exitcode(status)
    return f"exit code {code}" if code >= 0 else f"signal {-code} ({signal.Signals(-code).name}){place(trace)}"
