"""The description of the calls, OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1)."""

from __future__ import annotations

import json
import re
from importlib.metadata import version
from typing import Any

from potable.engine.contracts.report import schema
from potable.engine.definition.native import RESOURCE_ID
from potable.engine.reporting import REPORTERS
from potable.engine.runs import AUTO_USER, LARGEST_USER

JsonObject = dict[str, Any]

_MESSAGE = {"$ref": "#/components/schemas/Message"}


def document() -> JsonObject:
    """The document as a JSON object."""
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Potable",
            "version": version("potable-server"),
            "description": "Is a data source safe to ingest? Readers must ignore members that they don't know.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"query": []}, {"header": []}, {"bearer": []}],
        "paths": {
            "/controller/run": {"post": _run()},
            "/controller/run_status": {"get": _run_status()},
            "/controller/accept": {"post": _accept()},
            "/controller/cancel": {"post": _cancel()},
            "/controller/runs/{runID}/report": {"get": _report()},
            "/metrics": {"get": _metrics()},
            "/healthz": {"get": _probe("alive", "Whether the server lives", {"200": "It does."})},
            "/readyz": {
                "get": _probe(
                    "ready",
                    "Whether catalog, plugins and store can be used, and runs recorded",
                    {"200": "They can.", "503": "They can't just now."},
                )
            },
        },
        "components": {
            "securitySchemes": {
                "query": {"type": "apiKey", "in": "query", "name": "api_key"},
                "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
            "schemas": {
                "Message": _MESSAGE_SCHEMA,
                "Started": _started("Your Request started"),
                "Cancelled": _started("Cancelled"),
                "Accepted": _ACCEPTED,
                "Status": _STATUS,
                **_report_schemas(),
            },
        },
    }


def _run() -> JsonObject:
    return {
        "operationId": "run",
        "summary": "Start a run of a source",
        "description": _ONCE,
        "parameters": [_SOURCE, _USER],
        "responses": {
            "200": _json("The run is queued, durably.", "Started"),
            "400": _refusal(
                "`Specify ResourceID`, `Invalid Resource` (malformed), or `Failed Request : <reason>`: one already "
                "ongoing (with its runID), on hold, a secret that isn't set, bad userID, a parameter twice."
            ),
            **_refusals(),
        },
    }


def _run_status() -> JsonObject:
    return {
        "operationId": "run_status",
        "summary": "How a source's run stands",
        "description": f"The ongoing run, else the last one. userID doesn't filter. {_ONCE}",
        "parameters": [_SOURCE, _USER],
        "responses": {
            "200": _json("Where the run stands.", "Status"),
            "400": _refusal("`Specify ResourceID`, `Invalid Resource`, or `Failed Request : <reason>`."),
            **_refusals(),
        },
    }


def _accept() -> JsonObject:
    run = _parameter("runID", {"type": "string"}, "The run; the source's last finished one unless given.")
    return {
        "operationId": "accept",
        "summary": "Accept a run",
        "description": f"A finished run becomes a baseline, also if it failed. {_ONCE}",
        "parameters": [_SOURCE, run, _USER],
        "responses": {
            "200": _json("The run is accepted, durably.", "Accepted"),
            "400": _refusal(
                "`Specify ResourceID`, `Invalid Resource` (malformed), or `Failed Request : <reason>`: it isn't "
                "finished, is inconclusive, read no record or only a sample; bad userID, a parameter twice."
            ),
            **_refusals(_NO_RUN),
        },
    }


def _cancel() -> JsonObject:
    run = _parameter("runID", {"type": "string"}, "The run; the source's ongoing one unless given.")
    return {
        "operationId": "cancel",
        "summary": "Cancel a run",
        "description": f"A queued run ends at once, a running one within seconds. {_ONCE}",
        "parameters": [_SOURCE, run, _USER],
        "responses": {
            "200": _json("The run is cancelled, durably; also where it was before.", "Cancelled"),
            "400": _refusal(
                "`Specify ResourceID`, `Invalid Resource` (malformed), or `Failed Request : <reason>`: none is "
                "ongoing, or it had ended; bad userID, a parameter twice."
            ),
            **_refusals(_NO_RUN),
        },
    }


def _report() -> JsonObject:
    run = _parameter("runID", {"type": "string"}, "The run.", required=True, place="path")
    form = _parameter("format", {"type": "string", "default": "json"}, "json, html, text or another reporter's name.")
    return {
        "operationId": "report",
        "summary": "A run's report",
        "parameters": [run, form],
        "responses": {
            "200": {
                "description": "The report; as JSON unless another format is asked for. Plugins may have others, of "
                "media types of their own.",
                "content": _report_content(),
            },
            "400": _refusal("`Failed Request : <reason>`: no such format."),
            **_refusals("No such run, or it has no report."),
        },
    }


def _metrics() -> JsonObject:
    return {
        "operationId": "metrics",
        "summary": "The store's runs in figures",
        "responses": {
            "200": {
                "description": "Metrics in the text format of Prometheus.",
                "content": {"text/plain": {"schema": {"type": "string"}}},
            },
            "501": _refusal("`Not Implemented`: prometheus_client isn't installed."),
            **{status: said for status, said in _refusals().items() if status != "404"},
        },
    }


def _parameter(
    name: str, kind: JsonObject, description: str, *, required: bool = False, place: str = "query"
) -> JsonObject:
    return {"name": name, "in": place, "required": required, "schema": kind, "description": description}


_SOURCE = _parameter(
    "resourceID", {"type": "string", "pattern": f"^{RESOURCE_ID.pattern}$"}, "The source.", required=True
)
_USER = _parameter(
    "userID",
    {"type": "integer", "minimum": 0, "maximum": LARGEST_USER, "default": AUTO_USER},
    "Who asks; recorded on the run. 4 is the automatic run. A key that is bound to a user is that user by default.",
)
_ONCE = "A parameter may be given in the query string or in a form body, once."
_NO_RUN = "`Invalid Resource`: no such source. `Invalid Run`: no such run of it."


def _json(description: str, name: str) -> JsonObject:
    reference = {"$ref": f"#/components/schemas/{name}"}
    return {"description": description, "content": {"application/json": {"schema": reference}}}


def _refusal(description: str) -> JsonObject:
    return {"description": description, "content": {"application/json": {"schema": _MESSAGE}}}


def _refusals(not_found: str = "`Invalid Resource`: no such source.") -> JsonObject:
    return {
        "401": _refusal("`Unauthorized access`: no key, or none that works."),
        "403": _refusal("`Access Denied`: the key hasn't the right, or is bound to another userID."),
        "404": _refusal(not_found),
        "408": _refusal("The body didn't come in time."),
        "413": _refusal("The body is too large."),
        "429": _refusal("Too many requests with this key: wait as `Retry-After` says."),
        "503": _refusal("The store or the catalog doesn't answer just now: wait as `Retry-After` says."),
    }


def _report_content() -> JsonObject:
    """What a report comes as, by media type."""
    texts = sorted({reporter.media_type.partition(";")[0] for reporter in REPORTERS} - {"application/json"})
    return {
        "application/json": {"schema": {"$ref": "#/components/schemas/Report"}},
        **{name: {"schema": {"type": "object" if name.endswith("+json") else "string"}} for name in texts},
    }


def _report_schemas() -> dict[str, JsonObject]:
    """The report's own schema, whose parts are schemas of this document: ``Report``, ``ReportFinding``, ..."""
    text = json.dumps({name: part for name, part in schema().items() if name not in ("$schema", "$id")})
    whole = json.loads(re.sub(r'"#/\$defs/([a-z])', lambda m: f'"#/components/schemas/Report{m[1].upper()}', text))
    return {"Report": whole, **{f"Report{name.capitalize()}": part for name, part in whole.pop("$defs").items()}}


def _probe(operation: str, summary: str, responses: dict[str, str]) -> JsonObject:
    answers = {status: {"description": text} for status, text in responses.items()}
    return {"operationId": operation, "summary": summary, "security": [], "responses": answers}


def _started(message: str) -> JsonObject:
    """The answer to what was done to a run."""
    return {
        "type": "object",
        "required": ["message", "runID", "resourceID", "userID"],
        "properties": {
            "message": {"const": message},
            "runID": {"type": "string"},
            "resourceID": {"type": "string"},
            "userID": {"type": "integer"},
        },
    }


def _nullable(kind: str, **more: Any) -> JsonObject:
    return {"type": [kind, "null"], **more}


_MESSAGE_SCHEMA: JsonObject = {
    "type": "object",
    "required": ["message"],
    "properties": {
        "message": {"type": "string"},
        "runID": {"type": "string"},
        "resourceID": {"type": "string"},
        "hint": {"type": "string", "description": "That the body wasn't read, being no form."},
    },
}

_ACCEPTED: JsonObject = {
    "type": "object",
    "required": ["message", "runID", "resourceID", "userID"],
    "properties": {
        "message": {"const": "Accepted"},
        "runID": {"type": "string"},
        "resourceID": {"type": "string"},
        "userID": {"type": "integer", "description": "Who asked."},
        "baseline": _nullable(
            "string", description="The run that later ones are compared with: the last accepted one."
        ),
    },
}

_STATUS_MEMBERS: JsonObject = {
    "status": {"enum": ["Running", "Finished", "No ongoing run"]},
    "runID": _nullable("string"),
    "state": {"enum": ["queued", "running", "finished", "error", "cancelled", None]},
    "verdict": {"enum": ["passed", "failed", "inconclusive", None]},
    "progress": _nullable("object", description="Of an ongoing run: stage, bytes, total, records, errors."),
    "counts": _nullable("object", description="The report's counts."),
    "userID": _nullable("integer"),
    "started": _nullable("string", format="date-time"),
    "ended": _nullable("string", format="date-time"),
    "report": _nullable("string", format="uri-reference", description="Where the report is."),
}

_STATUS: JsonObject = {
    "type": "object",
    "required": list(_STATUS_MEMBERS),
    "properties": {
        **_STATUS_MEMBERS,
        "resourceID": {"type": "string"},
        "attempt": _nullable("integer"),
        "reason": _nullable("string", description="Why it ended in error: lost, timed-out, crashed, fault."),
        "message": _nullable("string"),
        "codes": _nullable(
            "object", description="How often each code was found.", additionalProperties={"type": "integer"}
        ),
        "accepted": _nullable("boolean", description="Whether the run may serve as a baseline."),
        "baseline": _nullable("string", description="The run that later ones are compared with, as things stand."),
    },
}
