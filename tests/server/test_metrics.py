"""``GET /metrics``: for a key that may read, in a form that Prometheus's own parser reads."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from potable.engine.service import Service

parser = pytest.importorskip("prometheus_client.parser", reason="an extra: potable-server[metrics]")


def samples(text: str) -> dict[tuple[str, str], float]:
    """Value by name and label."""
    return {
        (s.name, ",".join(s.labels.values())): s.value
        for family in parser.text_string_to_metric_families(text)
        for s in family.samples
    }


def test_figures_of_the_store(start: Any, service: Service) -> None:
    service.run_now("clean")
    service.run_now("faulty")
    client = start()
    assert client.run(resourceID="gone").status == 200
    answer = client.call("GET", "/metrics")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    found = samples(answer.body.decode())
    assert found["potable_runs_ongoing", "queued"] == 1
    assert found["potable_runs_ongoing", "running"] == 0
    assert found["potable_queue_wait_seconds", ""] >= 0
    assert found["potable_runs_ended_total", "passed"] == 1
    assert found["potable_runs_ended_total", "failed"] == 1
    assert found["potable_runs_ended_total", "timed-out"] == 0
    assert found["potable_run_duration_seconds_bucket", "+Inf"] == 2
    assert found["potable_run_duration_seconds_count", ""] == 2
    assert 0 < found["potable_run_duration_seconds_sum", ""] < 120
    # It's asked again, and what a source or a key is called is nowhere in it.
    client.call("POST", "/controller/cancel", {"resourceID": "gone"})
    again = client.call("GET", "/metrics").body.decode()
    assert samples(again)["potable_runs_ended_total", "cancelled"] == 1
    assert not [word for word in ("clean", "faulty", "gone", "test") if word in again]


def test_who_may_see_them(start: Any, service: Service) -> None:
    client = start()
    for key in (None, "nonsense"):
        answer = client.call("GET", "/metrics", key=key)
        assert (answer.status, answer.message) == (401, "Unauthorized access")
    reader, _ = service.keys.add("prometheus", scopes=["read"])
    for given in ({"headers": {"Authorization": f"Bearer {reader}"}}, {"headers": {"X-API-Key": reader}}):
        assert client.call("GET", "/metrics", key=None, **given).status == 200
    assert client.call("POST", "/metrics").status == 405


def test_without_the_library(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "potable.server.exposition", raising=False)
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    answer = client.call("GET", "/metrics")
    assert answer.status == 501
    assert answer.message == ("Not Implemented: metrics need prometheus_client: pip install 'potable-server[metrics]'")
