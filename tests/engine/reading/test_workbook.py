"""Workbooks made by other libraries, read exactly."""

from __future__ import annotations

import datetime as dt
import gzip
import pickle
import sys
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potable.engine import Engine
from potable.engine.errors import UsageError
from potable.engine.limits import Limits
from potable.engine.reading.workbook import WorkbookReader
from potable.engine.reading.workbook import reader as reader_module
from potable.engine.reading.workbook.values import address, spelled

from .opening import open_files
from .tables import again, drain

pytest.importorskip("python_calamine", reason="workbooks need the extra potable-engine[excel]")
openpyxl = pytest.importorskip("openpyxl", reason="makes the workbooks")
xlsxwriter = pytest.importorskip("xlsxwriter", reason="makes the workbooks")

NULL = ("null", None)


def xlsx(folder, rows, name="a.xlsx", sheet="Data"):
    """A workbook by openpyxl; None leaves a cell out."""
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    path = folder / name
    book.save(path)
    return path


def ods(folder, rows, name="a.ods", sheet="Data"):
    """A workbook by odfpy."""
    document = pytest.importorskip("odf.opendocument", reason="makes the workbooks")
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    book = document.OpenDocumentSpreadsheet()
    table = Table(name=sheet)
    for row in rows:
        line = TableRow()
        for value in row:
            cell = TableCell()
            if isinstance(value, bool):
                cell = TableCell(valuetype="boolean", booleanvalue=str(value).lower())
            elif isinstance(value, int | float):
                cell = TableCell(valuetype="float", value=repr(value))
            elif isinstance(value, dt.date):
                cell = TableCell(valuetype="date", datevalue=value.isoformat())
            elif isinstance(value, str):
                cell = TableCell(valuetype="string")
                cell.addElement(P(text=value))
            line.addElement(cell)
        table.addElement(line)
    book.spreadsheet.addElement(table)
    path = folder / name
    book.save(str(path))
    return path


def xls(folder, rows, name="a.xls", sheet="Data"):
    """A workbook by xlwt."""
    xlwt = pytest.importorskip("xlwt", reason="makes the workbooks")
    book = xlwt.Workbook()
    table = book.add_sheet(sheet)
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if isinstance(value, dt.date):
                table.write(r, c, value, day)
            elif value is not None:
                table.write(r, c, value)
    path = folder / name
    book.save(str(path))
    return path


MAKERS = {"xlsx": xlsx, "ods": ods, "xls": xls}


def read(*paths, **how):
    return drain(WorkbookReader, *paths, **how)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_a_clean_table_has_its_values_and_no_faults(tmp_path, make):
    rows = [
        ["id", "name", "mass", "seen", "alive"],
        [1, "naïve", 2.5, dt.date(2024, 2, 29), True],
        [2, "a b", -3, dt.date(1999, 12, 31), False],
        [3, None, 0.1, None, None],
    ]
    path = make(tmp_path, rows)
    result = read(path)
    assert (result.fault, result.tallies) == (None, [])
    assert result.columns == ("$.id", "$.name", "$.mass", "$.seen", "$.alive")
    if path.suffix == ".xlsx":  # openpyxl has no cells without a time
        result.values["$.seen"] = [(k, t and t.removesuffix("T00:00:00")) for k, t in result.values["$.seen"]]
    assert result.values == {
        "$.id": [("number", "1"), ("number", "2"), ("number", "3")],
        "$.name": [("string", "naïve"), ("string", "a b"), NULL],
        "$.mass": [("number", "2.5"), ("number", "-3"), ("number", "0.1")],
        "$.seen": [("string", "2024-02-29"), ("string", "1999-12-31"), NULL],
        "$.alive": [("boolean", "true"), ("boolean", "false"), NULL],
    }
    assert [(p.file, p.line, p.record, p.path, p.byte) for p in result.places] == [
        (path.name, 2, 1, "Data!A2", None),
        (path.name, 3, 2, "Data!A3", None),
        (path.name, 4, 3, "Data!A4", None),
    ]


def test_dates_times_errors_and_long_numbers(tmp_path):
    path = tmp_path / "w.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("My sheet")
    formats = {f: book.add_format({"num_format": f}) for f in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "hh:mm", "[h]:mm")}
    sheet.write_row(0, 0, ["kind", "value"])
    sheet.write_datetime(1, 1, dt.datetime(2024, 2, 29), formats["yyyy-mm-dd"])
    sheet.write_datetime(2, 1, dt.datetime(2024, 2, 29, 12, 30, 1), formats["yyyy-mm-dd hh:mm:ss"])
    sheet.write_datetime(3, 1, dt.time(1, 2), formats["hh:mm"])
    sheet.write_number(4, 1, 1.5, formats["[h]:mm"])
    sheet.write_formula(5, 1, "=1/0", None, "#DIV/0!")
    sheet.write_formula(6, 1, "=NA()", None, "#N/A")
    sheet.write_number(7, 1, 2**53)
    sheet.write_number(8, 1, 1e300)
    sheet.write_number(9, 1, 1 / 3)
    sheet.write_string(10, 1, "007")
    book.close()
    result = read(path)
    assert result.values["$.value"] == [
        ("string", "2024-02-29"),
        ("string", "2024-02-29T12:30:01"),
        ("string", "01:02:00"),
        ("string", "P1DT12H"),
        ("string", "#DIV/0!"),
        ("string", "#N/A"),
        ("number", "9007199254740992"),
        ("number", "1e+300"),
        ("number", "0.3333333333333333"),
        ("string", "007"),
    ]
    assert result.values["$.kind"] == [NULL] * 10
    assert (result.places[4].line, result.places[4].path) == (6, "'My sheet'!A6")
    assert [t.code for t in result.tallies] == ["excel/inexact-number"]


def test_errors_where_cells_do_not_say_where_they_are(tmp_path):
    path = xlsx(tmp_path, [["a", "b"], [1, "=1/0"], [2, "x"]])
    cells = (
        '<row><c t="inlineStr"><is><t>a</t></is></c><c t="inlineStr"><is><t>b</t></is></c></row>'
        '<row><c><v>1</v></c><c t="e"><v>#REF!</v></c></row>'
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>'
    rewritten(path, "xl/worksheets/sheet1.xml", lambda text: sheet)
    assert read(path).values == {"$.a": [("number", "1")], "$.b": [("string", "#REF!")]}


def rewritten(path, member, change):
    """The same zip archive with another text in a member."""
    with zipfile.ZipFile(path) as old:
        members = {i.filename: old.read(i) for i in old.infolist()}
    text = change(members[member].decode())
    assert text.encode() != members[member]
    with zipfile.ZipFile(path, "w") as new:
        for name, data in members.items():
            new.writestr(name, text if name == member else data)
    return path


def test_errors_in_an_open_document(tmp_path):
    path = ods(tmp_path, [["a", "b"], [1, "x"], [2, "wrong"]])
    names = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" '
    error = 'office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#DIV/0!</text:p>'
    before = '<table:table-cell office:value-type="string"><text:p>wrong</text:p>'

    def change(text):
        assert before in text
        text = text.replace(before, f"<table:table-cell {error}")
        return text.replace("<office:document-content ", f"<office:document-content {names}")

    assert read(rewritten(path, "content.xml", change)).texts("$.b") == ["x", "#DIV/0!"]


def test_empty_cells_with_a_style_are_no_columns(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Data"
    for row in (["a", "b"], [1, 2]):
        book.active.append(row)
    for cell in ("C1", "E2", "A9"):
        book.active[cell].font = openpyxl.styles.Font(bold=True)
    path = tmp_path / "styled.xlsx"
    book.save(path)
    result = read(path)
    assert (result.columns, result.numbers, result.tallies) == (("$.a", "$.b"), [1], [])


def test_without_the_library_the_extra_is_named(tmp_path, monkeypatch):
    path = xlsx(tmp_path, [["a"], [1]])
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    for reading in (read, Engine().check):
        with pytest.raises(UsageError, match=r"pip install 'potable-engine\[excel\]'"):
            reading(path)


def test_blank_rows_are_no_records(tmp_path):
    path = xlsx(tmp_path, [["a"], [None], ["x"], [None], [None], ["y"], [" "], [None]])
    for cells in (1, 2, 100):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(reader_module, "CELLS", cells)
            result = read(path)
        assert [(p.record, p.line) for p in result.places] == [(1, 3), (2, 6), (3, 7)]
        assert {t.code for t in result.tallies} == {"excel/blank-row"}
        assert sum(t.count for t in result.tallies) == 3
        assert [s.location.path for t in result.tallies for s in t.samples] == ["Data!A2", "Data!A4", "Data!A5"]


def test_a_table_that_starts_further_right_and_down(tmp_path):
    path = xlsx(tmp_path, [["Title"], [None], [None, None, "a", "b"], [None, None, 1, 2]])
    result = read(path, headerLine=3)
    assert result.columns == ("$.''", "$.''[2]", "$.a", "$.b")
    assert {(code, field) for code, field, _, _ in result.said} == {
        ("excel/blank-header", "$.''"),
        ("excel/blank-header", "$.''[2]"),
    }
    path = xlsx(tmp_path, [[None], [None, None, "a", "b"], [None, None, 1, 2]])
    reading = open_files(WorkbookReader, [path], headerLine=2)
    [cut] = reading.cuts()
    chunk = reading.parser().parse(cut)
    assert (reading.columns, reading.tallies()) == (("$.a", "$.b"), ())
    assert chunk.locate([0])[0].path == "Data!C3"
    assert chunk.locate_field(0, "$.b").path == "Data!D3"


def test_names_of_columns(tmp_path):
    result = read(xlsx(tmp_path, [["a", "a", " b", None, 2024, "Unnamed: 5"], [1, 2, 3, 4, 5, 6]]))
    assert result.columns == ("$.a", "$.'a'[2]", "$.b", "$.''", "$.2024", "$.'Unnamed: 5'")
    assert {(t.code, t.field, t.samples[0].location.line, t.samples[0].location.path) for t in result.tallies} == {
        ("excel/duplicate-header", "$.'a'[2]", 1, "Data!B1"),
        ("excel/header-whitespace", "$.b", 1, "Data!C1"),
        ("excel/blank-header", "$.''", 1, "Data!D1"),
        ("excel/made-up-header", "$.'Unnamed: 5'", 1, "Data!F1"),
    }


def test_without_a_header(tmp_path):
    path = xlsx(tmp_path, [["x", 1], ["y", 2]])
    assert read(path, headerLine=0).values == {
        "$.column1": [("string", "x"), ("string", "y")],
        "$.column2": [("number", "1"), ("number", "2")],
    }
    assert read(path, headerLine=0, ignoreLines=1).places[0].line == 2


def book_of(folder):
    path = folder / "s.xlsx"
    book = xlsxwriter.Workbook(path)
    for name in ("Old", "Plants", "2024", "Empty"):
        sheet = book.add_worksheet(name)
        if name != "Empty":
            sheet.write_column(0, 0, ["name", name])
    book.get_worksheet_by_name("Old").hide()
    book.get_worksheet_by_name("Plants").activate()
    book.get_worksheet_by_name("Plants").set_first_sheet()
    book.close()
    return path


@pytest.mark.parametrize(
    ("sheet", "found"),
    [
        (None, "Plants"),
        ("Old", "Old"),
        (1, "Old"),
        ("plants", "Plants"),
        ("2024", "2024"),
        ("2", "Plants"),
        (3, "2024"),
    ],
)
def test_the_sheet_is_picked(tmp_path, sheet, found):
    parameters = {} if sheet is None else {"sheet": sheet}
    assert read(book_of(tmp_path), **parameters).texts("$.name") == [found]


@pytest.mark.parametrize("sheet", ["Plant", 5, 0, "2025"])
def test_a_sheet_that_there_isnt(tmp_path, sheet):
    fault = read(book_of(tmp_path), sheet=sheet).fault
    assert fault.code == "excel/unknown-sheet"
    assert fault.message == f"s.xlsx has no sheet {sheet!r}; its sheets: 'Old', 'Plants', '2024', 'Empty'"
    if sheet == "Plant":
        assert fault.hint == "Set sheet to 'Plants'."


def test_bad_parameters(tmp_path):
    path = book_of(tmp_path)
    for parameters in ({"sheet": 1.5}, {"sheet": True}, {"headerLine": -1}, {"ignoreLines": "x"}):
        assert read(path, **parameters).fault.code == "definition/bad-value"


def test_no_records(tmp_path):
    path = book_of(tmp_path)
    fault = read(path, sheet="Empty").fault
    assert (fault.code, fault.message) == (
        "excel/no-records",
        "s.xlsx: sheet 'Empty' is empty; its sheets: 'Old', 'Plants', '2024', 'Empty'",
    )
    result = read(path, sheet="Old", ignoreLines=2)
    assert [(code, lines) for code, _, _, lines in result.said] == [("excel/no-records", [3])]
    fault = read(xlsx(tmp_path, [[None], [None], ["a"], [1]])).fault
    assert (fault.code, fault.hint) == (
        "excel/no-records",
        "The first row with a value is 3 ('a'): set headerLine to it.",
    )
    moved = [["Export of June"], [None], ["id", "name", "n", "m"], [1, "x", 2, 3]]
    assert read(xlsx(tmp_path, moved), headerLine=2).fault.hint == (
        "The next row with a value is 3 ('id', 'name', 'n', …): set headerLine to it."
    )


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "it's damaged, cut off, or no workbook at all"),
        (b"PK\x03\x04" + b"x" * 100, "it's cut off: the list of contents at its end is missing"),
        (gzip.compress(b"PK\x03\x04"), "it's compressed with gzip, and workbooks aren't unpacked"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
            "it's protected by",
        ),
    ],
    ids=["empty", "zip", "gzip", "password"],
)
def test_what_isnt_a_workbook_is_unreadable(tmp_path, data, words):
    path = tmp_path / "a.xlsx"
    path.write_bytes(data)
    fault = read(path).fault
    assert fault.code == "excel/unreadable"
    assert fault.message.startswith(f"a.xlsx can't be read: {words}")


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_a_workbook_that_was_cut_off_is_unreadable(tmp_path, make):
    path = make(tmp_path, [["a"], *([f"value {i}"] for i in range(500))])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert read(path).fault.code == "excel/unreadable"


def test_any_damage_is_a_finding(tmp_path):
    for make in MAKERS.values():
        path = make(tmp_path, [["a", "b"], *([f"value {i}", i] for i in range(50))])
        data = path.read_bytes()
        for at in range(0, len(data), max(1, len(data) // 60)):
            path.write_bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
            fault = read(path).fault
            assert fault is None or fault.code in (
                "excel/unreadable",
                "excel/no-records",
                "excel/many-columns",
                "excel/too-large",
                "access/compression",
            )


def test_a_stray_cell_far_away_is_too_large(tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "a", " "
    path = tmp_path / "far.xlsx"
    book.save(path)
    fault = read(path).fault
    assert (fault.code, fault.location.line) == ("excel/too-large", 1048576)
    assert "reaches to row 1,048,576 and column 16,384" in fault.message
    assert fault.message.endswith("more than 2,147,483,648 (Limits.workbook_bytes)")


def test_repeated_cells_are_too_large(tmp_path):
    path = ods(tmp_path, [["a"], [1]])

    def change(text):
        text = text.replace("<table:table-row>", '<table:table-row table:number-rows-repeated="900000">')
        return text.replace("<table:table-cell ", '<table:table-cell table:number-columns-repeated="16000" ')

    assert read(rewritten(path, "content.xml", change)).fault.code == "excel/too-large"


def test_what_unpacks_to_too_much_isnt_read(tmp_path):
    path = xlsx(tmp_path, [["a"], *([1] for _ in range(5_000))])
    for name in ("inflated_bytes", "workbook_bytes"):
        fault = read(path, limits=Limits(**{name: 100_000})).fault
        assert fault.code == "access/compression"
        assert fault.message.endswith(f"more than 100,000 (Limits.{name})")


def test_too_many_columns(tmp_path):
    path = xlsx(tmp_path, [["a", "b", "c"], [1, 2, 3]])
    fault = read(path, limits=Limits(columns=2)).fault
    assert (fault.code, fault.message) == (
        "excel/many-columns",
        "sheet 'Data' has 3 columns, more than 2 (Limits.columns)",
    )


def test_several_files_are_one_table(tmp_path):
    paths = [
        xlsx(tmp_path, [["a", "b"], [1, 2], [3, 4]]),
        ods(tmp_path, [["b", "c"], [5, 6]], "b.ods"),
    ]
    result = read(*paths)
    assert result.values == {
        "$.a": [("number", "1"), ("number", "3"), ("absent", None)],
        "$.b": [("number", "2"), ("number", "4"), ("number", "5")],
    }
    assert [(p.file, p.record, p.line) for p in result.places] == [("a.xlsx", 1, 2), ("a.xlsx", 2, 3), ("b.ods", 3, 2)]
    [differs] = result.tallies
    assert (differs.code, differs.details) == ("excel/header-differs", {"lacking": ["a"], "extra": ["c"]})
    cuts, numbers, values = again(WorkbookReader, paths, [2, 3], frozenset({"$.b"}))
    assert (cuts, numbers, values) == (2, [2, 3], {"$.b": [("number", "4"), ("number", "5")]})


def test_a_parser_pickles(tmp_path):
    reading = open_files(WorkbookReader, [xlsx(tmp_path, [["a"], [1]])])
    assert pickle.loads(pickle.dumps(reading.parser())) == reading.parser()


def test_addresses():
    assert [address("S", c, 7) for c in (0, 25, 26, 701, 702, 16383)] == [
        "S!A7", "S!Z7", "S!AA7", "S!ZZ7", "S!AAA7", "S!XFD7",
    ]  # fmt: skip
    assert address("it's", 0, 1) == "'it''s'!A1"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (dt.timedelta(0), "PT0S"),
        (dt.timedelta(days=2), "P2D"),
        (dt.timedelta(hours=30, seconds=1.5), "P1DT6H1.5S"),
        (-dt.timedelta(minutes=5), "-PT5M"),
        (dt.time(1, 2, 3, 500_000), "01:02:03.500000"),
    ],
)
def test_durations_and_times(value, text):
    assert spelled(value) == ("string", text)


CELL = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(-1e300, 1e300).map(lambda f: float(f"{f:.15g}")),  # openpyxl writes 16 digits
    st.from_regex(r"[a-zé<&\"' ]{0,5}[a-z]", fullmatch=True),
)


def expected(value):
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "boolean", str(value).lower()
    if isinstance(value, str):
        return "string", value
    return "number", str(int(value)) if float(value).is_integer() and abs(value) < 1e16 else repr(value)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 3).flatmap(lambda w: st.lists(st.lists(CELL, min_size=w, max_size=w), min_size=1, max_size=8)),
       st.sampled_from(["xlsx", "ods"]), st.integers(1, 6), st.data())  # fmt: skip
def test_a_table_comes_back_as_it_was(tmp_path_factory, rows, kind, cells, data):
    folder = tmp_path_factory.mktemp("law")
    width = len(rows[0])
    path = MAKERS[kind](folder, [[f"c{i}" for i in range(width)], *rows])
    lines = [n for n, row in enumerate(rows, 2) if any(v is not None for v in row)]
    kept = [row for row in rows if any(v is not None for v in row)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader_module, "CELLS", cells)
        result = read(path)
        assert [p.line for p in result.places] == lines
        blank = [n for n in range(2, lines[-1]) if n not in lines] if lines else []
        assert [s.location.line for t in result.tallies if t.code == "excel/blank-row" for s in t.samples] == blank
        if not kept:
            assert [t.code for t in result.tallies] == ["excel/no-records"]
            return
        values = {f"$.c{i}": [expected(row[i]) for row in kept] for i in range(width)}
        assert result.values == values
        wanted = sorted(data.draw(st.sets(st.integers(1, len(kept)), min_size=1)))
        _, numbers, found = again(WorkbookReader, [path], wanted, frozenset({"$.c0"}))
    assert numbers == wanted
    assert found == {"$.c0": [values["$.c0"][n - 1] for n in wanted]}
