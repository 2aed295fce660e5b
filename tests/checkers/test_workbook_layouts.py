"""Workbooks whose first sheet isn't the table, or whose table has rows that are no records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.checkers.findings import only

from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.findings import Finding
from potable.engine.options import RunOptions
from potable.engine.pipeline import run_source
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

    def run(sheets: Mapping[str, Rows], merged: Sequence[str] = (), **definition: Any) -> Report:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(list(row))
        for cells in merged:
            book.worksheets[0].merge_cells(cells)
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
