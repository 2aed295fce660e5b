"""SARIF, JUnit, Markdown and workflow annotations: right by their specifications, inert whatever the data."""

from __future__ import annotations

import dataclasses
import json
import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from potable.engine.contracts.report import Counts, Report, schema
from potable.engine.findings import Severity
from potable.engine.reporting import REPORTERS
from potable.engine.reporting.formats import GithubReporter, JunitReporter, MarkdownReporter, SarifReporter
from potable.engine.reporting.markdown import code, escape
from potable.engine.reporting.places import Rooted
from potable.engine.reporting.text import TextReporter

from .conftest import sample


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


def test_sarif_of_several_is_one_run(usual: Report, clean: Report) -> None:
    """A host takes twenty runs in a log, and none of the same category."""
    reports = [usual, clean, unmade(clean)] + [usual] * 40
    [run] = json.loads(SarifReporter().render_all(reports))["runs"]
    assert "automationDetails" not in run
    assert [i["executionSuccessful"] for i in run["invocations"]][:4] == [True, True, False, True]
    assert run["invocations"][2]["properties"]["why"] == ["penguins is on hold"]
    assert [i["properties"]["verdict"] for i in run["invocations"]][:2] == ["failed", "passed"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert sorted(rules) == ["keys/duplicate", "schema/enum", "text/whitespace"]
    assert [r["provenance"]["invocationIndex"] for r in run["results"]][:5] == [0, 0, 0, 3, 3]
    assert all(rules[r["ruleIndex"]] == r["ruleId"] for r in run["results"])


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
    failure = cases["penguins.keys", "keys/duplicate $.'Individual ID'"].find("failure")
    assert failure is not None
    assert failure.get("message") == "Key used by several records, 1,204 ×"
    assert str(failure.text).splitlines()[0] == 'penguins.csv:10: "N1A1" is the key of record 1 (line 2) as well'
    assert str(failure.text).splitlines()[20] == "… 1,184 more"
    assert cases["penguins.text", "text/whitespace $.'Clutch Completion'"].find("system-out") is not None
    crashed = cases["penguins.mylab", "mylab"].find("error")
    assert crashed is not None
    assert crashed.get("type") == "crashed"
    assert cases["penguins.verdict", "verdict"].find("failure") is not None


def test_junit_inconclusive_is_an_error_and_no_failure(clean: Report) -> None:
    report = dataclasses.replace(clean, verdict="inconclusive", why=("It can't be had.",))
    [suite] = ET.fromstring(JunitReporter().render(report)).findall("testsuite")
    assert (suite.get("failures"), suite.get("errors")) == ("0", "1")
    told = suite.find("testcase[@classname='penguins.verdict']/error")
    assert told is not None
    assert told.get("message") == "INCONCLUSIVE: It can't be had."


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
        "::error title=Potable%3A FAILED::Palmer penguins: 1,205 errors, 1 warning in 12,344 records. 1,205 errors "
        "stand, and errPerc isn't set: no error is tolerated.",
        "::error file=penguins.csv,line=10,title=keys/duplicate::Key used by several records, 1,204 × in "
        "$.'Individual ID'%0A\"N1A1\" is the key of record 1 (line 2) as well%0AMend: Give each record a key of its "
        "own, or name further fields in primaryKey.",
        '::error file=penguins.csv,line=338,title=schema/enum::Value outside the list, 1 × in $.Sex%0A"." is not one '
        "of MALE, FEMALE%0AMend: Correct the value, or add it to the field's enum.",
        "::warning title=Potable%3A crashed::mylab: ZeroDivisionError: division by zero, at record 12",
        "::warning file=penguins.csv,line=13,title=text/whitespace::Surplus whitespace, 1 × in $.'Clutch "
        "Completion'%0A' Yes' begins with a blank%0AMend: Remove the blanks around the value.",
        "::notice title=Potable%3A not checked in Palmer penguins::rules: no QC rules declared%0Alinks, numbers: off "
        "by default",
    ]


def test_data_starts_no_workflow_command(hostile: Report) -> None:
    lines = GithubReporter().render(hostile).splitlines()
    assert len(lines) == 3
    properties = re.match(r"::error file=([^,]*),line=2,title=([^,]*?)::", lines[1])
    assert properties
    assert ":" not in properties[1]
    percent = dataclasses.replace(hostile, why=("100%0A::error::x",))
    assert "100%250A" in GithubReporter().render(percent)


def crowd(usual: Report, name: str, severities: str) -> Report:
    """A source of that name with a finding for each letter: e, w, i."""
    words = {"e": Severity.ERROR, "w": Severity.WARNING, "i": Severity.INFO}
    f = usual.findings[1]
    found = tuple(dataclasses.replace(f, code=f"{name}/{n:02}", severity=words[s]) for n, s in enumerate(severities))
    run = dataclasses.replace(usual.run, resource_id=name)
    source = dataclasses.replace(usual.source, name=name)
    return dataclasses.replace(usual, run=run, source=source, findings=found, coverage=())


def test_annotations_that_github_would_not_show_are_lines_of_the_log(usual: Report) -> None:
    lines = GithubReporter().render(crowd(usual, "a", "e" * 12 + "w" * 10 + "i" * 11)).splitlines()
    levels = [line.split(" ")[0].strip(":") for line in lines if not line.startswith("::group")]
    assert levels[:30] == ["error"] * 10 + ["warning"] * 10 + ["notice"] * 10
    assert lines[30] == "::group::Potable: 4 more: GitHub shows 10 annotations of each level"
    assert lines[31].startswith("error: penguins.csv:338: a/09: Value outside the list, 1 × in $.Sex; ")
    assert [line.split(":")[0] for line in lines[31:35]] == ["error", "error", "error", "notice"]
    assert lines[35:] == ["::endgroup::"]


def test_sources_take_turns_in_annotations(usual: Report) -> None:
    reports = [crowd(usual, "a", "e" * 20), crowd(usual, "b", "we"), crowd(usual, "c", "ee")]
    lines = GithubReporter().render_all(reports).splitlines()
    assert lines[0].startswith("::error title=Potable%3A 3 FAILED::a: FAILED, ")
    assert re.findall(r"title=([^:]*)::", "".join(lines[1:11])) == [
        "a/00", "b/01", "c/00", "a/01", "c/01", "a/02", "a/03", "a/04", "a/05", "b/00",
    ]  # fmt: skip
    assert lines[11] == "::group::Potable: 14 more: GitHub shows 10 annotations of each level"


def test_annotations_of_no_source_and_of_many() -> None:
    assert GithubReporter().render_all([]) == "::notice title=Potable%3A no source was run::\n"


def test_what_is_left_of_annotations_is_no_command_either(usual: Report) -> None:
    evil = dataclasses.replace(usual.findings[1].samples[0], message="##[add-path]/evil\n::error::x")
    report = crowd(usual, "a", "e" * 12)
    found = tuple(dataclasses.replace(f, title="##[error]", samples=(evil,)) for f in report.findings)
    text = GithubReporter().render(dataclasses.replace(report, findings=found))
    _, _, rest = text.partition("::group::")
    assert "##[" not in rest
    assert rest.splitlines()[-1] == "::endgroup::"
    assert len(rest.splitlines()) == 5


ODD = st.one_of(st.sampled_from("\r\n%:,#[]{}\x1b\u2028\x85"), st.characters())
ATTACKS = ["::error::x", "##[error]", "::endgroup::", "\n::stop-commands::x", "%0A::error::"]
TEXTS = st.text(ODD, max_size=12) | st.sampled_from(ATTACKS)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=6, max_size=6), findings=st.integers(0, 14), sources=st.integers(0, 3))
def test_whatever_the_data_no_line_is_a_command_of_theirs(
    usual: Report, texts: list[str], findings: int, sources: int
) -> None:
    title, message, hint, file, field, name = texts
    f = dataclasses.replace(
        usual.findings[1], title=title, hint=hint, field=field, fields=(field,), rule=None,
        samples=(sample(message, 1, 2, file=file),),
    )  # fmt: skip
    found = tuple(dataclasses.replace(f, code=f"lab/{n}") for n in range(findings))
    source = dataclasses.replace(usual.source, name=name)
    report = dataclasses.replace(usual, findings=found, why=(name,), source=source)
    text = GithubReporter().render_all([report] * sources)
    assert not [c for c in text if unicodedata.category(c) in ("Cc", "Zl", "Zp") and c != "\n"]
    levels = Counter[str]()
    for line in text.split("\n")[:-1]:
        command = re.match(r"::(error|warning|notice) (?:[a-z]+=[^:,]*,?)*::", line)
        if command:
            levels[command[1]] += 1
            continue
        assert "##[" not in line
        assert line.startswith(("::group::Potable: ", "error: ", "warning: ", "notice: ")) or line == "::endgroup::"
    assert not levels or max(levels.values()) <= 10


def test_long_messages_stay_within_what_github_takes(usual: Report) -> None:
    f = usual.findings[1]
    long = dataclasses.replace(f, hint="x" * 9000, samples=(dataclasses.replace(f.samples[0], message="y" * 9000),))
    run = dataclasses.replace(usual.run, resource_id="n" * 9000)
    reports = [dataclasses.replace(usual, findings=(long,), run=run)] * 40
    for line in GithubReporter().render_all(reports).splitlines()[:3]:
        assert len(line.partition("::")[2].partition("::")[2]) <= 4096
    assert "… 33 more sources" in GithubReporter().render_all(reports)


def unmade(clean: Report, state: Any = "refused") -> Report:
    run = dataclasses.replace(clean.run, state=state, run_id="")
    return dataclasses.replace(
        clean, run=run, verdict="inconclusive", why=("penguins is on hold",), counts=Counts(), coverage=(),
        source=dataclasses.replace(clean.source, name="", ingest_method="", ingest_url=None, snapshot=None),
    )  # fmt: skip


def test_a_source_without_a_report_is_no_silence(clean: Report) -> None:
    refused, broken = unmade(clean), unmade(clean, "error")
    [case] = ET.fromstring(JunitReporter().render(refused)).iter("testcase")
    assert (case.get("classname"), case.get("name")) == ("penguins.verdict", "verdict")
    told = case.find("error")
    assert told is not None
    assert (told.get("type"), told.get("message")) == ("refused", "REFUSED: penguins is on hold")
    run = sarif_run(broken)
    assert (run["results"], run["invocations"][0]["executionSuccessful"]) == ([], False)
    assert run["invocations"][0]["toolExecutionNotifications"] == [
        {"level": "error", "message": {"text": "penguins is on hold"}}
    ]
    assert GithubReporter().render(broken) == (
        "::error title=Potable%3A ENGINE ERROR::penguins: no report. penguins is on hold\n"
    )
    several = GithubReporter().render_all([clean, refused, broken]).splitlines()[0]
    assert several.startswith(
        "::error title=Potable%3A 1 ENGINE ERROR%2C 1 REFUSED%2C 1 PASSED::penguins: ENGINE ERROR, penguins is on hold"
    )
    assert MarkdownReporter().render(refused) == (
        "## ⚠️ REFUSED: penguins\n\n**no report**\n- penguins is on hold\n\n| | |\n|---|---|\n| Source | `penguins` |\n"
    )
    assert TextReporter().render(refused) == ("penguins\n\nWHY\n  penguins is on hold\n\n? REFUSED  no report\n")
    data = refused.to_dict()
    assert list(Draft202012Validator(schema()).iter_errors(data)) == []
    assert (data["run"]["state"], "state" in clean.to_dict()["run"]) == ("refused", False)


def test_sarif_names_files_from_the_root(usual: Report, tmp_path: Path) -> None:
    for name in ("cat/penguins.yaml", "cat/penguins.csv", "cat/a b.zip"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    f = usual.findings[1]
    one = f.samples[0]
    places = [
        one.location,
        dataclasses.replace(one.location, file="a b.zip/m.csv"),
        dataclasses.replace(one.location, url="https://example.org/penguins.csv"),
    ]
    samples = tuple(dataclasses.replace(one, location=at) for at in places)
    nowhere = dataclasses.replace(f, code="accounting/shrunk", samples=())
    report = dataclasses.replace(usual, findings=(dataclasses.replace(f, samples=samples), nowhere))
    [run] = json.loads(SarifReporter(Rooted(tmp_path, tmp_path / "cat")).render(report))["runs"]
    assert list(run["originalUriBaseIds"]) == ["%SRCROOT%"]
    # Code hosts refuse a log with a result that has no place, or one that is no file.
    result, other = run["results"] if run["results"][0]["ruleId"] == f.code else run["results"][::-1]
    shown = [result["locations"][0], *result["relatedLocations"], other["locations"][0]]
    assert [at["physicalLocation"] for at in shown] == [
        {"artifactLocation": {"uri": "cat/penguins.csv", "uriBaseId": "%SRCROOT%"}, "region": {"startLine": 338}},
        {"artifactLocation": {"uri": "cat/a%20b.zip", "uriBaseId": "%SRCROOT%"}},
        {"artifactLocation": {"uri": "cat/penguins.yaml", "uriBaseId": "%SRCROOT%"}},
        {"artifactLocation": {"uri": "cat/penguins.yaml", "uriBaseId": "%SRCROOT%"}},
    ]
    assert [at["message"]["text"] for at in shown[1:3]] == [
        'a b.zip/m.csv:338: "." is not one of MALE, FEMALE',
        'penguins.csv:338: "." is not one of MALE, FEMALE',
    ]
    assert shown[2]["properties"] == {
        "record": 337, "key": "N38A2", "url": "https://example.org/penguins.csv", "file": "penguins.csv", "line": 338,
    }  # fmt: skip
    # Without a repository what came from the web keeps its own address.
    remote = dataclasses.replace(usual, findings=(dataclasses.replace(f, samples=samples[2:]),))
    [result] = sarif_run(remote)["results"]
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "https://example.org/penguins.csv"},
        "region": {"startLine": 338},
    }


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
