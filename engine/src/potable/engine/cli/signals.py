"""Signals that end a run."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_AGAIN = 0.02
"""Seconds after which an interrupt that was lost comes again."""


class Terminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP, made an exception so that a run is cancelled as by Ctrl-C."""


@contextmanager
def sigterm_as_interrupt() -> Iterator[None]:
    """While a run is under way, SIGTERM cancels it as Ctrl-C does; so does the end of its terminal, SIGHUP, unless
    that is ignored (nohup).
    """

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise Terminated

    named = [getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP")]
    numbers = [n for n in named if n is not None and signal.getsignal(n) is not signal.SIG_IGN]
    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def lose_no_interrupt() -> None:
    """Have Ctrl-C and SIGTERM come again that Python couldn't raise where they came: in a destructor, or in a callback
    of a weak reference, of which it has many while it imports. It would print a traceback, and go on.
    """
    before = sys.unraisablehook

    def hook(unraisable: Any) -> None:
        if not isinstance(unraisable.exc_value, KeyboardInterrupt) or not hasattr(signal, "setitimer"):
            before(unraisable)
            return
        interrupt = type(unraisable.exc_value)

        def again(_signal: int, _frame: FrameType | None) -> None:
            raise interrupt

        signal.signal(signal.SIGALRM, again)
        signal.setitimer(signal.ITIMER_REAL, _AGAIN)

    sys.unraisablehook = hook
