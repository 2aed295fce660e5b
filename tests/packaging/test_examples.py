"""The examples do what their descriptions say."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from .conftest import PLAIN, Run

Found = dict[tuple[str, str | None], int]

VERDICTS = {
    "PAL-penguins-raw": "failed",
    "PAL-penguins-json": "failed",
    "PAL-penguins": "passed",
    "PAL-penguins-excel": "failed",
    "PAL-penguins-parquet": "passed",
    "world-countries": "passed",
    "biomappings-negative": "passed",
    "FOUNDRY-penguins-json": "passed",
    "FOUNDRY-countries-legacy": "passed",
    "FOUNDRY-biomappings-yaml": "passed",
}


@pytest.fixture(scope="module")
def catalog(root: Path) -> Path:
    return root / "examples" / "catalog"


@pytest.fixture(scope="module")
def reports(catalog: Path) -> dict[str, dict[str, Any]]:
    from potable.engine import Engine

    engine = Engine(catalog=catalog)
    return {name: engine.run(name).to_dict() for name in VERDICTS}


def errors(report: dict[str, Any]) -> Found:
    return {(f["code"], f["field"]): f["count"] for f in report["findings"] if f["severity"] == "error"}


def lines(report: dict[str, Any], code: str, field: str) -> list[int]:
    [finding] = [f for f in report["findings"] if (f["code"], f["field"]) == (code, field)]
    return [s["location"]["line"] for s in finding["samples"]]


def test_data_are_as_published(catalog: Path) -> None:
    text = (catalog / "data" / "README.md").read_text(encoding="utf-8")
    digests = dict(re.findall(r"^\| `([\w.-]+)` .*`([0-9a-f]{64})` \|$", text, re.MULTILINE))
    there = {p.name for p in (catalog / "data").iterdir() if p.suffix in {".csv", ".tsv", ".json", ".xlsx", ".parquet"}}
    assert digests.keys() == there
    assert {n: hashlib.sha256((catalog / "data" / n).read_bytes()).hexdigest() for n in there} == digests


def test_licences_stand_beside(catalog: Path) -> None:
    texts = {p.name: p.read_text(encoding="utf-8") for p in (catalog / "data" / "licences").iterdir()}
    assert "CC0 1.0 Universal" in texts["CC0-1.0.txt"]
    assert "Open Database License" in texts["ODbL-1.0.md"]


def test_every_source_is_described(root: Path, catalog: Path) -> None:
    from potable.engine import Engine

    table = (root / "examples" / "README.md").read_text(encoding="utf-8")
    described = {m[1]: m[2] for m in re.finditer(r"^\| `([\w-]+)` \|.*\| \**(\w+)\**[^|]* \|$", table, re.MULTILINE)}
    assert described == VERDICTS
    assert sorted(VERDICTS) == Engine(catalog=catalog).sources()


@pytest.mark.parametrize(("name", "verdict"), VERDICTS.items())
def test_verdict(reports: dict[str, dict[str, Any]], name: str, verdict: str) -> None:
    assert reports[name]["verdict"] == verdict, reports[name]["why"]
    assert [c for c in reports[name]["coverage"] if c["status"] == "crashed"] == []


def test_raw_penguins_fail_for_true_reasons(reports: dict[str, dict[str, Any]]) -> None:
    report = reports["PAL-penguins-raw"]
    measured = ["Culmen Length (mm)", "Culmen Depth (mm)", "Flipper Length (mm)", "Body Mass (g)"]
    assert errors(report) == {("schema/required", f"$.'{name}'"): 2 for name in measured}
    for name in measured:
        assert lines(report, "schema/required", f"$.'{name}'") == [5, 273]
    counts = {"records": 344, "recordsWithErrors": 2, "errors": 8}
    assert {name: report["counts"][name] for name in counts} == counts
    [mass] = [f for f in report["findings"] if f["field"] == "$.'Body Mass (g)'" and f["severity"] == "error"]
    assert mass["samples"][1]["key"] == "PAL0910:Gentoo penguin (Pygoscelis papua):120"


def test_penguins_in_json_have_a_stray_dot(reports: dict[str, dict[str, Any]]) -> None:
    report = reports["PAL-penguins-json"]
    measured = ["Beak Length (mm)", "Beak Depth (mm)", "Flipper Length (mm)", "Body Mass (g)"]
    assert errors(report) == {
        ("schema/enum", "$.Sex"): 1,
        **{("schema/required", f"$.'{name}'"): 2 for name in measured},
    }
    [sex] = [f for f in report["findings"] if f["code"] == "schema/enum"]
    place = sex["samples"][0]["location"]
    assert (sex["samples"][0]["value"], place["record"], place["line"]) == (".", 337, 3033)


def test_curated_penguins_are_clean(reports: dict[str, dict[str, Any]]) -> None:
    assert reports["PAL-penguins"]["findings"] == []
    assert reports["PAL-penguins"]["counts"]["records"] == 344


def test_converted_penguins_hold_the_same(catalog: Path) -> None:
    import polars as pl

    data = catalog / "data"
    published = pl.read_csv(data / "penguins.csv", null_values="NA")
    assert pl.read_parquet(data / "penguins.parquet").cast(published.schema).equals(published)
    openpyxl = pytest.importorskip("openpyxl", reason="reads the workbook by other means")
    header, *rows = openpyxl.load_workbook(data / "penguins.xlsx")["penguins"].iter_rows(values_only=True)
    assert list(header) == published.columns
    assert [tuple(row) for row in rows] == published.rows()


def test_penguins_of_a_workbook_are_told_by_row(reports: dict[str, dict[str, Any]]) -> None:
    report = reports["PAL-penguins-excel"]
    assert errors(report) == {("schema/required", "$.body_mass_g"): 2}
    [mass] = [f for f in report["findings"] if f["code"] == "schema/required"]
    places = [s["location"] for s in mass["samples"]]
    assert [(p["line"], p["record"], p["path"]) for p in places] == [(5, 4, "penguins!F5"), (273, 272, "penguins!F273")]
    assert report["counts"]["records"] == 344


def test_penguins_in_parquet_are_clean(reports: dict[str, dict[str, Any]]) -> None:
    report = reports["PAL-penguins-parquet"]
    assert (report["findings"], report["counts"]["records"]) == ([], 344)


def test_an_impossible_area_is_tolerated(reports: dict[str, dict[str, Any]]) -> None:
    report = reports["world-countries"]
    assert errors(report) == {("schema/minimum", "$.area"): 1}
    [area] = [f for f in report["findings"] if f["code"] == "schema/minimum"]
    assert (area["tolerated"], area["samples"][0]["value"], area["samples"][0]["key"]) == (True, "-1", "SJM")
    assert report["counts"]["records"] == 250


def test_the_header_is_found_below_the_comments(reports: dict[str, dict[str, Any]]) -> None:
    for name in ("biomappings-negative", "FOUNDRY-biomappings-yaml"):
        assert errors(reports[name]) == {}
        assert reports[name]["counts"]["records"] == 1887
        assert reports[name]["counts"]["recordsWithErrors"] == 0


def test_foundry_documents_find_their_keys(reports: dict[str, dict[str, Any]]) -> None:
    for name, records in (("FOUNDRY-penguins-json", 344), ("FOUNDRY-countries-legacy", 250)):
        report = reports[name]
        assert errors(report) == {}
        assert report["counts"]["records"] == records
        [keys] = [c for c in report["coverage"] if c["checker"] == "keys" and c["status"] == "ran"]
        assert "keys/duplicate" in keys["codes"]
    told = {(f["code"], f["samples"][0]["message"]) for f in reports["FOUNDRY-penguins-json"]["findings"]}
    assert told == {("text/placeholder", "'NA' seems to stand for no value")}
    assert "definition/legacy-format" in [f["code"] for f in reports["FOUNDRY-countries-legacy"]["findings"]]


def test_definitions_pass_lint(run: Run, catalog: Path) -> None:
    ran = run("potable", "lint", "--catalog", catalog)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_command_says_the_same(run: Run, catalog: Path, tmp_path: Path) -> None:
    output = tmp_path / "report.json"
    ran = run("potable", "run", "PAL-penguins-raw", "--catalog", catalog, "--format", "json", "--output", output)
    assert ran.returncode == 1, ran.stderr
    assert json.loads(output.read_text(encoding="utf-8"))["counts"]["errors"] == 8


def test_embedding_script(run: Run, root: Path, tmp_path: Path) -> None:
    ran = run(sys.executable, root / "examples" / "embedding.py", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("failed 344 records, 8 errors\n")
    assert "stopped: PAL-penguins-raw: failed" in ran.stdout
    assert ran.stdout.endswith("passed\n")


def test_single_file_checker(run: Run, root: Path, catalog: Path) -> None:
    plugin = root / "examples" / "single_file_checker.py"
    argv = ["potable", "run", "PAL-penguins", "--catalog", catalog, "--plugin", plugin, "--format", "json"]
    ran = run(*argv)
    assert ran.returncode == 0, ran.stderr
    report = json.loads(ran.stdout)
    [birds] = [c for c in report["coverage"] if c["checker"] == "birds"]
    assert (birds["status"], birds["records"]) == ("ran", 344)


def test_plugin_distribution_passes_its_tests(run: Run, root: Path, tmp_path: Path) -> None:
    plugin = root / "examples" / "plugin"
    options = ["-q", "-p", "no:cacheprovider", "-c", tmp_path / "none.ini"]
    argv = [sys.executable, "-m", "pytest", plugin / "tests", *options]
    (tmp_path / "none.ini").write_text("[pytest]\nfilterwarnings = error\n", encoding="utf-8")
    ran = run(*argv, env={"PYTHONPATH": str(plugin / "src"), **PLAIN})
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.search(r"\b[5-9] passed", ran.stdout)
