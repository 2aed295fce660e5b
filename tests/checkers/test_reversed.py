"""Ends before their beginnings: by the names of fields, where hardly any record has them so."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from potable.checkers.rows import RowsChecker
from potable.checkers.rows.reversed import pairs_of
from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.options import RunOptions
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins
from potable.engine.testing import check_checker, findings_of

Check = Callable[..., Report]
CODE = "rows/reversed"
DAYS = [(f"2023-0{1 + n % 9}-{1 + n % 28:02}", f"2023-1{n % 3}-{1 + n % 28:02}") for n in range(40)]
WRONG = ("2023-09-09", "2023-09-07")


def found_in(first: str, last: str, rows: list[tuple[str, str]]) -> dict[str, list[int]]:
    table: dict[str, list[str | None]] = {
        first: [a for a, _ in rows], "n": [str(n) for n in range(len(rows))], last: [b for _, b in rows]
    }  # fmt: skip
    return {f.code: [s.location.record or 0 for s in f.samples] for f in findings_of(RowsChecker, table)}


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("start", "end"), ("start_date", "end_date"), ("dateFrom", "dateTo"), ("valid from", "valid to"),
        ("birth date", "death date"), ("shipped", "delivered"), ("First Seen", "Last Seen"), ("createdAt", "updatedAt"),
    ],
)  # fmt: skip
def test_days(first: str, last: str) -> None:
    assert found_in(first, last, DAYS) == {}
    assert found_in(first, last, [*DAYS, WRONG]) == {CODE: [41]}
    assert found_in(last, first, [*DAYS, WRONG]) == {}, (
        "most would be the wrong way round: the names mean something else"
    )
    assert found_in(first, last, [*DAYS, ("2023-09-09", "2023-09-09")]) == {}
    times = [(f"{a}T23:00:00Z", f"{b} 01:00") for a, b in [*DAYS, WRONG, ("2023-09-09", "2023-09-09")]]
    assert found_in(first, last, times) == {CODE: [41]}


@pytest.mark.parametrize(("first", "last"), [("min", "max"), ("lower_bound", "upper_bound"), ("diastolic", "systolic")])
def test_numbers(first: str, last: str) -> None:
    rows = [(f"{n % 7}.5", str(8 + n % 5)) for n in range(40)]
    assert found_in(first, last, rows) == {}
    assert found_in(first, last, [*rows, ("9", "8.5"), ("", "-1"), ("x", "2"), ("nan", "1")]) == {CODE: [41]}


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("a", "b"),
        ("start", "end_date"),
        ("start_date", "end_time"),
        ("from_station", "to"),
        ("last", "first"),
        ("end", "n"),
    ],
)
def test_names_that_say_nothing(first: str, last: str) -> None:
    assert found_in(first, last, [*DAYS, WRONG]) == {}


def test_flags_are_no_bounds() -> None:
    flags = [("0", "1"), ("0", "0")] * 40
    assert found_in("TooLow", "TooHigh", [*flags, ("1", "0")]) == {}
    assert found_in("TooLow", "TooHigh", [*flags, ("1", "0"), ("2", "3")]) == {CODE: [81]}


def test_what_is_not_compared() -> None:
    rows = [(str(n), str(n + 5)) for n in range(40)]
    assert found_in("start", "end", [*rows, ("90", "5")]) == {}, "pages, positions on a strand, hours over midnight"
    assert found_in("start", "end", [*DAYS[:18], WRONG]) == {}, "too few"
    assert found_in("start", "end", [*DAYS, WRONG, WRONG, WRONG]) == {}, "too many"
    assert found_in("start", "end", [*DAYS, ("09.09.2023", "07.09.2023")]) == {}
    assert pairs_of(["$.start_day", "$.startDay", "$.end_day"]) == {}, "which start?"
    assert pairs_of(["$.a.start", "$.a.end", "$.b.end"]) == {("$.a.start", "$.a.end"): False}


def test_places_and_words(check: Check) -> None:
    rows = "".join(f'{n},"two\nlines",{a},{b}\n' for n, (a, b) in enumerate(DAYS, start=1))
    text = f"id,note,shipped,delivered\n{rows}41,x,2023-09-09,2023-09-07\n"
    (found,) = check(text, primaryKey="id").findings
    sample = found.samples[0]
    assert (found.code, found.field, found.fields, found.count) == (
        CODE,
        "$.delivered",
        ("$.delivered", "$.shipped"),
        1,
    )
    assert (sample.location.record, sample.location.line, sample.value, sample.key) == (41, 82, "2023-09-07", "41")
    assert sample.message == '"2023-09-07" lies before shipped of the same record'
    declared = check(text, primaryKey="id", checks={"rows": {"constraints": ["shipped <= delivered"]}})
    assert [f.code for f in declared.findings] == ["rows/constraint"]
    missing = check(text, primaryKey="id", missingValues=["", "2023-09-07"])
    assert missing.findings == ()


def test_an_odd_day_explains_it(check: Check) -> None:
    rows = "".join(f"{n},{a},{b}\n" for n, (a, b) in enumerate(DAYS, start=1))
    report = check(f"id,born,died\n{rows}41,2209-01-01,2023-10-01\n", checks={"dates": {"today": "2024-06-01"}})
    assert [f.code for f in report.findings] == ["dates/future"]


def test_records_of_json(tmp_path: Path) -> None:
    records = [f'{{"range":{{"min":{n},"max":{n + 5}}}}}' for n in range(40)] + ['{"range":{"min":9,"max":8.5}}']
    (tmp_path / "a.json").write_text(f"[{','.join(records)}]")
    source = from_mapping({"resourceID": "t", "ingestMethod": "JSON", "ingestURL": "a.json"}, folder=tmp_path)
    (found,) = run_source(source, load_plugins(), RunOptions(scratch=tmp_path)).findings
    assert (found.code, found.field, found.samples[0].location.path) == (CODE, "$.range.max", "/40/range/max")


def test_any_cutting_gives_the_same() -> None:
    chance = random.Random(3)
    rows = [chance.choice([*DAYS, *DAYS, WRONG, ("", "2023-01-01"), ("x", "")]) for _ in range(200)]
    table: dict[str, list[str | None]] = {"start": [a for a, _ in rows], "end": [b for _, b in rows]}
    check_checker(RowsChecker, table, cuttings=8)
