"""The OpenAPI document says what the server does."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest

from potable.engine.service import Service
from potable.server.openapi import document


def _schema(name: str) -> dict[str, Any]:
    return {**document()["components"]["schemas"][name], "components": document()["components"]}


def test_it_is_served_without_a_key(client: Any) -> None:
    answer = client.call("GET", "/openapi.json", key=None)
    assert (answer.status, answer.json) == (200, document())


def test_its_paths_exist_and_its_methods_are_allowed(client: Any) -> None:
    for path, methods in document()["paths"].items():
        for method in methods:
            answer = client.call(method.upper(), path.replace("{runID}", "0"), key=None)
            assert str(answer.status) in {*methods[method]["responses"]}, (method, path)


def test_the_answers_match_its_schemas(client: Any) -> None:
    jsonschema.validate(client.status(resourceID="clean").json, _schema("Status"))
    jsonschema.validate(client.run(resourceID="clean").json, _schema("Started"))
    jsonschema.validate(client.status(resourceID="clean").json, _schema("Status"))
    jsonschema.validate(client.run(resourceID="clean").json, _schema("Message"))
    jsonschema.validate(client.call("POST", "/controller/cancel", {"resourceID": "clean"}).json, _schema("Cancelled"))


def test_the_answer_to_accept_matches_its_schema(start: Any, service: Service) -> None:
    service.run_now("faulty")
    client = start()
    for _ in range(2):
        jsonschema.validate(client.status(resourceID="faulty").json, _schema("Status"))
        answer = client.call("POST", "/controller/accept", {"resourceID": "faulty"})
        assert answer.status == 200
        jsonschema.validate(answer.json, _schema("Accepted"))


def test_reports_match_their_schema_and_media_types(start: Any, service: Service) -> None:
    run, _ = service.run_now("faulty")
    client = start()
    content = document()["paths"]["/controller/runs/{runID}/report"]["get"]["responses"]["200"]["content"]
    for style in ("json", *service.plugins.reporters):
        answer = client.call("GET", f"/controller/runs/{run.run_id}/report", {"format": style})
        assert answer.headers["Content-Type"].partition(";")[0] in content
    report = client.call("GET", f"/controller/runs/{run.run_id}/report").json
    jsonschema.validate(report, _schema("Report"))
    report["findings"][0]["severity"] = "dire"
    with pytest.raises(jsonschema.ValidationError, match="'dire' is not one of"):
        jsonschema.validate(report, _schema("Report"))


def test_its_references_lead_to_its_own_schemas() -> None:
    references = set(re.findall(r'"\$ref": "([^"]*)"', json.dumps(document())))
    assert references == {f"#/components/schemas/{name}" for name in document()["components"]["schemas"]}
