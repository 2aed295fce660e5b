"""SQLite files: read within the allowed folders, never written, stopped at the deadline."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from potable.engine.contracts.snapshot import Snapshot
from potable.engine.definition.model import SourceDefinition
from potable.engine.fetching.database.fetcher import SqlFetcher
from potable.engine.findings import Occurrence


def state(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir()) if p.is_file()}


def test_rows_come_in_order_with_their_types(sqlite_file: Path, lines: Callable[..., list[str]]) -> None:
    assert lines("jdbc:sqlite:lab.db", "SELECT * FROM samples ORDER BY id;") == [
        '{"id":1,"site":"N","mass":1.5,"name":"a"}',
        '{"id":2,"site":"S","mass":null,"name":"b"}',
        '{"id":3,"site":"X","mass":2.0,"name":"ü"}',
    ]


def test_the_part_says_what_it_is(
    sqlite_file: Path, session: Callable[..., Any], definition: Callable[..., SourceDefinition]
) -> None:
    fetch = session()
    snapshot: Snapshot = SqlFetcher().fetch(definition("sqlite:///lab.db", tableName="Sites"), fetch.session)
    (part,) = snapshot.parts
    data = b'{"code":"N","name":"North"}\n{"code":"S","name":"South"}\n'
    assert part.path.read_bytes() == data
    assert (part.name, part.url, part.bytes) == ("Sites.jsonl", "sqlite:lab.db", len(data))
    assert snapshot.sha256 == hashlib.sha256(data).hexdigest()
    assert snapshot.details == {"columns": ["code", "name"], "rows": 2}
    assert fetch.said == []


def test_values_of_any_kind_and_columns_of_any_name(tmp_path: Path, lines: Callable[..., list[str]]) -> None:
    pytest.importorskip("sqlalchemy")
    with sqlite3.connect(tmp_path / "odd.db") as c:
        c.execute('CREATE TABLE "odd ""t%" ("a %" , "b:c")')
        c.executemany(
            'INSERT INTO "odd ""t%" VALUES (?, CAST(? AS BLOB))',
            [(9.0e999, b"\x00\x01"), (-(2**63), None), ("x", b""), (0.1, None)],
        )
        c.execute('INSERT INTO "odd ""t%" VALUES (CAST(x\'636166e9\' AS TEXT), 1)')
    c.close()
    text = lines("sqlite:odd.db", 'SELECT * FROM "odd ""t%" WHERE "a %" <> x\'\' LIMIT 4')
    assert text == [
        '{"a %":"Infinity","b:c":"AAE="}',
        '{"a %":-9223372036854775808,"b:c":null}',
        '{"a %":"x","b:c":""}',
        '{"a %":0.1,"b:c":null}',
    ]


def test_text_that_is_not_utf8_keeps_its_bytes(
    tmp_path: Path, session: Callable[..., Any], definition: Callable[..., SourceDefinition]
) -> None:
    pytest.importorskip("sqlalchemy")
    sqlite3.connect(tmp_path / "e.db").close()
    (tmp_path / "e.db").write_bytes(b"")
    with sqlite3.connect(tmp_path / "e.db") as c:
        c.execute("CREATE TABLE t (a)")
    c.close()
    sql = "SELECT CAST(x'636166e9' AS TEXT) AS a"
    snapshot = SqlFetcher().fetch(definition("sqlite:e.db", sql), session().session)
    assert snapshot.parts[0].path.read_bytes() == b'{"a":"caf\xe9"}\n'


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1; DELETE FROM samples",
        "DELETE FROM samples RETURNING *",
        "ATTACH 'other.db' AS other",
        "PRAGMA writable_schema = 1",
        "VACUUM INTO 'copy.db'",
        "WITH a AS (SELECT 1) DELETE FROM samples",
        "SELECT load_extension('evil.so')",
    ],
)
def test_what_is_not_a_select_is_refused_at_the_definitions_line(
    sql: str,
    sqlite_file: Path,
    session: Callable[..., Any],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    before = state(sqlite_file.parent)
    said = fault_of(SqlFetcher().fetch, definition("sqlite:lab.db", sql), session().session)
    assert said.code == "sql/not-read-only"
    assert (said.location.file, said.location.line) == ("t.yaml", 7)
    assert state(sqlite_file.parent) == before


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM samples",
        "CREATE TEMP TABLE x (a)",
        "ATTACH 'other.db' AS other",
        "ATTACH ':memory:' AS other",
        "PRAGMA user_version = 7",
        "PRAGMA trusted_schema",
        "SELECT * FROM pragma_database_list",
        "BEGIN IMMEDIATE",
        "SELECT load_extension('evil.so')",
        "SELECT fts3_tokenizer('x')",
        "SELECT 1; DELETE FROM samples",
    ],
)
def test_the_database_itself_refuses_what_gets_past_the_words(
    sql: str, sqlite_file: Path, session: Callable[..., Any]
) -> None:
    from potable.engine.fetching.database.sqlite import SqliteSession
    from potable.engine.fetching.database.urls import DatabaseUrl

    before = state(sqlite_file.parent)
    opened = SqliteSession(DatabaseUrl(dialect="sqlite", database="lab.db"), session().session, sqlite_file)
    opened.open(None)
    with pytest.raises(sqlite3.Error) as caught:
        opened.run(sql).fetchmany(10)
    fault = opened.fault(caught.value, late=False)
    opened.close()
    assert fault.occurrence.code == "sql/not-read-only"
    assert state(sqlite_file.parent) == before


@pytest.mark.parametrize(
    "sql",
    [
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS i FROM n",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
    ],
)
def test_an_endless_query_ends_at_the_deadline(
    sql: str,
    sqlite_file: Path,
    session: Callable[..., Any],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    said = fault_of(SqlFetcher().fetch, definition("sqlite:lab.db", sql), session(seconds=1).session)
    assert said.code == "access/timeout"
    assert "fetch_seconds" in said.message


def test_an_endless_answer_ends_at_the_byte_cap(
    sqlite_file: Path,
    session: Callable[..., Any],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
    fetch = session(fetch_bytes=100_000)
    said = fault_of(SqlFetcher().fetch, definition("sqlite:lab.db", sql), fetch.session)
    assert said.code == "access/too-large"
    assert "fetch_bytes" in said.message
    assert list(fetch.scratch.iterdir()) == []


def test_a_huge_value_is_stopped_before_it_is_made(
    sqlite_file: Path,
    session: Callable[..., Any],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    sql = "SELECT zeroblob(2000000) AS a"
    said = fault_of(SqlFetcher().fetch, definition("sqlite:lab.db", sql), session(record_bytes=1_000_000).session)
    assert said.code == "access/too-large"


@pytest.mark.parametrize(
    ("url", "sql", "parameters", "code", "words"),
    [
        ("sqlite:lab.db", "SELECT id, name, id FROM samples", {}, "sql/duplicate-column", "'id'"),
        ("sqlite:lab.db", "SELECT nmae FROM samples", {}, "sql/failed", "no such column: nmae; did you mean name?"),
        ("sqlite:lab.db", "SELECT s.masss FROM samples s", {}, "sql/failed", "column: s.masss; did you mean mass?"),
        ("sqlite:lab.db", "SELECT masss FROM sites", {}, "sql/failed", "no such column: masss"),
        ("sqlite:lab.db", "SELECT * FROM sample", {}, "access/not-found", "no such table: sample"),
        ("sqlite:lab.db", None, {"tableName": "sample"}, "access/not-found", "there's no table 'sample'"),
        ("sqlite:lab.db", "SELECT * FROM samples WHERE id > 9", {}, "access/empty", "no row"),
        ("sqlite:lba.db", "SELECT 1", {}, "access/not-found", "no such file"),
        ("sqlite:../lab.db", "SELECT 1", {}, "access/blocked-address", "outside"),
        ("sqlite:////etc/passwd", "SELECT 1", {}, "access/blocked-address", "outside"),
        ("sqlite:file:lab.db?mode=rwc", "SELECT 1 AS a", {}, "", ""),
        ("jdbc:oracle:thin:@h/lab", "SELECT 1", {}, "access/unreachable", "'oracle'"),
        ("sqlite:text.db", "SELECT 1 FROM t", {}, "access/media-type", "not a database"),
    ],
)
def test_faults_have_their_codes(
    url: str,
    sql: str | None,
    parameters: dict[str, Any],
    code: str,
    words: str,
    sqlite_file: Path,
    tmp_path: Path,
    session: Callable[..., Any],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    (tmp_path / "text.db").write_text("this is no database at all, but text that is longer than a header\n" * 9)
    source, lent = definition(url, sql, **parameters), session().session
    if not code:  # a second mode in the URL doesn't count
        assert len(SqlFetcher().fetch(source, lent).parts) == 1
        assert {p.suffix for p in tmp_path.iterdir() if p.is_file()} == {".db"}
        return
    said = fault_of(SqlFetcher().fetch, source, lent)
    assert (said.code, words in said.message) == (code, True), said.message


def test_a_misspelt_table_is_told_what_it_may_have_meant(
    sqlite_file: Path,
    session: Callable[..., Any],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    said = fault_of(SqlFetcher().fetch, definition("sqlite:lab.db", tableName="smaples"), session().session)
    assert said.hint == "Did you mean samples?"


def test_a_database_with_a_write_ahead_log_gets_no_files_beside_it(
    sqlite_file: Path, lines: Callable[..., list[str]]
) -> None:
    with sqlite3.connect(sqlite_file) as c:
        c.execute("PRAGMA journal_mode = WAL")
        c.execute("INSERT INTO sites VALUES ('E', 'East')")
    c.close()
    before = state(sqlite_file.parent)
    assert len(lines("sqlite:lab.db", tableName="sites")) == 3
    assert state(sqlite_file.parent) == before


def test_rows_that_are_only_in_the_log_are_read(sqlite_file: Path, lines: Callable[..., list[str]]) -> None:
    writer = sqlite3.connect(sqlite_file)
    writer.execute("PRAGMA journal_mode = WAL")
    with writer:
        writer.execute("INSERT INTO sites VALUES ('E', 'East')")
    copy = sqlite_file.with_name("copy.db")
    for suffix in ("", "-wal", "-shm"):
        shutil.copy(f"{sqlite_file}{suffix}", f"{copy}{suffix}")
    writer.close()
    assert len(lines("sqlite:copy.db", tableName="sites")) == 3


def test_a_sample_has_one_row_more_so_that_its_reader_sees_there_are_more(
    sqlite_file: Path, session: Callable[..., Any], definition: Callable[..., SourceDefinition]
) -> None:
    snapshot = SqlFetcher().fetch(definition("sqlite:lab.db", tableName="samples"), session(wanted=1).session)
    assert snapshot.details["rows"] == 2
