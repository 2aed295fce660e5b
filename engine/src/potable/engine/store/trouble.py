"""Why a database file can't be used, and what to do: SQLite says hardly more than that it can't."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

_LITTLE = 1 << 20
"""A disk with fewer free bytes counts as full."""
_ELSE = "or name another store (--store, POTABLE_STORE)"


def trouble(database: str, code: int) -> str:
    """The end of a sentence: what is wrong with the file, as far as that shows, and how to mend it; "" for nothing.

    :param database: the file's path.
    :param code: SQLite's primary result code.
    """
    file = Path(database).absolute()
    # A full disk is an input/output error where SQLite maps its index of the log.
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _full(file.parent)):
        return f": free space on the disk of {file.parent}"
    if code == sqlite3.SQLITE_NOTADB:
        return f": {file} holds something else; name another file"
    if code not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return ""
    # Its folder first: where that may not be entered, nothing of the file is known.
    if not os.access(file.parent, os.W_OK | os.X_OK):
        return _denied("write in", file.parent)  # SQLite keeps its journal beside the file
    if file.is_dir():
        return f": {file} is a folder; name a file in it"
    if file.exists() and not os.access(file, os.R_OK | os.W_OK):
        return _denied("read and write", file)
    return ""


def _full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < _LITTLE
    except OSError:
        return False


def _denied(verb: str, path: Path) -> str:
    return f": this user ({_user()}) may not {verb} {path}; have that permitted, {_ELSE}"


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else "the present one"
