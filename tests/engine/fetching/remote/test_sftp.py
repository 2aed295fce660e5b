"""SFTP against paramiko's server."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tests.stopping import dam, ends_when_told

paramiko = pytest.importorskip("paramiko", reason="the extra `remote` isn't installed")

from potable.engine.definition.model import SourceDefinition  # noqa: E402
from potable.engine.definition.secrets import Secret  # noqa: E402
from potable.engine.errors import UsageError  # noqa: E402
from potable.engine.fetching.remote.sftp.client import fingerprint_of  # noqa: E402
from potable.engine.fetching.remote.sftp.fetcher import SftpFetcher  # noqa: E402
from potable.engine.findings import Occurrence  # noqa: E402

from .conftest import Fetch  # noqa: E402
from .sftp_server import KEY, USER_KEY, Door, Quirks, start  # noqa: E402

LOGIN = {"username": "curator", "password": Secret("plain", "hunter2-secret")}


@pytest.fixture
def sftp(tree: Path) -> Iterator[Callable[..., int]]:
    """``sftp(quirks)`` starts a server and gives its port."""
    stops: list[Callable[[], None]] = []

    def begin(quirks: Quirks | None = None) -> int:
        port, stop = start(tree, quirks)
        stops.append(stop)
        return port

    yield begin
    for stop in stops:
        stop()


@pytest.fixture
def read(definition: Callable[..., SourceDefinition]) -> Callable[..., SourceDefinition]:
    """``read(port, path, **parameters)``: a definition with the right key and login."""

    def make(port: int, path: str, **parameters: Any) -> SourceDefinition:
        members = {"hostKey": fingerprint_of(KEY), **LOGIN, **parameters}
        return definition(
            f"sftp://127.0.0.1:{port}{path}", "XML", **{k: v for k, v in members.items() if v is not None}
        )

    return make


def test_a_file_comes_whole(
    sftp: Callable[..., int], read: Callable[..., SourceDefinition], tree: Path, lent: Callable[..., Fetch]
) -> None:
    data = os.urandom(5_000_001)
    (tree / "big.bin").write_bytes(data)
    port = sftp()
    snapshot = SftpFetcher().fetch(read(port, "/big.bin"), lent().session)
    (part,) = snapshot.parts
    assert (part.name, part.url, part.bytes) == ("big.bin", f"sftp://127.0.0.1:{port}/big.bin", 5_000_001)
    assert snapshot.sha256 == hashlib.sha256(data).hexdigest()
    assert part.path.read_bytes() == data


@pytest.mark.parametrize(
    ("path", "parameters", "expected"),
    [
        ("/", {"filenamePattern": r"\.xml$"}, ["a.xml", "b.xml"]),
        ("", {"filenamePattern": "*.xml"}, ["a.xml", "b.xml"]),
        ("/~/", {"filenamePattern": "^a"}, ["a.xml"]),
        ("/deep", {"filenamePattern": "xml", "recursive": True}, ["c.xml", "deeper/d.xml"]),
        ("/with%20space/%C3%A9%20%5B1%5D.xml", {}, ["é [1].xml"]),
        ("/~/a.xml", {}, ["a.xml"]),
    ],
)
def test_files_are_chosen_by_name(
    path: str,
    parameters: dict[str, Any],
    expected: list[str],
    sftp: Callable[..., int],
    read: Callable[..., SourceDefinition],
    lent: Callable[..., Fetch],
) -> None:
    snapshot = SftpFetcher().fetch(read(sftp(), path, **parameters), lent().session)
    assert [part.name for part in snapshot.parts] == expected


@pytest.mark.parametrize("form", ["fingerprint", "line", "blob"])
def test_the_key_may_be_declared_in_each_form(
    form: str, sftp: Callable[..., int], read: Callable[..., SourceDefinition], lent: Callable[..., Fetch]
) -> None:
    line = f"{KEY.get_name()} {KEY.get_base64()} root@host"
    declared = {"fingerprint": fingerprint_of(KEY) + "=", "line": line, "blob": KEY.get_base64()}[form]
    assert len(SftpFetcher().fetch(read(sftp(), "/a.xml", hostKey=declared), lent().session).parts) == 1


@pytest.mark.parametrize(
    "declared",
    [None, fingerprint_of(USER_KEY), USER_KEY.get_base64(), "SHA256:", "AAAA", "x"],
    ids=["none", "other-fingerprint", "other-key", "no-digest", "short", "nothing-like-it"],
)
def test_no_password_goes_to_a_server_whose_key_is_not_known(
    declared: str | None,
    sftp: Callable[..., int],
    read: Callable[..., SourceDefinition],
    lent: Callable[..., Fetch],
    fault_of: Callable[..., Occurrence],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    tried: list[str] = []
    monkeypatch.setattr(Door, "check_auth_password", lambda self, user, password: tried.append(user))
    said = fault_of(SftpFetcher().fetch, read(sftp(), "/a.xml", hostKey=declared), lent().session)
    assert said.code == "access/host-key"
    assert fingerprint_of(KEY) in said.message
    assert tried == []


def test_the_known_hosts_of_who_runs_it_are_known(
    sftp: Callable[..., int],
    read: Callable[..., SourceDefinition],
    lent: Callable[..., Fetch],
    fault_of: Callable[..., Occurrence],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    port, known = sftp(), tmp_path / ".ssh" / "known_hosts"
    known.parent.mkdir()
    known.write_text(f"[127.0.0.1]:{port} {KEY.get_name()} {KEY.get_base64()}\n")
    assert len(SftpFetcher().fetch(read(port, "/a.xml", hostKey=None), lent().session).parts) == 1
    known.write_text(f"[127.0.0.1]:{port} {USER_KEY.get_name()} {USER_KEY.get_base64()}\n")
    said = fault_of(SftpFetcher().fetch, read(port, "/a.xml", hostKey=None), lent().session)
    assert (said.code, "known_hosts" in said.message) == ("access/host-key", True)


def test_a_key_instead_of_a_password(
    sftp: Callable[..., int],
    read: Callable[..., SourceDefinition],
    lent: Callable[..., Fetch],
    tmp_path: Path,
) -> None:
    USER_KEY.write_private_key_file(str(tmp_path / "id"), password="hunter3-secret")
    parameters = {
        "password": None,
        "privateKey": Secret("file", str(tmp_path / "id")),
        "privateKeyPassphrase": Secret("plain", "hunter3-secret"),
    }
    port = sftp()
    assert len(SftpFetcher().fetch(read(port, "/a.xml", **parameters), lent().session).parts) == 1
    parameters["privateKeyPassphrase"] = Secret("plain", "hunter4-secret")
    with pytest.raises(UsageError, match="privateKey can't be read") as caught:
        SftpFetcher().fetch(read(port, "/a.xml", **parameters), lent().session)
    assert "hunter" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "parameters", "code"),
    [
        ("/nope.xml", {}, "access/not-found"),
        ("/locked.xml", {}, "access/unauthorized"),
        ("/deep", {}, "access/not-a-file"),
        ("/deep/empty.xml", {}, "access/empty"),
        ("/", {"filenamePattern": "pdf"}, "access/not-found"),
        ("/a.xml", {"password": Secret("plain", "hunter5-secret")}, "access/unauthorized"),
        ("/a.xml", {"username": "nobody"}, "access/unauthorized"),
        ("/a.xml", {"password": None}, "access/unauthorized"),
    ],
)
def test_faults_have_their_codes(
    path: str,
    parameters: dict[str, Any],
    code: str,
    sftp: Callable[..., int],
    read: Callable[..., SourceDefinition],
    tree: Path,
    lent: Callable[..., Fetch],
    fault_of: Callable[..., Occurrence],
) -> None:
    (tree / "locked.xml").write_text("<l/>")
    said = fault_of(SftpFetcher().fetch, read(sftp(), path, **parameters), lent().session)
    assert said.code == code, said.message
    assert "hunter" not in repr(said)


def test_a_transfer_that_breaks_off_is_tried_again(
    sftp: Callable[..., int],
    read: Callable[..., SourceDefinition],
    tree: Path,
    lent: Callable[..., Fetch],
    fault_of: Callable[..., Occurrence],
) -> None:
    data = os.urandom(1_000_000)
    (tree / "big.bin").write_bytes(data)
    once, always = Quirks(break_at=500_000, breaks=1), Quirks(break_at=500_000, breaks=99)
    snapshot = SftpFetcher().fetch(read(sftp(once), "/big.bin"), lent(attempts=3).session)
    assert snapshot.parts[0].path.read_bytes() == data
    assert once.opened == ["/big.bin", "/big.bin"]
    fetch = lent(attempts=2)
    snapshot.parts[0].path.unlink()
    said = fault_of(SftpFetcher().fetch, read(sftp(always), "/big.bin"), fetch.session)
    assert said.code in ("access/truncated", "access/unreachable")
    assert list(fetch.scratch.iterdir()) == []


def test_a_file_that_grows_meanwhile_is_fetched_again_and_told(
    sftp: Callable[..., int],
    read: Callable[..., SourceDefinition],
    tree: Path,
    lent: Callable[..., Fetch],
    fault_of: Callable[..., Occurrence],
) -> None:
    """Somebody may still be writing it: its beginning isn't the file."""
    (tree / "log.bin").write_bytes(b"x" * 100)
    snapshot = SftpFetcher().fetch(read(sftp(Quirks(grows=1)), "/log.bin"), lent(attempts=2).session)
    assert snapshot.parts[0].path.read_bytes() == b"x" * 100 + b"more"
    said = fault_of(SftpFetcher().fetch, read(sftp(Quirks(grows=99)), "/log.bin"), lent(attempts=2).session)
    assert said.code == "access/changed"
    assert said.message.endswith("log.bin: the file was changed while it was fetched")


def test_a_listing_of_too_many_is_not_read_to_its_end(
    sftp: Callable[..., int],
    read: Callable[..., SourceDefinition],
    lent: Callable[..., Fetch],
    fault_of: Callable[..., Occurrence],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("potable.engine.fetching.remote.sftp.client.MOST_PARTS", 1000)
    source = read(sftp(Quirks(entries=2000)), "/", filenamePattern="*.xml")
    said = fault_of(SftpFetcher().fetch, source, lent().session)
    assert said.code == "access/too-large"
    assert said.message.endswith("the folder has more than 1,000 entries")


def test_a_server_that_stalls_is_given_up(
    sftp: Callable[..., int],
    read: Callable[..., SourceDefinition],
    lent: Callable[..., Fetch],
    fault_of: Callable[..., Occurrence],
) -> None:
    stall = threading.Event()
    port = sftp(Quirks(stall=stall))
    by_read = fault_of(SftpFetcher().fetch, read(port, "/a.xml"), lent(read_seconds=1.0).session)
    by_deadline = fault_of(SftpFetcher().fetch, read(port, "/a.xml"), lent(fetch_seconds=2.0).session)
    stall.set()
    assert (by_read.code, by_deadline.code) == ("access/timeout", "access/timeout")
    assert "read_seconds" in by_read.message
    assert "fetch_seconds" in by_deadline.message


def test_too_many_bytes_are_not_fetched(
    sftp: Callable[..., int],
    read: Callable[..., SourceDefinition],
    tree: Path,
    lent: Callable[..., Fetch],
    fault_of: Callable[..., Occurrence],
) -> None:
    (tree / "big.bin").write_bytes(b"x" * 500_000)
    fetch = lent(fetch_bytes=100_000)
    said = fault_of(SftpFetcher().fetch, read(sftp(), "/big.bin"), fetch.session)
    assert (said.code, "fetch_bytes" in said.message) == ("access/too-large", True)
    assert list(fetch.scratch.iterdir()) == []


@pytest.mark.parametrize("greeting", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"220 FTP ready\r\n", b"x" * 100_000])
def test_a_server_of_another_kind(
    greeting: bytes,
    read: Callable[..., SourceDefinition],
    lent: Callable[..., Fetch],
    fault_of: Callable[..., Occurrence],
) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    kept: list[socket.socket] = []

    def talk() -> None:
        with suppress(OSError):
            while True:
                sock, _ = listener.accept()
                kept.append(sock)
                sock.sendall(greeting)

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    source = read(listener.getsockname()[1], "/a.xml")
    said = fault_of(SftpFetcher().fetch, source, lent(read_seconds=1.0, fetch_seconds=20.0).session)
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(20)
    for sock in kept:
        sock.close()
    assert said.code in ("access/protocol", "access/timeout", "access/unreachable"), said.message


def test_a_private_address_needs_leave(
    sftp: Callable[..., int],
    read: Callable[..., SourceDefinition],
    lent: Callable[..., Fetch],
    fault_of: Callable[..., Occurrence],
) -> None:
    said = fault_of(SftpFetcher().fetch, read(sftp(), "/a.xml"), lent(allow="").session)
    assert said.code == "access/blocked-address"


@pytest.mark.parametrize("most", [5, 30, 1500], ids=["greeting", "algorithms", "keys"])
def test_a_server_that_stalls_at_the_handshake_is_given_up(
    most: int,
    sftp: Callable[..., int],
    read: Callable[..., SourceDefinition],
    lent: Callable[..., Fetch],
    fault_of: Callable[..., Occurrence],
) -> None:
    with dam(sftp(), most) as (port, _):
        said = fault_of(SftpFetcher().fetch, read(port, "/a.xml"), lent(read_seconds=0.5, attempts=1).session)
    assert (said.code, "read_seconds" in said.message) == ("access/timeout", True)


def test_so_is_one_that_never_says_whether_the_login_is_right(
    sftp: Callable[..., int],
    read: Callable[..., SourceDefinition],
    lent: Callable[..., Fetch],
    fault_of: Callable[..., Occurrence],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = threading.Event()
    monkeypatch.setattr(Door, "check_auth_password", lambda *_: asked.wait(60) and paramiko.AUTH_FAILED)
    said = fault_of(SftpFetcher().fetch, read(sftp(), "/a.xml"), lent(read_seconds=2.0, attempts=1).session)
    asked.set()
    assert (said.code, "read_seconds" in said.message) == ("access/timeout", True)


@pytest.mark.parametrize("most", [30, 1500, 200_000], ids=["handshake", "login", "bytes"])
def test_a_run_that_is_told_to_stop_waits_for_no_byte(most: int, sftp: Callable[..., int], tree: Path) -> None:
    (tree / "long.csv").write_text("id\n" + "1234567\n" * 100_000)
    members = {"hostKey": fingerprint_of(KEY), "username": "curator", "password": "hunter2-secret"}
    with dam(sftp(), most) as (port, held):
        url = f"sftp://127.0.0.1:{port}/long.csv"
        assert ends_when_told({"ingestMethod": "CSV", "ingestURL": url, **members}, held)
