"""Whether there's room on a disk for what a run leaves."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from potable.engine.errors import StoreUnavailable

ROOM = 1 << 20
"""Bytes of room that a run may need: its report, and the log in which the store writes it first."""


def make_sure(folders: Iterable[Path]) -> None:
    """Write and remove so much in each folder that is there: quotas count too, and bounds on the size of files.

    :raises StoreUnavailable: it can't be written; the message names the folder and the mend.
    """
    for folder in dict.fromkeys(folder.absolute() for folder in folders):
        if not folder.is_dir():
            continue
        try:
            with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
                left = memoryview(bytes(ROOM))
                while left:
                    left = left[file.write(left) :]
        except OSError as e:
            raise StoreUnavailable(
                f"runs can't be recorded: {folder} doesn't take {ROOM >> 20} MiB: {e.strerror}: free space there"
            ) from None
