"""The server as a process: how it starts, and how it stops."""

from __future__ import annotations

import contextlib
import http.client
import json
import resource
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from potable.engine.errors import UsageError
from potable.engine.runs import RunState
from potable.engine.service import Service
from potable.engine.settings import Settings
from potable.server import serve


def _events(process: Any) -> list[str]:
    return [json.loads(line)["event"] for line in process.err]


@pytest.mark.parametrize("by", ["potable serve", "potable.server"])
def test_it_does_not_start_without_a_key(launch: Any, by: str) -> None:
    process = launch(by=by)
    assert process.wait() == 2
    assert process.out == []
    assert process.err == [
        "potable: the store has no API key that works, so nobody could call the server; "
        "make one with: potable api-keys add --name NAME\n"
    ]


def test_a_revoked_key_is_no_key(launch: Any, service: Service) -> None:
    _, record = service.keys.add("revoked")
    service.keys.revoke(record.id)
    assert launch().wait() == 2


def test_it_does_not_start_on_a_port_that_is_taken(launch: Any, service: Service) -> None:
    service.keys.add("test")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = launch("--port", str(port))
        assert process.wait() == 2
    assert process.err[0].startswith(f"potable: can't listen on 127.0.0.1:{port}: ")
    assert "choose another --host or --port" in process.err[0]


@pytest.mark.parametrize("host", ["no.such.host.invalid", "192.0.2.1"])
def test_an_address_that_cannot_be_listened_on(host: str) -> None:
    with pytest.raises(UsageError, match=f"can't listen on {host}:0: .*choose another --host or --port"):
        serve.bind(host, 0)


@pytest.mark.parametrize("port", [-1, 65_536, 99_999])
def test_a_port_that_is_none(port: int) -> None:
    with pytest.raises(UsageError, match=f"there is no port {port}"):
        serve.bind("127.0.0.1", port)


def test_it_listens_on_ipv6() -> None:
    with serve.bind("::1", 0) as sock:
        assert sock.family == socket.AF_INET6


def test_it_does_not_start_without_its_catalog(launch: Any, service: Service) -> None:
    service.keys.add("test")
    process = launch("--catalog", "no-such-folder")
    assert process.wait() == 4
    assert "no-such-folder" in "".join(process.err)
    assert "Traceback" not in "".join(process.err)


@pytest.mark.parametrize(
    ("by", "number"),
    [
        ("potable serve", signal.SIGTERM),
        ("potable serve", signal.SIGINT),
        ("potable.server", signal.SIGTERM),
        ("potable.server", signal.SIGHUP),
    ],
)
def test_it_runs_a_source_and_stops_in_good_order(
    launch: Any, connect: Any, service: Service, by: str, number: int
) -> None:
    key, _ = service.keys.add("test")
    process = launch(by=by)
    client = connect(process.port(), key)
    run_id = client.run(resourceID="clean").json["runID"]
    assert client.finished("clean")["verdict"] == "passed"
    assert process.stop(number) == 0
    assert process.out == [f"Potable listens on http://127.0.0.1:{client.port}\n"]
    assert _events(process)[0] == "listening"
    assert _events(process)[-2:] == ["stopping", "stopped"]
    assert key.partition(".")[2] not in "".join(process.err)
    assert service.run(run_id).state is RunState.FINISHED
    with pytest.raises(ConnectionRefusedError):
        client.status(resourceID="clean")


def test_a_run_under_way_is_given_back(launch: Any, connect: Any, service: Service, gate: threading.Event) -> None:
    key, _ = service.keys.add("test")
    process = launch("--grace", "0.2")
    client = connect(process.port(), key)
    run_id = client.run(resourceID="slow").json["runID"]
    while client.status(resourceID="slow").json["state"] == "queued":
        pass
    assert process.stop() == 0
    given_back = service.run(run_id)
    assert (given_back.state, given_back.owner, given_back.losses) == (RunState.QUEUED, None, 0)

    gate.set()
    process = launch()
    client = connect(process.port(), key)
    assert client.finished("slow")["runID"] == run_id
    assert process.stop() == 0
    assert service.run(run_id).verdict == "passed"


def test_a_run_may_end_within_the_grace(launch: Any, connect: Any, service: Service, gate: threading.Event) -> None:
    key, _ = service.keys.add("test")
    process = launch("--grace", "60")
    client = connect(process.port(), key)
    run_id = client.run(resourceID="slow").json["runID"]
    while client.status(resourceID="slow").json["state"] == "queued":
        pass
    process.popen.send_signal(signal.SIGTERM)
    gate.set()
    assert process.wait() == 0
    assert service.run(run_id).state is RunState.FINISHED


def test_an_answered_run_survives_the_servers_death(launch: Any, connect: Any, service: Service) -> None:
    key, _ = service.keys.add("test")
    process = launch("--children", "0")
    client = connect(process.port(), key)
    answers = [client.run(resourceID=source) for source in ("clean", "faulty", "gone")]
    process.stop(signal.SIGKILL)
    assert [a.status for a in answers] == [200] * 3
    assert [service.run(a.json["runID"]).state for a in answers] == [RunState.QUEUED] * 3


def test_each_answered_run_is_there_when_it_stops_under_load(launch: Any, connect: Any, service: Service) -> None:
    key, _ = service.keys.add("test")
    process = launch("--children", "1", "--grace", "0.1")
    client = connect(process.port(), key)
    answered: list[str] = []
    first = threading.Event()

    def ask(source: str) -> None:
        while True:
            try:
                answer = client.run(resourceID=source)
            except (OSError, http.client.HTTPException):
                return
            if answer.status == 200:
                answered.append(answer.json["runID"])
                first.set()

    threads = [threading.Thread(target=ask, args=(source,)) for source in ("clean", "faulty", "gone")]
    for thread in threads:
        thread.start()
    assert first.wait(60)
    assert process.stop() == 0
    for thread in threads:
        thread.join(60)
    known = {run.run_id: run.state for source in ("clean", "faulty", "gone") for run in service.history(source, 10_000)}
    assert set(answered) <= set(known)
    assert RunState.RUNNING not in known.values()


def test_a_server_whose_disk_is_full_is_not_ready(launch: Any, connect: Any, service: Service) -> None:
    key, _ = service.keys.add("test")
    process = launch()
    client = connect(process.port(), key)
    assert client.call("GET", "/readyz", key=None).json == {"status": "ready"}
    limits = resource.prlimit(process.popen.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.popen.pid, resource.RLIMIT_FSIZE, (500_000, limits[1]))  # no file grows past it
    while (answer := client.call("GET", "/readyz", key=None)).status == 200:  # what was found holds for a second
        pass
    assert (answer.status, answer.json) == (503, {"status": "not ready", "fault": "store"})
    assert client.status(resourceID="clean").status == 200
    resource.prlimit(process.popen.pid, resource.RLIMIT_FSIZE, (1, limits[1]))
    refused = client.run(resourceID="clean")
    assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
    assert "the run store's disk is full, and nothing can be recorded until there's room" in refused.message
    assert client.status(resourceID="clean").status == 200
    resource.prlimit(process.popen.pid, resource.RLIMIT_FSIZE, limits)
    while client.call("GET", "/readyz", key=None).status == 503:
        pass
    assert process.stop() == 0
    (told,) = {json.loads(line)["reason"] for line in process.err if "not ready" in line}
    assert told.startswith("runs can't be recorded: ")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no disk that is always full")
def test_a_server_whose_output_goes_to_a_full_disk_serves(settings: Settings, service: Service) -> None:
    service.keys.add("test")
    assert settings.catalog is not None
    given = ["--port", "0", "--log-format", "json", "--catalog", settings.catalog, "--store", settings.store]
    command = [sys.executable, "-m", "potable.server", *given]
    with (
        Path("/dev/full").open("w") as full,
        subprocess.Popen(command, stdout=full, stderr=subprocess.PIPE, text=True) as process,
    ):
        assert process.stderr is not None
        listening, untold = (json.loads(process.stderr.readline()) for _ in range(2))
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert (listening["event"], untold["reason"]) == ("listening", "No space left on device")


def test_a_server_without_files_to_open_tells_it_once_and_goes_on(launch: Any, connect: Any, service: Service) -> None:
    key, _ = service.keys.add("test")
    process = launch("--children", "0")
    client = connect(process.port(), key)
    assert client.status(resourceID="clean").status == 200
    pid = process.popen.pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (len(list(Path(f"/proc/{pid}/fd").iterdir())), before[1]))
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(socket.create_connection(("127.0.0.1", client.port), timeout=30))
        while "no connection can be accepted" not in _events(process):
            time.sleep(0.01)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        assert client.status(resourceID="clean").status == 200
    assert process.stop() == 0
    assert [event for event in _events(process) if event != "request"] == [
        "listening", "no connection can be accepted", "stopping", "stopped",
    ]  # fmt: skip


def test_kept_connections_do_not_hold_up_the_stop(launch: Any, service: Service) -> None:
    service.keys.add("test")
    process = launch()
    with socket.create_connection(("127.0.0.1", process.port()), timeout=30) as idle:
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.recv(1000).startswith(b"HTTP/1.1 200 ")
        process.popen.send_signal(signal.SIGTERM)
        assert idle.recv(1000) == b""
        assert process.wait() == 0


def test_the_demo(launch: Any, connect: Any, settings: Settings) -> None:
    process = launch("--demo")
    client = connect(process.port(), None)
    lines: list[str] = []
    while not lines or not lines[-1].startswith("Other sources"):
        lines.append(process.lines.get(timeout=60))
    curls = [shlex.split(line) for line in lines if "curl" in line]
    assert [c[:-1] for c in curls] == [["curl", "-X", "POST"], ["curl"]]
    targets = [c[-1].partition(str(client.port))[2] for c in curls]
    started = client.call("POST", targets[0])
    assert (started.status, started.json["resourceID"]) == (200, "clean")
    assert client.call("GET", targets[1]).json["runID"] == started.json["runID"]
    assert process.stop() == 0
    assert not Path(settings.store.removeprefix("sqlite:///")).exists()
    assert lines[-1] == "Other sources: faulty, gone\n"


SHELF = """
import ctypes
from pathlib import Path
from potable.engine import hookimpl
from potable.engine.contracts.catalog import Catalog
from potable.engine.toolkit import from_mapping

potable_api = 1


class Shelf(Catalog):
    name = "shelf"

    @classmethod
    def opens(cls, location):
        return location.startswith("shelf:")

    @classmethod
    def open(cls, location):
        return cls()

    def ids(self):
        return iter(["good", "bad"])

    def get(self, name):
        if name == "bad":
            ctypes.CDLL(None)._exit(0)
        return from_mapping({"resourceID": name, "ingestMethod": "CSV", "ingestURL": f"{name}.csv"}, folder=Path())


@hookimpl
def potable_catalogs():
    return [Shelf]
"""


Shelf = tuple[Any, Any]


@pytest.fixture(params=["potable serve", "potable.server"])
def shelf(
    request: Any, launch: Any, connect: Any, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Shelf:
    """A server with a catalogue of somebody else's, and a client of it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shelf.py").write_text(SHELF)
    key, _ = service.keys.add("test")
    process = launch("--catalog", "shelf:", "--plugin", "shelf.py", by=request.param)
    return process, connect(process.port(), key)


def test_a_server_that_a_plugin_ends_in_c_is_told(shelf: Shelf) -> None:
    process, client = shelf
    with pytest.raises((OSError, http.client.HTTPException)):
        client.status(resourceID="bad")
    assert process.wait() == 4
    assert process.err[-1] == (
        "ENGINE ERROR: the command was ended in its midst, without a result (exit code 0); what can do so are plugins "
        "at work in its own process: shelf (shelf.py: catalog shelf)\n"
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_one_that_is_watched_stops_in_good_order(shelf: Shelf, number: signal.Signals) -> None:
    process, client = shelf
    assert client.status(resourceID="good").json["status"] == "No ongoing run"
    process.popen.send_signal(number)
    assert process.wait() == 0
    assert _events(process)[-1] == "stopped"
