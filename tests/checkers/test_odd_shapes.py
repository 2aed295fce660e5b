"""Identifiers of a source's own that are built otherwise than nearly all others; and columns that have no one shape."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from potable.checkers.identifiers import IdentifiersChecker
from potable.checkers.identifiers.shapes import BUCKET, Shape, shape_votes, usual_shape
from potable.engine.contracts.report import Report
from potable.engine.testing import check_checker, findings_of

Check = Callable[..., Report]
CODE = "identifiers/odd-shape"
SAMPLES = [f"SMP-{n:05}" for n in range(1, 201)]


def found_in(values: list[Any], name: str = "v", bounds: tuple[int, ...] = (), **options: Any) -> dict[str, list[int]]:
    table: dict[str, list[str | None]] = {name: list(values)}
    found = findings_of(IdentifiersChecker, table, options=options, bounds=bounds)
    return {f.code: [s.location.record or 0 for s in f.samples] for f in found}


@pytest.mark.parametrize(
    "odd", ["SMP_00042", "SMP-42", "SMP–00042", "smp-00042", "SMP00042", "TBC", "00042", "SMP-0004x"]
)
def test_one_that_is_built_otherwise(odd: str) -> None:
    assert found_in([*SAMPLES, odd]) == {CODE: [201]}
    assert found_in([*SAMPLES[:50], odd, *SAMPLES * 20]) == {CODE: [51]}
    assert found_in([*SAMPLES * 20, odd]) == {CODE: [4_001]}, "behind the first records"
    assert found_in([*SAMPLES, *[odd] * 5]) == {}, "they are too many"
    (found,) = findings_of(IdentifiersChecker, {"v": [*SAMPLES, odd]})
    assert found.samples[0].message == f'"{odd}" isn\'t built as nearly all others of the field, AAA-99999'
    assert found.details == {"shape": "AAA-99999"}


@pytest.mark.parametrize("fine", ["SMP-123456", "XYZ-00042", "", None])
def test_what_is_built_alike(fine: str | None) -> None:
    assert found_in([*SAMPLES, fine]) == {}


def test_numbers_without_leading_zeros_have_any_length() -> None:
    numbers = [f"U{n}" for n in range(1_000, 1_200)]
    assert found_in([*numbers, "U7", "U10000"]) == {}
    assert found_in([*numbers, "U-1007"]) == {CODE: [201]}


@pytest.mark.parametrize(
    ("usual", "odd"),
    [
        ("{:02} kg", "9.5 kg"), ("{:02}kg", "9.5kg"), ("v1.{:02}", "v1.10.2"),
        ("2024-05-03T10:{:02}:00Z", "2024-05-03"),
        ("{:02}-Mar-24", "2024-03-01"), ("Room {:02}", "Hall"), ("a{:02}", "b"), ("{:05}", "x"), ("é{:05}", "x"),
    ],
)  # fmt: skip
def test_what_no_identifiers_are(usual: str, odd: str) -> None:
    assert CODE not in found_in([*(usual.format(n % 60) for n in range(10, 210)), odd])


def test_letters_of_each_thing_s_own_name() -> None:
    names = [f"{chr(97 + n % 26)}{chr(97 + n // 26)}ab001" for n in range(200)]
    assert found_in([*names, "o-ab001"]) == {}
    assert found_in([*(f"{name[0]}{name[0]}ab001" for name in names[:20] * 10), "o-ab001"]) == {CODE: [201]}


def test_names_that_speak_against_it() -> None:
    for name in ("version", "model", "created_at"):
        assert found_in([*SAMPLES, "x"], name) == {}
    assert found_in([*SAMPLES, "x"], **{"except": ["v"]}) == {}


def test_few_values_tell_nothing() -> None:
    assert found_in([*SAMPLES[:48], "x"]) == {}
    assert found_in([*SAMPLES[:49], "x"]) == {CODE: [50]}


def test_places_and_causes(check: Check) -> None:
    rows = "".join(f'{sample},"two\nlines"\n' for sample in SAMPLES)
    report = check(f"id,note\n{rows}SMP_00201,x\nSMP-00203 ,x\n", primaryKey="id")
    told = {f.code: (f.count, f.samples[0].location.record, f.samples[0].location.line) for f in report.findings}
    assert told == {CODE: (1, 201, 402), "keys/whitespace": (1, 202, 403)}
    pattern = {"name": "id", "constraints": {"pattern": "SMP-[0-9]{5}"}}
    declared = check(f"id,note\n{rows}SMP_00201,x\n", schema={"fields": [pattern, {"name": "note"}]})
    assert [f.code for f in declared.findings] == ["schema/pattern"]


@pytest.mark.parametrize("bounds", [(), (10,), (3, 60, 61, 150)])
def test_wherever_their_shape_showed(bounds: tuple[int, ...]) -> None:
    """The first three values are built as no others, and so tell nothing by themselves."""
    assert found_in(["x1", "y", "z", *SAMPLES], bounds=bounds) == {CODE: [1, 2, 3]}


def test_patterns() -> None:
    assert Shape("AAA-99999", padded=True).pattern == r"\A[A-Z]{3}\-[0-9]{5,}\z"
    assert Shape("a9.A", padded=False).pattern == r"\A[a-z]{1}[0-9]+\.[A-Z]{1}\z"
    assert usual_shape({}, 0, 98) is None
    votes = shape_votes(pl.Series(["a", "1", "b2"]))
    assert {vote: n for vote, n in votes.items() if vote[:2] != BUCKET} == {"a9": 1, "\x1fab": 1, "\x1f0": 0}


@pytest.mark.parametrize("usual", [["0_no", "1_yes"], ["auto.3", "auto.4", "auto.5"], [f"{n}.5e-01" for n in range(9)]])
def test_categories_and_numbers_are_no_identifiers(usual: list[str]) -> None:
    assert found_in([*usual[:1] * 100, *usual * 100, "auto.CVT", "2.5e+00"]) == {}


def test_any_cutting_gives_the_same() -> None:
    chance = random.Random(3)
    table: dict[str, list[str | None]] = {
        "few": [chance.choice(SAMPLES) if chance.random() > 0.01 else "SMP_1" for _ in range(400)],
        "many": [chance.choice([*SAMPLES[:9], "x1"]) for _ in range(400)],
        "late": [*["x", "y1", ""] * 2, *(chance.choice(SAMPLES) for _ in range(394))],
    }
    check_checker(IdentifiersChecker, table, cuttings=8)
