"""Real databases: SQLite files, and PostgreSQL and MariaDB where they answer.

``POTABLE_TEST_POSTGRESQL`` and ``POTABLE_TEST_MARIADB`` name databases (``postgresql://user:password@host:port/name``,
``mysql://…``) in which the tests may make and drop schemas and roles; without them servers on 127.0.0.1 that trust
``postgres`` and ``root`` are tried.
"""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from potable.engine.contracts.snapshot import Snapshot
from potable.engine.definition.model import Origin, SourceDefinition
from potable.engine.definition.secrets import Secret
from potable.engine.fetching.context import FetchSession
from potable.engine.fetching.database.fetcher import SqlFetcher
from potable.engine.fetching.deadline import Deadline
from potable.engine.findings import Occurrence
from potable.engine.limits import Limits

POSTGRESQL = "postgresql://postgres@127.0.0.1:5432/postgres"
MARIADB = "mysql://root@127.0.0.1:3306/test"


@dataclass
class Fetch:
    """One fetch's context and what came of it."""

    session: FetchSession
    scratch: Path
    said: list[Occurrence] = field(default_factory=list)

    def codes(self) -> list[str]:
        return [occurrence.code for occurrence in self.said]


@dataclass
class Database:
    """A database of a test's own.

    :param url: JDBC URL.
    :param run: runs a statement as the owner and gives its rows.
    :param parameters: of a definition that reads it.
    """

    url: str
    run: Callable[[str], list[tuple[Any, ...]]]
    parameters: dict[str, Any]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Callable[..., Fetch]]:
    """``session(allow=…, seconds=…, wanted=…, **limits)``: what a fetcher is lent."""
    made: list[FetchSession] = []

    def make(
        allow: str = "127.0.0.0/8",
        wanted: int | None = None,
        seconds: float = 60,
        deadline: Deadline | None = None,
        **limits: Any,
    ) -> Fetch:
        said: list[Occurrence] = []
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        bounds = Limits(fetch_seconds=seconds, **{"attempts": 1, **limits})
        lent = FetchSession(
            bounds, scratch, roots=(tmp_path,), allow_hosts=allow, report=said.append,
            deadline=deadline or Deadline(seconds), wanted=wanted,
        )  # fmt: skip
        made.append(lent)
        return Fetch(lent, scratch, said)

    yield make
    for lent in made:
        lent.close()


@pytest.fixture
def definition(tmp_path: Path) -> Callable[..., SourceDefinition]:
    """``definition(url, sql=…, **parameters)``: of the method SQL, or DISCO where there's no ``sql``."""

    def make(url: str, sql: str | None = None, **parameters: Any) -> SourceDefinition:
        members = {"jdbcURL": url, **parameters, **({} if sql is None else {"sql": sql})}
        method = "DISCO" if sql is None else "SQL"
        origin = Origin(file="t.yaml", folder=tmp_path, lines={"/sql": 7, "/jdbcURL": 3, "/tableNames": 5})
        return SourceDefinition(resource_id="T-1", ingest_method=method, parameters=members, origin=origin)

    return make


@pytest.fixture
def lines(session: Callable[..., Fetch], definition: Callable[..., SourceDefinition]) -> Callable[..., list[str]]:
    """``lines(url, sql, **parameters)``: the lines of the part."""

    def read(url: str, sql: str | None = None, **parameters: Any) -> list[str]:
        snapshot = SqlFetcher().fetch(definition(url, sql, **parameters), session().session)
        return text_of(snapshot).splitlines()

    return read


def text_of(snapshot: Snapshot) -> str:
    (part,) = snapshot.parts
    return part.path.read_text("utf-8")


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Path:
    """A file with the tables ``samples`` and ``sites``."""
    pytest.importorskip("sqlalchemy", reason="the extra `sql` isn't installed")
    path = tmp_path / "lab.db"
    with sqlite3.connect(path) as c:
        c.executescript(
            "CREATE TABLE sites (code TEXT PRIMARY KEY, name TEXT);"
            "CREATE TABLE samples (id INTEGER PRIMARY KEY, site TEXT, mass REAL, name TEXT);"
            "INSERT INTO sites VALUES ('N', 'North'), ('S', 'South');"
            "INSERT INTO samples VALUES (1, 'N', 1.5, 'a'), (2, 'S', NULL, 'b'), (3, 'X', 2.0, 'ü');"
        )
    c.close()
    return path


@pytest.fixture(scope="session")
def postgresql_url() -> str:
    """URL of a PostgreSQL database whose role may make schemas and roles, or skip."""
    psycopg = pytest.importorskip("psycopg", reason="the extra `sql` isn't installed")
    url = os.environ.get("POTABLE_TEST_POSTGRESQL", POSTGRESQL).replace("postgresql+psycopg:", "postgresql:")
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        pytest.skip("no PostgreSQL: POTABLE_TEST_POSTGRESQL names none, and none trusts postgres on 127.0.0.1:5432")
    return url


@pytest.fixture
def postgresql(postgresql_url: str) -> Iterator[Database]:
    """A schema of the test's own, and a role that may only read it."""
    import psycopg

    owner = psycopg.connect(postgresql_url, autocommit=True)
    name = f"potable_test_{uuid.uuid4().hex[:12]}"
    parts = urlsplit(postgresql_url)

    def run(statement: str) -> list[tuple[Any, ...]]:
        cursor = owner.execute(statement)
        return cursor.fetchall() if cursor.description else []

    run(f"CREATE SCHEMA {name}")
    run(f"CREATE ROLE {name} LOGIN PASSWORD 'hunter2-secret'")
    run(f"GRANT USAGE ON SCHEMA {name} TO {name}")
    run(f"ALTER DEFAULT PRIVILEGES IN SCHEMA {name} GRANT SELECT ON TABLES TO {name}")
    run(f"SET search_path TO {name}")
    url = f"jdbc:postgresql://{parts.hostname}:{parts.port or 5432}{parts.path}"
    try:
        yield Database(url, run, {"dbUser": name, "dbPassword": Secret("plain", "hunter2-secret"), "schemaName": name})
    finally:
        run(f"DROP SCHEMA {name} CASCADE")
        run(f"DROP OWNED BY {name}")
        run(f"DROP ROLE {name}")
        owner.close()


@pytest.fixture(scope="session")
def mariadb_url() -> str:
    """URL of a MariaDB or MySQL database whose role may make databases and roles, or skip."""
    pymysql = pytest.importorskip("pymysql", reason="the extra `sql` isn't installed")
    url = os.environ.get("POTABLE_TEST_MARIADB", MARIADB)
    try:
        _mysql(url).close()
    except pymysql.OperationalError:
        pytest.skip("no MariaDB: POTABLE_TEST_MARIADB names none, and none lets root in on 127.0.0.1:3306")
    return url


def _mysql(url: str) -> Any:
    import pymysql

    parts = urlsplit(url)
    return pymysql.connect(
        host=parts.hostname or "", port=parts.port or 3306, user=parts.username or "root",
        password=unquote(parts.password or ""), autocommit=True, charset="utf8mb4", connect_timeout=2,
    )  # fmt: skip


@pytest.fixture
def mariadb(mariadb_url: str) -> Iterator[Database]:
    """A database of the test's own, and a role that may only read it."""
    owner = _mysql(mariadb_url)
    name = f"potable_test_{uuid.uuid4().hex[:12]}"
    parts = urlsplit(mariadb_url)

    def run(statement: str) -> list[tuple[Any, ...]]:
        with owner.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    run(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    run(f"CREATE USER {name}@'%' IDENTIFIED BY 'hunter2-secret'")
    run(f"GRANT SELECT ON {name}.* TO {name}@'%'")
    run(f"USE {name}")
    url = f"jdbc:mariadb://{parts.hostname}:{parts.port or 3306}/{name}"
    try:
        yield Database(url, run, {"dbUser": name, "dbPassword": Secret("plain", "hunter2-secret")})
    finally:
        run(f"DROP DATABASE {name}")
        run(f"DROP USER {name}@'%'")
        owner.close()
