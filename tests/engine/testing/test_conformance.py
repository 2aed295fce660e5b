"""The conformance kit as a stranger uses it: a bad checker of each sort fails, and is told why."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
import pytest

from potable.engine import (
    EACH_FIELD,
    Checker,
    Code,
    DocumentCheck,
    FileCheck,
    Fold,
    Late,
    Location,
    Occurrence,
    Outcome,
    Rule,
    Severity,
    Tally,
)
from potable.engine.testing import check_checker, findings_of

TABLE = {"a": ["1", "2", "3", "4", "5", "6"], "b": ["x", None, "y", "z", "x", "q"]}


def code(name: str = "bad/x", meaning: str = "It is.") -> Code:
    return Code(id=name, severity=Severity.ERROR, title="Bad", meaning=meaning, why="So.", example="x", mend="Mend it.")


class Bad(Checker):
    """What all of them have."""

    name = "bad"
    codes = (code(),)


def checker(**members: Any) -> type[Checker]:
    return type("Made", (Bad,), members)


def ruled(wrong: Any, message: str = "wrong", name: str = "bad/x") -> type[Checker]:
    return checker(rules=lambda self, source: [Rule(name, ["a"], wrong, message)])


class Plain(Fold[list[str]]):
    """Collects a column: sound, and changed by those below."""

    name = "plain"
    codes = ("bad/x",)
    fields = ("$.a",)

    def start(self) -> list[str]:
        return []

    def update(self, state: list[str], chunk: Any) -> list[str]:
        return [*state, *chunk.frame["$.a"]]

    def merge(self, left: list[str], right: list[str]) -> list[str]:
        return left + right

    def finish(self, state: list[str]) -> Outcome:
        return Outcome(findings=[Occurrence("bad/x", ",".join(state))])


def folded(**members: Any) -> type[Checker]:
    fold = type("Folded", (Plain,), members)
    return checker(folds=lambda self, source: [fold()])


def fail(*given: Any) -> Any:
    raise ValueError("it went wrong")


def change_frame(self: Any, state: list[str], chunk: Any) -> list[str]:
    chunk.frame = chunk.frame.clear()
    return state


def change_numbers(self: Any, state: list[str], chunk: Any) -> list[str]:
    chunk.numbers[:] = 7
    return state


def change_fold(self: Any, state: list[str], chunk: Any) -> list[str]:
    self.seen = getattr(self, "seen", 0) + len(chunk.frame)
    return state


def change_source(self: Any, source: Any) -> Iterator[Rule]:
    source.parameters["delimiter"] = ";"
    yield Rule("bad/x", ["a"], lambda a: a.text == "1", "wrong")


def change_record(self: Any, source: Any) -> list[DocumentCheck]:
    return [DocumentCheck(codes=["bad/x"], check=lambda record: [record.clear()][:0])]


COUNT = itertools.count()

SORTS: dict[str, tuple[type[Checker], str]] = {
    "raises in a predicate": (ruled(lambda a: 1 / 0), "bad crashed: rule bad/x on $.a (test_conformance.py:"),
    "raises in a stage": (checker(rules=fail), "bad: rules raised ValueError: it went wrong"),
    "raises in check_definition": (checker(check_definition=fail), "bad: check_definition raised ValueError"),
    "raises in check_history": (checker(check_history=fail), "bad: check_history raised ValueError"),
    "raises beside an earlier run": (
        checker(check_history=lambda self, source, summary, history:
                history.baseline(summary.shape).metrics["bad"]["nosuch"] if history.runs else ()),
        "bad: check_history beside an equal run raised KeyError: 'bad' (test_conformance.py:"),
    "an undeclared code beside an earlier run": (
        checker(check_history=lambda self, source, summary, history:
                [Occurrence("bad/y", "m") for run in history.runs if run.records == summary.records == 6]),
        "bad: check_history gives the code bad/y, which it doesn't declare"),
    "raises in a fold": (folded(update=fail), "bad crashed: ValueError: it went wrong"),
    "raises in finish": (folded(finish=fail), "bad crashed: ValueError: it went wrong"),
    "gives nothing": (
        checker(folds=lambda self, source: None),
        "bad: folds raised TypeError: folds gave None: yield each, or give a list"),
    "gives one in place of a list": (
        checker(rules=lambda self, source: Rule("bad/x", ["a"], lambda a: a.text == "1", "m")),
        "bad: rules raised TypeError: rules gave a Rule: yield each, or give a list"),
    "has no name": (type("Nameless", (Checker,), {"codes": (code(),)}), "Nameless has no name"),
    "a name that no definition could write": (checker(name="Bad Name"), "name must be lower-case letters, digits and"),
    "a code that isn't in a tuple": (checker(codes=code()), "codes is a Code: write a tuple of Codes"),
    "another's code": (checker(codes=(code("other/x"),)), "code other/x doesn't start with bad/"),
    "a code without words": (checker(codes=(code(meaning=" "),)), "code bad/x has no meaning"),
    "an undeclared code of a rule": (ruled(lambda a: a.text == "1", name="bad/y"), "a rule gives the code bad/y"),
    "an undeclared code of a fold": (
        folded(finish=lambda self, state: Outcome(findings=[Occurrence("bad/z", "z")])), "it reported the code bad/z"),
    "odd options": (checker(options_schema={"type": "nosuch"}), "bad: options_schema isn't a JSON Schema"),
    "a placeholder of nothing": (
        ruled(lambda a: a.text == "1", "{nosuch}"), "names {nosuch}, which it can't; it may name {a}, {fi"),
    "a misspelt placeholder": (
        ruled(lambda a: a.text == "1", "{vlaue}"), "a rule of bad/x names {vlaue}, which it can't; did you mean {v"),
    "a field's name in a rule of each field": (
        checker(rules=lambda self, source: [Rule("bad/x", [EACH_FIELD], lambda f: f.text == "1", "{a}")]),
        "names {a}, which it can't; it may name {field}, {value}"),
    "a misspelt placeholder of a tally": (
        folded(finish=lambda self, state: Outcome(findings=[Tally(code="bad/x", count=1, message="{vlaue}")])),
        "a tally of bad/x names {vlaue}, which it can't; did you mean {value}?"),
    "a misspelt placeholder of a late rule": (
        folded(finish=lambda self, state: Outcome(
            late=Late(rules=[Rule("bad/x", ["a"], lambda a: a.text == "1", "{vlaue}")]))),
        "a rule of bad/x names {vlaue}, which it can't; did you mean {value}?"),
    "rows in place of records": (
        folded(finish=lambda self, state: Outcome(findings=[Tally(code="bad/x", count=2, records=[0, 1])])),
        "Tally.records holds 0: records are counted from 1 (test_conformance.py:"),
    "records beyond the table": (
        folded(finish=lambda self, state: Outcome(findings=[Tally(code="bad/x", count=2, records=[7, 1])])),
        "bad crashed: its finding bad/x is at record 7, and the last one is 6 (test_conformance.py:"),
    "records in any order": (
        folded(finish=lambda self, state: Outcome(
            findings=[Tally(code="bad/x", count=2, records=np.array([2, 1], np.uint64))])),
        "the records of a tally of bad/x aren't ascending"),
    "more records than are counted": (
        folded(finish=lambda self, state: Outcome(findings=[Tally(code="bad/x", count=1, records=[1, 2])])),
        "Tally.records has 2 numbers, more than Tally.count, 1 (test_conformance.py:"),
    "texts compared with numbers": (
        checker(rules=lambda self, source: [
            Rule("bad/x", ["a"], lambda a: a.text == "1", "m", id="one"),
            Rule("bad/x", ["a"], lambda a: a.text > 1, "m", id="two")]),
        "bad crashed: rule bad/x, two, on $.a (test_conformance.py:"),
    "a derived column that can't be": (
        ruled(lambda a: a.derive("more", a.text + pl.lit([1])) == "1"),
        "bad crashed: rule bad/x on $.a (test_conformance.py:"),
    "not record-wise": (ruled(lambda a: a.number == a.number.max()), "is not record-wise"),
    "another rule each time": (ruled(lambda a: a.text == str(1 + next(COUNT) % 3)), "when it's run again on the same"),
    "depends on cutting": (
        folded(update=lambda self, state, chunk: [*state, str(len(chunk.frame))]), "when the table is cut at [3, 6]"),
    "a metric that depends on cutting": (
        folded(update=lambda self, state, chunk: [*state, ""],
               finish=lambda self, state: Outcome(metrics={"n": len(state)})),
        "bad: the metric n is 2 instead of 1 when the table is cut at [3, 6]"),
    "depends on the order": (folded(merge=lambda self, left, right: right + left), "when the table is cut at [3, 6]"),
    "a state that doesn't pickle": (
        folded(start=lambda self: [lambda: 1], update=lambda self, state, chunk: state,
               finish=lambda self, state: Outcome()), "a state of the fold plain doesn't pickle"),
    "changes the frame": (folded(update=change_frame), "the fold plain changes the chunk"),
    "changes the numbers": (folded(update=change_numbers), "the fold plain changes the chunk"),
    "changes the definition": (checker(rules=change_source), "bad changes the definition"),
    "a misspelt stage": (checker(check_histroy=lambda self, source, summary, history: []),
                         "bad: nobody calls check_histroy; it seems that check_history is meant"),
    "no stage": (checker(helper=lambda self: None), "bad has no stage, so it checks nothing: give it one of check_def"),
    "a default that isn't right": (
        checker(rules=fail, options_schema={"properties": {"n": {"type": "integer", "default": "x"}}}),
        "a default of options_schema doesn't fit it, at 'n': 'x' is not of type 'integer'"),
    "rules of one name": (
        checker(rules=lambda self, source: [Rule("bad/x", ["a"], lambda a: a.number > 1, "m")] * 2),
        "several rules of bad/x over a need an id each"),
    "no expression": (ruled(lambda a: True), "wrong gave a bool, not a Polars expression"),
    "a text for a fold's fields": (folded(fields="$.a"), "fields of the fold plain is a text"),
    "a state that all share": (folded(start=lambda self, state=[]: state), "gives the same object each time"),
    "a state that gets lost": (
        folded(update=lambda self, state, chunk: None, finish=lambda self, state: Outcome()),
        "update of the fold plain gave None: return the state (test_conformance.py:"),
    "a check of files that raises": (
        checker(files=lambda self, source: [FileCheck(codes=["bad/x"], check=fail)]),
        "bad: a check of files raised ValueError: it went wrong (test_conformance.py:"),
    "an undeclared code of a check of files": (
        checker(files=lambda self, source: [FileCheck(
            codes=["bad/x"], check=lambda part: [Occurrence("bad/y", part.path.read_text()[:3])])]),
        "bad: a check of files gives the code bad/y, which it doesn't declare"),
    "raises in check_access": (checker(check_access=fail), "bad: check_access raised ValueError: it went wrong"),
    "nothing from check_access": (checker(check_access=lambda *_: None), "check_access gave None: yield each, or g"),
    "a class in place of a fold": (
        checker(folds=lambda self, source: [Plain]),
        "folds gave the class Plain where a Fold belongs: make an object of it, Plain() (test_conformance.py:"),
    "changes a record": (checker(documents=change_record), "bad changes a record"),
}  # fmt: skip


@pytest.mark.parametrize("sort", SORTS)
def test_a_bad_checker_fails_with_what_is_broken(sort: str) -> None:
    made, words = SORTS[sort]
    with pytest.raises(AssertionError) as caught:
        check_checker(made, TABLE)
    assert words in str(caught.value)


def test_what_a_fold_keeps_for_itself_is_found() -> None:
    def finish(self: Any, state: list[str]) -> Outcome:
        return Outcome(metrics={"seen": getattr(self, "seen", 0)})

    with pytest.raises(AssertionError, match="belongs into the state, not into the fold"):
        check_checker(folded(update=change_fold, finish=finish), TABLE)


def test_a_slow_one_is_told_how_long_it_took() -> None:
    with pytest.raises(AssertionError, match=r"bad took .* s for 6 records, more than 0.0 s"):
        check_checker(folded(), TABLE, seconds=0.0)


def test_a_sound_one_keeps_the_laws() -> None:
    check_checker(folded(), TABLE)
    check_checker(ruled(lambda a: a.text == "1", '"{a}" in {field}'), TABLE)
    [finding] = findings_of(folded(), TABLE)
    assert (finding.count, finding.samples[0].message) == (1, "1,2,3,4,5,6")


class Asking(Bad):
    """Has something to do with an option alone, and takes it for granted elsewhere."""

    options_schema = {  # noqa: RUF012 - as checkers have it
        "type": "object",
        "properties": {"id": {"type": "string"}, "most": {"type": "integer", "default": 3}},
    }

    def skip_reason(self, source: Any) -> str | None:
        return None if "id" in self.options else "no id is named"

    def rules(self, source: Any) -> Iterator[Rule]:
        yield Rule("bad/x", [self.options["id"]], lambda a: a.number > self.options["most"], "too many")


@pytest.mark.parametrize("kit", [check_checker, findings_of])
def test_a_failure_of_what_a_run_would_skip_names_the_reason_and_the_options(kit: Any) -> None:
    with pytest.raises(AssertionError) as raised:
        kit(Asking, TABLE)
    line = Asking.rules.__code__.co_firstlineno + 1
    assert str(raised.value) == (
        f"bad: rules raised KeyError: 'id' (test_conformance.py:{line}). A run would skip it (no id is named): give it "
        "options or a source with which it has something to do; not given: id"
    )
    kit(Asking, TABLE, options={"id": "a"})


def test_one_field_may_be_a_text() -> None:
    [finding] = findings_of(
        checker(rules=lambda self, source: [Rule("bad/x", "a", lambda a: a.number > 5, "m")]), TABLE
    )
    assert (finding.field, finding.count) == ("$.a", 1)


class Sums(Checker):
    """Wrong: a total that isn't the sum of the parts; a part that is no number."""

    name = "sums"
    codes = (code("sums/total"), code("sums/part"))

    def rules(self, source: Any) -> Iterator[Rule]:
        yield Rule("sums/part", ["$.parts[*].n"], lambda n: n.kind == "string", "{value}")

    def documents(self, source: Any) -> Iterator[DocumentCheck]:
        yield DocumentCheck(codes=["sums/total"], check=self.check)

    def check(self, record: Any) -> Iterator[Occurrence]:
        if sum(part["n"] for part in record["parts"] if not isinstance(part["n"], str)) != record["total"]:
            yield Occurrence("sums/total", "no", "$.total", location=Location(path="/total"))


RECORDS = [
    {"parts": [{"n": 1}, {"n": 2}], "total": 3},
    {"parts": [{"n": 1}, {"n": "2"}], "total": 3},
    {"parts": [], "total": 0},
]


def test_json_records_are_read_as_json_lines() -> None:
    found = {f.code: f for f in findings_of(Sums, RECORDS)}
    assert {c: (f.count, f.samples[0].location) for c, f in found.items()} == {
        "sums/part": (1, Location(file="memory.jsonl", line=2, column=24, byte=61, record=2, path="/parts/1/n")),
        "sums/total": (1, Location(file="memory.jsonl", line=2, column=38, byte=75, record=2, path="/total")),
    }
    for bounds in ([1], [2], [1, 2]):
        assert {f.code: f for f in findings_of(Sums, RECORDS, bounds=bounds)} == found
    check_checker(Sums, RECORDS)


@pytest.mark.parametrize(
    ("table", "error", "told"),
    [
        ({"a": [1]}, TypeError, "the column 'a' holds 1: cells are texts, as in a CSV file, or None"),
        ({"a": "xyz"}, TypeError, "the column 'a' is a text where a list of texts belongs"),
        ({1: ["x"]}, TypeError, "the column 1: names of columns are texts"),
        ({"a": ["1"], "b": []}, ValueError, "the column 'b' has 0 cells where the first has 1"),
        ([3], TypeError, "record 1 is a int where a mapping belongs"),
        ("abc", TypeError, "a mapping from column to texts, or a list of JSON objects, not a str"),
    ],
)
def test_what_is_no_table(table: Any, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        findings_of(checker(check_definition=lambda self, source: ()), table)


class Listed(Plain):
    """Tells values that another source doesn't have."""

    def __init__(self, context: Any) -> None:
        self.context = context

    def finish(self, state: list[str]) -> Outcome:
        known = set(self.context.read("list", Plain()))
        odd = sorted({value for value in state if value not in known})
        return Outcome(findings=[Occurrence("bad/x", f"{value} isn't listed") for value in odd])


@pytest.mark.parametrize("known", [{"a": ["1", "2", "3", "4"], "b": ["x"] * 4}, [{"a": n} for n in "1234"]])
def test_a_checker_with_a_further_source(known: Any) -> None:
    class Lists(Checker):
        name, codes = "bad", (code(),)

        def folds(self, source: Any) -> Iterator[Fold[Any]]:
            yield Listed(self.context)

    [finding] = findings_of(Lists, TABLE, sources={"list": known})
    assert [sample.message for sample in finding.samples] == ["5 isn't listed", "6 isn't listed"]
    check_checker(Lists, TABLE, sources={"list": known})
    with pytest.raises(AssertionError, match=r"the test has no source list: give its records as sources={'list': …}"):
        check_checker(Lists, TABLE)
