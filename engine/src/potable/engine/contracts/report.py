"""A run's report, as objects; ``to_dict`` gives the contract's JSON (``report.schema.json``)."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from potable.engine.errors import UsageError, VerdictError, told
from potable.engine.findings import Finding, Location, Sample, Severity, clip

if TYPE_CHECKING:
    import polars as pl  # heavy

T = TypeVar("T")

SCHEMA_VERSION = "1"
UNNAMED = "check"
"""The resourceID of data that are checked without a definition."""
REPR_KINDS = 5
"""Most findings that the ``repr`` of a report names."""

Verdict = Literal["passed", "failed", "inconclusive"]
Ending = Literal["finished", "refused", "error", "cancelled"]
FailOn = Literal["error", "warning", "never"]
CoverageStatus = Literal["ran", "skipped", "crashed"]
VERDICTS: tuple[Verdict, ...] = ("passed", "failed", "inconclusive")
ENDINGS: tuple[Ending, ...] = ("finished", "refused", "error", "cancelled")
STATUSES: tuple[CoverageStatus, ...] = ("ran", "skipped", "crashed")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """Which run a report is of; times are ISO 8601 in UTC, ``seconds`` is the run's length.

    :param state: ``finished``; or, of a source that there's no report of and which holds its place among several,
        ``refused`` (it wasn't run), ``error`` (the engine failed) or ``cancelled`` (all was interrupted before).
    """

    run_id: str
    resource_id: str
    user_id: int
    started: str
    ended: str
    seconds: float
    state: Ending = "finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceInfo:
    """What was read: names as defined, the definition's and the snapshot's identity, the sample if any."""

    name: str
    ingest_method: str
    ingest_url: str | None
    definition: Mapping[str, Any]
    sample: Mapping[str, Any] | None
    snapshot: Mapping[str, Any] | None
    info: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Exact totals: each of the three severities is the sum of its findings' counts."""

    records: int = 0
    records_with_errors: int = 0
    errors: int = 0
    warnings: int = 0
    infos: int = 0

    def to_dict(self) -> dict[str, int]:
        """The totals under the contract's names."""
        return {
            "records": self.records, "recordsWithErrors": self.records_with_errors,
            "errors": self.errors, "warnings": self.warnings, "infos": self.infos,
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What a checker (or fetcher, or reader) did: it ran, was skipped for a reason, or crashed.

    :param codes: ids of the codes that the line speaks of.
    :param records: records that it covered.
    :param seconds: processor seconds that it took by itself.
    """

    checker: str
    status: CoverageStatus
    reason: str = ""
    codes: tuple[str, ...] = ()
    records: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that a run says of a source.

    :param fail_on: from what on whoever shows it takes the source as failing; ``error``: as the verdict says. It isn't
        the report's own: ``to_dict`` and what is stored know nothing of it.
    """

    run: RunInfo
    verdict: Verdict
    why: tuple[str, ...]
    source: SourceInfo
    counts: Counts
    findings: tuple[Finding, ...]
    coverage: tuple[Coverage, ...]
    metrics: Mapping[str, Any] = field(default_factory=dict)
    engine: Mapping[str, Any] = field(default_factory=dict)
    fail_on: FailOn = "error"

    def __repr__(self) -> str:
        """One line, with the first kinds of findings: a notebook and a log show it. ``to_dict`` has all."""
        c = self.counts
        said = ", ".join(
            f"{n:,} {noun}{'' if n == 1 else 's'}"
            for n, noun in ((c.errors, "error"), (c.warnings, "warning"), (c.infos, "note"), (c.records, "record"))
            if n or noun == "record"
        )
        found = sorted(self.findings, key=lambda f: (f.severity.rank, -f.count, f.code))
        # ASCII, as a log's stream may be: Python's own print fails at other characters there.
        kinds = [f"{f.code} {f.field} x {f.count:,}" if f.field else f"{f.code} x {f.count:,}" for f in found]
        listed = "; ".join(kinds[:REPR_KINDS]) + (f"; {len(kinds) - REPR_KINDS} more" if kinds[REPR_KINDS:] else "")
        return f"<Report {self.called}: {self.verdict}, {said}{': ' if kinds else ''}{listed}>"

    def __bool__(self) -> bool:
        """Raises TypeError: that there is a report doesn't say that the data passed."""
        raise TypeError("a Report is neither true nor false: ask report.passed, or whether it is None")

    @property
    def called(self) -> str:
        """The source's resourceID; of data that are checked without a definition their name or URL."""
        if self.run.resource_id != UNNAMED:
            return self.run.resource_id
        return self.source.name or self.source.ingest_url or UNNAMED

    @property
    def passed(self) -> bool:
        """Whether the verdict is ``passed``."""
        return self.verdict == "passed"

    def raise_for_verdict(self) -> None:
        """Raise :class:`~potable.engine.errors.VerdictError` unless the verdict is ``passed``."""
        if not self.passed:
            raise VerdictError(self.verdict, self.run.resource_id, self.why, self)

    def to_polars(self) -> pl.DataFrame:
        """The findings as a frame, one row each: code, severity, checker, title, field, rule, count, tolerated,
        hint, fingerprint, and the first sample's message, value, key, file, line, byte, record, path.
        """
        import polars as pl  # heavy

        text = ("code", "severity", "checker", "title", "field", "rule", "hint", "fingerprint")
        rows = []
        for f in self.findings:
            s = f.samples[0] if f.samples else Sample(message="")
            row: dict[str, Any] = {name: getattr(f, name) for name in text}
            row |= {"severity": f.severity.value, "count": f.count, "tolerated": f.tolerated}
            row |= {"message": s.message, "value": s.value, "key": s.key}
            row |= {n: getattr(s.location, n) for n in ("file", "line", "byte", "record", "path")}
            rows.append(row)
        schema: dict[str, Any] = dict.fromkeys(text, pl.String)
        schema |= {"count": pl.Int64, "tolerated": pl.Boolean, "message": pl.String, "value": pl.String}
        schema |= {"key": pl.String, "file": pl.String, "line": pl.Int64, "byte": pl.Int64, "record": pl.Int64}
        schema |= {"path": pl.String}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def to_dict(self) -> dict[str, Any]:
        """The report as the contract's JSON object."""
        return {
            "schemaVersion": SCHEMA_VERSION,
            "run": {
                "runID": self.run.run_id, "resourceID": self.run.resource_id, "userID": self.run.user_id,
                "started": self.run.started, "ended": self.run.ended, "seconds": self.run.seconds,
                **({} if self.run.state == "finished" else {"state": self.run.state}),
            },
            "verdict": self.verdict,
            "why": list(self.why),
            "source": {
                "name": self.source.name, "ingestMethod": self.source.ingest_method,
                "ingestURL": self.source.ingest_url, "definition": dict(self.source.definition),
                "sample": self.source.sample and dict(self.source.sample),
                "snapshot": self.source.snapshot and dict(self.source.snapshot),
                "info": dict(self.source.info),
            },
            "counts": self.counts.to_dict(),
            "findings": [_finding_to_dict(f) for f in self.findings],
            "coverage": [
                {"checker": c.checker, "status": c.status, "reason": c.reason, "codes": list(c.codes),
                 "records": c.records, "seconds": c.seconds}
                for c in self.coverage
            ],
            "metrics": dict(self.metrics),
            "engine": dict(self.engine),
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Report:
        """The report of a JSON object; members it doesn't know are ignored.

        :raises UsageError: it's no report of this version; the message names the place.
        """
        if not isinstance(data, Mapping):
            raise UsageError(f"a report is a JSON object, as Report.to_dict gives it, not a {type(data).__name__}")
        version = data.get("schemaVersion", SCHEMA_VERSION)
        if version != SCHEMA_VERSION:
            raise UsageError(f"this report has the schemaVersion {version!r}; this Potable reads {SCHEMA_VERSION!r}")
        try:
            return cls._of(data)
        except (KeyError, TypeError, ValueError, AttributeError) as e:
            raise UsageError(f"this isn't a report of Potable's: {_fault_of(data) or told(e)}") from e

    @classmethod
    def _of(cls, data: Mapping[str, Any]) -> Report:
        run, source, counts = data["run"], data["source"], data["counts"]
        return cls(
            run=RunInfo(
                run_id=run["runID"], resource_id=run["resourceID"], user_id=run["userID"],
                started=run["started"], ended=run["ended"], seconds=run["seconds"],
                state=_one_of(ENDINGS, run.get("state", "finished")),
            ),
            verdict=_one_of(VERDICTS, data["verdict"]),
            why=tuple(data["why"]),
            source=SourceInfo(
                name=source["name"], ingest_method=source["ingestMethod"], ingest_url=source["ingestURL"],
                definition=source["definition"], sample=source["sample"], snapshot=source["snapshot"],
                info=source.get("info", {}),
            ),
            counts=Counts(
                records=counts["records"], records_with_errors=counts["recordsWithErrors"],
                errors=counts["errors"], warnings=counts["warnings"], infos=counts["infos"],
            ),
            findings=tuple(_finding_from_dict(f) for f in data["findings"]),
            coverage=tuple(
                Coverage(
                    checker=c["checker"], status=_one_of(STATUSES, c["status"]), reason=c["reason"],
                    codes=tuple(c["codes"]), records=c["records"], seconds=c["seconds"],
                )
                for c in data["coverage"]
            ),
            metrics=data["metrics"],
            engine=data["engine"],
        )  # fmt: skip


def schema() -> dict[str, Any]:
    """The report's JSON Schema (draft 2020-12)."""
    from importlib.resources import files  # heavy: 8 ms that no run needs

    text = files("potable.engine.reporting").joinpath("report.schema.json").read_text(encoding="utf-8")
    return cast("dict[str, Any]", json.loads(text))


def _one_of(known: tuple[T, ...], word: Any) -> T:
    if word not in known:
        raise ValueError(f"{word!r} is none of {', '.join(map(repr, known))}")
    return known[known.index(word)]


def _fault_of(data: Mapping[str, Any]) -> str:
    """What ``report.schema.json`` has against it, in one line; "" for nothing."""
    from jsonschema import Draft202012Validator  # heavy: only to say what is wrong
    from jsonschema.exceptions import best_match

    found = best_match(Draft202012Validator(schema()).iter_errors(data))
    if found is None:
        return ""
    at = "".join(f"/{step}" for step in found.absolute_path)
    return clip(f"at {at}: {found.message}" if at else found.message, 300)


def _finding_to_dict(f: Finding) -> dict[str, Any]:
    return {
        "code": f.code, "severity": f.severity.value, "checker": f.checker, "title": f.title, "field": f.field,
        "fields": list(f.fields), "rule": f.rule, "count": f.count, "tolerated": f.tolerated, "hint": f.hint,
        "fingerprint": f.fingerprint, "details": dict(f.details),
        "samples": [dataclasses.asdict(s) for s in f.samples],
    }  # fmt: skip


def _finding_from_dict(data: Mapping[str, Any]) -> Finding:
    known = {f.name for f in dataclasses.fields(Location)}
    samples = tuple(
        Sample(
            message=s["message"], value=s["value"], key=s["key"],
            location=Location(**{k: v for k, v in s["location"].items() if k in known}),
        )
        for s in data["samples"]
    )  # fmt: skip
    return Finding(
        code=data["code"], severity=Severity(data["severity"]), checker=data["checker"], title=data["title"],
        field=data["field"], fields=tuple(data["fields"]), rule=data["rule"], count=data["count"],
        tolerated=data["tolerated"], hint=data["hint"], fingerprint=data["fingerprint"],
        details=data["details"], samples=samples,
    )  # fmt: skip
