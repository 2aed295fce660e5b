"""Columns' names that stand in two rows, in tables of text and in workbooks: one finding, that says how to mend it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.options import RunOptions
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins

Rows = Sequence[Sequence[Any]]
Run = Callable[..., Report]

BIRDS = ("wren", "robin", "owl")
SEEN: Rows = [[f"S{n:02}", BIRDS[n % 3], 3 * n % 17, 5 * n % 13, n % 7, f"note {n}"] for n in range(25)]
DIRECTIONS: Rows = [
    ["site", "species", "Direction", "", "", "note"],
    ["", "", "north", "south", "east", ""],
]
PEOPLE: Rows = [[2000 + n, 7 * n % 23, 5 * n % 23, 3 * n % 29, 11 * n % 29] for n in range(20)]
SEXES: Rows = [["year", "Urban", "", "Rural", ""], ["", "male", "female", "male", "female"]]
TEXTS: Rows = [[f"S{n:02}", BIRDS[n % 3], "ab"[n % 2], "xyz"[n % 3]] for n in range(25)]
OF_TEXTS: Rows = [["site", "Bird", "", ""], ["", "species", "sex", "stage"]]
WATER: Rows = [[f"S{n:02}", 1.5 * n, 2.25 * n, 10 + n % 9] for n in range(25)]
AGAIN: Rows = [["Site", "Water", "Sample", "Water"], ["name", "depth", "mass", "temperature"]]


@pytest.fixture(params=["csv", "excel"])
def run(tmp_path: Path, request: pytest.FixtureRequest) -> Run:
    """``run(rows, **definition)``: the report on a table of text, and on a workbook."""

    def check(rows: Rows, **definition: Any) -> Report:
        if request.param == "excel":
            openpyxl = pytest.importorskip("openpyxl", reason="makes the workbooks")
            pytest.importorskip("python_calamine", reason="workbooks need the extra potable-engine[excel]")
            book = openpyxl.Workbook()
            for row in rows:
                book.active.append([cell if cell != "" else None for cell in row])
            book.save(tmp_path / "data")
        else:
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows(rows)
            (tmp_path / "data").write_text(text.getvalue())
        members = {"resourceID": "t", "ingestMethod": request.param.upper(), "ingestURL": "data", **definition}
        return run_source(from_mapping(members, folder=tmp_path), load_plugins(), RunOptions(scratch=tmp_path))

    return check


@pytest.mark.parametrize(
    ("rows", "definition", "said", "hint"),
    [
        (
            [*DIRECTIONS, *SEEN], {},
            "1 and 2: 'site', 'species', 'Direction', … above 'north', 'south', 'east'",
            "Write the names as one row: 'site', 'species', 'Direction north', 'Direction south', 'Direction east', …. "
            "Where the file can't be changed, set headerLine: 0 and ignoreLines: 2",
        ),
        ([*DIRECTIONS, *SEEN], {"primaryKey": "site"}, "1 and 2: 'site'", "'Direction north'"),
        ([*SEXES, *PEOPLE], {}, "1 and 2: 'year', 'Urban', 'Rural' above", "'Urban male', 'Urban female', 'Rural"),
        ([*OF_TEXTS, *TEXTS], {}, "1 and 2: 'site', 'Bird' above", "'site', 'Bird species', 'Bird sex', 'Bird stage'."),
        ([*AGAIN, *WATER], {}, "1 and 2: 'Site', 'Water', 'Sample', … above", "Set headerLine: 2."),
    ],
)  # fmt: skip
def test_names_in_two_rows_are_one_finding(
    run: Run, rows: Rows, definition: dict[str, Any], said: str, hint: str
) -> None:
    report = run(rows, **definition)
    (found,) = report.findings
    assert (found.code.partition("/")[2], found.count, found.samples[0].location.line) == ("wrong-header", 1, 1)
    assert said in found.samples[0].message
    assert hint in (found.hint or "")


def test_what_the_hint_says_mends_it(run: Run) -> None:
    assert run([*DIRECTIONS, *SEEN], headerLine=0, ignoreLines=2, primaryKey="column1").findings == ()
    assert run([*AGAIN, *WATER], headerLine=2, primaryKey="name").findings == ()


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (["Name of site", "Depth of sample", "Mass of sample", "Temperature"], "a second row of names"),
        (["", "Depth", "Mass of sample", "Temperature"], "a second row of names"),
        (["name", "m", "kg", "deg C"], "a row of units"),
    ],
)
def test_a_row_under_the_header_that_is_no_record(run: Run, row: list[str], what: str) -> None:
    (found,) = run([["site", "depth", "mass", "t"], row, *WATER]).findings
    assert (found.code.partition("/")[2], found.count) == ("subheader", 1)
    at = found.samples[0].location
    assert (at.line, at.record) == (2, 1)
    assert found.samples[0].message == f"the row under the header is {what}, no record"
    assert "ignoreLines: 2" in (found.hint or "")
    assert run([["site", "depth", "mass", "t"], row, *WATER], ignoreLines=2).findings == ()


@pytest.mark.parametrize(
    ("head", "first"),
    [
        (["site", "depth", "mass", "t"], ["S99", "unknown", "unknown", "unknown"]),  # missing values
        (["site", "depth", "mass", "t"], ["S99", "none", 7, "cold"]),
        (["site", "depth", "mass", "t"], ["S99", "lost", "broken", "cold"]),  # a record by its name
        (["", "depth", "mass", "t"], ["Site A", "bad", 7, 1]),  # the names of rows have none
        (["site", "depth", "", "t"], ["S99", "lost", "lost", "lost"]),
        (["site", "depth", "depth", "t"], ["S99", "", 2, 3]),
    ],
)
def test_a_first_record_with_words_for_figures_is_a_record(run: Run, head: list[str], first: list[Any]) -> None:
    codes = {f.code.partition("/")[2] for f in run([head, first, *WATER]).findings}
    assert not codes & {"wrong-header", "subheader"}
