"""SARIF, JUnit, Markdown and workflow annotations: right by their specifications, inert whatever the data."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from potable.engine.contracts.report import Report
from potable.engine.reporting import REPORTERS
from potable.engine.reporting.github import GithubReporter
from potable.engine.reporting.junit import JunitReporter
from potable.engine.reporting.markdown import MarkdownReporter, code, escape
from potable.engine.reporting.sarif import SarifReporter


def test_each_format_has_a_name_of_its_own() -> None:
    assert [r.name for r in REPORTERS] == ["text", "json", "html", "sarif", "junit", "markdown", "github"]


def sarif_run(report: Report) -> dict[str, Any]:
    log = json.loads(SarifReporter().render(report))
    assert log["version"] == "2.1.0"
    [run] = log["runs"]
    return dict(run)


def test_sarif_results(usual: Report) -> None:
    run = sarif_run(usual)
    assert [(r["ruleId"], r["level"], r["occurrenceCount"]) for r in run["results"]] == [
        ("keys/duplicate", "error", 1204),
        ("schema/enum", "error", 1),
        ("text/whitespace", "warning", 1),
    ]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[r["ruleIndex"]]["id"] == r["ruleId"] for r in run["results"])
    enum = run["results"][1]
    assert enum["message"]["text"] == 'Value outside the list: "." is not one of MALE, FEMALE'
    assert enum["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "penguins.csv"},
        "region": {"startLine": 338},
    }
    assert enum["locations"][0]["properties"] == {"record": 337, "key": "N38A2"}
    assert [r["id"] for r in run["results"][0]["relatedLocations"]] == list(range(1, 20))
    assert run["invocations"][0]["executionSuccessful"] is True
    assert run["invocations"][0]["toolExecutionNotifications"][0] == {
        "level": "error",
        "message": {"text": "Crashed: mylab: ZeroDivisionError: division by zero, at record 12"},
    }


def test_sarif_knows_inconclusive_and_tolerated(usual: Report) -> None:
    tolerated = tuple(dataclasses.replace(f, tolerated=f.code == "schema/enum") for f in usual.findings)
    run = sarif_run(dataclasses.replace(usual, verdict="inconclusive", findings=tolerated))
    assert run["invocations"][0]["executionSuccessful"] is False
    assert [("suppressions" in r) for r in run["results"]] == [False, True, False]


def test_sarif_makes_no_link_of_data(usual: Report) -> None:
    f = usual.findings[1]
    evil = dataclasses.replace(f, samples=(dataclasses.replace(f.samples[0], message="[x](http://evil.example)"),))
    [result] = sarif_run(dataclasses.replace(usual, findings=(evil,)))["results"]
    assert "](" not in result["message"]["text"]


def test_sarif_addresses_are_uri_references(hostile: Report) -> None:
    [result] = sarif_run(hostile)["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert re.fullmatch(r"[A-Za-z0-9%/._~-]+", uri)


def test_junit_cases(usual: Report) -> None:
    root = ET.fromstring(JunitReporter().render(usual))
    [suite] = root.findall("testsuite")
    cases = {(c.get("classname"), c.get("name")): c for c in suite.findall("testcase")}
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors"), suite.get("skipped")) == (
        "11", "3", "1", "3",
    )  # fmt: skip
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("11", "3", "1")
    failure = cases["keys", "keys/duplicate $.'Individual ID'"].find("failure")
    assert failure is not None
    assert failure.get("message") == "Key used by several records, 1,204 ×"
    assert str(failure.text).splitlines()[0] == 'penguins.csv:10: "N1A1" is the key of record 1 (line 2) as well'
    assert str(failure.text).splitlines()[20] == "… 1,184 more"
    assert cases["text", "text/whitespace $.'Clutch Completion'"].find("system-out") is not None
    crashed = cases["mylab", "mylab"].find("error")
    assert crashed is not None
    assert crashed.get("type") == "crashed"
    assert cases["verdict", "FAILED"].find("failure") is not None


def test_junit_inconclusive_is_an_error_and_no_failure(clean: Report) -> None:
    report = dataclasses.replace(clean, verdict="inconclusive", why=("It can't be had.",))
    [suite] = ET.fromstring(JunitReporter().render(report)).findall("testsuite")
    assert (suite.get("failures"), suite.get("errors")) == ("0", "1")
    told = suite.find("testcase[@classname='verdict']/error")
    assert told is not None
    assert told.get("message") == "It can't be had."


def test_junit_of_several_adds_up(clean: Report, usual: Report) -> None:
    root = ET.fromstring(JunitReporter().render_all([clean, usual]))
    assert [s.get("tests") for s in root] == ["2", "11"]
    assert root.get("tests") == "13"


@pytest.mark.parametrize("reporter", [JunitReporter, SarifReporter])
def test_structured_formats_stay_well_formed(reporter: Any, hostile: Report) -> None:
    text = reporter().render(hostile)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text.replace("\n", ""))
    if reporter is JunitReporter:
        [suite] = ET.fromstring(text).findall("testsuite")
        assert suite.get("tests") == "3"
    else:
        json.loads(text)


def test_annotations(usual: Report) -> None:
    assert GithubReporter().render(usual).splitlines() == [
        "::error file=penguins.csv,line=10,title=keys/duplicate::Key used by several records, 1,204 × in "
        "$.'Individual ID'%0A\"N1A1\" is the key of record 1 (line 2) as well%0AMend: Give each record a key of its "
        "own, or name further fields in primaryKey.",
        '::error file=penguins.csv,line=338,title=schema/enum::Value outside the list, 1 × in $.Sex%0A"." is not one '
        "of MALE, FEMALE%0AMend: Correct the value, or add it to the field's enum.",
        "::warning file=penguins.csv,line=13,title=text/whitespace::Surplus whitespace, 1 × in $.'Clutch "
        "Completion'%0A' Yes' begins with a blank%0AMend: Remove the blanks around the value.",
        "::warning title=Potable%3A crashed::mylab: ZeroDivisionError: division by zero, at record 12",
        "::notice title=Potable%3A not checked::rules: no QC rules declared",
        "::notice title=Potable%3A not checked::links, numbers: off by default",
        "::error title=Potable%3A FAILED::Palmer penguins: 1,205 errors, 1 warning in 12,344 records. 1,205 errors "
        "stand, and errPerc isn't set: no error is tolerated.",
    ]


def test_data_starts_no_workflow_command(hostile: Report) -> None:
    lines = GithubReporter().render(hostile).splitlines()
    assert len(lines) == 3
    properties = re.match(r"::error file=([^,]*),line=2,title=([^,]*?)::", lines[0])
    assert properties
    assert ":" not in properties[1]
    percent = dataclasses.replace(hostile, why=("100%0A::error::x",))
    assert "100%250A" in GithubReporter().render(percent)


def test_markdown(usual: Report) -> None:
    text = MarkdownReporter().render(usual)
    assert text.startswith("## ❌ FAILED: Palmer penguins\n\n**1,205 errors, 1 warning in 12,344 records**\n")
    row = "| 1,204 | `keys/duplicate` | `$.'Individual ID'` | Key used by several records | Give each record a key "
    assert row in text
    assert '  - `penguins.csv:338`, record 337, `N38A2`: "." is not one of MALE, FEMALE\n' in text
    assert "- `mylab`: **crashed**\\: ZeroDivisionError".replace("\\:", ":") in text


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("<b>", r"\<b\>"),
        ("[x](http://y)", r"\[x\]\(http\://y\)"),
        ("a|b", r"a\|b"),
        ("&lt;", "&amp;lt;"),
        ("ask @someone", "ask @<!-- -->someone"),
        ("www.example.org", "<!-- -->www.example.org"),
        ("1. item", r"1\. item"),
        ("see #12", r"see \#12"),
        ("two\nlines", r"two\\nlines"),
    ],
)
def test_markdown_text_is_text(raw: str, shown: str) -> None:
    assert escape(raw) == shown


def test_markdown_code_spans_hold_backticks() -> None:
    assert code("a`b``c") == "```a`b``c```"
    assert code("`a") == "`` `a ``"
    assert code("a|b", cell=True) == r"`a\|b`"
    assert code("") == ""
