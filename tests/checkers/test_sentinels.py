"""Numbers that stand for a missing value, and those that are meant; times in several units."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potable.checkers.numbers import NumbersChecker
from potable.engine import Engine
from potable.engine.contracts.report import Report
from potable.engine.definition.model import SourceDefinition
from potable.engine.testing import check_checker, findings_of

Check = Callable[..., Report]
CHANCE = random.Random(11)
TEMPERATURES = [f"{CHANCE.gauss(10, 8):.1f}" for _ in range(90)]
AGES = [str(CHANCE.randint(0, 95)) for _ in range(90)]
HEIGHTS = [str(CHANCE.randint(-80, 4000)) for _ in range(90)]
SENTINEL, OUTLIER, EPOCH = "numbers/sentinel", "numbers/outlier", "numbers/mixed-epoch"


def told(values: Sequence[str | None], name: str = "v", **options: Any) -> dict[str, list[int]]:
    """By code, the records."""
    findings = findings_of(NumbersChecker, {name: values}, options=options)
    return {f.code: [s.location.record or 0 for s in f.samples] for f in findings}


@pytest.mark.parametrize(
    ("values", "odd"),
    [
        (TEMPERATURES, "-999"),
        (TEMPERATURES, "-9999.0"),
        (TEMPERATURES, "-999.9"),
        (TEMPERATURES, "9.96921e+36"),
        (TEMPERATURES, "9.969209968386869e+36"),
        (TEMPERATURES, "-3.40282e+38"),
        (TEMPERATURES, "-32768"),
        (TEMPERATURES, "9999"),
        (AGES, "999"),
        (AGES, "-99"),
        (AGES, "-999"),
        (HEIGHTS, "-9999"),
        (HEIGHTS, "99999"),
        (["1", "2", "1"] * 30, "-9"),
        ([str(n) for n in range(1950, 2040)], "-1"),
        ([str(10**7 + n) for n in range(0, 2_700_000, 30_000)], "-999"),
    ],
)
def test_a_number_that_recurs_far_from_all_others(values: list[str], odd: str) -> None:
    spoilt = [*values[:20], *[odd] * 5, *values[20:], *[odd] * 5]
    assert told(spoilt) == {SENTINEL: [21, 22, 23, 24, 25, 96, 97, 98, 99, 100]}
    assert told(values) == {}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("v", [*HEIGHTS, *["4001"] * 10]),
        ("v", [*AGES, "999", "999"] * 1),
        ("v", [*AGES, *["99"] * 10]),
        ("v", [*AGES, *["-1"] * 10]),
        ("v", [*map(str, range(0, 12000, 7)), *["999"] * 200, *["9999"] * 200]),
        ("v", [*map(str, range(-12000, 12000, 7)), *["-999"] * 300, *["-9999"] * 300]),
        ("v", [*map(str, range(0, 900, 7)), *["999"] * 100]),
        ("price", [*map(str, range(10, 100)), *["999"] * 20]),
        ("max_users", [*map(str, range(10, 100)), *["999"] * 20]),
        ("end_year", [*map(str, range(1990, 2030)), *["9999"] * 20]),
        ("zip_code", [*map(str, range(100, 1000, 9)), *["99999"] * 20]),
        ("v", ["0"] * 50 + ["999"] * 50),
        ("v", ["1", "2", "3"] * 3 + ["-999"] * 5),
    ],
)
def test_numbers_that_are_meant(name: str, values: list[str]) -> None:
    assert SENTINEL not in told(values, name)


def test_others_than_the_sentinels_are_told_as_outliers_still() -> None:
    spoilt = [*TEMPERATURES, "5012", *["-9999"] * 20, "-999"]
    assert told(spoilt) == {SENTINEL: [*range(92, 112)], OUTLIER: [91, 112]}
    (found,) = [f for f in findings_of(NumbersChecker, {"v": spoilt}) if f.code == SENTINEL]
    assert found.count == 20
    assert told([*TEMPERATURES, "-9999", "-9999", "-9999"]) == {OUTLIER: [91, 92, 93]}  # few of them are outliers


def test_sentinel_places_and_words(check: Check) -> None:
    rows = "".join(f"{n},{v}\n" for n, v in enumerate([*AGES, *["-99"] * 8], start=1))
    text = f"id,age\n{rows}"
    (found,) = check(text, primaryKey="id").findings
    sample = found.samples[0]
    assert (found.code, found.field, found.count) == (SENTINEL, "$.age", 8)
    assert (sample.location.record, sample.location.line, sample.value, sample.key) == (91, 92, "-99", "91")
    low, high = min(map(int, AGES)), max(map(int, AGES))
    assert sample.message == (
        '"-99" seems to stand for a missing value: it recurs, and lies far from all others, which lie between '
        f"{low} and {high}"
    )
    (masked,) = check(text, primaryKey="id", values="masked").findings
    assert masked.samples[0].message.endswith("lies far from all others")
    assert check(text, primaryKey="id", missingValues=["", "-99"]).findings == ()
    assert check(text, primaryKey="id", severity={SENTINEL: "off"}).findings == ()


def test_in_json_and_xml_too(tmp_path: Path) -> None:
    values = [*AGES, *["-99"] * 8]
    records = [{"text": v, "age": int(v), "list": [int(v)]} for v in values]
    (tmp_path / "d.json").write_text(json.dumps(records))
    findings = Engine().check(tmp_path / "d.json", select=[SENTINEL]).findings
    assert [(f.field, f.count) for f in findings] == [("$.age", 8), ("$.list[*]", 8)]  # a text is no quantity
    assert findings[0].samples[0].location.path == "/90/age"
    (tmp_path / "d.xml").write_text("<r>" + "".join(f"<s><age>{v}</age></s>" for v in values) + "</r>")
    (found,) = Engine().check(tmp_path / "d.xml", select=[SENTINEL]).findings
    assert (found.count, found.samples[0].location.record) == (8, 91)


def test_what_the_schema_calls_missing(check: Check) -> None:
    values = [*TEMPERATURES, *["-9999"] * 6, "-999", "-999", "-999", "999.9"]
    rows = "".join(f"{n},{v}\n" for n, v in enumerate(values))

    def counts(*missing: str) -> dict[str, int]:
        schema = {"fields": ["n", {"name": "t", "missingValues": missing}]}
        return {f.code: f.count for f in check(f"n,t\n{rows}", schema=schema).findings}

    assert counts("") == {SENTINEL: 10}
    assert counts("-9999", "999.9") == {OUTLIER: 3}
    assert counts("-9999", "-999", "999.9") == {}


def test_numbers_of_json_are_no_texts_to_list(tmp_path: Path) -> None:
    (tmp_path / "d.json").write_text(json.dumps([{"t": float(v)} for v in [*TEMPERATURES, *["-9999"] * 6]]))
    (found,) = Engine().check(tmp_path / "d.json", select=[SENTINEL]).findings
    assert found.hint == (
        "Write null at the source, or leave the value out: missingValues lists texts, and here it's a number."
    )


SECONDS = [str(1_711_929_600 + 3600 * n) for n in range(40)]


def test_milliseconds_among_seconds() -> None:
    spoilt = [*SECONDS[:20], *(f"{s}000" for s in SECONDS[20:30]), *SECONDS[30:]]
    assert told(spoilt, "timestamp") == {EPOCH: [*range(21, 31)]}
    (found,) = findings_of(NumbersChecker, {"v": spoilt})
    assert found.samples[0].message == (
        f'"{SECONDS[20]}000" is a time in another unit than most of the field, which are seconds since 1970'
    )
    assert told([f"{s}000" for s in SECONDS[1:]] + SECONDS[:1], "timestamp") == {EPOCH: [40]}
    assert told([*SECONDS, f"{SECONDS[0]}000000000", f"{SECONDS[0]}000000.5"], "timestamp") == {EPOCH: [41, 42]}


@pytest.mark.parametrize(
    "values",
    [
        SECONDS,
        [f"{s}000" for s in SECONDS],
        [*SECONDS, "4102444800000"],
        [*SECONDS, f"{SECONDS[0]}000", "12"],
        [str(7 * 10**8 * 3**n) for n in range(30)],
    ],
    ids=["seconds", "milliseconds", "other years", "other numbers", "powers"],
)
def test_times_in_one_unit_and_other_numbers(values: list[str]) -> None:
    assert EPOCH not in told(values, "timestamp")


VALUES = st.sampled_from(["-999", "-9999", "999", "998", "1000", "9999", "7", "-3", "80", "9.96921e36", "-1", "", "x"])


@given(st.lists(VALUES, max_size=60), st.sampled_from(["v", "price", "lat"]))
@settings(max_examples=30, deadline=None)
def test_any_cutting_gives_the_same(values: list[str], name: str) -> None:
    source = SourceDefinition(resource_id="test", ingest_method="CSV")
    table = {name: values, "w": TEMPERATURES[: len(values)]}
    check_checker(NumbersChecker, table, source=source, cuttings=3)
    check_checker(NumbersChecker, table, source=source, options={"fields": [name]}, cuttings=3)


@given(st.lists(st.sampled_from(SECONDS[:5]), min_size=10, max_size=30), st.lists(st.booleans(), min_size=30))
@settings(max_examples=15, deadline=None)
def test_any_cutting_gives_the_same_times(seconds: list[str], longer: list[bool]) -> None:
    source = SourceDefinition(resource_id="test", ingest_method="CSV")
    values = [f"{s}000" if long else s for s, long in zip(seconds, longer, strict=False)]
    check_checker(NumbersChecker, {"v": values}, source=source, cuttings=3)
    expected = min(sum(longer[: len(seconds)]), len(seconds) - sum(longer[: len(seconds)]))
    assert sum(f.count for f in findings_of(NumbersChecker, {"v": values}) if f.code == EPOCH) == expected


def declared(**field: Any) -> SourceDefinition:
    schema = {"fields": [{"name": "v", "decimalChar": ",", **field}]}
    return SourceDefinition(resource_id="s", ingest_method="CSV", table_schema=schema)


def test_a_number_among_decimal_commas() -> None:
    values = [*(t.replace(".", ",") for t in TEMPERATURES), *["-999"] * 5]
    (found,) = findings_of(NumbersChecker, {"v": values}, source=declared(type="number"))
    assert (found.code, [s.location.record for s in found.samples]) == (SENTINEL, [91, 92, 93, 94, 95])
    assert found.count == 5


def test_thousands_are_grouped_as_declared() -> None:
    values = [f"{CHANCE.randint(1000, 3000):,}".replace(",", ".") for _ in range(90)]
    source = declared(type="integer", groupChar=".")
    assert findings_of(NumbersChecker, {"v": [*values, "999"]}, source=source) == ()
    (found,) = findings_of(NumbersChecker, {"v": [*values, "9.000.000"]}, source=source)
    assert (found.code, found.count, found.samples[0].location.record) == (OUTLIER, 1, 91)


@pytest.mark.parametrize("odd", ["-999", "-999,0"])
def test_any_cutting_of_decimal_commas(odd: str) -> None:
    values = [*(t.replace(".", ",") for t in TEMPERATURES), *[odd] * 5, "1.234.567,5"]
    check_checker(NumbersChecker, {"v": values}, source=declared(type="number", groupChar="."))
