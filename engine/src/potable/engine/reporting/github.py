"""Workflow annotations: lines that GitHub Actions turns into marks on files and in the run's summary.

The format is that of GitHub's "Workflow commands": ``::error file=…,line=…,title=…::message``.
"""

from __future__ import annotations

from collections.abc import Iterator

from potable.engine.contracts.catalog import Reporter
from potable.engine.contracts.report import Report
from potable.engine.findings import Finding, Severity
from potable.engine.reporting import facts
from potable.engine.reporting.inert import inert
from potable.engine.reporting.layout import number

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_VERDICTS = {"passed": "notice", "failed": "error", "inconclusive": "error"}


class GithubReporter(Reporter):
    """One annotation for each finding, at its first place, then what was left out, then the verdict.

    A tolerated error is a warning.
    """

    name = "github"

    def render(self, report: Report) -> str:
        """Lines of workflow commands."""
        return "".join(f"{line}\n" for line in self._lines(report))

    def _lines(self, report: Report) -> Iterator[str]:
        for severity in Severity:
            for f in facts.of_severity(report, severity):
                yield _finding(f)
        for group in facts.unchecked(report):
            level, what = ("warning", "crashed") if group.crashed else ("notice", "not checked")
            yield command(level, f"{', '.join(group.names)}: {group.reason}", title=f"Potable: {what}")
        said = f"{facts.subject(report)}: {facts.totals(report)}. {' '.join(report.why)}"
        yield command(_VERDICTS[report.verdict], said, title=f"Potable: {facts.verdict(report)}")


def _finding(f: Finding) -> str:
    level = "warning" if f.tolerated else _LEVELS[f.severity]
    said = [f"{f.title}, {number(f.count)} ×" + (" (tolerated)" if f.tolerated else "")]
    if field := facts.field_of(f):
        said[0] += f" in {field}"
    place: dict[str, str | int] = {}
    if f.samples:
        sample = f.samples[0]
        said.append(facts.message(sample))
        location = sample.location
        if location.file is not None:
            place["file"] = location.file
        if location.line is not None and location.file is not None:
            place["line"] = location.line
            if location.column is not None:
                place["col"] = location.column
    if f.hint:
        said.append(f"Mend: {f.hint}")
    return command(level, *said, **place, title=f.code)


def command(name: str, *lines: str, **properties: str | int) -> str:
    """One workflow command; nothing in its texts can end it or start another."""
    given = ",".join(f"{key}={_property(inert(value))}" for key, value in properties.items())
    return f"::{name} {given}::" + "%0A".join(_data(inert(line)) for line in lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
