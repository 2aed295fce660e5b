"""Categories under two names: in small families of words alone, in any order, and nowhere else."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from potable.checkers.text import TextChecker
from potable.checkers.text.synonyms import FAMILIES
from potable.engine.contracts.report import Report
from potable.engine.definition.model import SourceDefinition
from potable.engine.testing import check_checker, findings_of

Check = Callable[..., Report]
CODE = "text/synonym"


def found_in(values: list[str], name: str = "v", **members: Any) -> dict[str, list[int]]:
    source = SourceDefinition(resource_id="test", ingest_method="CSV", **members)
    table: dict[str, list[str | None]] = {name: list(values)}
    found = findings_of(TextChecker, table, source=source)
    return {f.code: [s.location.record or 0 for s in f.samples] for f in found}


def many(*words: str) -> list[str]:
    return list(words) * 30


@pytest.mark.parametrize(
    ("usual", "odd"),
    [
        (("male", "female"), ["M", "F", "f", "man", "Woman"]),
        (("M", "F"), ["male", "FEMALE"]),
        (("F", "M", "unknown", "other"), ["male"]),
        (("true", "false"), ["1", "0", "yes", "F", "on"]),
        (("TRUE", "FALSE"), ["Y"]),
        (("0", "1"), ["yes", "False"]),
        (("Y", "N"), ["No", "1"]),
        (("Mon", "Tue", "Wed", "Sat"), ["Monday", "su"]),
        (("January", "May", "June"), ["Feb"]),
    ],
)
def test_another_name(usual: tuple[str, ...], odd: list[str]) -> None:
    values = many(*usual)
    assert found_in(values) == {}
    for text in odd:
        assert found_in([*values, text]) == {CODE: [len(values) + 1]}, text
        assert found_in([*values[:50], text, *values * 40]) == {CODE: [51]}
        assert found_in([*values * 40, text]) == {CODE: [40 * len(values) + 1]}, "behind the first records"


@pytest.mark.parametrize(
    ("usual", "odd"),
    [
        (("F",), "female"),  # false, or female?
        (("yes", "no", "sometimes"), "y"),
        (("male", "female", "cat"), "m"),
        (("red", "true"), "1"),
        (("0", "1", "2"), "yes"),
        (("en", "de"), "eng"),
        (("April", "May"), "may"),
        (("yes", "no"), "unknown"),
        (("a", "b", "c", "d", "e", "f"), "female"),
    ],
)
def test_what_is_no_other_name(usual: tuple[str, ...], odd: str) -> None:
    assert CODE not in found_in([*many(*usual), odd])


def test_each_thing_by_one_name() -> None:
    """Jan, Feb, March; where each has but one name, which is usual doesn't matter."""
    months = ["Jan", "Feb", "March", "April", "May", "June", "July", "Aug", "Sep", "Oct"]
    assert found_in(months * 9) == {}
    assert found_in([month for month in months for _ in range(300)]) == {}
    assert found_in([*months * 9, "Mar"] * 3)[CODE][:2] == [3, 13]


def test_places_and_words(check: Check) -> None:
    rows = "".join(f'{n},"two\nlines",{sex}\n' for n, sex in enumerate(many("male", "female"), start=1))
    report = check(f"id,note,sex\n{rows}61,x,M\n", primaryKey="id")
    (found,) = report.findings
    sample = found.samples[0]
    assert (found.code, found.field, found.count) == (CODE, "$.sex", 1)
    assert (sample.location.record, sample.location.line, sample.value, sample.key) == (61, 122, "M", "61")
    assert sample.message == '"M" is another name for a value of the field: most are male, female'
    masked = check(f"id,note,sex\n{rows}61,x,M\n", primaryKey="id", values="masked")
    assert masked.findings[0].samples[0].message == '"X" is another name for a value of the field'


def test_one_cause_one_finding(check: Check) -> None:
    rows = "".join(f"{n},{flag}\n" for n, flag in enumerate(many("0", "1"), start=1))
    assert [f.code for f in check(f"id,flag\n{rows}61,true\n").findings] == [CODE]
    listed = {"name": "flag", "constraints": {"enum": ["0", "1"]}}
    declared = check(f"id,flag\n{rows}61,true\n", schema={"fields": [{"name": "id"}, listed]})
    assert [f.code for f in declared.findings] == ["schema/enum"]


def test_each_can_be_switched_off_by_itself() -> None:
    values = [*many("Male", "Female"), "male", "M"]
    assert found_in(values) == {CODE: [62], "text/mixed-case": [61]}
    assert found_in(values, severity={CODE: "off"}) == {"text/mixed-case": [61]}
    assert found_in(values, severity={"text/mixed-case": "off"}) == {CODE: [62]}


def test_words_of_a_style_stand_for_the_same() -> None:
    for family in FAMILIES:
        assert len({len(style) for style in family.styles}) == 1
        assert all(len(set(style)) == len(style) and not family.beside & set(style) for style in family.styles)


def test_any_cutting_gives_the_same() -> None:
    chance = random.Random(3)
    table: dict[str, list[str | None]] = {
        "sex": [chance.choice(["male", "female", "female", "M", "Male", "", "f"]) for _ in range(300)],
        "flag": [chance.choice(["0", "1", "1", "1", "yes", "x"][: 5 + (n > 250)]) for n in range(300)],
    }
    check_checker(TextChecker, table, cuttings=8)
