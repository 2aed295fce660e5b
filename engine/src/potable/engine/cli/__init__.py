"""The ``potable`` command: one module for each group of commands, imported when it's used."""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import sys
import threading
from collections.abc import Sequence
from typing import NoReturn

_OBJECTS = 200_000
"""So many new objects make a garbage collection: start-up makes more than this, and nearly all of them stay."""


def main(argv: Sequence[str] | None = None) -> None:
    """Entry point: run the command line, then exit with its code (see :mod:`potable.engine.cli.exits`)."""
    gc.set_threshold(_OBJECTS, 20, 20)
    # NumPy's algebra starts a thread for each processor when it's loaded, and nothing here uses it.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        from potable.engine.cli.app import run  # Click is an extra
    except ModuleNotFoundError as e:
        if e.name not in ("click", "rich"):
            raise
        sys.stderr.write(f"potable: {e.name} isn't installed: pip install 'potable-engine[cli]'\n")
        sys.exit(2)
    code = run(sys.argv[1:] if argv is None else argv)
    if argv is None and threading.active_count() == 1:
        _leave(code)
    sys.exit(code)


def _leave(code: int) -> NoReturn:
    """End the process as Python would, but for taking all modules apart: that's a fifth of a short command's time."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # closed
            stream.flush()
    os._exit(code)
