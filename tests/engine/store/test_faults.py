"""A store that is locked, full, restarted, gone, or no store at all: said so, without a password, and nothing lost."""

from __future__ import annotations

import builtins
import multiprocessing
import os
import resource
import socket
import sqlite3
import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from potable.engine.contracts.history import Summary
from potable.engine.errors import StoreDamaged, StoreError, StoreUnavailable
from potable.engine.store.store import Store
from potable.engine.store.trouble import trouble


def test_a_locked_database_is_unavailable_and_recovers(url: str, open_store: Callable[..., Store]) -> None:
    store = open_store(patience=0.3)
    before = store.enqueue("A")
    engine = sa.create_engine(url)
    with engine.connect() as c:
        if c.dialect.name == "sqlite":
            c.exec_driver_sql("BEGIN EXCLUSIVE")
        else:
            c.exec_driver_sql("LOCK TABLE potable_runs IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(StoreUnavailable, match="try again"):
            store.enqueue("B")
        with pytest.raises(StoreUnavailable):
            store.claim("w", lease=1, seconds=1)
        c.rollback()
    engine.dispose()
    store.enqueue("B")
    assert set(store.newest()) == {"A", "B"}
    assert store.get(before.run_id) == before


def test_sqlite_can_be_read_while_another_writes(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/runs.db", patience=0.1)
    run = store.enqueue("A")
    other = sqlite3.connect(tmp_path / "runs.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert store.get(run.run_id) == run
    other.close()
    store.close()


def test_sqlite_is_durable_and_concurrent(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/runs.db")
    with store._db.read() as c:
        assert c.value("PRAGMA journal_mode") == "wal"
        assert c.value("PRAGMA synchronous") == 2
        assert c.value("PRAGMA foreign_keys") == 1
    store.close()


MOVED = "isn't the file any more that was open, which was moved or removed: put it back, or start again"


def test_a_file_that_was_moved_takes_no_runs_until_it_is_back(tmp_path: Path) -> None:
    file, aside = tmp_path / "runs.db", tmp_path / "aside.db"
    with closing(Store(f"sqlite:///{file}")) as store:
        store.enqueue("A")
        file.rename(aside)
        with pytest.raises(StoreUnavailable, match=MOVED):
            store.enqueue("B")
        with pytest.raises(StoreUnavailable, match=MOVED):
            store.newest()
        assert not file.exists()
        aside.rename(file)
        store.enqueue("C")
        assert set(store.newest()) == {"A", "C"}


def test_what_is_written_while_the_file_is_moved_is_not_acknowledged(tmp_path: Path) -> None:
    file = tmp_path / "runs.db"
    with (
        closing(Store(f"sqlite:///{file}")) as store,
        pytest.raises(StoreUnavailable, match=MOVED),
        store._db.write(),
    ):
        file.rename(tmp_path / "aside.db")


def test_another_file_in_its_place_is_not_mixed_with_what_is_in_its_log(tmp_path: Path) -> None:
    """As one from a backup."""
    file, other = tmp_path / "runs.db", tmp_path / "other.db"
    Store(f"sqlite:///{other}").close()
    with closing(Store(f"sqlite:///{file}")) as store:
        store.enqueue("A")
        other.rename(file)
        with pytest.raises(StoreUnavailable, match=MOVED):
            store.newest()


def fill_up(file: Path, results: Any) -> None:
    store = Store(f"sqlite:///{file}")
    acknowledged = [store.enqueue("S").run_id]
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))  # no file may grow past it: as a full disk
    error = ""
    try:
        for n in range(100_000):
            acknowledged.append(store.enqueue(f"S{n}", options={"filler": "x" * 500}).run_id)
    except StoreUnavailable as e:
        error = str(e)
    unsure = ""
    try:
        store.make_sure()
    except StoreUnavailable as e:
        unsure = str(e)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    store.make_sure([file.parent / "not there yet"])
    acknowledged.append(store.enqueue("after").run_id)
    store.close()
    results.put((acknowledged, error, unsure))


def test_a_full_disk_is_unavailable_and_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()
    process = context.Process(target=fill_up, args=(tmp_path / "runs.db", results))
    process.start()
    acknowledged, error, unsure = results.get()
    process.join()
    assert unsure == f"runs can't be recorded: {tmp_path} doesn't take 1 MiB: File too large: free space there"
    assert error.endswith(": try again")
    assert len(acknowledged) > 10
    store = Store(f"sqlite:///{tmp_path}/runs.db")
    assert {r.run_id for r in store.newest().values()} == set(acknowledged)
    with store._db.read() as c:
        assert c.value("PRAGMA integrity_check") == "ok"
    store.close()


def test_postgresql_that_was_restarted_answers_again(postgresql: str) -> None:
    """All its connections end; the next call makes new ones."""
    name, schema = f"potable-{uuid.uuid4().hex}", f"potable_test_{uuid.uuid4().hex}"
    engine = sa.create_engine(postgresql, isolation_level="AUTOCOMMIT")
    with engine.connect() as c:
        c.exec_driver_sql(f"CREATE SCHEMA {schema}")
        store = Store(f"{postgresql}?application_name={name}&options=-csearch_path%3D{schema}")
        run = store.enqueue("A")
        ended = c.execute(
            sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name"),
            {"name": name},
        ).all()
        assert len(ended) >= 1
        assert store.get(run.run_id) == run
        store.close()
        c.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
    engine.dispose()


def test_postgresql_that_ends_a_connection_in_a_transaction(postgresql: str) -> None:
    schema = f"potable_test_{uuid.uuid4().hex}"
    engine = sa.create_engine(postgresql, isolation_level="AUTOCOMMIT")
    with engine.connect() as c:
        c.exec_driver_sql(f"CREATE SCHEMA {schema}")
        store = Store(f"{postgresql}?options=-csearch_path%3D{schema}")

        def cut_off() -> None:
            with store._db.write() as held:
                pid = held.value("SELECT pg_backend_pid()")
                c.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
                held.rows("SELECT 1")

        with pytest.raises(StoreUnavailable, match="try again"):
            cut_off()
        store.enqueue("A")
        store.close()
        c.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
    engine.dispose()


def test_no_server_is_unavailable_and_the_password_stays_secret() -> None:
    pytest.importorskip("psycopg", reason="the extra `postgresql` isn't installed")
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))  # bound but not listening: nobody answers here
        with pytest.raises(StoreUnavailable) as raised:
            Store(f"postgresql://user:s3cret@127.0.0.1:{s.getsockname()[1]}/db")
    assert "s3cret" not in str(raised.value)
    assert "postgresql+psycopg://user:***@127.0.0.1" in str(raised.value)


def test_an_unknown_database_is_no_matter_of_waiting(postgresql: str) -> None:
    url = sa.make_url(postgresql).set(database="potable_no_such_database")
    with pytest.raises(StoreError, match=r"can't be used: .*does not exist") as raised:
        Store(url.render_as_string(hide_password=False))
    assert not isinstance(raised.value, StoreUnavailable)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("runs.db", "must be a database URL .*: did you mean sqlite:///runs.db?"),
        ("user:s3cret@host/x", r"must be a database URL \(sqlite:///file or postgresql\+psycopg://…\)$"),
        ("mysql://u:s3cret@h/d", "must be SQLite or PostgreSQL, not mysql"),
        ("postgresql://u:s3cret@h:port/d", "can't be understood: escape special characters"),
        ("sqlite://", "must outlive its process: name a file"),
        ("sqlite:///:memory:", "must outlive its process: name a file"),
    ],
)
def test_urls_that_are_none(url: str, message: str) -> None:
    with pytest.raises(StoreError, match=message) as raised:
        Store(url)
    assert "s3cret" not in str(raised.value)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "runs.db"
    file.write_bytes(b"resourceID: A\n" * 100)
    message = f"can't be used: file is not a database: {file} holds something else"
    with pytest.raises(StoreError, match=message) as raised:
        Store(f"sqlite:///{file}")
    assert not isinstance(raised.value, StoreUnavailable)
    assert file.read_bytes() == b"resourceID: A\n" * 100


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"can't be made: Not a directory: .*file"):
        Store(f"sqlite:///{tmp_path}/file/state/runs.db")


def test_a_folder_as_the_database(tmp_path: Path) -> None:
    message = f"unable to open database file: {tmp_path} is a folder; name a file in it"
    with pytest.raises(StoreError, match=message) as raised:
        Store(f"sqlite:///{tmp_path}")
    assert not isinstance(raised.value, StoreUnavailable)


@pytest.mark.parametrize("closed", ["runs.db", "."])
def test_a_file_that_this_user_may_not_use(tmp_path: Path, closed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What may be used is asked of the system; where tests are root's, everything may."""
    file = tmp_path / "runs.db"
    file.touch()
    denied = tmp_path / closed
    monkeypatch.setattr("os.access", lambda path, mode: path != denied)
    verb = "read and write" if denied == file else "write in"
    for code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
        assert f"may not {verb} {denied}; have that permitted, or name another store" in trouble(str(file), code)
    assert trouble(str(file), sqlite3.SQLITE_FULL) == f": free space on the disk of {tmp_path}"
    assert trouble(str(file), sqlite3.SQLITE_BUSY) == ""


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a file system without any space")
def test_an_input_output_error_on_a_full_disk_is_told_as_such(tmp_path: Path) -> None:
    assert trouble("/proc/runs.db", sqlite3.SQLITE_IOERR) == ": free space on the disk of /proc"
    assert trouble(str(tmp_path / "runs.db"), sqlite3.SQLITE_IOERR) == ""


def test_reading_waits_for_no_writer(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/runs.db"
    with closing(Store(url)) as store:
        store.enqueue("A")
    with closing(sqlite3.connect(tmp_path / "runs.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with closing(Store(url, patience=0.1)) as store:
            assert [run.resource_id for run in store.history("A")] == ["A"]
            with pytest.raises(StoreUnavailable, match="database is locked: try again"):
                store.enqueue("B")


def test_missing_folders_are_made_for_the_owner_alone(tmp_path: Path) -> None:
    Store(f"sqlite:///{tmp_path}/state/potable/runs.db").close()
    assert (tmp_path / "state" / "potable").stat().st_mode & 0o777 == 0o700


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "psycopg":
            raise ModuleNotFoundError("No module named 'psycopg'", name="psycopg")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(StoreError, match=r"pip install 'potable-engine\[postgresql\]'"):
        Store("postgresql://u@h/d")


@pytest.mark.parametrize(("statement", "look", "said"), [
    ("UPDATE potable_runs SET counts = '{'", Store.get, "the row of run {id}"),
    ("UPDATE potable_runs SET counts = '[]'", Store.get, "the row of run {id}"),
    ("UPDATE potable_runs SET options = 'none'", Store.get, "the row of run {id}"),
    ("UPDATE potable_runs SET ended = 'noon'", lambda store, _: store.summaries("A"), "the summary of run {id}"),
    ("UPDATE potable_runs SET summary = '{}'", lambda store, _: store.summaries("A"), "the summary of run {id}"),
    ("UPDATE potable_runs SET metrics = '[]'", lambda store, _: store.summaries("A"), "the summary of run {id}"),
    ("UPDATE potable_reports SET body = x'00'", Store.report, "the report of run {id}"),
])  # fmt: skip
def test_what_is_damaged_is_named(
    tmp_path: Path, statement: str, look: Callable[[Store, str], object], said: str
) -> None:
    store = Store(f"sqlite:///{tmp_path}/runs.db")
    run_id = store.begin("A", owner="w", lease=9, seconds=9).run_id
    report = {"verdict": "passed", "source": {"sample": None}, "counts": {"records": 3}}
    assert store.finish(run_id, "w", 1, report, Summary(records=3))
    other = sqlite3.connect(tmp_path / "runs.db", isolation_level=None)
    other.execute(statement)
    other.close()
    with pytest.raises(StoreDamaged, match=said.format(id=run_id) + " in the run store is damaged .*restore"):
        look(store, run_id)
    store.close()


def test_a_damaged_version_is_named(tmp_path: Path) -> None:
    Store(f"sqlite:///{tmp_path}/runs.db").close()
    other = sqlite3.connect(tmp_path / "runs.db", isolation_level=None)
    other.execute("UPDATE potable_meta SET value = 'abc'")
    other.close()
    with pytest.raises(StoreDamaged, match="the version of the tables"):
        Store(f"sqlite:///{tmp_path}/runs.db").newest()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DROP TABLE potable_reports", "no such table: potable_reports"),
        ("ALTER TABLE potable_runs RENAME COLUMN metrics TO other", "no such column: metrics"),
        ("DELETE FROM potable_meta", "table potable_meta already exists"),
        ("UPDATE potable_meta SET value = '1'", "duplicate column name: shape"),
    ],
)
def test_tables_that_somebody_changed_are_damage(tmp_path: Path, statement: str, said: str) -> None:
    Store(f"sqlite:///{tmp_path}/runs.db").close()
    with closing(sqlite3.connect(tmp_path / "runs.db", isolation_level=None)) as other:
        other.execute(statement)

    def use() -> None:
        with closing(Store(f"sqlite:///{tmp_path}/runs.db")) as store:
            store.last_report("A")
            store.summaries("A")
            store.report(store.enqueue("A").run_id)

    with pytest.raises(StoreDamaged, match=f"is damaged \\({said}\\): restore it from a backup, or name another one"):
        use()


def test_a_file_that_was_cut_off_is_damage(tmp_path: Path) -> None:
    with closing(Store(f"sqlite:///{tmp_path}/runs.db")) as store:
        for n in range(50):
            store.enqueue(f"A{n}")
    file = tmp_path / "runs.db"
    os.truncate(file, file.stat().st_size // 2)
    with pytest.raises(StoreDamaged, match=r"is damaged .*malformed"), closing(Store(f"sqlite:///{file}")) as store:
        [store.history(f"A{n}") for n in range(50)]
