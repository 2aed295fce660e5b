"""Logs: an access line for each request, and no key in any of them."""

from __future__ import annotations

import io
import json
import logging
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potable.engine.service import Service
from potable.engine.store.apikey import new_key
from potable.server.logs import log, logging_to, redact


def _lines(stream: io.StringIO, count: int, event: str = "request") -> list[dict[str, Any]]:
    """The lines of an event, once there are ``count``: a line is written after its answer was sent."""
    deadline = time.monotonic() + 30
    while True:
        lines = [line for line in stream.getvalue().split("\n")[:-1] if json.loads(line)["event"] == event]
        if len(lines) >= count or time.monotonic() > deadline:
            assert len(lines) == count
            return [json.loads(line) for line in lines]
        time.sleep(0.01)


def test_what_became_of_each_run(start: Any, logged: io.StringIO) -> None:
    client = start(children=1)
    run_id = client.run(resourceID="faulty", userID=7).json["runID"]
    [begun], [ended] = _lines(logged, 1, "run begins"), _lines(logged, 1, "run ended")
    assert (begun["run"], begun["resource"], begun["user"], begun["attempt"]) == (run_id, "faulty", 7, 1)
    assert (ended["run"], ended["resource"], ended["state"], ended["verdict"]) == (
        run_id,
        "faulty",
        "finished",
        "failed",
    )
    assert (ended["level"], ended["errors"], ended["records"]) == ("info", 1, 3)
    assert ended["seconds"] >= 0


def test_a_run_that_ended_in_error_is_a_warning_with_its_reason(
    start: Any, service: Service, catalog: Path, logged: io.StringIO
) -> None:
    service.start("clean")
    (catalog / "clean.yaml").write_text("resourceID: clean\nname: [")
    start(children=1)
    [ended] = _lines(logged, 1, "run ended")
    assert (ended["level"], ended["state"], ended["reason"]) == ("warning", "error", "fault")
    assert "clean" in ended["why"]


def test_the_access_line(client: Any, service: Service, logged: io.StringIO) -> None:
    run_id = client.run(resourceID="clean").json["runID"]
    [line] = _lines(logged, 1)
    assert line.pop("seconds") >= 0
    assert line.pop("bytes") > 0
    assert line.pop("timestamp")
    assert line == {
        "event": "request", "logger": "potable.access", "level": "info", "method": "POST", "route": "/controller/run",
        "status": 200, "remote": "127.0.0.1", "key": service.keys.all()[0].id, "resource": "clean", "run": run_id,
    }  # fmt: skip


def test_no_key_in_any_log(client: Any, service: Service, logged: io.StringIO) -> None:
    key, secret = client.key, client.key.partition(".")[2]
    query = f"api_key={key}&resourceID=clean"
    client.call("GET", f"/controller/run_status?{query}", key=None)
    client.call("POST", f"/controller/run?{query}", key=None)
    client.call("POST", f"/controller/run?{query}", key=None)
    client.call("GET", f"/controller/run?{query}", key=None)
    client.call("GET", f"/{key}", key=None)
    client.call("GET", f"/controller/run_status{quote('?')}{query}", key=None)
    client.call("GET", f"/controller/runs/{key}/report")
    client.call("GET", "/controller/run_status", {"resourceID": key})
    client.call("GET", "/controller/run_status", {"resourceID": "clean", "userID": key})
    client.call("GET", "/", headers={"User-Agent": key, "Referer": f"http://x/?{query}", "Cookie": key})
    client.call("POST", "/controller/run", {"api_key": key}, body=f"api_key={key}", headers={
        "Content-Type": "application/x-www-form-urlencoded", "Authorization": f"Bearer {key}"})  # fmt: skip
    client.call(secret, "/controller/run")
    _lines(logged, 12)
    assert secret not in logged.getvalue()


def test_a_fault_of_ours_is_logged_without_the_key(
    client: Any, service: Service, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(resource_id: str) -> None:
        raise RuntimeError(f"at /controller/run_status?api_key={client.key}&resourceID={resource_id}")

    monkeypatch.setattr(service, "status", fault)
    answer = client.status(resourceID="clean")
    assert (answer.status, answer.json) == (500, {"message": "Internal Server Error"})
    [line] = _lines(logged, 1, "request failed")
    assert "RuntimeError: at /controller/run_status?api_key=[redacted]&resourceID=clean" in line["exception"]
    assert client.key.partition(".")[2] not in logged.getvalue()


SAFE = st.text(st.characters(categories=("Lu", "Ll", "Nd")), max_size=10)
NAMED = [
    "GET /controller/run?api_key={} HTTP/1.1", "api_key={}&resourceID=x", "X-API-Key: {}", "x-api-key:{}", "API-KEY={}",
    "Authorization: Bearer {}", "authorization: bearer {}", '{{"api_key": "{}"}}', "{{'api_key': '{}'}}",
    "b'X-API-Key: {}\\r\\n'", "('Authorization', 'Bearer {}')", "api%5Fkey={}", "api_key%3D{}", "apiKey={}",
    '\\"api_key\\": \\"{}\\"', "http://h/?x=1&api_key={}#f",
]  # fmt: skip
WAYS = [*NAMED, "key {} there", "{}"]
KEYS = st.from_regex(r"[0-9a-f]{12}\.[A-Za-z0-9_-]{43}", fullmatch=True)


@given(SAFE, st.sampled_from(WAYS), KEYS, SAFE)
def test_redaction(before: str, way: str, key: str, after: str) -> None:
    told = redact(f"{before} {way.format(key)} {after}")
    assert key not in told
    assert key.partition(".")[2] not in told
    assert told.startswith(before)
    assert told.endswith(after)


@pytest.mark.parametrize("way", NAMED)
@pytest.mark.parametrize("key", ["hunter2", "b", "x.y", "1"])
def test_redaction_of_what_is_no_key_by_its_looks(way: str, key: str) -> None:
    assert redact(way.format(key)) == way.format("[redacted]")


def test_redaction_leaves_the_rest() -> None:
    text = '{"route": "/controller/run", "key": "0a1b2c3d4e5f", "file": "countries.csv", "sha256": "' + "a" * 64 + '"}'
    assert redact(text) == text


def test_console_lines_are_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    with logging_to(stream, "console"):
        log.info("listening", url="http://127.0.0.1:1")
        logging.getLogger("aiohttp.server").error("api_key=%s", new_key()[1])
    first, second = stream.getvalue().splitlines()
    assert "listening" in first
    assert "url=http://127.0.0.1:1" in first
    assert " api_key=[redacted]" in second
    assert capsys.readouterr() == ("", "")


def test_logging_is_as_before_afterwards() -> None:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    with logging_to(io.StringIO()):
        assert root.handlers != before[0]
    assert (root.handlers, root.level) == before
