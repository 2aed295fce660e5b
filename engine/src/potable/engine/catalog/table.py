"""Definitions in a table of a database: ``sqlite:///catalog.db?table=sources``.

Any URL of SQLAlchemy's, with ``table=`` (``schema.table`` too) and, where they're called otherwise, ``id=`` (the column
of the identifiers, ``resource_id`` unless given) and ``definition=`` (the column of the definitions as YAML or JSON,
``definition`` unless given). Nothing is ever written.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self
from urllib.parse import parse_qsl, quote, urlencode

from potable.engine.catalog.text import NOWHERE, definition_of
from potable.engine.contracts.catalog import Catalog, invalid
from potable.engine.definition.document import BYTES_LIMIT
from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.secrets import masked_url
from potable.engine.errors import CatalogError, DefinitionError, UnknownSource, likely
from potable.engine.findings import Occurrence

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.engine import Connection

PATIENCE = 10
"""Longest wait for the database, in seconds."""
_SCHEMES = ("sqlite", "postgresql", "postgres", "mysql", "mariadb")
_OURS = ("table", "id", "definition")
_DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}


class TableCatalog(Catalog):
    """A table with an identifier and a definition in each row. Each call asks the database.

    :param location: see the module.
    """

    name: ClassVar[str] = "table"

    def __init__(self, location: str) -> None:
        import sqlalchemy as sa  # heavy: 0.2 s

        address, _, query = location.partition("?")
        given = dict(parse_qsl(query))
        rest = urlencode([(n, v) for n, v in parse_qsl(query) if n not in _OURS])
        self.location = masked_url(location)
        self._table = given["table"]
        schema, _, name = self._table.rpartition(".")
        id_name, text_name = given.get("id", "resource_id"), given.get("definition", "definition")
        columns: list[Any] = [sa.column(id_name), sa.column(text_name)]
        table = sa.table(name, *columns, schema=schema or None)
        self._id, self._text = table.c[id_name], table.c[text_name]
        self._engine, self._folder = _engine_of(f"{address}?{rest}" if rest else address)

    @classmethod
    def opens(cls, location: str) -> bool:
        """Whether it's the URL of a database with ``table=``."""
        scheme, mark, rest = location.partition("://")
        query = rest.partition("?")[2]
        return bool(mark) and scheme.partition("+")[0] in _SCHEMES and "table" in dict(parse_qsl(query))

    @classmethod
    def open(cls, location: str) -> Self:
        """Open it; the database is asked when it's needed.

        Raises :class:`CatalogError` where SQLAlchemy or the database's driver isn't installed, or the URL is odd.
        """
        try:
            return cls(location)
        except ModuleNotFoundError as e:
            what = "potable-engine[sql]" if e.name == "sqlalchemy" else f"a driver ({e.name})"
            raise CatalogError(f"the catalogue {masked_url(location)} needs {what}: install it with pip") from None

    def get(self, resource_id: str) -> SourceDefinition:
        """The definition in the identifier's row."""
        import sqlalchemy as sa  # heavy

        with self._connected() as connection:
            rows = connection.execute(sa.select(self._text).where(self._id == resource_id).limit(2)).all()
            if not rows:
                near = likely(resource_id, map(str, connection.scalars(sa.select(self._id))), 3)
                raise UnknownSource(resource_id, self.location, tuple(near))
        found = self._definition(resource_id, rows[0][0])
        return found if len(rows) == 1 else replace(found, notes=(*found.notes, self._twice(found)))

    def ids(self) -> Iterator[str]:
        """The identifiers of all rows."""
        import sqlalchemy as sa  # heavy

        with self._connected() as connection:
            return iter(sorted({str(i) for i in connection.scalars(sa.select(self._id)) if i is not None}))

    def definitions(self) -> Iterator[SourceDefinition]:
        """Every definition that can be used, in one query."""
        return (r for r in self._results() if isinstance(r, SourceDefinition))

    def faults(self) -> Iterator[Occurrence]:
        """Rows whose definition can't be used, and identifiers that are given twice."""
        return (c for c in self.contents() if isinstance(c, Occurrence))

    def contents(self) -> Iterator[SourceDefinition | Occurrence]:
        """Both in the order of the identifiers, in one query."""
        seen: set[str] = set()
        for result in self._results():
            if isinstance(result, DefinitionError):
                yield invalid(result)
                continue
            if result.resource_id in seen:
                yield self._twice(result)
            seen.add(result.resource_id)
            yield result

    def _twice(self, source: SourceDefinition) -> Occurrence:
        message = f"the resourceID {source.resource_id} has several rows of {self._table}, of which one is run"
        return Occurrence(
            "definition/duplicate-id", message, rule=self._table, value=source.resource_id,
            location=source.place("/resourceID"),
        )  # fmt: skip

    def _results(self) -> Iterator[SourceDefinition | DefinitionError]:
        import sqlalchemy as sa  # heavy

        with self._connected() as connection:
            rows = connection.execution_options(yield_per=100).execute(
                sa.select(self._id, self._text).order_by(self._id)
            )
            for resource_id, text in rows:
                try:
                    yield self._definition(str(resource_id), text)
                except DefinitionError as e:
                    yield e

    def _definition(self, resource_id: str, text: Any) -> SourceDefinition:
        shown = f"{self._table}/{resource_id}"
        if isinstance(text, (dict, list)):  # a column of type JSON
            text = json.dumps(text, ensure_ascii=False)
        if isinstance(text, (bytes, memoryview)):
            text = bytes(text).decode("utf-8", "replace")
        if not isinstance(text, str) or not text.strip():
            raise DefinitionError("the definition's column is empty, or holds no text", shown)
        if len(text) > BYTES_LIMIT:
            raise DefinitionError(f"the definition is longer than {BYTES_LIMIT} characters", shown)
        return definition_of(text, resource_id, shown, self._folder)

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        from sqlalchemy import exc  # heavy

        try:
            with self._engine.connect() as connection:
                yield connection
        except exc.SQLAlchemyError as e:
            words = " ".join(str(getattr(e, "orig", None) or e).split())[:300]
            raise CatalogError(f"the catalogue {self.location} can't be read: {words}") from None
        except sqlite3.Error as e:
            raise CatalogError(f"the catalogue {self.location} can't be read: {e}") from None


def _engine_of(address: str) -> tuple[sa.Engine, Path]:
    """A database's engine that only reads, and the folder that its definitions' names are relative to."""
    import sqlalchemy as sa  # heavy
    from sqlalchemy import exc, pool

    try:
        url = sa.make_url(address.replace("postgres://", "postgresql://", 1))
        url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
        if url.get_backend_name() != "sqlite":
            connect = {"connect_timeout": PATIENCE}
            options = {"postgresql_readonly": True} if url.get_backend_name() == "postgresql" else {}
            engine = sa.create_engine(url, poolclass=pool.NullPool, connect_args=connect, execution_options=options)
            if not options:
                sa.event.listen(engine, "connect", _read_only)
            return engine, NOWHERE
    except (exc.ArgumentError, exc.NoSuchModuleError) as e:
        raise CatalogError(f"the catalogue {masked_url(address)} is no database URL: {str(e)[:200]}") from None
    if not url.database or url.database == ":memory:":
        raise CatalogError("a catalogue in SQLite is a file: sqlite:///catalog.db?table=NAME")
    file = Path(url.database).absolute()
    if not file.is_file():
        raise CatalogError(f"there is no catalogue at {url.database}: no such file")

    def connect_read_only() -> sqlite3.Connection:
        return sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True, timeout=PATIENCE, check_same_thread=False)

    return sa.create_engine("sqlite://", creator=connect_read_only, poolclass=pool.NullPool), file.parent


def _read_only(connection: Any, _record: object) -> None:
    """What MySQL and MariaDB want to hear."""
    cursor = connection.cursor()
    cursor.execute("SET SESSION TRANSACTION READ ONLY")
    cursor.close()
