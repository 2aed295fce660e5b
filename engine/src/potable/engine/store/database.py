"""A connection to SQLite or PostgreSQL: transactions, the clock, errors in Potable's words, the schema's version."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import URL, Connection, Engine, make_url

from potable.engine.errors import StoreError, StoreUnavailable
from potable.engine.store import tables

PATIENCE = 5.0
"""How long a locked database is waited for, in seconds."""

# SQLite's primary result codes: what may be over in a moment, and what won't. https://sqlite.org/rescode.html
_TRANSIENT = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR,
              sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_INTERRUPT}  # fmt: skip
_LASTING = re.compile(r"password authentication failed|does not exist|no pg_hba.conf entry|permission denied")
_SCHEMA_LOCK = 0x706F7461626C65  # "potable": key of the advisory lock under which PostgreSQL's tables are made


class Database:
    """An SQL database of the store.

    :param url: ``sqlite:///file`` or ``postgresql+psycopg://user:password@host/name`` (``postgresql://`` too).
    :param clock: milliseconds since 1970; None: the database's own on PostgreSQL, this machine's on SQLite.
    :param patience: seconds that a locked database is waited for.
    """

    def __init__(self, url: str, *, clock: Callable[[], int] | None = None, patience: float = PATIENCE) -> None:
        self.url = _parse(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.name = self.url.render_as_string(hide_password=True)
        self._clock = clock
        self._patience = patience
        self._opened = False
        self._engine = self._make_engine()

    def now(self) -> Any:
        """The time in milliseconds, as an SQL expression."""
        if self._clock is not None:
            return sa.literal(self._clock(), sa.BigInteger)
        if self.sqlite:
            return sa.literal(time.time_ns() // 1_000_000, sa.BigInteger)
        return sa.cast(sa.func.floor(sa.extract("epoch", sa.func.clock_timestamp()) * 1000), sa.BigInteger)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads."""
        with self._errors(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is committed, durably, when the block ends well."""
        with self._errors(), self._engine.connect() as plain:
            # Without IMMEDIATE two writers that have read deadlock, and SQLite gives up without waiting.
            connection = plain.execution_options(potable_begin="BEGIN IMMEDIATE")
            with connection.begin():
                yield connection

    def open(self) -> None:
        """Connect, and make the tables where there are none.

        Raises :class:`~potable.engine.errors.StoreError` for tables of a newer version.
        """
        if self.sqlite:
            self._make_folder()
        with self.write() as connection:
            if not self.sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
            version = 0
            if sa.inspect(connection).has_table(tables.meta.name):
                found = connection.scalar(sa.select(tables.meta.c.value).where(tables.meta.c.name == "schema"))
                version = int(found or 0)
            if version > tables.SCHEMA:
                raise StoreError(
                    f"the run store {self.name} was made by a newer Potable (its schema is {version}, this one knows "
                    f"{tables.SCHEMA}): upgrade Potable, or name another store"
                )
            if version == 0:
                tables.metadata.create_all(connection)
                connection.execute(sa.insert(tables.meta).values(name="schema", value=str(tables.SCHEMA)))
        self._opened = True

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _make_folder(self) -> None:
        try:
            Path(self.url.database or "").absolute().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as e:
            raise StoreError(f"the run store {self.name} can't be made: {e.strerror}: {e.filename}") from None

    def _make_engine(self) -> Engine:
        if self.sqlite:
            engine = sa.create_engine(self.url, connect_args={"timeout": self._patience}, pool_timeout=self._patience)
            sa.event.listen(engine, "connect", self._set_up_sqlite)
            sa.event.listen(engine, "begin", _begin_sqlite)
            return engine
        arguments = {"connect_timeout": max(2, round(self._patience)), "application_name": "potable"}
        given = {k: v for k, v in arguments.items() if k not in self.url.query}
        try:
            engine = sa.create_engine(
                self.url, connect_args=given, pool_pre_ping=True, pool_timeout=self._patience, max_overflow=20
            )
            sa.event.listen(engine, "connect", self._set_up_postgresql)
            return engine
        except ModuleNotFoundError as e:
            if e.name != "psycopg":
                raise
            raise StoreError(
                f"the run store {self.name} needs a driver: pip install 'potable-engine[postgresql]'"
            ) from None

    def _set_up_sqlite(self, connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # transactions begin where this module says so
        until = time.monotonic() + self._patience
        while True:
            try:
                connection.execute("PRAGMA journal_mode=WAL")
                break
            except sqlite3.OperationalError as e:
                # The one statement for which SQLite doesn't wait: several processes make the file at once.
                if e.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
                time.sleep(0.01)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    def _set_up_postgresql(self, connection: Any, _: object) -> None:
        # Not as start-up options: a connection pooler in between may refuse those.
        bounds = {"lock_timeout": 1, "statement_timeout": 6, "idle_in_transaction_session_timeout": 12}
        connection.autocommit = True
        for name, times in bounds.items():
            connection.execute(f"SET {name} = {round(self._patience * times * 1000)}")
        connection.autocommit = False

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except exc.TimeoutError:
            raise StoreUnavailable(f"the run store {self.name} is busy: try again") from None
        except exc.DBAPIError as e:
            raise self._translated(e) from e
        except sqlite3.Error as e:  # from setting a connection up, where SQLAlchemy doesn't wrap
            raise self._translated(e) from e

    def _translated(self, error: exc.DBAPIError | sqlite3.Error) -> Exception:
        cause = error.orig if isinstance(error, exc.DBAPIError) else error
        text = self._clean(str(cause))
        gone = StoreUnavailable(f"the run store {self.name} doesn't answer: {text}: try again")
        broken = StoreError(f"the run store {self.name} can't be used: {text}")
        if isinstance(cause, sqlite3.Error):
            code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
            if code in _TRANSIENT or (code == sqlite3.SQLITE_CANTOPEN and self._opened):
                return gone
            return broken
        if isinstance(error, (exc.OperationalError, exc.InterfaceError)) or (
            isinstance(error, exc.DBAPIError) and error.connection_invalidated
        ):
            return broken if _LASTING.search(text) else gone
        return broken

    def _clean(self, text: str) -> str:
        """A driver's message on one line, without the password."""
        line = " ".join(text.split())
        password = self.url.password
        return line.replace(str(password), "***") if password else line


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("potable_begin", "BEGIN"))


def _parse(text: str) -> URL:
    """The database URL. Raises StoreError, which never quotes what may be a password."""
    if "://" not in text:
        hint = f": did you mean sqlite:///{text}?" if re.fullmatch(r"[\w./~-]+", text) else ""
        raise StoreError(f"the run store must be a database URL (sqlite:///file or postgresql+psycopg://…){hint}")
    try:
        url = make_url(text)
        backend = url.get_backend_name()
    except (exc.ArgumentError, ValueError):
        raise StoreError("the run store's URL can't be understood: escape special characters as %XX") from None
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise StoreError(f"the run store must be SQLite or PostgreSQL, not {backend}")
    if not url.database or url.database == ":memory:" or "mode=memory" in url.database:
        raise StoreError("the run store must outlive its process: name a file, sqlite:///runs.db")
    if url.database.startswith("~"):
        url = url.set(database=str(Path(url.database).expanduser()))
    return url
