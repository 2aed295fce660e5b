"""Reports built by hand: a usual one, a clean one, a hostile one, a huge one."""

from __future__ import annotations

from typing import Any

import pytest

from potable.engine.contracts.report import Counts, Coverage, Report, RunInfo, SourceInfo
from potable.engine.findings import Finding, Location, Sample, Severity

EVIL = "\x1b[31mred\x1b[0m \x9b2J\u202egnp\u200b <script>alert(1)</script> `x` | =cmd()\n::error::boo"


def sample(
    message: str, record: int | None = None, line: int | None = None, file: str | None = "penguins.csv", **more: Any
) -> Sample:
    """A sample; ``path`` goes to its place."""
    path = more.pop("path", None)
    return Sample(message=message, location=Location(file=file, line=line, record=record, path=path), **more)


def finding(code: str, count: int, field: str | None = None, severity: str = "error", **more: Any) -> Finding:
    """A finding with plausible other members."""
    given: dict[str, Any] = {
        "code": code, "severity": Severity(severity), "checker": code.partition("/")[0], "count": count,
        "title": code.partition("/")[2].replace("-", " ").capitalize(), "field": field,
        "fields": (field,) if field else (), "rule": None, "tolerated": False, "hint": "Correct the value.",
        "fingerprint": f"{abs(sum(map(ord, code + (field or '')))):016x}", "details": {}, "samples": (),
    }  # fmt: skip
    return Finding(**(given | more))


def report(findings: tuple[Finding, ...] = (), verdict: str = "passed", **more: Any) -> Report:
    """A report whose counts agree with its findings."""
    by = {s: sum(f.count for f in findings if f.severity is s) for s in Severity}
    records = more.pop("records", 344)
    source: dict[str, Any] = {
        "name": "Palmer penguins", "ingest_method": "CSV", "ingest_url": "penguins.csv",
        "definition": {"sha256": "00" * 32, "file": "penguins.yaml"}, "sample": None,
        "snapshot": {"sha256": "ab" * 32, "bytes": 51234, "fetched": "2026-01-02T03:04:05Z", "etag": None,
                     "lastModified": None, "parts": 1},
    } | more.pop("source", {})  # fmt: skip
    given: dict[str, Any] = {
        "run": RunInfo(run_id="0190-a", resource_id="penguins", user_id=4, started="2026-01-02T03:04:05Z",
                       ended="2026-01-02T03:04:05.120Z", seconds=0.12),
        "verdict": verdict, "why": (), "source": SourceInfo(**source),
        "counts": Counts(records=records, records_with_errors=min(by[Severity.ERROR], records),
                         errors=by[Severity.ERROR], warnings=by[Severity.WARNING], infos=by[Severity.INFO]),
        "findings": findings, "coverage": (Coverage(checker="csv", status="ran", records=records),),
        "metrics": {}, "engine": {"version": "0.1.0", "plugins": [{"name": "checkers", "dist": "potable-checkers",
                                                                   "version": "0.1.0"}]},
    }  # fmt: skip
    return Report(**(given | more))


@pytest.fixture
def clean() -> Report:
    """Nothing found, nothing left out."""
    return report(why=("No error was found.",))


@pytest.fixture
def usual() -> Report:
    """Errors, a warning, a skipped and a crashed checker."""
    return report(
        (
            finding("text/whitespace", 1, "$.'Clutch Completion'", "warning", title="Surplus whitespace",
                    hint="Remove the blanks around the value.",
                    samples=(sample("' Yes' begins with a blank", 12, 13, value=" Yes", key="N6A2"),)),
            finding("schema/enum", 1, "$.Sex", title="Value outside the list",
                    hint="Correct the value, or add it to the field's enum.",
                    samples=(sample('"." is not one of MALE, FEMALE', 337, 338, value=".", key="N38A2"),)),
            finding("keys/duplicate", 1204, "$.'Individual ID'", title="Key used by several records",
                    details={"keys": 1100, "records": 2304},
                    hint="Give each record a key of its own, or name further fields in primaryKey.",
                    samples=tuple(sample(f'"N{i}A1" is the key of record {i} (line {i + 1}) as well', 9 * i,
                                         9 * i + 1, value=f"N{i}A1", key=f"N{i}A1") for i in range(1, 21))),
        ),
        "failed",
        records=12_344,
        why=("1,205 errors stand, and errPerc isn't set: no error is tolerated.",),
        coverage=(
            Coverage(checker="csv", status="ran"),
            Coverage(checker="schema", status="ran"),
            Coverage(checker="keys", status="ran"),
            Coverage(checker="rules", status="skipped", reason="no QC rules declared"),
            Coverage(checker="mylab", status="crashed", reason="ZeroDivisionError: division by zero, at record 12"),
            Coverage(checker="links", status="skipped", reason="off by default"),
            Coverage(checker="numbers", status="skipped", reason="off by default"),
        ),
    )  # fmt: skip


@pytest.fixture
def hostile() -> Report:
    """Each text that comes from outside is an attack."""
    return report(
        (
            finding("schema/type", 3, f"$.'{EVIL}'", title=EVIL, hint=EVIL, rule=EVIL, details={EVIL: EVIL[:30]},
                    samples=(sample(EVIL, 1, 2, file=EVIL, value=EVIL, key=EVIL, path=EVIL),)),
        ),
        "failed",
        why=(EVIL,),
        source={"name": EVIL, "ingest_url": "javascript:alert(1)" + EVIL, "info": {"owner": EVIL, "contact": EVIL}},
        coverage=(Coverage(checker=EVIL, status="skipped", reason=EVIL, codes=(EVIL,)),),
        metrics={EVIL: EVIL},
    )  # fmt: skip


@pytest.fixture
def huge() -> Report:
    """Thousands of findings, each with long texts."""
    words = "the value does not fit what the schema says of it " * 6
    return report(
        tuple(
            finding(f"lab{i % 40}/code-number-{i}", 10 ** (i % 7), f"$.column_number_{i}", severity, title=words,
                    hint=words, samples=tuple(sample(words, 10 * j, 10 * j + 1, key="K" * 50) for j in range(1, 21)))
            for severity in ("error", "warning", "info") for i in range(1000)
        ),
        "failed", records=10**9, why=(words,) * 30,
        coverage=tuple(Coverage(checker=f"lab{i}", status="skipped", reason=f"{i} {words}") for i in range(40)),
    )  # fmt: skip
