"""The scan: exact counts and places whatever the cutting, and checkers isolated from each other."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potable.engine.checker import EACH_FIELD, Checker, Fold, Late, Outcome, Rule
from potable.engine.contracts.reading import Chunk
from potable.engine.findings import Code, Occurrence, Severity, Tally
from potable.engine.judging.collector import Collector, severity_policy
from potable.engine.limits import Limits
from potable.engine.quoting import Quoting
from potable.engine.scan.loop import Scan, ScanResult
from potable.engine.scan.worker import ScanSettings, Station
from potable.engine.testing import MemoryReading, check_checker, findings_of


def code(name: str, severity: Severity = Severity.ERROR, **more: Any) -> Code:
    said = {"title": "t", "meaning": "m", "why": "w", "example": "e", "mend": "mend it"}
    return Code(id=name, severity=severity, **(said | more))


class Probe(Checker):
    """Finds x in any field, and values that occur more than once in ``a`` (by a fold with a late pass)."""

    name = "probe"
    codes = (code("probe/x"), code("probe/twice"))

    def rules(self, source: Any) -> Iterable[Rule]:
        yield Rule("probe/x", [EACH_FIELD], lambda f: f.text == "x", "{field} is {value}")

    def folds(self, source: Any) -> Iterable[Fold[Any]]:
        yield Twice()


class Twice(Fold[list[str]]):
    name = "twice"
    codes = ("probe/twice",)
    fields = ("a",)

    def start(self) -> list[str]:
        return []

    def update(self, state: list[str], chunk: Chunk) -> list[str]:
        return state + [v or "" for v in chunk.frame["$.a"]]

    def merge(self, left: list[str], right: list[str]) -> list[str]:
        return left + right

    def finish(self, state: list[str]) -> Outcome:
        import numpy as np

        again = [n for n, v in enumerate(state, 1) if v in state[: n - 1]]
        late = Late(folds=[Places()], records=np.array(again, dtype=np.uint64)) if again else None
        return Outcome(metrics={"values": len(state)}, late=late)


class Places(Fold[list[Tally]]):
    name = "places"
    fields = ("a",)

    def start(self) -> list[Tally]:
        return []

    def update(self, state: list[Tally], chunk: Chunk) -> list[Tally]:
        for row, place in enumerate(chunk.locate(range(chunk.records))):
            state.append(
                Tally.of(Occurrence("probe/twice", "again", "$.a", value=chunk.frame["$.a"][row], location=place))
            )
        return state

    def merge(self, left: list[Tally], right: list[Tally]) -> list[Tally]:
        return left + right

    def finish(self, state: list[Tally]) -> Outcome:
        return Outcome(findings=state)


def scan(checkers: list[type[Checker]], table: dict[str, list[str | None]], **more: Any) -> tuple[ScanResult, Any]:
    codes = {c.id: c for checker in checkers for c in checker.codes}
    collector = Collector("test", codes, severity_policy({}), Limits())
    made = [checker({}, None) for checker in checkers]  # type: ignore[arg-type]
    stations = [Station(c.name, tuple(c.rules(None)), tuple(c.folds(None)), tuple(c.documents(None))) for c in made]  # type: ignore[arg-type]
    settings = ScanSettings((), ":", ("",), Quoting(), 20, codes, lambda c, _: c in codes, collector.wants)
    bounds = more.pop("bounds", ())
    result = Scan(MemoryReading(table, bounds), stations, settings, collector, **more).run()
    return result, collector.collected()


cells = st.sampled_from(["x", "", "y", None, "é", "{value}"])


@settings(max_examples=60)
@given(st.data())
def test_any_cutting_gives_the_same_findings(data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.tuples(cells, cells), max_size=30))
    table = {"a": [r[0] for r in rows], "b c": [r[1] for r in rows]}
    bounds = data.draw(st.lists(st.integers(0, 30), max_size=8))
    jobs = data.draw(st.integers(1, 3))
    assert findings_of(Probe, table, bounds=bounds, jobs=jobs) == findings_of(Probe, table)


def test_counts_are_exact_and_places_are_the_records() -> None:
    table = {"a": ["x", "y", "x", "x"], "b": ["y", "x", "y", "z"]}
    _, collected = scan([Probe], table, bounds=[1, 3])
    by_field = {(f.code, f.field): f for f in collected.findings}
    x = by_field["probe/x", "$.a"]
    assert (x.count, [s.location.record for s in x.samples]) == (3, [1, 3, 4])
    assert [s.location.line for s in x.samples] == [2, 4, 5]
    assert x.samples[0].message == "$.a is x"
    assert x.hint == "mend it"
    assert by_field["probe/x", "$.b"].count == 1
    twice = by_field["probe/twice", "$.a"]
    assert [s.location.record for s in twice.samples] == [3, 4]
    assert collected.records_with_errors() == 4


def test_samples_are_bounded_and_the_count_is_not() -> None:
    _, collected = scan([Probe], {"a": ["x"] * 1000}, bounds=range(0, 1000, 7), jobs=2)
    x = next(f for f in collected.findings if f.code == "probe/x")
    assert x.count == 1000
    assert [s.location.record for s in x.samples] == list(range(1, 21))


def test_the_conformance_kit_accepts_a_lawful_checker() -> None:
    check_checker(Probe, {"a": ["x", "y", "x"], "b": ["", None, "x"]})


class LastOfChunk(Checker):
    """Breaks the law: what it finds depends on the cutting."""

    name = "unlawful"
    codes = (code("unlawful/last"),)

    def folds(self, source: Any) -> Iterable[Fold[Any]]:
        class Last(Twice):
            codes = ("unlawful/last",)

            def update(self, state: list[str], chunk: Chunk) -> list[str]:
                return [*state, "a chunk"]

            def finish(self, state: list[str]) -> Outcome:
                return Outcome(findings=[Occurrence("unlawful/last", f"{len(state)} chunks")])

        yield Last()


def test_the_conformance_kit_refuses_an_unlawful_one() -> None:
    with pytest.raises(AssertionError, match="finds something else when the table is cut"):
        check_checker(LastOfChunk, {"a": ["x", "y", "x"]})


class Unspeakable(Exception):
    """An exception that has no text."""

    def __str__(self) -> str:
        raise ValueError("no text")


def raise_(error: Exception) -> Any:
    raise error


class Faulty(Checker):
    """Fails in the way that ``how`` says."""

    name = "faulty"
    codes = (code("faulty/it"),)
    how: ClassVar[str] = ""

    def rules(self, source: Any) -> Iterable[Rule]:
        wrong = {
            "raises": lambda f: 1 / 0,
            "window": lambda f: f.text == f.text.shift(1),
            "aggregate": lambda f: f.text.is_in(f.text.implode()) & (pl.len() > 1),
            "number": lambda f: f.text.str.len_bytes(),
            "exits": lambda f: sys.exit(3),
            "unspeakable": lambda f: raise_(Unspeakable()),
            "at work": lambda f: f.text.str.to_integer(strict=True) > 0,
            "undocumented": lambda f: f.text == "x",
            "another's": lambda f: f.text == "x",
        }[self.how]
        said = {"undocumented": "faulty/other", "another's": "probe/x"}.get(self.how, "faulty/it")
        yield Rule(said, ["a"], wrong, "wrong")


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("raises", "ZeroDivisionError"),
        ("window", "not record-wise"),
        ("aggregate", "not record-wise"),
        ("number", "not a Boolean"),
        ("exits", "SystemExit"),
        ("unspeakable", "Unspeakable"),
        ("at work", "strict integer parsing failed"),
        ("another's", "it reported the code probe/x, which isn't its own"),
    ],
)
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_checker_that_fails_is_dropped_alone(
    how: str, reason: str, jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Faulty, "how", how)
    table: dict[str, list[str | None]] = {"a": ["1", "1", "x", "x", "5"]}
    result, collected = scan([Faulty, Probe], table, bounds=[2], jobs=jobs)
    assert reason in (result.standings["faulty"].crash or "")
    assert result.standings["probe"].crash is None
    of_probe = {(f.code, f.count) for f in collected.findings if f.checker == "probe"}
    assert of_probe == {("probe/x", 2), ("probe/twice", 2)}


@pytest.mark.parametrize("how", ["window", "aggregate"])
def test_a_single_chunk_proves_that_rules_are_record_wise(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Faulty, "how", how)
    result, _ = scan([Faulty], {"a": ["x", "x", "1"]})
    assert "not record-wise" in (result.standings["faulty"].crash or "")


def test_a_crash_tells_what_was_covered_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Faulty, "how", "at work")
    result, collected = scan([Faulty], {"a": ["1", "2", "3", "x", "5"]}, bounds=[2, 3])
    assert result.standings["faulty"].records == 3
    assert collected.findings[0].count == 3


def test_a_rule_without_its_field_says_so() -> None:
    class Wants(Checker):
        name = "wants"
        codes = (code("wants/it"), code("wants/must"))

        def rules(self, source: Any) -> Iterable[Rule]:
            yield Rule("wants/it", ["gone"], lambda f: f.missing, "no")
            yield Rule("wants/must", ["gone"], lambda f: f.missing, "no", on_missing_field="report")

    result, collected = scan([Wants], {"a": ["1", "2"]}, bounds=[1])
    assert [(f.code, f.count, f.field) for f in collected.findings] == [("wants/must", 1, "$.gone")]
    assert result.standings["wants"].unchecked == [
        "wants/it: there is no field $.gone",
        "wants/must: there is no field $.gone",
    ]


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(("limit", "complete"), [(1, False), (3, False), (4, False), (5, True), (9, True)])
def test_a_limit_reads_so_many_records(limit: int, complete: bool, jobs: int) -> None:
    result, collected = scan([Probe], {"a": ["x"] * 5}, bounds=[3], limit=limit, jobs=jobs)
    assert result.records == min(limit, 5)
    assert result.complete is complete
    assert next(f.count for f in collected.findings if f.code == "probe/x") == min(limit, 5)


def test_values_with_braces_are_quoted_as_they_are() -> None:
    class Braces(Checker):
        name = "braces"
        codes = (code("braces/it"),)

        def rules(self, source: Any) -> Iterable[Rule]:
            yield Rule("braces/it", ["a b", "c"], lambda a, c: a.text == c.text, "{a b} = {c} {unknown} {value}")

    _, collected = scan([Braces], {"a b": ["{c}{field}"], "c": ["{c}{field}"]})
    assert collected.findings[0].samples[0].message == "{c}{field} = {c}{field} {unknown} {c}{field}"
    assert collected.findings[0].fields == ("$.'a b'", "$.c")


def test_a_named_field_that_is_not_there_is_null_beside_all_others() -> None:
    class Both(Checker):
        name = "both"
        codes = (code("both/null"),)

        def rules(self, source: Any) -> Iterable[Rule]:
            yield Rule("both/null", [EACH_FIELD], lambda f: f.text.is_null(), "no")

        def folds(self, source: Any) -> Iterable[Fold[Any]]:
            class Wants(Twice):
                fields = ("gone",)

                def update(self, state: list[str], chunk: Chunk) -> list[str]:
                    return state + ["x" for v in chunk.frame["$.gone"] if v is None]

                def finish(self, state: list[str]) -> Outcome:
                    return Outcome(metrics={"nulls": len(state)})

            yield Wants()

    result, collected = scan([Both], {"a": ["1", None, "3"]}, bounds=[1])
    assert result.standings["both"].crash is None
    assert result.standings["both"].metrics == {"nulls": 3}
    assert [(f.field, f.count) for f in collected.findings] == [("$.a", 1)]


@pytest.mark.parametrize(
    ("metrics", "kept", "crash"),
    [
        ({"n": np.int64(3), "all": [np.float64(0.5), (1, None)], "by": {"x": True, 2: np.array([1, 2])}},
         {"n": 3, "all": [0.5, [1, None]], "by": {"x": True, 2: [1, 2]}}, None),
        ({"n": object()}, {}, "holds a value of the type object"),
        ({"n": {"x": [{"a", "b"}]}}, {}, "holds a value of the type set"),
        ({"n": {(1, 2): 3}}, {}, "has a key of the type tuple"),
    ],
)  # fmt: skip
def test_metrics_are_what_json_has(metrics: dict[str, Any], kept: dict[str, Any], crash: str | None) -> None:
    class Measuring(Checker):
        name = "measuring"

        def folds(self, source: Any) -> Iterable[Fold[Any]]:
            class Made(Twice):
                def finish(self, state: list[str]) -> Outcome:
                    return Outcome(metrics=metrics)

            yield Made()

    result, _ = scan([Measuring], {"a": ["1", "2"]})
    standing = result.standings["measuring"]
    reason = None if crash is None else f"TypeError: the metric n {crash}, which JSON doesn't have"
    told = standing.crash and standing.crash.partition(" (test_scan.py:")[0]
    assert (told, standing.metrics) == (reason, kept)


def test_a_limit_without_any_field_to_look_at() -> None:
    class Idle(Checker):
        name = "idle"

    result, _ = scan([Idle], {"a": ["1", "2", "3"]}, bounds=[2], limit=1)
    assert (result.records, result.complete) == (1, False)
