"""FTP servers that lie, stall, break off, or point elsewhere."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from itertools import repeat
from typing import Any

import pytest

from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.secrets import Secret
from potable.engine.fetching.remote.ftp.fetcher import FtpFetcher
from potable.engine.findings import Occurrence

from .conftest import Fetch, Scripted, Talk

Start = Callable[..., tuple[int, Scripted]]


def bytes_of(port: int, fetch: Fetch, definition: Callable[..., SourceDefinition], **parameters: Any) -> bytes:
    source = definition(ftpHost=f"127.0.0.1:{port}", **{"remotePath": "a.xml", **parameters})
    (part,) = FtpFetcher().fetch(source, fetch.session).parts
    return part.path.read_bytes()


@pytest.fixture
def bystander() -> Iterator[socket.socket]:
    """A listener that nobody may connect to."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        yield listener


def test_the_host_in_a_reply_to_pasv_is_ignored(
    scripted: Start, lent: Callable[..., Fetch], definition: Callable[..., SourceDefinition]
) -> None:
    port, _ = scripted(PASV=lambda talk: talk.listen(host="10.11.12.13"))
    assert bytes_of(port, lent(), definition) == b"12345"


@pytest.mark.parametrize("there", [22, 80, 1023, 0])
def test_a_well_known_port_in_a_reply_to_pasv_is_refused(
    there: int,
    scripted: Start,
    lent: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    port, server = scripted(PASV=lambda talk: talk.listen(port=there))
    said = fault_of(bytes_of, port, lent(), definition)
    assert said.code == "access/blocked-address"
    assert not any(line.startswith("RETR") for line in server.heard)


def test_a_name_that_points_elsewhere_for_the_data_gains_nothing(
    bystander: socket.socket, scripted: Start, lent: Callable[..., Fetch], definition: Callable[..., SourceDefinition]
) -> None:
    port, _ = scripted(PASV=lambda talk: talk.listen(host="127.0.0.2"))
    assert bytes_of(port, lent(allow=f"127.0.0.1:{port}"), definition) == b"12345"
    with pytest.raises(BlockingIOError):
        bystander.accept()


def drop_first(size: int) -> list[Any]:
    """A transfer that breaks off once, then goes well."""

    def broken(talk: Talk) -> None:
        talk.data([b"12345"[:size]], end="426 broken pipe")

    return [broken, lambda talk: talk.data([b"12345"])]


@pytest.mark.parametrize(
    "replies",
    [
        {"RETR": drop_first(0)},
        {"RETR": drop_first(3)},
        {"RETR": [lambda talk: talk.data([b"123"]), lambda talk: talk.data([b"12345"])]},
        {"RETR": ["450 busy", lambda talk: talk.data([b"12345"])]},
        {"RETR": [None, lambda talk: talk.data([b"12345"])]},
        {"PASS": ["421 too many users", "230 welcome"]},
        {"SIZE": ["421 shutting down", "213 5"]},
    ],
    ids=["nothing", "part", "short", "busy", "hang-up", "full", "closing"],
)
def test_a_passing_fault_is_tried_again(
    replies: dict[str, Any],
    scripted: Start,
    lent: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    port, server = scripted(**{k: list(v) for k, v in replies.items()})
    fetch = lent(attempts=3)
    assert bytes_of(port, fetch, definition) == b"12345"
    assert server.connections == 2
    assert len(list(fetch.scratch.iterdir())) == 1


@pytest.mark.parametrize(
    ("replies", "code", "words"),
    [
        ({"RETR": lambda talk: talk.data([b"123"])}, "access/truncated", "2 announced bytes missing"),
        ({"RETR": lambda talk: talk.data([b"123"], end="426 lost it")}, "access/truncated", "426 lost it"),
        ({"RETR": lambda talk: talk.data([b"123"], end=None) or talk.hang_up()}, "access/truncated", "hung up"),
        ({"RETR": "551 page type unknown"}, "access/protocol", "551 page type unknown"),
        ({"RETR": "550 Permission denied."}, "access/unauthorized", "Permission denied"),
        ({"RETR": "550 gone"}, "access/not-found", "550 gone"),
        ({"RETR": "nonsense"}, "access/protocol", "nonsense"),
        ({"PASV": "227 nonsense"}, "access/protocol", "227 nonsense"),
        ({"PASS": "530 not you"}, "access/unauthorized", "530 not you"),
        ({"welcome": "SSH-2.0-OpenSSH_9.2"}, "access/protocol", "SSH-2.0-OpenSSH_9.2"),
        ({"welcome": "421 full"}, "access/unreachable", "421 full"),
        ({"welcome": lambda talk: talk.hang_up()}, "access/unreachable", ""),
    ],
)
def test_a_lasting_fault_has_its_code_and_the_servers_words(
    replies: dict[str, Any],
    code: str,
    words: str,
    scripted: Start,
    lent: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    port, _ = scripted(**replies)
    fetch = lent()
    said = fault_of(bytes_of, port, fetch, definition)
    assert (said.code, words in said.message) == (code, True), said.message
    assert list(fetch.scratch.iterdir()) == []


def test_words_are_quoted_without_the_password_and_without_escapes(
    scripted: Start,
    lent: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    port, _ = scripted(PASS="530 no: PASS hunter2-secret \x1b[31mred" + "x" * 5000)
    said = fault_of(bytes_of, port, lent(), definition, username="curator", password=Secret("plain", "hunter2-secret"))
    assert "hunter2" not in repr(said)
    assert "\x1b" not in said.message
    assert len(said.message) < 1024


def drip(talk: Talk) -> None:
    for _ in repeat(None):
        talk.sock.sendall(b"2")


@pytest.mark.parametrize(
    ("replies", "code", "limit"),
    [
        ({"welcome": lambda talk: talk.sock.recv(1)}, "access/timeout", "read_seconds"),
        ({"RETR": lambda talk: talk.sock.recv(1)}, "access/", ""),
        ({"RETR": lambda talk: talk.data(repeat(b"x" * 65536))}, "access/too-large", "fetch_bytes"),
        ({"welcome": drip}, "access/protocol", ""),
        ({"welcome": lambda talk: [talk.say("220-and more") for _ in repeat(None)]}, "access/too-large", ""),
        ({"USER": lambda talk: [talk.say("331-and more") for _ in repeat(None)]}, "access/too-large", ""),
    ],
    ids=["mute", "confused", "endless-file", "endless-line", "endless-welcome", "endless-reply"],
)
def test_what_never_ends_is_ended(
    replies: dict[str, Any],
    code: str,
    limit: str,
    scripted: Start,
    lent: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    port, _ = scripted(SIZE="550 no", **replies)
    fetch = lent(read_seconds=1.0, fetch_seconds=30.0, fetch_bytes=1_000_000)
    said = fault_of(bytes_of, port, fetch, definition)
    assert said.code.startswith(code), said.message
    assert limit in said.message
    assert list(fetch.scratch.iterdir()) == []


def test_a_dripping_file_ends_at_the_deadline(
    scripted: Start,
    lent: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    import threading

    stop = threading.Event()

    def slowly() -> Iterator[bytes]:
        while not stop.wait(0.05):
            yield b"x"

    port, _ = scripted(SIZE="550 no", RETR=lambda talk: talk.data(slowly()))
    said = fault_of(bytes_of, port, lent(fetch_seconds=2.0), definition)
    stop.set()
    assert said.code == "access/timeout"
    assert "fetch_seconds" in said.message


def test_names_in_a_listing_lead_nowhere_else(
    scripted: Start, lent: Callable[..., Fetch], definition: Callable[..., SourceDefinition]
) -> None:
    rows = [
        b"type=file;size=5; ../../etc/passwd\r\n", b"type=file;size=5; /etc/passwd\r\n", b"type=dir; ..\r\n",
        b"type=cdir; .\r\n", b"type=file;size=5; a\x01b.xml\r\n", b"type=file;size=5; good.xml\r\n", b"type=file; \r\n",
        b"type=file;size=5; caf\xe9.xml\r\n", b"garbage\r\n",
    ]  # fmt: skip
    port, server = scripted(CWD="250 ok", SIZE="550 no", MLSD=lambda talk: talk.data(rows))
    source = definition(ftpHost=f"127.0.0.1:{port}", remotePath="/pub/", filenamePattern="xml", recursive=True)
    snapshot = FtpFetcher().fetch(source, lent().session)
    assert [part.name for part in snapshot.parts] == ["caf\ufffd.xml", "good.xml"]
    assert [line for line in server.heard if line.startswith("RETR")] == [
        "RETR /pub/caf\ufffd.xml",
        "RETR /pub/good.xml",
    ]


def test_folders_without_end_are_left(
    scripted: Start, lent: Callable[..., Fetch], definition: Callable[..., SourceDefinition]
) -> None:
    rows = [b"type=dir; again\r\n", b"type=file;size=5; a.xml\r\n", b"type=OS.unix=slink:/; root\r\n"]
    port, _ = scripted(CWD="250 ok", SIZE="213 5", MLSD=lambda talk: talk.data(rows))
    source = definition(ftpHost=f"127.0.0.1:{port}", remotePath="/pub/", filenamePattern="^a", recursive=True)
    snapshot = FtpFetcher().fetch(source, lent().session)
    assert len(snapshot.parts) == 65


def test_a_welcome_without_end_is_ended_however_much_may_be_fetched(
    scripted: Start,
    lent: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    port, _ = scripted(welcome=lambda talk: [talk.say("220-" + "x" * 1000) for _ in repeat(None)])
    said = fault_of(bytes_of, port, lent(fetch_seconds=30.0), definition)
    assert said.code == "access/too-large", said.message


def test_a_file_that_grows_while_it_comes_is_not_taken(
    scripted: Start,
    lent: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    port, _ = scripted(SIZE="213 4", RETR=lambda talk: talk.data([b"<a/>", b"<b/>"]))
    fetch = lent(attempts=2)
    said = fault_of(bytes_of, port, fetch, definition)
    assert said.code == "access/changed"
    assert "8 bytes came, after the server had announced 4" in said.message
    assert list(fetch.scratch.iterdir()) == []
