"""QC rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from potable.checkers.rules import RulesChecker
from potable.checkers.rules.qc import qc_rules
from potable.engine.contracts.report import Report
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Occurrence
from potable.engine.testing import check_checker

Check = Callable[..., Report]
Lint = Callable[..., list[Occurrence]]
Place = tuple[int | None, int | None]


def told(report: Report) -> list[tuple[str, str | None, str | None, int, list[Place]]]:
    """(code, field, rule, count, [(record, line)])."""
    found = [f for f in report.findings if f.code.startswith("rules/")]
    return sorted(
        (f.code, f.field, f.rule, f.count, [(s.location.record, s.location.line) for s in f.samples]) for f in found
    )


def test_a_value_must_be_there(check: Check) -> None:
    rules = {"ValueExists": [{"path": "name"}, {"path": "$.id"}]}
    report = check("id,name\n1,x\n2,\n3,n/a\n", qcRules=rules, missingValues=["", "n/a"])
    assert told(report) == [("rules/value-missing", "$.name", "$.name", 2, [(2, 3), (3, 4)])]


def test_a_value_must_be_the_right_one(check: Check) -> None:
    rules = {"ValueExists": [{"path": "s", "value": "ok"}, {"path": "id", "valueRegex": r"RRID:\w+"}]}
    report = check("id,s\nRRID:A,ok\nRRID:A b,OK\nxRRID:A,\n", qcRules=rules)
    assert told(report) == [
        ("rules/value-mismatch", "$.id", r"$.id ~ RRID:\w+", 2, [(2, 3), (3, 4)]),
        ("rules/value-mismatch", "$.s", "$.s = ok", 1, [(2, 3)]),
        ("rules/value-missing", "$.s", "$.s = ok", 1, [(3, 4)]),
    ]


def test_a_condition(check: Check) -> None:
    rules = {"CondValueExists": [{"condPath": "b", "path": "a"}, {"condPath": "b", "path": "a", "value": "x"}]}
    report = check("a,b\n,\n,1\ny,1\ny,\nx,1\n", qcRules=rules)
    assert told(report) == [
        ("rules/value-mismatch", "$.a", "$.a = x if $.b", 1, [(3, 4)]),
        ("rules/value-missing", "$.a", "$.a = x if $.b", 1, [(2, 3)]),
        ("rules/value-missing", "$.a", "$.a if $.b", 1, [(2, 3)]),
    ]


def test_a_rule_that_is_given_twice_counts_once(check: Check) -> None:
    rules = {"ValueExists": [{"path": "a"}, {"path": "$.'a'"}]}
    assert told(check("a,b\n,1\n", qcRules=rules)) == [("rules/value-missing", "$.a", "$.a", 1, [(1, 2)])]


def test_a_column_that_is_not_there_is_told_once(check: Check) -> None:
    rules = {
        "ValueExists": [{"path": "nmae"}, {"path": "nmae", "value": "x"}],
        "CondValueExists": [{"condPath": "name", "path": "zzz"}],
    }
    report = check("id,name\n1,x\n2,\n3,y\n", qcRules=rules)
    assert told(report) == [
        ("rules/value-missing", "$.nmae", "$.nmae", 1, [(None, 1)]),
        ("rules/value-missing", "$.zzz", "$.zzz if $.name", 1, [(None, 1)]),
    ]
    found = {f.field: f for f in report.findings}
    assert found["$.nmae"].samples[0].message.endswith("did you mean 'name'?")
    assert (found["$.nmae"].details, found["$.zzz"].details) == ({"records": 3}, {"records": 2})


def test_a_condition_that_never_holds_asks_for_nothing(check: Check) -> None:
    rules = {"CondValueExists": [{"condPath": "zzz", "path": "yyy"}, {"condPath": "b", "path": "yyy"}]}
    assert told(check("a,b\n1,\n2,\n", qcRules=rules)) == []


def test_a_regex_that_no_linear_engine_takes(check: Check, lint: Lint) -> None:
    rules = {"ValueExists": [{"path": "a", "valueRegex": r"\p{InGreek}"}, {"path": "a", "valueRegex": "(?=a)a"}]}
    said = lint(qcRules=rules)
    assert sorted((o.code, o.location.path) for o in said) == [
        ("definition/bad-regex", f"/qcRules/ValueExists/{n}/valueRegex") for n in (0, 1)
    ]
    report = check("a,b\nx,1\n", qcRules=rules)
    assert (report.verdict, told(report)) == ("failed", [])


def test_rules_that_cannot_be_used_are_left_out() -> None:
    given_rules: Any = {
        "ValueExists": [
            "x",
            {"path": ""},
            {"value": "x"},
            {"path": "$.a b"},
            {"path": "a", "valueRegex": 5},
            {"path": "b"},
        ],
        "CondValueExists": [{"path": "a"}],
        "Other": [{"path": "a"}],
    }
    source = SourceDefinition(resource_id="test", ingest_method="CSV", qc_rules=given_rules)
    assert [r.id for r in qc_rules(source)] == ["$.b"]


CELLS = st.lists(st.sampled_from(["", "x", "y", "xx"]) | st.none(), min_size=6, max_size=6)


@given(CELLS, CELLS)
@settings(max_examples=25)
def test_any_cutting_gives_the_same(a: list[str | None], b: list[str | None]) -> None:
    rules = {
        "ValueExists": [{"path": "a"}, {"path": "b", "valueRegex": "x+"}, {"path": "c"}],
        "CondValueExists": [{"path": "a", "condPath": "b", "value": "y"}, {"path": "c", "condPath": "a"}],
    }
    source = SourceDefinition(resource_id="test", ingest_method="CSV", qc_rules=rules)
    check_checker(RulesChecker, {"a": a, "b": b}, source=source, cuttings=3)


def test_without_rules_it_is_skipped(check: Check) -> None:
    reasons = {c.checker: c.reason for c in check("a\n1\n").coverage if c.status == "skipped"}
    assert reasons["rules"] == "no QC rules declared"
