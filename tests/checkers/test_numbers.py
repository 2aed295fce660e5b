"""Numbers: those that stand apart, decimal commas, units; and real ones that only look odd."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from potable.checkers.numbers import NumbersChecker
from potable.checkers.numbers.bins import Histogram, bins_of, greatest_of, least_of
from potable.checkers.numbers.outliers import apart
from potable.engine.contracts.report import Report
from potable.engine.definition.model import SourceDefinition
from potable.engine.testing import check_checker, findings_of

Check = Callable[..., Report]
CHANCE = random.Random(7)
WEIGHTS: list[str | None] = [f"{CHANCE.gauss(50, 10):.2f}" for _ in range(200)]


def found_in(values: list[str | None], name: str = "v", **options: Any) -> dict[str, list[int]]:
    findings = findings_of(NumbersChecker, {name: values}, options=options)
    return {f.code: [s.location.record or 0 for s in f.samples] for f in findings}


def test_places_and_words(check: Check) -> None:
    rows = "".join(f"{n},{w}\n" for n, w in enumerate(WEIGHTS, start=1))
    report = check(f"id,weight\n{rows}201,4810.5\n", primaryKey="id")
    (found,) = report.findings
    sample = found.samples[0]
    assert (found.code, found.field, found.count) == ("numbers/outlier", "$.weight", 1)
    assert (sample.location.record, sample.location.line, sample.value, sample.key) == (201, 202, "4810.5", "201")
    assert sample.message.startswith('"4810.5" lies far from all others: at least half of them lie between ')
    masked = check(f"id,weight\n{rows}201,4810.5\n", primaryKey="id", values="masked")
    assert masked.findings[0].samples[0].message == '"9999.9" lies far from all others'


@pytest.mark.parametrize("odd", ["999", "-999", "5012", "0.5e4", "-400", "1e300", "-1e308"])
def test_numbers_that_stand_apart(odd: str) -> None:
    assert found_in([*WEIGHTS, odd]) == {"numbers/outlier": [201]}
    assert found_in([*WEIGHTS[:100], odd, *WEIGHTS[100:], odd]) == {"numbers/outlier": [101, 202]}


def skewed(n: int) -> list[str | None]:
    return [f"{math.exp(CHANCE.gauss(5, 2)):.1f}" for _ in range(n)]


@pytest.mark.parametrize(
    "values",
    [
        [*WEIGHTS, "95", "5"],
        skewed(500),
        [str(2**n) for n in range(40)],
        [str(n) for n in range(1900, 2100)],
        ["0"] * 90 + ["1", "2", "5000"],
        ["1", "2", "3", "1000"],
        [*WEIGHTS, *["987"] * 30],
        ["5"] * 50,
    ],
    ids=["normal", "log-normal", "powers", "years", "mostly zero", "few", "many", "constant"],
)
def test_what_is_spread_so_is_left_alone(values: list[str | None]) -> None:
    assert found_in(values) == {}


def test_codes_keys_and_bounded_fields_have_no_outliers(check: Check) -> None:
    assert found_in([*WEIGHTS, "99999"], name="zipCode") == {}
    assert found_in([*WEIGHTS, "99999"], name="zipCode", fields=["zipCode"]) == {"numbers/outlier": [201]}
    rows = "".join(f"{3 * n},{n % 7}\n" for n in range(1, 100))
    text = f"a,b\n{rows}99999999,1\n"
    assert [f.code for f in check(text).findings] == ["numbers/outlier"]
    assert check(text, primaryKey="a").findings == ()
    bounded = {"fields": [{"name": "a", "type": "integer", "constraints": {"minimum": 1}}, {"name": "b"}]}
    assert check(text, schema=bounded).findings == ()


def test_codes_and_numbers_of_rows_have_no_outliers() -> None:
    assert found_in([*(f"{n:06}" for n in range(3200, 3900, 7)), "999999999"]) == {}
    assert found_in([*("1234567", "2345678", "0345678") * 30, "999999999"]) == {}
    assert found_in([*map(str, range(5000, 5100)), "99999999"]) == {}
    assert found_in([*map(str, reversed(range(100))), "99999999"]) == {}
    assert found_in([*map(str, range(1100)), "99999999"]) == {}  # told by the first thousand
    odd = {"numbers/outlier": [101]}
    assert found_in([*map(str, range(0, 200, 2)), "99999999"]) == odd
    assert found_in([*(str(n // 2) for n in range(100)), "99999999"]) == odd
    assert found_in([*(f"0.{n}" for n in range(10, 110)), "99999999"]) == odd
    assert found_in([*map(str, range(100)), "99999999"], fields=["v"]) == odd


def test_a_text_is_no_quantity(tmp_path: Path) -> None:
    from potable.engine import Engine

    weights = [*WEIGHTS, "99999"]
    rows = [{"text": w, "weight": float(w or 0), "list": [n, float(w or 0)]} for n, w in enumerate(weights)]
    (tmp_path / "d.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    report = Engine().check(tmp_path / "d.jsonl")
    told = [(f.code, f.field, [s.location.record for s in f.samples]) for f in report.findings]
    assert told == [("numbers/outlier", "$.list[*]", [201]), ("numbers/outlier", "$.weight", [201])]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["1", "2"] * 10, "between 1 and 2"),
        (["1000", "2000"] * 20, "between 1000 and 2003"),  # bins are that wide
        ([*["-1.5", "0"] * 20, "-0.25"], "between -1.504 and 0"),
        (["1.5", "2.25"] * 20, "between 1.5 and 2.258"),
        (["-1.5", "-2.25"] * 20, "between -2.258 and -1.5"),
    ],
)
def test_what_is_said_of_the_others_is_true(values: list[str | None], message: str) -> None:
    (found,) = findings_of(NumbersChecker, {"v": [*values, "987654321"]})
    assert found.samples[0].message == f'"987654321" lies far from all others: at least half of them lie {message}'


def test_decimal_commas_among_points() -> None:
    code = "numbers/mixed-decimal"
    assert found_in(["1.5", "2.5", "3,5", "7"]) == {code: [3]}
    assert found_in(["1,5", "2,5", "3.5", "1.234,5"]) == {code: [3]}
    assert found_in(["1,5", "2,25", "1.500"]) == {}
    assert found_in(["1,500", "2,250", "1.5", "1,234.5"]) == {}
    (found,) = findings_of(NumbersChecker, {"v": ["1.5", "2.5", "3,5", "7"]})
    assert (found.count, found.details) == (1, {"comma": 1, "point": 2})
    assert found.samples[0].message == '"3,5" has a decimal comma, other values of the field have a decimal point'


@pytest.mark.parametrize(
    "odd", ["5 kg", "5kg", "12%", "12 %", "$5", "€ 5", "5.5 mg/mL", "37 °C", "10 µm", "3 weeks", "5 g", "7m"]
)
def test_units_among_numbers(odd: str) -> None:
    assert found_in(["5.2", "6.1", odd, "7", "8"]) == {"numbers/unit-in-number": [3]}


@pytest.mark.parametrize(
    "values",
    [
        ["5 kg", "6 kg", "7 kg", "8 kg"],
        ["12", "14", "16", "18", "12a", "14 g"],
        ["1", "2", "3", "4", "4x"],
        ["1e5", "2E-3", "nan", "inf", "-5"],
        ["one 5 kg box", "2", "3", "4", "5"],
    ],
)
def test_what_is_no_unit_is_left_alone(values: list[str | None]) -> None:
    assert found_in(values) == {}


ODD = [
    "12*", "12 †", "12¹", "12 (a)", "12[1]", "12-", "12.5 -", "(12)", "(1,234.50)", "−12", "–12.5", "~12", "<5",
    ">= 100", "≈ 5", "ca. 12", "approx. 3", "1O", "1O0", "l2", "１２", "١٢", "=12", '="0012"', "'12",
]  # fmt: skip


@pytest.mark.parametrize("odd", ODD)
def test_numbers_spelled_otherwise(odd: str) -> None:
    assert found_in(["52", "61", odd, "7", "8", None]) == {"numbers/odd-spelling": [3]}
    (found,) = findings_of(NumbersChecker, {"v": ["52", "61", odd, "7", "8"]})
    assert found.samples[0].message == f'"{odd}" is a number, spelled otherwise than most of the field'


@pytest.mark.parametrize("grouped", ["1,234", "1 234", "1.234.567", "1'234", "2,345,678.5"])
def test_digits_that_only_some_numbers_group(grouped: str) -> None:
    assert found_in(["520", "1061", grouped, "7", "8000"]) == {"numbers/odd-spelling": [3]}
    assert found_in(["520", "61", grouped, "7", "800"]) == {}, "it may be that all are grouped"


@pytest.mark.parametrize(
    "values",
    [
        ["12*", "14*", "16*", "17"],
        ["12", "14", "16", "18", "12a", "14"],
        ["(12)", "(14)", "(15)", "(16)", "17"],
        ["1", "2", "3", "4", "5-7"],
        ["1", "2", "3", "4", "twelve"],
        ["1", "2", "3", "4", "(none)", "*"],
        ["1", "2", "3", "4", "2024-05-03"],
        ["1", "2", "3", "4", "O"],
        ["+1", "-2", "3.5", "1e5", ".5", "5."],
        ["<5", "<10", "7", "8", "9"],  # more than a fifth
    ],
)
def test_what_is_no_number_spelled_otherwise(values: list[str | None]) -> None:
    assert found_in(values) == {}


def test_a_type_explains_them(check: Check) -> None:
    fields = [{"name": "a", "type": "number"}, {"name": "b"}]
    report = check("a,b\n1,x\n2,x\n3,x\n4,x\n5 kg,x\n", schema={"fields": fields})
    assert [f.code for f in report.findings] == ["schema/type"]


def test_typed_numbers() -> None:
    import polars as pl

    from potable.engine import Engine

    weights = [float(w or 0) for w in WEIGHTS]
    report = Engine().check(pl.DataFrame({"n": range(201), "w": [*weights, 4810.5]}))
    assert [(f.code, f.samples[0].location.record) for f in report.findings] == [("numbers/outlier", 201)]


FLOATS = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(FLOATS, min_size=1))
def test_a_number_lies_in_its_bin(values: list[float]) -> None:
    bins = bins_of(np.array(values))
    for value, bin_ in zip(values, bins.tolist(), strict=True):
        assert least_of(bin_) <= value <= greatest_of(bin_)
    ordered = [b for _, b in sorted(zip((v + 0.0 for v in values), bins.tolist(), strict=True))]
    assert ordered == sorted(ordered)


@given(st.lists(FLOATS), st.lists(FLOATS))
def test_histograms_add_up(one: list[float], other: list[float]) -> None:
    whole = Histogram.of(np.array([*one, *other], dtype=float)).tidied()
    parts = Histogram.of(np.array(one, dtype=float)).plus(Histogram.of(np.array(other, dtype=float))).tidied()
    assert whole.bins.tolist() == parts.bins.tolist()
    assert whole.counts.tolist() == parts.counts.tolist()
    assert whole.total == len(one) + len(other)
    if whole.total:
        ranked = sorted(v + 0.0 for v in [*one, *other])
        middle = ranked[-(-len(ranked) // 2) - 1]
        assert least_of(whole.quantile(1, 2)) <= middle <= greatest_of(whole.quantile(1, 2))


@given(st.lists(FLOATS, min_size=10, max_size=60))
def test_never_more_than_a_few_stand_apart(values: list[float]) -> None:
    found = apart(Histogram.of(np.array(values)))
    if found is not None:
        out = [
            v
            for v in values
            if (found.below is not None and v <= found.below) or (found.above is not None and v >= found.above)
        ]
        assert 1 <= len(out) <= max(3, len(values) // 20)


VALUES = st.sampled_from(["1.5", "2,5", "5 kg", "7", "1,234", "12a", "5 g", "1e5", "-3", "nan", "", None, "x", "99999"])


# The last part has no number but such as may be read in two ways.
@example(["1,5"] * 15 + ["-999"] + ["1,5"] * 3 + ["-999"] + ["1,5"] * 4 + ["1,234"] * 2 + ["-999"])
@given(st.lists(VALUES, max_size=40))
@settings(max_examples=20)
def test_any_cutting_gives_the_same(values: list[str | None]) -> None:
    source = SourceDefinition(resource_id="test", ingest_method="CSV")
    table = {"v": values, "w": WEIGHTS[: len(values)]}
    check_checker(NumbersChecker, table, source=source, cuttings=3)
    check_checker(NumbersChecker, table, source=source, options={"fields": ["v"]}, cuttings=3)
