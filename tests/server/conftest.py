"""A real server on a loopback port, over a real store, catalog and worker; a plain HTTP client."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import io
import json
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlencode

import pytest
from tests.loopback import Handler, serving

from potable.engine.service import Service
from potable.engine.settings import Settings, sqlite_url
from potable.server import serve
from potable.server.limits import HttpLimits
from potable.server.logs import logging_to

FREE = HttpLimits(rate=1e9, burst=10**9)
DEFINITIONS = {
    "clean": "resourceID: clean\ningestMethod: CSV\ningestURL: clean.csv\n",
    "faulty": "resourceID: faulty\ningestMethod: CSV\ningestURL: faulty.csv\n",
    "held": "resourceID: held\ningestMethod: CSV\ningestURL: clean.csv\nhold: true\n",
    "gone": "resourceID: gone\ningestMethod: CSV\ningestURL: no-such-file.csv\n",
}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        assert self.headers["Content-Type"] == "application/json; charset=utf-8"
        return json.loads(self.body)

    @property
    def message(self) -> str:
        return str(self.json["message"])


class Client:
    """Calls one server; a connection for each call."""

    def __init__(self, port: int, key: str | None = None) -> None:
        self.port, self.key = port, key

    def call(
        self,
        method: str,
        path: str,
        params: dict[str, Any] | list[tuple[str, Any]] | None = None,
        *,
        body: bytes | str | None = None,
        headers: dict[str, str] | None = None,
        key: str | None = "the client's",
    ) -> Answer:
        sent = dict(headers or {})
        if key == "the client's":
            key = self.key
        if key is not None:
            sent.setdefault("X-API-Key", key)
        target = path + (f"?{urlencode(params)}" if params else "")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            connection.request(method, target, body=body, headers=sent)
            response = connection.getresponse()
            return Answer(response.status, response.msg, response.read())

    def run(self, **params: Any) -> Answer:
        return self.call("POST", "/controller/run", params)

    def status(self, **params: Any) -> Answer:
        return self.call("GET", "/controller/run_status", params)

    def finished(self, resource_id: str) -> dict[str, Any]:
        """Wait for the source's run to end."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = self.status(resourceID=resource_id).json
            if found["status"] != "Running":
                return dict(found)
            time.sleep(0.05)
        raise AssertionError(f"the run of {resource_id} didn't end: {found}")

    def raw(self, sent: bytes) -> bytes:
        """Send bytes as they are, and take all that comes until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as sock:
            sock.sendall(sent)
            return drain(sock)


def drain(sock: socket.socket) -> bytes:
    got = b""
    while True:
        try:
            piece = sock.recv(1 << 16)
        except ConnectionResetError:
            return got
        if not piece:
            return got
        got += piece


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    folder = tmp_path / "catalog"
    folder.mkdir()
    for name, text in DEFINITIONS.items():
        (folder / f"{name}.yaml").write_text(text)
    (folder / "clean.csv").write_text("id,name\n1,Ada\n2,Grace\n")
    (folder / "faulty.csv").write_text("id,name\n1,Ada\n2,Grace\n3,Edsger,surplus\n")
    return folder


@pytest.fixture
def settings(tmp_path: Path, catalog: Path) -> Settings:
    state = tmp_path / "state"
    state.mkdir()
    return Settings.load({}, catalog=catalog, store=sqlite_url(state / "runs.db"), state=state)


@pytest.fixture
def gate(settings: Settings, catalog: Path) -> Iterator[threading.Event]:
    """A source ``slow`` on a loopback server, that holds its data back until the event is set."""
    opened = threading.Event()

    class Slow(Handler):
        def answer(self) -> None:
            opened.wait(60)
            self.say(200, b"id,name\n1,Ada\n", Content_Type="text/csv")

    with serving(Slow) as address:
        (catalog / "slow.yaml").write_text(f"resourceID: slow\ningestMethod: CSV\ningestURL: {address}/slow.csv\n")
        yield opened
        opened.set()


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    """Its runs are in this process, which saves each the start of one; of runs in their own there is ``apart``."""
    with Service(settings, executor="inline") as made:
        yield made


@pytest.fixture
def apart(settings: Settings) -> Iterator[Service]:
    """As ``service``, on the same store; each run in a process of its own."""
    with Service(settings, executor="forkserver") as made:
        yield made


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that the process logs, as JSON lines."""
    stream = io.StringIO()
    with logging_to(stream, "json", "DEBUG"):
        yield stream


Start = Callable[..., Client]


@pytest.fixture
def start(service: Service, logged: io.StringIO) -> Iterator[Start]:
    """Starts a server in a thread: ``start(limits=…, children=…, key=…)``."""
    with contextlib.ExitStack() as stack:

        def begin(
            limits: HttpLimits = FREE, children: int = 0, key: str | None = None, on: Service | None = None
        ) -> Client:
            used = on or service
            sock = serve.bind("127.0.0.1", 0)
            port = sock.getsockname()[1]
            stack.enter_context(_in_thread(used, sock, limits, children))
            return Client(port, key if key is not None else used.keys.add("test")[0])

        yield begin


@contextlib.contextmanager
def _in_thread(service: Service, sock: socket.socket, limits: HttpLimits, children: int) -> Iterator[None]:
    begun: queue.Queue[BaseException | None] = queue.Queue()
    stop: list[Callable[[], object]] = []

    async def main() -> None:
        loop, done = asyncio.get_running_loop(), asyncio.Event()
        async with serve.serving(service, sock, children=children, limits=limits, grace=10):
            stop.append(lambda: loop.call_soon_threadsafe(done.set))
            begun.put(None)
            await done.wait()

    def work() -> None:
        try:
            asyncio.run(main())
        except BaseException as e:
            begun.put(e)

    thread = threading.Thread(target=work)
    thread.start()
    fault = begun.get(timeout=30)
    if fault is not None:
        raise fault
    try:
        yield
    finally:
        stop[0]()
        thread.join(60)
        assert not thread.is_alive()


@pytest.fixture
def client(start: Start) -> Client:
    """A server that runs nothing: what is queued stays queued."""
    return start()


@pytest.fixture
def connect() -> type[Client]:
    """``connect(port, key)``: a client of a server that was started otherwise."""
    return Client


class Process:
    """A real server process: ``potable serve``, or ``python -m potable.server``."""

    COMMANDS: ClassVar[dict[str, list[str]]] = {
        "potable serve": [sys.executable, "-c", "from potable.engine.cli import main; main()", "serve"],
        "potable.server": [sys.executable, "-m", "potable.server"],
    }

    def __init__(self, settings: Settings, *options: str, by: str = "potable.server") -> None:
        assert settings.catalog is not None
        command = [*self.COMMANDS[by], "--port", "0", "--log-format", "json", *options]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("POTABLE_")}
        environment |= {
            "POTABLE_CATALOG": settings.catalog,
            "POTABLE_STORE": settings.store,
            "POTABLE_STATE": str(settings.state),
            "POTABLE_ALLOW_HOSTS": "127.0.0.1",
        }
        self.popen = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self.out: list[str] = []
        self.err: list[str] = []
        self.lines: queue.Queue[str | None] = queue.Queue()
        self._readers = [
            threading.Thread(target=self._read, args=(self.popen.stdout, self.out, self.lines)),
            threading.Thread(target=self._read, args=(self.popen.stderr, self.err, None)),
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _read(stream: Any, into: list[str], also: queue.Queue[str | None] | None) -> None:
        for line in stream:
            into.append(line)
            if also is not None:
                also.put(line)
        if also is not None:
            also.put(None)

    def port(self) -> int:
        """The port, once it listens."""
        while True:
            line = self.lines.get(timeout=60)
            assert line is not None, f"it ended: {''.join(self.err)}"
            if found := re.search(r"http://127\.0\.0\.1:(\d+)$", line.strip()):
                return int(found[1])

    def wait(self) -> int:
        """The exit code, once all its output is read."""
        code = self.popen.wait(60)
        for reader in self._readers:
            reader.join(60)
        assert self.popen.stdout is not None
        assert self.popen.stderr is not None
        self.popen.stdout.close()
        self.popen.stderr.close()
        return code

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.popen.send_signal(number)
        return self.wait()


@pytest.fixture
def launch(settings: Settings) -> Iterator[Callable[..., Process]]:
    """Starts server processes; those still there at the end are killed."""
    started: list[Process] = []

    def begin(*options: str, by: str = "potable.server") -> Process:
        process = Process(settings, *options, by=by)
        started.append(process)
        return process

    yield begin
    for process in started:
        if process.popen.poll() is None:
            process.popen.kill()
            process.wait()
