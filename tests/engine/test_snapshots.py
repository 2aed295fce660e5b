"""Kept snapshots: found by hash, never half, bounded."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.errors import UsageError
from potable.engine.snapshots import Snapshots


def fetched(folder: Path, *bodies: bytes, etag: str | None = None) -> Snapshot:
    parts = []
    for n, body in enumerate(bodies):
        path = folder / f"part-{n}-{hashlib.sha256(body).hexdigest()[:8]}"
        path.write_bytes(body)
        digest = hashlib.sha256(body).hexdigest()
        url = f"https://example.org/{n}"
        parts.append(Part(name=f"{n}.csv", path=path, bytes=len(body), sha256=digest, url=url, headers={"a": "b"}))
    return Snapshot(parts=tuple(parts), fetched="2024-01-02T03:04:05.678Z", etag=etag, details={"status": 200})


def bodies(snapshot: Snapshot | None) -> list[bytes]:
    assert snapshot is not None
    return [p.path.read_bytes() for p in snapshot.parts]


def test_a_kept_snapshot_outlives_its_files(tmp_path: Path) -> None:
    kept = Snapshots(tmp_path / "kept", 1000)
    snapshot = fetched(tmp_path, b"id\n1\n", b"id\n2\n", etag='"x"')
    kept.keep(snapshot, "S")
    for part in snapshot.parts:
        part.path.unlink()
    assert snapshot.sha256 is not None
    found = kept.find(snapshot.sha256[:8])
    assert bodies(found) == [b"id\n1\n", b"id\n2\n"]
    assert found.sha256 == snapshot.sha256
    assert (found.etag, found.fetched, found.parts[1].url) == ('"x"', snapshot.fetched, "https://example.org/1")
    assert bodies(kept.latest("S")) == bodies(found)
    assert kept.latest("T") is None


def test_the_latest_of_a_source(tmp_path: Path) -> None:
    kept = Snapshots(tmp_path / "kept", 1000)
    for body in (b"one", b"two", b"one"):
        kept.keep(fetched(tmp_path, body), "S")
    assert bodies(kept.latest("S")) == [b"one"]
    assert len([h for h in (tmp_path / "kept").iterdir() if h.name != "latest"]) == 2


@pytest.mark.parametrize("text", ["", "abc", "zzzzzzzzzz", "../../etc"])
def test_what_is_no_hash_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match="isn't the SHA-256"):
        Snapshots(tmp_path, 1000).find(text)


def test_an_unknown_hash_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no snapshot 0123456789 is kept"):
        Snapshots(tmp_path, 1000).find("0123456789")


def test_past_the_bound_the_oldest_go(tmp_path: Path) -> None:
    kept = Snapshots(tmp_path / "kept", 2500)
    snapshots = [fetched(tmp_path, bytes([n]) * 600) for n in range(1, 4)]
    for n, snapshot in enumerate(snapshots):
        kept.keep(snapshot, f"S{n}")
        os.utime(tmp_path / "kept" / str(snapshot.sha256) / "manifest.json", (n, n))
    kept.keep(fetched(tmp_path, b"x" * 600), "S9")
    there = [kept.latest(f"S{n}") is not None for n in (0, 1, 2, 9)]
    assert there[0] is False
    assert there[3] is True


def test_one_that_is_too_large_and_local_files_are_not_kept(tmp_path: Path) -> None:
    kept = Snapshots(tmp_path / "kept", 10)
    kept.keep(fetched(tmp_path, b"x" * 11), "S")
    path = tmp_path / "local.csv"
    path.write_bytes(b"x")
    part = Part(name="local.csv", path=path, bytes=1, sha256=hashlib.sha256(b"x").hexdigest(), mtime_ns=1)
    kept.keep(Snapshot(parts=(part,), fetched="now"), "S")
    assert kept.latest("S") is None
    assert not (tmp_path / "kept").exists()


def test_a_damaged_one_is_not_there(tmp_path: Path) -> None:
    kept = Snapshots(tmp_path / "kept", 1000)
    snapshot = fetched(tmp_path, b"whole")
    kept.keep(snapshot, "S")
    (tmp_path / "kept" / str(snapshot.sha256) / "0").write_bytes(b"who")
    assert kept.latest("S") is None
    with pytest.raises(UsageError):
        kept.find(str(snapshot.sha256))


@given(st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=4))
def test_whatever_was_kept_comes_back(tmp_path_factory: pytest.TempPathFactory, parts: list[bytes]) -> None:
    folder = tmp_path_factory.mktemp("kept")
    kept = Snapshots(folder / "kept", 10_000)
    kept.keep(fetched(folder, *parts), "S")
    assert bodies(kept.latest("S")) == parts
