"""Workbooks whose first sheet isn't the table, or whose table has rows that are no records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.checkers.findings import only

from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.findings import Finding
from potable.engine.options import RunOptions
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins

pytest.importorskip("python_calamine", reason="workbooks need the extra potable-engine[excel]")
openpyxl = pytest.importorskip("openpyxl", reason="makes the workbooks")

Rows = Sequence[Sequence[Any]]
Check = Callable[..., Report]

HEAD = ["id", "name", "age", "weight"]
ROWS: Rows = [[f"S{n:03}", ("Ann", "Bob", "Cid", "Eve")[n % 4], 20 + 7 * n % 50, 50.5 + 11 * n % 40] for n in range(30)]
TABLE: Rows = [HEAD, *ROWS]
KEYED = {"primaryKey": ["id", "name"]}
README: Rows = [["The people of the study."], ["Version", 2], [], ["See sheet Data"]]
DICTIONARY: Rows = [["field", "meaning"], *([name, f"the {name}"] for name in HEAD)]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """``check({sheet: rows}, **definition)``: the report on a workbook."""

    def run(
        sheets: Mapping[str, Rows],
        merged: Sequence[str] = (),
        cells: Mapping[str, Any] | None = None,
        **definition: Any,
    ) -> Report:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(list(row))
        for name in merged:
            book.worksheets[0].merge_cells(name)
        for name, value in (cells or {}).items():
            book.worksheets[0][name] = value
        book.save(tmp_path / "a.xlsx")
        members = {"resourceID": "test", "ingestMethod": "EXCEL", "ingestURL": "a.xlsx", **definition}
        return run_source(from_mapping(members, folder=tmp_path), load_plugins(), RunOptions(scratch=tmp_path))

    return run


def place(finding: Finding) -> tuple[int | None, int | None, str | None]:
    at = finding.samples[0].location
    return at.line, at.record, at.path


@pytest.mark.parametrize("definition", [{}, KEYED])
def test_the_table_itself_is_clean(check: Check, definition: dict[str, Any]) -> None:
    assert check({"Data": TABLE}, **definition).findings == ()
    report = check({"Data": TABLE, "Readme": README}, **definition)
    assert only(report).code == "excel/other-sheets"


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("Readme", README),
        ("READ ME", README),
        ("Data dictionary", DICTIONARY),
        ("0. Contents", README),
        ("Cover", [["x"]]),
    ],
)
def test_a_cover_sheet_is_told_by_its_name(check: Check, name: str, rows: Rows) -> None:
    report = check({name: rows, "Data": TABLE})
    finding = only(report)
    cell = f"{name}!A1" if name.isalpha() else f"'{name}'!A1"
    assert (finding.code, finding.severity, place(finding)) == ("excel/wrong-sheet", "error", (1, None, cell))
    assert finding.samples[0].message == (
        f"sheet {name!r} is read, as the first one: by its name it holds no records; there is 'Data'"
    )
    assert finding.hint == "Set sheet: Data"
    assert report.verdict != "passed"
    assert check({name: rows, "Data": TABLE}, sheet="Data").findings == ()


def test_what_is_asked_for_or_has_the_columns_is_no_cover(check: Check) -> None:
    assert check({"Notes": TABLE, "Data": TABLE}, sheet="Notes").findings == ()
    assert only(check({"Notes": TABLE, "Data": TABLE}, **KEYED)).code == "excel/other-sheets"
    assert check({"Notes": TABLE}).findings == ()


@pytest.mark.parametrize("name", ["Dictionary", "Fields"])
def test_the_sheet_that_has_the_columns(check: Check, name: str) -> None:
    schema = {"fields": [{"name": n} for n in HEAD]}
    report = check({name: DICTIONARY, "People": [["Study"], *TABLE]}, **KEYED, schema=schema)
    finding = only(report)
    assert (finding.code, finding.hint, place(finding)) == (
        "excel/wrong-sheet", "Set sheet: People and headerLine: 2.", (1, None, f"{name}!A1"),
    )  # fmt: skip
    assert finding.samples[0].message.endswith("and sheet 'People' has them, in row 2")
    assert report.metrics["suppressed"]["schema/missing-field"] == 4


@pytest.mark.parametrize("definition", [{}, KEYED])
@pytest.mark.parametrize(
    ("above", "merged"),
    [
        ([["The people of the study"]], []),
        ([["The people of the study"], [], ["Version 2"], []], ["A1:D1"]),
        ([[None, None, "Body", None]], ["C1:D1"]),
    ],
)
def test_rows_above_the_header(check: Check, above: Rows, merged: list[str], definition: dict[str, Any]) -> None:
    report = check({"Data": [*above, *TABLE]}, merged, **definition)
    finding = only(report)
    assert (finding.code, finding.severity, place(finding)) == ("excel/wrong-header", "error", (1, None, "Data!A1"))
    assert finding.hint == f"Set headerLine: {len(above) + 1}."
    assert finding.samples[0].message.endswith(f"row {len(above) + 1} has 'id', 'name', 'age', …")
    assert check({"Data": [*above, *TABLE]}, headerLine=len(above) + 1).findings == ()


@pytest.mark.parametrize("definition", [{}, KEYED])
def test_a_row_of_units(check: Check, definition: dict[str, Any]) -> None:
    report = check({"Data": [HEAD, [None, None, "(years)", "kg"], *ROWS]}, **definition)
    finding = only(report)
    assert (finding.code, finding.count, place(finding)) == ("excel/subheader", 1, (2, 1, "Data!A2"))
    assert "ignoreLines: 2" in finding.hint
    assert check({"Data": [HEAD, [None, None, "(years)", "kg"], *ROWS]}, **definition, ignoreLines=2).findings == ()


def test_a_note_behind_the_records(check: Check) -> None:
    finding = only(check({"Data": [*TABLE, ["Source: Harbour Office"]]}, **KEYED))
    assert (finding.code, finding.count, place(finding)) == ("excel/note", 1, (32, 31, "Data!A32"))
    assert finding.samples[0].message == "the row is a note, not a record: 'Source: Harbour Office'"
    for row in (["Source: Harbour Office", "Ann"], ["S031"], ["Sources"]):
        assert "excel/note" not in {f.code for f in check({"Data": [*TABLE, row]}).findings}


def test_an_empty_first_sheet_names_the_other(check: Check) -> None:
    finding = only(check({"Sheet1": [], "People": TABLE}))
    assert (finding.code, finding.hint) == (
        "excel/no-records", "Set sheet to the one that holds the records: 'People'?",
    )  # fmt: skip


def test_the_header_among_the_records(check: Check) -> None:
    finding = only(check({"Data": [*TABLE, HEAD, *([f"T{n}", *row[1:]] for n, row in enumerate(ROWS))]}, **KEYED))
    assert (finding.code, finding.count, place(finding)) == ("excel/repeated-header", 1, (32, 31, "Data!A32"))
    assert "excel/repeated-header" not in {f.code for f in check({"Data": [*TABLE, ["id", "name", 3, 4.5]]}).findings}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("definition", [{}, KEYED])
def test_rows_in_one_cell_each(check: Check, delimiter: str, definition: dict[str, Any]) -> None:
    finding = only(check({"Data": [[delimiter.join(map(str, row))] for row in TABLE]}, **definition))
    assert (finding.code, finding.count, place(finding)) == ("excel/unsplit", 1, (1, None, "Data!A1"))
    assert finding.details == {"delimiter": delimiter, "columns": 4}


def test_one_column_of_texts_is_not_unsplit(check: Check) -> None:
    texts = [["note"], *([f"seen, {'again, ' * (n % 3)}in May"] for n in range(20))]
    assert "excel/unsplit" not in {f.code for f in check({"Data": texts}).findings}


# -- cells that stand apart


@pytest.mark.parametrize("definition", [{}, {"primaryKey": "id"}])
@pytest.mark.parametrize("address", ["A60", "C60", "H60", "A34"])
def test_a_cell_far_below_the_table(check: Check, address: str, definition: dict[str, Any]) -> None:
    finding = only(check({"Data": TABLE}, cells={address: "x"}, **definition))
    row = int(address[1:])
    assert (finding.code, finding.count, place(finding)) == ("excel/stray-cell", 1, (row, 31, f"Data!{address}"))
    message = f"a cell stands alone, {row - 31} rows below the table, which ends in row 31"
    assert (finding.samples[0].message, finding.samples[0].value) == (message, "x")


@pytest.mark.parametrize(
    ("rows", "cells"),
    [
        (TABLE, {"A33": "S900"}),  # one blank row above
        (TABLE, {"A60": "S900", "B60": "Ann"}),
        ([*TABLE[:9], ["S901"], *TABLE[9:]], {"A60": "S900"}),  # other records have one cell too
        ([HEAD, *ROWS[:2]], {"A60": "S900"}),
    ],
)
def test_records_behind_blank_rows_are_no_stray_cells(check: Check, rows: Rows, cells: dict[str, str]) -> None:
    report = check({"Data": rows}, cells=cells)
    assert {f.code for f in report.findings} == {"excel/blank-row"}


def test_a_note_far_below_is_a_note(check: Check) -> None:
    assert only(check({"Data": TABLE}, cells={"A60": "Source: Harbour Office"})).code == "excel/note"


def test_a_cell_beside_the_table_is_one_finding(check: Check) -> None:
    finding = only(check({"Data": TABLE}, cells={"H10": "checked by Bob"}))
    assert (finding.code, finding.count, place(finding)) == ("excel/blank-header", 1, (10, None, "Data!H10"))
    assert finding.samples[0].message.startswith("Data!H10 ('checked by Bob') stands beside the table")
    assert (finding.field, finding.hint) == ("$.''[4]", "Remove the cell, or name its column.")


def test_columns_without_a_name_are_told_one_by_one(check: Check) -> None:
    report = check({"Data": [[*HEAD], *([*row, n, n] for n, row in enumerate(ROWS))]})
    assert [(f.code, place(f)[2]) for f in report.findings] == [
        ("excel/blank-header", "Data!E1"), ("excel/blank-header", "Data!F1"),
    ]  # fmt: skip


# -- names of groups among the records


GROUPS: Rows = [HEAD, ["Region North"], *ROWS[:9], ["Region South"], *ROWS[9:19], ["Region West"], *ROWS[19:]]


@pytest.mark.parametrize("definition", [{}, {"primaryKey": "id"}])
def test_rows_that_name_groups_of_records(check: Check, definition: dict[str, Any]) -> None:
    finding = only(check({"Data": GROUPS}, **definition))
    assert (finding.code, finding.count, place(finding)) == ("excel/section", 3, (2, 1, "Data!A2"))
    assert [s.location.line for s in finding.samples] == [2, 12, 23]
    assert finding.samples[0].message.endswith("is none: 'Region North'")


@pytest.mark.parametrize(
    "rows",
    [
        [HEAD, *ROWS[:9], ["Region South"], *ROWS[9:]],
        [HEAD, ["S100"], *ROWS[:9], ["S200"], *ROWS[9:]],  # keys as all others
        [HEAD, ["North"], *ROWS[:9], ["North"], *ROWS[9:]],
        [HEAD, ["North"], ROWS[0], ["South"], *ROWS[1:]],
        [HEAD, ["North"], *([row[1], *row[1:]] for row in ROWS[:9]), ["South"], *ROWS[9:]],
    ],
)
def test_records_of_one_cell_are_no_groups(check: Check, rows: Rows) -> None:
    assert "excel/section" not in {f.code for f in check({"Data": rows}).findings}


# -- tables on their side, and without a header


@pytest.mark.parametrize(
    ("definition", "severity"),
    [
        ({}, "warning"),
        ({"primaryKey": "id"}, "warning"),
        ({"schema": {"fields": [{"name": n} for n in HEAD]}}, "error"),
    ],
)
def test_a_sheet_on_its_side(check: Check, definition: dict[str, Any], severity: str) -> None:
    finding = only(check({"Data": list(zip(*TABLE, strict=True))}, **definition))
    assert (finding.code, finding.severity, place(finding)) == ("excel/transposed", severity, (1, None, "Data!A1"))
    assert finding.details == {"fields": 4}


@pytest.mark.parametrize("definition", [{}, {"primaryKey": "id"}, KEYED])
def test_a_sheet_without_a_header(check: Check, definition: dict[str, Any]) -> None:
    finding = only(check({"Data": ROWS}, **definition))
    assert (finding.code, finding.severity, place(finding)) == ("excel/wrong-header", "error", (1, None, "Data!A1"))
    assert finding.hint.startswith("Give the sheet a header; or set headerLine: 0")
    assert check({"Data": ROWS}, headerLine=0).findings == ()


@pytest.mark.parametrize(
    "names", [[date(2024, n, 1) for n in range(1, 7)], [2015, 2016, 2018, 2019, 2020, 2021], [0.5, 1, 2, 2.5, 5, 10]]
)
def test_a_wide_sheet_has_a_header(check: Check, names: list[Any]) -> None:
    rows = [["site", *names], *([f"S{n}", *(n * k + 1 for k in range(6))] for n in range(9))]
    assert check({"Data": rows}).findings == ()
