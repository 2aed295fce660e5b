"""A disk that takes no byte more: what is in the store can be read, and who would write is told to free space."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from potable.engine.errors import StoreFull, StoreUnavailable
from potable.engine.store.store import Store


@contextmanager
def no_room() -> Iterator[None]:
    """No file grows past a hundred bytes, as on a full disk or past a quota."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def sources(store: Store) -> list[str]:
    return sorted(store.newest())


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A store with a run of A, on which nobody is at work."""
    with closing(Store(f"sqlite:///{tmp_path}/runs.db")) as store:
        store.enqueue("A")
    return store.name


def test_what_is_in_the_store_can_be_read_and_changes_are_refused(url: str, tmp_path: Path) -> None:
    with no_room(), closing(Store(url)) as store:
        assert sources(store) == ["A"]
        with pytest.raises(StoreFull) as told:
            store.enqueue("B")
        assert not store.keys.any()
    assert str(told.value) == (
        f"the run store {url} takes nothing more: disk I/O error: free space on the disk of {tmp_path} (File too large)"
    )


def test_a_store_that_was_opened_without_room_takes_runs_when_there_is_some(url: str) -> None:
    with no_room():
        store = Store(url)
        assert sources(store) == ["A"]
    store.enqueue("B")
    assert sources(store) == ["A", "B"]
    store.close()


def test_one_that_is_open_already_is_read_on(url: str) -> None:
    with closing(Store(url)) as store:
        assert sources(store) == ["A"]
        with no_room():
            assert sources(store) == ["A"]


def test_what_is_only_in_the_log_is_never_left_out(url: str, tmp_path: Path) -> None:
    """A copy of a store at work, without the log's index: the file alone would show what was."""
    copy = tmp_path / "copy"
    copy.mkdir()
    with closing(Store(url)) as store:
        store.enqueue("B")
        for name in ("runs.db", "runs.db-wal"):
            shutil.copy(tmp_path / name, copy / name)
    with no_room(), pytest.raises(StoreFull, match=f"free space on the disk of {copy}"):
        Store(f"sqlite:///{copy}/runs.db")
    with closing(Store(f"sqlite:///{copy}/runs.db")) as store:
        assert sources(store) == ["A", "B"]


def test_what_a_writer_adds_meanwhile_is_not_mixed_in(url: str) -> None:
    with closing(Store(url)) as store:
        store.close()
        with no_room():
            reading = store._db.read()
            t = reading.__enter__()
        assert t.value("SELECT count(*) FROM potable_runs") == 1
        with closing(Store(url)) as other:
            other.enqueue("B")
        with pytest.raises(StoreUnavailable, match="was written to while it was read: try again"):
            reading.__exit__(None, None, None)
        assert sources(store) == ["A", "B"]
