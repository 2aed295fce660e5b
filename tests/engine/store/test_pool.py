"""Connections, lent and taken back."""

from __future__ import annotations

import os
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from potable.engine.errors import StoreUnavailable
from potable.engine.store import pool
from potable.engine.store.pool import Busy, Pool
from potable.engine.store.store import Store


def make() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)


def test_a_connection_is_used_again_and_left_outside_of_a_transaction() -> None:
    lent = Pool(make, lambda _: True, 1)
    with lent.connection() as first:
        first.execute("BEGIN")
    with lent.connection() as second:
        assert second is first
        assert not second.in_transaction
        with lent.connection() as third:
            assert third is not first
    lent.close()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        first.execute("SELECT 1")


def test_one_that_no_longer_answers_or_rolls_back_is_replaced() -> None:
    asked: list[Any] = []

    def no_longer(connection: Any) -> bool:
        asked.append(connection)
        return False

    lent = Pool(make, no_longer, 1)
    with lent.connection() as first:
        pass
    with lent.connection() as second:
        assert second is not first
        second.close()  # now it can't be rolled back
    assert asked == [first]
    with lent.connection() as third:
        assert third is not second
    assert asked == [first]


def test_only_so_many_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "MOST", 1)
    lent = Pool(make, lambda _: True, 0.01)
    with lent.connection(), pytest.raises(Busy), lent.connection():
        pass
    with lent.connection():
        pass


def test_more_askers_than_connections_get_their_answers(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/runs.db")
    threads = [threading.Thread(target=store.enqueue, args=(f"S{n}",)) for n in range(2 * pool.MOST)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.newest()) == 2 * pool.MOST
    store.close()


def test_a_store_whose_connections_stay_in_use_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "MOST", 1)
    store = Store(f"sqlite:///{tmp_path}/runs.db", patience=0.01)
    with store._db.read(), pytest.raises(StoreUnavailable, match="is busy: try again"):
        store.newest()
    assert store.newest() == {}
    store.close()


def test_a_forked_process_makes_its_own(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/runs.db")
    store.enqueue("A")
    pid = os.fork()
    if pid == 0:
        try:
            store.enqueue("B")
            store.close()
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    assert set(store.newest()) == {"A", "B"}
    store.close()
