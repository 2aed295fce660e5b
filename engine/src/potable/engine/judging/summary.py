"""What later runs need to know of a run, taken from its report."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from potable.engine.contracts.history import History, Summary
from potable.engine.contracts.report import Report
from potable.engine.definition.methods import default
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Finding

NOT_SHAPING = frozenset({
    "username", "password", "dbUser", "dbPassword", "useCache", "sleepTimeSecs", "waitTime", "hostKey", "privateKey",
    "privateKeyPassphrase", "accessKeyID", "secretAccessKey", "sessionToken", "hash", "bytes", "compression",
    "cacheFilename",
})  # fmt: skip
"""Parameters that don't change which records come."""


def shape_of(source: SourceDefinition) -> str:
    """Digest (hex) of the data-shaping part of a definition: method, URL, parameters, key.

    Runs of another shape are no baseline for each other. What is written out though it's the default anyway doesn't
    change the shape.
    """
    parameters = {k: v for k, v in _told(source).items() if k not in NOT_SHAPING}
    shaping = [source.ingest_method, source.ingest_url, parameters, source.primary_key, source.key_delimiter]
    text = json.dumps(shaping, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _told(source: SourceDefinition) -> dict[str, Any]:
    """The parameters that say something: without those that are what is taken where they aren't given."""
    given = dict(source.parameters)
    header = given.get("headerLine", 1)
    if isinstance(header, int) and isinstance(given.get("ignoreLines"), int) and given["ignoreLines"] <= header:
        del given["ignoreLines"]  # data start behind the header, wherever else they might
    if given.get("escapeCharacter") == given.get("textQuote", '"'):
        given.pop("escapeCharacter", None)  # a doubled quote is understood anyway
    if isinstance(given.get("maxDocs"), int) and given["maxDocs"] <= 0:
        del given["maxDocs"]  # no bound
    delimiter = "\t" if source.tab_separated else default(source.ingest_method, "delimiter")
    if given.get("delimiter") == delimiter:
        del given["delimiter"]
    apart = ("delimiter", "ignoreLines")
    return {k: v for k, v in given.items() if k in apart or not _same(v, default(source.ingest_method, k))}


def _same(value: Any, other: Any) -> bool:
    """Equal, and of one type: true isn't 1."""
    return type(value) is type(other) and bool(value == other)


def summarise(report: Report, *, accepted: bool) -> Summary:
    """The summary of a report.

    :param accepted: whether it may serve as a baseline.
    """
    snapshot = report.source.snapshot or {}
    return Summary(
        run_id=report.run.run_id,
        ended=report.run.ended,
        records=report.counts.records,
        errors=report.counts.errors,
        records_with_errors=report.counts.records_with_errors,
        columns=tuple(report.metrics.get("columns") or ()),
        counts=counts_of(report.findings),
        metrics=report.metrics,
        snapshot=snapshot.get("sha256"),
        replayed=bool(snapshot.get("replayed")),
        shape=str(report.source.definition.get("shape", "")),
        accepted=accepted,
        sample=report.source.sample is not None,
    )


def history_of(reports: Iterable[Report]) -> History:
    """Reports that somebody keeps, as the history of a later run: what read all of the source may be a baseline."""
    runs = [
        summarise(r, accepted=r.verdict != "inconclusive" and r.counts.records > 0 and r.source.sample is None)
        for r in reports
    ]
    runs.sort(key=lambda run: run.ended, reverse=True)
    return History(runs=tuple(runs), reason="no accepted run" if runs else "first run")


def counts_of(findings: Iterable[Finding]) -> dict[str, int]:
    """How often each code occurs."""
    counts: dict[str, int] = {}
    for finding in findings:
        counts[finding.code] = counts.get(finding.code, 0) + finding.count
    return counts
