"""A database file that may be read, but not written, by whoever runs this: its reports can be seen all the same."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

_DENIED = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}

Stamp = tuple[int, int, int]


class StillFile(sqlite3.Connection):
    """A connection to a file that nobody writes to, as it seems: SQLite neither locks it nor looks for changes.

    :ivar stamp: the file as it was when it was opened.
    """

    database = ""
    stamp: Stamp | None = None


def connection(database: str, error: sqlite3.Error, patience: float) -> sqlite3.Connection | None:
    """A connection that can only read, where ``error`` says that it's no right to write that is lacking.

    SQLite reads a file in WAL mode only together with its log and the log's index, and makes those where they are
    missing. In a folder that can't be written it can't; but without a log nobody is at work on the file.
    """
    file = Path(database).absolute()
    # Else it's something that passes, as too many open files: a connection that can't write would outlast it.
    lacking = not os.access(file.parent, os.W_OK | os.X_OK) or not os.access(file, os.W_OK)
    if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DENIED or not lacking or not os.access(file, os.R_OK):
        return None
    place = f"file:{quote(str(file))}?mode=ro"
    try:
        return _opened(place, patience, sqlite3.Connection)
    except sqlite3.Error:
        stamp = _stamp(database)
        if stamp is None or _size(f"{database}-wal"):
            return None
    try:
        found = _opened(f"{place}&immutable=1", patience, StillFile)
    except sqlite3.Error:
        return None
    assert isinstance(found, StillFile)
    found.database, found.stamp = database, stamp
    return found


def unchanged(connection: sqlite3.Connection) -> bool:
    """Whether what was read by a connection can be relied on: nobody has begun to write meanwhile."""
    if not isinstance(connection, StillFile):
        return True
    return not _size(f"{connection.database}-wal") and _stamp(connection.database) == connection.stamp


def _opened(uri: str, patience: float, kind: type[sqlite3.Connection]) -> sqlite3.Connection:
    found = sqlite3.connect(
        uri, uri=True, timeout=patience, isolation_level=None, check_same_thread=False, factory=kind
    )
    try:
        found.row_factory = sqlite3.Row
        found.execute("SELECT count(*) FROM sqlite_master")
    except BaseException:
        found.close()
        raise
    return found


def _stamp(database: str) -> Stamp | None:
    try:
        found = Path(database).stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino


def _size(file: str) -> int:
    try:
        return Path(file).stat().st_size
    except FileNotFoundError:
        return 0
