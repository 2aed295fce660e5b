"""Keeps the process going, and its exit code its own, while code of a plugin runs in it.

It contains faults, not malice: what leaves the process in C isn't held.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

from potable.engine.errors import Left

log = logging.getLogger(__name__)

PATIENCE = 10.0
"""Seconds after which it's told that a plugin still hasn't been imported."""
_LEFT_IN_A_COPY = 70
"""Exit code of a copy of the process that a plugin has forked and let go on."""
leave = os._exit
"""Ends the process, whatever is held."""
_heir: int | None = None
"""The copy of the process that has taken its place."""


def go_on_here() -> None:
    """This copy of the process takes its place: what is held there, is held here."""
    global _heir
    _heir = os.getpid()


@contextmanager
def stay() -> Iterator[None]:
    """Within the block ``os._exit`` doesn't end this process, but raises :class:`~potable.engine.errors.Left`, in this
    thread.

    A copy of the process that was forked within doesn't come out of the block: it ends there.
    """
    process, thread, before = os.getpid(), threading.get_ident(), os._exit

    def left(status: int) -> NoReturn:
        if os.getpid() not in (process, _heir) or threading.get_ident() != thread:
            before(status)
        raise Left(status)

    os._exit = left
    try:
        yield
    finally:
        if os._exit is left:
            os._exit = before
        if os.getpid() not in (process, _heir):
            leave(_LEFT_IN_A_COPY)


@contextmanager
def awaited(what: str, patience: float = PATIENCE) -> Iterator[None]:
    """Have it known what is being imported: by a warning in the log if the block takes long, by the stack on the
    standard error stream if the process dies of a fault in C.
    """
    traced = not faulthandler.is_enabled()
    if traced:
        with suppress(OSError):  # closed
            faulthandler.enable(2, all_threads=False)
    timer = threading.Timer(patience, log.warning, ["%s is still being imported: it's waited for", what])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        if traced:
            faulthandler.disable()
