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
from potable.engine.executors.process import ending
from potable.engine.plugins import Step

log = logging.getLogger(__name__)

SECONDS = 120.0
"""How long one step may take in the copy."""
_LOOK = 0.1
"""How often it's looked whether the copy is there, in seconds: a process that it has left behind may hold its pipe."""
_CLOSED = 71
"""Exit code of a copy that can't tell any more what it came through."""
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
    """How many steps the copy came through, and what the next one does."""
    with tempfile.TemporaryFile() as trace:
        heard, told = os.pipe()
        me, pid = os.getpid(), kernel.fork()
        if pid == 0:
            _copy(steps, told, trace, me)
        os.close(told)
        try:
            done, late = _heard(steps, heard, pid, seconds)
        finally:
            os.close(heard)
            kernel.kill(pid)  # and what it has left behind
            _, status = os.waitpid(pid, 0)
        return done, f"it wasn't loaded within {seconds:g} seconds" if late else _ending(status, trace)


def _copy(steps: Sequence[Step], told: int, trace: IO[bytes], parent: int) -> NoReturn:
    try:
        os.setsid()
        kernel.die_with_parent(parent)
        kernel.blank(keep=(told, trace.fileno()), also=(0, 1, 2))
        faulthandler.enable(trace, all_threads=False)
        for _, step in steps:
            with suppress(BaseException):  # it's told when it's done for good
                step()
            os.write(told, b"+")
    except OSError:
        os._exit(_CLOSED)
    finally:
        os._exit(0)


def _heard(steps: Sequence[Step], heard: int, pid: int, seconds: float) -> tuple[int, bool]:
    """How many steps the copy came through, and whether it's still at the next, after so many seconds."""
    done, ended, began, said = 0, False, time.monotonic(), False
    while done < len(steps):
        what = steps[done][0]
        try:
            ready, _, _ = select.select([heard], [], [], _LOOK)
        except KeyboardInterrupt as e:  # it hangs, perhaps, and shouldn't do so anonymously
            e.add_note(f"while {what} was being imported")
            raise
        took = time.monotonic() - began
        if ready and (count := len(os.read(heard, 4096))):
            done, began, said = done + count, time.monotonic(), False
        elif ended or took > seconds:
            return done, not ended
        elif took > PATIENCE and not said:
            said = True
            log.warning("%s is still being imported: it's waited for", what)
        elif ready:  # it can't tell any more, but hasn't ended
            time.sleep(_LOOK)
        # Not reaped yet: its number is still its own, and what it said last may still have to be read.
        ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    return done, False


def _ending(status: int, trace: IO[bytes]) -> str:
    code = os.waitstatus_to_exitcode(status)
    if code == _CLOSED:
        return "it closed files of this process, which aren't its own, while it was loaded"
    return f"it ended the process while it was loaded: {ending(status, trace)}"


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
