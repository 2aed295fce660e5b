"""JUnit XML, as continuous integration servers read it: a suite for each source, a case for each check and finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from potable.engine.contracts.report import Report
from potable.engine.findings import Finding, Severity
from potable.engine.reporting import facts
from potable.engine.reporting.inert import inert
from potable.engine.reporting.layout import number


def document(reports: Sequence[Report]) -> str:
    """A document with a suite for each report."""
    root = ET.Element("testsuites", name="potable")
    suites = [_suite(root, report) for report in reports]
    for figure in ("tests", "failures", "errors"):
        root.set(figure, str(sum(int(s.get(figure, "0")) for s in suites)))
    root.set("time", f"{sum(r.run.seconds for r in reports):.3f}")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(root: ET.Element, report: Report) -> ET.Element:
    source = inert(report.run.resource_id or facts.subject(report))
    suite = ET.SubElement(root, "testsuite", name=source)
    suite.set("timestamp", inert(report.run.started[:19]))
    suite.set("time", f"{report.run.seconds:.3f}")
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("runID", report.run.run_id), ("verdict", report.verdict), ("records", report.counts.records),
        ("errors", report.counts.errors), ("warnings", report.counts.warnings),
        ("version", report.engine.get("version", "")),
    ):  # fmt: skip
        ET.SubElement(properties, "property", name=name, value=inert(value))
    checkers = Counter(line.checker for line in report.coverage)
    for line in report.coverage:
        part = ", ".join(line.codes) if checkers[line.checker] > 1 else ""
        case = _case(suite, line.checker, part or line.checker, line.seconds)
        if line.status == "skipped":
            ET.SubElement(case, "skipped", message=inert(line.reason))
        elif line.status == "crashed":
            ET.SubElement(case, "error", type="crashed", message=inert(line.reason))
    for severity in Severity:
        for f in facts.of_severity(report, severity):
            _finding(suite, f, fails=_fails(report, f))
    _verdict(suite, report)
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    for figure, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(figure, str(sum(case.find(tag) is not None for case in cases)))
    return suite


def _case(suite: ET.Element, group: str, name: str, seconds: float = 0.0) -> ET.Element:
    named = f"{suite.get('name')}.{inert(group)}"
    return ET.SubElement(suite, "testcase", classname=named, name=inert(name), time=f"{seconds:.3f}")


def _fails(report: Report, f: Finding) -> bool:
    severities = (Severity.ERROR, Severity.WARNING) if report.fail_on == "warning" else (Severity.ERROR,)
    return f.severity in severities and not f.tolerated


def _finding(suite: ET.Element, f: Finding, *, fails: bool) -> None:
    name = " ".join(x for x in (f.code, facts.field_of(f), f.rule and f"[{f.rule}]") if x)
    case = _case(suite, f.checker, name)
    headline = f"{f.title}, {number(f.count)} ×" + (" (tolerated)" if f.tolerated else "")
    places = [": ".join(inert(x) for x in (facts.place(s.location), facts.message(s)) if x) for s in f.samples]
    if f.count > len(places):
        places.append(f"… {number(f.count - len(places))} more")
    text = "\n".join([*places, f"Mend: {inert(f.hint)}"] if f.hint else places)
    if fails:
        ET.SubElement(case, "failure", type=inert(f.code), message=inert(headline)).text = text
    else:
        ET.SubElement(case, "system-out").text = f"{f.severity.value}: {inert(headline)}\n{text}"


def _verdict(suite: ET.Element, report: Report) -> None:
    case = _case(suite, "verdict", "verdict")
    told = inert(f"{facts.verdict(report)}: {' '.join(report.why) or facts.totals(report)}")
    if facts.outcome(report) == "failed":
        kind = "warnings" if facts.fails_by_warnings(report) else "failed"
        ET.SubElement(case, "failure", type=kind, message=told)
    elif report.verdict == "inconclusive":
        kind = report.run.state if facts.unmade(report) else "inconclusive"
        ET.SubElement(case, "error", type=kind, message=told)
    else:
        ET.SubElement(case, "system-out").text = told
