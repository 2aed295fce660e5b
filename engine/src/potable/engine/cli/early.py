"""Ctrl-C while the command is still being imported. Importing this is the first that it does.

Python would raise an exception in the midst of some import, and print a traceback: nobody is there yet to catch it.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found] # the module signal is imported as slowly as much of the rest
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def _leave(*_: object) -> NoReturn:
    try:
        os.write(2, b"potable: interrupted\n")
    finally:
        os._exit(130)  # there's nothing to tidy up


def begin() -> None:
    """Have Ctrl-C end this process at once, if it's the command's and Ctrl-C isn't ignored."""
    is_command = os.path.splitext(os.path.basename(sys.argv[0] if sys.argv else ""))[0] == "potable"  # noqa: PTH119, PTH122
    if is_command and _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _leave)


def end() -> None:
    """Have Ctrl-C raise KeyboardInterrupt again."""
    if _signal.getsignal(_signal.SIGINT) is _leave:
        _signal.signal(_signal.SIGINT, _signal.default_int_handler)


begin()
