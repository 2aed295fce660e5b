"""Categories in upper and in lower case, and values in which the case tells."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potable.checkers.text import TextChecker
from potable.engine import Engine
from potable.engine.contracts.report import Report
from potable.engine.testing import check_checker, findings_of

Check = Callable[..., Report]
CODE = "text/mixed-case"
SEXES = ["Male", "Female", "Male"] * 10


def told(values: Sequence[str | None], name: str = "v", bounds: Sequence[int] = ()) -> list[int]:
    """The records."""
    findings = findings_of(TextChecker, {name: values}, bounds=bounds)
    return [s.location.record or 0 for f in findings if f.code == CODE for s in f.samples]


@pytest.mark.parametrize("odd", ["male", "MALE", "female", "FEMALE"])
def test_another_spelling(odd: str) -> None:
    assert told([*SEXES, odd]) == [31]
    assert told([odd, *SEXES[:12], odd, *SEXES]) == [1, 14]
    assert told(SEXES) == []


def test_of_several_words_and_scripts() -> None:
    lands = ["New York", "Île-de-France", "Österreich"] * 10
    assert told([*lands, "NEW YORK", "new york", "ÎLE-DE-FRANCE", "ÖSTERREICH"]) == [31, 32, 33, 34]
    assert told([*lands, "New york", "österreich"]) == []  # a difference inside alone, and inside a letter's bytes
    assert told(["yes", "no"] * 10 + ["Yes", "NO"]) == [21, 22]
    assert told(["M", "F"] * 10 + ["m", "f"], "sex") == [21, 22]


def test_behind_the_first_thousand_records() -> None:
    values = [*SEXES * 50, "male", "FEMALE", "Unknown", "UNKNOWN"]
    assert told(values) == told(values, bounds=range(0, 1500, 100)) == [1501, 1502]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("v", ["Male", "Female", "unknown", "Not asked"] * 10),
        ("v", ["m", "M", "mm"] * 10),
        ("v", ["Ab12", "AB12"] * 20),
        ("gene", ["GAPDH", "Gapdh"] * 20),
        ("unit", ["MBAR", "mbar"] * 20),
        ("v", [f"word {chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(60)] * 4 + ["WORD AA"]),
        ("v", ["Rose", "rose", "Lily", "Iris"]),
        ("v", ["NaCl", "mALE"] + ["NaCl", "Male"] * 9),
    ],
    ids=["others", "short", "digits", "genes", "units", "many", "few", "odd forms"],
)
def test_values_in_which_the_case_tells(name: str, values: list[str]) -> None:
    assert told(values, name) == []


def test_places_and_words(check: Check, tmp_path: Path) -> None:
    rows = "".join(f"{n},{sex}\n" for n, sex in enumerate([*SEXES, "male", "male "], start=1))
    found = {f.code: f for f in check(f"id,sex\n{rows}", primaryKey="id").findings}
    assert set(found) == {CODE, "text/whitespace"}
    sample = found[CODE].samples[0]
    assert (found[CODE].field, found[CODE].count) == ("$.sex", 1)
    assert (sample.location.record, sample.location.line, sample.value, sample.key) == (31, 32, "male", "31")
    assert sample.message == '"male" is another value of the field, but for upper and lower case'
    both = {"fields": [{"name": "id"}, {"name": "sex", "constraints": {"enum": ["Male", "male", "male ", "Female"]}}]}
    assert check(f"id,sex\n{rows}", schema=both).findings == ()
    none = {"fields": [{"name": "id"}, {"name": "sex", "missingValues": ["male", "male "]}]}
    (other,) = check(f"id,sex\n{rows}33,MALE\n", schema=none).findings
    assert (other.code, other.count, other.samples[0].value) == (CODE, 1, "MALE")
    records = [{"of": [{"sex": v}, {"sex": True}]} for v in [*SEXES, "male"]]
    (tmp_path / "d.json").write_text(json.dumps(records))
    (in_json,) = Engine().check(tmp_path / "d.json", select=[CODE]).findings
    assert (in_json.field, in_json.count, in_json.samples[0].location.path) == ("$.of[*].sex", 1, "/30/of/0/sex")


VALUES = st.sampled_from(["Male", "male", "MALE", "Female", "female", "x", "Rose", "ROSE", "12", "", "male "])


@given(st.lists(VALUES, max_size=60))
@settings(max_examples=25, deadline=None)
def test_any_cutting_gives_the_same(values: list[str]) -> None:
    check_checker(TextChecker, {"v": [*SEXES[:9], *values], "w": [*values, *SEXES[:9]]}, cuttings=3)


@given(st.lists(VALUES, max_size=20), st.integers(0, 19))
@settings(max_examples=10, deadline=None)
def test_any_cutting_gives_the_same_behind_the_first_thousand(values: list[str], at: int) -> None:
    long = [*SEXES * 34, *values, *map(str, range(60)), *values]  # many different ones, where they are cut off
    whole = told(long)
    assert len(whole) == 2 * sum(v in ("male", "MALE", "female") for v in values) or len(whole) == 20
    assert told(long, bounds=range(0, len(long), 97 + at)) == told(long, bounds=[1020 + at]) == whole
