"""Kept snapshots: each source's own, found by hash, never half, never rotten, bounded."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.errors import UsageError
from potable.engine.findings import Location, Occurrence, Tally
from potable.engine.snapshots import Snapshots, Told


def part(folder: Path, body: bytes, name: str, **members: Any) -> Part:
    path = folder / f"part-{name}-{hashlib.sha256(body).hexdigest()[:8]}"
    path.write_bytes(body)
    digest = hashlib.sha256(body).hexdigest()
    given = {"url": f"https://example.org/{name}", "headers": {"a": "b"}} | members
    return Part(name=name, path=path, bytes=len(body), sha256=digest, **given)


def fetched(folder: Path, *bodies: bytes, etag: str | None = None, **members: Any) -> Snapshot:
    parts = tuple(part(folder, body, f"{n}.csv") for n, body in enumerate(bodies))
    return Snapshot(parts=parts, fetched="2024-01-02T03:04:05Z", etag=etag, details={"status": 200}, **members)


def bodies(kept: Any) -> list[bytes]:
    assert kept is not None
    return [p.path.read_bytes() for p in kept.snapshot.parts]


def blobs(kept: Snapshots) -> set[str]:
    return {b.name for b in (kept.folder / "bytes").iterdir()}


def test_a_kept_snapshot_outlives_its_files(tmp_path: Path) -> None:
    kept = Snapshots(tmp_path / "kept", 1000)
    snapshot = fetched(tmp_path, b"id\n1\n", b"id\n2\n", etag='"x"')
    kept.keep(snapshot, "S", "S 1")
    for one in snapshot.parts:
        one.path.unlink()
    assert snapshot.sha256 is not None
    found = kept.find(snapshot.sha256[:8], "S")
    assert bodies(found) == [b"id\n1\n", b"id\n2\n"]
    assert found.snapshot.sha256 == snapshot.sha256
    assert (found.snapshot.etag, found.snapshot.fetched) == ('"x"', snapshot.fetched)
    assert [p.url for p in found.snapshot.parts] == [p.url for p in snapshot.parts]
    assert bodies(kept.latest("S 1")) == bodies(found)
    assert kept.latest("S 2") is None


def test_sources_share_bytes_and_nothing_else(tmp_path: Path) -> None:
    """An ETag is what one server calls the bytes: to another it may be the tag of other ones."""
    kept = Snapshots(tmp_path / "kept", 1000)
    for name in "AB":
        one = part(tmp_path, b"same", f"{name}.csv", charset=f"charset-{name}")
        kept.keep(Snapshot(parts=(one,), fetched="now", etag=f'"{name}"'), name, f"{name} shape")
    for name in "AB":
        found = kept.latest(f"{name} shape")
        assert found is not None
        assert found.snapshot.etag == f'"{name}"'
        (one,) = found.snapshot.parts
        assert (one.name, one.url, one.charset) == (
            f"{name}.csv", f"https://example.org/{name}.csv", f"charset-{name}"
        )  # fmt: skip
        assert kept.find(str(one.sha256), name).snapshot.etag == f'"{name}"'
    assert blobs(kept) == {hashlib.sha256(b"same").hexdigest()}


def test_a_new_tag_of_the_same_bytes_is_kept(tmp_path: Path) -> None:
    kept = Snapshots(tmp_path / "kept", 1000)
    for etag in ('"1"', '"2"'):
        kept.keep(fetched(tmp_path, b"same", etag=etag), "S", "S")
    found = kept.latest("S")
    assert found is not None
    assert found.snapshot.etag == '"2"'


def test_the_latest_of_a_source(tmp_path: Path) -> None:
    kept = Snapshots(tmp_path / "kept", 1000)
    for body in (b"one", b"two", b"one"):
        kept.keep(fetched(tmp_path, body), "S", "S")
    assert bodies(kept.latest("S")) == [b"one"]
    assert blobs(kept) == {hashlib.sha256(b).hexdigest() for b in (b"one", b"two")}


@pytest.mark.parametrize("text", ["", "abc", "zzzzzzzzzz", "../../etc"])
def test_what_is_no_hash_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match="isn't the SHA-256"):
        Snapshots(tmp_path, 1000).find(text, "S")


def test_an_unknown_hash_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no snapshot 0123456789 of S is kept"):
        Snapshots(tmp_path, 1000).find("0123456789", "S")


def test_another_sources_snapshot_is_refused(tmp_path: Path) -> None:
    kept = Snapshots(tmp_path / "kept", 1000)
    snapshot = fetched(tmp_path, b"theirs")
    kept.keep(snapshot, "theirs", "theirs")
    with pytest.raises(UsageError, match="is of the source theirs, not of mine"):
        kept.find(str(snapshot.sha256), "mine")


def test_of_several_places_the_definitions_own_counts(tmp_path: Path) -> None:
    kept = Snapshots(tmp_path / "kept", 1000)
    for n, place in enumerate(("old", "new")):
        snapshot = fetched(tmp_path, b"same", etag=place)
        kept.keep(Snapshot(parts=snapshot.parts, fetched=f"2024-01-0{n + 1}", etag=place), "S", place)
    digest = str(snapshot.sha256)
    assert [kept.find(digest, "S", place).snapshot.etag for place in ("old", "new", "none")] == ["old", "new", "new"]


def test_past_the_bound_the_oldest_go(tmp_path: Path) -> None:
    kept = Snapshots(tmp_path / "kept", 1900)
    for n in range(1, 4):
        kept.keep(fetched(tmp_path, bytes([n]) * 600), f"S{n}", f"S{n}")
        for file in kept.folder.rglob("*.json"):
            if file.stat().st_mtime > 100:
                os.utime(file, (n, n))
    kept.keep(fetched(tmp_path, b"x" * 600), "S9", "S9")
    assert [kept.latest(f"S{n}") is not None for n in (1, 2, 3, 9)] == [False, True, True, True]
    assert len(blobs(kept)) == 3


def test_bytes_that_another_source_needs_stay(tmp_path: Path) -> None:
    kept = Snapshots(tmp_path / "kept", 1500)
    for n, (name, body) in enumerate((("old", b"x" * 600), ("other", b"z" * 500), ("young", b"x" * 600)), 1):
        kept.keep(fetched(tmp_path, body), name, name)
        for file in kept.folder.rglob("*.json"):
            if file.stat().st_mtime > 100:
                os.utime(file, (n, n))
    kept.keep(fetched(tmp_path, b"y" * 800), "new", "new")
    assert [kept.latest(n) is not None for n in ("old", "other", "young", "new")] == [False, False, True, True]
    assert blobs(kept) == {hashlib.sha256(b).hexdigest() for b in (b"x" * 600, b"y" * 800)}


def test_what_is_not_kept(tmp_path: Path) -> None:
    kept = Snapshots(tmp_path / "kept", 10)
    kept.keep(fetched(tmp_path, b"x" * 11), "S", "S")
    kept.keep(fetched(tmp_path, b"x", originals=(part(tmp_path, b"y" * 10, "a.zip"),)), "S", "S")
    kept.keep(fetched(tmp_path, b"x", partial=True), "S", "S")
    kept.keep(Snapshot(parts=(part(tmp_path, b"x", "local.csv", mtime_ns=1),), fetched="now"), "S", "S")
    kept.keep(fetched(tmp_path, b"x", originals=(part(tmp_path, b"y", "a.zip", mtime_ns=1),)), "S", "S")
    assert kept.latest("S") is None
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("damage", [b"who", b"wholE", None])
@pytest.mark.parametrize("which", ["part", "original"])
def test_a_damaged_one_is_not_there(tmp_path: Path, damage: bytes | None, which: str) -> None:
    kept = Snapshots(tmp_path / "kept", 1000)
    snapshot = fetched(tmp_path, b"whole", originals=(part(tmp_path, b"WHOLE", "a.zip"),))
    kept.keep(snapshot, "S", "S")
    blob = tmp_path / "kept" / "bytes" / hashlib.sha256(b"whole" if which == "part" else b"WHOLE").hexdigest()
    if damage is None:
        blob.unlink()
    else:
        blob.write_bytes(damage)
    with pytest.raises(UsageError, match="damaged" if damage == b"wholE" else "no snapshot"):
        kept.find(str(snapshot.sha256), "S")
    assert kept.latest("S") is None
    kept.keep(snapshot, "S", "S")  # what was fetched again takes the place of what is damaged
    assert bodies(kept.find(str(snapshot.sha256), "S")) == [b"whole"]
    assert kept.latest("S") is not None


def test_rotten_bytes_are_not_shared(tmp_path: Path) -> None:
    kept = Snapshots(tmp_path / "kept", 1000)
    kept.keep(fetched(tmp_path, b"whole"), "A", "A")
    (tmp_path / "kept" / "bytes" / hashlib.sha256(b"whole").hexdigest()).write_bytes(b"wholE")
    kept.keep(fetched(tmp_path, b"whole"), "B", "B")
    assert bodies(kept.latest("B")) == [b"whole"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}', '{"format": 99}'])
def test_a_manifest_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    kept = Snapshots(tmp_path / "kept", 1000)
    kept.keep(fetched(tmp_path, b"x"), "S", "S")
    for file in kept.folder.rglob("*.json"):
        file.write_text(text)
    assert kept.latest("S") is None
    with pytest.raises(UsageError, match="no snapshot"):
        kept.find(hashlib.sha256(b"x").hexdigest(), "S")


def test_what_was_told_comes_back(tmp_path: Path) -> None:
    """Counts are exact, samples the first ones, details as the collector adds them up."""
    told, said = Told(3), []
    for n in range(10):
        at = Location(file="a.json", line=n + 1, record=n + 1 if n != 7 else None)
        said.append(
            Occurrence("lab/odd", f"{n} is odd", "$.n", value=str(n), location=at, details={"n": 1, "w": str(n)})
        )
    said.append(Occurrence("lab/even", "even", rule="r", fields=("$.a", "$.b"), hint="don't"))
    said.append(Occurrence("access/not-modified", "unchanged"))
    for one in said:
        told.add(one)
    kept = Snapshots(tmp_path / "kept", 1000)
    kept.keep(fetched(tmp_path, b"x"), "S", "S", told.tallies())
    found = kept.latest("S")
    assert found is not None
    records, of_file, even = found.told
    assert (records.count, list(records.records), records.details) == (9, [1, 2, 3, 4, 5, 6, 7, 9, 10],
                                                                       {"n": 9, "w": "0"})  # fmt: skip
    assert records.samples == tuple(o.sample() for o in said[:3])
    assert (of_file.count, list(of_file.records)) == (1, [])
    assert even == Tally.of(said[10])
    assert (even.hint, even.rule, even.fields) == ("don't", "r", ("$.a", "$.b"))


@given(st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=4))
def test_whatever_was_kept_comes_back(tmp_path_factory: pytest.TempPathFactory, parts: list[bytes]) -> None:
    folder = tmp_path_factory.mktemp("kept")
    kept = Snapshots(folder / "kept", 10_000)
    kept.keep(fetched(folder, *parts), "S", "S")
    assert bodies(kept.latest("S")) == parts
