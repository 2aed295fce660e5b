"""Where a database is: JDBC URLs, SQLAlchemy's URLs and libpq's, in one form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from potable.engine.lazyregex import lazy_regex

Dialect = Literal["postgresql", "mysql", "sqlite"]

_DIALECTS: Mapping[str, Dialect] = {
    "postgresql": "postgresql", "postgres": "postgresql", "pgsql": "postgresql",
    "mysql": "mysql", "mariadb": "mysql",
    "sqlite": "sqlite", "sqlite3": "sqlite",
}  # fmt: skip
SCHEMES = frozenset(_DIALECTS)
PORTS: Mapping[Dialect, int] = {"postgresql": 5432, "mysql": 3306}
_HOST = lazy_regex(r"[A-Za-z0-9._:-]+")
_SERVERS = "PostgreSQL, MySQL, MariaDB and SQLite"


class BadDatabaseUrl(Exception):
    """A text that names no database that can be read; ``str()`` says why, without quoting secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseUrl:
    """A database.

    :param dialect: which kind.
    :param host: name or IP address, without brackets; "" for SQLite.
    :param port: explicit or the dialect's own; 0 for SQLite.
    :param database: its name; for SQLite the file's path. "" where none is named.
    :param options: the URL's parameters, names in lower-case.
    """

    dialect: Dialect
    host: str = ""
    port: int = 0
    database: str = ""
    options: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def shown(self) -> str:
        """As messages and reports show it: without user, password and parameters, a ``;password=`` neither."""
        if self.dialect == "sqlite":
            return f"sqlite:{self.database}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.dialect}://{host}:{self.port}/{self.database.partition(';')[0]}"


def parse_database_url(text: str) -> DatabaseUrl:
    """Take a database's URL apart: with or without ``jdbc:`` before it, and a driver's name after a ``+``.

    ``jdbc:postgresql:db`` is the database ``db`` of this machine, as in JDBC. A user part is left out: user and
    password are parameters of their own. Raises :class:`BadDatabaseUrl`.
    """
    text = text.strip()
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise BadDatabaseUrl("it holds a control character")
    rest = text[5:] if text[:5].lower() == "jdbc:" else text
    scheme, colon, rest = rest.partition(":")
    kind = scheme.lower().partition("+")[0]
    if not colon or kind not in _DIALECTS:
        what = f"the kind {scheme[:40]!r} isn't one that is read" if colon else "it has no scheme"
        raise BadDatabaseUrl(f"{what}: {_SERVERS} are, as in jdbc:postgresql://host/database")
    dialect = _DIALECTS[kind]
    if dialect == "sqlite":
        return _sqlite(rest)
    if not rest.startswith("//"):
        rest = f"//localhost/{rest.lstrip('/')}"
    return _server(dialect, rest)


def _sqlite(rest: str) -> DatabaseUrl:
    path, _, query = rest.partition("?")
    if path.startswith("///"):
        path = path[3:]  # sqlite:///relative.db, sqlite:////absolute.db
    elif path.startswith("//"):
        path = path[2:]
    path = unquote(path)
    if path in ("", ":memory:"):
        raise BadDatabaseUrl("it names no file")
    return DatabaseUrl(dialect="sqlite", database=path, options=_options(query))


def _server(dialect: Dialect, rest: str) -> DatabaseUrl:
    try:
        parts = urlsplit(rest)
        netloc = parts.netloc.rpartition("@")[2]
        if "," in netloc:
            raise BadDatabaseUrl("it names several hosts: name one")
        host, port = parts.hostname or "localhost", parts.port
    except ValueError:
        raise BadDatabaseUrl("its host or port can't be read") from None
    if port == 0 or not _HOST.fullmatch(host):
        raise BadDatabaseUrl("its host or port can't be read")
    return DatabaseUrl(
        dialect=dialect,
        host=host,
        port=port or PORTS[dialect],
        database=unquote(parts.path.removeprefix("/")),
        options=_options(parts.query),
    )


def _options(query: str) -> dict[str, str]:
    return {name.lower(): value for name, value in parse_qsl(query, keep_blank_values=True)}
