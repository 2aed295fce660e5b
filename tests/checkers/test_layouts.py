"""Tables with lines that are no records, or that are laid out otherwise than a table is: one finding, at its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.checkers.findings import only

from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.findings import Finding
from potable.engine.limits import Limits
from potable.engine.options import RunOptions
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins

Check = Callable[..., Report]

HEAD = "id,name,age,weight\n"
ROWS = [f"S{n:03},{('Ann', 'Bob', 'Cid', 'Eve')[n % 4]},{20 + 7 * n % 50},{50 + 11 * n % 40}.5\n" for n in range(1, 31)]
TABLE = HEAD + "".join(ROWS)
DEFINITION: dict[str, Any] = {
    "primaryKey": "id",
    "schema": {
        "fields": [
            {"name": "id", "constraints": {"pattern": "S[0-9]+"}},
            {"name": "name", "constraints": {"enum": ["Ann", "Bob", "Cid", "Eve"]}},
            {"name": "age", "type": "integer", "constraints": {"required": True}},
            {"name": "weight", "type": "number"},
        ]
    },
    "checks": {"rows": {"constraints": ["age < weight * 10"]}},
}


def places(finding: Finding) -> list[tuple[int | None, int | None, int | None]]:
    """Line, byte and record of its samples."""
    return [(s.location.line, s.location.byte, s.location.record) for s in finding.samples]


def test_the_table_itself_is_clean(check: Check) -> None:
    for definition in ({}, DEFINITION):
        assert check(TABLE, **definition).findings == ()


# -- a header of another length than the records -----------------------------------------------------------------------


@pytest.mark.parametrize("definition", [{}, DEFINITION])
def test_row_names_without_a_name_are_one_finding(check: Check, definition: dict[str, Any]) -> None:
    report = check(HEAD + "".join(f"{n},{row}" for n, row in enumerate(ROWS, 1)), **definition)
    finding = only(report)
    assert (finding.code, finding.severity, finding.count, places(finding)) == (
        "csv/header-length", "error", 1, [(1, 0, None)],
    )  # fmt: skip
    assert finding.samples[0].message == (
        "the header has 4 names, each of the first 20 records 5 cells; their first cells ('1', '2', …) may be names of "
        "the rows"
    )
    assert "row.names = FALSE" in finding.hint
    assert report.metrics["suppressed"]["csv/extra-cell"] == 30


def test_a_name_too_many_is_one_finding(check: Check) -> None:
    report = check("row," + TABLE, primaryKey="id", checks=DEFINITION["checks"])
    finding = only(report)
    assert (finding.code, finding.details) == ("csv/header-length", {"names": 5, "cells": 4})
    assert report.metrics["suppressed"]["csv/missing-cell"] == 30


def test_records_of_several_lengths_are_each_told(check: Check) -> None:
    """Nothing says that it's the header which is wrong."""
    mixed = HEAD + "".join(f"x,{row}" if n % 2 else row for n, row in enumerate(ROWS))
    assert only(check(mixed)).code == "csv/extra-cell"
    few = HEAD + "".join(f"{n},{row}" for n, row in enumerate(ROWS[:4]))
    assert only(check(few)).code == "csv/extra-cell"


# -- a row under the header --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (",,(years),(kg)", "a row of units"),
        (",,years,kg", "a row of units"),
        (",,[a],[10³ kg]", "a row of units"),
        ("-,-,yr,mg/l", "a row of units"),
        (",UTC,degrees_north,W m-2", "a row of units"),
        (",,%/K,Ohm", "a row of units"),
        ("string,string,integer,float", "a row of types"),
        ("----,----,---,------", "a drawn line"),
    ],
)
@pytest.mark.parametrize("definition", [{}, DEFINITION])
def test_a_row_under_the_header(check: Check, row: str, what: str, definition: dict[str, Any]) -> None:
    report = check(HEAD + row + "\n" + "".join(ROWS), **definition)
    finding = only(report)
    assert (finding.code, finding.count, places(finding)) == ("csv/subheader", 1, [(2, len(HEAD), 1)])
    assert finding.samples[0].message == f"the row under the header is {what}, no record"
    assert finding.samples[0].value == row
    mended = check(HEAD + row + "\n" + "".join(ROWS), **definition, ignoreLines=2)
    assert mended.findings == (), "the mend that the hint names"
    assert "ignoreLines: 2" in finding.hint


def test_several_rows_under_the_header(check: Check) -> None:
    rows = "units,,1/a,kg\n[0],,pet_age,pet_weight\n"
    finding = only(check(HEAD + rows + "".join(ROWS)))
    assert (finding.code, finding.count) == ("csv/subheader", 2)
    assert places(finding) == [(2, len(HEAD), 1), (3, len(HEAD) + rows.index("[0]"), 2)]
    assert [s.message for s in finding.samples] == [
        "the row under the header is a row of units, no record",
        "the row under the header is a second row of names, no record",
    ]
    assert "ignoreLines: 3" in finding.hint
    assert check(HEAD + rows + "".join(ROWS), ignoreLines=3).findings == ()


def test_the_row_of_a_second_file_has_its_own_record(check: Check, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(TABLE)
    (tmp_path / "b.csv").write_text(HEAD + ",,(years),(kg)\n" + "".join(r.replace("S", "S1") for r in ROWS))
    finding = only(check("", ingestURL=".", filenamePattern="^[ab][.]csv$"))
    at = finding.samples[0].location
    assert (finding.code, at.file, at.line, at.record) == ("csv/subheader", "b.csv", 2, 31)


@pytest.mark.parametrize(
    "row",
    [
        "S000,Ann,(years),(kg)",  # it has a key
        ",,,",
        ",,n/a,",
        ",m,,",  # no figures stand below
        ",,unknown,kg",
        ",,(30),(50)",  # negative numbers of accountants
    ],
)
def test_other_rows_under_the_header_are_records(check: Check, row: str) -> None:
    assert "csv/subheader" not in {f.code for f in check(HEAD + row + "\n" + "".join(ROWS)).findings}


# -- a header above the header -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("above", "told"),
    [
        (",,Body,\n", "line 1 names groups of 4 columns; line 2 has 'id', 'name', 'age', …"),
        ("Person,Person,Body,Body\n", "line 1 names groups of 4 columns; line 2 has 'id', 'name', 'age', …"),
        ("People,2nd edition\n", "line 1 has 2 names, for 4 columns; line 2 has 'id', 'name', 'age', …"),
    ],
)
def test_a_row_above_the_header(check: Check, above: str, told: str) -> None:
    finding = only(check(above + TABLE))
    assert (finding.code, places(finding), finding.samples[0].message) == ("csv/wrong-header", [(1, 0, None)], told)
    assert finding.hint == "Set headerLine: 2."
    assert check(above + TABLE, headerLine=2).findings == ()


@pytest.mark.parametrize(
    ("above", "mark"), [("# by the Harbour Office\n#\n", "#"), ("// one\n// two\n", "//"), ("% of 2024\n", "%")]
)
def test_lines_of_comment_above_the_header(check: Check, above: str, mark: str) -> None:
    for definition in ({}, DEFINITION):
        finding = only(check(above + TABLE, **definition))
        assert (finding.code, finding.hint) == ("csv/wrong-header", f'Set comment: "{mark}".')
        assert check(above + TABLE, **definition, comment=mark).findings == ()


def test_a_header_that_begins_as_the_comments_do(check: Check) -> None:
    text = "##fileformat=3\n##source=harbour\n#" + TABLE
    finding = only(check(text))
    assert (finding.code, finding.hint) == ("csv/wrong-header", 'Set comment: "##".')
    assert check(text, comment="##").findings == ()


def test_records_that_begin_as_the_lines_above_are_no_comments(check: Check) -> None:
    text = "# by the Harbour Office\n" + TABLE.replace("S00", "#S00")
    finding = only(check(text))
    assert (finding.code, finding.hint) == ("csv/wrong-header", "Set headerLine: 2.")
    assert check(text, headerLine=2).findings == ()


def test_blank_and_double_names_above_texts_are_told_as_such(check: Check) -> None:
    text = "id,,x,x\n" + "a,b,c,d\ne,f,g,h\n" * 5
    assert {f.code for f in check(text).findings} == {"csv/blank-header", "csv/duplicate-header", "rows/duplicate"}


# -- notes and messages ------------------------------------------------------------------------------------------------

NOTES = [
    "Source: Harbour Office", "Note: ages are estimated", "n = 30", "(30 rows affected)", "* estimated by hand",
    "© 2024 Harbour Office", "Last updated: 2024-05-01", "Generated on 2024-05-01", "30 records", "Total records: 30",
    "Quelle: Hafenamt", "Fuente: Oficina", "End of report", "Data from the Harbour Office",
    "# exported by the Harbour Office", "## end",
]  # fmt: skip


@pytest.mark.parametrize("pad", ["", ",,,"])
@pytest.mark.parametrize("note", NOTES)
def test_a_note_behind_the_records(check: Check, note: str, pad: str) -> None:
    finding = only(check(TABLE + note + pad + "\n", **DEFINITION))
    assert (finding.code, finding.count, places(finding)) == ("csv/note", 1, [(32, len(TABLE.encode()), 31)])
    assert finding.samples[0].message == f"the line is a note, not a record: {note + pad!r}"


def test_a_note_in_quotes(check: Check) -> None:
    assert only(check(TABLE + '"Source: Harbour Office, Kiel"\n')).code == "csv/note"
    assert only(check(TABLE + '"Source: Harbour Office, Kiel",,"",\n')).code == "csv/note"


@pytest.mark.parametrize(
    "line",
    [
        "S031,,,",
        "Source: a,Ann,30,50",
        "Ann is here,,,",
        "n = 30,,5,",
        "10 rowers,,,",
        "Notebook,,,",
        "*,,,",
        "Sources,,,",
        "#12,,,",
    ],
)
def test_other_records_of_one_cell_are_no_notes(check: Check, line: str) -> None:
    assert "csv/note" not in {f.code for f in check(TABLE + line + "\n").findings}


def test_a_column_of_notes_is_none(check: Check) -> None:
    assert check("note\n" + "".join(f"Note: {n}\n" for n in range(9))).findings == ()


MESSAGES = [
    "<html><head><title>504 Gateway Time-out</title></head>",
    "<!DOCTYPE html>",
    "<br /><b>Warning</b>:  Undefined variable in <b>/x.php</b> on line <b>4</b><br />",
    "<b>Fatal error</b>:  Allowed memory size of 134217728 bytes exhausted in <b>/x.php</b> on line <b>4</b><br />",
    "PHP Warning:  Undefined variable $x in /srv/export.php on line 45",
    "Traceback (most recent call last):",
    "MemoryError",
    "    main(source, target)",
    "    rows = first[0], second[0]",
    "    ^^^^^^^^^^^^^^^^^^^^",
    "java.sql.SQLException: Connection reset, closing",
    "    at Object.<anonymous> (/srv/export.js:10:5)",
    "    at async read (/srv/export.js:8:2)",
    "\t... 12 more",
    "System.Data.SqlClient.SqlException (0x80131904): Timeout expired, try again",
    "ERROR:  canceling statement due to statement timeout",
    "ERROR 1317 (70100): Query execution was interrupted",
    "ORA-01555: snapshot too old",
    "2024-05-01 12:00:01,123 ERROR export: connection reset by peer",
    '{"error":"timeout","status":504}',
    "<<<<<<< HEAD",
    ">>>>>>> branch",
    "=======",
]


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_among_the_records(check: Check, message: str) -> None:
    text = HEAD + "".join(ROWS[:20]) + message + "\n" + "".join(ROWS[20:])
    finding = only(check(text, **DEFINITION))
    start = len(HEAD + "".join(ROWS[:20]))
    assert (finding.code, finding.count, places(finding)) == ("csv/program-output", 1, [(22, start, 21)])
    assert finding.samples[0].value == message


def test_a_record_that_a_page_breaks_off(check: Check) -> None:
    cut = HEAD + "".join(ROWS[:20]) + "S021,An"
    finding = only(check(cut + "<html>\n<body>\n<h1>Bad Gateway</h1>\n</body>\n</html>\n", **DEFINITION))
    assert (finding.code, finding.count) == ("csv/program-output", 5)
    assert places(finding)[0] == (22, len(cut) - 7, 21)


@pytest.mark.parametrize(
    "record",
    [
        "S031,ERROR: none,30,50.5",
        '"S031","<html>",30,50.5',
        "S031,Ann,30,50.5,=======x",
        "S031,Error",
        "    S031,Ann",
        "    Ann Lee (born 1951)",
    ],
)
def test_texts_of_records_are_no_messages(check: Check, record: str) -> None:
    assert "csv/program-output" not in {f.code for f in check(TABLE + record + "\n").findings}


# -- two tables --------------------------------------------------------------------------------------------------------

SECOND = {
    "wider": "code,label,order,lang,status\n" + "".join(f"c{n},l{n},{n},en,ok\n" for n in range(9)),
    "as wide": "code,label,lang,order\n" + "".join(f"c{n},l{n},en,{n}\n" for n in range(9)),
    "narrower": "code,label\n" + "".join(f"c{n},l{n}\n" for n in range(9)),
    "padded": "code,order,,\n" + "".join(f"c{n},{n},,\n" for n in range(9)),
}


@pytest.mark.parametrize("apart", ["\n", "\n\n", ",,,\n", ",,,\n,,,\n"])
@pytest.mark.parametrize("second", SECOND)
def test_a_second_table(check: Check, second: str, apart: str) -> None:
    report = check(TABLE + apart + SECOND[second], **DEFINITION)
    finding, padded = only(report), apart.count(",,,")
    first = 31 + padded
    line = 32 + apart.count("\n")
    assert (finding.code, finding.count) == ("csv/second-table", 10 + padded)
    assert places(finding) == [(line, len(TABLE + apart), first)]
    assert finding.samples[0].message.startswith(f"line {line} begins another table, of ")
    assert report.counts.records_with_errors == 10 + padded


@pytest.mark.parametrize(
    "behind",
    [
        "".join(ROWS),  # groups of records
        TABLE,  # the header again
        "Fruit,,,\n" + "".join(ROWS),
        "a,b,c,d\n" + "".join(ROWS[:1]),  # one record isn't a table
        "x,Ann,absent,\n" + "".join(ROWS),
    ],
)
def test_blank_rows_between_records_begin_no_table(check: Check, behind: str) -> None:
    assert "csv/second-table" not in {f.code for f in check(TABLE + "\n" + behind).findings}


# -- columns of fixed width --------------------------------------------------------------------------------------------

CELLS = [line.strip().split(",") for line in [HEAD, *ROWS]]
FIXED = "".join(f"{a:<8}{b:<12}{c:>5}{d:>8}\n" for a, b, c, d in CELLS)
DRAWN = [f"| {a:<4} | {b:<4} | {c:>3} | {d:>6} |\n" for a, b, c, d in CELLS]
RULE = "+------+------+-----+--------+\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (FIXED, "nothing but blanks between"),
        (FIXED.replace("\n", "\n" + "-" * 30 + "\n", 1), "lines drawn between"),
        (RULE + DRAWN[0] + RULE + "".join(DRAWN[1:]) + RULE, "is drawn, with bars between"),
    ],
)
@pytest.mark.parametrize("definition", [{}, DEFINITION])
def test_columns_of_fixed_width(check: Check, text: str, told: str, definition: dict[str, Any]) -> None:
    finding = only(check(text, **definition))
    assert (finding.code, finding.details, places(finding)) == ("csv/fixed-width", {"columns": 4}, [(1, 0, None)])
    assert told in finding.samples[0].message
    assert finding.samples[0].message.endswith(": 'id', 'name', 'age', …")


def test_a_column_of_fixed_width_whose_cells_have_two_words(check: Check) -> None:
    text = "".join(
        f"{a:>8}{'group' if a == 'id' else f'{10 + len(b)} years':>12}{c:>5}{d:>8}\n" for a, b, c, d in CELLS
    )
    finding = only(check(text))
    assert (finding.code, finding.details) == ("csv/fixed-width", {"columns": 4})
    assert finding.samples[0].message.endswith(": 'id', 'group', 'age', …")


FOOTED = RULE + DRAWN[0] + RULE + "".join(DRAWN[1:9]) + RULE
MARKDOWN = "|id|name|age|weight|\n|---|:--|--:|:-:|\n" + "".join("|" + "|".join(cells) + "|\n" for cells in CELLS[1:])


@pytest.mark.parametrize("foot", ["8 rows in set (0.00 sec)\n", "(8 rows)\n\n"])
def test_what_a_client_says_under_its_table(check: Check, foot: str) -> None:
    finding = only(check(FOOTED + foot))
    assert (finding.code, finding.details, places(finding)) == ("csv/fixed-width", {"columns": 4}, [(1, 0, None)])


@pytest.mark.parametrize("text", [MARKDOWN, MARKDOWN.replace("\n|", "\n")[1:].replace("|\n", "\n")])
@pytest.mark.parametrize("delimiter", [",", "|"])
def test_a_table_of_markdown(check: Check, text: str, delimiter: str) -> None:
    finding = only(check(text, delimiter=delimiter))
    assert (finding.code, finding.details, places(finding)) == ("csv/fixed-width", {"columns": 4}, [(1, 0, None)])
    assert finding.samples[0].message == (
        "the table is written in Markdown, with bars between its 4 columns: 'id', 'name', 'age', …"
    )


RULED = " id | name | age | weight \n----+------+-----+--------\n"
BOXED = "┌────┬──────┬─────┬────────┐\n│ id │ name │ age │ weight │\n├────┼──────┼─────┼────────┤\n"


@pytest.mark.parametrize("delimiter", [",", "|"])
@pytest.mark.parametrize(
    "text",
    [
        RULED + "".join(f" {' | '.join(cells)}\n" for cells in CELLS[1:]) + "(8 rows)\n\n",
        (RULED + "".join(f" {' | '.join(cells)}\n" for cells in CELLS[1:])).translate({43: "┼", 45: "─", 124: "│"}),
        BOXED + "".join(f"│ {' │ '.join(cells)} │\n" for cells in CELLS[1:]) + "└────┴──────┴─────┴────────┘\n",
        FOOTED,
    ],
)
def test_a_table_that_is_drawn(check: Check, text: str, delimiter: str) -> None:
    finding = only(check(text, delimiter=delimiter))
    assert (finding.code, finding.details, places(finding)) == ("csv/fixed-width", {"columns": 4}, [(1, 0, None)])
    assert finding.samples[0].message == ("the table is drawn, with bars between its 4 columns: 'id', 'name', 'age', …")


@pytest.mark.parametrize("text", ["a|b\n1|2\n---|x\n", "a|b\n--|-1\n5|6\n", "a\n-\n-\n-\n"])
def test_bars_that_are_delimiters(check: Check, text: str) -> None:
    assert "csv/fixed-width" not in {f.code for f in check(text, delimiter="|").findings}


# -- tabs that a program has turned into blanks ------------------------------------------------------------------------

NAMED = {"primaryKey": "id", "delimiter": "\t"}
WIDE = [["id", "name", "organism", "passage"], *([f"CL{n}", "U2 OS", "Homo sapiens", str(n)] for n in range(10, 20))]
TABBED = ["\t".join(cells) + "\n" for cells in WIDE]


@pytest.mark.parametrize("definition", [{"delimiter": "\t"}, NAMED])
@pytest.mark.parametrize("blanks", ["  ", "    "])
def test_as_many_blanks_for_each_tab(check: Check, blanks: str, definition: dict[str, Any]) -> None:
    finding = only(check("".join(TABBED).replace("\t", blanks), **definition))
    assert (finding.code, finding.hint, places(finding)) == (
        "csv/wrong-delimiter", f"Set delimiter to {blanks!r}.", [(1, 0, None)],
    )  # fmt: skip
    assert finding.samples[0].message.endswith(f"has one column; {len(blanks)} blanks split it into 4")
    assert check("".join(TABBED).replace("\t", blanks), **definition | {"delimiter": blanks}).findings == ()


@pytest.mark.parametrize("definition", [{"delimiter": "\t"}, NAMED])
def test_blanks_up_to_where_tabs_stop(check: Check, definition: dict[str, Any]) -> None:
    finding = only(check("".join(TABBED).expandtabs(), **definition))
    assert (finding.code, finding.details) == ("csv/fixed-width", {"columns": 4})
    assert "'id', 'name', 'organism', …" in finding.samples[0].message
    assert finding.hint.startswith("Have the table exported with its tabs")


def test_one_blank_for_each_tab_and_in_values(check: Check) -> None:
    finding = only(check("".join(TABBED).replace("\t", " "), **NAMED))
    assert (finding.code, finding.details) == ("csv/wrong-delimiter", {"columns": 4})
    assert finding.samples[0].message.endswith("a blank splits its header into 4, and some values too")


@pytest.mark.parametrize("definition", [{"delimiter": "\t"}, NAMED])
@pytest.mark.parametrize("part", ["header", "records"])
def test_blanks_in_one_part_of_the_table(check: Check, part: str, definition: dict[str, Any]) -> None:
    blank = [line.replace("\t", "   ") for line in TABBED]
    text = blank[0] + "".join(TABBED[1:]) if part == "header" else TABBED[0] + "".join(blank[1:])
    finding = only(check(text, **definition))
    assert (finding.code, finding.details, places(finding)) == (
        "csv/wrong-delimiter", {"columns": 4}, [(1, 0, None)],
    )  # fmt: skip
    assert "a tab splits" in finding.samples[0].message


def test_blanks_in_a_few_records(check: Check) -> None:
    text = "".join(line if n % 4 else line.replace("\t", "  ") for n, line in enumerate(TABBED, 1))
    assert [(f.code, f.count) for f in check(text, **NAMED).findings] == [("csv/missing-cell", 2)]


@pytest.mark.parametrize(
    "text",
    [
        "note\n" + "A sentence.  Another one.\n" * 9,
        "id\n" + "a  b\n" * 9,
        "first  second  third\n" + "a  b  c\n" * 3 + "a  b\n" * 3,
        "".join(TABBED),
        "Cell lines of 2024\n" + "".join(TABBED),
    ],
)
def test_blanks_that_separate_nothing(check: Check, text: str) -> None:
    assert "csv/wrong-delimiter" not in {f.code for f in check(text, **NAMED).findings}


# -- cells that a blank separates --------------------------------------------------------------------------------------

SPACED = [" ".join(cells) + "\n" for cells in CELLS]
QUOTED = [f'"{n}" "{a}" "{b}" {c} {d}\n' for n, (a, b, c, d) in enumerate(CELLS[1:], 1)]


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("".join(SPACED), 4),
        ('"id" "name" "age" "weight"\n' + "".join(QUOTED), 5),
        ('"id" "name" "age" "weight"\n' + "".join(line.partition(" ")[2] for line in QUOTED), 4),
    ],
)
@pytest.mark.parametrize("definition", [{}, DEFINITION])
def test_blanks_between_cells(check: Check, text: str, columns: int, definition: dict[str, Any]) -> None:
    finding = only(check(text, **definition))
    assert (finding.code, places(finding)) == ("csv/wrong-delimiter", [(1, 0, None)])
    assert (finding.details, finding.hint) == ({"delimiter": " ", "columns": columns}, "Set delimiter to ' '.")
    mended = check(text, delimiter=" ", **definition)
    assert [f.code for f in mended.findings] == (["csv/header-length"] if columns == 5 else [])


@pytest.mark.parametrize(
    "text",
    [
        "full name\n" + "Ann Lee\nBob Ray\nCid Day\n" * 3,
        "seen at\n" + "".join(f"2024-05-0{n} 10:00:00 UTC\n" for n in range(1, 9)),
        "how many people\n" + "".join(f"{n} of 7\n" for n in range(1, 9)),
        '"full name"\n' + '"Ann Lee"\n"Bob Ray"\n' * 4,
    ],
)
def test_texts_of_several_words_are_one_cell(check: Check, text: str) -> None:
    assert "csv/wrong-delimiter" not in {f.code for f in check(text).findings}


# -- a program's message above -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "above",
    [
        "PHP Warning:  Undefined variable $x in /srv/export.php on line 45\n",
        "mysql: [Warning] Using a password on the command line interface can be insecure.\n",
        "Traceback (most recent call last):\n",
    ],
)
def test_a_message_above_the_header(check: Check, above: str) -> None:
    finding = only(check(above + TABLE))
    assert (finding.code, finding.count, places(finding)) == ("csv/wrong-header", 1, [(1, 0, None)])
    assert finding.samples[0].message == "line 1 is a message of a program; line 2 has 'id', 'name', 'age', …"
    assert finding.hint.startswith("Get the file again")
    assert finding.hint.endswith("set headerLine: 2.")
    assert check(above + TABLE, headerLine=2).findings == ()


# -- blank lines before a note -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("blank", ["\n", "\n\n\n", "\r\n\r\n"])
@pytest.mark.parametrize("note", ["Source: Harbour Office", '"Source: a, b"', "(30 rows affected),,,"])
def test_blank_lines_before_a_note_are_its_own(check: Check, blank: str, note: str) -> None:
    end = "\r\n" if "\r" in blank else "\n"
    assert only(check(TABLE.replace("\n", end) + blank + note + end)).code == "csv/note"


def test_other_blank_lines_are_told_beside_a_note(check: Check) -> None:
    text = HEAD + "".join(ROWS[:9]) + "\n" + "".join(ROWS[9:]) + "\nNote: x\n\nSources,a,1,2\n"
    report = check(text)
    blank = next(f for f in report.findings if f.code == "csv/blank-row")
    assert [line for line, _, _ in places(blank)] == [11, 35]


@pytest.mark.parametrize("size", [1, 7, 40])
def test_blank_lines_before_notes_in_any_cutting(tmp_path: Path, size: int) -> None:
    text = HEAD + "".join(ROWS[:3]) + "\n\nNote: one\n\n" + "".join(ROWS[3:6]) + '\n\n"Source: a, b"\n\nn = 6\n'
    whole = cut_at(tmp_path, text.encode(), None)
    assert [(code, count) for code, count, _ in whole] == [("csv/note", 3), ("csv/blank-row", 1)]
    assert cut_at(tmp_path, text.encode(), size) == whole


@pytest.mark.parametrize(
    "text",
    [
        "title\n" + "".join(f"The {w} of it\n" for w in ("age", "end", "top", "art", "joy", "law", "sea")),
        "seen at\n" + "".join(f"2024-05-0{n} 10:00:00 UTC\n" for n in range(1, 9)),
        "name\n" + "Ann\nBob\nCid\n" * 3,
    ],
)
def test_one_column_of_texts_has_no_fixed_width(check: Check, text: str) -> None:
    assert "csv/fixed-width" not in {f.code for f in check(text).findings}


# -- any cutting gives the same ----------------------------------------------------------------------------------------


def cut_at(tmp_path: Path, data: bytes, size: int | None, encoding: str = "utf-8") -> list[Any]:
    """What the reader tells of the form of a table in cuts of so many bytes."""
    (tmp_path / "data.csv").write_bytes(data)
    members: dict[str, Any] = {"resourceID": "test", "ingestMethod": "CSV", "ingestURL": "data.csv"}
    source = from_mapping({**members, "encoding": encoding}, folder=tmp_path)
    limits = Limits() if size is None else Limits(chunk_bytes=size)
    report = run_source(source, load_plugins(without=["checkers"]), RunOptions(scratch=tmp_path, limits=limits))
    return [(f.code, f.count, f.samples) for f in report.findings if f.code.startswith("csv/")]


@pytest.mark.parametrize("size", [1, 40, 333])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_any_cutting_gives_the_same(tmp_path: Path, size: int, encoding: str) -> None:
    text = HEAD + ",,(years),(kg)\n" + "".join(ROWS[:9]) + MESSAGES[3] + "\n" + "".join(ROWS[9:])
    data = (text + "\n\n" + SECOND["wider"] + "Source: Ä\n").encode(encoding)
    whole = cut_at(tmp_path, data, None, encoding)
    codes = ["csv/program-output", "csv/second-table", "csv/subheader"]
    assert sorted(code for code, _, _ in whole) == sorted(codes)
    assert cut_at(tmp_path, data, size, encoding) == whole


@pytest.mark.parametrize("size", [10, 17, 34])
@pytest.mark.parametrize("apart", [",,,\n", ",,,\r\n", ",,,\n,,,\n"])
def test_a_blank_row_of_delimiters_at_the_start_of_a_cut(tmp_path: Path, apart: str, size: int) -> None:
    for records in range(1, 5):
        data = (HEAD + "".join(ROWS[:records]) + apart + SECOND["wider"]).encode()
        whole = cut_at(tmp_path, data, None)
        assert [(code, count) for code, count, _ in whole] == [("csv/second-table", 10 + apart.count(",,,"))]
        assert cut_at(tmp_path, data, size) == whole


# -- what stands around a JSON document --------------------------------------------------------------------------------

DOCUMENT = '[{"id": 1}, {"id": 2}]'


@pytest.mark.parametrize(
    ("before", "behind", "told"),
    [
        ("callback(", ");", "JSONP"),
        ("/**/typeof cb === 'function' && cb(", ");", "JSONP"),
        (")]}'\n", "", "guard against scripts"),
        ("while(1);", "", "guard against scripts"),
        ("var data = ", ";", "a script that holds the data"),
        ("export default ", "", "a script that holds the data"),
        ("", "\x1a", "end mark of DOS"),
        ("", "<br />\n<b>Warning</b>: x in /a.php on line 4", "program's message"),
    ],
)
def test_what_stands_around_a_document_is_named(check: Check, before: str, behind: str, told: str) -> None:
    finding = only(check(before + DOCUMENT + behind, ingestMethod="JSON"))
    at = 0 if before else len(DOCUMENT)
    assert (finding.code, finding.samples[0].location.byte) == ("json/syntax", at)
    assert told in finding.hint


@pytest.mark.parametrize("text", [DOCUMENT + "x", "nonsense", "[{id: 1}]"])
def test_other_faults_of_a_document_have_the_usual_mend(check: Check, text: str) -> None:
    assert only(check(text, ingestMethod="JSON")).hint.startswith("Mend the document at that place")
