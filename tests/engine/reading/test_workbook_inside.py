"""What is in a sheet and isn't seen, or isn't of the table: hidden rows and columns, a second table."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from potable.engine import Engine
from potable.engine.contracts.report import Report

pytest.importorskip("python_calamine", reason="workbooks need the extra potable-engine[excel]")
openpyxl = pytest.importorskip("openpyxl", reason="makes the workbooks")

HEAD = ["id", "name", "age"]
ROWS: list[list[Any]] = [[n, f"n{n}", 20 + n % 7] for n in range(1, 9)]
OTHER: list[list[Any]] = [["code", "label", "order"], *([f"c{n}", f"l{n}", n] for n in range(4))]


def book(tmp_path: Path, rows: list[list[Any]], change: Any = None) -> Path:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    if change is not None:
        change(made.active)
    made.save(tmp_path / "x.xlsx")
    return tmp_path / "x.xlsx"


def check(path: Path) -> Report:
    return Engine(roots=[path.parent], plugins=()).check(path)


def codes(report: Report) -> list[str]:
    return [f.code for f in report.findings]


def test_the_table_itself_is_clean(tmp_path: Path) -> None:
    assert check(book(tmp_path, [HEAD, *ROWS])).findings == ()


def test_hidden_rows(tmp_path: Path) -> None:
    def hide(sheet: Any) -> None:
        for n in (4, 5, 40):
            sheet.row_dimensions[n].hidden = True

    (finding,) = check(book(tmp_path, [HEAD, *ROWS], hide)).findings
    assert (finding.code, finding.severity, finding.count) == ("excel/hidden-row", "warning", 2)
    places = [(s.location.path, s.location.line, s.location.record) for s in finding.samples]
    assert places == [("Sheet!A4", 4, 3), ("Sheet!A5", 5, 4)]
    assert finding.samples[0].message == "row 4 is hidden"


def test_a_filter_hides_rows(tmp_path: Path) -> None:
    def hide(sheet: Any) -> None:
        sheet.auto_filter.ref = "A1:C9"
        sheet.auto_filter.add_filter_column(2, ["21"])
        sheet.row_dimensions[9].hidden = True

    (finding,) = check(book(tmp_path, [HEAD, *ROWS], hide)).findings
    assert (finding.code, finding.count, finding.samples[0].location.record) == ("excel/hidden-row", 1, 8)


def test_a_hidden_column(tmp_path: Path) -> None:
    def hide(sheet: Any) -> None:
        sheet.column_dimensions["B"].hidden = True
        sheet.column_dimensions["F"].hidden = True  # nothing is in it

    (finding,) = check(book(tmp_path, [HEAD, *ROWS], hide)).findings
    assert (finding.code, finding.severity, finding.count) == ("excel/hidden-column", "warning", 1)
    assert (finding.field, finding.samples[0].location.path) == ("$.name", "Sheet!B1")
    assert finding.samples[0].message == "column B ('name') is hidden"


def test_sheets_that_only_a_parser_reads(tmp_path: Path) -> None:
    """Another prefix, and rows that don't say their number."""

    def hide(sheet: Any) -> None:
        sheet.row_dimensions[4].hidden = True
        sheet.column_dimensions["B"].hidden = True

    path = book(tmp_path, [HEAD, *ROWS], hide)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    for n in range(1, 10):
        members[name] = members[name].replace(f'<row r="{n}"'.encode(), b"<row")
    assert b'hidden="1"' in members[name]
    with zipfile.ZipFile(path, "w") as archive:
        for member, data in members.items():
            archive.writestr(member, data)
    found = {f.code: f for f in check(path).findings}
    assert set(found) == {"excel/hidden-row", "excel/hidden-column"}
    assert found["excel/hidden-row"].samples[0].location.record == 3


def test_hidden_in_an_opendocument(tmp_path: Path) -> None:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    row = "<table:table-row{}>" + cell * 2 + "</table:table-row>"
    content = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        '<table:table table:name="S"><table:table-column/><table:table-column table:visibility="collapse"/>'
        + row.format("", "id", "name") + row.format("", "a", "x")
        + row.format(' table:visibility="filter"', "b", "y") + row.format("", "c", "z")
        + "</table:table></office:spreadsheet></office:body></office:document-content>"
    )  # fmt: skip
    with zipfile.ZipFile(tmp_path / "x.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    found = {f.code: f for f in check(tmp_path / "x.ods").findings}
    assert set(found) == {"excel/hidden-row", "excel/hidden-column"}
    assert found["excel/hidden-row"].samples[0].location.path == "S!A3"
    assert found["excel/hidden-column"].field == "$.name"


@pytest.mark.parametrize("title", [[], [["Codes, 2024"]]])
@pytest.mark.parametrize("left", [0, 1])
def test_a_second_table_below(tmp_path: Path, left: int, title: list[list[Any]]) -> None:
    rows = [HEAD, *ROWS, [], *title, *([None] * left + row for row in OTHER)]
    report = check(book(tmp_path, rows))
    found = {f.code: f for f in report.findings if f.code.startswith("excel/")}
    finding = found.pop("excel/second-table")
    assert (finding.severity, finding.count) == ("error", 5 + len(title))
    sample = finding.samples[0]
    assert (sample.location.path, sample.location.line, sample.location.record) == ("Sheet!A11", 11, 9)
    assert sample.message == "row 11 begins another table, of 3 columns: 'code', 'label', 'order'"
    assert set(found) <= {"excel/blank-row", "excel/blank-header"}


def test_a_second_table_beside(tmp_path: Path) -> None:
    rows = [[*a, None, *(OTHER[n] if n < len(OTHER) else [])] for n, a in enumerate([HEAD, *ROWS])]
    (finding,) = check(book(tmp_path, rows)).findings
    assert (finding.code, finding.severity, finding.count) == ("excel/second-table", "error", 1)
    assert finding.samples[0].location.path == "Sheet!E1"
    assert finding.samples[0].message == "at Sheet!E1 begins another table, of 3 columns: 'code', 'label', 'order'"


def test_blank_rows_before_a_note_are_its_own(tmp_path: Path) -> None:
    report = check(book(tmp_path, [HEAD, *ROWS, [], [], ["Source: Harbour Office"]]))
    assert codes(report) == ["excel/note"]
    assert report.findings[0].samples[0].location.line == 12


@pytest.mark.parametrize(
    "rows",
    [
        [HEAD, *ROWS[:4], [], *ROWS[4:]],  # groups of records
        [HEAD, *ROWS, [], ["Source: x"]],
        [HEAD, *ROWS, [], HEAD, *ROWS],
        [HEAD, *ROWS, [], ["x", "y", "z"]],  # one row is no table
        [HEAD, *ROWS, [], ["x", "y", "z"], ["a", "b", "c"], ["d", "e", "f"], ["g", "h", "i"]],  # texts alone
        [[*HEAD, None, "town"], *([*row, None, "Ulm"] for row in ROWS)],  # a narrow column between
        [[*HEAD, None, "town", "land"], *([*row, None, "Ulm", "DE"] for row in ROWS)],
    ],
)
def test_gaps_that_begin_no_table(tmp_path: Path, rows: list[list[Any]]) -> None:
    assert "excel/second-table" not in codes(check(book(tmp_path, rows)))
