"""Codes that have lost their leading zeros, and numbers that never had any."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potable.checkers.spreadsheet import SpreadsheetChecker
from potable.engine import Engine
from potable.engine.contracts.report import Report
from potable.engine.testing import check_checker, findings_of

Check = Callable[..., Report]
CHANCE = random.Random(13)
CODE = "spreadsheet/lost-zeros"
ZIPS = [f"{CHANCE.randint(501, 99950):05}" for _ in range(80)] + ["02139", "00501", "06510", "07030"]


def told(values: Sequence[str | None], name: str = "zip", **others: Sequence[str | None]) -> list[int]:
    """The records."""
    findings = findings_of(SpreadsheetChecker, {name: values, **others})
    return [s.location.record or 0 for f in findings if f.code == CODE for s in f.samples]


def test_codes_without_their_zeros() -> None:
    assert told(ZIPS) == []
    assert told([*ZIPS, "2139", "501", "2139"]) == [85, 86, 87]
    assert told([*ZIPS, "2139", "02139-1234", "unknown", ""]) == [85]
    assert told([*ZIPS, "2139"], "county") == [85]


@pytest.mark.parametrize(
    "values",
    [
        [*ZIPS, "2139", "0139"],
        [*ZIPS, "2139", "1012 AB"],
        [*ZIPS, "21"],
        [*ZIPS, *["2139"] * 20],
        [*map(str, range(90, 1000))],
        [*map(str, range(10000, 10200)), "01000", "999"],
        ["01", "02", "3"] * 20,
        ["0"] * 40 + ["100"] * 20,
    ],
    ids=["shorter zeros", "letters", "too short", "too many", "numbers", "one zero", "two digits", "a number nought"],
)
def test_numbers_and_codes_of_several_lengths(values: list[str]) -> None:
    assert told(values) == []


def test_of_several_countries() -> None:
    countries = ["US"] * 84 + ["CH"]
    assert told([*ZIPS, "8001"], country=countries) == []
    assert told([*ZIPS, "8001"], "district", country=countries) == [85]


def test_places_and_words(check: Check, tmp_path: Path) -> None:
    rows = "".join(f"{n},{zip_}\n" for n, zip_ in enumerate([*ZIPS, "2139"], start=1))
    (found,) = check(f"id,zip\n{rows}", primaryKey="id").findings
    sample = found.samples[0]
    assert (found.code, found.field, found.count) == (CODE, "$.zip", 1)
    assert (sample.location.record, sample.location.line, sample.value, sample.key) == (85, 86, "2139", "85")
    assert sample.message == '"2139" has lost its leading zeros: most of the field are codes of 5 digits'
    of_five = {"fields": [{"name": "id"}, {"name": "zip", "constraints": {"pattern": "[0-9]{5}"}}]}
    assert [f.code for f in check(f"id,zip\n{rows}", schema=of_five).findings] == ["schema/pattern"]
    values: list[Any] = [*ZIPS, 2139, "501"]
    (tmp_path / "d.json").write_text(json.dumps([{"zip": v, "n": n} for n, v in enumerate(values)]))
    (found,) = Engine().check(tmp_path / "d.json", select=[CODE]).findings
    assert [s.location.path for s in found.samples] == ["/84/zip", "/85/zip"]


VALUES = st.sampled_from(["02139", "00501", "90210", "2139", "501", "0139", "7", "02139-1", "x1", "x", ""])


@given(st.lists(VALUES, max_size=40), st.sampled_from(["zip", "v"]))
@settings(max_examples=25, deadline=None)
def test_any_cutting_gives_the_same(values: list[str], name: str) -> None:
    table = {name: [*ZIPS[:30], *values], "country": [*ZIPS[:30], *values[::-1]]}
    check_checker(SpreadsheetChecker, table, cuttings=3)
    check_checker(SpreadsheetChecker, {"v": values}, cuttings=3)
