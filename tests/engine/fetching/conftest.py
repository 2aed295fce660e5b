"""Real servers on loopback: a raw-socket one whose every byte the test chooses."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from potable.engine.contracts.fetching import Survey
from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.definition.model import Origin, SourceDefinition
from potable.engine.fetching.http.client import HttpClient
from potable.engine.findings import Fault, Occurrence
from potable.engine.limits import Limits

LOOPBACK = "127.0.0.0/8"


@dataclass
class Call:
    """One request as the server saw it, and the means to answer it."""

    sock: socket.socket
    head: str
    number: int
    stopping: threading.Event

    @property
    def path(self) -> str:
        return self.head.split(" ")[1]

    @property
    def headers(self) -> dict[str, str]:
        lines = self.head.split("\r\n")[1:]
        return {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in lines if line)}

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def answer(self, body: bytes = b"", status: str = "200 OK", **headers: str) -> None:
        lines = {"Content-Length": str(len(body)), "Connection": "close"}
        lines |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{n}: {v}\r\n" for n, v in lines.items())
        self.send(f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body)

    def redirect(self, location: str, status: str = "302 Found") -> None:
        self.answer(b"", status, Location=location)

    def reset(self) -> None:
        """Break the connection with RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.sock.close()


@dataclass
class Server:
    """A listening socket, and what came in."""

    port: int
    scheme: str = "http"
    host: str = "127.0.0.1"
    calls: list[Call] = field(default_factory=list)
    peers: list[int] = field(default_factory=list)
    probes: set[int] = field(default_factory=set)
    news: threading.Condition = field(default_factory=threading.Condition)

    def connections(self) -> int:
        """How many connections others have made so far.

        Connections are accepted in order: once one of our own has come in, all earlier ones have.
        """
        host = "127.0.0.1" if self.host == "0.0.0.0" else self.host
        with socket.create_connection((host, self.port), timeout=20) as probe:
            mine = probe.getsockname()[1]
            with self.news:
                self.probes.add(mine)
                assert self.news.wait_for(lambda: mine in self.peers, timeout=20)
                return len([port for port in self.peers if port not in self.probes])

    def url(self, path: str = "/data.csv", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"


Handler = Callable[[Call], None]


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """``serve(handler, context=None)`` starts a server that gives each request to ``handler``, then hangs up.

    A handler that returns True keeps the connection for the next request.
    """
    stopping, listeners, threads = threading.Event(), [], []

    def start(handler: Callable[[Call], Any], context: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Server:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.bind((host, 0))
        listener.listen()
        server = Server(listener.getsockname()[1], "https" if context else "http", host)
        listeners.append(listener)

        def talk(raw: socket.socket) -> None:
            raw.settimeout(20)
            sock: socket.socket = raw
            try:
                if context is not None:
                    sock = context.wrap_socket(raw, server_side=True)
                again: Any = True
                while again and (head := _head(sock)):
                    call = Call(sock, head, len(server.calls) + 1, stopping)
                    server.calls.append(call)
                    again = handler(call)
            except OSError:
                pass  # the client hung up, which is what some tests want
            finally:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
                sock.close()
                raw.close()

        def accept() -> None:
            while True:
                try:
                    raw, peer = listener.accept()
                except OSError:
                    return
                with server.news:
                    server.peers.append(peer[1])
                    server.news.notify_all()
                thread = threading.Thread(target=talk, args=(raw,), daemon=True)
                threads.append(thread)
                thread.start()

        thread = threading.Thread(target=accept, daemon=True)
        threads.append(thread)
        thread.start()
        return server

    yield start
    stopping.set()
    for listener in listeners:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join(20)


def _head(sock: socket.socket) -> str:
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(4096)
        if not more:
            return ""
        data += more
    return data.decode("latin-1")


@dataclass
class Pauses:
    """Stands for ``time.sleep``: keeps the seconds and doesn't wait."""

    seconds: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def said() -> list[Occurrence]:
    """What a client or fetcher reported without stopping."""
    return []


@pytest.fixture
def client(pauses: Pauses, said: list[Occurrence]) -> Iterator[Callable[..., HttpClient]]:
    """``client(limit=value, ...)`` makes a client that may speak to loopback; ``allow`` and ``resolver`` as wanted."""
    made: list[HttpClient] = []

    def make(allow: str = LOOPBACK, resolver: Any = None, **limits: Any) -> HttpClient:
        http = HttpClient(Limits(**limits), allow, report=said.append, resolver=resolver, sleep=pauses)
        made.append(http)
        return http

    yield make
    for http in made:
        http.close()


@dataclass
class Context:
    """A fetch context of the tests' own, so that fetchers are tried on the protocol alone."""

    limits: Limits
    scratch: Path
    http: Any = None
    roots: tuple[Path, ...] = ()
    previous: Snapshot | None = None
    wanted: int | None = None
    counted: Callable[[Part], Survey] | None = None
    said: list[Occurrence] = field(default_factory=list)
    steps: list[tuple[int, int | None]] = field(default_factory=list)

    def survey(self, part: Part) -> Survey:
        assert self.counted is not None
        return self.counted(part)

    def report(self, occurrence: Occurrence) -> None:
        self.said.append(occurrence)

    def progress(self, done: int, total: int | None) -> None:
        self.steps.append((done, total))


@pytest.fixture
def fault_of() -> Callable[..., Occurrence]:
    """``fault_of(call, *args)``: the occurrence of the fault that the call raises."""

    def catch(call: Callable[..., Any], *args: Any, **named: Any) -> Occurrence:
        with pytest.raises(Fault) as caught:
            call(*args, **named)
        return caught.value.occurrence

    return catch


@pytest.fixture
def source() -> Callable[..., SourceDefinition]:
    """``source(url, folder, method="CSV", **parameters)``: a definition."""

    def make(url: str | None, folder: Path = Path(), method: str = "CSV", **parameters: Any) -> SourceDefinition:
        return SourceDefinition(
            resource_id="T-1",
            ingest_method=method,
            ingest_url=url,
            parameters=parameters,
            origin=Origin(file="t.yaml", folder=folder),
        )

    return make


@pytest.fixture
def context(tmp_path: Path) -> Callable[..., Context]:
    """``context(http=..., roots=..., ...)``: a fetch context with a scratch folder."""

    def make(limits: Limits | None = None, **members: Any) -> Context:
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        return Context(limits or Limits(), scratch, **members)

    return make
