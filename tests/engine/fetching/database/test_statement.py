"""What counts as one plain SELECT, told by its words."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potable.engine.fetching.database.statement import NotASelect, plain_select
from potable.engine.fetching.database.urls import Dialect

DIALECTS: tuple[Dialect, ...] = ("postgresql", "mysql", "sqlite")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "  select a, b from t where c = 'x;y' ",
        "WITH s AS (SELECT 1 AS a) SELECT a FROM s",
        "(SELECT 1) UNION (SELECT 2)",
        "SELECT 'INTO; DROP TABLE t' AS a",
        "SELECT 1 -- DELETE; INTO\n, 2",
        "SELECT /* ; INSERT INTO */ 1",
        "SELECT replace(a, 'x', 'y') FROM t",
        "SELECT (replace(a, 'x', 'y')) FROM t",
        "SELECT t.update, t.delete FROM t",
        "SELECT 'it''s', 1.5e3, a>=2 FROM t",
        "SELECT a FROM t WHERE b LIKE '100%' ORDER BY a LIMIT 5",
        "SELECT CASE WHEN a THEN 1 END FROM t",
        'SELECT "odd; name" FROM t',
        "SELECT 1 - -1",
    ],
)
def test_a_select_is_left_as_it_is(sql: str, dialect: Dialect) -> None:
    assert plain_select(sql, dialect) == sql


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_final_semicolon_is_no_second_statement(dialect: Dialect) -> None:
    assert plain_select("SELECT 1 ; ; -- done\n", dialect) == "SELECT 1 "


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("sql", "at", "words"),
    [
        ("", 0, "no statement"),
        ("-- nothing\n;", 0, "no statement"),
        ("DELETE FROM t", 0, "begins with DELETE"),
        ("EXPLAIN ANALYZE SELECT 1", 0, "begins with EXPLAIN"),
        ("VALUES (1)", 0, "begins with VALUES"),
        ("COMMIT; CREATE TABLE x (a int)", 0, "begins with COMMIT"),
        ("SELECT 1; COMMIT; CREATE TABLE x (a int)", 8, "several statements"),
        ("SELECT 1 /* ; */ ; DROP TABLE t", 17, "several statements"),
        ("WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d", 11, "DELETE changes data"),
        ("WITH d AS (SELECT 1) DELETE FROM t", 21, "DELETE changes data"),
        ("WITH d AS (SELECT 1) UPDATE t SET a = 1", 21, "UPDATE changes data"),
        ("WITH d AS (\n/**/update t set a = 1 returning *) SELECT * FROM d", 16, "UPDATE changes data"),
        ("SELECT * INTO x FROM t", 9, "INTO"),
        ("SELECT 1 FROM t INTO OUTFILE '/tmp/x'", 16, "INTO"),
        ("SELECT * FROM t FOR UPDATE", 16, "FOR UPDATE locks"),
        ("SELECT * FROM t FOR /**/ share", 16, "FOR SHARE locks"),
        ("SELECT * FROM t LOCK IN SHARE MODE", 16, "LOCK IN"),
        ("SELECT NEXT VALUE FOR s", 7, "NEXT VALUE"),
        ("SELECT 'open", 7, "isn't closed"),
        ("SELECT 1\0", 8, "NUL"),
    ],
)
def test_anything_else_is_refused_at_its_place(sql: str, at: int, words: str, dialect: Dialect) -> None:
    with pytest.raises(NotASelect, match=words) as caught:
        plain_select(sql, dialect)
    assert caught.value.at == at


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("postgresql", "SELECT pg_terminate_backend(1)"),
        ("postgresql", "SELECT pg_catalog.pg_read_file('/etc/passwd')"),
        ("postgresql", "SELECT \"pg_read_file\" /* x */ ('/etc/passwd')"),
        ("postgresql", "SELECT Lo_Export(1, '/tmp/x')"),
        ("postgresql", "SELECT * FROM dblink('host=x', 'DROP TABLE t') AS t(a int)"),
        ("postgresql", "SELECT query_to_xml('SELECT pg_terminate_backend(1)', true, true, '')"),
        ("postgresql", "SELECT set_config('transaction_read_only', 'off', false)"),
        ("postgresql", 'SELECT U&"d\\0061ta" FROM t'),
        ("mysql", "SELECT load_file('/etc/passwd')"),
        ("mysql", "SELECT `get_lock`('x', 1)"),
        ("mysql", "SELECT 1 /*!50000 INTO OUTFILE '/tmp/x' */"),
        ("mysql", "SELECT 1 /*m!50000 INTO OUTFILE '/tmp/x' */"),
        ("mysql", "SELECT /*+ SET_VAR(max_execution_time=0) */ 1"),
        ("sqlite", "SELECT load_extension('x')"),
        ("sqlite", "SELECT [writefile]('x', 'y')"),
    ],
)
def test_functions_and_comments_that_act_are_refused(dialect: Dialect, sql: str) -> None:
    with pytest.raises(NotASelect):
        plain_select(sql, dialect)


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        # where a text ends is each database's own affair: what follows it must not hide in it
        ("postgresql", "SELECT '\\'; DROP TABLE t --'"),
        ("postgresql", "SELECT E'\\''; DROP TABLE t --'"),
        ("postgresql", "SELECT $a$ $b$ $a$; DROP TABLE t -- $b$"),
        ("postgresql", "SELECT 1 /* /* */ */ ; DROP TABLE t"),
        ("postgresql", "SELECT 1 -- \r; DROP TABLE t"),
        ("postgresql", "SELECT a$b$ ; DROP TABLE t -- $b$"),
        ("postgresql", "SELECT ` ; DROP TABLE t -- `"),
        ("mysql", "SELECT '\\\\'; DROP TABLE t -- '"),
        ("mysql", "SELECT \"'\"; DROP TABLE t -- '"),
        ("mysql", "SELECT 5--'\n'; DROP TABLE t -- '"),
        ("mysql", "SELECT 1 # '\n; DROP TABLE t"),
        ("sqlite", "SELECT '\\'; DROP TABLE t --'"),
        ("sqlite", "SELECT 1 -- \r'\n; DROP TABLE t -- '"),
        ("sqlite", "SELECT [']; DROP TABLE t -- '"),
    ],
)
def test_nothing_hides_in_quotes_or_comments(dialect: Dialect, sql: str) -> None:
    with pytest.raises(NotASelect, match="several statements"):
        plain_select(sql, dialect)


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("postgresql", "SELECT E'it\\'s; fine', $q$; DROP $q$, 'C:\\'"),
        ("mysql", "SELECT 'it\\'s; fine', \"; DROP\", `a;b`"),
        ("sqlite", "SELECT [a;b], `c;d`, 'C:\\'"),
    ],
)
def test_each_dialects_quotes_are_known(dialect: Dialect, sql: str) -> None:
    assert plain_select(sql, dialect) == sql


@given(
    st.lists(
        st.sampled_from(["SELECT", " ", "1", ";", "'", '"', "--", "\n", "\r", "/*", "*/", "[", "]", "`", "x", ","])
    )
)
def test_what_is_let_through_is_one_statement_for_sqlite_itself(pieces: list[str]) -> None:
    try:
        sql = plain_select("SELECT 1" + "".join(pieces), "sqlite")
    except NotASelect:
        return
    assert "one statement" not in _complaint(sql)


def _complaint(sql: str) -> str:
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(sql)
    except sqlite3.Error as error:  # a syntax error is none of ours
        return str(error)
    finally:
        connection.close()
    return ""
