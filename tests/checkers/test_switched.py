"""Codes are switched off one by one, or by family."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from potable.engine.definition.parse import from_mapping
from potable.engine.lint import lint_source
from potable.engine.options import RunOptions
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins

DATA = "id,name,note,when,mail\n" + "".join(
    f"{n},{name},{note},{when},{mail}\n"
    for n, (name, note, when, mail) in enumerate(
        [("2-Sep", " x", "2024-01-01", "a@b.org"), ("TP53", "#REF!", "2024-01-02", "b@b.org")]
        + [("BRCA1", "y\u200b", "2999-01-03", "c@b.org"), ("BRCA1", "N/A", "2024-01-03", "c@b.org")] * 3
    )
)


def found(folder: Path, severity: dict[str, Any]) -> set[str]:
    (folder / "data.csv").write_text(DATA)
    source = from_mapping(
        {"resourceID": "t", "ingestMethod": "CSV", "ingestURL": "data.csv", "primaryKey": "name", "severity": severity},
        folder=folder,
    )
    report = run_source(source, load_plugins(), RunOptions(scratch=folder))
    return {f.code for f in report.findings if not f.code.startswith("definition/")}


@pytest.mark.parametrize("family", ["text", "spreadsheet", "rows", "identifiers", "keys", "numbers", "dates"])
def test_a_family_is_switched_off(tmp_path: Path, family: str) -> None:
    everything = found(tmp_path, {})
    assert {"text/whitespace", "spreadsheet/error-value", "keys/duplicate", "dates/future"} <= everything
    left = found(tmp_path, {family: "off"})
    assert not {code for code in left if code.startswith(f"{family}/")}
    assert left >= {code for code in everything if not code.startswith(f"{family}/")}


def test_what_is_said_of_a_code_counts_before_its_family(tmp_path: Path) -> None:
    said = {"text": "off", "text/whitespace": "error"}
    assert {code for code in found(tmp_path, said) if code.startswith("text/")} == {"text/whitespace"}
    by_field = {"text": {"$.note": "off"}, "text/whitespace": {"$.name": "off"}}
    assert not {code for code in found(tmp_path, by_field) if code.startswith("text/")}
    assert "text/whitespace" in found(tmp_path, {"text": {"$.name": "off"}})


def test_a_family_has_a_severity(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("id,name\n1, x\n1,y\n")
    members = {"resourceID": "t", "ingestMethod": "CSV", "ingestURL": "data.csv", "primaryKey": "id"}
    source = from_mapping({**members, "severity": {"keys": "warning", "text": "error"}}, folder=tmp_path)
    report = run_source(source, load_plugins(), RunOptions(scratch=tmp_path))
    told = {f.code: f.severity.value for f in report.findings}
    assert told == {"keys/duplicate": "warning", "text/whitespace": "error"}, "what is off by default stays off"


def test_what_could_not_be_read_stays_said(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("id,name\n")
    members = {"resourceID": "t", "ingestMethod": "CSV", "ingestURL": "data.csv", "severity": {"csv": "off"}}
    report = run_source(from_mapping(members, folder=tmp_path), load_plugins(), RunOptions(scratch=tmp_path))
    assert (report.verdict, [f.code for f in report.findings]) == ("inconclusive", ["csv/no-records"])


@pytest.mark.parametrize("family", ["text", "csv", "encoding", "definition"])
def test_lint_takes_families(tmp_path: Path, family: str) -> None:
    source = from_mapping(
        {"resourceID": "t", "ingestMethod": "CSV", "ingestURL": "data.csv", "severity": {family: "warning"}},
        folder=tmp_path,
    )
    assert "definition/unknown-code" not in {o.code for o in lint_source(source, load_plugins())}


def test_lint_tells_a_misspelt_family(tmp_path: Path) -> None:
    source = from_mapping(
        {"resourceID": "t", "ingestMethod": "CSV", "ingestURL": "data.csv", "severity": {"txet": "off"}},
        folder=tmp_path,
    )
    (said,) = [o for o in lint_source(source, load_plugins()) if o.code == "definition/unknown-code"]
    assert said.hint == "Did you mean text?"


def test_a_code_is_switched_off(tmp_path: Path) -> None:
    assert found(tmp_path, {"text/whitespace": "off"}) == found(tmp_path, {}) - {"text/whitespace"}


RULES: dict[str, Callable[[str], dict[str, Any]]] = {
    "severity": lambda path: {"severity": {"text": {path: "off"}}},
    "except": lambda path: {"checks": {"text": {"except": [path]}}},
}


@pytest.mark.parametrize("left_out", ["$.t", "$.t[*]", "t"])
@pytest.mark.parametrize("by", RULES)
def test_a_list_is_left_alone_with_its_items(tmp_path: Path, left_out: str, by: str) -> None:
    (tmp_path / "data.json").write_text('[{"t": [" x", "y"], "u": "z "}]')
    rule = RULES[by](left_out)
    assert left(tmp_path, {"ingestMethod": "JSON", "ingestURL": "data.json", **rule}) == [("text/whitespace", "$.u")]


@pytest.mark.parametrize("left_out", ["$.s.t", "$.s.t.'_$'"])
@pytest.mark.parametrize("by", RULES)
def test_an_element_is_left_alone_with_its_text(tmp_path: Path, left_out: str, by: str) -> None:
    (tmp_path / "data.xml").write_text("<l><s><t>a  b</t><u>c  d</u></s></l>")
    rule = RULES[by](left_out)
    members = {"ingestMethod": "XML", "documentElement": "s", "ingestURL": "data.xml", **rule}
    assert left(tmp_path, members) == [("text/whitespace", "$.s.u.'_$'")]


def left(folder: Path, members: dict[str, Any]) -> list[tuple[str, str | None]]:
    source = from_mapping({"resourceID": "t", **members}, folder=folder)
    return [(f.code, f.field) for f in run_source(source, load_plugins(), RunOptions(scratch=folder)).findings]
