"""Sources whose records are all there several times: the hint names why."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.findings import Finding
from potable.engine.limits import Limits
from potable.engine.pipeline.run import RunOptions, run_source
from potable.engine.plugins import load_plugins

Check = Callable[..., Report]
ROWS = [f"K{n},name {n % 7}\n" for n in range(1, 41)]
JOINED = "The same data are there {}, one behind the other: they begin anew at record {}."
QUERY = "All are there {}: most often a join in the query"


def one(report: Report, code: str) -> Finding:
    (found,) = [f for f in report.findings if f.code == code]
    return found


@pytest.mark.parametrize(
    ("rows", "hint"),
    [
        (ROWS * 2, JOINED.format("twice", 41)),
        ([*ROWS, "id,name\n", *ROWS], JOINED.format("twice", 42)),
        ([*ROWS, *ROWS[::-1]], JOINED.format("twice", 41)),
        (ROWS * 3, JOINED.format("3 times", 41)),
        ([row for row in ROWS for _ in range(2)], QUERY.format("twice")),
        ([row for row in ROWS for _ in range(3)], QUERY.format("3 times")),
    ],
)
@pytest.mark.parametrize("keyed", [True, False])
@pytest.mark.parametrize("chunk_bytes", [97, 6 << 20])
def test_all_records_again(tmp_path: Path, rows: list[str], hint: str, keyed: bool, chunk_bytes: int) -> None:
    (tmp_path / "data.csv").write_text("id,name\n" + "".join(rows))
    members = {"resourceID": "x", "ingestMethod": "CSV", "ingestURL": "data.csv"} | (
        {"primaryKey": "id"} if keyed else {}
    )
    options = RunOptions(scratch=tmp_path, limits=Limits(chunk_bytes=chunk_bytes))
    report = run_source(from_mapping(members, folder=tmp_path), load_plugins(), options)
    found = one(report, "keys/duplicate" if keyed else "rows/duplicate")
    assert found.hint.startswith(hint)
    assert found.count == len([row for row in rows if row != "id,name\n"]) - 40


def test_the_same_of_json(check: Check) -> None:
    records = [{"id": n} for n in range(10)]
    report = check(json.dumps(records * 2), ingestMethod="JSON", schema=None, primaryKey="$.id")
    assert one(report, "keys/duplicate").hint.startswith(JOINED.format("twice", 11))


@pytest.mark.parametrize(
    "rows",
    [
        [*ROWS, ROWS[0]],
        [*ROWS, *ROWS[:30]],
        [*ROWS, *ROWS, *ROWS[:5]],
        [*ROWS, *ROWS, *(f"X{n},new\n" for n in range(40))],
        [*ROWS[:3], *ROWS[:3]],
    ],
)
def test_some_records_again(check: Check, rows: list[str]) -> None:
    report = check("id,name\n" + "".join(rows), ingestMethod="CSV", schema=None, primaryKey="id")
    assert one(report, "keys/duplicate").hint.startswith("Remove the surplus records")
    report = check("id,name\n" + "".join(rows), ingestMethod="CSV", schema=None)
    assert one(report, "rows/duplicate").hint.startswith("Remove the surplus records")
