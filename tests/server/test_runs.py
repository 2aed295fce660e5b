"""A run to its end, by a real worker on a real file: what both calls say on the way, and the report."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from potable.engine.contracts.report import Report
from potable.engine.service import Service
from potable.engine.settings import Settings

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def test_a_clean_source(start: Any, apart: Service) -> None:
    client = start(children=1, on=apart)
    run_id = client.run(resourceID="clean", userID=12).json["runID"]
    found = client.finished("clean")
    assert (found["status"], found["state"], found["verdict"]) == ("Finished", "finished", "passed"), found
    assert (found["runID"], found["userID"]) == (run_id, 12)
    assert found["counts"]["records"] == 2
    assert found["counts"]["errors"] == 0
    assert TIME.fullmatch(found["started"])
    assert TIME.fullmatch(found["ended"])
    assert found["started"] <= found["ended"]
    report = client.call("GET", found["report"])
    assert report.status == 200
    assert report.json == apart.report("clean", run_id).to_dict()
    assert report.json["run"]["runID"] == run_id
    assert report.json["run"]["userID"] == 12


def test_a_faulty_source(start: Any) -> None:
    client = start(children=1)
    client.run(resourceID="faulty")
    found = client.finished("faulty")
    assert (found["status"], found["state"], found["verdict"]) == ("Finished", "finished", "failed"), found
    report = Report.from_dict(client.call("GET", found["report"]).json)
    assert [(f.code, f.count, f.samples[0].location.line) for f in report.findings if f.severity == "error"] == [
        ("csv/extra-cell", 1, 4)
    ]
    assert found["counts"] == client.call("GET", found["report"]).json["counts"]
    assert found["codes"] == {"csv/extra-cell": 1}


def test_a_source_that_is_gone(start: Any) -> None:
    client = start(children=1)
    client.run(resourceID="gone")
    found = client.finished("gone")
    assert (found["status"], found["state"], found["verdict"]) == ("Finished", "finished", "inconclusive"), found
    assert client.call("GET", found["report"]).json["findings"][0]["code"] == "access/not-found"


def test_a_source_can_run_again_after_its_run(start: Any) -> None:
    client = start(children=1)
    first = client.run(resourceID="clean").json["runID"]
    client.finished("clean")
    second = client.run(resourceID="clean")
    assert second.status == 200
    assert second.json["runID"] != first
    assert client.finished("clean")["runID"] == second.json["runID"]


def test_both_calls_while_a_run_is_under_way(start: Any, settings: Settings, gate: threading.Event) -> None:
    with Service(replace(settings, allow_hosts=("127.0.0.1",)), executor="forkserver") as service:
        client = start(children=1, on=service)
        run_id = client.run(resourceID="slow").json["runID"]
        while (found := client.status(resourceID="slow").json)["state"] == "queued":
            pass
        assert (found["status"], found["state"], found["runID"]) == ("Running", "running", run_id)
        assert TIME.fullmatch(found["started"])
        assert (found["ended"], found["verdict"], found["counts"], found["report"]) == (None, None, None, None)
        second = client.run(resourceID="slow")
        assert (second.status, second.json["runID"]) == (400, run_id)
        no_report = client.call("GET", f"/controller/runs/{run_id}/report")
        assert (no_report.status, no_report.json["state"]) == (404, "running")
        gate.set()
        assert client.finished("slow")["verdict"] == "passed"


def test_the_formats_of_a_report(start: Any) -> None:
    client = start(children=1)
    client.run(resourceID="faulty")
    report = client.finished("faulty")["report"]
    for style, media_type, part in [
        ("json", "application/json", '"schemaVersion"'),
        ("text", "text/plain", "csv/extra-cell"),
        ("html", "text/html", "<!doctype html>"),
    ]:
        answer = client.call("GET", report, {"format": style})
        assert answer.status == 200
        assert answer.headers.get_content_type() == media_type
        assert part in answer.body.decode()
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_html_report_may_use_its_own_style_sheet_only(start: Any) -> None:
    client = start(children=1)
    client.run(resourceID="faulty")
    answer = client.call("GET", client.finished("faulty")["report"], {"format": "html"})
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    [digest] = re.findall(r"'sha256-[^']+'", policy)
    assert f"style-src {digest}" in policy
    # The page says the same of itself, in a meta element.
    assert digest in answer.body.decode().replace("&#39;", "'")


def test_a_report_needs_a_key_and_a_known_format(start: Any) -> None:
    client = start(children=1)
    client.run(resourceID="clean")
    url = client.finished("clean")["report"]
    assert client.call("GET", url, key=None).json == {"message": "Unauthorized access"}
    answer = client.call("GET", url, {"format": "docx"})
    assert answer.status == 400
    assert answer.message.startswith("Failed Request : format must be one of ")
    assert client.call("GET", url, [("format", "json"), ("format", "html")]).status == 400


@pytest.mark.parametrize("run_id", ["0", "no-such-run", "x" * 300, "%00", "..", "%2e%2e%2f", "a'b"])
def test_a_run_that_is_not_there(client: Any, run_id: str) -> None:
    assert client.call("GET", f"/controller/runs/{run_id}/report").status == 404


def test_a_hostile_source_is_inert_in_the_report(start: Any, catalog: Path) -> None:
    (catalog / "faulty.csv").write_text("id,name\n1,<script>alert(1)</script>,x\n2,\x1b[31m,=cmd\n")
    client = start(children=1)
    client.run(resourceID="faulty")
    url = client.finished("faulty")["report"]
    page = client.call("GET", url, {"format": "html"}).body
    assert b"&lt;script&gt;" in page
    assert b"<script" not in page
    assert b"\x1b" not in client.call("GET", url, {"format": "text"}).body
    assert json.loads(client.call("GET", url).body)["verdict"] == "failed"


def test_a_secret_that_isnt_set_is_refused_and_no_run_is_made(
    start: Any, service: Service, catalog: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LAB_PASSWORD", raising=False)
    (catalog / "secret.yaml").write_text(
        "resourceID: secret\ningestMethod: CSV\ningestURL: http://127.0.0.1/d.csv\nusername: u\n"
        "password: ${LAB_PASSWORD}\n"
    )
    answer = start(children=1).run(resourceID="secret")
    assert answer.status == 400
    assert answer.json == {
        "message": "Failed Request : secret.yaml, line 5: password refers to ${LAB_PASSWORD}: the environment has no "
        "variable LAB_PASSWORD, which the definition refers to",
        "resourceID": "secret",
    }
    assert service.history("secret") == []


def test_a_server_without_workers_leaves_secrets_to_those_who_run(client: Any, catalog: Path) -> None:
    (catalog / "secret.yaml").write_text(
        "resourceID: secret\ningestMethod: CSV\ningestURL: http://127.0.0.1/d.csv\nusername: u\n"
        "password: ${POTABLE_TEST_SET_ELSEWHERE}\n"
    )
    assert client.run(resourceID="secret").status == 200
