"""Tolerances and verdicts, against a plain reading of the contract."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potable.engine.findings import Code, Location, Occurrence, Sample, Severity, Tally
from potable.engine.judging.collector import Collected, Collector, severity_policy
from potable.engine.judging.verdict import judge
from potable.engine.limits import Limits


def code(name: str, severity: Severity = Severity.ERROR, **more: Any) -> Code:
    said = {"title": name, "meaning": "m", "why": "w", "example": "e", "mend": "mend it"}
    return Code(id=name, severity=severity, **(said | more))


CODES = {
    c.id: c
    for c in (
        code("schema/type"),
        code("keys/duplicate"),
        code("text/markup", Severity.WARNING),
        code("csv/header", suppressed_by=("access/html",)),
        code("schema/required", suppressed_by=("schema/missing-field@field",)),
        code("schema/missing-field"),
        code("access/html", blocking=True),
        code("access/off", Severity.WARNING, blocking=True),
    )
}


def collected(*said: Occurrence | Tally, severity: dict[str, Any] | None = None) -> Collected:
    collector = Collector("S", CODES, severity_policy(severity or {}), Limits())
    for one in said:
        collector.add(one.code.partition("/")[0], one)
    return collector.collected()


def tally(name: str, *records: int, field: str | None = "$.a") -> Tally:
    return Tally(code=name, field=field, count=len(records), records=records)


def test_a_clean_run_passes() -> None:
    judged = judge(collected(), 10, err_perc=None, dup_perc=None)
    assert (judged.verdict, judged.why) == ("passed", ("10 records read, no error was found.",))


def test_one_error_fails() -> None:
    judged = judge(collected(tally("schema/type", 4)), 10, err_perc=None, dup_perc=None)
    assert (judged.verdict, judged.why) == ("failed", ("1 error of 1 kind: schema/type (1).",))


@pytest.mark.parametrize(("kinds", "named", "left"), [(4, 4, None), (5, 5, None), (6, 4, "2 more"), (9, 4, "5 more")])
def test_a_single_kind_is_never_left_out(kinds: int, named: int, left: str | None) -> None:
    codes = {f"lab/{n}": code(f"lab/{n}") for n in range(kinds)}
    collector = Collector("S", codes, severity_policy({}), Limits())
    for name in codes:
        collector.add("lab", tally(name, 1))
    (why,) = judge(collector.collected(), 10, err_perc=None, dup_perc=None).why
    assert why.count("lab/") == named
    assert why.endswith(f", {left}." if left else " (1).")


def test_a_code_in_several_fields_is_one_kind() -> None:
    found = collected(tally("schema/type", 4, field="$.a"), tally("schema/type", 5, field="$.b"))
    assert judge(found, 10, err_perc=None, dup_perc=None).why == ("2 errors of 1 kind: schema/type (2).",)


def test_warnings_pass() -> None:
    assert judge(collected(tally("text/markup", 4)), 10, err_perc=None, dup_perc=None).verdict == "passed"


def test_a_blocking_finding_is_inconclusive_even_beside_errors() -> None:
    found = collected(tally("schema/type", 4), Occurrence("access/html", "it's a page."))
    judged = judge(found, 10, err_perc=100, dup_perc=None)
    assert (judged.verdict, judged.why) == (
        "inconclusive",
        ("The source couldn't be read to its end: it's a page (access/html).",),
    )


def test_a_source_of_which_nothing_came_couldn_t_be_read_at_all() -> None:
    judged = judge(collected(Occurrence("access/html", "it's a page.")), 0, err_perc=None, dup_perc=None)
    assert judged.why == ("The source couldn't be read: it's a page (access/html).",)


@pytest.mark.parametrize("severity", ["off", "info"])
def test_severity_cannot_unblock(severity: str) -> None:
    found = collected(Occurrence("access/off", "gone"), severity={"access/off": severity})
    assert judge(found, 10, err_perc=None, dup_perc=None).verdict == "inconclusive"


def test_no_record_is_inconclusive() -> None:
    assert judge(collected(), 0, err_perc=100, dup_perc=100).verdict == "inconclusive"


def test_a_crash_is_inconclusive_unless_something_fails() -> None:
    assert judge(collected(), 5, err_perc=None, dup_perc=None, crashed=["keys"]).verdict == "inconclusive"
    failing = collected(tally("schema/type", 1))
    assert judge(failing, 5, err_perc=None, dup_perc=None, crashed=["keys"]).verdict == "failed"
    tolerated = judge(failing, 5, err_perc=20, dup_perc=None, crashed=["keys"])
    assert tolerated.verdict == "inconclusive"


def test_errors_of_a_file_are_never_tolerated() -> None:
    judged = judge(collected(Occurrence("schema/missing-field", "no a", "$.a")), 1000, err_perc=100, dup_perc=None)
    assert (judged.verdict, judged.findings[0].tolerated) == ("failed", False)


def test_tolerated_errors_are_marked_and_told() -> None:
    judged = judge(collected(tally("schema/type", 1, 2)), 400, err_perc=0.5, dup_perc=None)
    assert judged.verdict == "passed"
    assert judged.findings[0].tolerated
    assert judged.findings[0].severity is Severity.ERROR
    assert judged.why[1] == "2 of 400 (0.5 %) of the records have errors, within errPerc 0.5 %."


def test_with_dup_perc_duplicates_are_judged_apart() -> None:
    found = collected(tally("keys/duplicate", 1, 2, 3), tally("schema/type", 9))
    assert judge(found, 100, err_perc=1, dup_perc=3).verdict == "passed"
    assert judge(found, 100, err_perc=1, dup_perc=2.9).verdict == "failed"
    assert judge(found, 100, err_perc=0, dup_perc=3).verdict == "failed"
    assert judge(found, 100, err_perc=4, dup_perc=None).verdict == "passed"
    assert judge(found, 100, err_perc=3.9, dup_perc=None).verdict == "failed"


@given(
    st.lists(st.integers(1, 60)), st.lists(st.integers(1, 60)), st.integers(60, 90),
    st.none() | st.decimals(0, 100, places=1), st.none() | st.decimals(0, 100, places=1),
)  # fmt: skip
def test_tolerances_are_exact(
    errors: list[int], surplus: list[int], records: int, err: Decimal | None, dup: Decimal | None
) -> None:
    errors, surplus = sorted(set(errors)), sorted(set(surplus))
    found = collected(*(tally(c, *r) for c, r in (("schema/type", errors), ("keys/duplicate", surplus)) if r))
    judged = judge(
        found, records, err_perc=None if err is None else float(err), dup_perc=None if dup is None else float(dup)
    )
    with_errors = set(errors) if dup is not None else {*errors, *surplus}
    share = Decimal(100) * len(with_errors) <= (err or 0) * records
    surplus_ok = share if dup is None else Decimal(100) * len(surplus) <= dup * records
    ok = (share or not errors) and (surplus_ok or not surplus)
    assert judged.verdict == ("passed" if ok else "failed")


def test_one_root_cause_gives_one_finding() -> None:
    found = collected(
        Occurrence("schema/missing-field", "no a", "$.a"),
        tally("schema/required", 1, 2, field="$.a"),
        tally("schema/required", 3, field="$.b"),
    )
    assert {(f.code, f.field) for f in found.findings} == {("schema/missing-field", "$.a"), ("schema/required", "$.b")}
    assert found.suppressed == {"schema/required": 2}


def test_records_with_errors_are_counted_once() -> None:
    found = collected(tally("schema/type", 1, 2), tally("schema/type", 2, 3, field="$.b"), tally("keys/duplicate", 3))
    assert found.records_with_errors() == 3
    assert found.records_with_errors(without=["keys/duplicate"]) == 3
    assert found.records_with_errors(without=["schema/type"]) == 1


def test_severity_by_code_and_field() -> None:
    severity = {"schema/type": {"$.b": "off", "$.c": "info"}, "text/markup": "error"}
    said = [tally("schema/type", 1, field=f"$.{f}") for f in "abc"] + [tally("text/markup", 1)]
    found = collected(*said, severity=severity)
    assert {(f.code, f.field, f.severity.value) for f in found.findings} == {
        ("schema/type", "$.a", "error"),
        ("schema/type", "$.c", "info"),
        ("text/markup", "$.a", "error"),
    }


def test_severity_of_a_family_is_that_of_its_codes() -> None:
    found = collected(tally("schema/type", 1), severity={"schema": "off"})
    assert not found.findings


def test_past_the_limit_findings_of_a_code_are_merged() -> None:
    collector = Collector("S", CODES, severity_policy({}), Limits(findings_per_code=3, samples=2))
    for n in range(10):
        collector.add("schema", Tally(code="schema/type", field=f"$.f{n}", count=5, records=range(1, 6)))
    findings = collector.collected().findings
    assert sorted((f.field or "", f.count) for f in findings) == [("", 35), ("$.f0", 5), ("$.f1", 5), ("$.f2", 5)]
    assert sum(f.count for f in findings) == 50


def test_samples_of_a_merged_finding_tell_their_field_and_stand_in_order() -> None:
    collector = Collector("S", CODES, severity_policy({}), Limits(findings_per_code=1, samples=3))
    for name, records in {"a": (1,), "b": (4, 7), "'c d'": (2,), "e": (3,)}.items():
        samples = [Sample(message=f"{n} is odd", location=Location(record=n)) for n in records]
        said = Tally(code="schema/type", field=f"$.{name}", count=len(records), records=records, samples=tuple(samples))
        collector.add("schema", said)
    (merged,) = [f for f in collector.collected().findings if f.field is None]
    assert (merged.count, [s.message for s in merged.samples]) == (
        4, ["$.'c d': 2 is odd", "$.e: 3 is odd", "$.b: 4 is odd"],
    )  # fmt: skip
    (own,) = [f for f in collector.collected().findings if f.field]
    assert [s.message for s in own.samples] == ["1 is odd"]


def test_errors_are_counted_as_they_come() -> None:
    collector = Collector("S", CODES, severity_policy({}), Limits())
    assert collector.errors == 0
    collector.add("text", tally("text/markup", 1))
    collector.add("schema", tally("schema/type", 1, 2))
    collector.add("schema", tally("schema/type", 5))
    assert collector.errors == 3
