"""A command that has others' plugins at work in its own process is watched: it goes on in a copy of that process.

Nothing else tells a command that has come to its end from one that a library in C has ended, with an exit code of its
own: 0 would pass for a source that has passed, or for a server that was stopped. A command without such plugins isn't
copied.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import IO, TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from potable.engine.plugins import Plugins

Fail = Callable[[str], NoReturn]

_fail: Fail | None = None
"""Given where this process is the command's, and not that of a program that calls it."""
_told: int | None = None
"""The descriptor to which the copy writes the command's exit code."""

_LOOK = 0.1
"""How often it's looked whether the copy is there, in seconds: another thread may have got the word of its end."""


def begin(fail: Fail) -> None:
    """This process is the command's own: it may go on in a copy.

    :param fail: says what has ended that copy in the command's midst, and ends this process as one that failed; it
        mustn't leave by ``os._exit``, but by :data:`~potable.engine.containment.leave`.
    """
    global _fail
    _fail = fail


def end(code: int) -> None:
    """The command has come to its end, with this exit code."""
    if _told is not None:
        with suppress(OSError):  # a plugin has closed it
            os.write(_told, bytes([code & 0xFF]))


def watch(plugins: Plugins, *, checkers: bool = False) -> None:
    """Go on in a copy of this process, where parts of others' plugins will be at work in it: the catalogues, reporters
    and checkers that are asked for inputs.

    :param checkers: all parts are, as where definitions are looked at.
    """
    from potable.engine.executors.choice import best  # heavy: few commands come here

    suspects = _suspects(plugins, every=checkers)
    watchable = _told is None and hasattr(signal, "sigtimedwait")
    if suspects and _fail is not None and watchable and best() == "fork":
        _go_on_in_a_copy(", ".join(suspects), _fail)


def _suspects(plugins: Plugins, *, every: bool) -> list[str]:
    from potable.engine.checker import Checker  # heavy
    from potable.engine.plugins import RELEASED_TOGETHER

    def acts(part: str) -> bool:
        kind, _, name = part.partition(" ")
        asked = kind == "checker" and name in plugins.checkers and plugins.checkers[name].inputs is not Checker.inputs
        return every or asked or kind in ("catalog", "reporter")

    of_others = [r for r in plugins.records if r.status == "loaded" and r.dist not in RELEASED_TOGETHER]
    acting = [(r, ", ".join(filter(acts, r.provides))) for r in of_others]
    return [f"{r.name} ({r.source}: {parts})" for r, parts in acting if parts]


def _go_on_in_a_copy(suspects: str, fail: Fail) -> None:
    import tempfile  # heavy

    from potable.engine import containment
    from potable.engine.executors import kernel

    global _told
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    trace = tempfile.TemporaryFile()  # noqa: SIM115 - the copy has it for good
    heard, told = os.pipe()
    me, passed_on = os.getpid(), _passed_on()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {*passed_on, signal.SIGCHLD})
    try:
        copy = kernel.fork()
    except OSError:  # the system lets us have none: then it isn't watched
        copy = -1
    if copy > 0:
        _wait(copy, heard, trace, passed_on, suspects, fail)
    if copy == 0:
        kernel.die_with_parent(me)
        containment.go_on_here()
        faulthandler.enable(trace, all_threads=False)
        _told = told
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _passed_on() -> set[signal.Signals]:
    return {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT}


def _wait(
    copy: int, heard: int, trace: IO[bytes], passed_on: set[signal.Signals], suspects: str, fail: Fail
) -> NoReturn:
    """Wait for the copy's end, and end as the command did."""
    from potable.engine.containment import leave  # heavy
    from potable.engine.executors.process import ending

    if signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:  # nobody would hear of it
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number in passed_on:  # a library's thread may be the one that gets it
        signal.signal(number, lambda got, _: os.kill(copy, got))
    ended = 0
    while not ended:
        came = signal.sigtimedwait({*passed_on, signal.SIGCHLD}, _LOOK)
        if came is not None and came.si_signo in passed_on and came.si_pid:  # a terminal's come to the copy as well
            os.kill(copy, came.si_signo)
        ended, status = os.waitpid(copy, os.WNOHANG)
    os.set_blocking(heard, False)
    with suppress(BlockingIOError):
        if code := os.read(heard, 1):
            leave(code[0])
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) in passed_on:
        signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
        os.kill(os.getpid(), os.WTERMSIG(status))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, passed_on)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    others = "whoever kills it, as the system does for want of memory, and " if killed else ""
    fail(
        f"ENGINE ERROR: the command was ended in its midst, without a result ({ending(status, trace)}); what can do so "
        f"are {others}plugins at work in its own process: {suspects}"
    )
