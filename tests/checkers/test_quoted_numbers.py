"""Numbers that are texts among numbers, in formats that tell the two apart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.checkers.findings import only

from potable.engine import Engine
from potable.engine.contracts.report import Report
from potable.engine.limits import Limits

CODE = "numbers/odd-spelling"


def check(tmp_path: Path, values: Sequence[Any], name: str = "v", **definition: Any) -> Report:
    records = [{"key": f"K{n:03}", name: value} for n, value in enumerate(values)]
    (tmp_path / "d.jsonl").write_text("".join(json.dumps(one) + "\n" for one in records))
    given = {"resourceID": "x", "ingestMethod": "JSONL", "ingestURL": str(tmp_path / "d.jsonl"), **definition}
    reports = [Engine(roots=[tmp_path], limits=Limits(chunk_bytes=size)).check(given) for size in (200, 1 << 21)]
    assert reports[0].findings == reports[1].findings
    return reports[0]


@pytest.mark.parametrize("text", ["25", "-2.5", "0", "1e3"])
def test_a_number_that_is_a_text(tmp_path: Path, text: str) -> None:
    finding = only(check(tmp_path, [*range(20, 40), text, *range(20)]))
    at = finding.samples[0].location
    assert (finding.code, finding.rule, finding.field, finding.count) == (CODE, "text", "$.v", 1)
    assert (at.line, at.record, at.path, finding.samples[0].value) == (21, 21, "/v", text)
    assert "without quotes in JSON" in finding.hint


@pytest.mark.parametrize(
    "values",
    [
        [*range(20)],
        [str(n) for n in range(20)],
        [n if n % 2 else str(n) for n in range(20)],
        [*range(10_000, 10_020), "01234"],
        [*range(20), None],
    ],
)
def test_fields_that_hold_one_kind_or_both(tmp_path: Path, values: list[Any]) -> None:
    assert CODE not in {f.code for f in check(tmp_path, values).findings}


def test_what_a_schema_says_of_it_is_told_once(tmp_path: Path) -> None:
    values = [*range(20, 40), "25"]
    of_table = {"fields": [{"name": "key"}, {"name": "v", "type": "integer"}]}
    assert only(check(tmp_path, values, schema=of_table)).code == "schema/type"
    of_json = {"type": "object", "properties": {"v": {"type": "integer"}}}
    assert only(check(tmp_path, values, jsonSchema=of_json)).code == "json-schema/violation"


def test_a_cell_of_a_workbook(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="makes the workbook")
    book = openpyxl.Workbook()
    book.active.append(["id", "age"])
    for n in range(30):
        book.active.append([f"S{n}", "25" if n == 7 else 20 + n % 9])
    book.save(tmp_path / "a.xlsx")
    finding = only(Engine().check(tmp_path / "a.xlsx"))
    assert (finding.code, finding.rule, finding.samples[0].location.path) == (CODE, "text", "Sheet!B9")
