"""The ``potable`` command: one module for each group of commands, imported when it's used."""

from __future__ import annotations

from potable.engine.cli import early  # isort: split

import atexit
import contextlib
import gc
import os
import sys
import threading
import time
from collections.abc import Sequence
from typing import NoReturn

from potable.engine import watching
from potable.engine.cli.signals import lose_no_interrupt

_OBJECTS = 200_000
"""So many new objects make a garbage collection: start-up makes more than this, and nearly all of them stay."""
_THREAD_SECONDS = 5.0
"""How long threads are waited for at the end."""


def main(argv: Sequence[str] | None = None) -> None:
    """Entry point: run the command line, then exit with its code (see :mod:`potable.engine.cli.exits`)."""
    gc.set_threshold(_OBJECTS, 20, 20)
    _open_streams()
    if argv is None:
        lose_no_interrupt()
        watching.begin(_ended)
    # NumPy's algebra starts a thread for each processor when it's loaded, and nothing here uses it.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        try:
            from potable.engine.cli.app import run  # heavy: Click is an extra
        except ModuleNotFoundError as e:
            if e.name not in ("click", "rich"):
                raise
            sys.stderr.write(f"potable: {e.name} isn't installed: pip install 'potable-engine[cli]'\n")
            sys.exit(2)
        early.end()
        code = run(sys.argv[1:] if argv is None else argv)
        watching.end(code)
        if argv is None and (threading.active_count() == 1 or _stuck()):
            _leave(code)
    except KeyboardInterrupt:
        sys.stderr.write("potable: interrupted\n")
        watching.end(130)
        sys.exit(130)
    sys.exit(code)


def _ended(why: str) -> NoReturn:
    from potable.engine.cli.exits import Exit  # heavy
    from potable.engine.cli.output import tell
    from potable.engine.containment import leave

    tell(why)
    leave(Exit.ENGINE)


def _open_streams() -> None:
    """Give standard streams that are closed to /dev/null: the next files, the store's say, would have their numbers,
    and what is printed would go there.
    """
    if None in (sys.stdin, sys.stdout, sys.stderr):
        while (descriptor := os.open(os.devnull, os.O_RDWR)) < 3:
            os.set_inheritable(descriptor, True)
        os.close(descriptor)
        sys.stdin = sys.stdin or open(0, closefd=False)  # noqa: SIM115
        sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115
        sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115


def _stuck() -> bool:
    """Whether a thread would keep the process from ending: one that a plugin has started, and not as a daemon."""
    until = time.monotonic() + _THREAD_SECONDS
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(max(0.0, until - time.monotonic()))
            if thread.is_alive():
                from potable.engine.cli.output import tell  # heavy

                tell(f"potable: the thread {thread.name} (a plugin's?) hasn't ended: it is left")
                return True
    return False


def _leave(code: int) -> NoReturn:
    """End the process as Python would, but for taking all modules apart: that's a fifth of a short command's time."""
    leave = os._exit
    os._exit = sys.exit  # type: ignore[assignment] # a plugin's function mustn't give its own code
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # closed
            stream.flush()
    leave(code)
