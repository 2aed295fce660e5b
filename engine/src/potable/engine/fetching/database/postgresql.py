"""PostgreSQL, by psycopg: a server-side cursor in a read-only transaction."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

import psycopg
import sqlalchemy as sa
from psycopg.adapt import Loader
from psycopg.types.string import TextLoader

from potable.engine.fetching import codes
from potable.engine.fetching.database import codes as own
from potable.engine.fetching.database.connecting import connect
from potable.engine.fetching.database.rows import document, number
from potable.engine.fetching.database.session import Session, shut
from potable.engine.fetching.database.urls import Dialect
from potable.engine.findings import Code
from potable.engine.lazyregex import lazy_regex

if TYPE_CHECKING:
    from psycopg.abc import Buffer

_SSL_MODES = frozenset({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})
_AS_TEXT = ("uuid", "inet", "cidr", "record", *(
    f"{name}{kind}" for name in ("int4", "int8", "num", "date", "ts", "tstz") for kind in ("range", "multirange")
))  # fmt: skip
_ZONE = lazy_regex(r"([+-]\d\d)(:\d\d(?::\d\d)?)?$")
_MOST_MS = 2**31 - 1

_BY_STATE: dict[str, tuple[Code, bool]] = {
    "25006": (own.NOT_READ_ONLY, False),
    "42501": (codes.UNAUTHORIZED, False),
    "42P01": (codes.NOT_FOUND, False),
    "3F000": (codes.NOT_FOUND, False),
    "3D000": (codes.NOT_FOUND, False),
    "57014": (codes.TIMEOUT, False),
}
_BY_CLASS: dict[str, tuple[Code, bool]] = {
    "08": (codes.UNREACHABLE, True),
    "28": (codes.UNAUTHORIZED, False),
    "40": (own.FAILED, True),
    "53": (codes.UNREACHABLE, True),
    "57": (codes.UNREACHABLE, True),
}
_BY_WORDS: tuple[tuple[str, Code, bool], ...] = (
    (r"must not contain data-modifying|multiple commands into a prepared", own.NOT_READ_ONLY, False),
    (r"authentication failed|no pg_hba\.conf entry|no password supplied|role .* (does not exist|is not permitted)"
     r"|permission denied", codes.UNAUTHORIZED, False),
    (r"database .* does not exist", codes.NOT_FOUND, False),
    (r"certificate|SSL error|does not support SSL|SSL connection is required", codes.TLS, False),
    (r"received invalid response|expected authentication request", codes.PROTOCOL, False),
    (r"timeout expired|timed out", codes.TIMEOUT, True),
)  # fmt: skip
"""Before a session exists errors have no SQLSTATE."""


class PostgresqlSession(Session):
    """One SELECT on PostgreSQL. The statement travels alone in a message, as a cursor's declaration."""

    dialect: ClassVar[Dialect] = "postgresql"
    driver: psycopg.Connection[Any] | None = None
    _cursor: psycopg.ServerCursor[Any] | None = None

    def open(self, schema: str | None) -> None:
        """Connect to a checked address. Raises ``psycopg.Error``, ``Fault``."""
        engine = sa.create_engine(
            "postgresql+psycopg://", creator=self._connect, poolclass=sa.NullPool, use_native_hstore=False
        )
        self.connection = engine.connect()
        milliseconds = min(int(self.context.network.left * 1000) + 1, _MOST_MS)
        settings = {
            "statement_timeout": str(milliseconds),
            "TimeZone": "UTC",
            "DateStyle": "ISO, YMD",
            "IntervalStyle": "iso_8601",
            "extra_float_digits": "1",
            "standard_conforming_strings": "on",
            "cursor_tuple_fraction": "1",
        }
        if schema:
            quoted = schema.replace('"', '""')
            settings["search_path"] = f'"{quoted}"'
        calls = [sa.func.set_config(name, value, True) for name, value in settings.items()]
        self.connection.execute(sa.select(*calls))

    def role_faults(self) -> Iterator[str]:
        """Superuser, or write privileges on tables."""
        role = self.connection.exec_driver_sql(
            "SELECT rolname, rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user"
        ).first()
        if role is not None and role[1]:
            yield f"the role {role[0]} is a superuser"
            return
        rows = self.connection.exec_driver_sql(_WRITABLE).all()
        if rows:
            yield f"the role may write to {', '.join(row[0] for row in rows)}"

    def tables(self, schema: str | None) -> Sequence[str]:
        """Tables, views and foreign tables of a schema, or of the search path."""
        return list(self.connection.execute(sa.text(_TABLES), {"schema": schema or ""}).scalars())

    def cursor(self) -> psycopg.ServerCursor[Any]:
        """A cursor at the server."""
        assert self.driver is not None
        self._cursor = self.driver.cursor("potable")
        return self._cursor

    def cancel(self) -> None:
        """Send a cancel request, to the same address."""
        if self.driver is not None:
            self.driver.cancel_safe(timeout=2.0)

    def cut(self) -> None:
        """Shut the socket."""
        if self.driver is not None:
            shut(self.driver.fileno())

    def judged(self, error: BaseException) -> tuple[Code, str, bool] | None:
        """By SQLSTATE, else by the words."""
        if not isinstance(error, psycopg.Error):
            return None
        words = error.diag.message_primary or str(error).strip() or type(error).__name__
        if error.diag.message_hint:
            words = f"{words} ({error.diag.message_hint})"
        words = re.sub(r"(?s)^.*?(?:FATAL|ERROR):\s+", "", words)
        for pattern, code, transient in _BY_WORDS:
            if re.search(pattern, words):
                return code, words, transient
        state = error.sqlstate or ""
        known = _BY_STATE.get(state) or _BY_CLASS.get(state[:2])
        if known is None and isinstance(error, psycopg.OperationalError) and not state:
            known = (codes.UNREACHABLE, True)
        code, transient = known or (own.FAILED, False)
        return code, words, transient

    def _connect(self) -> psycopg.Connection[Any]:
        network, url = self.context.network, self.url
        nowhere = str(self.context.scratch / "none")  # libpq looks for passwords and keys in the home folder
        failure: psycopg.Error | None = None
        for address in network.addresses(url.host, url.port):
            try:
                driver = connect(
                    max(2, min(self.context.limits.connect_seconds, network.left)), lambda: network.left,
                    host=url.host, hostaddr=address, port=url.port, dbname=url.database or self.login.user or "",
                    user=self.login.user or "", password=self.login.password or "", passfile=nowhere,
                    sslcert=nowhere, sslkey=nowhere, gssencmode="disable", client_encoding="UTF8", options="",
                    application_name="potable", **self._tls(),
                )  # fmt: skip
            except psycopg.Error as error:
                failure = error
            else:
                driver.read_only = True
                driver.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                _adapt(driver)
                self.driver = driver
                return driver
        assert failure is not None
        raise failure

    def _tls(self) -> dict[str, Any]:
        options = self.url.options
        mode = options.get("sslmode", "").lower()
        if not mode and options.get("ssl", "").lower() in ("true", "1", "on"):
            mode = "verify-full"  # as JDBC's driver
        if mode not in _SSL_MODES:
            return {"sslmode": "prefer"}
        if mode not in ("verify-ca", "verify-full"):
            return {"sslmode": mode}
        trusted = os.environ.get("SSL_CERT_FILE")
        if trusted:
            return {"sslmode": mode, "sslrootcert": trusted}
        return {"sslmode": "verify-full", "sslrootcert": "system"}

    def close(self) -> None:
        """Roll back by closing."""
        super().close()
        if self.driver is not None:
            with suppress(Exception):
                self.driver.close()
        if self._cursor is not None:
            with suppress(Exception):
                self._cursor.close()


_TABLES = """
SELECT c.relname
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND (n.nspname = :schema OR :schema = '' AND pg_catalog.pg_table_is_visible(c.oid) AND n.nspname !~ '^pg_')
ORDER BY 1
"""

_WRITABLE = """
SELECT c.oid::pg_catalog.regclass::text
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
  AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
  AND pg_catalog.has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
ORDER BY 1 LIMIT 3
"""


class _Number(Loader):
    def load(self, data: Buffer) -> Any:
        """Decimal digits as they are; NaN and the infinities are texts."""
        return number(bytes(data))


class _Document(Loader):
    def load(self, data: Buffer) -> Any:
        """A JSON document as it is."""
        return document(bytes(data))


class _Moment(Loader):
    def load(self, data: Buffer) -> str:
        """PostgreSQL's ISO style, made ISO 8601; years before Christ and the infinities stay as they are."""
        text = bytes(data).decode()
        if text.endswith(" BC") or text[:1] in ("i", "-"):
            return text
        text = text.replace(" ", "T", 1)
        return _ZONE.sub(lambda m: "Z" if m[0] == "+00" else m[1] + (m[2] or ":00"), text) if ":" in text else text


def _adapt(driver: psycopg.Connection[Any]) -> None:
    """Let values come in the database's own spelling."""
    loaders: dict[type[Loader], Sequence[str]] = {
        _Number: ("numeric",),
        _Document: ("json", "jsonb"),
        _Moment: ("timestamp", "timestamptz", "timetz"),
        TextLoader: ("date", "time", "interval", *_AS_TEXT),
    }
    for loader, names in loaders.items():
        for name in names:
            driver.adapters.register_loader(name, loader)
