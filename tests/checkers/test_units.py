"""Fields of one unit: values that have another, or none; and units that may well stand side by side."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potable.checkers.numbers import NumbersChecker
from potable.checkers.numbers.units import _FAMILY, WITH_LETTER, WITH_UNIT
from potable.engine.contracts.report import Report
from potable.engine.testing import check_checker, findings_of

Check = Callable[..., Report]
CODE = "numbers/unit-in-number"
WEIGHTS = [f"{n % 13 + 1}{('.5 ', ' ', '')[n % 3]}{('kg', 'kg', 'g')[n % 3]}" for n in range(60)]
PRICES = [f"${n % 13 + 1}.99" for n in range(60)]


def found_in(values: Sequence[str | None], **options: Any) -> dict[str, list[int]]:
    found = findings_of(NumbersChecker, {"v": list(values)}, options=options)
    return {f.code: [s.location.record or 0 for s in f.samples] for f in found}


@pytest.mark.parametrize(
    ("usual", "odd"),
    [
        (WEIGHTS, ["5", "7.5", "11 lbs", "3 oz", "5 cm", "$5", "12 %", "-3"]),
        (PRICES, ["5", "€5", "5 EUR", "£ 4.50", "5 CHF"]),
        ([f"{20 + n % 9} °C" for n in range(40)], ["70 °F", "21.5"]),
        ([f"{n % 9 + 1} km" for n in range(40)], ["3 miles", "12"]),
    ],
)
def test_another_unit_or_none(usual: list[str], odd: list[str]) -> None:
    assert found_in(usual) == {}
    for text in odd:
        assert found_in([*usual, text]) == {CODE: [len(usual) + 1]}, text
        assert found_in([*usual[:20], text, *usual]) == {CODE: [21]}, text


@pytest.mark.parametrize(
    ("usual", "odd"),
    [
        (WEIGHTS, "250 mg"),  # the unit goes by the size
        (WEIGHTS, "0"),
        (WEIGHTS, "5 ppm"),
        (PRICES, "5 USD"),
        ([f"{n % 9 + 1} days" for n in range(40)], "2 weeks"),
        ([f"{n % 9 + 2} days" for n in range(40)], "1 day"),
        (WEIGHTS[:15], "5 lbs"),  # too few
        ([*WEIGHTS, *PRICES], "5"),
        (["12a", "14b", "3 g"] * 20, "5"),
    ],
)
def test_units_that_stand_side_by_side(usual: list[str], odd: str) -> None:
    assert CODE not in found_in([*usual, odd])


def test_more_than_a_few_are_meant() -> None:
    assert found_in([*WEIGHTS, "1", "2", "3"]) == {CODE: [61, 62, 63]}
    assert found_in([*WEIGHTS, "1", "2", "3", "4"]) == {}
    assert len(found_in([*WEIGHTS[:20], *(str(n % 7) for n in range(60))])[CODE]) == 20


def test_places_and_words(check: Check) -> None:
    rows = "".join(f'{n},"two\nlines",{weight}\n' for n, weight in enumerate(WEIGHTS, start=1))
    report = check(f"id,note,weight\n{rows}61,x,11 lbs\n", primaryKey="id")
    (found,) = report.findings
    sample = found.samples[0]
    assert (found.code, found.field, found.count) == (CODE, "$.weight", 1)
    assert (sample.location.record, sample.location.line, sample.value, sample.key) == (61, 122, "11 lbs", "61")
    assert sample.message == '"11 lbs" has no unit, or another one than nearly all of the field (kg, g, mg, …)'
    (found,) = check(f"id,note,weight\n{rows}61,x,11\n", primaryKey="id").findings
    assert (found.code, found.samples[0].value) == (CODE, "11")


def test_each_unit_of_a_family_is_known() -> None:
    import polars as pl

    texts = pl.Series([f"5 {unit}" for unit in _FAMILY])
    known = texts.str.contains(WITH_UNIT) | texts.str.contains(WITH_LETTER) | texts.str.contains("[mL]$")
    assert texts.filter(~known).to_list() == []


@given(st.lists(st.sampled_from(WEIGHTS), min_size=20, max_size=60), st.sampled_from(["4 lbs", "7", "2 m"]), st.data())
def test_one_among_many(values: list[str], odd: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(values)))
    assert found_in(values) == {}
    assert found_in([*values[:at], odd, *values[at:]], fields=["v"]) == {CODE: [at + 1]}


def test_any_cutting_gives_the_same() -> None:
    chance = random.Random(5)
    table: dict[str, list[str | None]] = {
        "v": [chance.choice(["5", "4 lbs", "", None, "0"] if chance.random() < 0.04 else WEIGHTS) for _ in range(300)],
        "w": [chance.choice(["5 kg", "6 kg"] if n < 290 else ["7", "8"]) for n in range(300)],
    }
    check_checker(NumbersChecker, table, cuttings=8)
