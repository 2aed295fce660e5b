"""One root cause is told once, and nothing else is left out: beside a plain reading of the rules."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potable.engine.findings import Code, Location, Occurrence, Sample, Severity, Tally
from potable.engine.judging import collector as collecting
from potable.engine.judging.collector import Collected, Collector, severity_policy
from potable.engine.judging.verdict import judge
from potable.engine.limits import Limits

ERROR, WARNING, INFO = Severity


def code(name: str, severity: Severity = ERROR, *by: str, **more: Any) -> Code:
    words = {"title": f"Title of {name}", "meaning": "m", "why": "w", "example": "e", "mend": "mend it"}
    return Code(id=name, severity=severity, suppressed_by=by, **(words | more))


CODES = {
    c.id: c
    for c in (
        code("a/cause"),
        code("a/mild", WARNING),
        code("a/stop", blocking=True),
        code("b/effect", ERROR, "a/cause", "a/mild", "a/stop"),
        code("b/of-field", ERROR, "a/cause@field"),
        code("b/of-file", ERROR, "a/cause@file", "a/mild"),
        code("b/of-run", ERROR, "a/cause@run"),
        code("b/odd", WARNING, "a/cause"),
        code("b/unread", WARNING, "a/cause", "a/mild", blocking=True),
        code("c/chained", ERROR, "b/effect"),
        code("keys/duplicate"),
        code("rows/duplicate", WARNING, "keys/duplicate"),
        code("d/one", ERROR, "d/two"),
        code("d/two", ERROR, "d/three@field"),
        code("d/three", ERROR, "d/one"),
        code("d/self", ERROR, "d/self"),
    )
}


def collected(
    *said: Occurrence | Tally, severity: dict[str, Any] | None = None, limits: Limits = Limits()
) -> Collected:
    collector = Collector("S", CODES, severity_policy(severity or {}), limits)
    for one in said:
        collector.add(one.code.partition("/")[0], one)
    first = collector.collected()
    assert collector.collected() == first  # asked for twice in a run
    return first


def at(name: str, *records: int, field: str | None = "$.a", rule: str | None = None) -> Tally:
    samples = tuple(Sample(message=f"{name} {r}", location=Location(record=r, line=r)) for r in records)
    return Tally(code=name, field=field, rule=rule, count=len(records), records=records, samples=samples)


def of_file(name: str, field: str | None = None) -> Occurrence:
    return Occurrence(name, f"{name} of the file", field)


def counts(found: Collected) -> dict[str, int]:
    out: Counter[str] = Counter()
    for finding in found.findings:
        out[finding.code] += finding.count
    return dict(out)


# -- where -------------------------------------------------------------------------------------------------------


def test_a_finding_of_the_file_explains_everywhere() -> None:
    found = collected(at("b/effect", 1, 2, 3), of_file("a/cause"), of_file("b/effect", "$.b"))
    assert counts(found) == {"a/cause": 1}
    assert found.suppressed == {"b/effect": 4}
    assert found.records_with_errors() == 0


def test_a_finding_of_records_explains_what_is_at_them() -> None:
    found = collected(at("b/effect", 1, 2, 3), at("a/cause", 2, 9))
    assert counts(found) == {"a/cause": 2, "b/effect": 2}
    assert found.suppressed == {"b/effect": 1}
    (finding,) = [f for f in found.findings if f.code == "b/effect"]
    assert [s.location.record for s in finding.samples] == [1, 3]
    assert finding.details == {"explained": 1}
    assert found.records_with_errors() == 4


def test_a_finding_of_records_explains_nothing_of_the_file() -> None:
    found = collected(of_file("b/effect"), at("b/effect", 4, field=None), at("a/cause", 4))
    (finding,) = [f for f in found.findings if f.code == "b/effect"]
    assert (finding.count, [s.message for s in finding.samples]) == (1, ["b/effect of the file"])


@pytest.mark.parametrize("cause", [of_file("a/cause", "$.a"), Occurrence("a/cause", "x", explains=("$.b", "$.a"))])
def test_what_one_file_lacks_explains_nothing_of_records(cause: Occurrence) -> None:
    said = [of_file("b/of-file", "$.a"), of_file("b/of-file", "$.c"), cause]
    found = collected(at("b/of-file", 1, 2, field="$.a"), *said, at("b/of-file", 3, field="$.c"))
    left = {f.field: (f.count, [s.location.record for s in f.samples]) for f in found.findings if f.code == "b/of-file"}
    assert left == {"$.a": (2, [1, 2]), "$.c": (2, [None, 3])}
    assert found.suppressed == {"b/of-file": 1}
    alone = collected(*said)
    assert counts(alone) == {"a/cause": 1, "b/of-file": 1}


def test_a_finding_of_records_explains_no_file() -> None:
    found = collected(of_file("b/of-file", "$.a"), at("a/cause", 4))
    assert counts(found) == {"a/cause": 1, "b/of-file": 1}


def test_a_finding_of_both_explains_everywhere() -> None:
    assert counts(collected(at("b/effect", 1, 2), at("a/cause", 9), of_file("a/cause", "$.a"))) == {"a/cause": 2}


@pytest.mark.parametrize(("cause", "effect"), [("$.s.n", "$.s.n.'_$'"), ("$.s.n.'_$'", "$.s.n"), ("$.s.n", "$.s.n")])
def test_an_elements_text_and_the_element_are_one_field(cause: str, effect: str) -> None:
    found = collected(at("a/cause", 1, field=cause), at("b/of-field", 1, 2, field=effect))
    assert counts(found) == {"a/cause": 1, "b/of-field": 1}
    other = collected(at("a/cause", 1, field=cause), at("b/of-field", 1, field="$.s.n.@id"))
    assert counts(other) == {"a/cause": 1, "b/of-field": 1}


def test_at_field_means_that_field_at_those_records() -> None:
    found = collected(
        at("b/of-field", 1, 2, field="$.a"), at("b/of-field", 1, 2, field="$.b"), at("a/cause", 2, 3, field="$.a")
    )
    assert {(f.field, f.count) for f in found.findings if f.code == "b/of-field"} == {("$.a", 1), ("$.b", 2)}
    assert counts(collected(at("b/of-field", 1), of_file("a/cause", "$.a"))) == {"a/cause": 1}
    assert counts(collected(at("b/of-field", 1), of_file("a/cause"))) == {"a/cause": 1, "b/of-field": 1}


def test_a_field_that_a_finding_of_records_explains_is_explained_there_with_all_beneath_it() -> None:
    cause = Tally(code="a/cause", field="$.id", count=2, records=(2, 3), explains=("$.more",))
    fields = ("$.more", "$.more.n", "$.more[*]", "$.moreover", "$.id", "$.n")
    found = collected(*(at("b/of-field", 1, 2, field=field) for field in fields), cause)
    left = {f.field: f.count for f in found.findings if f.code == "b/of-field"}
    assert left == {"$.more": 1, "$.more.n": 1, "$.more[*]": 1, "$.id": 1, "$.moreover": 2, "$.n": 2}


def test_what_a_record_says_of_the_run() -> None:
    said = Tally(code="a/cause", count=1, records=(9,), explains=("$.error",))
    run = [of_file("b/of-run"), of_file("b/of-run", "$.error"), of_file("b/of-run", "$.new")]
    found = collected(*run, at("b/of-run", 9, field="$.error"), said)
    assert {(f.field, f.count) for f in found.findings if f.code == "b/of-run"} == {("$.new", 1), ("$.error", 2)}
    assert counts(collected(*run, said)) == {"a/cause": 1, "b/of-run": 1}
    assert counts(collected(*run, said, severity={"a/cause": "warning"})) == {"a/cause": 1, "b/of-run": 3}
    assert counts(collected(*run)) == {"b/of-run": 3}


def test_several_causes_explain_together() -> None:
    found = collected(
        at("b/effect", *range(1, 7)), at("a/cause", 1, 2), at("a/cause", 2, 3, field="$.b"), at("a/stop", 4)
    )
    assert found.suppressed == {"b/effect": 6}  # what blocks concerns the whole run, wherever it was seen


# -- how bad -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("severity", ["warning", "info"])
def test_an_error_is_explained_by_an_error_alone(severity: str) -> None:
    said = (at("b/effect", 1, 2), of_file("a/cause"))
    assert counts(collected(*said)) == {"a/cause": 1}
    found = collected(*said, severity={"a/cause": severity})
    assert counts(found) == {"a/cause": 1, "b/effect": 2}
    assert judge(found, 10, err_perc=None, dup_perc=None).verdict == "failed"
    assert counts(collected(*said, severity={"a/cause": "off"})) == {"b/effect": 2}


def test_a_warning_is_explained_by_a_warning() -> None:
    said = (at("b/effect", 1, 2), of_file("a/mild"))
    assert counts(collected(*said)) == {"a/mild": 1, "b/effect": 2}
    assert counts(collected(*said, severity={"b/effect": "warning"})) == {"a/mild": 1}
    assert counts(collected(*said, severity={"b/effect": "info"})) == {"a/mild": 1}


def test_the_severity_of_each_field_counts() -> None:
    severity = {"a/cause": {"$.b": "info"}}
    said = (at("b/effect", 1, 2), at("a/cause", 1, field="$.a"), at("a/cause", 2, field="$.b"))
    assert collected(*said, severity=severity).suppressed == {"b/effect": 1}


def test_what_blocks_is_worse_than_any_error() -> None:
    for severity in ("error", "info", "off"):
        assert counts(collected(at("b/effect", 1), of_file("a/stop"), severity={"a/stop": severity})) == {"a/stop": 1}
    assert collected(of_file("b/unread"), of_file("a/mild")).blocking == ("b/unread",)
    assert collected(at("b/unread", 1), at("a/cause", 1)).blocking == ("b/unread",)
    assert collected(of_file("b/unread"), of_file("a/cause")).blocking == ()  # an error of the file fails the run


# -- chains ------------------------------------------------------------------------------------------------------


def test_what_is_explained_itself_explains_all_the_same() -> None:
    found = collected(at("c/chained", 1, 2, 3), at("b/effect", 1, 2), at("a/cause", 1))
    assert counts(found) == {"a/cause": 1, "b/effect": 1, "c/chained": 1}
    assert counts(collected(at("c/chained", 1), at("b/effect", 1), of_file("a/cause"))) == {"a/cause": 1}


def test_in_a_circle_nobody_explains_anybody() -> None:
    said = (at("d/one", 1), at("d/two", 1), at("d/three", 1), at("d/self", 1))
    assert counts(collected(*said)) == {"d/one": 1, "d/two": 1, "d/three": 1, "d/self": 1}
    assert counts(collected(at("d/one", 1), at("d/two", 1))) == {"d/one": 1, "d/two": 1}


# -- counts and samples ------------------------------------------------------------------------------------------


def test_several_occurrences_at_a_record_are_counted() -> None:
    effects = [at("b/effect", 1, 2), at("b/effect", 2), at("b/effect", 2), at("b/effect", 3, 2, 1), at("b/effect", 7)]
    many = [Tally(code="b/effect", field="$.a", count=500, records=(2,)), *[at("b/effect", 7)] * 40]
    found = collected(*effects, *many, at("a/cause", 2))
    assert found.suppressed == {"b/effect": 504}
    assert counts(found)["b/effect"] == 2 + 1 + 41
    assert collected(*effects, *many, at("a/cause", 7)).suppressed == {"b/effect": 41}


def test_where_it_is_not_known_what_is_where_all_is_told() -> None:
    pair = Tally(code="b/effect", field="$.a", count=3, records=(3, 5))
    partly = collected(pair, at("a/cause", 3))
    assert (counts(partly), partly.suppressed) == ({"a/cause": 1, "b/effect": 3}, {})
    assert counts(collected(pair, at("b/effect", 3), at("a/cause", 3))) == {"a/cause": 1, "b/effect": 4}
    assert counts(collected(pair, at("a/cause", 3, 5))) == {"a/cause": 2}


def test_the_first_samples_that_are_left_are_shown() -> None:
    chunks = [at("b/effect", *range(n + 1, n + 21)) for n in range(0, 100, 20)]
    found = collected(*chunks, at("a/cause", *range(1, 61)), limits=Limits(samples=20))
    (effect,) = [f for f in found.findings if f.code == "b/effect"]
    assert effect.count == 40
    assert [s.location.record for s in effect.samples] == list(range(61, 81))


def test_without_a_sample_left_the_first_record_is_named() -> None:
    found = collected(at("b/effect", *range(1, 1300)), at("a/cause", *range(1, 1201)), limits=Limits(samples=3))
    (effect,) = [f for f in found.findings if f.code == "b/effect"]
    assert (effect.count, effect.samples) == (
        99, (Sample(message="Title of b/effect (record 1,201)", location=Location(record=1201)),),
    )  # fmt: skip


def test_more_samples_are_wanted_of_what_may_be_explained() -> None:
    collector = Collector("S", CODES, severity_policy({}), Limits(samples=2))
    assert (collector.wants("a/cause", "$.a", None), collector.wants("b/effect", "$.a", None)) == (2, 10)
    collector.add("b", at("b/effect", *range(1, 8)))
    assert collector.wants("b/effect", "$.a", None) == 3
    assert collector.wants("b/effect", "$.b", None) == 10
    assert len(collector.collected().findings[0].samples) == 2


def test_details_tell_what_is_left_out() -> None:
    said = Tally(code="b/effect", field="$.a", count=3, records=(1, 2, 3), details={"keys": 2, "of": "x"})
    (effect,) = [f for f in collected(said, at("a/cause", 1)).findings if f.code == "b/effect"]
    assert effect.details == {"keys": 2, "of": "x", "explained": 1}


def test_of_merged_findings_what_another_explains_is_left_out() -> None:
    fields = [at("b/of-field", 1, 2, field=f"$.f{n}") for n in range(6)]
    causes = [at("a/cause", 1, field=f"$.f{n}") for n in range(6)]
    found = collected(*fields, *causes, limits=Limits(findings_per_code=3))
    effects = [f for f in found.findings if f.code == "b/of-field"]
    assert sorted((f.field or "", f.count) for f in effects) == [("", 3), ("$.f0", 1), ("$.f1", 1), ("$.f2", 1)]
    assert [s.message for f in effects if f.field is None for s in f.samples] == [
        "$.f3: b/of-field 2", "$.f4: b/of-field 2", "$.f5: b/of-field 2",
    ]  # fmt: skip
    assert found.suppressed == {"b/of-field": 6}
    assert found.records_with_errors() == 2


def test_of_more_fields_than_a_table_may_have_the_last_are_told_whole() -> None:
    fields = [at("b/of-field", 1, 2, field=f"$.f{n}") for n in range(6)]
    causes = [at("a/cause", 1, field=f"$.f{n}") for n in range(6)]
    found = collected(*fields, *causes, limits=Limits(findings_per_code=2, columns=4))
    effects = sorted((f.field or "", f.count) for f in found.findings if f.code == "b/of-field")
    assert effects == [("", 2 + 4), ("$.f0", 1), ("$.f1", 1)]


RECORDS = st.sets(st.integers(1, 12), max_size=6)


@given(
    st.dictionaries(st.sampled_from([f"$.f{n}" for n in range(9)]), RECORDS),
    st.dictionaries(st.sampled_from([f"$.f{n}" for n in range(9)]), RECORDS),
    st.sets(st.integers(2, 12), max_size=4),
    st.randoms(use_true_random=False),
)
def test_merged_or_not_what_is_told_does_not_depend_on_cuts(
    effects: dict[str, set[int]], causes: dict[str, set[int]], cuts: set[int], order: Any
) -> None:
    """However many fields are found first in one cut, and in which order."""

    def told(bounds: list[int]) -> Any:
        said = []
        for first, behind in pairwise([1, *bounds, 13]):
            for name, by_field in (("b/of-field", effects), ("a/cause", causes)):
                inside = [(f, sorted(r for r in records if first <= r < behind)) for f, records in by_field.items()]
                order.shuffle(inside)
                said += [at(name, *records, field=f) for f, records in inside if records]
        found = collected(*said, limits=Limits(findings_per_code=2, samples=3))
        return found.findings, found.of_file, found.records_with_errors(), found.suppressed

    whole = told([])
    assert told(sorted(cuts)) == whole
    assert sum(f.count for f in whole[0]) + sum(whole[3].values()) == sum(
        map(len, (*effects.values(), *causes.values()))
    )


def test_a_merged_finding_is_as_bad_as_its_worst() -> None:
    severity = {"b/odd": {"$.f5": "error"}}
    fields = [at("b/odd", n + 1, field=f"$.f{n}") for n in range(6)]
    found = collected(*fields, severity=severity, limits=Limits(findings_per_code=3))
    assert judge(found, 10, err_perc=None, dup_perc=None).verdict == "failed"
    assert found.records_with_errors() == 1


def test_past_the_bound_of_what_is_followed_all_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "FOLLOWED", 5)
    found = collected(at("b/effect", 1, 2, 3), at("a/cause", 1, 2, 3), at("b/effect", 4))
    assert counts(found) == {"a/cause": 3, "b/effect": 4}
    assert found.records_with_errors() == 4


# -- tolerances --------------------------------------------------------------------------------------------------


def test_a_record_of_two_keys_is_one_surplus_record() -> None:
    found = collected(at("keys/duplicate", 2, field="$.id"), at("keys/duplicate", 2, field="$.mail"))
    judged = judge(found, 4, err_perc=None, dup_perc=25)
    assert (judged.verdict, judged.why[1]) == (
        "passed", "1 of 4 (25 %) of the records are surplus duplicates, within dupPerc 25 %.",
    )  # fmt: skip
    assert judge(found, 4, err_perc=None, dup_perc=24.9).verdict == "failed"


NAMES = ("a/cause", "a/mild", "b/effect", "b/of-field", "b/odd", "c/chained", "keys/duplicate", "rows/duplicate")
SEVERITIES = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["error", "warning", "info"]), max_size=4)
TALLIES = st.lists(
    st.builds(
        lambda name, field, records: at(name, *sorted(records), field=field),
        st.sampled_from(NAMES), st.sampled_from(["$.a", "$.b"]), st.sets(st.integers(1, 12), min_size=1, max_size=6),
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=300)
@given(TALLIES, SEVERITIES)
def test_each_occurrence_is_told_or_explained_at_its_own_record(said: list[Tally], severity: dict[str, str]) -> None:
    policy = severity_policy(severity)
    rank = {name: policy(CODES[name], None).rank for name in NAMES}  # type: ignore[union-attr]
    there = {(t.code, t.field, r) for t in said for r in t.records}

    def explained(name: str, field: str | None, record: int) -> bool:
        for by in CODES[name].suppressed_by:
            cause, fields = by.removesuffix("@field"), [field] if by.endswith("@field") else ["$.a", "$.b"]
            if rank.get(cause, 9) <= rank[name] and any((cause, f, record) in there for f in fields):
                return True
        return False

    left: Counter[tuple[str, str | None]] = Counter()
    out: Counter[str] = Counter()
    for t in said:
        for r in t.records:
            if explained(t.code, t.field, int(r)):
                out[t.code] += 1
            else:
                left[t.code, t.field] += 1
    found = collected(*said, severity=severity)
    assert {(f.code, f.field): f.count for f in found.findings} == dict(left)
    assert found.suppressed == dict(out)
    for f in found.findings:
        assert all(not explained(f.code, f.field, s.location.record or 0) for s in f.samples)
        assert len(f.samples) == min(f.count, 20)
    # R stays what it was: what explains an error at a record is an error of that record.
    with_error = {r for name, _, r in there if rank[name] == 0}
    assert found.records_with_errors() == len(with_error)
