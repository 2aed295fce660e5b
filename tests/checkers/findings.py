"""What tests of one cause ask of a report."""

from __future__ import annotations

from potable.engine.contracts.report import Report
from potable.engine.findings import Finding


def only(report: Report) -> Finding:
    """The one finding of a report."""
    (finding,) = report.findings
    return finding


def place(finding: Finding) -> tuple[int | None, int | None, int | None]:
    """Line, byte and record of its first sample."""
    at = finding.samples[0].location
    return at.line, at.byte, at.record
