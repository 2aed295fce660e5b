"""A store that this user may read, but not write: in a process of its own, which gives up root's rights."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from potable.engine.running.owner import me
from potable.engine.store import readonly
from potable.engine.store.store import Store

STATUS = """
import os, sys
from potable.engine.service import Service
from potable.engine.settings import Settings

service = Service(Settings(catalog=None, store="sqlite:///" + sys.argv[1], state="/nonexistent"))
service.store
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
service.close()
print(service.status("S-1").status)
"""
READER = """
import os, sys
from potable.engine.errors import PotableError
from potable.engine.running.owner import me
from potable.engine.store.store import Store

if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    store = Store("sqlite:///" + sys.argv[1])
    print(",".join(sorted(run.resource_id for run in store.newest().values())))
    {then}
except PotableError as e:
    print(type(e).__name__, e)
"""

pytestmark = pytest.mark.skipif(not hasattr(os, "setuid"), reason="needs users")


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """A store with a run of S-1, whose folder others may enter."""
    folder = tmp_path / "shared"
    folder.mkdir()
    reached = tmp_path
    while reached != reached.parent and reached.stat().st_uid == os.getuid() and len(reached.parts) > 2:
        reached.chmod(0o755)
        reached = reached.parent
    file = folder / "runs.db"
    store = Store(f"sqlite:///{file}")
    store.enqueue("S-1", 4)
    store.close()
    file.chmod(0o444)
    folder.chmod(0o555)
    yield file
    folder.chmod(0o755)


def read(file: Path, then: str = "pass") -> list[str]:
    program = READER.format(then=then)
    done = subprocess.run([sys.executable, "-c", program, str(file)], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_what_is_in_it_can_be_seen_and_nothing_is_left_beside_it(file: Path) -> None:
    assert read(file) == ["S-1"]
    assert [f.name for f in file.parent.iterdir()] == ["runs.db"]


def test_a_run_whose_worker_is_gone_can_be_seen_though_not_given_up(file: Path) -> None:
    file.chmod(0o644)
    file.parent.chmod(0o755)
    store = Store(f"sqlite:///{file}")
    store.claim(f"{me().rsplit('/', 3)[0]}/1/0/gone", lease=60, seconds=60)
    store.close()
    file.chmod(0o444)
    file.parent.chmod(0o555)
    done = subprocess.run([sys.executable, "-c", STATUS, str(file)], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("Running\n", "")


def test_a_copy_of_a_store_in_use_is_read_with_its_log(file: Path, tmp_path: Path) -> None:
    """A backup may have the log, but not its index, which SQLite makes beside it."""
    folder = tmp_path / "backup"
    folder.mkdir()
    store = Store(f"sqlite:///{file}")
    store.enqueue("S-2", 4)
    copied = [Path(shutil.copy(file.with_name(name), folder)) for name in ("runs.db", "runs.db-wal")]
    store.close()
    for made in copied:
        made.chmod(0o444)
    folder.chmod(0o555)
    assert read(copied[0]) == ["S-1,S-2"]
    assert sorted(f.name for f in folder.iterdir()) == ["runs.db", "runs.db-wal"]
    assert copied[1].stat().st_size > 0
    folder.chmod(0o755)


def test_who_would_write_is_told_why_that_fails(file: Path) -> None:
    _, said = read(file, "store.enqueue('S-2', 4)")
    assert said.startswith(f"StoreError the run store sqlite:///{file} can't be used: attempt to write a readonly")
    assert f"may not write in {file.parent}; have that permitted, or name another store" in said


def test_once_it_may_be_written_it_is(file: Path) -> None:
    """By a process that has had it open since before, and has tried."""
    then = """
    def attempt():
        try:
            print(store.enqueue("S-2", 4).resource_id)
        except PotableError as e:
            print(str(e).partition("may not ")[2].partition(";")[0])

    attempt()
    os.chmod(sys.argv[1], 0o644)
    attempt()
    os.chmod(sys.argv[1] + "-shm", 0o644)
    attempt()
"""
    file.parent.chmod(0o777)
    if os.getuid() == 0:
        os.chown(file, 65534, 65534)
    assert read(file, then) == ["S-1", f"read and write {file}", f"read and write {file}-shm", "S-2"]


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="root alone writes where nobody may")
def test_what_a_writer_has_in_its_log_is_seen_too(file: Path) -> None:
    store = Store(f"sqlite:///{file}")
    store.enqueue("S-2", 4)
    for log in file.parent.glob("runs.db-*"):
        log.chmod(0o444)
    try:
        assert read(file) == ["S-1,S-2"]
    finally:
        store.close()


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="root alone writes where nobody may")
def test_where_the_log_cannot_be_read_nothing_old_is_shown(file: Path) -> None:
    store = Store(f"sqlite:///{file}")
    store.enqueue("S-2", 4)
    for log in file.parent.glob("runs.db-*"):
        log.chmod(0)
    try:
        (said,) = read(file)
        assert said.startswith("StoreError the run store ")
    finally:
        store.close()


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="root alone writes where nobody may")
def test_what_is_written_meanwhile_is_not_mixed_in(file: Path) -> None:
    """The reader neither locks the file nor sees a writer's log: what it has read can't be relied on."""
    then = """
    try:
        with store._db.read():
            print("reading", flush=True)
            input()
    except PotableError as e:
        print(e)
    print(len(store.newest()))
"""
    program = READER.format(then=then)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", program, str(file)], **pipes) as reader:  # type: ignore[call-overload]
        assert [reader.stdout.readline() for _ in range(2)] == ["S-1\n", "reading\n"]
        store = Store(f"sqlite:///{file}")
        store.enqueue("S-2", 4)
        store.close()
        out, _ = reader.communicate("\n", timeout=60)
    assert out.splitlines() == [f"the run store sqlite:///{file} was written to while it was read: try again", "2"]


def test_another_trouble_gives_no_connection_that_cannot_write(file: Path) -> None:
    """It would be kept when the trouble is over."""
    refused = sqlite3.OperationalError("unable to open database file")
    refused.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
    file.chmod(0o644)
    file.parent.chmod(0o755)
    assert readonly.connection(str(file), refused, 1.0) is None
    if os.getuid() != 0:
        file.parent.chmod(0o555)
        assert readonly.connection(str(file), refused, 1.0) is not None
        refused.sqlite_errorcode = sqlite3.SQLITE_FULL
        assert readonly.connection(str(file), refused, 1.0) is None
