"""What readers can't use of a definition: told without the data, and in a run once."""

from __future__ import annotations

from pathlib import Path

import pytest

from potable.engine import Engine
from potable.engine.catalog import open_catalog
from potable.engine.lint import lint_catalog
from potable.engine.plugins import load_plugins

HEAD = "resourceID: LAB-cells-1\ningestURL: a.csv\n"


def lint(folder: Path) -> list[tuple[str, int | None, str | None]]:
    found = lint_catalog(open_catalog(folder), load_plugins())
    return [(o.code, o.location.line, o.location.path) for _, o in found]


@pytest.mark.parametrize("method", ["CSV", "TSV", "JSON", "JSONL", "XML\ndocumentElement: a", "RSS"])
def test_an_encoding_that_no_one_knows_is_told_by_lint_and_once_in_a_run(tmp_path: Path, method: str) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    text = f"{HEAD}ingestMethod: {method}\nencoding: utf-9\n"
    (tmp_path / "a.yaml").write_text(text)
    expected = ("definition/bad-value", text.count("\n"), "/encoding")
    assert lint(tmp_path) == [expected]
    report = Engine(catalog=tmp_path).run("LAB-cells-1")
    (found,) = [f for f in report.findings if f.code == "definition/bad-value"]
    assert (found.count, report.verdict) == (1, "inconclusive")
    assert found.samples[0].message.startswith("encoding is 'utf-9'; it must be a known encoding, as utf-8, ")


@pytest.mark.parametrize(
    ("method", "parameter", "path"),
    [
        ("CSV", 'delimiter: "\\n"', "/delimiter"),
        ("CSV", "textQuote: ''''''", "/textQuote"),
        ("CSV", "escapeCharacter: ab", "/escapeCharacter"),
        ("TSV", "headerLine: -1", "/headerLine"),
        ("CSV", "ignoreLines: many", "/ignoreLines"),
        ("EXCEL", "sheet: 1.5", "/sheet"),
        ("EXCEL", "headerLine: first", "/headerLine"),
    ],
)
def test_a_parameter_that_a_reader_cannot_take_is_told_by_lint(
    tmp_path: Path, method: str, parameter: str, path: str
) -> None:
    (tmp_path / "a.yaml").write_text(f"{HEAD}ingestMethod: {method}\n{parameter}\n")
    assert lint(tmp_path) == [("definition/bad-value", 4, path)]


def test_parameters_that_are_right_are_not_told(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        f"{HEAD}ingestMethod: CSV\nencoding: latin-1\ndelimiter: tab\nheaderLine: '2'\nescapeCharacter: '\\'\n"
    )
    assert lint(tmp_path) == []
