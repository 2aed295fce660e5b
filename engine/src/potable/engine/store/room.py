"""Whether there's room on a disk for what a run leaves."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Iterable
from pathlib import Path

from potable.engine.errors import StoreFull, StoreUnavailable

ROOM = 1 << 20
"""Bytes of room that a run may need: its report, and the log in which the store writes it first."""
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def make_sure(folders: Iterable[Path]) -> None:
    """Write and remove so much in each folder that is there: quotas count too, and bounds on the size of files.

    :raises StoreUnavailable: it can't be written; the message names the folder and the mend.
    """
    for folder in dict.fromkeys(folder.absolute() for folder in folders):
        if folder.is_dir() and (e := _refused(folder, ROOM)) is not None:
            fault = StoreFull if e.errno in _FULL else StoreUnavailable
            mend = "free space there" if fault is StoreFull else "see to it that it can be written"
            words = f"{folder} doesn't take {ROOM >> 20} MiB: {e.strerror}: {mend}"
            raise fault(f"runs can't be recorded: {words}")


def lacking(folder: Path, size: int) -> str:
    """Why a folder doesn't take so many bytes, in the system's words: a full disk, or a quota. "": it does, or it's
    something else that is wrong.
    """
    e = _refused(folder, size)
    return str(e.strerror) if e is not None and e.errno in _FULL else ""


def _refused(folder: Path, size: int) -> OSError | None:
    try:
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            left = memoryview(bytes(size))
            while left:
                left = left[file.write(left) :]
    except OSError as e:
        return e
    return None
