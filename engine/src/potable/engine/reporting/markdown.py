"""Markdown (GitHub's flavour): for issues, pull requests and job summaries."""

from __future__ import annotations

import re
from collections.abc import Iterator

from potable.engine.contracts.report import Report
from potable.engine.findings import Finding, Severity
from potable.engine.lazyregex import lazy_regex
from potable.engine.reporting import facts
from potable.engine.reporting.inert import inert
from potable.engine.reporting.layout import duration, many, number, when

MOST_FINDINGS = 50
MOST_SAMPLES = 5
_MARKS = {"passed": "✅", "failed": "❌", "inconclusive": "⚠️"}
_HEADINGS = {Severity.ERROR: "Errors", Severity.WARNING: "Warnings", Severity.INFO: "Notes"}
_SPECIAL = lazy_regex(r"[\\`*_{}\[\]()<>#+!|~$=:-]")
_NUMBERED = lazy_regex(r"^(\d+)([.)])")
_LINKABLE = lazy_regex(r"@|(?<![A-Za-z])(?=www\.)", re.IGNORECASE)


def section(report: Report) -> str:
    """A report as a section of level 2 with subsections."""
    return "\n\n".join(_blocks(report)) + "\n"


def _blocks(report: Report) -> Iterator[str]:
    yield f"## {_MARKS[facts.outcome(report)]} {facts.verdict(report)}: {escape(facts.subject(report))}"
    yield f"**{facts.totals(report)}**" + "".join(f"\n- {escape(sentence)}" for sentence in report.why)
    source = report.source
    data = " ".join(filter(None, (source.ingest_method, source.ingest_url)))
    rows = [("Source", report.run.resource_id), ("Data", data)]
    rows += [(who.capitalize(), str(source.info[who])) for who in ("owner", "contact") if source.info.get(who)]
    if source.sample:
        rows.append(("Sample", ", ".join(f"{k} {v}" for k, v in source.sample.items() if v is not None)))
    if report.run.run_id:  # else there was none
        rows += [("Run", f"{when(report.run.started)}, {duration(report.run.seconds)}")]
    if table := "".join(f"\n| {name} | {code(value, cell=True)} |" for name, value in rows if value):
        yield f"| | |\n|---|---|{table}"
    for severity in Severity:
        yield from _findings(report, severity)
    if groups := facts.unchecked(report):
        lines = "".join(
            f"\n- {', '.join(code(n) for n in g.names)}: {'**crashed**: ' if g.crashed else ''}{escape(g.reason)}"
            for g in groups
        )
        yield f"### Not checked\n{lines}"


def _findings(report: Report, severity: Severity) -> Iterator[str]:
    findings = facts.of_severity(report, severity)
    if not findings:
        return
    shown = findings[:MOST_FINDINGS]
    table = "| count | code | field | what | mend |\n|--:|---|---|---|---|"
    for f in shown:
        count = number(f.count) + (" (tolerated)" if f.tolerated else "")
        where = " ".join(code(x, cell=True) for x in (facts.field_of(f), f.rule) if x)
        table += f"\n| {count} | {code(f.code, cell=True)} | {where} | {escape(f.title)} | {escape(f.hint)} |"
    if left := findings[len(shown) :]:
        table += f"\n\n… {many(len(left), 'more finding')}: `--format json` shows all"
    yield f"### {_HEADINGS[severity]}"
    yield table
    yield "<details><summary>Places</summary>"
    yield "\n".join(line for f in shown for line in _places(f)) or "none"
    yield "</details>"


def _places(f: Finding) -> Iterator[str]:
    if not f.samples:
        return
    yield f"- {code(f.code)} {code(facts.field_of(f))}".rstrip()
    for s in f.samples[:MOST_SAMPLES]:
        place = [code(facts.place(s.location))] if facts.place(s.location) else []
        if s.location.record is not None:
            place.append(f"record {number(s.location.record)}")
        if s.key:
            place.append(code(s.key))
        if s.location.path:
            place.append(code(s.location.path))
        yield "  - " + ": ".join(x for x in (", ".join(place), escape(facts.message(s))) if x)
    if f.count > MOST_SAMPLES:
        yield f"  - … {number(f.count - min(len(f.samples), MOST_SAMPLES))} more"


def escape(text: str) -> str:
    """Text of one line that shows as it is, anywhere in Markdown: no markup, list, link, mention or issue number."""
    shown = _SPECIAL.sub(r"\\\g<0>", inert(text).replace("&", "&amp;"))
    shown = _NUMBERED.sub(r"\1\\\2", shown)
    return _LINKABLE.sub(lambda found: f"{found.group()}<!-- -->", shown)


def code(text: str, *, cell: bool = False) -> str:
    """A code span that holds ``text`` whatever backticks are in it; "" for no text.

    :param cell: it stands in a table, where a bar has to be escaped even in code.
    """
    shown = inert(text)
    if not shown:
        return ""
    fence = "`" * (max((len(run) for run in re.findall(r"`+", shown)), default=0) + 1)
    inside = f" {shown} " if shown.startswith("`") or shown.endswith("`") else shown
    span = f"{fence}{inside}{fence}"
    return span.replace("|", "\\|") if cell else span
