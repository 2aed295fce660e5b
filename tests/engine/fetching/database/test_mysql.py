"""MariaDB and MySQL: exact values, nothing written, cancelled at the deadline, secrets kept."""

from __future__ import annotations

import gc
import select
import socket
import threading
import time
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
from potable.engine.fetching.deadline import Deadline
from potable.engine.findings import Occurrence

from .conftest import Database, Fetch


def test_each_type_has_its_spelling(mariadb: Database, lines: Callable[..., list[str]]) -> None:
    mariadb.run(
        "CREATE TABLE kinds (a TINYINT, b BIGINT UNSIGNED, c DECIMAL(30,10), d FLOAT, e DOUBLE, f BOOLEAN, "
        "g VARCHAR(9), h TEXT, i BLOB, j BIT(9), k DATE, l DATETIME(2), m TIMESTAMP NULL, n TIME, o YEAR, "
        "p ENUM('x','y'), q SET('x','y'), r VARBINARY(4), s INT(5) ZEROFILL, t INT, u DATE)"
    )
    mariadb.run("SET time_zone = '+02:00'")
    mariadb.run("SET sql_mode = ''")
    mariadb.run(
        "INSERT INTO kinds VALUES (-1, 18446744073709551615, 12345678901234567890.1234567890, 0.5, 1e300, TRUE, 'ü%', "
        "'line\\nbreak', x'00ff', b'101', '2024-02-29', '2024-02-29 09:05:00.25', '2024-02-29 09:05:00', '-12:00:00', "
        "2024, 'x', 'x,y', x'dead', 42, NULL, '0000-00-00')"
    )
    assert lines(mariadb.url, tableName="KINDS", **mariadb.parameters) == [
        '{"a":-1,"b":18446744073709551615,"c":12345678901234567890.1234567890,"d":0.5,"e":1e300,"f":1,"g":"ü%",'
        '"h":"line\\nbreak","i":"AP8=","j":5,"k":"2024-02-29","l":"2024-02-29T09:05:00.25","m":"2024-02-29T07:05:00Z",'
        '"n":"-12:00:00","o":2024,"p":"x","q":"x,y","r":"3q0=","s":42,"t":null,"u":"0000-00-00"}'
    ]


def test_a_table_of_odd_names_is_read_whole(mariadb: Database, lines: Callable[..., list[str]]) -> None:
    mariadb.run("CREATE TABLE `my ``odd`` table` (`100 %` INT, `Ä:b` TEXT)")
    mariadb.run("INSERT INTO `my ``odd`` table` SELECT seq, concat('v', seq) FROM seq_1_to_25000")
    found = lines(mariadb.url, tableName="my `odd` table", **mariadb.parameters)
    assert found[0] == '{"100 %":1,"Ä:b":"v1"}'
    assert len(found) == 25_000


def test_a_percent_sign_and_the_databases_name_as_schema(mariadb: Database, lines: Callable[..., list[str]]) -> None:
    mariadb.run("CREATE TABLE numbers (n INT)")
    mariadb.run("INSERT INTO numbers VALUES (7)")
    server, _, name = mariadb.url.rpartition("/")
    sql = "SELECT n FROM numbers WHERE 'a%b' LIKE '%%%'"
    assert lines(mariadb.url, sql, **mariadb.parameters) == ['{"n":7}']
    assert lines(server, sql, schemaName=name, **mariadb.parameters) == ['{"n":7}']
    assert lines(server, tableName=f"{name}.numbers", **mariadb.parameters) == ['{"n":7}']


ESCAPES = [
    "COMMIT",
    "SELECT 1; COMMIT; CREATE TABLE escaped (a INT)",
    "CREATE TABLE escaped (a INT)",
    "DELETE FROM victims RETURNING *",
    "WITH w AS (SELECT 1) DELETE FROM victims",
    "SELECT a FROM victims FOR UPDATE",
    "SELECT 1 /*!, destroy() */",
    "SELECT a INTO OUTFILE '/tmp/potable-escaped' FROM victims",
    "SELECT a INTO @x FROM victims",
    "SELECT load_file('/etc/passwd')",
    "SELECT NEXT VALUE FOR counter",
    "SET @x = 1",
    "KILL 1",
]


@pytest.fixture
def victims(mariadb: Database) -> Database:
    mariadb.run("CREATE TABLE victims (a INT) ENGINE=InnoDB")
    mariadb.run("INSERT INTO victims VALUES (1), (2)")
    mariadb.run("CREATE SEQUENCE counter")
    mariadb.run("CREATE FUNCTION destroy() RETURNS INT BEGIN DELETE FROM victims; RETURN 1; END")
    return mariadb


def owner(mariadb_url: str) -> tuple[str, str]:
    parts = urlsplit(mariadb_url)
    return parts.username or "root", parts.password or ""


def intact(database: Database) -> bool:
    return (
        database.run("SELECT a FROM victims ORDER BY a") == [(1,), (2,)]
        and database.run("SHOW TABLES LIKE 'escaped'") == []
        and database.run("SELECT next_not_cached_value FROM counter") == [(1,)]
    )


@pytest.mark.parametrize("sql", [*ESCAPES, "SELECT destroy() AS a"])
def test_nothing_is_written_even_by_an_owner(
    sql: str,
    victims: Database,
    mariadb_url: str,
    session: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    user, password = owner(mariadb_url)
    source = definition(victims.url, sql, dbUser=user, dbPassword=Secret("plain", password))
    assert fault_of(SqlFetcher().fetch, source, session().session).code == "sql/not-read-only"
    assert intact(victims)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT destroy()",
        "DELETE FROM victims",
        "SELECT 1; COMMIT; DELETE FROM victims",
        "CREATE TEMPORARY TABLE x SELECT destroy()",
        "INSERT INTO victims VALUES (3)",
        "UPDATE victims SET a = 5",
    ],
)
def test_the_database_itself_refuses_what_gets_past_the_words(
    sql: str, victims: Database, mariadb_url: str, session: Callable[..., Fetch]
) -> None:
    pymysql = pytest.importorskip("pymysql")
    from potable.engine.fetching.database.mysql import MysqlSession

    user, password = owner(mariadb_url)
    login = Login(user=user, password=password)
    opened = MysqlSession(parse_database_url(victims.url), login, session().session)
    opened.open(None)
    with pytest.raises(pymysql.Error):
        opened.run(sql)
    opened.close()
    assert intact(victims)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT sum(a.seq * b.seq * c.seq) AS n FROM seq_1_to_1000000 a, seq_1_to_1000000 b, seq_1_to_1000000 c",
        "SELECT a.seq AS n FROM seq_1_to_1000000 a, seq_1_to_1000000 b, seq_1_to_1000000 c",
    ],
)
def test_an_endless_query_is_cancelled_at_the_deadline(
    sql: str,
    mariadb: Database,
    session: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    source = definition(mariadb.url, sql, **mariadb.parameters)
    said = fault_of(SqlFetcher().fetch, source, session(seconds=1, attempts=3).session)
    assert said.code == "access/timeout"
    assert "fetch_seconds" in said.message
    role = mariadb.parameters["dbUser"]
    for _ in range(20_000):  # the server notices at its own pace that we are gone
        if mariadb.run(f"SELECT count(*) FROM information_schema.processlist WHERE user = '{role}'") == [(0,)]:
            break
    else:
        pytest.fail("the query goes on")


def test_a_sample_does_not_read_on_to_the_last_row(
    mariadb: Database, session: Callable[..., Fetch], definition: Callable[..., SourceDefinition]
) -> None:
    sql = "SELECT a.seq AS n FROM seq_1_to_1000000 a, seq_1_to_1000000 b"
    source = definition(mariadb.url, sql, **mariadb.parameters)
    snapshot = SqlFetcher().fetch(source, session(wanted=10).session)
    gc.collect()  # a forgotten cursor would read on when it's collected
    assert snapshot.details["rows"] == 11


def test_an_endless_answer_ends_at_the_byte_cap(
    mariadb: Database,
    session: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    sql = "SELECT a.seq AS n FROM seq_1_to_1000000 a, seq_1_to_1000000 b"
    fetch = session(fetch_bytes=100_000)
    said = fault_of(SqlFetcher().fetch, definition(mariadb.url, sql, **mariadb.parameters), fetch.session)
    gc.collect()
    assert said.code == "access/too-large"
    assert list(fetch.scratch.iterdir()) == []


def test_an_owner_is_warned_of_and_a_reader_is_not(
    mariadb: Database,
    mariadb_url: str,
    session: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
) -> None:
    reader, writer = session(), session()
    SqlFetcher().fetch(definition(mariadb.url, "SELECT 1 AS a", **mariadb.parameters), reader.session)
    assert reader.codes() == []
    user, password = owner(mariadb_url)
    source = definition(mariadb.url, "SELECT 1 AS a", dbUser=user, dbPassword=Secret("plain", password))
    SqlFetcher().fetch(source, writer.session)
    assert writer.codes() == ["sql/writable-role"]
    mariadb.run(f"GRANT SELECT (a), INSERT (a) ON {user_table(mariadb)} TO {mariadb.parameters['dbUser']}@'%'")
    column = session()
    SqlFetcher().fetch(definition(mariadb.url, "SELECT 1 AS a", **mariadb.parameters), column.session)
    assert column.codes() == ["sql/writable-role"]
    assert "INSERT on" in column.said[0].message


def user_table(mariadb: Database) -> str:
    mariadb.run("CREATE TABLE notes (a INT)")
    return "notes"


@pytest.mark.parametrize(
    ("sql", "code", "words"),
    [
        ("SELECT a.n, b.n FROM numbers a, numbers b", "sql/duplicate-column", "'n'"),
        ("SELECT nn FROM numbers", "sql/failed", "; did you mean n?"),
        ("SELECT 1 +", "sql/failed", "error in your SQL syntax"),
        ("SELECT * FROM number", "access/not-found", "doesn't exist"),
        ("SELECT * FROM mysql.user", "access/unauthorized", "denied"),
        ("SELECT n FROM numbers WHERE n > 7", "access/empty", "no row"),
    ],
)
def test_faults_have_their_codes_and_the_servers_words(
    sql: str,
    code: str,
    words: str,
    mariadb: Database,
    session: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    mariadb.run("CREATE TABLE numbers (n INT)")
    said = fault_of(SqlFetcher().fetch, definition(mariadb.url, sql, **mariadb.parameters), session().session)
    assert (said.code, words in said.message) == (code, True), said.message


@pytest.mark.parametrize("wrong", ["password", "user", "database"])
def test_a_refused_login_is_told_without_the_password(
    wrong: str,
    mariadb: Database,
    session: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    parameters, url = dict(mariadb.parameters), mariadb.url
    if wrong == "password":
        parameters["dbPassword"] = Secret("plain", "hunter3-secret")
    if wrong == "user":
        parameters["dbUser"] = "potable_nobody"
    if wrong == "database":
        url += "_nowhere"
    said = fault_of(SqlFetcher().fetch, definition(url, "SELECT 1", **parameters), session().session)
    assert said.code == "access/unauthorized"  # the server doesn't tell strangers which databases there are
    assert "hunter" not in repr(said)


def test_a_private_address_needs_leave(
    mariadb: Database,
    session: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    source = definition(mariadb.url, "SELECT 1", **mariadb.parameters)
    assert fault_of(SqlFetcher().fetch, source, session(allow="10.0.0.0/8").session).code == "access/blocked-address"


@pytest.fixture
def greeting() -> Iterator[Callable[[bytes], int]]:
    """``greeting(data)``: the port of a server that sends ``data`` to whoever connects, and waits."""
    listeners: list[socket.socket] = []

    def start(data: bytes) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def talk() -> None:
            kept = []
            while True:
                try:
                    sock, _ = listener.accept()
                except OSError:
                    break
                sock.sendall(data)
                kept.append(sock)
            for sock in kept:
                sock.close()

        threading.Thread(target=talk, daemon=True).start()
        return int(listener.getsockname()[1])

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


class Relay:
    """In front of a real server; ``asked`` is set when it's asked for the ``most``-th time."""

    def __init__(self, port: int, most: int) -> None:
        self._to, self._left = port, most
        self.asked = threading.Event()

    def serve(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=self._pass, args=(listener.accept()[0],), daemon=True).start()

    def _pass(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._to)) as server, suppress(OSError):
            other = {client: server, server: client}
            while True:
                for one in select.select([client, server], [], [])[0]:
                    data = one.recv(1 << 16)
                    if not data:
                        return
                    if one is client and data[4:5] == b"\x03":  # COM_QUERY
                        self._left -= 1
                        if not self._left:
                            self.asked.set()
                    other[one].sendall(data)


@pytest.mark.parametrize("most", range(1, 16))
def test_the_deadline_is_told_whoever_notices_it_first(
    most: int,
    mariadb: Database,
    session: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    """At any query the time is over for the socket alone: the watch's thread, which may have to wait for its turn,
    doesn't know. Of what SQLAlchemy asks a new connection, the first to fail makes the next say no more than that.
    """
    address = urlsplit(mariadb.url.removeprefix("jdbc:"))
    relay = Relay(address.port or 3306, most)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=relay.serve, args=(listener,), daemon=True).start()
        clock = Deadline(60.0, lambda: time.monotonic() + (120.0 if relay.asked.is_set() else 0.0))
        url = f"jdbc:mariadb://127.0.0.1:{listener.getsockname()[1]}{address.path}"
        source = definition(url, "SELECT seq FROM seq_1_to_1000000", **mariadb.parameters)
        said = fault_of(SqlFetcher().fetch, source, session(deadline=clock).session)
        listener.shutdown(socket.SHUT_RDWR)
    assert relay.asked.is_set()
    assert (said.code, "fetch_seconds" in said.message) == ("access/timeout", True), said.message


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "access/timeout"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n" * 100, "access/protocol"),
        (b"\x04\x00\x00\x00junk", "access/protocol"),
        (b"\x03\x00\x00\x00\x0a8.", "access/protocol"),
        (b"\xff\xff\xff\x00" + b"x" * 1000, "access/timeout"),
    ],
)
def test_a_server_of_another_kind_is_given_up(
    data: bytes,
    code: str,
    greeting: Callable[[bytes], int],
    session: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    pytest.importorskip("pymysql")
    pytest.importorskip("sqlalchemy")
    source = definition(f"jdbc:mysql://127.0.0.1:{greeting(data)}/lab", "SELECT 1", dbUser="x")
    said = fault_of(SqlFetcher().fetch, source, session(read_seconds=1).session)
    assert said.code == code, said.message


def test_required_encryption_is_not_given_up(
    mariadb: Database,
    session: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    (answer,) = mariadb.run("SELECT @@have_ssl")
    if answer[0] == "YES":
        pytest.skip("this server has encryption: nothing to refuse")
    source = definition(f"{mariadb.url}?sslMode=REQUIRED", "SELECT 1", **mariadb.parameters)
    assert fault_of(SqlFetcher().fetch, source, session().session).code == "access/tls"


def test_what_was_given(mariadb: Database, session: Callable[..., Any], definition: Callable[..., Any]) -> None:
    snapshot = SqlFetcher().fetch(definition(mariadb.url, "SELECT 1 AS a", **mariadb.parameters), session().session)
    (part,) = snapshot.parts
    assert part.url == mariadb.url.replace("jdbc:mariadb", "mysql")
    assert part.media_type == "application/x-ndjson"


@pytest.mark.parametrize(
    ("sql", "code", "words"),
    [
        (
            "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t WHERE n < 5000) SELECT n FROM t",
            "sql/incomplete", "max_recursive_iterations",
        ),
        ("SELECT seq % 3 AS k, group_concat(repeat('x', 9000)) AS v FROM seq_1_to_900 GROUP BY 1 ORDER BY 1",
         "sql/incomplete", "cut by GROUP_CONCAT() (and 2 more like it, at least)"),
        ("SELECT '12 mg' + 1 AS n", "sql/server-warning", "Truncated incorrect DOUBLE value: '12 mg'"),
    ],
)  # fmt: skip
def test_what_the_server_warns_of_is_told(
    sql: str,
    code: str,
    words: str,
    mariadb: Database,
    session: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
) -> None:
    fetch = session()
    snapshot = SqlFetcher().fetch(definition(mariadb.url, sql, **mariadb.parameters), fetch.session)
    assert snapshot.details["rows"] > 0
    (said,) = fetch.said
    assert (said.code, words in said.message) == (code, True), said.message
    assert said.location.url == mariadb.url.replace("jdbc:mariadb", "mysql")


def test_a_sample_is_not_asked_for_warnings(
    mariadb: Database, session: Callable[..., Fetch], definition: Callable[..., SourceDefinition]
) -> None:
    fetch = session(wanted=2)
    sql = "SELECT seq + 'x' AS n FROM seq_1_to_9"
    assert SqlFetcher().fetch(definition(mariadb.url, sql, **mariadb.parameters), fetch.session).partial
    assert fetch.said == []


def test_a_server_that_is_set_up_to_cut_results_off_gives_all(
    mariadb: Database, lines: Callable[..., list[str]]
) -> None:
    mariadb.run("SET GLOBAL sql_select_limit = 5")
    try:
        assert len(lines(mariadb.url, "SELECT seq FROM seq_1_to_50", **mariadb.parameters)) == 50
    finally:
        mariadb.run("SET GLOBAL sql_select_limit = DEFAULT")


@pytest.mark.parametrize("most", [60, 1000, 100_000], ids=["login", "settings", "rows"])
def test_a_run_that_is_told_to_stop_waits_for_no_row(most: int, mariadb: Database) -> None:
    address = urlsplit(mariadb.url.removeprefix("jdbc:"))
    with dam(address.port or 3306, most) as (port, held):
        url = f"jdbc:mariadb://127.0.0.1:{port}{address.path}"
        query = "SELECT repeat('x', 1000) AS a FROM seq_1_to_10000"
        parameters = {**mariadb.parameters, "dbPassword": "hunter2-secret"}
        assert ends_when_told({"ingestMethod": "SQL", "jdbcURL": url, "sql": query, **parameters}, held)
