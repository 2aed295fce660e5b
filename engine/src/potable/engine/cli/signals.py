"""Signals that end a run."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


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
