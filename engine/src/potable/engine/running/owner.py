"""Who runs a run: a text that names a process so well that others on its machine can tell when it's gone."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

SCRATCH = "potable-run-"
"""How the names of all scratch folders begin."""


def me() -> str:
    """A fresh owner's name in this process: host, boot, process-id namespace, process, its start, a random part."""
    return f"{_machine()}/{os.getpid()}/{_started(os.getpid())}/{secrets.token_hex(4)}"


def is_gone(owner: str) -> bool:
    """Whether an owner's process has certainly ended. False where that can't be known: it's another machine's."""
    parts = owner.rsplit("/", 3)  # the machine's own name has slashes
    if len(parts) != 4:
        return False
    machine, pid, started, _ = parts
    if machine != _machine() or not pid.isdigit() or not started:
        return False
    return _ended(int(pid), started)


def is_here(owner: str) -> bool:
    """Whether an owner's process is, or was, one of this machine since it was started."""
    return owner.startswith(f"{_machine()}/")


def scratch_prefix() -> str:
    """How the names of this process's scratch folders begin: another process can tell whose they are."""
    return f"{SCRATCH}{_digest()}-{os.getpid()}-{_started(os.getpid())}-"


def abandoned(folder_name: str) -> bool:
    """Whether a scratch folder of this name was left by a process of this machine that has ended."""
    parts = folder_name.removeprefix(SCRATCH).split("-")
    if not folder_name.startswith(SCRATCH) or len(parts) != 4 or parts[0] != _digest() or not parts[2]:
        return False
    return parts[1].isdigit() and _ended(int(parts[1]), parts[2])


def remove_abandoned(parent: Path) -> None:
    """Remove the scratch folders of processes that were killed before they could."""
    for folder in parent.glob(f"{SCRATCH}*"):
        if abandoned(folder.name):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder for a run's process, removed at the end; and those that were left behind are."""
    remove_abandoned(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=scratch_prefix(), ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@cache
def _digest() -> str:
    return hashlib.sha256(_machine().encode()).hexdigest()[:12]


@cache
def _machine() -> str:
    """This machine since it was started, as far as process ids mean the same on it."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        namespace = Path("/proc/self/ns/pid").readlink().name
    except OSError:
        boot = namespace = ""
    return f"{socket.gethostname().replace('/', '-')}/{boot}/{namespace}"


def _ended(pid: int, started: str) -> bool:
    """Whether the process of this number that was started then has certainly ended."""
    if fields := _stat(pid):
        return fields[0] == "Z" or fields[19] != started
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except OSError:
        pass
    return False  # it may just not be readable: open files are scarce, or other users' processes hidden


def _started(pid: int) -> str:
    """When a process was started, in ticks since boot: tells it from a later one of the same number. "" when there's
    no such process (a zombie is none), or the system doesn't tell.
    """
    fields = _stat(pid)
    return "" if fields is None or fields[0] == "Z" else fields[19]


def _stat(pid: int) -> list[str] | None:
    """What the system tells of a process, from its state on; None where it can't be read."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
