"""What an option says of a list is said of its items, in each format that has lists."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from potable.engine import Engine
from potable.engine.contracts.report import Report

Check = Callable[..., Report]
RECORDS = [
    {"id": n, "refs": [f"10.1000/a{n}", "none" if n == 9 else "10.1000/b"], "when": ["03/04/2024", f"0{n}/05/2024"]}
    for n in range(1, 10)
]


def found(report: Report, code: str) -> list[tuple[str | None, int, int | None]]:
    """Field, count and first record of each finding of a code."""
    told = (f for f in report.findings if f.code == code)
    return [(f.field, f.count, f.samples[0].location.record if f.samples else None) for f in told]


@pytest.fixture(params=["JSON", "JSONL", "Parquet"])
def run(request: pytest.FixtureRequest, check: Check, tmp_path: Path) -> Callable[..., Report]:
    method = request.param

    def of(checks: dict[str, Any]) -> Report:
        if method == "Parquet":
            pl.DataFrame(RECORDS).write_parquet(tmp_path / "data.parquet")
            definition = {"ingestMethod": method, "ingestURL": "data.parquet", "checks": checks, "resourceID": "x"}
            (tmp_path / "x.json").write_text(json.dumps(definition))
            return Engine(catalog=tmp_path).run("x")
        text = json.dumps(RECORDS) if method == "JSON" else "".join(json.dumps(r) + "\n" for r in RECORDS)
        return check(text, ingestMethod=method, schema=None, primaryKey="$.id", checks=checks)

    return of


@pytest.mark.parametrize("name", ["$.refs", "refs", "$.refs[*]"])
def test_identifiers(run: Callable[..., Report], name: str) -> None:
    report = run({"identifiers": {"fields": {name: "doi"}}})
    assert found(report, "identifiers/malformed") == [("$.refs[*]", 1, 9)]


def test_the_field_that_is_named_itself_goes_first(check: Check) -> None:
    records = [{"id": 1, "refs": ["RRID:AB_2298772"]}, {"id": 2, "refs": "10.1000/a"}]
    checks = {"identifiers": {"fields": {"$.refs": "doi", "$.refs[*]": "rrid"}}}
    report = check(json.dumps(records), ingestMethod="JSON", schema=None, primaryKey="$.id", checks=checks)
    assert found(report, "identifiers/malformed") == []


def test_orders_of_dates(run: Callable[..., Report]) -> None:
    open_ones = run({"dates": {"fields": ["$.when"]}})
    assert found(open_ones, "dates/ambiguous") == [("$.when[*]", 9, 1)]
    assert found(run({"dates": {"order": {"$.when": "month-first"}}}), "dates/ambiguous") == []


@pytest.mark.parametrize("name", ["$.refs", "$.refs[*]"])
def test_values(run: Callable[..., Report], name: str) -> None:
    report = run({"text": {"forbidden": {name: ["none"]}, "required": {name: ["10.1000/b", "none", "10.1000/c"]}}})
    assert found(report, "text/forbidden-value") == [("$.refs[*]", 1, 9)]
    assert [f.rule for f in report.findings if f.code == "text/required-value"] == ["10.1000/c"]


def test_two_spellings_of_a_field_add_up(check: Check) -> None:
    checks = {"text": {"required": {"id": ["1", "3"], "$.id": ["4"]}}}
    report = check("id\n1\n2\n", ingestMethod="CSV", schema=None, primaryKey="id", checks=checks)
    assert [f.rule for f in report.findings if f.code == "text/required-value"] == ["3", "4"]


def test_a_further_key_of_several_values_is_none(run: Callable[..., Report]) -> None:
    report = run({"keys": {"unique": ["$.refs[*]"]}})
    assert found(report, "keys/not-scalar") == [("$.refs[*]", 9, 1)]


def test_a_column_that_a_table_lacks_is_said_once(run: Callable[..., Report]) -> None:
    report = run({"numbers": {"fields": ["$.weight"]}})
    said = next(line.reason for line in report.coverage if line.checker == "numbers")
    assert said in ("", "not checked: there is no field $.weight")
