"""PostgreSQL: exact values, nothing written, cancelled at the deadline, secrets kept."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.stopping import dam, ends_when_told

from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.secrets import Secret
from potable.engine.fetching.database.fetcher import SqlFetcher
from potable.engine.fetching.database.session import Login
from potable.engine.fetching.database.urls import parse_database_url
from potable.engine.findings import Occurrence

from .conftest import Database, Fetch


def test_each_type_has_its_spelling(postgresql: Database, lines: Callable[..., list[str]]) -> None:
    sql = """
    SELECT 1::int2 AS a, 9223372036854775807 AS b, 1.10::numeric(6,2) AS c, 'NaN'::numeric AS d,
      '-Infinity'::float8 AS e, 0.1::float4 AS f, 1e300::float8 AS g, true AS h, NULL::text AS i, 'x%y' AS j,
      ''::text AS k, '\\xdead'::bytea AS l, DATE '2024-02-29' AS m, 'infinity'::date AS n,
      DATE '0044-03-15 BC' AS o, TIME '09:05' AS p, TIMETZ '09:05+05:30' AS q, TIMESTAMP '2024-02-29 09:05:00.25' AS r,
      TIMESTAMPTZ '2024-02-29 09:05:00+02' AS s, INTERVAL '1 mon 2 days 3 hours' AS t,
      '{"b":\n 1.50, "a": [1e2]}'::json AS u, '{"b": 1.50}'::jsonb AS v, ARRAY[1, NULL, 3] AS w,
      ARRAY[['x'],['y']] AS x, int4range(1, 5) AS y, '2001:db8::1'::inet AS z,
      'c0ffee00-0000-0000-0000-000000000000'::uuid AS aa, ROW(1, 'x') AS ab,
      12345678901234567890.123456789::numeric AS ac, ARRAY[1.50, 'NaN'] AS ad,
      'infinity'::timestamptz AS ae
    """
    assert lines(postgresql.url, sql, **postgresql.parameters) == [
        '{"a":1,"b":9223372036854775807,"c":1.10,"d":"NaN","e":"-Infinity",'
        '"f":0.1,"g":1e+300,"h":true,"i":null,"j":"x%y","k":"","l":"3q0=",'
        '"m":"2024-02-29","n":"infinity","o":"0044-03-15 BC","p":"09:05:00","q":"09:05:00+05:30",'
        '"r":"2024-02-29T09:05:00.25","s":"2024-02-29T07:05:00Z","t":"P1M2DT3H",'
        '"u":{"b":  1.50, "a": [1e2]},"v":{"b": 1.50},"w":[1,null,3],"x":[["x"],["y"]],'
        '"y":"[1,5)","z":"2001:db8::1","aa":"c0ffee00-0000-0000-0000-000000000000",'
        '"ab":"(1,x)","ac":12345678901234567890.123456789,"ad":[1.50,"NaN"],'
        '"ae":"infinity"}'
    ]


def test_a_table_of_odd_names_is_read_whole(postgresql: Database, lines: Callable[..., list[str]]) -> None:
    postgresql.run('CREATE TABLE "My ""odd"" Table" ("100 %" int, "Ä:b" text)')
    postgresql.run('INSERT INTO "My ""odd"" Table" SELECT i, \'v\' || i FROM generate_series(1, 25000) i')
    found = lines(postgresql.url, tableName='My "odd" Table', **postgresql.parameters)
    assert found[0] == '{"100 %":1,"Ä:b":"v1"}'
    assert len(found) == 25_000
    assert sorted(int(line[9 : line.index(",")]) for line in found) == list(range(1, 25_001))


def test_a_schema_before_the_tables_name(postgresql: Database, lines: Callable[..., list[str]]) -> None:
    postgresql.run("CREATE VIEW numbers AS SELECT 7 AS n")
    schema = postgresql.parameters["schemaName"]
    login = {k: v for k, v in postgresql.parameters.items() if k != "schemaName"}
    assert lines(postgresql.url, tableName=f"{schema}.NUMBERS", **login) == ['{"n":7}']
    assert lines(postgresql.url, "SELECT n FROM numbers", **postgresql.parameters) == ['{"n":7}']


ESCAPES = [
    "COMMIT; CREATE TABLE escaped (a int)",
    "SELECT 1; COMMIT; CREATE TABLE escaped (a int)",
    "CREATE TABLE escaped (a int)",
    "WITH w AS (DELETE FROM victims RETURNING *) SELECT * FROM w",
    "WITH w AS (INSERT INTO victims VALUES (9) RETURNING *) SELECT * FROM w",
    "DELETE FROM victims RETURNING *",
    "SELECT * INTO escaped FROM victims",
    "SELECT nextval('counter')",
    "SELECT destroy()",
    "SELECT set_config('transaction_read_only', 'off', true), destroy()",
    "SELECT * FROM victims FOR UPDATE",
    "COPY victims TO PROGRAM 'true'",
    "ROLLBACK",
    "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
]


@pytest.fixture
def victims(postgresql: Database) -> Database:
    """A table that an owner, who may write, is made to attack."""
    postgresql.run("CREATE TABLE victims (a int)")
    postgresql.run("INSERT INTO victims VALUES (1), (2)")
    postgresql.run("CREATE SEQUENCE counter")
    postgresql.run("CREATE FUNCTION destroy() RETURNS int LANGUAGE sql AS 'DELETE FROM victims RETURNING a'")
    return postgresql


def owner(postgresql_url: str) -> dict[str, Any]:
    parts = urlsplit(postgresql_url)
    password = None if parts.password is None else Secret("plain", parts.password)
    return {"dbUser": parts.username, **({} if password is None else {"dbPassword": password})}


def intact(database: Database) -> bool:
    tables = database.run("SELECT count(*) FROM pg_class WHERE relname = 'escaped'")
    return (
        database.run("SELECT a FROM victims ORDER BY a") == [(1,), (2,)]
        and tables == [(0,)]
        and database.run("SELECT is_called FROM counter") == [(False,)]
    )


@pytest.mark.parametrize("sql", ESCAPES)
def test_nothing_is_written_even_by_an_owner(
    sql: str,
    victims: Database,
    postgresql_url: str,
    session: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    source = definition(victims.url, sql, **{**victims.parameters, **owner(postgresql_url)})
    said = fault_of(SqlFetcher().fetch, source, session().session)
    assert said.code == "sql/not-read-only"
    assert intact(victims)


@pytest.mark.parametrize("sql", ESCAPES)
def test_the_database_itself_refuses_what_gets_past_the_words(
    sql: str, victims: Database, postgresql_url: str, session: Callable[..., Fetch]
) -> None:
    psycopg = pytest.importorskip("psycopg")
    from potable.engine.fetching.database.postgresql import PostgresqlSession

    who = owner(postgresql_url)
    password = who["dbPassword"].reveal() if "dbPassword" in who else None
    login = Login(user=who["dbUser"], password=password)
    opened = PostgresqlSession(parse_database_url(victims.url), login, session().session)
    opened.open(victims.parameters["schemaName"])
    with pytest.raises(psycopg.Error):
        opened.run(sql).fetchmany(10)
    opened.close()
    assert intact(victims)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT pg_sleep(3600)",
        "SELECT count(*) FROM generate_series(1, 1e15::bigint)",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT i FROM n",
    ],
)
def test_an_endless_query_is_cancelled_at_the_deadline(
    sql: str,
    postgresql: Database,
    session: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    source = definition(postgresql.url, sql, **postgresql.parameters)
    said = fault_of(SqlFetcher().fetch, source, session(seconds=1, attempts=3).session)
    assert said.code == "access/timeout"
    assert "fetch_seconds" in said.message
    role = postgresql.parameters["dbUser"]
    for _ in range(2000):  # the server notices at its own pace that we are gone
        if postgresql.run(f"SELECT count(*) FROM pg_stat_activity WHERE usename = '{role}'") == [(0,)]:
            break
    else:
        pytest.fail("the query goes on")


def test_an_owner_is_warned_of_and_a_reader_is_not(
    postgresql: Database,
    postgresql_url: str,
    session: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
) -> None:
    reader, writer, superuser = session(), session(), session()
    source = definition(postgresql.url, "SELECT 1 AS a", **postgresql.parameters)
    SqlFetcher().fetch(source, reader.session)
    assert reader.codes() == []
    postgresql.run("CREATE TABLE notes (a int)")
    postgresql.run(f"GRANT INSERT ON notes TO {postgresql.parameters['dbUser']}")
    SqlFetcher().fetch(source, writer.session)
    assert writer.codes() == ["sql/writable-role"]
    assert "notes" in writer.said[0].message
    SqlFetcher().fetch(definition(postgresql.url, "SELECT 1 AS a", **owner(postgresql_url)), superuser.session)
    assert superuser.codes() == ["sql/writable-role"]
    assert "superuser" in superuser.said[0].message


@pytest.mark.parametrize(
    ("sql", "code", "words"),
    [
        ("SELECT a.n, b.n FROM numbers a, numbers b", "sql/duplicate-column", "'n'"),
        ("SELECT nn FROM numbers", "sql/failed", 'column "nn" does not exist'),
        ("SELECT 1 +", "sql/failed", "syntax error"),
        ("SELECT 1 / (n - 7) FROM numbers", "sql/failed", "division by zero"),
        ("SELECT * FROM number", "access/not-found", 'relation "number" does not exist'),
        ("SELECT * FROM pg_catalog.pg_authid", "access/unauthorized", "permission denied"),
        ("SELECT n FROM numbers WHERE n > 7", "access/empty", "no row"),
    ],
)
def test_faults_have_their_codes_and_the_servers_words(
    sql: str,
    code: str,
    words: str,
    postgresql: Database,
    session: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    postgresql.run("CREATE VIEW numbers AS SELECT 7 AS n")
    fetch = session()
    said = fault_of(SqlFetcher().fetch, definition(postgresql.url, sql, **postgresql.parameters), fetch.session)
    assert (said.code, words in said.message) == (code, True), said.message
    assert list(fetch.scratch.iterdir()) == []


def test_a_fault_in_a_late_row_leaves_nothing_behind(
    postgresql: Database,
    session: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    sql = "SELECT 1 / (50000 - i) AS a FROM generate_series(1, 60000) i"
    fetch = session()
    said = fault_of(SqlFetcher().fetch, definition(postgresql.url, sql, **postgresql.parameters), fetch.session)
    assert (said.code, "division by zero" in said.message) == ("sql/failed", True)
    assert list(fetch.scratch.iterdir()) == []


@pytest.mark.parametrize("wrong", ["password", "user", "database"])
def test_a_refused_login_is_told_without_the_password(
    wrong: str,
    postgresql: Database,
    session: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    parameters, url = dict(postgresql.parameters), postgresql.url
    if wrong == "password":
        server = Impostor()
        server.start()
        url = f"jdbc:postgresql://127.0.0.1:{server.port}/lab"
    if wrong == "user":
        parameters["dbUser"] = "potable_nobody"
    if wrong == "database":
        url += "_nowhere"
    said = fault_of(SqlFetcher().fetch, definition(url, "SELECT 1", **parameters), session().session)
    assert said.code == ("access/not-found" if wrong == "database" else "access/unauthorized")
    assert "hunter2" not in repr(said)


class Impostor(threading.Thread):
    """A server that asks for the password in plain text, and quotes it in its refusal."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]

    def run(self) -> None:
        with self._listener, suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                with sock:
                    sock.settimeout(20)
                    if len(sock.recv(8)) == 8:  # "TLS?"
                        sock.sendall(b"N")
                    sock.recv(4096)
                    sock.sendall(b"R\0\0\0\x08\0\0\0\x03")
                    password = sock.recv(4096)[5:-1].decode()
                    text = b"SFATAL\0C28P01\0Mpassword authentication failed with " + password.encode() + b"\0\0"
                    sock.sendall(b"E" + (len(text) + 4).to_bytes(4, "big") + text)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::1]", "10.1.2.3"])
def test_no_private_address_without_leave(
    host: str,
    session: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    pytest.importorskip("psycopg", reason="the extra `sql` isn't installed")
    source = definition(f"jdbc:postgresql://{host}/lab", "SELECT 1")
    assert fault_of(SqlFetcher().fetch, source, session(allow="").session).code == "access/blocked-address"


@pytest.fixture
def mute() -> Iterator[int]:
    """The port of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_mute_server_is_given_up(
    mute: int,
    session: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    pytest.importorskip("psycopg", reason="the extra `sql` isn't installed")
    source = definition(f"jdbc:postgresql://127.0.0.1:{mute}/lab", "SELECT 1", dbUser="x")
    said = fault_of(SqlFetcher().fetch, source, session(seconds=2).session)
    assert said.code == "access/timeout"


def test_a_closed_port_and_another_protocol(
    postgresql: Database,
    mute: int,
    session: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = listener.getsockname()[1]
    source = definition(f"jdbc:postgresql://127.0.0.1:{closed}/lab", "SELECT 1", dbUser="x")
    assert fault_of(SqlFetcher().fetch, source, session().session).code == "access/unreachable"


def test_a_password_of_the_home_folder_is_not_used(
    postgresql: Database,
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
    session: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    (tmp_path / ".pgpass").write_text("*:*:*:*:hunter3-of-the-operator\n")
    (tmp_path / ".pgpass").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / ".pgpass"))
    monkeypatch.setenv("PGPASSWORD", "hunter4-of-the-operator")
    server = Impostor()
    server.start()
    source = definition(f"jdbc:postgresql://127.0.0.1:{server.port}/lab", "SELECT 1", dbUser="x")
    said = fault_of(SqlFetcher().fetch, source, session().session)
    assert "operator" not in said.message
    assert said.code == "access/unauthorized"


def test_bytes_of_a_database_without_an_encoding_are_not_guessed_at(
    postgresql: Database,
    postgresql_url: str,
    session: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    name = postgresql.parameters["dbUser"]
    postgresql.run(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'")
    try:
        url = postgresql.url.rpartition("/")[0] + "/" + name
        source = definition(url, "SELECT convert_from('\\x636166e9', 'SQL_ASCII') AS a", **owner(postgresql_url))
        said = fault_of(SqlFetcher().fetch, source, session().session)
        assert (said.code, "invalid byte sequence" in said.message) == ("sql/failed", True)
    finally:
        postgresql.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize("most", [100, 2000, 100_000], ids=["login", "settings", "rows"])
def test_a_run_that_is_told_to_stop_waits_for_no_row(most: int, postgresql: Database) -> None:
    address = urlsplit(postgresql.url.removeprefix("jdbc:"))
    with dam(address.port or 5432, most) as (port, held):
        url = f"jdbc:postgresql://127.0.0.1:{port}{address.path}?sslmode=disable"
        query = "SELECT repeat('x', 1000) AS a FROM generate_series(1, 10000)"
        parameters = {**postgresql.parameters, "dbPassword": "hunter2-secret"}
        assert ends_when_told({"ingestMethod": "SQL", "jdbcURL": url, "sql": query, **parameters}, held)
