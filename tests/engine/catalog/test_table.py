"""Definitions in tables of real databases."""

from __future__ import annotations

import json
import os
import sqlite3
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import pytest

sqlalchemy = pytest.importorskip("sqlalchemy", reason="the extra `sql` isn't installed")

from potable.engine import Engine  # noqa: E402
from potable.engine.catalog import TableCatalog, open_catalog  # noqa: E402
from potable.engine.errors import CatalogError, DefinitionError, UnknownSource  # noqa: E402

ROWS = [
    ("SCR_1", "resourceID: SCR_1\ningestMethod: CSV\ningestURL: birds.csv\nerrPerc: x\n"),
    ("SCR_2", json.dumps({"resourceID": "SCR_2", "ingestMethod": "CSV", "ingestURL": "birds.csv"})),
    ("SCR_3", "resourceID: [\n"),
    ("SCR_4", None),
    ("SCR_5", "resourceID: SCR_1\n"),
    ("Robert'); DROP TABLE sources;--", "{}"),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "catalog of ours.db"
    with sqlite3.connect(path) as c:
        c.execute('CREATE TABLE "my sources" (resource_id TEXT, definition TEXT)')
        c.executemany('INSERT INTO "my sources" VALUES (?, ?)', ROWS)
    c.close()
    (tmp_path / "birds.csv").write_text("id\n1\n")
    return path


@pytest.fixture
def catalog(file: Path) -> TableCatalog:
    catalog = open_catalog(f"sqlite:///{file}?table=my+sources")
    assert isinstance(catalog, TableCatalog)
    return catalog


def check(catalog: Any) -> None:
    source = catalog.get("SCR_1")
    (note,) = source.notes
    assert (note.code, note.location.line) == ("definition/bad-value", 4)
    assert str(note.location.file).endswith("sources/SCR_1")
    assert catalog.get("SCR_2").ingest_method == "CSV"
    assert list(catalog.ids()) == sorted(i for i, _ in ROWS)
    assert [s.resource_id for s in catalog.definitions()] == ["SCR_1", "SCR_2"]
    faults = [(f.code, str(f.location.file).rpartition("/")[2]) for f in catalog.faults()]
    assert faults == [("definition/invalid", i) for i in ("Robert'); DROP TABLE sources;--", "SCR_3", "SCR_4", "SCR_5")]
    with pytest.raises(UnknownSource, match="did you mean SCR_"):
        catalog.get("SCR_9")
    with pytest.raises(UnknownSource):
        catalog.get("' OR '1'='1")
    for broken in ("SCR_3", "SCR_4", "SCR_5"):
        with pytest.raises(DefinitionError):
            catalog.get(broken)


def test_sqlite(catalog: TableCatalog) -> None:
    check(catalog)


def test_a_source_of_it_runs_on_files_beside_the_database(file: Path) -> None:
    report = Engine(catalog=f"sqlite:///{file}?table=my+sources", without=["checkers"]).run("SCR_2")
    assert (report.verdict, report.counts.records) == ("passed", 1)


def test_columns_of_other_names_and_an_identifier_twice(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "c.db") as c:
        c.execute('CREATE TABLE t ("the id" TEXT, "select" BLOB)')
        c.executemany("INSERT INTO t VALUES (?, ?)", [("A", b"resourceID: A\n"), ("A", b"resourceID: A\n")])
    c.close()
    catalog = open_catalog(f"sqlite:///{tmp_path}/c.db?table=main.t&id=the%20id&definition=select")
    assert catalog.get("A").resource_id == "A"
    assert list(catalog.ids()) == ["A"]
    assert [f.code for f in catalog.faults()] == ["definition/duplicate-id"]


def test_nothing_is_written(file: Path, catalog: TableCatalog) -> None:
    before = file.read_bytes()
    with pytest.raises(sqlalchemy.exc.OperationalError, match="readonly"), catalog._engine.begin() as connection:
        connection.exec_driver_sql('DELETE FROM "my sources"')
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("sqlite:///{}/none.db?table=t", "no such file"),
        ("sqlite://?table=t", "is a file"),
        ("sqlite:///{}/catalog of ours.db?table=none", "no such table"),
        ("sqlite:///{}/catalog of ours.db?table=my+sources&id=none", "no such column|can't be read"),
        ("sqlite:///{}/birds.csv?table=t", "not a database"),
        ("postgresql+nodriver://h/d?table=t", "no database URL|driver"),
        ("postgresql://u:tell-nobody@127.0.0.1:1/d?table=t", "can't be read"),
    ],
)
def test_what_cannot_be_opened_or_read(file: Path, location: str, words: str) -> None:
    with pytest.raises(CatalogError, match=words) as caught:
        list(open_catalog(location.format(file.parent)).ids())
    assert "tell-nobody" not in str(caught.value)


def test_a_database_without_a_table_is_no_catalog(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"sqlite:///file\?table=NAME"):
        open_catalog("sqlite:///x.db")


@pytest.fixture
def server() -> Iterator[str]:
    """URL of a PostgreSQL schema with the table, or skip."""
    psycopg = pytest.importorskip("psycopg", reason="the extra `postgresql` isn't installed")
    given = os.environ.get("POTABLE_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres")
    url = given.replace("postgresql+psycopg:", "postgresql:")
    try:
        owner = psycopg.connect(url, connect_timeout=2, autocommit=True)
    except psycopg.OperationalError:
        pytest.skip("no PostgreSQL: POTABLE_TEST_POSTGRESQL names none, and none trusts postgres on 127.0.0.1:5432")
    schema = f"potable_test_{uuid.uuid4().hex[:12]}"
    owner.execute(f"CREATE SCHEMA {schema}")
    owner.execute(f"CREATE TABLE {schema}.sources (resource_id text, definition text)")
    owner.execute(f"CREATE TABLE {schema}.objects (resource_id text, definition jsonb)")
    with owner.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {schema}.sources VALUES (%s, %s)", ROWS)
        cursor.execute(f'INSERT INTO {schema}.objects VALUES (\'A\', \'{{"resourceID": "A", "name": "x"}}\')')
    try:
        yield f"{url}{'&' if '?' in url else '?'}table={quote(schema)}."
    finally:
        owner.execute(f"DROP SCHEMA {schema} CASCADE")
        owner.close()


def test_postgresql(server: str) -> None:
    check(open_catalog(server + "sources"))
    catalog = open_catalog(server + "objects")
    assert catalog.get("A").name == "x"
    assert isinstance(catalog, TableCatalog)
    with pytest.raises(sqlalchemy.exc.InternalError, match="read-only"), catalog._engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE potable_test_no (a int)")


@pytest.fixture
def mariadb() -> Iterator[str]:
    """URL of a MariaDB database with the table, or skip."""
    pymysql = pytest.importorskip("pymysql", reason="the extra `sql` isn't installed")
    url = os.environ.get("POTABLE_TEST_MARIADB", "mysql://root@127.0.0.1:3306/test")
    parts = urlsplit(url)
    try:
        owner = pymysql.connect(
            host=parts.hostname or "", port=parts.port or 3306, user=parts.username or "root",
            password=unquote(parts.password or ""), autocommit=True, charset="utf8mb4", connect_timeout=2,
        )  # fmt: skip
    except pymysql.OperationalError:
        pytest.skip("no MariaDB: POTABLE_TEST_MARIADB names none, and none lets root in on 127.0.0.1:3306")
    name = f"potable_test_{uuid.uuid4().hex[:12]}"
    with owner.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        cursor.execute(f"CREATE TABLE {name}.sources (resource_id varchar(99), definition text)")
        cursor.executemany(f"INSERT INTO {name}.sources VALUES (%s, %s)", ROWS)
    try:
        yield url.rpartition("/")[0] + f"/{name}?table=sources"
    finally:
        with owner.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")
        owner.close()


def test_mariadb(mariadb: str) -> None:
    catalog = open_catalog(mariadb)
    assert isinstance(catalog, TableCatalog)
    check(catalog)
    with pytest.raises(sqlalchemy.exc.OperationalError, match="READ ONLY"), catalog._engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM sources")
