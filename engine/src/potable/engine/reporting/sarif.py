"""SARIF 2.1.0 (OASIS): a log that code hosts and editors show; a result for each finding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from potable.engine.contracts.report import Report
from potable.engine.findings import Finding, Sample, Severity
from potable.engine.reporting import facts
from potable.engine.reporting.inert import inert
from potable.engine.reporting.json import dump
from potable.engine.reporting.places import Place, Places, Rooted, told

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
"""The name that SARIF's readers know the repository's root by."""
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def log(reports: Sequence[Report], places: Places | None = None) -> str:
    """A log with one run, of which each report is an invocation; of none it has no run.

    :param places: where the files of reports lie; None: as the reports say.
    """
    runs = [_run(reports, places or Places())] if reports else []
    return dump({"$schema": SCHEMA, "version": "2.1.0", "runs": runs})


def _run(reports: Sequence[Report], places: Places) -> dict[str, Any]:
    found = [
        (number, f)
        for number, report in enumerate(reports)
        for severity in Severity
        for f in facts.of_severity(report, severity)
    ]
    rules: dict[str, dict[str, Any]] = {}
    for _, f in found:
        if f.code not in rules:
            rules[f.code] = _rule(f)
    ranks = {code: rank for rank, code in enumerate(rules)}
    driver: dict[str, Any] = {"name": "Potable", "rules": list(rules.values())}
    if version := next((v for report in reports if (v := report.engine.get("version"))), None):
        driver["version"] = str(version)
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "invocations": [_invocation(report) for report in reports],
        "columnKind": "unicodeCodePoints",
        "results": [_result(reports[n], f, places) | _origin(n, ranks[f.code]) for n, f in found],
    }
    if isinstance(places, Rooted):
        run["originalUriBaseIds"] = {ROOT: {"description": {"text": "The root of the repository."}}}
    if len(reports) == 1:
        [report] = reports
        run["automationDetails"] = {"id": f"{report.run.resource_id or facts.subject(report)}/{report.run.run_id}"}
        run["properties"] = _summary(report)
    return run


def _origin(invocation: int, rule: int) -> dict[str, Any]:
    """Which source a result is of, and its rule."""
    return {"ruleIndex": rule, "provenance": {"invocationIndex": invocation}}


def _summary(report: Report) -> dict[str, Any]:
    return {
        "resourceID": report.run.resource_id, "verdict": report.verdict, "why": list(report.why),
        "counts": report.counts.to_dict(),
    }  # fmt: skip


def _rule(f: Finding) -> dict[str, Any]:
    """The reporting descriptor of a code, from its first finding."""
    rule: dict[str, Any] = {
        "id": f.code,
        "shortDescription": {"text": _plain(f.title or f.code)},
        "defaultConfiguration": {"level": _LEVELS[f.severity]},
    }
    if f.hint:
        rule["help"] = {"text": _plain(f.hint)}
    return rule


def _invocation(report: Report) -> dict[str, Any]:
    notices = [
        {
            "level": "error" if group.crashed else "note",
            "message": {"text": _plain(f"{'Crashed' if group.crashed else 'Not checked'}: "
                                       f"{', '.join(group.names)}: {group.reason}")},
        }
        for group in facts.unchecked(report)
    ]  # fmt: skip
    if facts.unmade(report):
        notices = [{"level": "error", "message": {"text": _plain(said)}} for said in report.why]
    return {
        "executionSuccessful": report.verdict != "inconclusive",
        "startTimeUtc": report.run.started,
        "endTimeUtc": report.run.ended,
        "toolExecutionNotifications": notices,
        "properties": {"runID": report.run.run_id, **_summary(report)},
    }


def _result(report: Report, f: Finding, places: Places) -> dict[str, Any]:
    located = [(_said(report, s, f, places), _location(report, s, f, places)) for s in f.samples]
    text = f.title
    if located:
        text += f": {located[0][0]}"
    result: dict[str, Any] = {
        "ruleId": f.code,
        "level": _LEVELS[f.severity],
        "message": {"text": _plain(text or f.code)},
        "occurrenceCount": f.count,
        "partialFingerprints": {"potable/v1": f.fingerprint},
        "properties": {"field": f.field, "fields": list(f.fields), "rule": f.rule, "details": dict(f.details)},
    }
    located = [(said, place) for said, place in located if place]
    if located:
        result["locations"] = [located[0][1]]
    elif at := places.definition(report):
        result["locations"] = [{"physicalLocation": {"artifactLocation": _artifact(at)}}]
    if len(located) > 1:
        result["relatedLocations"] = [
            place | {"id": i, "message": {"text": _plain(said)}} for i, (said, place) in enumerate(located[1:], 1)
        ]
    if f.tolerated:
        result["suppressions"] = [{"kind": "external", "justification": "tolerated by errPerc or dupPerc"}]
    return result


def _plain(text: str) -> str:
    """A plain text message (3.11.5) in which nothing is an embedded link (3.11.6)."""
    return inert(text).replace("](", "] (")


def _said(report: Report, sample: Sample, f: Finding, places: Places) -> str:
    return told(places.of(report, sample.location, f.checker), sample.location, facts.message(sample))


def _location(report: Report, sample: Sample, f: Finding, places: Places) -> dict[str, Any]:
    at = sample.location
    place: dict[str, Any] = {}
    marked = places.of(report, at, f.checker)
    url = at.url or (at.file if at.file and "://" in at.file else None)  # a definition's, of a catalog on the web
    if marked is not None or url is not None:
        address = {"uri": _quoted(url or "", ":/?#[]@!$&'()*+,;=%")} if marked is None else _artifact(marked)
        physical: dict[str, Any] = {"artifactLocation": address}
        if marked is not None and not marked.exact:
            pass  # the line is another file's
        elif at.line is not None:
            physical["region"] = {"startLine": at.line}
            if at.column is not None:
                physical["region"]["startColumn"] = at.column
        elif at.byte is not None:
            physical["region"] = {"byteOffset": at.byte, "byteLength": 0}
        place["physicalLocation"] = physical
    if f.field is not None:
        place["logicalLocations"] = [{"fullyQualifiedName": f.field, "kind": "member"}]
    known = {"record": at.record, "byte": at.byte, "path": at.path, "key": sample.key, "url": at.url}
    if marked is None or not marked.exact:
        known |= {"file": at.file, "line": at.line, "column": at.column}
    if place and any(value is not None for value in known.values()):
        place["properties"] = {name: value for name, value in known.items() if value is not None}
    return place


def _artifact(place: Place) -> dict[str, str]:
    """An artifactLocation (3.4): relative to the repository's root, or absolute."""
    uri = _quoted(place.file, "/")
    if place.inside:
        return {"uri": uri, "uriBaseId": ROOT}
    return {"uri": f"file://{uri}" if place.file.startswith("/") else uri}


def _quoted(text: str, safe: str) -> str:
    """The text in a URI; bytes of a file's name that aren't UTF-8 as they are."""
    try:
        return quote(text, safe=safe, errors="surrogateescape")
    except UnicodeEncodeError:
        return quote(text, safe=safe, errors="replace")
