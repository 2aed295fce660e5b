"""Codes are switched off one by one: a family under ``severity`` has no effect, as lint says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from potable.engine.definition.parse import from_mapping
from potable.engine.lint import lint_source
from potable.engine.pipeline import RunOptions, run_source
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
def test_a_family_under_severity_changes_nothing(tmp_path: Path, family: str) -> None:
    everything = found(tmp_path, {})
    assert {"text/whitespace", "spreadsheet/error-value", "keys/duplicate", "dates/future"} <= everything
    assert found(tmp_path, {family: "off"}) == everything


def test_lint_says_so(tmp_path: Path) -> None:
    source = from_mapping(
        {"resourceID": "t", "ingestMethod": "CSV", "ingestURL": "data.csv", "severity": {"text": "off"}},
        folder=tmp_path,
    )
    (said,) = [o for o in lint_source(source, load_plugins()) if o.code == "definition/unknown-code"]
    assert said.hint == "To switch the whole checker off write checks: {text: off}."


def test_a_code_is_switched_off(tmp_path: Path) -> None:
    assert found(tmp_path, {"text/whitespace": "off"}) == found(tmp_path, {}) - {"text/whitespace"}
