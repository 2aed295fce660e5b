"""The summary of a job's step, which GitHub Actions shows as a page: reports in Markdown, beside the annotations."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from potable.engine.contracts.report import Report
from potable.engine.reporting import facts
from potable.engine.reporting.layout import many
from potable.engine.reporting.markdown import escape, section

VARIABLE = "GITHUB_STEP_SUMMARY"
"""Names the file that the summary is appended to."""

MOST_BYTES = (1 << 20) - 4096
"""GitHub refuses a step's summary of more than one MiB as a whole."""


def summarise(reports: Sequence[Report]) -> str:
    """Append the reports to the step's summary, as far as there's room; nothing where there's no such file.

    Returns why that failed; "" where it didn't.
    """
    given = os.environ.get(VARIABLE)
    if not given or not reports:
        return ""
    file = Path(given)
    try:
        with file.open("ab") as stream:
            stream.write(_page(reports, MOST_BYTES - stream.tell()))
    except OSError as e:
        return f"the job's summary can't be written to {file} ({VARIABLE}): {e.strerror}"
    return ""


def _page(reports: Sequence[Report], room: int) -> bytes:
    """Of several sources a table of verdicts, then the reports that say more than that."""
    parts = []
    if len(reports) > 1:
        rows = "".join(f"\n| {escape(facts.subject(r))} | {facts.verdict(r)} | {facts.totals(r)} |" for r in reports)
        parts.append(f"| source | verdict | found |\n|---|---|---|{rows}\n")
        reports = [report for report in reports if report.findings or not report.passed]
    parts += [section(report) for report in reports]
    page = b""
    for n, part in enumerate(parts):
        data = f"{part}\n".encode("utf-8", "backslashreplace")
        if len(page) + len(data) > room:
            left = f"… {many(len(parts) - n, 'more report')}: there's no room for more in a summary\n"
            return page + (left.encode() if room > len(page) else b"")
        page += data
    return page
