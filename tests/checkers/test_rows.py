"""Whole records: equal ones, constraints over several fields, the number of columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potable.checkers.repeats import groups
from potable.checkers.rows import RowsChecker
from potable.engine import Engine
from potable.engine.contracts.report import Report
from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.parse import from_mapping
from potable.engine.findings import Finding
from potable.engine.limits import Limits
from potable.engine.options import RunOptions
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins
from potable.engine.testing import check_checker, findings_of

Check = Callable[..., Report]
Lint = Callable[..., Any]


def rows(report: Report) -> list[Finding]:
    assert {c.checker: c.status for c in report.coverage}["rows"] == "ran"
    return [f for f in report.findings if f.checker == "rows"]


def told(report: Report) -> list[tuple[str, str | None, int, list[tuple[int | None, int | None]]]]:
    found = rows(report)
    return [(f.code, f.field, f.count, [(s.location.record, s.location.line) for s in f.samples]) for f in found]


# -- records that are there twice --------------------------------------------------------------------------------------


def test_surplus_records_each_at_the_later_place(check: Check) -> None:
    report = check('a,b\n1,"two\nlines"\n3,4\n1,"two\nlines"\n3,5\n3,4\n3,4\n')
    (found,) = rows(report)
    assert told(report) == [("rows/duplicate", None, 3, [(3, 5), (5, 8), (6, 9)])]
    assert [s.message for s in found.samples] == [
        "the record equals record 1 (line 2)",
        "the record equals record 2 (line 4)",
        "the record equals record 2 (line 4)",
    ]
    assert found.details == {"different": 2, "records": 5}
    assert (report.verdict, report.counts.warnings, report.counts.records_with_errors) == ("passed", 3, 0)


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,2\n1,3\n2,1\n",
        "a,b\n1,11\n11,1\n",
        "a,b\n,1\n1,\n",
        "a,b\n 1,2\n1,2\n",
        'a,b\n"1,2",3\n1,"2,3"\n',
    ],
)
def test_records_that_differ_anywhere(check: Check, text: str) -> None:
    assert told(check(text)) == []


def test_blank_records_are_told_of_once(check: Check) -> None:
    assert [f.code for f in check("a,b\n1,2\n,\n,\n").findings] == ["csv/blank-row"]


def test_blank_records_of_a_frame(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": ["x", None, "", None], "of": [None, None, None, {"n": 1}]})
    (found,) = Engine().check(frame).findings
    assert (found.code, [s.location.record for s in found.samples]) == ("rows/blank", [2, 3])


@given(st.lists(st.tuples(st.sampled_from(["x", "", None]), st.sampled_from(["y", "", None])), max_size=9))
@settings(max_examples=20, deadline=None)
def test_blank_records_keep_the_law(records: list[tuple[str | None, str | None]]) -> None:
    source = SourceDefinition(resource_id="test", ingest_method="JSON")
    check_checker(RowsChecker, [dict(zip("ab", r, strict=True)) for r in records], source=source, cuttings=3)


def test_with_a_key_the_key_tells(check: Check) -> None:
    report = check("id,a\n1,x\n1,x\n", primaryKey="id")
    assert [f.code for f in report.findings] == ["keys/duplicate"]
    assert report.metrics["suppressed"] == {"rows/duplicate": 1}


def test_a_sample_does_not_decide(check: Check) -> None:
    assert check("a,b\n1,2\n1,2\n3,4\n", maxDocs=2).findings == ()


def test_it_can_be_switched_off(check: Check) -> None:
    report = check("a,b\n1,2\n1,2\n", severity={"rows/duplicate": "off"})
    assert report.findings == ()


def test_records_of_json_are_compared_whole(tmp_path: Path) -> None:
    records = ['{"a": 1, "b": {"c": [1, 2]}}', '{"a": "1", "b": {"c": [1, 2]}}', '{"b": {"c": [1, 2]}, "a": 1}',
               '{"a": 1, "b": {"c": [2, 1]}}', '{"a": 1}', '{"a": 1, "b": null}']  # fmt: skip
    (tmp_path / "data.jsonl").write_text("\n".join(records) + "\n")
    members = {"resourceID": "test", "ingestMethod": "JSONL", "ingestURL": "data.jsonl"}
    report = run_source(from_mapping(members, folder=tmp_path), load_plugins())
    assert told(report) == [("rows/duplicate", None, 1, [(3, 3)])]


def test_records_of_xml_are_compared_whole(tmp_path: Path) -> None:
    (tmp_path / "data.xml").write_text(
        "<r>\n<a x='1' y='2'><b>t</b></a>\n<a y='2' x='1'><b>t</b></a>\n<a x='1' y='2'><b>u</b></a>\n</r>"
    )
    members = {"resourceID": "test", "ingestMethod": "XML", "ingestURL": "data.xml", "documentElement": "a"}
    report = run_source(from_mapping(members, folder=tmp_path), load_plugins())
    assert told(report) == [("rows/duplicate", None, 1, [(2, 3)])]


@pytest.mark.parametrize("namespace", ["u", "urn:x", "http://example.org/"])
def test_records_with_namespaces_are_compared(tmp_path: Path, namespace: str) -> None:
    records = ["<p:b>1</p:b>2<c/>", "<p:b>1</p:b>2<c/>", "<p:b>1</p:b><c/>2", "<p:b>1<c/></p:b>2", "<p:b>1</p:b>2<c/>"]
    lines = "\n".join(f"<a p:k='v'>{record}</a>" for record in records)
    (tmp_path / "data.xml").write_text(f"<r xmlns:p='{namespace}'>\n{lines}\n</r>")
    members = {"resourceID": "test", "ingestMethod": "XML", "ingestURL": "data.xml", "documentElement": "a"}
    report = run_source(from_mapping(members, folder=tmp_path), load_plugins())
    assert told(report) == [("rows/duplicate", None, 2, [(2, 3), (5, 6)])]


@pytest.mark.parametrize("chunk_bytes", [64, 100, 200, 1 << 20])
def test_a_record_is_the_same_beside_others_of_several_values(tmp_path: Path, chunk_bytes: int) -> None:
    single = "<a><b>1</b></a>"
    others = "".join(f"<a><b>x{n}</b></a>" for n in range(30))
    (tmp_path / "data.xml").write_text(f"<r>{single}{others}{single}<a><b>p</b><b>q</b></a></r>")
    members = {"resourceID": "test", "ingestMethod": "XML", "ingestURL": "data.xml", "documentElement": "a"}
    options = RunOptions(limits=Limits(chunk_bytes=chunk_bytes))
    report = run_source(from_mapping(members, folder=tmp_path), load_plugins(), options)
    assert told(report) == [("rows/duplicate", None, 1, [(32, 1)])]


KEYS = st.sampled_from(["", "1", "2", None])


@given(st.lists(st.tuples(KEYS, KEYS, KEYS), max_size=30))
@settings(max_examples=60, deadline=None)
def test_a_primary_key_changes_no_number(records: list[tuple[str | None, ...]]) -> None:
    table = {name: [r[n] for r in records] for n, name in enumerate("abc")}
    bounds = range(0, len(records), 4)
    keyed = SourceDefinition(resource_id="test", ingest_method="CSV", primary_key=("$.a", "$.b"))
    with_key, without = (
        [(f.code, f.count, f.details, [(s.message, s.location) for s in f.samples]) for f in found]
        for found in (findings_of(RowsChecker, table, bounds=bounds, source=s) for s in (keyed, None))
    )
    assert with_key == without


CELLS = st.sampled_from(["", "1", "2", "12", "\x1f", '"', "é"])


@given(st.lists(st.tuples(CELLS, CELLS), max_size=30), st.booleans())
@settings(max_examples=60, deadline=None)
def test_the_number_is_that_of_a_plain_count(records: list[tuple[str, str]], spilling: bool) -> None:
    table = {"a": [r[0] for r in records], "b": [r[1] for r in records]}
    limits = Limits(state_bytes=1) if spilling else Limits()
    with patch.object(groups, "PENDING", 3 if spilling else groups.PENDING):
        found = findings_of(RowsChecker, table, limits=limits, bounds=range(0, len(records), 4))
    seen = Counter(r for r in records if r != ("", ""))
    found = [f for f in found if f.code != "rows/all-blank"]
    assert sum(f.count for f in found) == sum(n - 1 for n in seen.values())


def test_places_of_a_table_that_is_there_twice(check: Check) -> None:
    lines = "".join(f"{n},x\n" for n in range(12_000))
    (found,) = rows(check(f"a,b\n{lines}{lines}"))
    assert (found.count, found.samples[0].location.line) == (12_000, 12_002)
    assert [s.message for s in found.samples] == [f"the record equals record {n + 1} (line {n + 2})" for n in range(20)]


def test_duplicates_keep_the_law() -> None:
    check_checker(RowsChecker, {"a": list("ABBACABD"), "b": ["1"] * 8, "c": [None, *"1234567"]})
    check_checker(RowsChecker, {"a": list("ABBACABD"), "b": ["1"] * 8})


# -- constraints -------------------------------------------------------------------------------------------------------


def test_a_constraint_at_the_record_that_breaks_it(check: Check) -> None:
    text = "start,end\n2024-01-01,2024-02-01\n2024-03-01,2024-02-01\n,2024-02-01\n"
    report = check(text, checks={"rows": {"constraints": ["start <=  end"]}})
    assert told(report) == [("rows/constraint", "$.start", 1, [(2, 3)])]
    (found,) = rows(report)
    assert (found.rule, found.fields) == ("start <= end", ("$.start", "$.end"))
    assert found.samples[0].message == "start <= end doesn't hold: start is 2024-03-01, end is 2024-02-01"
    assert (report.verdict, report.counts.records_with_errors) == ("failed", 1)


def test_its_own_id_and_message(check: Check) -> None:
    given = {"expression": "a < b", "id": "ordered", "message": "{a} must come before {b}"}
    (found,) = rows(check("a,b\n3,2\n", checks={"rows": {"constraints": [given]}}))
    assert (found.rule, found.samples[0].message) == ("ordered", "3 must come before 2")


def test_several_constraints_are_several_findings(check: Check) -> None:
    report = check("a,b\n3,2\n", checks={"rows": {"constraints": ["a < b", "a = b"]}})
    assert [(f.rule, f.count) for f in rows(report)] == [("a < b", 1), ("a = b", 1)]


def test_a_field_that_is_not_there_is_said_once(check: Check) -> None:
    report = check("a,b\n3,2\n4,4\n", checks={"rows": {"constraints": ["a < c"]}})
    (found,) = rows(report)
    assert (found.code, found.field, found.count) == ("rows/constraint", "$.c", 1)
    message = "there is no column 'c', which the constraint a < c needs"
    assert found.samples[0].message == message
    assert (found.samples[0].location.file, found.samples[0].location.line) == ("data.csv", 1)


def test_blanks_in_quotes_tell_constraints_apart(lint: Lint, check: Check) -> None:
    given = ["a = 'x  y'", "a   =  'x y'", '"a  b" = a', '"a b"  = a']
    assert lint(checks={"rows": {"constraints": given}}) == []
    report = check("a,a b,a  b\nq,1,2\n", checks={"rows": {"constraints": given}})
    found = {f.rule for f in report.findings if f.code == "rows/constraint"}
    assert found == {"a = 'x  y'", "a = 'x y'", '"a  b" = a', '"a b" = a'}
    (twice,) = lint(checks={"rows": {"constraints": ["a = 'x  y'", "a  = \n'x  y'"]}})
    assert twice.message == "two constraints are called \"a = 'x  y'\""


def test_bad_constraints_are_told_at_their_place(lint: Lint) -> None:
    found = lint(checks={"rows": {"constraints": ["a < b", "a <", "__import__('os')"]}})
    assert [(o.code, o.location.path) for o in found] == [
        ("definition/bad-value", "/checks/rows/constraints/1"),
        ("definition/bad-value", "/checks/rows/constraints/2"),
    ]
    assert found[0].message == "the constraint 'a <' can't be used: it ends too early (at character 4)"


def test_slips_in_constraints_have_their_mend(lint: Lint, check: Check) -> None:
    given = ["lenght(a) > 1", {"id": "m", "expression": "weight < 9", "message": "{wieght} of {{wieght}}"}]
    assert [o.message for o in lint(checks={"rows": {"constraints": given}})] == [
        "the constraint 'lenght(a) > 1' can't be used: there is no function lenght(); did you mean length()? (at "
        "character 1)",
        "the message of the constraint 'weight < 9' names {wieght}; did you mean {weight}?",
    ]
    (found,) = rows(check("a\nx\n", checks={"rows": {"constraints": ['a = "x"']}}))
    assert found.hint == "Texts are in single quotes: 'x'."


def test_a_field_that_the_schema_does_not_have(lint: Lint) -> None:
    schema = {"fields": [{"name": "end"}, {"name": "start"}]}
    checks = {"rows": {"constraints": ["strat <= end", "start <= end"]}}
    (found,) = lint(schema=schema, checks=checks)
    assert (found.code, found.location.path) == ("definition/bad-value", "/checks/rows/constraints/0")
    assert found.message == (
        "the constraint 'strat <= end' names the field 'strat', which the schema doesn't have; did you mean 'start'?"
    )
    for match in ("subset", "partial"):  # the data may have further ones
        assert lint(schema={**schema, "fieldsMatch": match}, checks=checks) == []
    assert lint(schema=schema, checks=checks, severity={"schema/extra-field": "off"}) == []
    assert lint(schema=schema, checks={"rows": {"constraints": ["$.a.b <= end"]}}, ingestMethod="JSONL") == []


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("a = null", "a comparison with NULL is never true nor false: write IS NULL or IS NOT NULL (at character 3)"),
        ("b > 1 or not (a <> NULL)", "a comparison with NULL is never true nor false: write IS NULL or IS NOT NULL "
         "(at character 17)"),
        ("a in (1, null)", "a comparison with NULL is never true nor false: write IS NULL or IS NOT NULL "
         "(at character 3)"),
        ("1/0 = a", "nothing can be divided by zero: this has no value (at character 2)"),
        ("a % 0.0 = 1", "nothing can be divided by zero: this has no value (at character 3)"),
        ("a + null > 1", "what is computed with NULL is NULL (at character 3)"),
        ("case when a = null then b else 1 end > 0", "a comparison with NULL is never true nor false: write IS NULL "
         "or IS NOT NULL (at character 13)"),
    ],
)  # fmt: skip
def test_what_no_record_can_decide(lint: Lint, expression: str, why: str) -> None:
    (found,) = lint(checks={"rows": {"constraints": [expression]}})
    assert (found.code, found.location.path) == ("definition/bad-value", "/checks/rows/constraints/0")
    assert found.message == f"the constraint {expression!r} can't be decided: {why}"


@pytest.mark.parametrize(
    "expression", ["a is null or a > 0", "coalesce(a, null) is null", "a / 10 > 0", "0 / a = 0", "nullif(a, 0) > 1"]
)
def test_what_a_record_can_decide(lint: Lint, expression: str) -> None:
    assert lint(checks={"rows": {"constraints": [expression]}}) == []


def test_constraints_keep_the_law() -> None:
    table = {"a": ["1", "2", "", "x", "5"], "b": ["2", "1", "3", "4", None]}
    check_checker(RowsChecker, table, options={"constraints": ["a < b", "length(a) = 1"]})


# -- columns -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (2, None),
        ({"min": 1, "max": 2}, None),
        (3, "there are 2 columns, 3 were expected"),
        ({"min": 3}, "there are 2 columns, at least 3 were expected"),
        ({"max": 1}, "there are 2 columns, at most 1 were expected"),
    ],
)
def test_the_number_of_columns(check: Check, fields: Any, message: str | None) -> None:
    report = check("# made\na,b\n1,2\n", headerLine=2, checks={"rows": {"fields": fields}})
    found = [(f.code, f.count, f.samples[0].message, f.samples[0].location.line) for f in rows(report)]
    assert found == ([] if message is None else [("rows/field-count", 1, message, 2)])


def test_bounds_the_wrong_way_round(lint: Lint) -> None:
    (found,) = lint(checks={"rows": {"fields": {"min": 3, "max": 2}}})
    assert (found.code, found.location.path) == ("definition/bad-value", "/checks/rows/fields/min")


# -- nothing but blank records -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "text"),
    [
        ("CSV", "id,name\n" + ",\n" * 30 + ",x\n"),
        ("JSONL", "{}\n" * 30 + '{"a": {"b": 0}}\n'),
        ("JSONL", "{}\n" * 30 + '{"a": [false]}\n'),
    ],
)
def test_one_value_is_enough(tmp_path: Path, method: str, text: str) -> None:
    (tmp_path / "data").write_text(text)
    source = from_mapping({"resourceID": "t", "ingestMethod": method, "ingestURL": "data"}, folder=tmp_path)
    report = run_source(source, load_plugins(), RunOptions(scratch=tmp_path, limits=Limits(chunk_bytes=16)))
    assert {f.code for f in report.findings} <= {"csv/blank-row", "rows/blank"}
