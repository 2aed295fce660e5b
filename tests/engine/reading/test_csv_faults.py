"""Each fault of form is found at its exact place, and none in clean data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from potable.engine.limits import Limits
from potable.engine.reading.csv.codes import CSV_CODES

Read = Callable[..., Any]

CLEAN = {
    "lf": b"id,name\n1,HeLa\n2,CHO\n",
    "crlf": b"id,name\r\n1,HeLa\r\n2,CHO\r\n",
    "cr": b"id,name\r1,HeLa\r2,CHO\r",
    "no-last-line-break": b"id,name\n1,HeLa\n2,CHO",
    "quoted": b'"id","name"\n"1","HeLa"\n"2","CHO"\n',
    "blank-lines-at-the-end": b"id,name\n1,HeLa\n2,CHO\n\n\n",
    "crlf-blank-lines-at-the-end": b"id,name\r\n1,HeLa\r\n2,CHO\r\n\r\n",
}


@pytest.mark.parametrize("data", CLEAN.values(), ids=CLEAN)
@pytest.mark.parametrize("size", [1, 7, 1 << 21])
def test_clean_data_have_no_fault(read: Read, data: bytes, size: int) -> None:
    result = read(data, limits=Limits(chunk_bytes=size))
    assert result.columns == ("$.id", "$.name")
    assert result.rows == [("1", "HeLa"), ("2", "CHO")]
    assert result.found == {}
    assert result.fault is None


def test_quoted_cells_keep_what_they_hold(read: Read) -> None:
    result = read(b'id,name\n1,"a, ""b""\r\nc"\n2,""\n')
    assert result.rows == [("1", 'a, "b"\r\nc'), ("2", "")]
    assert result.lines == [(2, 8), (4, 24)]
    assert result.found == {}


def test_a_missing_cell(read: Read) -> None:
    result = read(b"id,name,age\n1,HeLa,3\n2,CHO\n3\n4,x,5\n")
    assert result.rows == [("1", "HeLa", "3"), ("2", "CHO", None), ("3", None, None), ("4", "x", "5")]
    found = result.found.pop("csv/missing-cell")
    assert (found.count, found.records) == (2, [2, 3])
    assert found.places == [(2, 3, 21), (3, 4, 27)]
    assert found.samples[0].message == "2 cells where the header has 3; missing: 'age'"
    assert found.samples[0].value == "2,CHO"
    assert result.found == {}


@pytest.mark.parametrize("size", [1, 7, 1 << 21])
def test_a_file_that_is_cut_off_in_a_record(read: Read, size: int) -> None:
    result = read(b"id,name,age\n1,HeLa\n2,C", limits=Limits(chunk_bytes=size))
    found = result.found.pop("csv/missing-cell")
    assert found.places == [(1, 2, 12), (2, 3, 19)]
    assert [s.message for s in found.samples] == [
        "2 cells where the header has 3; missing: 'age'",
        "2 cells where the header has 3; missing: 'age'; the file ends in this record, without a line break",
    ]
    assert result.found == {}


def test_an_extra_cell(read: Read) -> None:
    result = read(b"id,name\n1,Smith, John\n2,CHO\n3,a,b,c\n")
    assert result.rows == [("1", "Smith"), ("2", "CHO"), ("3", "a")]
    found = result.found.pop("csv/extra-cell")
    assert (found.count, found.records) == (2, [1, 3])
    assert found.places == [(1, 2, 8), (3, 4, 28)]
    assert result.found == {}


def test_quoted_line_breaks_crlf_blank_lines_and_ragged_rows_dont_shift_the_lines(read: Read) -> None:
    data = b'\xef\xbb\xbfid,name\r\n1,"a\r\nb"\r\n\r\n2\r\n"3","c\nd\ne"\r\n4,f,g\r\n'
    result = read(data)
    assert result.lines == [(2, 12), (5, 24), (6, 27), (9, 40)]
    assert result.found["csv/missing-cell"].places == [(2, 5, 24)]
    assert result.found["csv/extra-cell"].places == [(4, 9, 40)]
    assert result.found["csv/blank-row"].places == [(None, 4, 22)]
    assert data[24:27] == b"2\r\n"
    assert data[40:41] == b"4"


def test_every_row_ragged_is_counted_whatever_is_sampled(read: Read) -> None:
    data = b"a,b\n" + b"".join(b"%d,%d,x\n" % (i, i) for i in range(5000))
    result = read(data, limits=Limits(samples=3, chunk_bytes=1 << 12))
    found = result.found["csv/extra-cell"]
    assert (found.count, found.records) == (5000, list(range(1, 5001)))
    assert result.rows[4999] == ("4999", "4999")


def test_blank_rows(read: Read) -> None:
    result = read(b'a,b\n1,2\n\n,\n3,4\n"",""\n\n\n5,6\n\n')
    found = result.found.pop("csv/blank-row")
    assert found.count == 5
    assert found.records == [2, 4]
    assert sorted(p[1] for p in found.places) == [3, 4, 6, 7, 8]
    assert sorted(found.places, key=lambda p: p[1])[:2] == [(None, 3, 8), (2, 4, 9)]
    assert result.found == {}


def test_a_blank_row_is_found_whatever_fields_are_asked_for(opened: Callable[..., Any]) -> None:
    reading = opened(b"a,b\n,2\n,\n")
    (cut,) = reading.cuts()
    for fields in (frozenset({"$.b"}), frozenset({"$.a"}), frozenset({"$.none"}), frozenset()):
        chunk = reading.parser().parse(cut, fields)
        assert chunk.frame.columns == sorted(fields) or not fields
        (tally,) = chunk.tallies
        assert (tally.code, tally.count, list(tally.records)) == ("csv/blank-row", 1, [2])
        assert len(chunk.numbers) == 2
    reading.close()


def test_a_blank_header(read: Read) -> None:
    result = read(b"id,,age,\n1,2,3,4\n")
    assert result.columns == ("$.id", "$.''", "$.age", "$.''[2]")
    found = result.found.pop("csv/blank-header")
    assert found.count == 2
    assert found.places == [(None, 1, 0)] * 2
    assert found.samples[0].message == "column 2 has no name (behind 'id')"
    assert result.fields["csv/blank-header"] == ["$.''", "$.''[2]"]
    assert result.found == {}


@pytest.mark.parametrize(
    ("name", "program"),
    [
        ("Unnamed: 0", "pandas"),
        ("Unnamed: 12", "pandas"),
        ("Unnamed: 0.1", "pandas"),
        ("Unnamed: 3_level_1", "pandas"),
        ("__index_level_0__", "pandas"),
        ("...2", "R's tibble"),
        ("?column?", "PostgreSQL"),
        ("(No column name)", "SQL Server"),
    ],
)
def test_a_header_that_a_program_made_up(read: Read, name: str, program: str) -> None:
    result = read(f"id,{name},age\n1,2,3\n".encode())
    found = result.found.pop("csv/made-up-header")
    assert (found.count, found.places) == (1, [(None, 1, 0)])
    assert found.samples[0].message == f"column 2 is called '{name}', as {program} calls a column without a name"
    assert (found.samples[0].value, len(result.fields["csv/made-up-header"])) == (name, 1)
    assert result.found == {}


def test_names_that_people_give(read: Read) -> None:
    named = "Unnamed,unnamed: 0,Unnamed: x,Unnamed tributary 5,index,level_0,X,_id,...,(name),?,Column1,.1"
    assert read(f"{named}\n{',1' * named.count(',')}\n".encode()).found == {}


def test_a_duplicate_header(read: Read) -> None:
    result = read(b"id,a,a,a\n1,2,3,4\n")
    assert result.columns == ("$.id", "$.a", "$.'a'[2]", "$.'a'[3]")
    assert result.rows == [("1", "2", "3", "4")]
    assert result.fields.pop("csv/duplicate-header") == ["$.'a'[2]", "$.'a'[3]"]
    assert result.found["csv/duplicate-header"].samples[1].message == "column 4 has the name of column 2, 'a'"
    assert result.fields == {}


def test_whitespace_around_a_header(read: Read, opened: Callable[..., Any]) -> None:
    data = b"id, name ,x, x\n1,2,3,4\n"
    result = read(data)
    assert result.columns == ("$.id", "$.name", "$.x", "$.' x'")
    assert result.fields == {"csv/header-whitespace": ["$.name", "$.' x'"]}
    reading = opened(data)
    (cut,) = reading.cuts()
    assert reading.parser().parse(cut, frozenset({"$.' name '"})).frame.to_dicts() == [{"$.' name '": "2"}]
    reading.close()


def test_an_unclosed_quote_stops_the_reading(read: Read) -> None:
    result = read(b'id,name\n1,a\n2,"b\n3,c\n4,d\n')
    assert result.rows == [("1", "a")]
    assert result.fault.code == "csv/unclosed-quote"
    assert (result.fault.location.line, result.fault.location.byte) == (3, 14)
    assert list(result.digests) == ["data.csv"]


@pytest.mark.parametrize("size", [1, 5, 1 << 21])
@pytest.mark.parametrize(("text", "cut"), [(b'2,"b c', True), (b'2,"b c\n', False), (b'2,"b\n3,c', False)])
def test_a_file_that_ends_in_the_line_of_an_unclosed_quote_is_cut_off(
    read: Read, size: int, text: bytes, cut: bool
) -> None:
    fault = read(b"id,name\n1,a\n" + text, limits=Limits(chunk_bytes=size)).fault
    assert (fault.code, fault.location.line, fault.location.byte) == ("csv/unclosed-quote", 3, 14)
    assert fault.message.endswith("without a line end") == ("cut off" in (fault.hint or "")) == cut


@pytest.mark.parametrize("size", [1, 5, 1 << 21])
def test_an_unclosed_quote_in_the_header(read: Read, size: int) -> None:
    fault = read(b'id,"name\n1,a\n', limits=Limits(chunk_bytes=size)).fault
    assert (fault.code, fault.location.line, fault.location.byte) == ("csv/unclosed-quote", 1, 3)


def test_a_runaway_quote(read: Read) -> None:
    result = read(b'id,name\n1,"abc\n2,def\n3,"ghi"\n4,x\n')
    assert result.rows == [("1", 'abc\n2,def\n3,ghi"'), ("4", "x")]
    found = result.found.pop("csv/runaway-quote")
    assert (found.count, found.records, found.places) == (1, [1], [(1, 2, 8)])
    assert found.samples[0].message == "the quote that opens in line 2 is closed in line 4, before text"
    assert result.found == {}


def test_stray_quotes(read: Read) -> None:
    result = read(b'id,name\n1,5" pipe\n2,"a"b\n3,"x"\n4,say "hi" "ho"\n')
    assert result.rows == [("1", '5" pipe'), ("2", "ab"), ("3", "x"), ("4", 'say "hi" "ho"')]
    found = result.found.pop("csv/stray-quote")
    assert (found.count, found.records) == (3, [1, 2, 4])
    assert found.places == [(1, 2, 8), (2, 3, 18), (4, 5, 31)]
    assert result.found == {}


def test_another_delimiter_is_named(read: Read) -> None:
    found = read(b"id;name\n1;a\n2;b\n").found["csv/wrong-delimiter"]
    assert found.places == [(None, 1, 0)]
    assert found.samples[0].message == "split at a comma the file has one column; a semicolon splits it into 2"


@pytest.mark.parametrize("delimiter", ["||", ";;", "::", "^", "~", "\x01", "¦"])
def test_rarer_delimiters_are_named(read: Read, delimiter: str) -> None:
    lines = [delimiter.join(("id", "name", "age")), *(delimiter.join((str(n), "a", "9")) for n in range(5))]
    found = read("\n".join(lines).encode()).found["csv/wrong-delimiter"]
    assert found.samples[0].message.endswith(f"{delimiter!r} splits it into 3")


@pytest.mark.parametrize("delimiter", ["::", "^", "~", "\x01", "\x1f"])
def test_two_columns_of_which_one_has_figures_are_told_without_their_names(read: Read, delimiter: str) -> None:
    lines = [f"city{delimiter}boats", *(f"Oslo{delimiter}{n}" for n in range(5))]
    found = read("\n".join(lines).encode()).found["csv/wrong-delimiter"]
    assert found.samples[0].message.endswith(f"{delimiter!r} splits it into 2")
    told = read("\n".join(lines[:-1]).encode()).found  # too few records
    assert "csv/wrong-delimiter" not in told


@pytest.mark.parametrize("delimiter", ["::", "^", "~"])
def test_two_texts_with_a_rarer_delimiter_between_them_are_one_cell(read: Read, delimiter: str) -> None:
    lines = [f"module{delimiter}item", *(f"std{delimiter}sort{n}" for n in range(9))]
    assert read("\n".join(lines).encode()).found == {}


def test_one_column_where_the_definition_names_several(read: Read) -> None:
    source = {"primary_key": ("$.id",), "table_schema": {"fields": [{"name": "id"}, {"name": "name"}]}}
    found = read(b"id:name\n1:a\n", source=source).found["csv/wrong-delimiter"]
    assert found.samples[0].message == "split at a comma the file has one column, but the definition names 2"


@pytest.mark.parametrize("data", [b"id\n1\n2\n", b"a;b\n1\n2\n", b'"x;y"\n1\n', b"ns::id\nns::a\nns::b\n"])
def test_a_table_of_one_column_is_no_fault(read: Read, data: bytes) -> None:
    assert read(data).found == {}


@pytest.mark.parametrize("data", [b"id,name\n", b"id,name", b"id,name\n\n\n", b"# x\nid,name\n# y\n"])
def test_no_records(read: Read, data: bytes) -> None:
    result = read(data, comment="#")
    assert result.rows == []
    assert {code: found.places for code, found in result.found.items()} == {"csv/no-records": [(None, 1, 0)]}


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_no_header(read: Read, data: bytes) -> None:
    fault = read(data).fault
    assert (fault.code, fault.location.line, fault.location.byte) == ("csv/no-records", 1, 0)


def test_too_many_columns(read: Read) -> None:
    fault = read(b"a,b,c,d\n1,2,3,4\n", limits=Limits(columns=3)).fault
    assert fault.code == "csv/many-columns"
    assert "Limits.columns" in fault.message
    assert (fault.location.line, fault.location.byte) == (1, 0)


@pytest.mark.parametrize("size", [1, 30, 1 << 21])
def test_a_record_that_is_too_long(read: Read, size: int) -> None:
    data = b"a,b\n1,2\n3," + b"x" * 100 + b"\n4,5\n"
    result = read(data, limits=Limits(chunk_bytes=size, record_bytes=50))
    assert result.rows == [("1", "2")]
    assert result.fault.code == "csv/long-record"
    assert "Limits.record_bytes" in result.fault.message
    assert (result.fault.location.line, result.fault.location.byte) == (3, 8)


@pytest.mark.parametrize("size", [1, 30, 1 << 21])
def test_a_quote_that_isnt_closed_within_the_longest_record(read: Read, size: int) -> None:
    data = b'a,b\n1,2\n3,"' + b"x\n" * 100
    result = read(data, limits=Limits(chunk_bytes=size, record_bytes=50))
    assert result.rows == [("1", "2")]
    assert result.fault.code == "csv/unclosed-quote"
    assert (result.fault.location.line, result.fault.location.byte) == (3, 10)


def test_every_code_is_documented() -> None:
    for code in CSV_CODES:
        assert code.family == "csv"
        assert all((code.title, code.meaning, code.why, code.example, code.mend)), code.id
