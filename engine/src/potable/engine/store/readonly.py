"""A database file that can be read, but not written, as that isn't permitted or the disk is full: its reports can be
seen all the same.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from potable.engine.store import room
from potable.engine.store.trouble import INDEX

_DENIED = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}
_NO_ROOM = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL}

Stamp = tuple[int, int, int]
"""A file's size, time and number."""
Stamps = tuple[Stamp | None, Stamp | None]
Identity = tuple[int, int]

_STILL = "immutable=1"
_WITH_LOG = "vfs=unix-none"
"""Without locks, since it's for one process alone, SQLite keeps the index of the log in its memory."""


class ReadOnly(sqlite3.Connection):
    """A connection that can't write. It isn't kept: what is in the way of another may be over by the next time.

    :ivar full: what tells that it's for want of room.
    """

    full: sqlite3.Error | None = None


class StillFile(ReadOnly):
    """A connection to a file that nobody writes to, as it seems: SQLite neither locks it nor looks for changes.

    :ivar stamps: the file and its log as they were when they were opened.
    """

    database = ""
    stamps: Stamps = (None, None)


def connection(database: str, error: sqlite3.Error, patience: float) -> ReadOnly | None:
    """A connection that can only read, where ``error`` says that it's the right to write, or room, that is lacking.

    SQLite reads a file in WAL mode only together with its log and the log's index, and makes those where they are
    missing. In a folder that takes nothing it can't; but without the index nobody is at work on the file, and all is in
    it and in the log, where there's one, as in a copy of both.
    """
    file = Path(database).absolute()
    full = _without_room(file, error)
    if not os.access(file, os.R_OK) or not (full or _denied(file, error)):
        return None  # it's something else, that passes by itself, as too many open files
    found = _reader(database, f"file:{quote(str(file))}?mode=ro", patience)
    if found is not None and full:
        found.full = error
    return found


def writes(connection: sqlite3.Connection) -> bool:
    """Whether it's one that can."""
    return not isinstance(connection, ReadOnly)


def _denied(file: Path, error: sqlite3.Error) -> bool:
    permitted = os.access(file.parent, os.W_OK | os.X_OK) and os.access(file, os.W_OK)
    return _primary(error) in _DENIED and not permitted


def _without_room(file: Path, error: sqlite3.Error) -> bool:
    return _primary(error) in _NO_ROOM and bool(room.lacking(file.parent, INDEX))


def _primary(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _reader(database: str, place: str, patience: float) -> ReadOnly | None:
    try:
        return _opened(place, patience, ReadOnly)
    except sqlite3.Error:
        stamps = _stamps(database)
        logged = bool(_size(f"{database}-wal"))
        if stamps[0] is None or (logged and not _alone(database)):
            return None
    try:
        found = _opened(f"{place}&{_WITH_LOG if logged else _STILL}", patience, StillFile)
    except sqlite3.Error:
        return None
    assert isinstance(found, StillFile)
    found.database, found.stamps = database, stamps
    return found


def _alone(database: str) -> bool:
    """Whether nobody else has the log in use, and SQLite can't take it away when it's closed."""
    return not Path(f"{database}-shm").exists() and not os.access(Path(database).absolute().parent, os.W_OK)


def unchanged(connection: sqlite3.Connection) -> bool:
    """Whether what was read by a connection can be relied on: nobody has begun to write meanwhile."""
    if not isinstance(connection, StillFile):
        return True
    return _stamps(connection.database) == connection.stamps


def identity(database: str) -> Identity | None:
    """Which file is at a path: its device and number; None where there's none."""
    try:
        found = os.stat(database)  # noqa: PTH116 - for each transaction: no Path is made of it first
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _opened(uri: str, patience: float, kind: type[ReadOnly]) -> ReadOnly:
    found = sqlite3.connect(
        uri, uri=True, timeout=patience, isolation_level=None, check_same_thread=False, factory=kind
    )
    try:
        found.row_factory = sqlite3.Row
        if kind is StillFile:
            found.execute("PRAGMA locking_mode=EXCLUSIVE")
        found.execute("SELECT count(*) FROM sqlite_master")
    except BaseException:
        found.close()
        raise
    return found


def _stamps(database: str) -> Stamps:
    """Of the file, and of its log where that holds something."""
    return _stamp(database), _stamp(f"{database}-wal") if _size(f"{database}-wal") else None


def _stamp(file: str) -> Stamp | None:
    try:
        found = Path(file).stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino


def _size(file: str) -> int:
    try:
        return Path(file).stat().st_size
    except FileNotFoundError:
        return 0
