"""Readings that leave records out."""

import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from potable.engine import Engine
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Fault
from potable.engine.limits import Limits
from potable.engine.paths import canonical
from potable.engine.reading.conditions import conditions_of
from potable.engine.reading.filtered import FilteredReading
from potable.engine.reading.json import JsonReader

from .opening import open_data


def definition(**parameters):
    return SourceDefinition(resource_id="T", ingest_method="JSONL", parameters=parameters)


def read(folder, lines, *, limits=None, **parameters):
    """An open filtered reading of these lines."""
    data, bounds = b"".join(line + b"\n" for line in lines), Limits(**(limits or {}))
    inner = open_data(JsonReader, folder, data, method="JSONL", limits=bounds, **parameters)
    source = definition(**parameters)
    return FilteredReading(inner, conditions_of(source), source)


def rows_of(reading, cuts, fields=frozenset({"$.n"}), records=None):
    """(number, $.n, line) of each record."""
    parser = reading.parser()
    for cut in cuts:
        asked = None
        if records is not None:
            inside = [r for r in records if cut.first_record <= r < cut.first_record + cut.records]
            asked = BitMap(inside).to_array()
        chunk = parser.parse(cut, fields, None if asked is None else np.array(asked, np.uint64))
        if records is None:
            assert (chunk.records, chunk.index) == (cut.records, cut.index)
        places = chunk.locate(range(chunk.records))
        assert [p.record for p in places] == chunk.numbers.tolist()
        yield from zip(chunk.numbers.tolist(), chunk.frame["$.n"].to_list(), [p.line for p in places], strict=True)


@given(st.lists(st.sampled_from(["x", "y", None]), max_size=60), st.integers(1, 400), st.data())
def test_what_is_left_is_numbered_from_one_at_its_own_lines(tmp_path_factory, kinds, size, data):
    lines = [json.dumps({"n": n, "k": kind}).encode() for n, kind in enumerate(kinds)]
    kept = [n for n, kind in enumerate(kinds) if kind == "x"]
    reading = read(
        tmp_path_factory.mktemp("data"), lines, limits={"chunk_bytes": size}, filterJsonPath="$.k", filterValue="x"
    )
    cuts = list(reading.cuts())
    assert [c.index for c in cuts] == list(range(len(cuts)))
    expected = [(number, str(n), n + 1) for number, n in enumerate(kept, 1)]
    assert list(rows_of(reading, cuts)) == expected
    assert reading.left_out == len(kinds) - len(kept)
    assert list(rows_of(reading, reading.again())) == expected
    some = BitMap(data.draw(st.sets(st.integers(1, len(kept))) if kept else st.just(set())))
    found = rows_of(reading, reading.again(some), records=some)
    assert list(found) == [row for row in expected if row[0] in some]
    assert len(reading.digests()) == 1
    reading.close()


@pytest.mark.parametrize(
    ("path", "value", "kept"),
    [
        ("$.k", "10.1", [1]),
        ("$.k", r"re::^10\.1", [1, 2]),
        ("$.k", r"re::\.1", [1, 2, 3]),
        ("k", "10.1", [1]),
        ("$.b", True, [4]),
        ("$.b", "true", [4]),
        ("$.many[*]", "b", [5]),
        ("$.many[*]", "re::^b", [5]),
        ("$..deep", "1", [6]),
        ("$.none", "x", []),
        ("$.none", "re::", []),
    ],
)
def test_conditions(path, value, kept, tmp_path):
    records = [
        {"k": "10.1"}, {"k": "10.12"}, {"k": "9.1"}, {"b": True}, {"many": ["a", "b"]}, {"a": {"deep": 1}}, {},
    ]  # fmt: skip
    lines = [json.dumps({"n": n, **record}).encode() for n, record in enumerate(records, 1)]
    reading = read(tmp_path, lines, filterJsonPath=path, filterValue=value)
    assert [int(n) for _, n, _ in rows_of(reading, reading.cuts())] == kept
    reading.close()


def test_faults_of_records_that_are_left_out_are_not_told(tmp_path):
    lines = [
        b'{"n": 1, "k": "x", "k": "y"}',
        b'{"n": 2, "k": "x"}',
        b'{"n": 3, "k": "y", "n": 3}',
        b'{"n": 4, "k": "x", "n": 4}',
    ]
    reading = read(tmp_path, lines, filterJsonPath="$.k", filterValue="x")
    (cut,) = reading.cuts()
    (tally,) = reading.parser().parse(cut, frozenset({"$.n"})).tallies
    assert (tally.code, tally.count, list(tally.records)) == ("json/duplicate-key", 1, [2])
    assert [(s.location.record, s.location.line) for s in tally.samples] == [(2, 4)]
    reading.close()


def test_a_bad_regular_expression(tmp_path):
    reading = read(tmp_path, [b'{"n": 1, "k": "x"}'], filterJsonPath="$.k", filterValue="re::(")
    with pytest.raises(Fault) as caught:
        list(reading.cuts())
    assert caught.value.occurrence.code == "definition/bad-regex"
    reading.close()


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("age", "$.rec.age.'_$'"),
        ("/rec/age", "$.rec.age.'_$'"),
        ("rec/age/text()", "$.rec.age.'_$'"),
        ("donor/@id", "$.rec.donor.'@id'"),
        ("@id", "$.rec.'@id'"),
        ("//age", "$..age.'_$'"),
        ("//donor/@id", "$..donor.'@id'"),
        ("donor//@id", "$.rec.donor..'@id'"),
        ("dc:title", "$.rec.dc:title.'_$'"),
        ("$.rec.age.'_$'", "$.rec.age.'_$'"),
    ],
)
def test_paths_of_xml(given, path):
    source = SourceDefinition(
        resource_id="T", ingest_method="XML",
        parameters={"documentElement": "rec", "filterXMLPath": given, "filterValue": "1"},
    )  # fmt: skip
    (condition,) = conditions_of(source)
    assert (condition.path, condition.value, condition.regex) == (canonical(path), "1", False)


@pytest.mark.parametrize("given", ["a[1]", "a | b", "count(a)", "", "$.a b"])
def test_bad_paths(given):
    source = definition(filterXMLPath=given or " ", filterValue="1")
    with pytest.raises(Fault) as caught:
        conditions_of(source)
    assert caught.value.occurrence.code == "definition/bad-path"
    assert re.match("filterXMLPath '", caught.value.occurrence.message)


def test_without_a_value_there_is_no_filter():
    assert conditions_of(definition()) == []
    assert conditions_of(definition(filterJsonPath="$.a")) == []


def test_a_run_counts_what_the_filter_lets_through(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps([{"id": n, "k": "x" if n % 2 else "y"} for n in range(10)]))
    engine = Engine(roots=[tmp_path])
    given = {"ingestMethod": "JSON", "ingestURL": str(tmp_path / "a.json"), "filterJsonPath": "$.k", "filterValue": "x"}
    report = engine.check(given)
    assert (report.counts.records, report.metrics["leftOut"], report.source.sample) == (5, 5, None)
    sample = engine.check(given, limit_records=2)
    assert (sample.counts.records, sample.source.sample["size"]) == (2, 2)
    assert engine.check({**given, "filterValue": "z"}).verdict == "inconclusive"


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("$.a", "zz", "the filter leaves out all 60 records: no $.a is 'zz'"),
        ("$.a", "re::^z", "the filter leaves out all 60 records: no $.a matches '^z'"),
        ("$.b[*]", "zz", "the filter leaves out all 60 records: no $.b[*] is 'zz'"),
        ("$.c", "zz", "the filter leaves out all 60 records: no record has $.c"),
    ],
)
@pytest.mark.parametrize("size", [50, 1 << 20])
def test_a_filter_that_leaves_out_all_is_told(tmp_path, path, value, told, size):
    (tmp_path / "a.json").write_text(json.dumps([{"a": n, "b": [n, "x"]} for n in range(60)]))
    definition = {
        "resourceID": "T",
        "ingestMethod": "JSON",
        "ingestURL": str(tmp_path / "a.json"),
        "filterJsonPath": path,
    }
    report = Engine(roots=[tmp_path], limits=Limits(chunk_bytes=size)).check({**definition, "filterValue": value})
    (finding,) = report.findings
    assert (finding.code, finding.count, finding.samples[0].message) == ("definition/nothing-kept", 1, told)
    assert (finding.details["leftOut"], report.verdict, report.counts.records) == (60, "inconclusive", 0)


def test_a_filter_that_lets_one_through_or_had_nothing_to_leave_out_is_not_told(tmp_path):
    definition = {
        "resourceID": "T",
        "ingestMethod": "JSON",
        "ingestURL": str(tmp_path / "a.json"),
        "filterJsonPath": "$.a",
    }
    engine = Engine(roots=[tmp_path])
    (tmp_path / "a.json").write_text(json.dumps([{"a": n} for n in range(60)]))
    assert engine.check({**definition, "filterValue": "59"}).findings == ()
    (tmp_path / "a.json").write_text("[]")
    assert [f.code for f in engine.check({**definition, "filterValue": "59"}).findings] == ["json/no-records"]


@pytest.mark.parametrize("size", [20, 1 << 20])
def test_records_without_elements_may_all_be_left_out(tmp_path, size):
    (tmp_path / "data.xml").write_text('<r><s id="1"/><s id="2"/></r>')
    report = Engine(limits=Limits(chunk_bytes=size), roots=[tmp_path]).check(
        {"ingestMethod": "XML", "ingestURL": str(tmp_path / "data.xml"), "topElement": "r",
         "filterXMLPath": "$.s.'@id'", "filterValue": "3"}
    )  # fmt: skip
    assert [f.code for f in report.findings if f.severity.value == "error"] == ["definition/nothing-kept"]
