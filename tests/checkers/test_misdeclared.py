"""Tables and documents that aren't what their definition says: one finding, at its place, that says what is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.checkers.findings import only, place

from potable.engine.contracts.report import Report

Check = Callable[..., Report]

SCHEMA = {"fields": [{"name": "id", "type": "integer"}, {"name": "name"}, {"name": "age", "type": "integer"}]}
TABLE = "id,name,age\n1,Ann,30\n2,Bob,41\n3,Cid,52\n"


@pytest.mark.parametrize("key", ["id", ["id", "name"], "$.id", None])
def test_a_mark_before_the_name_of_a_key_is_an_error(check: Check, key: Any) -> None:
    definition = {"schema": SCHEMA} if key is None else {"schema": SCHEMA, "primaryKey": key}
    report = check("\ufeff" + TABLE, **definition)
    finding = only(report)
    assert (finding.code, place(finding)) == ("encoding/byte-order-mark", (1, 0, None))
    severe = ("error", "$.id", "failed") if key is not None else ("warning", None, "passed")
    assert (finding.severity, finding.field, report.verdict) == severe


def test_a_mark_before_another_column_is_a_warning(check: Check) -> None:
    report = check("\ufeff" + TABLE, primaryKey="name")
    assert (only(report).severity, report.verdict) == ("warning", "passed")


@pytest.mark.parametrize("severity", ["info", "warning", {"$.id": "warning"}])
def test_the_definition_says_how_bad_a_mark_is(check: Check, severity: Any) -> None:
    report = check("\ufeff" + TABLE, primaryKey="id", severity={"encoding/byte-order-mark": severity})
    wanted = severity if isinstance(severity, str) else "warning"
    assert (only(report).severity, report.verdict) == (wanted, "passed")


def test_a_mark_goes_with_the_names_of_all_files(check: Check, tmp_path: Any) -> None:
    (tmp_path / "a.csv").write_text("\ufeffid,name\n1,a\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("\ufeffid,name\n2,b\n", encoding="utf-8")
    report = check("", ingestURL=".", filenamePattern="^[ab][.]csv$", primaryKey="id")
    finding = only(report)
    assert (finding.severity, finding.count) == ("error", 2)
    assert [s.location.file for s in finding.samples] == ["a.csv", "b.csv"]


QUOTED = "id,name,age\n1,Ann,30\n2,'Smith, John',41\n3,'Mc, Cid',52\n"


@pytest.mark.parametrize(
    ("text", "definition", "code", "at", "told", "hint"),
    [
        # another delimiter
        (
            TABLE.replace(",", ";"),
            {},
            "csv/wrong-delimiter",
            (1, 0),
            "at a comma the file has one column; a semicolon",
            "';'",
        ),
        (
            TABLE,
            {"delimiter": "|"},
            "csv/wrong-delimiter",
            (1, 0),
            "at a vertical bar the file has one column; a comma",
            "','",
        ),
        (
            "id;name, first;age\n1;Ann;30\n2;Bob;41\n",
            {"primaryKey": "name, first", "schema": None},
            "csv/wrong-delimiter",
            (1, 0),
            "the header has 2 cells and no record has as many; a semicolon splits",
            "';'",
        ),
        # another quote
        (
            QUOTED,
            {},
            "csv/wrong-quote",
            (3, 21),
            "textQuote is \", but cells in line 3 are quoted by '",
            "Set textQuote to '",
        ),
        (
            QUOTED.replace("'", '"'),
            {"textQuote": "'"},
            "csv/wrong-quote",
            (3, 21),
            "textQuote is ', but cells in line 3",
            '"',
        ),
        (
            QUOTED.replace("'", '"'),
            {"textQuote": ""},
            "csv/wrong-quote",
            (3, 21),
            "no textQuote is declared, but cells",
            '"',
        ),
        (
            "'id','name','age'\n'1','Ann','30'\n",
            {},
            "csv/wrong-quote",
            (1, 0),
            "textQuote is \", but the names in the header are quoted by '",
            "Set textQuote to '",
        ),
        # a header elsewhere, or none
        (
            "Stock, 2024\n\n" + TABLE,
            {},
            "csv/wrong-header",
            (1, 0),
            "line 3 has 'id'",
            "headerLine: 3.",
        ),
        (
            "# made\n# by x\n" + TABLE,
            {},
            "csv/wrong-header",
            (1, 0),
            "line 3 has 'id', 'name', 'age'",
            'comment: "#".',
        ),
        (
            "sep=;\n" + TABLE.replace(",", ";"),
            {},
            "csv/wrong-header",
            (1, 0),
            "line 2 has",
            "headerLine: 2 and delimiter: ';'.",
        ),
        (
            "Stock, 2024\n" + TABLE,
            {"schema": None},
            "csv/wrong-header",
            (1, 0),
            "line 1 hasn't the column that the definition names; line 2 has 'id'",
            "headerLine: 2.",
        ),
        (
            "sep=;\n" + TABLE.replace(",", ";"),
            {"schema": None},
            "csv/wrong-header",
            (1, 0),
            "line 2 has 'id'",
            "headerLine: 2 and delimiter: ';'.",
        ),
        (
            "sep=,\n" + TABLE,
            {"primaryKey": None, "schema": None},
            "csv/wrong-header",
            (1, 0),
            "line 1 is a note to spreadsheets, 'sep=,'; line 2 has 'id'",
            "headerLine: 2.",
        ),
        (
            "Stock\nof 2024\n" + TABLE,
            {"primaryKey": None, "schema": None},
            "csv/wrong-header",
            (1, 0),
            "line 1 has one name, for 3 columns; line 3 has 'id'",
            "headerLine: 3.",
        ),
        (
            "Stock,,\nof 2024,,\n" + TABLE,
            {"primaryKey": None, "schema": None},
            "csv/wrong-header",
            (1, 0),
            "line 1 has one name, for 3 columns; line 3 has 'id'",
            "headerLine: 3.",
        ),
        (
            "Stock\n" + (TABLE + "4,Dee,33\n5,Eve,27\n").replace(",", ";"),
            {"primaryKey": None, "schema": None},
            "csv/wrong-header",
            (1, 0),
            "line 1 has one name, for 3 columns; line 2 has 'id'",
            "headerLine: 2 and delimiter: ';'.",
        ),
        (
            TABLE,
            {"headerLine": 2},
            "csv/wrong-header",
            (2, 12),
            "line 2 has none of the 3 columns that",
            "headerLine: 1.",
        ),
        (
            TABLE,
            {"headerLine": 0},
            "csv/wrong-header",
            (1, 0),
            "headerLine is 0, but line 1 has 'id'",
            "headerLine: 1.",
        ),
        (TABLE[12:], {}, "csv/wrong-header", (1, 0), "its cells ('1', 'Ann', '30') look like", "set headerLine: 0"),
        (
            TABLE[12:],
            {"primaryKey": "id", "schema": None},
            "csv/wrong-header",
            (1, 0),
            "line 1 hasn't the column that",
            "headerLine: 0",
        ),
        (
            TABLE[12:],
            {"primaryKey": None, "schema": None},
            "csv/wrong-header",
            (1, 0),
            "line 1 is read as the header",
            "headerLine: 0",
        ),
        (
            "CVCL_0001,x\nCVCL_0002,y\n",
            {"schema": None, "qcRules": {"ValueExists": [{"path": "id"}]}},
            "csv/wrong-header",
            (1, 0),
            "its cells ('CVCL_0001', 'x') look like",
            "headerLine: 0",
        ),
    ],
)
def test_a_table_written_otherwise_than_declared(
    check: Check, text: str, definition: dict[str, Any], code: str, at: tuple[int, int], told: str, hint: str
) -> None:
    members = {"primaryKey": "id", "schema": SCHEMA, **definition}
    report = check(text, **{name: value for name, value in members.items() if value is not None})
    finding = only(report)
    assert (finding.code, place(finding), finding.count) == (code, (*at, None), 1)
    assert told in finding.samples[0].message
    assert hint in finding.hint
    assert report.verdict == "failed"


@pytest.mark.parametrize(
    ("text", "definition"),
    [
        (TABLE, {"schema": SCHEMA, "primaryKey": "id"}),
        (TABLE[12:], {"headerLine": 0}),
        ("country,2001,2002\nFR,1,2\n", {}),
        ("gene,0,5,10\nA,1,2,3\n", {}),
        ("1,2\n3,4\n", {}),
        ("1\n2\n", {}),
        ("name,37\nAnn,x\n", {}),
        ("id,note\n1,'tis\n2,rock 'n' roll\n", {"primaryKey": "id"}),
        ("id,note\n1,'a'\n2,'b'\n", {"primaryKey": "id"}),
        ("nr,kind\n1,id\n2,x\n", {"primaryKey": "id"}),
        ("Id,text\nx,y\n", {"qcRules": {"ValueExists": [{"path": "text"}]}}),
    ],
)
def test_a_table_written_as_declared(check: Check, text: str, definition: dict[str, Any]) -> None:
    assert {f.code for f in check(text, **definition).findings if f.code.startswith("csv/")} == set()


def test_other_names_are_no_wrong_header(check: Check) -> None:
    report = check("key,label,years\na,Ann,x\nb,Bob,y\n", schema=SCHEMA)
    assert {f.code for f in report.findings} == {"schema/other-names"}


def test_what_is_wrong_besides_a_header_elsewhere_is_told(check: Check) -> None:
    report = check("2024\n" + TABLE + "4, Dan,53\n", schema=SCHEMA)
    assert [f.code for f in report.findings] == ["csv/wrong-header"]
    report = check(TABLE[12:] + "4, Dan,53\n")
    assert [(f.code, place(f)) for f in report.findings] == [
        ("csv/wrong-header", (1, 0, None)),
        ("text/whitespace", (4, 27, 3)),
    ]


HEADERS = "id,näme,tëst\n1,Ann,x\n2,Bob,y\n"


@pytest.mark.parametrize("named", [["id", "näme", "tëst"], ["näme"], ["id", "näme", "tëst", "other"]])
def test_a_damaged_header_is_one_finding(check: Check, named: list[str]) -> None:
    schema = {"fields": [{"name": n} for n in named], "fieldsMatch": "subset"}
    report = check(HEADERS.encode("cp1252"), schema=schema, primaryKey="näme")
    told = {f.code: f for f in report.findings}
    finding = told.pop("encoding/invalid")
    assert place(finding) == (1, 4, None)
    assert "E4 (ä in windows-1252" in finding.samples[0].message
    assert "'näme'" in finding.samples[0].message
    assert {(code, f.field) for code, f in told.items()} == (
        {("schema/missing-field", "$.other")} if "other" in named else set()
    )


def test_a_damaged_name_that_may_be_two_is_none_of_them(check: Check) -> None:
    schema = {"fields": [{"name": "id"}, {"name": "näme"}, {"name": "nöme"}]}
    report = check("id,n\xe4me\n1,Ann\n".encode("cp1252"), schema=schema)
    assert "schema/missing-field" in {f.code for f in report.findings}


@pytest.mark.parametrize(
    "again",
    [
        "id,name,age\n",
        '"id","name","age"\n',
        "\ufeffid,name,age\n",
        "ID,NAME,AGE\n",
        "Id, name,Age\n",
        " id, name, age\n",
    ],
)
def test_a_header_that_comes_again_is_one_finding(check: Check, again: str) -> None:
    more = TABLE[12:].replace("1,A", "4,A").replace("2,B", "5,B").replace("3,C", "6,C")
    report = check(TABLE + again + more + again, schema=SCHEMA, primaryKey="id")
    finding = only(report)
    assert (finding.code, finding.count, report.counts.records) == ("csv/repeated-header", 2, 8)
    assert "csv/repeated-header" not in {f.code for f in check(TABLE + "id,Names,age\n" + more).findings}
    size = len(again.encode())
    assert [(s.location.line, s.location.byte, s.location.record) for s in finding.samples] == [
        (5, 39, 4),
        (9, 39 + size + 27, 8),
    ]


def test_records_that_hold_a_name_are_no_header(check: Check) -> None:
    assert check("id,name\nid,x\n2,name\n", primaryKey="id").findings == ()
    assert check("id\n1\nid\n").findings == ()
    assert check("id,name\nid,name\n", headerLine=0, checks={"rows": False}).findings == ()


@pytest.mark.parametrize(
    ("footer", "code"),
    [
        ("Total: 3 rows\n", "csv/note"),
        ("(3 rows)", "csv/note"),
        ("<br />\n", "csv/program-output"),
        ("   \n", "csv/missing-cell"),
    ],
)
def test_a_line_behind_the_table_is_one_error(check: Check, footer: str, code: str) -> None:
    report = check(TABLE + footer, schema=SCHEMA, primaryKey="id")
    (error,) = [f for f in report.findings if f.severity == "error"]
    assert (error.code, place(error)) == (code, (5, 39, 4))


@pytest.mark.parametrize("mark", [";", "|", "\t"])
def test_a_column_of_texts_with_marks_in_most_of_them_is_one_column(check: Check, mark: str) -> None:
    lines = [
        "note",
        f"see{mark} also",
        *(f"owl{mark} {n}" for n in range(4)),
        "none",
        *(f"owl{mark} {n}" for n in "567"),
    ]
    assert not [f for f in check("\n".join(lines), checks={"rows": False}).findings if f.code.startswith("csv/")]
