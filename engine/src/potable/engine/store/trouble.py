"""Why a database file can't be used, and what to do: SQLite says hardly more than that it can't."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

_ELSE = "or name another store (--store, POTABLE_STORE)"


def trouble(database: str, code: int) -> str:
    """The end of a sentence: what is wrong with the file, as far as that shows, and how to mend it; "" for nothing.

    :param database: the file's path.
    :param code: SQLite's primary result code.
    """
    file = Path(database).absolute()
    if code == sqlite3.SQLITE_FULL:
        return f": free space on the disk of {file.parent}"
    if code == sqlite3.SQLITE_NOTADB:
        return f": {file} holds something else; name another file"
    if code not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return ""
    if file.is_dir():
        return f": {file} is a folder; name a file in it"
    needed = [(file, os.R_OK | os.W_OK, "read and write")] if _there(file) else []
    needed.append((file.parent, os.W_OK | os.X_OK, "write in"))  # SQLite keeps its journal beside the file
    for path, mode, verb in needed:
        if not os.access(path, mode):
            return f": this user ({_user()}) may not {verb} {path}; have that permitted, {_ELSE}"
    return ""


def _there(file: Path) -> bool:
    try:
        return file.exists()
    except OSError:  # its folder may not be entered
        return False


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else "the present one"
