"""MySQL and MariaDB, by PyMySQL: an unbuffered cursor in a read-only transaction."""

from __future__ import annotations

import re
import socket
import ssl
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar

import pymysql
import sqlalchemy as sa
from pymysql.constants import FIELD_TYPE
from pymysql.converters import encoders
from pymysql.cursors import SSCursor

from potable.engine.fetching import codes
from potable.engine.fetching.database import codes as own
from potable.engine.fetching.database.rows import document, number
from potable.engine.fetching.database.session import Session
from potable.engine.fetching.database.urls import Dialect
from potable.engine.fetching.deadline import Deadline
from potable.engine.fetching.faults import Failure, quote_text
from potable.engine.fetching.network.failures import failure_of
from potable.engine.fetching.network.sockets import OutOfTime, OverBudget, tls_context
from potable.engine.fetching.watch import Watch
from potable.engine.findings import Code, Occurrence
from potable.engine.lazyregex import lazy_regex

_READS = frozenset({
    "SELECT", "USAGE", "SHOW VIEW", "SHOW DATABASES", "PROCESS", "EXECUTE", "REFERENCES", "LOCK TABLES",
    "REPLICATION CLIENT", "BINLOG MONITOR", "SLAVE MONITOR", "PROXY",
})  # fmt: skip
_GRANT = lazy_regex(r"GRANT (.+?) ON (?:TABLE |PROCEDURE |FUNCTION )?(\S+) TO ", re.IGNORECASE)
_COLUMNS = lazy_regex(r"\s*\([^)]*\)")

_BY_NUMBER: dict[int, tuple[Code, bool]] = {
    1044: (codes.UNAUTHORIZED, False), 1045: (codes.UNAUTHORIZED, False), 1130: (codes.UNAUTHORIZED, False),
    1142: (codes.UNAUTHORIZED, False), 1143: (codes.UNAUTHORIZED, False), 1227: (codes.UNAUTHORIZED, False),
    1251: (codes.UNAUTHORIZED, False), 1698: (codes.UNAUTHORIZED, False), 1370: (codes.UNAUTHORIZED, False),
    1049: (codes.NOT_FOUND, False), 1146: (codes.NOT_FOUND, False),
    1792: (own.NOT_READ_ONLY, False), 1290: (own.NOT_READ_ONLY, False),
    1317: (codes.TIMEOUT, False), 1969: (codes.TIMEOUT, False), 3024: (codes.TIMEOUT, False),
    1040: (codes.UNREACHABLE, True), 1053: (codes.UNREACHABLE, True), 1203: (codes.UNREACHABLE, True),
    1205: (own.FAILED, True), 1213: (own.FAILED, True),
    2003: (codes.UNREACHABLE, True), 2006: (codes.UNREACHABLE, True), 2013: (codes.TRUNCATED, True),
    2014: (codes.PROTOCOL, False), 2026: (codes.TLS, False), 2027: (codes.PROTOCOL, False),
}  # fmt: skip

_INCOMPLETE = frozenset({1260, 1301, 1931})
"""Warnings that mean that values were cut, lost, or that rows are missing."""


class MysqlSession(Session):
    """One SELECT on MySQL or MariaDB. The protocol's several statements per message are never switched on."""

    dialect: ClassVar[Dialect] = "mysql"
    no_column: ClassVar[str] = r"^Unknown column '(?:[^']*\.)?(?P<name>[^']+)' in"
    driver: pymysql.Connection[Any] | None = None
    _socket: socket.socket | None = None
    _peer: tuple[Any, ...] = ()
    _cursor: Any = None

    def open(self, schema: str | None) -> None:
        """Connect to a checked address. Raises ``pymysql.Error``, ``Fault``."""
        self._schema = schema
        engine = sa.create_engine("mysql+pymysql://", creator=self._connect, poolclass=sa.NullPool)
        self.connection = engine.connect()
        left = self.context.network.left
        mariadb = bool(getattr(engine.dialect, "is_mariadb", False))
        limit = (
            f"max_statement_time = {left + 0.001:.3f}" if mariadb else f"max_execution_time = {int(left * 1000) + 1}"
        )
        for statement in (
            f"SET SESSION {limit}",
            "SET SESSION time_zone = '+00:00'",
            "SET SESSION sql_select_limit = 18446744073709551615",  # the server may be set up to cut off all others
            # what is told as text and as name must be what the words were checked by
            "SET SESSION sql_mode = REPLACE(REPLACE(@@sql_mode, 'ANSI_QUOTES', ''), 'NO_BACKSLASH_ESCAPES', '')",
            "START TRANSACTION READ ONLY",
        ):
            self.connection.exec_driver_sql(statement)

    def role_faults(self) -> Iterator[str]:
        """Grants beyond reading."""
        for (grant,) in self.connection.exec_driver_sql("SHOW GRANTS").all():
            match = _GRANT.match(grant)
            if match is None:
                continue
            rights = {right.strip().upper() for right in _COLUMNS.sub("", match[1]).split(",")}
            beyond = sorted(rights - _READS)
            if beyond:
                yield f"the role has {', '.join(beyond[:4])}{', …' if len(beyond) > 4 else ''} on {match[2]}"
                return

    def tables(self, schema: str | None) -> Sequence[str]:
        """Tables and views of a database."""
        query = sa.text(
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_schema = coalesce(:schema, database()) ORDER BY 1"
        )
        return list(self.connection.execute(query, {"schema": schema}).scalars())

    def cursor(self) -> SSCursor:
        """An unbuffered one."""
        assert self.driver is not None
        cursor: SSCursor = self.driver.cursor(SSCursor)
        self._cursor = cursor
        return cursor

    def warnings(self) -> Iterator[Occurrence]:
        """One of each kind: the server keeps the first 64 of them, and counts the others."""
        kinds: dict[int, list[str]] = {}
        for level, kind, words in self.connection.exec_driver_sql("SHOW WARNINGS").all():
            if level != "Note":
                kinds.setdefault(int(kind), []).append(str(words))
        for kind, told in kinds.items():
            more = f" (and {len(told) - 1} more like it, at least)" if len(told) > 1 else ""
            code = own.INCOMPLETE if kind in _INCOMPLETE else own.SERVER_WARNING
            yield self.said(code, f"the server warns: {quote_text(told[0], self.login.veil)}{more}")

    def cancel(self) -> None:
        """Kill the query over a second connection to the same address."""
        if self.driver is None:
            return
        query, second = f"KILL QUERY {self.driver.thread_id()}", self._driver()  # type: ignore[no-untyped-call]
        second.connect(socket.create_connection(self._peer[:2], timeout=2.0))
        try:
            second.query(query)
        finally:
            second.close()

    def cut(self) -> None:
        """Shut the socket."""
        sock = self._socket
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def judged(self, error: BaseException) -> tuple[Code, str, bool] | None:
        """By the error's number."""
        before = error.__context__
        if isinstance(error, pymysql.InterfaceError) and error.args[:1] == (0,) and before is not None:
            # PyMySQL closed itself when something had failed, and SQLAlchemy went on all the same: that's no news.
            return self.judged(getattr(before, "orig", None) or before)
        if isinstance(error, pymysql.Error):
            cause = getattr(error, "original_exception", None)
            if isinstance(cause, ssl.SSLError):
                said = failure_of(cause, self.url.shown, seconds=self._seconds(), veil=self.login.veil).occurrence
                return codes.TLS, said.message.removeprefix(f"{self.url.shown}: "), False
            number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
            words = str(error.args[1]) if len(error.args) > 1 else str(error)
            fallback = (codes.PROTOCOL, False) if isinstance(error, pymysql.InternalError) else (own.FAILED, False)
            code, transient = _BY_NUMBER.get(number, fallback)
            return code, words, transient
        if isinstance(error, OutOfTime):
            return codes.TIMEOUT, f"it took longer than {self._seconds()[2]:g} s (limit fetch_seconds)", False
        if isinstance(error, OverBudget):
            return codes.TOO_LARGE, "the server sent more bytes than limit fetch_bytes allows", False
        if isinstance(error, struct.error | IndexError | ValueError | AssertionError | AttributeError | TypeError):
            return codes.PROTOCOL, "the server's answer isn't MySQL's protocol", False  # PyMySQL trusts the bytes
        return None

    def close(self) -> None:
        """Close without reading what is left of the rows."""
        result = getattr(self._cursor, "_result", None)
        if result is not None and result.unbuffered_active:
            result.unbuffered_active = False  # else PyMySQL reads on to the last row
            self.cut()
        super().close()
        if self._socket is not None:
            self._socket.close()

    def _connect(self) -> pymysql.Connection[Any]:
        url = self.url
        # a query may take its time before its first row: the deadline is what bounds it
        self._socket = self.context.network.connect(url.host, url.port, patience=self._seconds()[2])
        self._peer = self._socket.getpeername()
        self.driver = self._driver()
        patience = min(self.context.limits.read_seconds, self.context.network.left)
        watch = Watch(Deadline(patience), self.cut, self.cut)
        try:
            with watch:
                self.driver.connect(self._socket)
        except pymysql.Error:
            if not watch.over:
                raise
            if patience < self.context.limits.read_seconds:
                raise OutOfTime from None
            words = f"the server didn't answer within {patience:g} s (limit read_seconds)"
            raise Failure(self.said(codes.TIMEOUT, words), transient=True) from None
        return self.driver

    def _driver(self) -> pymysql.Connection[Any]:
        url = self.url
        return pymysql.Connection(
            host=url.host, port=url.port, user=self.login.user or "", password=self.login.password or "",
            database=self._schema or url.database or None, charset="utf8mb4", local_infile=False, defer_connect=True,
            read_timeout=max(self.context.network.left, 0.1), conv={**encoders, **_DECODERS},
            **self._tls(),
        )  # fmt: skip

    def _tls(self) -> Mapping[str, Any]:
        options = self.url.options
        mode = options.get("sslmode", "").lower().replace("-", "_")
        wants = any(options.get(n, "").lower() in ("true", "1") for n in ("usessl", "requiressl", "ssl"))
        if mode in ("disabled", "disable"):
            return {"ssl_disabled": True}
        if mode in ("verify_ca", "verify_identity", "verify_full"):
            return {"ssl": tls_context()}
        if mode in ("required", "require", "trust") or wants:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            return {"ssl": context}
        return {}

    def _seconds(self) -> tuple[float, float, float]:
        limits = self.context.limits
        return limits.connect_seconds, limits.read_seconds, limits.fetch_seconds


def _bits(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _moment(text: str) -> str:
    return text.replace(" ", "T", 1)


def _utc_moment(text: str) -> str:
    return _moment(text) if text.startswith("0000") else _moment(text) + "Z"


_DECODERS: dict[Any, Callable[[Any], Any]] = {
    FIELD_TYPE.TINY: int,
    FIELD_TYPE.SHORT: int,
    FIELD_TYPE.INT24: int,
    FIELD_TYPE.LONG: int,
    FIELD_TYPE.LONGLONG: int,
    FIELD_TYPE.YEAR: int,
    FIELD_TYPE.FLOAT: number,
    FIELD_TYPE.DOUBLE: number,
    FIELD_TYPE.DECIMAL: number,
    FIELD_TYPE.NEWDECIMAL: number,
    FIELD_TYPE.BIT: _bits,
    FIELD_TYPE.DATETIME: _moment,
    FIELD_TYPE.TIMESTAMP: _utc_moment,
    FIELD_TYPE.JSON: document,
}
"""How values of these types are told; all others are texts, or bytes where their character set is binary."""
