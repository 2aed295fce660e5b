"""What is wrong with definitions in the form of reports, which all output formats know."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from potable.engine.contracts.report import Counts, Ending, Report, RunInfo, SourceInfo, Verdict
from potable.engine.findings import Code, Finding, Occurrence, Severity
from potable.engine.version import VERSION

MOST_SAMPLES = 20
"""Places that are shown of the faults of one code, field and rule."""

Fault = tuple[Occurrence, Severity]


def report(
    resource_id: str,
    findings: Sequence[Finding],
    *,
    verdict: Verdict,
    why: Sequence[str] = (),
    name: str = "",
    file: str | None = None,
    user_id: int,
    state: Ending = "finished",
) -> Report:
    """A report of what was found without any data.

    :param name: what the source is called; "": its identifier.
    :param file: its definition, relative to the catalog.
    """
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    by = {s: sum(f.count for f in findings if f.severity is s) for s in Severity}
    return Report(
        run=RunInfo(
            run_id="", resource_id=resource_id, user_id=user_id, started=now, ended=now, seconds=0.0, state=state
        ),
        verdict=verdict,
        why=tuple(why),
        source=SourceInfo(
            name=name, ingest_method="", ingest_url=None, definition={"sha256": None, "file": file}, sample=None,
            snapshot=None,
        ),
        counts=Counts(errors=by[Severity.ERROR], warnings=by[Severity.WARNING], infos=by[Severity.INFO]),
        findings=tuple(findings),
        coverage=(),
        engine={"version": VERSION, "plugins": []},
    )  # fmt: skip


def findings(resource_id: str, faults: Iterable[Fault], codes: Mapping[str, Code]) -> tuple[Finding, ...]:
    """The faults by code, field and rule, in order of their first places."""
    groups: dict[tuple[Any, ...], list[Occurrence]] = {}
    for fault, severity in faults:
        groups.setdefault((fault.code, severity, fault.field, fault.rule), []).append(fault)
    return tuple(_finding(resource_id, of, key[1], codes[key[0]]) for key, of in groups.items())


def _finding(resource_id: str, faults: Sequence[Occurrence], severity: Severity, code: Code) -> Finding:
    first = faults[0]
    identity = "\x1f".join((resource_id, code.id, first.field or "", first.rule or ""))
    return Finding(
        code=code.id, severity=severity, checker=code.family, title=code.title, field=first.field,
        fields=first.fields or ((first.field,) if first.field else ()), rule=first.rule, count=len(faults),
        tolerated=False, hint=first.hint or code.mend,
        fingerprint=hashlib.sha256(identity.encode()).hexdigest()[:32], details=first.details,
        samples=tuple(fault.sample() for fault in faults[:MOST_SAMPLES]),
    )  # fmt: skip
