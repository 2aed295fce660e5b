"""What is odd in real workbooks: told at its cell, or read right."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import pytest

from potable.engine.reading.workbook import WorkbookReader
from potable.engine.reading.workbook import reader as reader_module

from .tables import drain

pytest.importorskip("python_calamine", reason="workbooks need the extra potable-engine[excel]")
openpyxl = pytest.importorskip("openpyxl", reason="makes the workbooks")
xlsxwriter = pytest.importorskip("xlsxwriter", reason="makes the workbooks")

NULL = ("null", None)
SPACES = {
    "office": "office:1.0", "table": "table:1.0", "text": "text:1.0", "manifest": "manifest:1.0",
}  # fmt: skip
CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"


def read(*paths: Path, **how: Any) -> Any:
    return drain(WorkbookReader, *paths, **how)


def told(result: Any, code: str) -> list[tuple[str | None, int, list[tuple[int | None, int | None, str | None]]]]:
    """Of each tally of a code: field, count, and line, record and cell of its samples."""
    return [
        (t.field, t.count, [(s.location.line, s.location.record, s.location.path) for s in t.samples])
        for t in result.tallies
        if t.code == code
    ]


def sheet_of(path: Path, change: Any) -> Path:
    """The workbook with another text of its first sheet."""
    with zipfile.ZipFile(path) as old:
        members = {i.filename: old.read(i) for i in old.infolist()}
    name = "xl/worksheets/sheet1.xml"
    members[name] = change(members[name].decode()).encode()
    with zipfile.ZipFile(path, "w") as new:
        for member, data in members.items():
            new.writestr(member, data)
    return path


def ods(folder: Path, *rows: str, encrypted: bool = False) -> Path:
    """An OpenDocument with a sheet ``Data`` of these rows, each the XML of its cells."""
    names = " ".join(f'xmlns:{p}="urn:oasis:names:tc:opendocument:xmlns:{n}"' for p, n in SPACES.items())
    body = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    path = folder / "a.ods"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        file.writestr(
            "content.xml",
            f'<office:document-content {names} xmlns:calcext="{CALC}" office:version="1.3"><office:body>'
            f'<office:spreadsheet><table:table table:name="Data">{body}</table:table></office:spreadsheet>'
            "</office:body></office:document-content>" if not encrypted else "no XML",
        )  # fmt: skip
        protected = "<manifest:encryption-data/>" if encrypted else ""
        entry = f'<manifest:file-entry manifest:full-path="content.xml">{protected}</manifest:file-entry>'
        file.writestr("META-INF/manifest.xml", f"<manifest:manifest {names}>{entry}</manifest:manifest>")
    return path


def text(value: str) -> str:
    return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'


HEADER = text("id") + text("v")


# -- numbers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cells", [1, 100])
def test_numbers_that_may_have_lost_digits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cells: int) -> None:
    monkeypatch.setattr(reader_module, "CELLS", cells)
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "Data"
    for row in (["name", "id"], ["a", 1], ["b", 2], ["c", 3], ["d", 6.02214076e23], ["e", 9007199254740991]):
        book.active.append(row)
    book.save(path)
    sheet_of(
        path,
        lambda xml: xml.replace("<v>1</v>", "<v>12345678901234567891</v>").replace(
            "<v>2</v>", "<v>-9007199254740993</v>"
        ),
    )
    result = read(path)
    assert result.texts("$.id") == [
        "1.2345678901234567e+19", "-9007199254740992", "3", "6.02214076e+23", "9007199254740991",
    ]  # fmt: skip
    places = [place for _, _, samples in told(result, "excel/inexact-number") for place in samples]
    assert places == [(2, 1, "Data!B2"), (3, 2, "Data!B3")]
    assert [r for t in result.tallies for r in t.records] == [1, 2]


# -- formulas ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cells", [1, 100])
def test_formulas_without_a_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cells: int) -> None:
    monkeypatch.setattr(reader_module, "CELLS", cells)
    book = openpyxl.Workbook()
    book.active.title = "Data"
    for row in (["id", "v"], [1, "=A2*2"], [2, "x"], [None, '="a"&"<b/>"'], [4, None]):
        book.active.append(row)
    path = tmp_path / "a.xlsx"
    book.save(path)
    result = read(path)
    assert [p.line for p in result.places] == [2, 3, 4, 5]
    assert result.values["$.v"] == [NULL, ("string", "x"), NULL, NULL]
    assert [p for _, _, samples in told(result, "excel/no-result") for p in samples] == [
        (2, 1, "Data!B2"), (4, 3, "Data!B4"),
    ]  # fmt: skip
    assert {(t.code, t.field) for t in result.tallies} == {("excel/no-result", "$.v")}


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c r="A2"><f>1+1</f><v>2</v></c>', ("number", "2")),
        ('<c r="A2" t="str"><f>""</f><v></v></c>', NULL),
        ('<c r="A2" t="b"><f>TRUE()</f><v>1</v></c>', ("boolean", "true")),
        ('<c r="A2"><f t="shared" ref="A2:A3" si="0">1+1</f><v>2</v></c>', ("number", "2")),
        ('<c r="A2"><f t="shared" si="0"/><v>2</v></c>', ("number", "2")),
    ],
)
def test_formulas_with_a_result(tmp_path: Path, cell: str, value: tuple[str, str | None]) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    for row in (["id", "v"], [77, "x"]):
        book.active.append(row)
    book.save(path)
    sheet_of(path, lambda xml: xml.replace('<c r="A2" t="n"><v>77</v></c>', cell))
    result = read(path)
    assert (result.values["$.id"], result.tallies) == ([value], [])


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="A2"><f>1+1</f></c>',
        "<c r='A2' s='1' ><f>1+1</f>\n<v/></c>",
        '<c r="A2"><f t="shared" si="0"/></c>',
        '<c r="A2"><f t="array" ref="A2">1+1</f><v></v></c>',
        "<c><f>1+1</f></c>",
    ],
)
def test_spellings_of_a_formula_without_a_result(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "Data"
    for row in (["id", "v"], [77, "x"]):
        book.active.append(row)
    book.save(path)
    sheet_of(path, lambda xml: xml.replace('<c r="A2" t="n"><v>77</v></c>', cell))
    assert told(read(path), "excel/no-result") == [("$.id", 1, [(2, 1, "Data!A2")])]


@pytest.mark.parametrize("error", ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"])
def test_errors_of_formulas(tmp_path: Path, error: str) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Data")
    sheet.write_row(0, 0, ["id", "v"])
    sheet.write_number(1, 0, 1)
    sheet.write_formula(1, 1, "=X", None, error)
    book.close()
    result = read(path)
    assert (result.values["$.v"], result.tallies) == ([("string", error)], [])


def test_an_error_that_isnt_known(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Data")
    sheet.write_row(0, 0, ["id", "v"])
    sheet.write_formula(2, 1, "=X", None, "#N/A")
    book.close()
    fault = read(sheet_of(path, lambda xml: xml.replace("#N/A", "#GETTING_DATA"))).fault
    assert (fault.code, fault.location.line, fault.location.path) == ("excel/unreadable", 3, "Data!B3")
    assert fault.message == ("a.xlsx can't be read: the cell Data!B3 holds an error that isn't known, '#GETTING_DATA'")


# -- cells and sheets --------------------------------------------------------------------------------------------------


def test_merged_cells(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Data"
    for row in (["Title", None, None], [None, "id", "g"], [None, 1, "x"], [None, 2, None], [None, 3, "y"]):
        book.active.append(row)
    for cells in ("A1:C1", "C3:C4"):
        book.active.merge_cells(cells)
    path = tmp_path / "a.xlsx"
    book.save(path)
    result = read(path, headerLine=2)
    assert result.values["$.g"] == [("string", "x"), NULL, ("string", "y")]
    assert told(result, "excel/merged-cells") == [(None, 1, [(3, None, "Data!C3")])]
    (merged,) = [t for t in result.tallies if t.code == "excel/merged-cells"]
    assert merged.samples[0].message == "Data!C3:C4 are merged: only the first has a value"


def test_sheets_that_arent_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path)
    for name in ("2023", "2024", "Old"):
        book.add_worksheet(name).write_column(0, 0, ["id", name])
    book.get_worksheet_by_name("Old").hide()
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "='2023'!$A$2:$A$2"})
    book.add_chartsheet("Chart").set_chart(chart)
    book.close()
    (found,) = read(path).tallies
    assert (found.code, found.count, found.samples[0].location.file) == ("excel/other-sheets", 1, "a.xlsx")
    assert found.samples[0].message == "sheet '2023' is read; not read: '2024', 'Old' (hidden)"
    assert read(path, sheet="2023").tallies == []


@pytest.mark.parametrize("epoch", [1900, 1904])
def test_dates_of_both_epochs(tmp_path: Path, epoch: int) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path, {"date_1904": epoch == 1904})
    sheet = book.add_worksheet("Data")
    day, moment = (book.add_format({"num_format": f}) for f in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss.000"))
    sheet.write_row(0, 0, ["day", "moment"])
    for row, date in enumerate((dt.date(2024, 2, 29), dt.date(epoch, 3, 1), dt.date(9999, 12, 31)), 1):
        sheet.write_datetime(row, 0, date, day)
        sheet.write_datetime(row, 1, dt.datetime(date.year, date.month, date.day, 13, 14, 15, 250_000), moment)
    book.close()
    result = read(path)
    assert result.texts("$.day") == ["2024-02-29", f"{epoch}-03-01", "9999-12-31"]
    assert result.texts("$.moment") == [f"{day}T13:14:15.250000" for day in result.texts("$.day")]


# -- OpenDocument ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attributes", "inside", "value"),
    [
        ('office:value-type="float" office:value="1.50"', "<text:p>1,50</text:p>", ("number", "1.5")),
        ('office:value-type="percentage" office:value="0.125"', "<text:p>12.5%</text:p>", ("number", "0.125")),
        ('office:value-type="currency" office:currency="EUR" office:value="9.9"', "", ("number", "9.9")),
        ('office:value-type="boolean" office:boolean-value="true"', "<text:p>TRUE</text:p>", ("boolean", "true")),
        ('office:value-type="date" office:date-value="1066-10-14"', "", ("string", "1066-10-14")),
        ('office:value-type="date" office:date-value="2024-02-29T13:14:15"', "", ("string", "2024-02-29T13:14:15")),
        ('office:value-type="time" office:time-value="PT12H30M15S"', "", ("string", "12:30:15")),
        ('office:value-type="time" office:time-value="PT36H30M00S"', "", ("string", "P1DT12H30M")),
        ('office:value-type="string"', "<text:p>a</text:p><text:p>b</text:p>", ("string", "a\nb")),
        ('office:value-type="string"', '<text:p>a<text:s text:c="3"/>b</text:p>', ("string", "a   b")),
        ('office:value-type="string"', "<text:p>a<text:tab/>b<text:line-break/>c</text:p>", ("string", "a\tb\nc")),
        ('office:value-type="string"', "<text:p>a<text:span>b<text:tab/></text:span>c</text:p>", ("string", "ab\tc")),
        ('office:value-type="string" office:string-value="real"', "<text:p>shown</text:p>", ("string", "real")),
        ('office:value-type="float" office:value="0" calcext:value-type="error"', "<text:p>Err:502</text:p>",
         ("string", "Err:502")),
        ('table:formula="of:=1" office:value-type="float" office:value="4"', "", ("number", "4")),
    ],
)  # fmt: skip
def test_values_of_an_open_document(
    tmp_path: Path, attributes: str, inside: str, value: tuple[str, str | None]
) -> None:
    cell = f"<table:table-cell {attributes}>{inside}</table:table-cell>"
    result = read(ods(tmp_path, HEADER, text("a") + cell))
    assert (result.fault, result.values["$.v"], result.tallies) == (None, [value], [])


def test_what_is_odd_in_an_open_document(tmp_path: Path) -> None:
    big = '<table:table-cell office:value-type="float" office:value="9007199254740993"/>'
    empty = '<table:table-cell table:formula="of:=[.A1]*2"/>'
    wide = '<table:table-cell table:number-rows-spanned="2" office:value-type="string"><text:p>m</text:p>'
    result = read(ods(tmp_path, HEADER, text("a") + big, text("b") + empty, text("c") + f"{wide}</table:table-cell>"))
    assert result.texts("$.v") == ["9007199254740992", None, "m"]
    assert told(result, "excel/inexact-number") == [("$.v", 1, [(2, 1, "Data!B2")])]
    assert told(result, "excel/no-result") == [("$.v", 1, [(3, 2, "Data!B3")])]
    assert told(result, "excel/merged-cells") == [(None, 1, [(4, None, "Data!B4")])]


# -- files that can't be read ------------------------------------------------------------------------------------------


def test_an_open_document_with_a_password(tmp_path: Path) -> None:
    fault = read(ods(tmp_path, HEADER, encrypted=True)).fault
    assert (fault.code, fault.message) == (
        "excel/unreadable", "a.ods can't be read: it's protected by a password",
    )  # fmt: skip


def test_another_document(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("word/document.xml", "<document/>")
    fault = read(path).fault
    assert (fault.code, fault.message) == (
        "excel/unreadable", "a.docx can't be read: it's a zip archive without a workbook in it",
    )  # fmt: skip
