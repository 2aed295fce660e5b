"""Whole numbers that became floats: 2012.0 among 2012, and in fields of identifiers; and real decimals."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potable.checkers.numbers import NumbersChecker
from potable.engine.contracts.report import Report
from potable.engine.testing import check_checker, findings_of

Check = Callable[..., Report]
CODE = "numbers/odd-spelling"
YEARS = [str(1990 + n % 30) for n in range(60)]


def found_in(values: Sequence[str | None], name: str = "v", **options: Any) -> dict[str, list[int]]:
    found = findings_of(NumbersChecker, {name: list(values)}, options=options)
    return {f.code: [s.location.record or 0 for s in f.samples] for f in found}


def floats(values: Sequence[str]) -> list[str]:
    return [f"{v}.0" for v in values]


@pytest.mark.parametrize("odd", ["2012.0", "0.0", "-3.0", "9999999.0"])
def test_a_float_among_whole_numbers(odd: str) -> None:
    values = ["3", "-7", "0", "9999998", *YEARS]
    assert found_in(values, fields=["v"]).get(CODE) is None
    assert found_in([*values, odd], fields=["v"])[CODE] == [len(values) + 1]


def test_two_files_one_of_which_passed_through_pandas() -> None:
    values = [*YEARS, *floats(YEARS[:5]), *YEARS * 20, "2001.0"]
    assert found_in(values) == {CODE: [61, 62, 63, 64, 65, len(values)]}
    assert found_in([*YEARS[:20], *floats(YEARS), "", "n/a"])[CODE][0] == 21, "though most are such"


@pytest.mark.parametrize("name", ["tax_id", "pmid", "Year", "entrez_gene_id", "zip"])
def test_identifiers_of_which_some_are_missing(name: str) -> None:
    values = floats(YEARS)
    assert found_in(values, name) == {}, "a program may write all of its numbers so"
    assert found_in([*values, None], name)[CODE][:3] == [1, 2, 3]
    assert found_in([*values, "", "2007.5"], name) == {}
    assert found_in(["n/a", *values], name)[CODE][:3] == [2, 3, 4]


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ([*floats(YEARS), None], "weight"),  # measured to a tenth, all whole by chance
        ([*floats(YEARS), None], "year_mean"),
        ([*YEARS, "2012.0", "2012.5"], "v"),
        ([*YEARS, "12.00"], "price"),  # hundredths
        ([*YEARS, "1.5e3", "12.0"], "v"),
        ([*YEARS, "12,0", "13.0"], "v"),
        (["1", "2", "2.0"], "v"),  # too few to tell
        ([*YEARS, "3.0"], "python_version"),
    ],
)
def test_what_may_have_decimals(values: list[str | None], name: str) -> None:
    assert CODE not in found_in(values, name)


def test_places_and_words(check: Check) -> None:
    rows = "".join(f'{n},"two\nlines",{year}\n' for n, year in enumerate(YEARS, start=1))
    report = check(f"id,note,year\n{rows}61,x,2012.0\n62,y,2013\n", primaryKey="id")
    (found,) = report.findings
    sample = found.samples[0]
    assert (found.code, found.field, found.count) == (CODE, "$.year", 1)
    assert (sample.location.record, sample.location.line, sample.value, sample.key) == (61, 122, "2012.0", "61")
    assert sample.message == '"2012.0" is a whole number with a decimal, other values of the field have none'
    assert "Int64" in found.hint


@pytest.mark.parametrize(("kind", "codes"), [("integer", ["schema/type"]), ("number", [])])
def test_the_schema_knows_better(check: Check, kind: str, codes: list[str]) -> None:
    rows = "".join(f"{n},{year}\n" for n, year in enumerate(YEARS, start=1))
    schema = {"fields": [{"name": "id"}, {"name": "year", "type": kind}]}
    assert [f.code for f in check(f"id,year\n{rows}61,2012.0\n", schema=schema).findings] == codes


def test_numbers_of_json_are_one_and_the_same(check: Check) -> None:
    rows = ", ".join(f'{{"n": {n}, "v": {year}{".0" * (n % 2)}}}' for n, year in enumerate(YEARS))
    assert check(f"[{rows}]", ingestMethod="JSON").findings == ()


@given(st.lists(st.integers(-9999, 9999), min_size=30, max_size=60), st.data())
@settings(max_examples=30, deadline=None)
def test_all_floats_are_told_and_nothing_else(numbers: list[int], data: st.DataObject) -> None:
    as_floats = set(data.draw(st.lists(st.integers(0, len(numbers) - 1), max_size=19)))
    values = [f"{number}.0" if n in as_floats else str(number) for n, number in enumerate(numbers)]
    assert found_in(values, fields=["v"]).get(CODE, []) == sorted(n + 1 for n in as_floats)


def test_any_cutting_gives_the_same() -> None:
    chance = random.Random(5)
    table: dict[str, list[str | None]] = {
        "v": [f"{chance.randrange(3000)}{chance.choice(['', '', '.0'])}" for _ in range(200)],
        "pmid": [chance.choice(["12345.0", "777.0", "", None]) for _ in range(200)],
    }
    check_checker(NumbersChecker, table, cuttings=8)
