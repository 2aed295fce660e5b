"""Rows of CSV that name groups of the records below them, and records that have one cell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.checkers.findings import only

from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.limits import Limits
from potable.engine.options import RunOptions
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins

Check = Callable[..., Report]

ROWS = [f"S{n:03},{('Ann', 'Bob', 'Cid', 'Eve')[n % 4]},{20 + 7 * n % 50}\n" for n in range(12)]


def table(*rows: str) -> str:
    return "id,name,age\n" + "".join(rows)


@pytest.mark.parametrize("blank", ["", ",,"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("size", [30, 1 << 21])
def test_rows_that_name_groups(tmp_path: Path, blank: str, end: str, size: int) -> None:
    text = table(f"Region North{blank}\n", *ROWS[:5], f"Region South{blank}\n", *ROWS[5:]).replace("\n", end)
    (tmp_path / "data.csv").write_bytes(text.encode())
    source = from_mapping(
        {"resourceID": "test", "ingestMethod": "CSV", "ingestURL": "data.csv", "primaryKey": "id"}, folder=tmp_path
    )
    report = run_source(source, load_plugins(), RunOptions(scratch=tmp_path, limits=Limits(chunk_bytes=size)))
    finding = only(report)
    assert (finding.code, finding.severity, finding.count) == ("csv/section", "error", 2)
    at = [(s.location.line, s.location.byte, s.location.record) for s in finding.samples]
    assert at == [(2, text.index("Region North"), 1), (8, text.index("Region South"), 7)]
    assert finding.samples[0].value == f"Region North{blank}"


@pytest.mark.parametrize(
    "rows",
    [
        ["Region North,,\n", *ROWS],
        ["S900,,\n", *ROWS[:5], "S901,,\n", *ROWS[5:]],
        [*ROWS[:5], "Region North,,\n", *ROWS[5:8], "Region South,,\n", *ROWS[8:]],
        ["North,,\n", *ROWS[:5], "South,,\n", "West,,\n", *ROWS[5:]],
        ["North,,\n", *(f"{row[5:8]}{row[4:]}" for row in ROWS[:5]), "South,,\n", *ROWS[5:]],
        ["North,,\n", *(f"{row[:4]},,{'1' * (n % 2)}\n" for n, row in enumerate(ROWS)), "South,,\n", *ROWS],
    ],
)
def test_records_of_one_cell(check: Check, rows: list[str]) -> None:
    assert "csv/section" not in {f.code for f in check(table(*rows)).findings}
