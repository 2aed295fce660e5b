"""Where a run store is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, quote, unquote, urlencode

from potable.engine.errors import StoreError
from potable.engine.lazyregex import lazy_regex

_URL = lazy_regex(
    r"(?P<scheme>[\w+]+)://"
    r"(?:(?P<user>[^:/]*)(?::(?P<password>[^@]*))?@)?"
    r"(?:\[(?P<ipv6>[^/?]+)\]|(?P<host>[^/:?]+))?(?::(?P<port>[^/?]*))?"
    r"(?:/(?P<database>[^?]*))?(?:\?(?P<query>.*))?",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class StoreUrl:
    """A database URL in its parts: ``sqlite:///file`` or ``postgresql+psycopg://user:password@host:port/name?option=…``.

    User, password and options are written with ``%XX`` for special characters; file and name as they are.

    :param database: the file's path, or the database's name.
    :param options: libpq's connection options.
    """

    backend: Literal["sqlite", "postgresql"]
    database: str
    user: str = ""
    password: str = field(default="", repr=False)
    host: str = ""
    port: int | None = None
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """The URL without its password."""
        if self.backend == "sqlite":
            return f"sqlite:///{self.database}"
        user = quote(self.user, safe=" +") + (":***" if self.password else "") + "@" if self.user else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port is None else f":{self.port}"
        shown = {k: "***" if "password" in k else v for k, v in self.options.items()}
        options = f"?{urlencode(shown)}" if shown else ""
        return f"postgresql+psycopg://{user}{host}{port}/{self.database}{options}"

    @classmethod
    def parse(cls, text: str) -> StoreUrl:
        """A URL as it's written. Raises StoreError, which never quotes what may be a password."""
        if "://" not in text:
            hint = f": did you mean sqlite:///{text}?" if re.fullmatch(r"[\w./~-]+", text) else ""
            raise StoreError(f"the run store must be a database URL (sqlite:///file or postgresql+psycopg://…){hint}")
        found = _URL.fullmatch(text)
        unclear = "the run store's URL can't be understood: escape special characters as %XX"
        if found is None:
            raise StoreError(unclear)
        backend, _, driver = found["scheme"].partition("+")
        if backend == "sqlite":
            return cls._file(found)
        if backend not in ("postgresql", "postgres"):
            raise StoreError(f"the run store must be SQLite or PostgreSQL, not {backend}")
        if driver not in ("", "psycopg"):
            raise StoreError(f"the run store is reached by psycopg, not {driver}: postgresql+psycopg://…")
        try:
            port = int(found["port"]) if found["port"] else None
        except ValueError:
            raise StoreError(unclear) from None
        return cls(
            "postgresql", found["database"] or "", unquote(found["user"] or ""), unquote(found["password"] or ""),
            found["ipv6"] or found["host"] or "", port, dict(parse_qsl(found["query"] or "")),
        )  # fmt: skip

    @classmethod
    def _file(cls, found: re.Match[str]) -> StoreUrl:
        file = found["database"] or ""
        if not file or file == ":memory:" or "mode=memory" in found[0]:
            raise StoreError("the run store must outlive its process: name a file, sqlite:///runs.db")
        if found["host"] or found["ipv6"] or found["user"]:
            raise StoreError("the run store's file comes behind three slashes: sqlite:///runs.db")
        if found["query"]:
            raise StoreError("the run store's file has no options: sqlite:///runs.db")
        return cls("sqlite", str(Path(file).expanduser()) if file.startswith("~") else file)
