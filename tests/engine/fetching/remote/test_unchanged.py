"""Remote files that haven't changed aren't fetched again, and what was found is found again."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from tests.loopback import Handler, serving

from potable.engine import Engine
from potable.engine.contracts.report import Report
from potable.engine.fetching.remote.files import version_of
from potable.engine.fetching.remote.ftp.listing import read_time

OLD = 1_700_000_000


@pytest.fixture
def catalog(tmp_path: Path) -> Callable[..., Engine]:
    """``catalog(**definition)``: an engine that keeps snapshots, over this one source, ``S``."""
    folder = tmp_path / "catalog"
    folder.mkdir()

    def write(**definition: Any) -> Engine:
        (folder / "S.json").write_text(json.dumps({"resourceID": "S", **definition}))
        hosts, kept = ["127.0.0.0/8"], tmp_path / "kept"
        return Engine(catalog=folder, allow_hosts=hosts, snapshots=kept, without=["checkers"])

    return write


def age(tree: Path) -> None:
    """Let all files be old."""
    for path in tree.rglob("*"):
        os.utime(path, (OLD, OLD))


def told(report: Report) -> tuple[str, list[dict[str, Any]]]:
    """Verdict and findings, but for the note that nothing has changed."""
    data = report.to_dict()
    return data["verdict"], [f for f in data["findings"] if f["code"] != "access/not-modified"]


def codes(report: Report) -> dict[str, int]:
    return {f.code: f.count for f in report.findings}


@dataclass
class Sent:
    """The files that a server has sent."""

    names: list[str] = field(default_factory=list)

    def taken(self) -> list[str]:
        """Those since the last call, sorted."""
        names = sorted(Path(name).name for name in self.names)
        self.names.clear()
        return names


BY_TIME = ("FTP", "FTP without MLSD", "SFTP")
"""Servers that tell a file's version by its size and time."""


@pytest.fixture(params=[*BY_TIME, "S3"])
def place(request: pytest.FixtureRequest, tree: Path) -> Iterator[tuple[dict[str, Any], Sent]]:
    """How a source of the folder ``deep`` is defined, and what its server has sent."""
    sent = Sent()
    if request.param.startswith("FTP"):
        port = request.getfixturevalue("serve")
        from pyftpdlib.handlers import FTPHandler  # type: ignore[import-untyped]

        def retrieved(self: Any, file: str) -> Any:  # not `on_file_sent`: the client has its file before that's called
            sent.names.append(Path(file).name)
            return FTPHandler.ftp_RETR(self, file)

        members: dict[str, Any] = {"ftp_RETR": retrieved}
        if "without" in request.param:
            known = {k: v for k, v in FTPHandler.proto_cmds.items() if k not in ("MLSD", "MLST")}
            members["proto_cmds"] = known
        yield {"ingestMethod": "FTP", "ftpHost": f"127.0.0.1:{port(**members)}", "remotePath": "deep"}, sent
    elif request.param == "SFTP":
        pytest.importorskip("paramiko", reason="the extra `remote` isn't installed")
        from potable.engine.fetching.remote.sftp.client import fingerprint_of

        from .sftp_server import KEY, Quirks, start

        request.getfixturevalue("monkeypatch").setenv("LAB_PASSWORD", "hunter2-secret")
        quirks = Quirks()
        port, stop = start(tree, quirks)
        sent.names = quirks.opened
        login = {"username": "curator", "password": "${LAB_PASSWORD}", "hostKey": fingerprint_of(KEY)}
        yield {"ingestMethod": "XML", "ingestURL": f"sftp://127.0.0.1:{port}/deep/", **login}, sent
        stop()
    else:
        endpoint = request.getfixturevalue("bucket")(sent.names)
        yield {"ingestMethod": "XML", "ingestURL": "s3://lab/deep/", "endpointURL": endpoint}, sent


@pytest.fixture
def bucket(tree: Path) -> Iterator[Callable[[list[str]], str]]:
    """``bucket(sent)`` starts a server that speaks S3's protocol, of the files of the tree; gives its address."""

    def tag(path: Path) -> str:
        return f'"{hash(path.read_bytes()) & 0xFFFFFFFF:08x}"'

    with ExitStack() as servers:

        def start(sent: list[str]) -> str:
            class Bucket(Handler):
                def answer(self) -> None:
                    parts = urlsplit(self.path)
                    if parts.path == "/lab/":
                        prefix = parse_qs(parts.query)["prefix"][0]
                        files = [p for p in sorted((tree / prefix).iterdir()) if p.is_file()]
                        entries = "".join(
                            f"<Contents><Key>{p.relative_to(tree)}</Key><Size>{p.stat().st_size}</Size>"
                            f"<ETag>{tag(p).replace(chr(34), '&quot;')}</ETag></Contents>"
                            for p in files
                        )
                        return self.say(200, f"<ListBucketResult>{entries}</ListBucketResult>".encode())
                    path = tree / unquote(parts.path.removeprefix("/lab/"))
                    if self.headers.get("If-None-Match") == tag(path):
                        return self.say(304, ETag=tag(path))
                    sent.append(path.name)
                    return self.say(200, path.read_bytes(), ETag=tag(path))

            return servers.enter_context(serving(Bucket))

        yield start


def test_only_what_has_changed_is_fetched(
    place: tuple[dict[str, Any], Sent], tree: Path, catalog: Callable[..., Engine]
) -> None:
    where, sent = place
    (tree / "deep" / "x.xml").write_text("<x/>")
    (tree / "deep" / "empty.xml").unlink()
    age(tree)
    engine = catalog(filenamePattern=r"\.xml$", documentElement="c", **where)
    first = engine.run("S")
    assert (codes(first), sent.taken()) == ({}, ["c.xml", "x.xml"])
    second = engine.run("S")
    assert (codes(second), sent.taken()) == ({"access/not-modified": 1}, [])
    assert told(second) == told(first)
    (unchanged,) = [f for f in second.findings if f.code == "access/not-modified"]
    assert unchanged.samples[0].message.endswith(": all of its 2 files are as they were")
    assert first.source.snapshot
    assert second.source.snapshot
    assert second.source.snapshot["sha256"] == first.source.snapshot["sha256"]
    (tree / "deep" / "x.xml").write_text("<y/>")  # the same size
    os.utime(tree / "deep" / "x.xml", (OLD + 60, OLD + 60))
    third = engine.run("S")
    assert (codes(third), sent.taken()) == ({}, ["x.xml"])
    assert third.source.snapshot
    assert third.source.snapshot["sha256"] != first.source.snapshot["sha256"]
    assert (codes(engine.run("S")), sent.taken()) == ({"access/not-modified": 1}, [])
    (tree / "deep" / "x.xml").unlink()
    fourth = engine.run("S")
    assert (codes(fourth), sent.taken()) == ({}, [])
    assert fourth.source.snapshot
    assert fourth.source.snapshot["parts"] == 1


def test_an_empty_file_is_found_each_time(
    place: tuple[dict[str, Any], Sent], tree: Path, catalog: Callable[..., Engine]
) -> None:
    where, sent = place
    age(tree)
    engine = catalog(filenamePattern=r"\.xml$", documentElement="c", **where)
    first = engine.run("S")
    assert (codes(first), first.verdict) == ({"access/empty": 1}, "inconclusive")
    sent.taken()
    second = engine.run("S")
    assert codes(second) == {"access/empty": 1, "access/not-modified": 1}
    assert "c.xml" not in sent.taken()
    assert told(second) == told(first)
    assert first.source.snapshot
    assert told(engine.run("S", snapshot=first.source.snapshot["sha256"])) == told(first)


def test_a_single_file(place: tuple[dict[str, Any], Sent], tree: Path, catalog: Callable[..., Engine]) -> None:
    where, sent = place
    age(tree)
    name = "remotePath" if "remotePath" in where else "ingestURL"
    engine = catalog(**{**where, name: where[name].rstrip("/") + "/c.xml"}, documentElement="c")
    runs = [engine.run("S") for _ in range(2)]
    assert ([codes(r) for r in runs], sent.taken()) == ([{}, {"access/not-modified": 1}], ["c.xml"])
    (tree / "deep" / "c.xml").write_text("<c>2</c>")
    os.utime(tree / "deep" / "c.xml", (OLD + 1, OLD + 1))
    assert (codes(engine.run("S")), sent.taken()) == ({}, ["c.xml"])


@pytest.mark.parametrize("place", BY_TIME, indirect=True)
def test_a_file_that_was_only_just_written_is_fetched_again(
    place: tuple[dict[str, Any], Sent], tree: Path, catalog: Callable[..., Engine]
) -> None:
    """It may be written again in the same second, with as many bytes."""
    where, sent = place
    (tree / "deep" / "empty.xml").unlink()
    engine = catalog(filenamePattern=r"\.xml$", documentElement="c", **where)
    for _ in range(2):
        assert codes(engine.run("S")) == {}
        assert sent.taken() == ["c.xml"]


@pytest.mark.parametrize("place", ["S3"], indirect=True)
def test_an_etag_tells_of_a_file_that_was_only_just_written(
    place: tuple[dict[str, Any], Sent], tree: Path, catalog: Callable[..., Engine]
) -> None:
    where, sent = place
    (tree / "deep" / "empty.xml").unlink()
    engine = catalog(filenamePattern=r"\.xml$", documentElement="c", **where)
    runs = [engine.run("S") for _ in range(2)]
    assert ([codes(r) for r in runs], sent.taken()) == ([{}, {"access/not-modified": 1}], ["c.xml"])


def test_versions() -> None:
    old = datetime(2020, 1, 2, tzinfo=UTC)
    assert version_of(5, old) == "5 bytes of 2020-01-02T00:00:00+00:00"
    assert [version_of(None, old), version_of(5, None), version_of(5, datetime.now(UTC))] == [None] * 3


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("20240229123456", datetime(2024, 2, 29, 12, 34, 56, tzinfo=UTC)),
        ("20240229123456.5", datetime(2024, 2, 29, 12, 34, 56, 500_000, tzinfo=UTC)),
        ("20240230123456", None), ("2024", None), ("", None), ("soon", None),
    ],
)  # fmt: skip
def test_times_of_ftp(text: str, time: datetime | None) -> None:
    assert read_time(text) == time
