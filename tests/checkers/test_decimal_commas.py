"""Numbers with a decimal comma, which no schema declares: they are read, and judged as any others."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potable.checkers.numbers import NumbersChecker
from potable.checkers.numbers.decimals import Commas
from potable.engine.contracts.report import Report
from potable.engine.definition.model import SourceDefinition
from potable.engine.testing import check_checker, findings_of

Check = Callable[..., Report]
CHANCE = random.Random(11)
DOSES = [f"{CHANCE.gauss(50, 10):.2f}".replace(".", ",") for _ in range(200)]
AMOUNTS = [f"{CHANCE.uniform(100, 9_000):,.2f}".translate(str.maketrans(",.", ".,")) for _ in range(200)]


def found_in(values: list[str], name: str = "v", **options: Any) -> dict[str, list[int]]:
    table: dict[str, list[str | None]] = {name: list(values)}
    return {
        f.code: [s.location.record or 0 for s in f.samples] for f in findings_of(NumbersChecker, table, options=options)
    }


def read(*texts: str) -> list[float | None]:
    plain = pl.Series("t", list(texts)).to_frame().select(Commas.plain(pl.col("t")).cast(pl.Float64, strict=False))
    return plain["t"].to_list()


def test_how_they_are_read() -> None:
    assert read("12,5", "-0,25", "1.234,56", "1 234,5", "1\u00a0234,5", "1'234'567,8", "12") == [
        12.5, -0.25, 1234.56, 1234.5, 1234.5, 1234567.8, 12,
    ]  # fmt: skip
    assert read("1.234", "1.234.567", "1.5", "1,5,2", "1,234.5", "x", "") == [
        1234,
        1234567,
        1.5,
        None,
        None,
        None,
        None,
    ]


@pytest.mark.parametrize("odd", ["4810,5", "-400,0", "12345", "1.234.567,8", "999"])
def test_numbers_that_stand_apart(odd: str) -> None:
    assert found_in([*DOSES, odd]) == {"numbers/outlier": [201]}
    assert found_in([*DOSES[:100], odd, *DOSES[100:]]) == {"numbers/outlier": [101]}
    assert found_in([*DOSES, odd], fields=["v"]) == {"numbers/outlier": [201]}


def test_places_and_words(check: Check) -> None:
    rows = "".join(f"{n};{w}\n" for n, w in enumerate(AMOUNTS, start=1))
    report = check(f"id;amount\n{rows}201;9.123.456,00\n", primaryKey="id", delimiter=";")
    (found,) = report.findings
    sample = found.samples[0]
    assert (found.code, found.field, found.count) == ("numbers/outlier", "$.amount", 1)
    assert (sample.location.record, sample.location.line, sample.value, sample.key) == (201, 202, "9.123.456,00", "201")
    assert check(f"id;amount\n{rows}", primaryKey="id", delimiter=";").findings == ()


def test_numbers_that_stand_for_a_missing_one() -> None:
    values = [w if n % 7 else "-999" for n, w in enumerate(DOSES, start=1)]
    assert found_in(values) == {"numbers/sentinel": list(range(7, 141, 7))}
    whole = [w if n % 7 else "-999,00" for n, w in enumerate(DOSES, start=1)]
    assert found_in(whole) == found_in(values)


def test_one_with_a_decimal_point_is_read_by_that(check: Check) -> None:
    assert found_in([*DOSES, "55.25"]) == {"numbers/mixed-decimal": [201]}
    fields = [{"name": "v", "type": "number"}, {"name": "n"}]
    rows = "".join(f"{d};{n}\n" for n, d in enumerate(DOSES))
    told = check(f"v;n\n{rows}", schema={"fields": fields}, delimiter=";").findings
    assert [f.code for f in told] == ["schema/type"], "what a schema says of numbers is its business"


@pytest.mark.parametrize("declared", [True, False])
def test_degrees(declared: bool, check: Check) -> None:
    rows = [(f"4{n % 10},{n:04}", f"1{n % 9},{n:04}") for n in range(1, 100)]
    rows[40] = ("-122,4194", "200,5")
    text = "latitude;longitude\n" + "".join(f"{lat};{lon}\n" for lat, lon in rows)
    of = {"type": "number", "decimalChar": ","}
    schema = {"schema": {"fields": [{"name": "latitude", **of}, {"name": "longitude", **of}]}} if declared else {}
    report = check(text, delimiter=";", **schema)
    told = [(f.code, f.field, f.rule, f.samples[0].location.record) for f in report.findings]
    assert told == [("numbers/bad-coordinate", "$.latitude", "latitude", 41)]


VALUES = st.sampled_from(["1,5", "2,25", "7", "1.234", "1.234,5", "1.5", "1,234", "99999,5", "x", "", "-999", "12-"])


@given(st.lists(VALUES, min_size=20, max_size=60))
@settings(max_examples=20)
def test_any_cutting_gives_the_same(values: list[str]) -> None:
    source = SourceDefinition(resource_id="test", ingest_method="CSV")
    table: dict[str, list[str | None]] = {"v": list(values), "w": list(DOSES[: len(values)])}
    check_checker(NumbersChecker, table, source=source, cuttings=3)
    check_checker(NumbersChecker, table, source=source, options={"fields": ["v", "w"]}, cuttings=3)
