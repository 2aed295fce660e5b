"""SQLite: a file of the allowed folders, opened for reading, its statements watched by an authorizer."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

import sqlalchemy as sa

from potable.engine.fetching import codes
from potable.engine.fetching.database import codes as own
from potable.engine.fetching.database.session import Login, Session
from potable.engine.fetching.database.urls import DatabaseUrl, Dialect
from potable.engine.fetching.deadline import Deadline
from potable.engine.findings import Code

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext

_STEPS = 50_000
"""Steps of SQLite's machine between two looks at the clock: a few milliseconds."""
_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE})
_FORBIDDEN_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer", "writefile", "readfile", "edit"})

_BY_NUMBER: dict[int, tuple[Code, bool]] = {
    sqlite3.SQLITE_AUTH: (own.NOT_READ_ONLY, False),
    sqlite3.SQLITE_READONLY: (own.NOT_READ_ONLY, False),
    sqlite3.SQLITE_INTERRUPT: (codes.TIMEOUT, False),
    sqlite3.SQLITE_NOTADB: (codes.MEDIA_TYPE, False),
    sqlite3.SQLITE_BUSY: (codes.UNREACHABLE, True),
    sqlite3.SQLITE_LOCKED: (codes.UNREACHABLE, True),
    sqlite3.SQLITE_TOOBIG: (codes.TOO_LARGE, False),
    sqlite3.SQLITE_CANTOPEN: (codes.NOT_FOUND, False),
}


class SqliteSession(Session):
    """One SELECT on a file.

    :param path: the file, known to lie in an allowed folder.
    """

    dialect: ClassVar[Dialect] = "sqlite"
    no_column: ClassVar[str] = r"^no such column: (?:.*\.)?(?P<name>.+)$"
    driver: sqlite3.Connection | None = None

    def __init__(self, url: DatabaseUrl, context: FetchContext, path: Path) -> None:
        super().__init__(url, Login(), context)
        self._path = path
        self._deadline = Deadline(context.network.left)

    def open(self, schema: str | None) -> None:
        """Open for reading. Raises ``sqlite3.Error``."""
        engine = sa.create_engine("sqlite://", creator=self._connect, poolclass=sa.NullPool)
        self.connection = engine.connect()
        assert self.driver is not None
        self.driver.execute("PRAGMA trusted_schema = OFF")  # a view may not call functions with side effects
        self.driver.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        self.driver.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, self.context.limits.record_bytes)
        self.driver.set_authorizer(_authorized)
        self.driver.set_progress_handler(lambda: self._deadline.passed, _STEPS)

    def role_faults(self) -> Iterator[str]:
        """There are no roles."""
        yield from ()

    def tables(self, schema: str | None) -> Sequence[str]:
        """Tables and views."""
        query = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY 1"
        return list(self.connection.exec_driver_sql(query).scalars())

    def cursor(self) -> sqlite3.Cursor:
        """SQLite makes rows when they are asked for."""
        assert self.driver is not None
        return self.driver.cursor()

    def cancel(self) -> None:
        """Interrupt; the progress handler does so too."""
        if self.driver is not None:
            self.driver.interrupt()

    def cut(self) -> None:
        """There's no connection to cut."""

    def judged(self, error: BaseException) -> tuple[Code, str, bool] | None:
        """By the result code."""
        if not isinstance(error, sqlite3.Error):
            return None
        words = str(error)
        if re.search("one statement at a time|not authorized|prohibited", words):
            return own.NOT_READ_ONLY, words, False
        if words.startswith("no such table"):
            return codes.NOT_FOUND, words, False
        number = getattr(error, "sqlite_errorcode", None)
        code, transient = _BY_NUMBER.get(number & 0xFF if number is not None else -1, (own.FAILED, False))
        return code, words, transient

    def _connect(self) -> sqlite3.Connection:
        mode = "mode=ro&immutable=1" if _is_quiet(self._path) else "mode=ro"
        self.driver = sqlite3.connect(
            f"file:{quote(str(self._path))}?{mode}", uri=True, check_same_thread=False, isolation_level=None,
            cached_statements=0, timeout=min(self.context.limits.connect_seconds, self.context.network.left),
        )  # fmt: skip
        self.driver.text_factory = _text
        return self.driver


def _is_quiet(path: Path) -> bool:
    """Whether a database with a write-ahead log has no writer: SQLite would make files beside it even to read it."""
    with path.open("rb") as file:
        head = file.read(20)
    return head[18:20] == b"\x02\x02" and not path.with_name(path.name + "-wal").exists()


def _text(data: bytes) -> str:
    """Text whose bytes needn't be UTF-8: they come out of it again as they were."""
    return data.decode("utf-8", "surrogateescape")


def _authorized(action: int, first: Any, second: Any, database: Any, trigger: Any) -> int:
    allowed = action in _ALLOWED or (action == sqlite3.SQLITE_FUNCTION and second not in _FORBIDDEN_FUNCTIONS)
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY
