"""Tables that go wrong in one way from their first line to their last: one finding, that says how to mend it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.checkers.findings import only, place

from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.limits import Limits
from potable.engine.options import RunOptions
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins

Run = Callable[..., Report]
N = 60
HEADER = ("id", "name", "age", "born")
ROWS = [(f"K{n:03}", f"Ann{n}", str(20 + n % 30), f"2001-02-{1 + n % 28:02}") for n in range(1, N + 1)]
SCHEMA = {
    "fields": [{"name": "id"}, {"name": "name"}, {"name": "age", "type": "integer"}, {"name": "born", "type": "date"}],
    "foreignKeys": [{"fields": "name", "reference": {"resource": "", "fields": "name"}}],
}
DEFINITION = {"schema": SCHEMA, "primaryKey": "id"}


def table(delimiter: str = ",", newline: str = "\n", rows: list[tuple[str, ...]] = ROWS) -> str:
    return "".join(delimiter.join(row) + newline for row in [HEADER, *rows])


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """``run(text, **definition)``: the report on a file, the same whether it's cut into four or not."""

    def once(limits: Limits, definition: dict[str, Any]) -> Report:
        source = from_mapping(definition, folder=tmp_path)
        return run_source(source, load_plugins(), RunOptions(scratch=tmp_path, limits=limits))

    def run_(text: str | bytes, **definition: Any) -> Report:
        size = (tmp_path / "data").write_bytes(text.encode() if isinstance(text, str) else text)
        members = {"resourceID": "test", "ingestMethod": "CSV", "ingestURL": "data", **definition}
        whole, cut = once(Limits(), members), once(Limits(chunk_bytes=max(1, size // 4)), members)
        assert (cut.findings, cut.verdict, cut.counts) == (whole.findings, whole.verdict, whole.counts)
        assert cut.metrics.get("suppressed") == whole.metrics.get("suppressed")
        return whole

    return run_


# -- a blank behind each delimiter


@pytest.mark.parametrize("definition", [{}, {"primaryKey": "id"}, {"primaryKey": "age", "errPerc": 0}])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_blank_behind_each_delimiter(run: Run, definition: dict[str, Any], delimiter: str) -> None:
    text = table(f"{delimiter} ", rows=[(i, n, str(k), b) for k, (i, n, _, b) in enumerate(ROWS)])
    report = run(text, delimiter=delimiter, **definition)
    finding = only(report)
    assert (finding.code, finding.count, place(finding)) == ("csv/spaced-delimiter", 1, (1, 0, None))
    assert (finding.hint, report.verdict) == (f"Set delimiter to '{delimiter} '.", "passed")
    assert run(text, delimiter=f"{delimiter} ", **definition).findings == ()


def test_errors_beside_blanks_behind_each_delimiter_are_told(run: Run) -> None:
    text = table(", ", rows=[*ROWS, ROWS[0]])
    found = {f.code: f.count for f in run(text, **DEFINITION).findings}
    assert found == {"csv/spaced-delimiter": 1, "keys/duplicate": 1, "schema/type": 61}  # the dates


def test_blanks_in_a_table_of_few_records_are_told_one_by_one(run: Run) -> None:
    found = {f.code for f in run(table(", ", rows=ROWS[:4])).findings}
    assert found == {"csv/header-whitespace", "text/whitespace"}


def test_another_delimiter_with_a_blank_behind_it(run: Run) -> None:
    finding = only(run(table("; "), **DEFINITION))
    assert (finding.code, finding.hint) == ("csv/wrong-delimiter", "Set delimiter to '; '.")


def test_quoted_cells_behind_blanks(run: Run) -> None:
    rows = [(i, f'"Smith, {n}"', a, b) for i, n, a, b in ROWS]
    finding = only(run(table(", ", rows=rows), **DEFINITION))
    assert (finding.code, finding.hint) == ("csv/wrong-delimiter", "Set delimiter to ', '.")


def test_one_record_of_the_first_may_lack_the_blanks(run: Run) -> None:
    text = table(", ").replace("K007, Ann7, ", "K007,Ann7,")
    assert only(run(text, primaryKey="id")).code == "csv/spaced-delimiter"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("id,last\n" + "".join(f"{n},Smith\n" for n in range(9)), set()),
        ('id,"last, first"\n' + "".join(f'{n},"Smith, {n}"\n' for n in range(9)), set()),
        ("id,note\n" + "".join(f"{n}, x{n}\n" for n in range(9)), {"text/whitespace"}),
        ("id, note\n" + "".join(f"{n},x{n}\n" for n in range(9)), {"csv/header-whitespace"}),
        ("id, a,b\n" + "".join(f"{n}, x{n},y\n" for n in range(9)), {"csv/header-whitespace", "text/whitespace"}),
        (",   a\n".join(["id", *(f"{n}" for n in range(9)), ""]), {"csv/header-whitespace", "text/whitespace"}),
    ],
)
def test_blanks_behind_some_delimiters_are_told_one_by_one(run: Run, text: str, codes: set[str]) -> None:
    assert {f.code for f in run(text, primaryKey="id").findings} == codes


# -- cells that are padded


def padded(delimiter: str, rows: list[tuple[str, ...]] = ROWS, *, left: bool = True, header: bool = True) -> str:
    widths = [max(len(row[n]) for row in [HEADER, *rows]) + (n % 2) for n in range(len(HEADER))]
    lines = [[c.ljust(w) if left else c.rjust(w) for c, w in zip(row, widths, strict=True)] for row in [HEADER, *rows]]
    return "".join(delimiter.join(line) + "\n" for line in ([*lines] if header else [HEADER, *lines[1:]]))


@pytest.mark.parametrize("left", [True, False])
@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("delimiter", [",", "|"])
def test_cells_padded_to_the_width_of_their_column(run: Run, delimiter: str, *, left: bool, header: bool) -> None:
    rows = [(i, n if k % 4 else "", a, b) for k, (i, n, a, b) in enumerate(ROWS)]
    finding = only(run(padded(delimiter, rows, left=left, header=header), delimiter=delimiter, primaryKey="id"))
    assert (finding.code, finding.count, place(finding)) == ("csv/padded-cells", 1, (1, 0, None))
    assert finding.details["columns"] == len(HEADER) - (not header)
    assert run(table(delimiter, rows=rows), delimiter=delimiter, primaryKey="id").findings == ()


def test_errors_beside_padded_cells_are_told(run: Run) -> None:
    found = {f.code: f.count for f in run(padded(",", [*ROWS, ROWS[0]]), **DEFINITION).findings}
    assert found == {"csv/padded-cells": 1, "keys/duplicate": 1, "schema/type": 61}  # the dates


def test_other_columns_than_the_padded_ones_are_told(run: Run) -> None:
    rows = [(i, n.ljust(9), a, b.rjust(11)) for i, n, a, b in ROWS]
    rows[30] = (f"{rows[30][0]} ", *rows[30][1:])
    found = {(f.code, f.field): f.count for f in run(table(rows=rows)).findings}
    assert found == {("csv/padded-cells", None): 1, ("text/whitespace", "$.id"): 1}


@pytest.mark.parametrize("behind", [True, False])
def test_a_blank_in_all_cells_of_some_columns(run: Run, *, behind: bool) -> None:
    rows = [(i, *(f"{c} " if behind else f" {c}" for c in row)) for i, *row in ROWS]
    finding = only(run(table(rows=rows), primaryKey="id"))
    assert (finding.code, finding.count, finding.details) == ("csv/padded-cells", 1, {"columns": 3})


def test_a_single_padded_column_is_white_space(run: Run) -> None:
    found = run(table(rows=[(i, n.ljust(9), a, b) for i, n, a, b in ROWS])).findings
    assert [(f.code, f.field, f.count) for f in found] == [("text/whitespace", "$.name", N)]


# -- lines that are quoted as a whole


def in_quotes(text: str) -> str:
    return "".join('"' + line.replace('"', '""') + '"\n' for line in text.splitlines())


@pytest.mark.parametrize("definition", [{}, {"primaryKey": "id"}, DEFINITION])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_lines_in_quotes(run: Run, definition: dict[str, Any], delimiter: str) -> None:
    rows = [(i, f'"Smith{delimiter} {n}"', a, b) for i, n, a, b in ROWS]
    finding = only(run(in_quotes(table(delimiter, rows=rows)), **definition))
    assert (finding.code, finding.count, place(finding)) == ("csv/quoted-lines", 1, (1, 0, None))
    assert "splits it into 4" in finding.samples[0].message
    assert "Take the quotes around each line away" in finding.hint


@pytest.mark.parametrize(
    "text",
    [
        in_quotes("name\n" + "".join(f"Smith, {n}\n" for n in range(9))),
        in_quotes("last, first\n" + "".join(f"Smith, {n}\n" for n in range(9))),
        in_quotes("a,b,c\n" + "".join(f"Smith, {n}\n" for n in range(9))),
        in_quotes("\n".join(f"n{n}" for n in range(9))),
        'id\n"1\n2"\n"3\n4"\n',
    ],
)
def test_one_quoted_column(run: Run, text: str) -> None:
    assert run(text).findings == ()


def test_empty_quoted_cells(run: Run) -> None:
    assert "csv/quoted-lines" not in {f.code for f in run('""\n""\n""\n').findings}


# -- a delimiter at the end of each record


@pytest.mark.parametrize("definition", [{}, {"primaryKey": "id"}, DEFINITION])
@pytest.mark.parametrize(("delimiter", "newline"), [(",", "\n"), (";", "\r\n"), ("||", "\n")])
def test_a_delimiter_at_the_end_of_each_record(
    run: Run, definition: dict[str, Any], delimiter: str, newline: str
) -> None:
    text = table(delimiter, newline, [(*row, "") for row in ROWS])
    report = run(text, delimiter=delimiter, **definition)
    finding = only(report)
    first = len(delimiter.join(HEADER) + newline)
    assert (finding.code, finding.count, place(finding)) == ("csv/trailing-delimiter", N, (2, first, 1))
    assert (finding.samples[0].message).endswith(": 5 cells where the header has 4")
    assert report.counts.records_with_errors == N


def test_other_faults_beside_delimiters_at_the_end(run: Run) -> None:
    rows = [(*row, "") for row in ROWS]
    rows[30] = ("K031", "Smith", " Ann", "31", "2001-02-03", "")
    rows[40] = ("K041", "Smith", "forty", "2001-02-03", "")
    rows[50] = ("K001", "Smith", "40", "2001-02-03")
    rows[55] = ("K056", "Smith", "40", "2001-02-03", "x")
    report = run(table(rows=rows), **DEFINITION)
    found = {(f.code, f.field): (f.count, f.samples[0].location.record) for f in report.findings}
    assert found == {
        ("csv/trailing-delimiter", None): (N - 3, 1),
        ("csv/extra-cell", None): (2, 31),
        ("schema/type", "$.age"): (1, 41),
        ("keys/duplicate", "$.id"): (1, 51),
    }


@pytest.mark.parametrize(
    ("records", "count"), [(["1,2"] * 30 + ["1,2,"], 1), (["1,2,x"] * 3, 3), (["1,2,"], 1), (['1,2,""', "1,2"], 1)]
)
def test_a_cell_too_much_is_no_delimiter_at_the_end(run: Run, records: list[str], count: int) -> None:
    report = run("\n".join(["a,b", *records, ""]), checks={"rows": False})
    assert [(f.code, f.count) for f in report.findings] == [("csv/extra-cell", count)]


def test_a_delimiter_at_all_ends_or_none(run: Run) -> None:
    assert run(table(), **DEFINITION).findings == ()
    names = "csv/blank-header"
    assert [f.code for f in run(table().replace("\n", ",\n"), primaryKey="id").findings] == [names]


# -- line ends that were written twice


def test_lines_that_end_in_two_returns(run: Run) -> None:
    finding = only(run(table(newline="\r\r\n"), **DEFINITION))
    assert (finding.code, finding.severity, finding.count) == ("encoding/doubled-return", "warning", 1)
    assert (place(finding), finding.details) == ((1, len("id,name,age,born"), None), {"CR CR LF": N + 1})


def test_real_blank_lines_among_two_returns(run: Run) -> None:
    lines = ["id,name", "1,a", "", "2,b", "3,c"]
    report = run("\r\r\n".join(lines) + "\r\r\n\r\r\n", primaryKey="id")
    found = {f.code: (f.count, place(f)) for f in report.findings}
    assert found == {"encoding/doubled-return": (1, (1, 7, None)), "csv/blank-row": (1, (5, 16, None))}


def test_two_returns_among_other_line_ends(run: Run) -> None:
    report = run("id,name\n1,a\n2,b\r\r\n3,c\r4,d\r\n5,e\n", primaryKey="id")
    finding = only(report)
    assert (finding.code, place(finding)) == ("encoding/mixed-newlines", (3, 15, None))
    assert finding.details == {"LF": 3, "CR CR LF": 1, "CR": 1, "CR LF": 1}


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_one_kind_of_line_end(run: Run, newline: str) -> None:
    assert run(table(newline=newline), **DEFINITION).findings == ()
    blank = only(run(table(newline=newline).replace("K007", f"{newline}K007"), **DEFINITION))
    assert (blank.code, blank.count, blank.samples[0].location.line) == ("csv/blank-row", 1, 8)


# -- blank lines above a header that isn't where it was declared


@pytest.mark.parametrize("above", ["Stock\n\n", "\nStock\n", "\n\nStock\n\nof 2024\n\n\n", "Stock\r\n\r\n"])
@pytest.mark.parametrize("more", [{}, {"headerLine": 0}])
def test_blank_lines_above_the_header(run: Run, above: str, more: dict[str, Any]) -> None:
    newline = "\r\n" if "\r" in above else "\n"
    text = above + table(newline=newline)
    finding = only(run(text, **DEFINITION, **more))
    assert finding.code == "csv/wrong-header"
    assert finding.details == {"headerLine": above.count("\n") + 1}
    report = run(text.replace("K007", f"{newline}K007"), **DEFINITION, **more)
    found = {f.code: (f.count, f.samples[0].location.line) for f in report.findings}
    assert found["csv/blank-row"] == (1, above.count("\n") + 8)
    assert set(found) == {"csv/wrong-header", "csv/blank-row"}


def test_blank_lines_below_a_header_that_was_skipped(run: Run) -> None:
    report = run(table().replace("K001", "\n\nK001"), **DEFINITION, headerLine=2)
    found = {f.code: (f.count, f.samples[0].location.line) for f in report.findings}
    assert found == {"csv/wrong-header": (1, 4), "csv/blank-row": (2, 2)}


def test_a_blank_line_above_a_header_that_is_right(run: Run) -> None:
    finding = only(run("\n" + table(), **DEFINITION))
    assert (finding.code, finding.count, place(finding)) == ("csv/blank-row", 1, (1, 0, None))


# -- NUL bytes


@pytest.mark.parametrize("key", ["id", ["age", "id"]])
def test_a_nul_byte_in_a_key_is_an_error(run: Run, key: Any) -> None:
    text = table().replace("K007", "K0\0" + "07").replace("Ann9", "An\0" + "n9").replace("K009", "K009\0")
    report = run(text, primaryKey=key, checks={"text": False})
    found = {(f.severity, f.field): (f.code, f.count, place(f)) for f in report.findings}
    at = text.index("\0")
    assert found == {("error", "$.id"): ("encoding/nul-byte", 2, (8, at, 7))}
    assert [s.location.record for s in report.findings[0].samples] == [7, 9]
    assert (report.verdict, report.counts.records_with_errors) == ("failed", 2)


def test_a_nul_byte_in_another_value_is_a_warning(run: Run) -> None:
    text = table().replace("Ann9", "An\0" + "n9")
    report = run(text, primaryKey="id")
    finding = only(report)
    assert (finding.code, finding.severity, finding.field) == ("encoding/nul-byte", "warning", None)
    assert (finding.count, place(finding), report.verdict) == (1, (10, text.index("\0"), 9), "passed")


@pytest.mark.parametrize(
    ("definition", "severity"), [(DEFINITION, "error"), ({"primaryKey": "id"}, "error"), ({}, "warning")]
)
def test_a_nul_byte_in_a_name(run: Run, definition: dict[str, Any], severity: str) -> None:
    report = run("i\0" + table()[1:], **definition)
    finding = only(report)
    assert (finding.code, finding.severity, finding.count) == ("encoding/nul-byte", severity, 1)
    assert (place(finding), finding.field) == ((1, 0, None), "$.id" if definition else None)


def test_a_nul_byte_does_not_make_two_columns_of_one_name(run: Run) -> None:
    report = run("id,i\0d\n1,2\n", primaryKey="id")
    assert [(f.code, f.severity, f.field) for f in report.findings] == [("encoding/nul-byte", "warning", None)]


# -- a file that ends within a character


@pytest.mark.parametrize("definition", [{}, {"primaryKey": ["id", "born"]}, DEFINITION])
@pytest.mark.parametrize(("end", "cut"), [("é", 1), ("€", 1), ("€", 2), ("😀", 3)])
def test_a_file_that_ends_within_a_character(run: Run, definition: dict[str, Any], end: str, cut: int) -> None:
    text = table().encode() + b"K999,Jos" + end.encode()[:cut]
    report = run(text, **definition)
    finding = only(report)
    assert (finding.code, finding.count) == ("csv/cut-off", 1)
    assert place(finding) == (N + 2, len(text) - cut, N + 1)
    assert "in a record that has 2 cells where the header has 4" in finding.samples[0].message
    assert finding.hint.startswith("Get the file again")
    assert report.metrics["suppressed"]["csv/missing-cell"] == 1
    assert run(text, **{**definition, "errPerc": 50}).verdict == "inconclusive"  # whatever is tolerated


def test_a_file_that_ends_within_a_character_of_utf_16(run: Run) -> None:
    text = (table() + "K999,Jos").encode("utf-16-le") + b"\xe9"
    finding = only(run(text, encoding="utf-16-le", primaryKey="id"))
    assert (finding.code, place(finding)) == ("csv/cut-off", (N + 2, len(text) - 1, N + 1))


@pytest.mark.parametrize(("end", "cut"), [("K999,Jos,1,a\n", 1), ("K999,Jos,1,a", 1), ("K999,Jos,1,\U0001f600", 2)])
def test_a_file_of_utf_16_that_ends_within_a_character_of_a_whole_record(run: Run, end: str, cut: int) -> None:
    text = (table() + end).encode("utf-16-le")[:-cut]
    finding = only(run(text, encoding="utf-16-le", primaryKey="id"))
    assert (finding.code, finding.samples[0].location.record, finding.severity) == ("csv/cut-off", N + 1, "error")
    assert only(run((table() + "K999,Jos,1,é").encode()[:-1], primaryKey="id")).code == "encoding/invalid"


@pytest.mark.parametrize(
    ("last", "codes"),
    [
        (b"K999,Jos", {"csv/missing-cell"}),
        (b"K999,Jos\xc3\n", {"csv/missing-cell", "encoding/invalid"}),
        (b"K999,Ann\xe9a,30,2001-02-03", {"encoding/invalid"}),
        (b"K999,Ann,30,2001-02-03\xe9", {"encoding/invalid"}),
        (b"K999,M\xfcller,Ren\xe9", {"csv/missing-cell", "encoding/invalid"}),
        (b"K999,Jos\xff", {"csv/missing-cell", "encoding/invalid"}),
        (b"K999,Ann,30,2001-02-03", set()),
        ("K999,José,30,2001-02-03".encode(), set()),
    ],
)
def test_other_ends_of_a_file(run: Run, last: bytes, codes: set[str]) -> None:
    assert {f.code for f in run(table().encode() + last, primaryKey="id").findings} == codes


# -- a malformed identifier among others that are numbers


def test_a_malformed_identifier_is_no_text_among_numbers(run: Run) -> None:
    isbns = [f"97831614{n:04}" + str(-sum(int(d) * (1, 3)[k % 2] for k, d in enumerate(f"97831614{n:04}")) % 10)
             for n in range(N)]  # fmt: skip
    isbns[20] = "978-3-16-148410"
    report = run("item\n" + "\n".join(isbns) + "\n", checks={"identifiers": {"fields": {"item": "isbn"}}})
    malformed = only(report)
    assert (malformed.code, malformed.count, place(malformed)[2]) == ("identifiers/malformed", 1, 21)
    assert report.metrics["suppressed"] == {"numbers/not-a-number": 1}


# -- no header, and a first record that lacks cells


def test_without_a_header_most_of_the_first_records_tell_the_columns(run: Run) -> None:
    lines = [f"A{n},b{n},c{n}" for n in range(9)]
    report = run("\n".join(["a,b", *lines[:4], "a,b,c,d", *lines[4:]]), headerLine=0, primaryKey="column1")
    found = {f.code: (f.count, f.samples[0].location.record, f.samples[0].message) for f in report.findings}
    assert found == {
        "csv/missing-cell": (1, 1, "2 cells where most of the first records have 3; missing: 'column3'"),
        "csv/extra-cell": (1, 6, "4 cells where most of the first records have 3"),
        "keys/duplicate": (1, 6, "key 'a' was used before, in record 1 (line 1)"),
    }
