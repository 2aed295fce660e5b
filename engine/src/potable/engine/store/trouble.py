"""Why a database file can't be used, and what to do: SQLite says hardly more than that it can't."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from pathlib import Path

from potable.engine.store import room

INDEX = 1 << 15
"""Bytes that SQLite needs beside the file before it can read it: the index of its log."""
_LITTLE = 1 << 20
"""A disk with fewer free bytes counts as full."""
_ELSE = "or name another store (--store, POTABLE_STORE)"


def trouble(database: str, code: int) -> str:
    """The end of a sentence: what is wrong with the file, as far as that shows, and how to mend it; "" for nothing.

    :param database: the file's path.
    :param code: SQLite's primary result code.
    """
    file = Path(database).absolute()
    if without_room(database, code):
        why = room.lacking(file.parent, INDEX)  # a quota, or a bound on the size of files (ulimit -f)
        said = f" ({why})" if why and why != os.strerror(errno.ENOSPC) else ""
        return f": free space on the disk of {file.parent}{said}"
    if code == sqlite3.SQLITE_NOTADB:
        return f": {file} holds something else; name another file"
    if code not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return ""
    # Its folder first: where that may not be entered, nothing of the file is known.
    if _read_only(file.parent):
        return f": the disk of {file.parent} is mounted to be read only; mount it to be written, {_ELSE}"
    if not os.access(file.parent, os.W_OK | os.X_OK):
        return _denied("write in", file.parent)  # SQLite keeps its journal beside the file
    if file.is_dir():
        return f": {file} is a folder; name a file in it"
    # What SQLite keeps beside it has the rights that the file had when that was made.
    for needed in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm"))):
        if needed.exists() and not os.access(needed, os.R_OK | os.W_OK):
            return _denied("read and write", needed)
    return ""


def without_room(database: str, code: int) -> bool:
    """Whether it's for want of room that the file can't be used.

    :param code: SQLite's primary result code.
    """
    folder = Path(database).absolute().parent
    # A full disk is an input/output error where SQLite maps its index of the log, and one without room for a further
    # file lets none be opened.
    unsaid = code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
    return code == sqlite3.SQLITE_FULL or (unsaid and (_little(folder, code) or bool(room.lacking(folder, INDEX))))


def _little(folder: Path, code: int) -> bool:
    try:
        return code == sqlite3.SQLITE_IOERR and shutil.disk_usage(folder).free < _LITTLE
    except OSError:
        return False


def _read_only(folder: Path) -> bool:
    try:
        return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
    except (OSError, AttributeError):  # not on Windows
        return False


def _denied(verb: str, path: Path) -> str:
    return f": this user ({_user()}) may not {verb} {path}; have that permitted, {_ELSE}"


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else "the present one"
