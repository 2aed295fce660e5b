"""SQLite or PostgreSQL, by Python's DB-API (PEP 249): transactions, the clock, errors in Potable's words, the schema's
version.

SQL is written once for both, with ``:name`` for a value and ``:now`` for the time.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from potable.engine.errors import StoreDamaged, StoreError, StoreFull, StoreUnavailable
from potable.engine.lazyregex import lazy_regex
from potable.engine.store import readonly, tables
from potable.engine.store.intact import intact
from potable.engine.store.pool import Busy, Pool
from potable.engine.store.trouble import trouble, without_room
from potable.engine.store.url import StoreUrl

Row = Mapping[str, Any]

PATIENCE = 5.0
"""How long a locked database is waited for, in seconds."""

# SQLite's primary result codes: what may be over in a moment, and what won't. https://sqlite.org/rescode.html
_TRANSIENT = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR,
              sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_INTERRUPT}  # fmt: skip
_LASTING = lazy_regex(r"password authentication failed|does not exist|no pg_hba.conf entry|permission denied")
# What Potable made isn't as it made it: tables, their columns, the file's pages.
_DAMAGED = lazy_regex(
    r"^(?:no such (?:table|column): |table \S+ already exists|duplicate column name: |.*image is malformed)"
)
_DAMAGED_STATES = {"42P01", "42P07", "42701", "42703", "XX001", "XX002"}
"""PostgreSQL's codes of the same: undefined and duplicate tables and columns, corrupted data and indexes."""
_DISK_FULL = "53100"
_IDLE_TOO_LONG = "25P03"
"""PostgreSQL's code of the error after which a connection that idled in a transaction is gone."""
_SCHEMA_LOCK = 0x706F7461626C65  # "potable": key of the advisory lock under which PostgreSQL's tables are made
_VALUE = lazy_regex(r":(\w+)")
_POSTGRESQL_NOW = "CAST(floor(extract(epoch FROM clock_timestamp()) * 1000) AS BIGINT)"


class Transaction:
    """What can be asked within a transaction; values are given by name."""

    def __init__(self, connection: Any, words: Callable[[str], str], now: int | None) -> None:
        self._connection, self._words = connection, words
        self._given = {} if now is None else {"now": now}

    def rows(self, sql: str, **values: Any) -> list[Row]:
        """All rows of a query."""
        found: list[Row] = self._execute(sql, values).fetchall()
        return found

    def row(self, sql: str, **values: Any) -> Row | None:
        """The first row, None when there's none."""
        found = self.rows(sql, **values)
        return found[0] if found else None

    def value(self, sql: str, **values: Any) -> Any:
        """The first row's first value, None when there's none."""
        found = self.row(sql, **values)
        return None if found is None else next(iter(dict(found).values()))

    def change(self, sql: str, **values: Any) -> int:
        """Execute; returns how many rows were changed."""
        return int(self._execute(sql, values).rowcount)

    def _execute(self, sql: str, values: Mapping[str, Any]) -> Any:
        return self._connection.execute(self._words(sql), {**values, **self._given})


class Database:
    """An SQL database of the store.

    :param url: ``sqlite:///file`` or ``postgresql+psycopg://user:password@host/name`` (``postgresql://`` too).
    :param clock: milliseconds since 1970; None: the database's own on PostgreSQL, this machine's on SQLite.
    :param patience: seconds that a locked database is waited for.
    """

    def __init__(self, url: str, *, clock: Callable[[], int] | None = None, patience: float = PATIENCE) -> None:
        self.url = StoreUrl.parse(url)
        self.sqlite = self.url.backend == "sqlite"
        self.name = self.url.shown
        self._clock = clock if clock is not None or not self.sqlite else _this_machine
        self._patience = patience
        self._opened = False
        self._identity: readonly.Identity | None = None
        self._errors: tuple[type[Exception], ...] = (sqlite3.Error,)
        self._pool = Pool(self._connect_sqlite, self._serves_on, patience) if self.sqlite else self._postgresql()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A transaction that only reads."""
        with self._transaction("BEGIN", commit=False) as transaction:
            yield transaction

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """A transaction that is committed, durably, when the block ends well."""
        # Without IMMEDIATE two writers that have read deadlock, and SQLite gives up without waiting.
        with self._transaction("BEGIN IMMEDIATE" if self.sqlite else "BEGIN", commit=True) as transaction:
            yield transaction

    def open(self) -> None:
        """Connect, and make the tables where there are none; those of an older version are brought up to date.

        Raises :class:`~potable.engine.errors.StoreError` for tables of a newer version.
        """
        if self.sqlite:
            self._make_folder()
        with self.read() as t:  # whoever only reads is held up by no writer, and needn't be one
            version = self._version(t)
        if version != tables.SCHEMA:
            self._make_tables()
        self._opened = True

    def _version(self, t: Transaction) -> int:
        """The version of the tables' schema; 0 where there are none."""
        # Not to_regclass(): it remembers, for all of a connection, that there was no such table before another made it.
        query = "SELECT 1 FROM pg_class WHERE relname = 'potable_meta' AND pg_table_is_visible(oid)"
        if self.sqlite:
            query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'potable_meta'"
        found = t.value("SELECT value FROM potable_meta WHERE name = 'schema'") if t.value(query) else None
        with intact("the version of the tables (potable_meta)"):
            return int(found or 0)

    def _make_tables(self) -> None:
        with self.write() as t:
            if not self.sqlite:
                t.rows("SELECT pg_advisory_xact_lock(:key)", key=_SCHEMA_LOCK)
            version = self._version(t)  # another process may have been first
            if version > tables.SCHEMA:
                raise StoreError(
                    f"the run store {self.name} was made by a newer Potable (its schema is {version}, this one knows "
                    f"{tables.SCHEMA}): upgrade Potable, or name another store"
                )
            if version == 0:
                for statement in tables.statements(sqlite=self.sqlite):
                    t.change(statement)
                t.change("INSERT INTO potable_meta (name, value) VALUES ('schema', :value)", value=str(tables.SCHEMA))
            elif version < tables.SCHEMA:
                for statement in tables.upgrades(version, sqlite=self.sqlite):
                    t.change(statement)
                t.change("UPDATE potable_meta SET value = :value WHERE name = 'schema'", value=str(tables.SCHEMA))

    @property
    def folders(self) -> list[Path]:
        """Where it writes, on this machine: a full disk has room in SQLite's log for a small change, and no more."""
        return [Path(self.url.database).absolute().parent] if self.sqlite else []

    def make_sure(self) -> None:
        """Commit a change that says nothing. Raises :class:`~potable.engine.errors.StoreError` where it can't be."""
        note = (
            "INSERT INTO potable_meta (name, value) VALUES ('ready', CAST(:now AS VARCHAR(20))) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        )
        with self.write() as t:
            t.change(note)

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()

    @contextmanager
    def _transaction(self, begin: str, *, commit: bool) -> Iterator[Transaction]:
        try:
            with self._pool.connection() as connection:
                if commit and (full := getattr(connection, "full", None)):
                    raise full
                connection.execute(begin)
                now = None if self._clock is None else self._clock()
                yield Transaction(connection, self._words, now)
                if commit:
                    connection.commit()
                    self._make_sure_of_place()
                elif self.sqlite and not readonly.unchanged(connection):
                    raise StoreUnavailable(f"the run store {self.name} was written to while it was read: try again")
        except Busy:
            raise StoreUnavailable(f"the run store {self.name} is busy: try again") from None
        except self._errors as e:
            if isinstance(e, sqlite3.Error) and e.sqlite_errorcode & 0xFF == sqlite3.SQLITE_READONLY:
                self._pool.close()  # a file that was opened while it mightn't be written isn't ever, by that connection
            raise self._translated(e) from e

    def _words(self, sql: str) -> str:
        return sql if self.sqlite else _postgresql_words(sql, own_clock=self._clock is None)

    # -- SQLite --------------------------------------------------------------------------------------------------

    def _make_folder(self) -> None:
        try:
            Path(self.url.database).absolute().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as e:
            raise StoreError(
                f"the run store {self.name} can't be made: {e.strerror}: {e.filename}; "
                "name another one (--store, POTABLE_STORE)"
            ) from None

    def _connect_sqlite(self) -> sqlite3.Connection:
        self._make_sure_of_place()
        try:
            return self._connect_to_file()
        except sqlite3.Error as e:
            found = readonly.connection(self.url.database, e, self._patience)
            if found is None:
                raise
            return found

    def _connect_to_file(self) -> sqlite3.Connection:
        # Transactions begin where this module says so; a connection is one thread's at a time, but not one thread's.
        connection = sqlite3.connect(
            self.url.database, timeout=self._patience, isolation_level=None, check_same_thread=False
        )
        try:
            connection.row_factory = sqlite3.Row
            self._write_ahead(connection)
            self._identity = self._identity or readonly.identity(self.url.database)
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA foreign_keys=ON")
        except BaseException:
            connection.close()
            raise
        return connection

    def _serves_on(self, connection: sqlite3.Connection) -> bool:
        """Whether an idle connection may be lent once more."""
        return readonly.writes(connection) and not self._moved()

    def _moved(self) -> bool:
        """Whether the file at its place isn't the one that was opened. SQLite goes on with that, and what is written to
        it is lost; the log of the one would be taken for the log of another.
        """
        return self._identity is not None and readonly.identity(self.url.database) != self._identity

    def _make_sure_of_place(self) -> None:
        if self._moved():
            raise StoreUnavailable(
                f"the run store {self.name} isn't the file any more that was open, which was moved or removed: put it "
                "back, or start again with another one when nobody uses this"
            )

    def _write_ahead(self, connection: sqlite3.Connection) -> None:
        until = time.monotonic() + self._patience
        while True:
            try:
                connection.execute("PRAGMA journal_mode=WAL")
            except sqlite3.OperationalError as e:
                # The one statement for which SQLite doesn't wait: several processes make the file at once.
                if e.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
                time.sleep(0.01)
            else:
                return

    # -- PostgreSQL ----------------------------------------------------------------------------------------------

    def _postgresql(self) -> Pool:
        try:
            import psycopg  # heavy, and an extra
            from psycopg.rows import dict_row
        except ModuleNotFoundError as e:
            if e.name != "psycopg":
                raise
            raise StoreError(
                f"the run store {self.name} needs a driver: pip install 'potable-engine[postgresql]'"
            ) from None
        self._errors = (psycopg.Error,)
        url = self.url
        named = {"host": url.host, "port": url.port, "user": url.user, "password": url.password, "dbname": url.database}
        arguments: dict[str, Any] = {
            "connect_timeout": max(2, round(self._patience)), "application_name": "potable",
            **{k: v for k, v in named.items() if v}, **url.options,
        }  # fmt: skip
        # Not as start-up options: a connection pooler in between may refuse those.
        bounds = {"lock_timeout": 1, "statement_timeout": 6, "idle_in_transaction_session_timeout": 12}

        def connect() -> Any:
            connection = psycopg.connect(autocommit=True, row_factory=dict_row, **arguments)
            try:
                for name, times in bounds.items():
                    connection.execute(f"SET {name} = {round(self._patience * times * 1000)}")
            except BaseException:
                connection.close()
                raise
            return connection

        def answers(connection: Any) -> bool:
            try:
                connection.execute("SELECT 1")
            except psycopg.Error:
                return False
            return True

        return Pool(connect, answers, self._patience)

    # -- errors --------------------------------------------------------------------------------------------------

    def _translated(self, error: Exception) -> Exception:
        text = self._clean(str(error))
        full = getattr(error, "sqlstate", None) == _DISK_FULL
        if isinstance(error, sqlite3.Error):
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            text += trouble(self.url.database, code)
            full = without_room(self.url.database, code)
        if _DAMAGED.search(text) or getattr(error, "sqlstate", None) in _DAMAGED_STATES:
            return StoreDamaged(
                f"the run store {self.name} is damaged ({text}): restore it from a backup, or name another one "
                "(--store, POTABLE_STORE)"
            )
        if full:
            return StoreFull(f"the run store {self.name} takes nothing more: {text}")
        gone = StoreUnavailable(f"the run store {self.name} doesn't answer: {text}: try again")
        broken = StoreError(f"the run store {self.name} can't be used: {text}")
        if isinstance(error, sqlite3.Error):
            if code in _TRANSIENT or (code == sqlite3.SQLITE_CANTOPEN and self._opened):
                return gone
            return broken
        # PEP 249 names the classes; what else cuts a connection off says so by its code
        of_operation = {c.__name__ for c in type(error).__mro__} & {"OperationalError", "InterfaceError"}
        if of_operation or getattr(error, "sqlstate", None) == _IDLE_TOO_LONG:
            return broken if _LASTING.search(text) else gone
        return broken

    def _clean(self, text: str) -> str:
        """A driver's message on one line, without the password."""
        line = " ".join(text.split())
        return line.replace(self.url.password, "***") if self.url.password else line


def _this_machine() -> int:
    return time.time_ns() // 1_000_000


@lru_cache(maxsize=256)
def _postgresql_words(sql: str, *, own_clock: bool) -> str:
    if own_clock:
        sql = sql.replace(":now", _POSTGRESQL_NOW)
    return _VALUE.sub(r"%(\1)s", sql)
