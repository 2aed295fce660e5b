"""FTP servers on loopback: pyftpdlib's, and one whose every reply the test chooses; what all remote files need."""

from __future__ import annotations

import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from potable.engine.definition.model import Origin, SourceDefinition
from potable.engine.fetching.context import FetchSession
from potable.engine.fetching.deadline import Deadline
from potable.engine.findings import Occurrence
from potable.engine.limits import Limits


@dataclass
class Fetch:
    """One fetch's context and what came of it."""

    session: FetchSession
    scratch: Path
    said: list[Occurrence] = field(default_factory=list)


@pytest.fixture
def lent(tmp_path: Path) -> Iterator[Callable[..., Fetch]]:
    """``lent(allow=…, seconds=…, wanted=…, **limits)``: what a fetcher is lent."""
    made: list[FetchSession] = []

    def make(allow: str = "127.0.0.0/8", wanted: int | None = None, survey: Any = None, **limits: Any) -> Fetch:
        said: list[Occurrence] = []
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        bounds = Limits(**{"fetch_seconds": 60.0, "attempts": 1, **limits})
        session = FetchSession(
            bounds, scratch, allow_hosts=allow, report=said.append, deadline=Deadline(bounds.fetch_seconds),
            wanted=wanted, survey=survey,
        )  # fmt: skip
        made.append(session)
        return Fetch(session, scratch, said)

    yield make
    for session in made:
        session.close()


@pytest.fixture
def definition() -> Callable[..., SourceDefinition]:
    """``definition(url=None, method="FTP", **parameters)``."""

    def make(url: str | None = None, method: str = "FTP", **parameters: Any) -> SourceDefinition:
        return SourceDefinition(
            resource_id="T-1", ingest_method=method, ingest_url=url, parameters=parameters, origin=Origin(file="t.yaml")
        )

    return make


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """What the server has."""
    root = tmp_path / "served"
    for name, text in {
        "a.xml": "<a/>", "b.xml": "<b/>", "notes.txt": "n", ".hidden.xml": "<h/>", "deep/c.xml": "<c/>",
        "deep/deeper/d.xml": "<d/>", "deep/empty.xml": "", "with space/é [1].xml": "<e/>",
    }.items():  # fmt: skip
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.fixture
def serve(tree: Path) -> Iterator[Callable[..., int]]:
    """``serve(context=None, **handler_members)`` starts pyftpdlib's server and gives its port."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # asyncore
        pytest.importorskip("pyftpdlib", reason="the test group isn't installed")
        from pyftpdlib.authorizers import DummyAuthorizer
        from pyftpdlib.handlers import FTPHandler
        from pyftpdlib.ioloop import IOLoop
        from pyftpdlib.servers import FTPServer

    stopped: list[Callable[[], None]] = []

    def start(certificate: str | None = None, **members: Any) -> int:
        authorizer = DummyAuthorizer()
        authorizer.add_anonymous(str(tree))
        authorizer.add_user("curator", "hunter2-secret", str(tree))
        base: Any = FTPHandler
        if certificate is not None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                from pyftpdlib.handlers import TLS_FTPHandler
            base = TLS_FTPHandler
            members |= {
                "certfile": certificate, "tls_control_required": True, "tls_data_required": True, "ssl_context": None,
            }  # fmt: skip
        handler = type("Handler", (base,), {"authorizer": authorizer, "banner": "ready", **members})
        loop = IOLoop()
        server = FTPServer(("127.0.0.1", 0), handler, ioloop=loop)
        port = int(server.socket.getsockname()[1])
        stopping = threading.Event()

        def run() -> None:
            while not stopping.is_set():
                loop.loop(timeout=0.05, blocking=False)
            server.close_all()
            loop.close()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()

        def stop() -> None:
            stopping.set()
            thread.join(20)

        stopped.append(stop)
        return port

    yield start
    for stop in stopped:
        stop()


Reply = bytes | Callable[["Talk"], None]


@dataclass
class Talk:
    """One session of the scripted server."""

    sock: socket.socket
    passive: socket.socket | None = None

    def say(self, line: str) -> None:
        self.sock.sendall(line.encode() + b"\r\n")

    def hang_up(self) -> None:
        self.sock.shutdown(socket.SHUT_RDWR)

    def listen(self, host: str | None = None, port: int | None = None) -> None:
        """Answer PASV: with the port of a new listener, and any host."""
        self.passive = socket.create_server(("127.0.0.1", 0))
        port = self.passive.getsockname()[1] if port is None else port
        self.say(f"227 Entering Passive Mode ({(host or '127.0.0.1').replace('.', ',')},{port >> 8},{port & 255})")

    def data(self, pieces: Any, end: str | None = "226 done") -> None:
        """Send over the data connection."""
        assert self.passive is not None
        self.passive.settimeout(20)
        self.say("150 here it comes")
        sock, _ = self.passive.accept()
        with sock, self.passive:
            for piece in pieces:
                sock.sendall(piece)
        if end is not None:
            self.say(end)


@dataclass
class Scripted:
    """A server that answers each command as ``replies`` says: by ``COMMAND argument``, else by ``COMMAND``.

    Of several answers in a list each is used once, the last one for ever.
    """

    replies: dict[str, Any]
    welcome: Any = "220 ready"
    heard: list[str] = field(default_factory=list)
    connections: int = 0

    def answer(self, talk: Talk, line: str) -> bool:
        self.heard.append(line)
        command = line.partition(" ")[0].upper()
        known = self.replies.get(line, self.replies.get(command, DEFAULTS.get(command, "502 not implemented")))
        if isinstance(known, list):
            known = known.pop(0) if len(known) > 1 else known[0]
        if known is None:
            return False
        if callable(known):
            known(talk)
        else:
            talk.say(known)
        return command != "QUIT"


DEFAULTS: dict[str, Any] = {
    "USER": "331 password please", "PASS": "230 welcome", "TYPE": "200 ok", "PWD": '257 "/" is here',
    "SIZE": "213 5", "PASV": lambda talk: talk.listen(), "RETR": lambda talk: talk.data([b"12345"]), "QUIT": "221 bye",
    "CWD": "550 no such folder",
}  # fmt: skip


@pytest.fixture
def scripted() -> Iterator[Callable[..., tuple[int, Scripted]]]:
    """``scripted(welcome=…, COMMAND=reply, …)`` starts it and gives its port."""
    listeners: list[socket.socket] = []

    def start(welcome: Any = "220 ready", **replies: Any) -> tuple[int, Scripted]:
        server = Scripted({k.replace("_", " "): v for k, v in replies.items()}, welcome)
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def talk(sock: socket.socket) -> None:
            session = Talk(sock)
            with sock, suppress(OSError):
                sock.settimeout(30)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if callable(server.welcome):
                    server.welcome(session)
                else:
                    session.say(server.welcome)
                with sock.makefile("rb") as lines:
                    for line in lines:
                        if not server.answer(session, line.decode("utf-8", "replace").rstrip("\r\n")):
                            break
            if session.passive is not None:
                session.passive.close()

        def accept() -> None:
            while True:
                try:
                    sock, _ = listener.accept()
                except OSError:
                    return
                server.connections += 1
                threading.Thread(target=talk, args=(sock,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        return int(listener.getsockname()[1]), server

    yield start
    for listener in listeners:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A certificate for 127.0.0.1 and localhost, and an environment that trusts it; gives the file's name."""
    trustme = pytest.importorskip("trustme", reason="the test group isn't installed")
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1", "localhost")
    whole, root = tmp_path / "server.pem", tmp_path / "root.pem"
    certificate.private_key_and_cert_chain_pem.write_to_path(str(whole))
    authority.cert_pem.write_to_path(str(root))
    monkeypatch.setenv("SSL_CERT_FILE", str(root))
    assert isinstance(ssl.create_default_context(), ssl.SSLContext)
    return str(whole)
