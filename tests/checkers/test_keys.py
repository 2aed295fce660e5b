"""Keys: missing, duplicate, odd; each declared key once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potable.checkers.keys import KeysChecker
from potable.engine.contracts.report import Report
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Finding
from potable.engine.limits import Limits
from potable.engine.testing import check_checker, findings_of

Check = Callable[..., Report]
Lint = Callable[..., Any]


def told(report: Report) -> dict[str, tuple[str | None, int, list[tuple[int | None, int | None]]]]:
    """code -> (field, count, [(record, line)])."""
    found = [f for f in report.findings if f.checker == "keys"]
    return {f.code: (f.field, f.count, [(s.location.record, s.location.line) for s in f.samples]) for f in found}


def finding(report: Report, code: str) -> Finding:
    return next(f for f in report.findings if f.code == code)


def test_a_first_place_in_another_file_is_told_with_that_file(check: Check, tmp_path: Path) -> None:
    for name, data in {"a": "id\nA\nB\n", "b": "id\nb\nA\nA\n"}.items():
        (tmp_path / f"part-{name}.csv").write_text(data)
    report = check("", ingestURL=".", filenamePattern="^part-.*[.]csv$", primaryKey="id")
    assert [s.message for s in finding(report, "keys/duplicate").samples] == [
        "key 'A' was used before, in record 1 (part-a.csv, line 2)"
    ] * 2
    assert [s.message for s in finding(report, "keys/case-variant").samples] == [
        "key 'b' differs only in case from 'B', in record 2 (part-a.csv, line 3)"
    ]


def test_surplus_records_each_at_the_later_place(check: Check) -> None:
    report = check('id,x\nA,1\nB,"two\nlines"\nA,3\nC,4\nB,5\nA,6\n', primaryKey="id")
    assert told(report) == {"keys/duplicate": ("$.id", 3, [(3, 5), (5, 7), (6, 8)])}
    found = finding(report, "keys/duplicate")
    assert found.details == {"keys": 2, "records": 5}
    assert [s.message for s in found.samples] == [
        "key 'A' was used before, in record 1 (line 2)",
        "key 'B' was used before, in record 2 (line 3)",
        "key 'A' was used before, in record 1 (line 2)",
    ]
    assert [s.key for s in found.samples] == ["A", "B", "A"]
    assert report.counts.records_with_errors == 3


def test_unique_keys_say_nothing(check: Check) -> None:
    report = check("id\n" + "".join(f"{n}\n" for n in range(1000)), primaryKey="id")
    assert told(report) == {}
    assert [c.status for c in report.coverage if c.checker == "keys"] == ["ran"]


def test_a_key_of_several_fields_is_their_values_joined(check: Check) -> None:
    rows = "a,b\na,b:c\na:b,c\na,b:c\nx,y\nx,y\n"
    found = finding(check(rows, primaryKey=["a", "b"]), "keys/duplicate")
    assert (found.fields, found.rule, found.samples[0].key) == (("$.a", "$.b"), "$.a + $.b", "a:b:c")
    assert (found.count, found.details) == (3, {"keys": 2, "records": 5})
    assert [(s.location.record, s.message) for s in found.samples] == [
        (2, "key 'a:b:c' was used before by other values that ':' joins to the same, in record 1 (line 2)"),
        (3, "key 'a:b:c' was used before, in record 1 (line 2)"),
        (5, "key 'x:y' was used before, in record 4 (line 5)"),
    ]
    (found,) = [f for f in check(rows, primaryKey=["a", "b"], keyDelimiter="|").findings if f.checker == "keys"]
    assert (found.count, [s.key for s in found.samples]) == (2, ["a|b:c", "x|y"])


def test_keys_of_a_schema_are_compared_field_by_field(check: Check) -> None:
    fields = [{"name": "a"}, {"name": "b"}]
    for key in ({"primaryKey": ["a", "b"]}, {"uniqueKeys": [["a", "b"]]}):
        report = check("a,b\na,b:c\na:b,c\na,b:c\n", schema={"fields": fields, **key})
        assert told(report) == {"keys/duplicate": ("$.a", 1, [(3, 4)])}


PARTS = st.sampled_from(["a", "a:", ":a", "a:b", "b", ":", "B", "xa", "x", "é"])


@given(st.lists(st.tuples(PARTS, PARTS, PARTS), min_size=1, max_size=30), st.sampled_from([":", "::", "x", "", "é"]))
@settings(max_examples=60)
def test_counts_of_joined_keys_are_those_of_a_counter(rows: list[tuple[str, str, str]], delimiter: str) -> None:
    table = {name: [r[n] for r in rows] for n, name in enumerate("klm")}
    of = replace(source("k", "l", "m"), key_delimiter=delimiter)
    found = {f.code: f.count for f in findings_of(KeysChecker, table, source=of)}
    keys = Counter(delimiter.join(r) for r in rows)
    assert found.get("keys/duplicate", 0) == len(rows) - len(keys)
    assert found.get("keys/case-variant", 0) == len(keys) - len({k.lower() for k in keys})


def test_records_without_a_key(check: Check) -> None:
    report = check("id,x\n,1\nA,2\nn/a,3\n,4\n", primaryKey="id", missingValues=["", "n/a"])
    assert told(report) == {"keys/missing": ("$.id", 3, [(1, 2), (3, 4), (4, 5)])}


def test_a_missing_part_of_a_key_is_told_of_its_field(check: Check) -> None:
    report = check("a,b\n1,\n1,\n", primaryKey=["a", "b"])
    assert told(report) == {"keys/missing": ("$.b", 2, [(1, 2), (2, 3)])}


def test_a_key_column_that_is_not_there_is_told_once(check: Check) -> None:
    report = check("ID,x\n1,2\n3,4\n", primaryKey="id")
    assert told(report) == {"keys/missing": ("$.id", 1, [(None, 1)])}
    assert finding(report, "keys/missing").samples[0].message == "there is no key column 'id'; did you mean 'ID'?"


def test_a_column_that_the_schema_lacks_too_is_one_finding(check: Check) -> None:
    fields = [{"name": "id"}, {"name": "x"}, {"name": "y"}]
    report = check("x,y\n2,3\n", primaryKey="id", schema={"fields": fields})
    assert [f.code for f in report.findings] == ["schema/missing-field"]


def test_odd_keys(check: Check) -> None:
    report = check("id\nA1 \n A2\nA\u200b3\nA4\nA 5\n", primaryKey="id", checks={"text": False})
    assert told(report) == {
        "keys/whitespace": ("$.id", 2, [(1, 2), (2, 3)]),
        "keys/invisible-character": ("$.id", 1, [(3, 4)]),
    }


@pytest.mark.parametrize(
    ("odd", "told_of"),
    [
        ("\u0410nna", "holds U+0410 (Cyrillic capital letter a)"),
        ("CVCL\u041e1", "holds U+041E (Cyrillic capital letter o)"),
        ("HEL\u0391", "holds U+0391 (Greek capital letter alpha)"),
        ("\uff33\uff10\uff11", "holds U+FF33 (Fullwidth latin capital letter s)"),
        ("A\uff11", "holds U+FF11 (Fullwidth digit one)"),
    ],
)
def test_keys_that_look_like_others(check: Check, odd: str, told_of: str) -> None:
    report = check(f"id,x\nA1,1\nA2,2\n{odd},3\n", primaryKey="id", checks={"text": False})
    assert told(report) == {"keys/look-alike": ("$.id", 1, [(3, 4)])}
    sample = finding(report, "keys/look-alike").samples[0]
    assert told_of in sample.message
    assert sample.value == odd


@pytest.mark.parametrize(
    "key",
    [
        "Sé", "Анна", "СТО", "АВ12", "Ένα", "TGF-β", "NF-κB", "ΔΔCt", "5-μm", "IFNα2", "名前Ａ", "ＮＨＫ放送", "Анна-X",
        "नमस्ते", "שָׁלוֹם", "ÅÄÖ", "Ω-3", "m\u0302x", "Se\u0301",
    ],
)  # fmt: skip
def test_keys_of_other_scripts_are_clean(check: Check, key: str) -> None:
    assert "keys/look-alike" not in told(check(f"id,x\nA1,1\n{key},3\n", primaryKey="id", checks={"text": False}))


def test_keys_that_differ_only_in_their_normal_form(check: Check) -> None:
    report = check("id,x\nSé1,1\nA,2\nSe\u03011,3\nSE\u03011,4\n", primaryKey="id")
    assert told(report) == {"keys/case-variant": ("$.id", 2, [(3, 4), (4, 5)])}
    assert [s.message.partition(" from ")[0].partition(" differs ")[2] for s in report.findings[0].samples] == [
        "only in its Unicode normal form", "only in case",
    ]  # fmt: skip


def test_keys_that_differ_only_in_case(check: Check) -> None:
    report = check("id\nabc\nABC\nabc\nAbc\nx\n", primaryKey="id")
    assert told(report) == {
        "keys/duplicate": ("$.id", 1, [(3, 4)]),
        "keys/case-variant": ("$.id", 2, [(2, 3), (4, 5)]),
    }
    assert finding(report, "keys/case-variant").samples[0].message == (
        "key 'ABC' differs only in case from 'abc', in record 1 (line 2)"
    )
    for off in ({"severity": {"keys/case-variant": "off"}}, {"checks": {"keys": {"case_variants": False}}}):
        assert list(told(check("id\nabc\nABC\nabc\n", primaryKey="id", **off))) == ["keys/duplicate"]


def test_declared_twice_is_one_rule(check: Check) -> None:
    field = {"name": "id", "constraints": {"unique": True, "required": True}}
    schema = {"fields": [field, {"name": "x"}], "primaryKey": "id", "uniqueKeys": [["id"], ["x", "id"]]}
    report = check("id,x\n1,a\n1,b\n,c\n", primaryKey="$.'id'", schema=schema)
    assert [(f.code, f.field, f.count) for f in report.findings] == [
        ("keys/duplicate", "$.id", 1),
        ("keys/missing", "$.id", 1),
    ]


def test_unique_fields_may_be_missing(check: Check) -> None:
    fields = [{"name": "id"}, {"name": "mail", "constraints": {"unique": True}}]
    report = check("id,mail\n1,a\n2,\n3,\n4,a\n", schema={"fields": fields})
    assert told(report) == {"keys/duplicate": ("$.mail", 1, [(4, 5)])}


def test_further_unique_keys_by_option(check: Check, lint: Lint) -> None:
    options = {"keys": {"unique": ["a", ["a", "b"]]}}
    report = check("a,b\n1,2\n1,3\n1,2\n", checks=options)
    found = [(f.code, f.field, f.rule, f.count) for f in report.findings]
    assert found == [("keys/duplicate", "$.a", None, 2), ("keys/duplicate", "$.a", "$.a + $.b", 1)]
    assert [o.code for o in lint(checks={"keys": {"unique": ["$.a b"]}})] == ["definition/bad-path"]


def test_dup_perc_is_a_matter_of_surplus_records(check: Check) -> None:
    text = "id\n" + "".join(f"{n}\n" for n in (1, 1, 2, 3, 4, 5, 6, 7, 8, 9))
    assert check(text, primaryKey="id", dupPerc=10).verdict == "passed"
    assert check(text, primaryKey="id", dupPerc=9.9).verdict == "failed"


def test_a_sample_does_not_decide_on_duplicates(check: Check) -> None:
    report = check("id\n1\n1\n2\n", primaryKey="id", maxDocs=2)
    assert told(report) == {}


def test_without_a_key_it_is_skipped(check: Check) -> None:
    report = check("a\n1\n1\n")
    reasons = {c.checker: c.reason for c in report.coverage if c.status == "skipped"}
    assert reasons["keys"] == "no primary key, unique field or foreign key declared"


KEYS = st.lists(st.sampled_from(["a", "A", "b", "", "c", "ä", "Ä", " a", "x" * 30]) | st.none(), max_size=30)


def source(*fields: str) -> SourceDefinition:
    return SourceDefinition(resource_id="test", ingest_method="CSV", primary_key=tuple(f"$.{f}" for f in fields))


@given(KEYS)
@settings(max_examples=30)
def test_counts_are_those_of_a_counter(keys: list[str | None]) -> None:
    found = {f.code: f for f in findings_of(KeysChecker, {"k": keys}, source=source("k"))}
    present = Counter(k for k in keys if k)
    surplus = sum(present.values()) - len(present)
    spellings = Counter(k.lower() for k in present)
    duplicate, variant = found.get("keys/duplicate"), found.get("keys/case-variant")
    assert (duplicate.count if duplicate else 0) == surplus
    if duplicate is not None:
        shared = [n for n in present.values() if n > 1]
        assert duplicate.details == {"keys": len(shared), "records": sum(shared)}
    assert (variant.count if variant else 0) == sum(n - 1 for n in spellings.values())
    missing = found.get("keys/missing")
    assert (missing.count if missing else 0) == sum(not k for k in keys)


def test_places_of_a_table_that_is_there_twice(check: Check) -> None:
    """However many records lie between the two, both places are told."""
    ids = "".join(f"k{n}\n" for n in range(12_000))
    found = finding(check(f"id\n{ids}{ids}", primaryKey="id"), "keys/duplicate")
    assert found.count == 12_000
    first = found.samples[0]
    assert (first.location.record, first.location.line, first.key) == (12_001, 12_002, "k0")
    assert [s.message for s in found.samples] == [
        f"key 'k{n}' was used before, in record {n + 1} (line {n + 2})" for n in range(20)
    ]


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "A", ""]), st.sampled_from(["x", "y", "X"])), min_size=1, max_size=20)
)
@settings(max_examples=12)
def test_any_cutting_gives_the_same(rows: list[tuple[str, str]]) -> None:
    table = {"k": [r[0] for r in rows], "l": [r[1] for r in rows]}
    check_checker(KeysChecker, table, source=source("k", "l"), cuttings=4)


@pytest.mark.parametrize("budget", [64, 100_000])
def test_a_small_budget_changes_nothing(budget: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("potable.checkers.repeats.groups.PENDING", 50)
    keys = [f"K{n % 700}" if n % 3 else f"u{n}" for n in range(3_000)]
    keys[100], keys[2_900] = "Ab", "aB"
    bounds = range(0, 3_000, 170)
    large = findings_of(KeysChecker, {"k": keys}, source=source("k"))
    small = findings_of(KeysChecker, {"k": keys}, source=source("k"), bounds=bounds, limits=Limits(state_bytes=budget))
    assert small == large
    present = Counter(keys)
    surplus = len(keys) - len(present)
    assert {f.code: f.count for f in large} == {"keys/duplicate": surplus, "keys/case-variant": 1}
