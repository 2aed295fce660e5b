"""Texts among numbers, and columns that may well hold both."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from potable.checkers.numbers import NumbersChecker
from potable.checkers.numbers.mixture import mixtures
from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.options import RunOptions
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins
from potable.engine.testing import check_checker, findings_of

Check = Callable[..., Report]
CODE = "numbers/not-a-number"
CHANCE = random.Random(5)
WEIGHTS: list[str | None] = [f"{CHANCE.gauss(50, 4):.1f}{n:02}" for n in range(60)]
AGES: list[str | None] = [str(CHANCE.randrange(20, 60)) for _ in range(60)]


def found_in(values: list[str | None], name: str = "v") -> dict[str, list[int]]:
    findings = findings_of(NumbersChecker, {name: values})
    return {f.code: [s.location.record or 0 for s in f.samples] for f in findings}


@pytest.mark.parametrize("odd", ["sensor off", "<LOD", "8/10", "10.13.2", "2024-03-01", "5-7", "inf", "1e999", "12x"])
def test_a_text_among_numbers_with_decimals(odd: str) -> None:
    assert found_in([*WEIGHTS[:30], odd, *WEIGHTS[30:]]) == {CODE: [31]}
    assert found_in([*WEIGHTS[:30], *[odd] * 5, *WEIGHTS[30:]]) == {CODE: [*range(31, 36)]}
    assert found_in([*WEIGHTS[:30], *[odd] * 7, *WEIGHTS[30:]]) == {}, "the field holds something else, too"
    (found,) = findings_of(NumbersChecker, {"v": [*WEIGHTS, odd]})
    assert found.samples[0].message == f'"{odd}" is no number, nearly all other values of the field are'


@pytest.mark.parametrize("odd", ["two", "[38]", "38 (years)", "thirty-eight", "38;39"])
def test_a_text_among_whole_numbers(odd: str) -> None:
    assert found_in([*AGES, odd]) == {CODE: [61]}
    assert found_in([*AGES, odd, odd]) == {}


@pytest.mark.parametrize("odd", ["X", "MT", "12b", "b12", "12-14", "12/3", "90+", "+", "38 ", "*"])
def test_what_may_be_meant_among_whole_numbers(odd: str) -> None:
    assert found_in([*AGES, odd]) == {}


@pytest.mark.parametrize("name", ["zip", "room no", "id"])
def test_codes_are_left_alone(name: str) -> None:
    assert found_in([*AGES, "none given"], name) == {}
    assert found_in([*(f"0{age}" for age in AGES), "none given"]) == {}
    assert found_in([*map(str, range(100)), "none given"]) == {}


def test_lists_of_codes_are_no_decimals() -> None:
    phones: list[str | None] = [str(40 + n * 7) for n in range(60)]
    assert found_in([*phones, "1787,1939", "1809,1829,1849"], "phone") == {}
    assert found_in([*(f"{p},5" for p in phones), "off"], "lat") == {CODE: [61]}


@pytest.mark.parametrize(
    ("value", "tells"), [("value", "variable"), ("measured_value", "Parameter"), ("result", "analyte")]
)
def test_what_another_field_tells_apart_is_no_one_quantity(value: str, tells: str) -> None:
    mixed: list[str | None] = [*WEIGHTS, "off", "9e27", "7-"]
    names: list[str | None] = ["mass"] * len(mixed)
    assert findings_of(NumbersChecker, {value: mixed, tells: names}) == ()
    assert {f.code for f in findings_of(NumbersChecker, {value: mixed, "other": names})} == {
        CODE, "numbers/outlier", "numbers/odd-spelling",
    }  # fmt: skip


def test_attributes_tell_elements_apart() -> None:
    text, value = "$.m.scalar.'_$'", "$.m.p.@value"
    assert mixtures([text, "$.m.scalar.@dictRef", value, "$.m.p.@key", "$.m.w.'_$'", "$.m.w.@unit"]) == {text, value}
    assert mixtures(["$.value", "$.o.parameter", "$.height", "$.variables"]) == {"$.value"}


def test_few_values_tell_nothing() -> None:
    assert found_in([*WEIGHTS[:18], "off"]) == {}
    assert found_in([*WEIGHTS[:19], "off"]) == {CODE: [20]}


def test_places(check: Check) -> None:
    rows = "".join(f'"two\nlines",{w}\n' for w in WEIGHTS)
    report = check(f"note,weight\n{rows}x,off\nx,N/A\nx, \nx,#REF!\nx,12 kg\n")
    told = {f.code: (f.count, f.samples[0].location.record, f.samples[0].location.line) for f in report.findings}
    assert told == {
        CODE: (1, 61, 122),
        "text/placeholder": (1, 62, 123),
        "text/whitespace": (1, 63, 124),
        "spreadsheet/error-value": (1, 64, 125),
        "numbers/unit-in-number": (1, 65, 126),
    }


def test_texts_among_the_numbers_of_a_typed_format(tmp_path: Path) -> None:
    records = ",".join(f'{{"v":{w}}}' for w in WEIGHTS)
    (tmp_path / "a.json").write_text(f'[{records},{{"v":"off"}},{{"v":"12.5"}},{{"v":true}}]')
    source = from_mapping({"resourceID": "t", "ingestMethod": "JSON", "ingestURL": "a.json"}, folder=tmp_path)
    report = run_source(source, load_plugins(), RunOptions(scratch=tmp_path))
    assert [(f.code, f.count, f.samples[0].location.path) for f in report.findings] == [
        (CODE, 1, "/60/v"), ("numbers/odd-spelling", 1, "/61/v"),
    ]  # fmt: skip


@pytest.mark.parametrize("members", [{"severity": {CODE: "off"}}, {"checks": {"numbers": {"except": ["v"]}}}])
def test_it_can_be_switched_off(members: dict[str, Any], check: Check) -> None:
    assert check("v,w\n" + "".join(f"{w},x\n" for w in [*WEIGHTS, "off"]), **members).findings == ()


def test_any_cutting_gives_the_same() -> None:
    table: dict[str, list[str | None]] = {"v": [*WEIGHTS, "off", "12x", "inf"], "w": [*AGES, "two", "X", None]}
    check_checker(NumbersChecker, table, cuttings=6)
