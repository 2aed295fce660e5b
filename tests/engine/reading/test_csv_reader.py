"""The reader: dialects, headers, several files, fields and records on demand, a second reading."""

from __future__ import annotations

import gzip
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from potable.engine.contracts.reading import Reading
from potable.engine.findings import Fault
from potable.engine.limits import Limits

Read = Callable[..., Any]
Open = Callable[..., Reading]
SIZES = pytest.mark.parametrize("size", [1, 11, 1 << 21])


@SIZES
def test_several_characters_as_delimiter(read: Read, size: int) -> None:
    limits = Limits(chunk_bytes=size)
    plain = read(b"id||na|me\n1||a,b\n2\n3||x||y\n", delimiter="||", limits=limits)
    assert plain.columns == ("$.id", "$.'na|me'")
    assert plain.rows == [("1", "a,b"), ("2", None), ("3", "x")]
    quoted = read(b'id||name\n1||"a||b"\n2||\x1f\n', delimiter="||", limits=limits)
    assert quoted.rows == [("1", "a||b"), ("2", "\x1f")]
    assert quoted.lines == [(2, 9), (3, 19)]
    wide = read("id¦name\n1¦é\n".encode(), delimiter="¦", limits=limits)
    assert wide.rows == [("1", "é")]
    dollars = read(b'id$1name\n1$1"$1$0"\n', delimiter="$1", limits=limits)
    assert dollars.rows == [("1", "$1$0")]
    assert quoted.found == {}


@pytest.mark.parametrize("delimiter", ["\t", "\\t"])
def test_tabs(read: Read, delimiter: str) -> None:
    assert read(b"a\tb\n1\t2\n", delimiter=delimiter).rows == [("1", "2")]


@pytest.mark.parametrize("url", ["data/x.TSV", "https://example.org/x.tsv?v=1", "x.tab", "x.tsv.gz"])
def test_a_tsv_is_split_at_tabs_by_its_name(read: Read, url: str) -> None:
    assert read(b"a\tb\n1\t2\n", source={"ingest_url": url}).rows == [("1", "2")]


@pytest.mark.parametrize("cells", [2, 4, 6, 1000])
def test_lines_are_right_where_a_cut_has_fewer_records_than_were_found(read: Read, cells: int) -> None:
    result = read(b'a,b\n1,"x\ny"\n2,b\n3,b\n4,b\n', limits=Limits(cells=cells))
    assert [line for line, _ in result.lines] == [2, 4, 5, 6]


def test_no_quote_character(read: Read) -> None:
    result = read(b'a,b\n"1,2"\n3,5" x\n', textQuote="")
    assert result.rows == [('"1', '2"'), ("3", '5" x')]
    assert result.found == {}


@SIZES
def test_another_quote_character_and_an_escape(read: Read, size: int) -> None:
    data = b"a;b\n'x;\\'y';2\\;3\n1;c\\\\\n4;l\\\ne\n5;'\\\\'\n"
    result = read(data, delimiter=";", textQuote="'", escapeCharacter="\\", limits=Limits(chunk_bytes=size))
    assert result.rows == [("x;'y", "2;3"), ("1", "c\\"), ("4", "l\ne"), ("5", "\\")]
    assert [line for line, _ in result.lines] == [2, 3, 4, 6]
    assert result.found == {}


@SIZES
def test_comments_are_no_records_but_count_as_lines(read: Read, size: int) -> None:
    data = b'# it\'s "x\na,b\n1,2\n#3,4\n\'5,"#\n#"\n6,#7\n'
    result = read(data, comment="#", limits=Limits(chunk_bytes=size))
    assert result.columns == ("$.a", "$.b")
    assert result.rows == [("1", "2"), ("'5", "#\n#"), ("6", "#7")]
    assert [line for line, _ in result.lines] == [3, 5, 7]
    assert result.found == {}


@SIZES
def test_the_header_may_stand_lower_and_the_data_later(read: Read, size: int) -> None:
    data = b'Report of "the lab\n\nid,name\nunits,text\n1,a\n'
    limits = Limits(chunk_bytes=size)
    lower = read(data, headerLine=3, limits=limits)
    assert lower.columns == ("$.id", "$.name")
    assert lower.rows == [("units", "text"), ("1", "a")]
    assert lower.lines[0] == (4, 28)
    later = read(data, headerLine="3", ignoreLines="4", limits=limits)
    assert later.rows == [("1", "a")]
    assert later.lines == [(5, 39)]
    assert later.found == {}
    assert read(data, headerLine=9, limits=limits).fault.code == "csv/no-records"


@SIZES
def test_no_header(read: Read, size: int) -> None:
    limits = Limits(chunk_bytes=size)
    result = read(b"1,2\n3,4\n", headerLine=0, limits=limits)
    assert result.columns == ("$.column1", "$.column2")
    assert result.rows == [("1", "2"), ("3", "4")]
    assert result.lines == [(1, 0), (2, 4)]
    skipped = read(b"x\n1,2\n3,4\n", headerLine=0, ignoreLines=1, limits=limits)
    assert skipped.rows == [("1", "2"), ("3", "4")]


def test_a_header_of_several_lines(read: Read) -> None:
    result = read(b'"i\nd",name\n1,a\n')
    assert result.columns[1] == "$.name"
    assert result.lines == [(3, 11)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("delimiter", ""), ("delimiter", "\n"), ("delimiter", 3), ("textQuote", "ab"), ("textQuote", ","),
        ("escapeCharacter", "xy"), ("headerLine", -1), ("headerLine", "one"), ("headerLine", True),
        ("ignoreLines", 1.5),
    ],
)  # fmt: skip
def test_parameters_that_cant_be_used(read: Read, name: str, value: Any) -> None:
    fault = read(b"a,b\n1,2\n", **{name: value}).fault
    assert fault.code == "definition/bad-value"
    assert name in fault.message


@SIZES
def test_several_files_are_one_source(read: Read, size: int) -> None:
    files = {"a.csv": b"id,name\n1,x\n2,y\n", "b.csv": b"name,id\nz,3\n", "c.csv": b"", "d.csv": b"id,title\n4,w\n5\n"}
    result = read(files, limits=Limits(chunk_bytes=size))
    assert result.rows == [("1", "x"), ("2", "y"), ("3", "z"), ("4", None), ("5", None)]
    assert result.numbers == [1, 2, 3, 4, 5]
    assert [(p.file, p.line, p.byte) for p in result.places] == [
        ("a.csv", 2, 8), ("a.csv", 3, 12), ("b.csv", 2, 8), ("d.csv", 2, 9), ("d.csv", 3, 13),
    ]  # fmt: skip
    assert result.digests.keys() == files.keys()
    assert result.found["csv/missing-cell"].records == [5]
    assert [s.message for s in result.found["csv/header-differs"].samples] == [
        "c.csv has no header",
        "d.csv lacks 'name' and has 'title' besides, compared with a.csv",
    ]
    at = [(s.location.file, s.location.line, s.location.byte) for s in result.found["csv/header-differs"].samples]
    assert at == [("c.csv", 1, 0), ("d.csv", 1, 0)]
    assert result.found.keys() == {"csv/missing-cell", "csv/header-differs"}


def test_another_header_is_placed_where_it_stands(read: Read) -> None:
    parts = {"a.csv": "\n\nid,é\n1,a\n".encode("utf-16"), "b.csv": "x\r\n\r\nid,è\r\n2,b\r\n".encode("utf-16")}
    result = read(parts, headerLine=3)
    (sample,) = result.found["csv/header-differs"].samples
    assert (sample.location.file, sample.location.line, sample.location.byte) == ("b.csv", 3, 12)


DATA = (
    b"id,name,age\n"
    + b"".join(b'%d,"n\n%d",%d\n' % (i, i, i % 90) for i in range(1, 301))
    + b"301,x\n302,y,3,4\n303,z,5"
)


def test_only_the_fields_that_are_asked_for(opened: Open) -> None:
    reading = opened(DATA)
    parser = pickle.loads(pickle.dumps(reading.parser()))
    for cut in reading.cuts():
        chunk = parser.parse(pickle.loads(pickle.dumps(cut)), frozenset({"$.age", "$.none", "$.id"}))
        assert chunk.frame.columns == ["$.id", "$.age", "$.none"]
        assert chunk.frame.row(299) == ("300", "30", None)
        assert chunk.frame.row(300) == ("301", None, None)
        assert chunk.frame.row(301) == ("302", "3", None)
        assert {t.code: t.count for t in chunk.tallies} == {"csv/missing-cell": 1, "csv/extra-cell": 1}
        assert chunk.columns == ("$.id", "$.name", "$.age")
    reading.close()


@pytest.mark.parametrize("how", ["plain", "gzip", "utf-16", "latin-1"])
@pytest.mark.parametrize("size", [64, 1 << 21])
def test_a_second_reading_of_some_records(opened: Open, how: str, size: int) -> None:
    data = {"plain": DATA, "gzip": gzip.compress(DATA)}.get(how) or DATA.decode().encode(how)
    parameters = {} if how in ("plain", "gzip") else {"encoding": how}
    reading = opened(data, limits=Limits(chunk_bytes=size), **parameters)
    parser = reading.parser()
    first = [parser.parse(cut) for cut in reading.cuts()]
    wanted = np.array([2, 3, 150, 301, 302, 303], np.uint64)
    rows, places = [], []
    for cut in reading.again(BitMap(wanted.tolist())):
        chunk = parser.parse(cut, frozenset({"$.id", "$.name"}), wanted)
        assert list(chunk.tallies) == []
        assert chunk.records == len(chunk.frame)
        rows += zip(chunk.numbers.tolist(), chunk.frame.rows(), strict=True)
        places += chunk.locate(range(chunk.records))
    assert rows == [
        (2, ("2", "n\n2")), (3, ("3", "n\n3")), (150, ("150", "n\n150")), (301, ("301", "x")), (302, ("302", "y")),
        (303, ("303", "z")),
    ]  # fmt: skip
    at_first = {p.record: p for chunk in first for p in chunk.locate(range(chunk.records))}
    assert places == [at_first[int(n)] for n in wanted]
    everything = [parser.parse(cut).frame.rows() for cut in reading.again()]
    assert everything == [chunk.frame.rows() for chunk in first]
    reading.close()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    lines=st.lists(st.sampled_from(['1,"a"', "2,b", '"3,",c', "", "4", '5,"d"x', "6,7,8"]), min_size=1, max_size=40),
    times=st.integers(1, 40),
    end=st.sampled_from(["\n", "\r\n"]),
    size=st.sampled_from([50, 3_000, 1 << 21]),
    data=st.data(),
)
def test_some_records_again_are_the_same(
    opened: Open, lines: list[str], times: int, end: str, size: int, data: st.DataObject
) -> None:
    text = end.join(["k,v", *lines * times])
    reading = opened(text.encode(), limits=Limits(chunk_bytes=size))
    parser = reading.parser()
    chunks = [parser.parse(cut) for cut in reading.cuts()]
    first = {
        place.record: (row, place)
        for chunk in chunks
        for row, place in zip(chunk.frame.rows(), chunk.locate(range(chunk.records)), strict=True)
    }
    known = sorted(n for n in first if n is not None)
    wanted = sorted(data.draw(st.sets(st.sampled_from(known), max_size=5))) if known else []
    numbers = np.array(wanted, np.uint64)
    again = {}
    for cut in reading.again(BitMap(wanted)):
        chunk = parser.parse(cut, None, numbers)
        places = chunk.locate(range(chunk.records))
        again |= {p.record: (row, p) for row, p in zip(chunk.frame.rows(), places, strict=True)}
    assert again == {n: first[n] for n in wanted}
    reading.close()


def test_a_part_of_a_chunk_keeps_the_faults_of_its_records(opened: Open) -> None:
    reading = opened(b"a,b\n1\n2,x\n3\n4,5,6\n")
    (cut,) = reading.cuts()
    kept = reading.parser().parse(cut).keep(np.array([0, 1], np.uint64))
    (tally,) = kept.tallies
    assert (tally.code, tally.count, list(tally.records)) == ("csv/missing-cell", 1, [1])
    assert [s.location.line for s in tally.samples] == [2]
    reading.close()


def test_faults_of_a_file_that_is_read_in_part(opened: Open) -> None:
    reading = opened(b"a,b\n1,2\n\n3,4\r\n" + b"5,6\n" * 100, limits=Limits(chunk_bytes=32))
    next(iter(reading.cuts()))
    assert {t.code for t in reading.tallies()} == {"csv/blank-row", "encoding/mixed-newlines"}
    reading.close()


def test_a_file_changed_between_the_readings(opened: Open, tmp_path: Any) -> None:
    reading = opened(DATA)
    list(reading.cuts())
    (tmp_path / "data.csv").write_bytes(DATA[:-1])
    with pytest.raises(Fault) as caught:
        list(reading.again())
    assert caught.value.occurrence.code == "access/changed"
    reading.close()


def test_a_reading_that_is_given_up_closes_its_file(opened: Open) -> None:
    reading = opened(DATA, limits=Limits(chunk_bytes=64))
    next(iter(reading.cuts()))
    reading.close()
    reading.close()
    assert reading.digests() == {}
