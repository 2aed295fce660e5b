"""Days that stand for no date, and a spreadsheet's numbers for days."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potable.checkers.dates import DatesChecker
from potable.engine import Engine
from potable.engine.contracts.report import Report
from potable.engine.testing import check_checker, findings_of

Check = Callable[..., Report]
CHANCE = random.Random(3)
SENTINEL, SERIAL = "dates/sentinel", "dates/serial-number"


def days(first: str, last: str, number: int = 40) -> list[str]:
    """Days between these, the first and the last among them."""
    start, end = map(dt.date.fromisoformat, (first, last))
    inside = [start + dt.timedelta(days=CHANCE.randrange((end - start).days)) for _ in range(number - 2)]
    return [day.isoformat() for day in (start, *inside, end)]


RECENT = days("2011-03-04", "2024-05-06")
BIRTHS = days("1931-02-03", "2009-10-11")


def told(values: Sequence[str | None], **options: Any) -> dict[str, list[int]]:
    """By code, the records."""
    findings = findings_of(DatesChecker, {"v": values}, options=options)
    return {f.code: [s.location.record or 0 for s in f.samples] for f in findings}


@pytest.mark.parametrize("zero", ["1970-01-01", "1900-01-01", "1899-12-30", "1753-01-01", "1970-01-01T00:00:00Z"])
def test_a_day_zero_that_recurs_long_before_all_others(zero: str) -> None:
    spoilt = [*RECENT[:9], zero, zero, *RECENT[9:], zero]
    assert told(spoilt) == {SENTINEL: [10, 11, 43]}
    assert told(RECENT) == {}
    assert told([*days("2013-01-01", "2013-12-30"), zero, zero, zero]) == {SENTINEL: [41, 42, 43]}


def test_implausible_days_have_no_part_in_what_the_others_span() -> None:
    assert told([*RECENT, *["1970-01-01"] * 3, "0001-01-01"]) == {SENTINEL: [41, 42, 43], "dates/implausible": [44]}
    assert told([*RECENT, "10115", "20999", "0001-01-01"]) == {"dates/implausible": [43]}
    spoilt = [*RECENT, "60000", "2999-01-01"]
    assert told(spoilt, latest="2030-01-01", today="3000-01-01") == {"dates/implausible": [42]}


def test_in_other_ways_to_write_dates() -> None:
    slashed = [f"{d[8:]}/{d[5:7]}/{d[:4]}" for d in RECENT]
    assert told([*slashed, *["01/01/1900"] * 3]) == {SENTINEL: [41, 42, 43]}
    assert told([*slashed, *["31/12/1899"] * 3]) == {SENTINEL: [41, 42, 43]}
    assert told([*slashed, *["30.12.1899"] * 3])[SENTINEL] == [41, 42, 43]
    assert told([*BIRTHS, *["1900-01-01"] * 2, "1899-12-30"] * 3)[SENTINEL][:3] == [41, 42, 43]


@pytest.mark.parametrize(
    "values",
    [
        [*RECENT, "1970-01-01", "1970-01-01"],
        [*BIRTHS, *["1970-01-01"] * 5],
        [*days("1975-05-06", "2020-02-03"), *["1970-01-01"] * 5],
        [f"{year}-01-01" for year in (1900, 1970, 1980, 1990, 2000, 2010) for _ in range(9)],
        [*days("1987-01-01", "2020-02-03"), *["1970-01-01"] * 5],
        [*days("2001-01-01", "2020-01-01"), *["1970-01-01"] * 5],
        [*RECENT, *["9999-12-31"] * 5],
        [*RECENT[:8], *["1970-01-01"] * 4],
        [*RECENT, *["1985-06-07"] * 5],
    ],
    ids=["twice", "births", "near", "years", "from a new year", "of new years", "no end", "few", "another day"],
)
def test_days_that_are_meant(values: list[str]) -> None:
    assert SENTINEL not in told(values)


def test_places_and_words(check: Check) -> None:
    rows = "".join(f"{n},{day}\n" for n, day in enumerate([*RECENT, *["1970-01-01"] * 4], start=1))
    (found,) = check(f"id,joined\n{rows}", primaryKey="id").findings
    sample = found.samples[0]
    assert (found.code, found.field, found.count) == (SENTINEL, "$.joined", 4)
    assert (sample.location.record, sample.location.line, sample.value, sample.key) == (41, 42, "1970-01-01", "41")
    assert sample.message == (
        '"1970-01-01" seems to stand for a missing date: it recurs, long before all others, the earliest of which is '
        "2011-03-04"
    )
    (masked,) = check(f"id,joined\n{rows}", primaryKey="id", values="masked").findings
    assert masked.samples[0].message.endswith("long before all others")
    early = check(f"id,joined\n{rows}", primaryKey="id", checks={"dates": {"earliest": "1980-01-01"}})
    assert [f.code for f in early.findings] == ["dates/implausible"]
    assert check(f"id,joined\n{rows}", primaryKey="id", missingValues=["", "1970-01-01"]).findings == ()


def test_numbers_of_days() -> None:
    assert told([*RECENT, "44197", "40630.75", "45789"]) == {SERIAL: [41, 42]}
    assert told([*RECENT, *["44197"] * 30]) == {SERIAL: [*range(41, 61)]}
    assert SERIAL not in told([*RECENT, "20000", "4419", "441970", "2021", "12a"])  # 1954, and no numbers of days
    assert told(["44197"] * 40 + RECENT[:10]) == {}
    (found,) = findings_of(DatesChecker, {"v": [*RECENT, "44197"]})
    assert found.samples[0].message == (
        '"44197" is the number that a spreadsheet keeps for a day, most of the field are dates'
    )


def test_numbers_of_days_in_json_and_workbooks(tmp_path: Path) -> None:
    values: list[Any] = [*RECENT, 44197, "44198"]
    (tmp_path / "d.json").write_text(json.dumps([{"at": v, "n": n} for n, v in enumerate(values)]))
    (found,) = Engine().check(tmp_path / "d.json", select=[SERIAL]).findings
    assert (found.count, [s.location.path for s in found.samples]) == (2, ["/40/at", "/41/at"])
    openpyxl = pytest.importorskip("openpyxl", reason="writes the workbook")
    book = openpyxl.Workbook()
    for row in [["at"], *([dt.date.fromisoformat(v)] for v in RECENT), [44197]]:
        book.active.append(row)
    book.save(tmp_path / "d.xlsx")
    (found,) = Engine().check(tmp_path / "d.xlsx", select=[SERIAL]).findings
    assert (found.field, found.count, found.samples[0].location.record) == ("$.at", 1, 41)


MIXED = st.sampled_from(
    ["1970-01-01", "1900-01-01", "01/01/1900", "30/12/1899", "13/05/2014", "05/13/2015", "44197", "2012-04-05",
     "1950-06-07", "9999-12-31", "2023-02-30", "0001-01-01", "", "x"]
)  # fmt: skip


@given(st.lists(MIXED, max_size=40))
@settings(max_examples=30, deadline=None)
def test_any_cutting_gives_the_same(values: list[str]) -> None:
    check_checker(DatesChecker, {"v": [*RECENT[:20], *values], "w": [*RECENT[:20], *values[::-1]]}, cuttings=3)
    check_checker(DatesChecker, {"v": values}, options={"fields": ["v"]}, cuttings=3)
