"""What all renderers say alike of a report: its verdict in words, places, the order of findings, gaps."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from potable.engine.contracts.report import UNNAMED, Report, Verdict
from potable.engine.findings import Finding, Location, Sample, Severity
from potable.engine.judging.coverage import NOT_CHECKED, NOT_IN_REPORT, OF_THE_DATA
from potable.engine.reporting.inert import inert
from potable.engine.reporting.layout import few, many, number

CRASHED = "crashed"
_UNMADE = {"refused": "REFUSED", "error": "ENGINE ERROR", "cancelled": "CANCELLED"}


def unmade(report: Report) -> bool:
    """Whether it only holds the place of a source that there's no report of."""
    return report.run.state != "finished"


def verdict(report: Report) -> str:
    """The verdict as people see it: ``PASSED``, ``PASSED (sample)``, ``FAILED``, ``INCONCLUSIVE``,
    ``PASSED (but --fail-on warning)``; where there's none ``REFUSED``, ``ENGINE ERROR`` or ``CANCELLED``.
    """
    if unmade(report):
        return _UNMADE[report.run.state]
    word = report.verdict.upper()
    told = ["sample"] if report.passed and report.source.sample else []
    if fails_by_warnings(report):
        told.append("but --fail-on warning")
    return f"{word} ({', '.join(told)})" if told else word


def fails_by_warnings(report: Report) -> bool:
    """Whether it passed, and whoever shows it takes its warnings as failing (``--fail-on warning``)."""
    return report.passed and report.fail_on == "warning" and report.counts.warnings > 0


def outcome(report: Report) -> Verdict:
    """What it is marked as: its verdict, or ``failed`` where its warnings make it fail."""
    return "failed" if fails_by_warnings(report) else report.verdict


def subject(report: Report) -> str:
    """The source's name, else its identifier, else its URL."""
    return report.source.name or report.run.resource_id or report.source.ingest_url or "source"


def listed(report: Report) -> str:
    """What a source is called among others: as commands and calls name it."""
    given = report.run.resource_id
    return subject(report) if given in ("", UNNAMED) else given


def identifier(report: Report) -> str:
    """The resourceID where it tells more than the name; "" for data checked without a definition."""
    given = report.run.resource_id
    if given == subject(report) or (given == UNNAMED and not report.source.definition.get("file")):
        return ""
    return given


def codes(report: Report) -> str:
    """The first codes of the errors and warnings, and how many more there are; "" without any."""
    told = [f.code for f in report.findings if f.severity is not Severity.INFO]
    return inert(few(list(dict.fromkeys(told))))


def tally(words: Iterable[str]) -> dict[str, int]:
    """How often each word occurs, the most frequent first."""
    count = Counter(words)
    return {word: count[word] for word in sorted(count, key=lambda w: (-count[w], w))}


def totals(report: Report) -> str:
    """What was found in how many records, in one clause: ``3 errors (1 tolerated), 1 warning in 1,200 records``."""
    if unmade(report):
        return "no report"
    c = report.counts
    found = [
        many(count, noun) for count, noun in ((c.errors, "error"), (c.warnings, "warning"), (c.infos, "note")) if count
    ]
    if spared := tolerated(report.findings):
        found[0] += " (tolerated)" if spared == c.errors else f" ({number(spared)} tolerated)"
    said = ", ".join(found) or "nothing found"
    if not c.records and report.verdict != "inconclusive":  # which a run without records is: here no data were meant
        return said
    return f"{said} in {many(c.records, 'record')}"


def tolerated(findings: Iterable[Finding]) -> int:
    """How many error occurrences are tolerated."""
    return sum(f.count for f in findings if f.tolerated and f.severity is Severity.ERROR)


def of_severity(report: Report, severity: Severity) -> list[Finding]:
    """The findings of a severity, the weightiest first: not tolerated, faults of files, what has no place in them (the
    comparisons with earlier runs, which a fault of a file may explain), those of records; then by count.
    """

    def weight(f: Finding) -> tuple[bool, int, int, str, str, str]:
        rank = 1
        for at in (s.location for s in f.samples):
            if at.record is not None:
                rank = 2
                break
            if at.file is not None or at.url is not None:
                rank = 0
        return f.tolerated, rank, -f.count, f.code, f.field or "", f.rule or ""

    return sorted((f for f in report.findings if f.severity is severity), key=weight)


@dataclass(frozen=True, slots=True)
class Kind:
    """All findings of a code with one severity.

    :param count: their occurrences.
    :param findings: the weightiest first.
    """

    code: str
    title: str
    severity: Severity
    count: int
    findings: tuple[Finding, ...]


def kinds(report: Report) -> list[Kind]:
    """The findings by code: errors before warnings before notes, in each the kind of the weightiest finding first."""
    groups: dict[tuple[Severity, str], list[Finding]] = {}
    for severity in Severity:
        for f in of_severity(report, severity):
            groups.setdefault((severity, f.code), []).append(f)
    return [
        Kind(code, of[0].title or code, severity, sum(f.count for f in of), tuple(of))
        for (severity, code), of in groups.items()
    ]


def field_of(finding: Finding) -> str:
    """The field, or all fields of a finding about several; "" for none."""
    return finding.field if finding.field is not None and len(finding.fields) < 2 else ", ".join(finding.fields)


def place(location: Location) -> str:
    """``file:line:column``, as editors take it; the byte or URL where there is no line; "" for none."""
    text = location.file or location.url or ""
    if location.line is not None:
        text = f"{text}:{location.line}" if text else f"line {location.line}"
        if location.column is not None:
            text += f":{location.column}"
    elif location.byte is not None:
        text = f"{text} byte {number(location.byte)}".strip()
    return text


def message(sample: Sample) -> str:
    """What is wrong there; with the value where the message doesn't quote it."""
    value = (sample.value or "").removesuffix("…")
    if not value or _quotes(sample.message, value):
        return sample.message
    return f'{sample.message.rstrip(".")}: "{sample.value}"'


def _quotes(text: str, value: str) -> bool:
    """Whether ``value`` stands in ``text``: short ones as a word, mere signs between quotation marks, others also with
    odd characters spelt out.
    """
    if len(value) > 2:
        return value in text or repr(value)[1:-1] in text
    is_word = any(c.isalnum() for c in value)
    before, after = (r"(?<!\w)", r"(?!\w)") if is_word else ("[\"'`‘“«]", "[\"'`’”»]")
    return re.search(before + re.escape(value) + after, text) is not None


_IN_PART = "in part: "
_FIRST = (*OF_THE_DATA, _IN_PART, NOT_IN_REPORT)
"""Reasons that stand above others: they lie in the data or in the checkers, not in what the definition asks for."""


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A group of checks that weren't made, or not wholly, for one reason.

    :param names: checkers, or codes where only a part of a checker's codes is meant.
    :param reason: why.
    :param crashed: True where a checker broke, False where it was skipped.
    """

    names: tuple[str, ...]
    reason: str
    crashed: bool


def unchecked(report: Report) -> list[Unchecked]:
    """What was not checked and why, equal reasons together: crashes first, then what lies in the data. What a checker
    that did its work couldn't look at, or the report has no room for, is among it.
    """
    ran = checked(report)
    groups: dict[tuple[bool, str], list[str]] = {}
    for line in report.coverage:
        if line.status == "ran":
            if line.reason:
                said = line.reason.replace(NOT_CHECKED, _IN_PART, 1)
                groups.setdefault((False, said), []).append(line.checker)
            continue
        partly = line.checker in ran and line.codes
        names = line.codes if partly else (line.checker,)
        known = groups.setdefault((line.status == CRASHED, line.reason), [])
        known += [n for n in names if n not in known]
    return [
        Unchecked(tuple(names), reason or "no reason given", crashed)
        for (crashed, reason), names in sorted(
            groups.items(), key=lambda g: (not g[0][0], not any(words in g[0][1] for words in _FIRST))
        )
    ]


def checked(report: Report) -> list[str]:
    """Names of the checkers that ran, each once, in the report's order; not of one that was skipped with all its codes,
    as what compares with earlier runs is in the first one.
    """
    skipped = {c.checker for c in report.coverage if c.status == "skipped"}
    return list(dict.fromkeys(
        c.checker for c in report.coverage if c.status == "ran" and (c.codes or c.checker not in skipped)
    ))  # fmt: skip


def details(finding: Finding) -> str:
    """A finding's short further facts: ``keys 12, records 31``; "" for none, and for those of a single fault that its
    message and hint tell already.
    """
    facts = {
        inert(name): number(value) if isinstance(value, int) else inert(value)
        for name, value in finding.details.items()
        if isinstance(value, (int, str)) and not isinstance(value, bool) and 0 < len(str(value)) <= 40
    }
    if finding.count == 1:
        said = inert(" ".join((finding.hint or "", *(s.message for s in finding.samples)))).casefold()
        words = set(re.split(r"\W+", said))
        if all(fact.casefold() in (words if fact.isalnum() else said) for fact in facts.values()):
            return ""
    return ", ".join([f"{name} {fact}" for name, fact in facts.items()][:4])
