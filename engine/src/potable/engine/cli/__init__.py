"""The ``potable`` command: one module for each group of commands, imported when it's used."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> None:
    """Entry point: run the command line, then exit with its code (see :mod:`potable.engine.cli.exits`)."""
    try:
        from potable.engine.cli.app import run  # Click is an extra
    except ModuleNotFoundError as e:
        if e.name not in ("click", "rich"):
            raise
        sys.stderr.write(f"potable: {e.name} isn't installed: pip install 'potable-engine[cli]'\n")
        sys.exit(2)
    sys.exit(run(sys.argv[1:] if argv is None else argv))
