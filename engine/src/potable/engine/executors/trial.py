"""What might end the process, or change it, tried in a copy of it first; and what was changed all the same, put back.

It's for code that others wrote and an operator chose: it contains faults, not malice.
"""

from __future__ import annotations

import faulthandler
import locale
import logging
import os
import select
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, Any, NoReturn

from potable.engine.containment import PATIENCE
from potable.engine.executors import kernel
from potable.engine.executors.process import place
from potable.engine.plugins import Step

log = logging.getLogger(__name__)

SECONDS = 120.0
"""How long one step may take in the copy."""
_LOOK = 0.1
"""How often it's looked whether the copy is there, in seconds: a process that it has left behind may hold its pipe."""
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGPIPE", "SIGCHLD")


def deadly(steps: Sequence[Step], seconds: float = SECONDS) -> dict[int, str]:
    """Those of some steps that would end this process, or wouldn't end, by their index; and what they do, a sentence.

    They are done in copies of this process, of which nothing is kept; what they print isn't seen, and exceptions don't
    matter. The process has to be one that can be copied.
    """
    found: dict[int, str] = {}
    at = 0
    while at < len(steps):
        done, how = _tried(steps[at:], seconds)
        at += done
        if at < len(steps):
            found[at] = how
            at += 1
    return found


def _tried(steps: Sequence[Step], seconds: float) -> tuple[int, str]:
    """How many steps the copy came through, and how it ended at the next."""
    with tempfile.TemporaryFile() as trace:
        heard, told = os.pipe()
        pid = kernel.fork()
        if pid == 0:
            _copy(steps, told, trace)
        os.close(told)
        try:
            return _heard(steps, heard, pid, seconds, trace)
        finally:
            os.close(heard)
            kernel.kill(pid)  # and what it has left behind
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _copy(steps: Sequence[Step], told: int, trace: IO[bytes]) -> NoReturn:
    try:
        os.setsid()
        kernel.blank(keep=(told, trace.fileno()), also=(0, 1, 2))
        faulthandler.enable(trace, all_threads=False)
        for _, step in steps:
            with suppress(BaseException):  # it's told when it's done for good
                step()
            os.write(told, b"+")
    finally:
        os._exit(0)


def _heard(steps: Sequence[Step], heard: int, pid: int, seconds: float, trace: IO[bytes]) -> tuple[int, str]:
    done, status, began, said = 0, None, time.monotonic(), False
    while done < len(steps):
        what = steps[done][0]
        try:
            ready, _, _ = select.select([heard], [], [], _LOOK)
            if status is None:
                ended, left = os.waitpid(pid, os.WNOHANG)
                status = left if ended else None
        except KeyboardInterrupt as e:  # it hangs, perhaps, and shouldn't do so anonymously
            e.add_note(f"while {what} was being imported")
            raise
        took = time.monotonic() - began
        if ready and (count := len(os.read(heard, 4096))):
            done, began, said = done + count, time.monotonic(), False
        elif status is not None:
            return done, _ending(status, trace)
        elif took > seconds:
            return done, f"it wasn't loaded within {seconds:g} seconds"
        elif took > PATIENCE and not said:
            said = True
            log.warning("%s is still being imported: it's waited for", what)
    return done, ""


def _ending(status: int, trace: IO[bytes]) -> str:
    code = os.waitstatus_to_exitcode(status)
    how = f"exit code {code}" if code >= 0 else f"signal {-code} ({signal.Signals(-code).name}){place(trace)}"
    return f"it ended the process while it was loaded: {how}"


@contextmanager
def put_back() -> Iterator[None]:
    """After the block this process has the current folder, handlers of signals, locale, umask and standard streams
    that it had before.
    """
    folder = _folder()
    handlers = {n: signal.getsignal(n) for n in (getattr(signal, name, None) for name in _SIGNALS) if n is not None}
    mask, words = os.umask(0o077), locale.setlocale(locale.LC_ALL)
    os.umask(mask)
    streams = sys.stdin, sys.stdout, sys.stderr
    numbers = [_kept(number) for number in range(3)]
    try:
        yield
    finally:
        for number, kept in enumerate(numbers):
            if kept is not None:
                if not _same(number, kept):
                    os.dup2(kept, number)
                os.close(kept)
        sys.stdin, sys.stdout, sys.stderr = (_open(stream, number) for number, stream in enumerate(streams))
        if folder is not None and _folder() != folder:
            with suppress(OSError):
                os.chdir(folder)
        if threading.current_thread() is threading.main_thread():
            for number, handler in handlers.items():
                if handler is not None and signal.getsignal(number) is not handler:
                    signal.signal(number, handler)
        with suppress(locale.Error):
            locale.setlocale(locale.LC_ALL, words)
        os.umask(mask)


def _folder() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109 - a text
    except OSError:  # it was deleted
        return None


def _kept(number: int) -> int | None:
    """Another descriptor of the same file; None where there's none."""
    try:
        return os.dup(number)
    except OSError:
        return None


def _same(number: int, kept: int) -> bool:
    try:
        return os.path.sameopenfile(number, kept)
    except OSError:  # closed
        return False


def _open(stream: Any, number: int) -> Any:
    """The stream, or one in its place where it was closed."""
    if stream is None or not stream.closed:
        return stream
    return open(number, "w" if number else "r", closefd=False)
