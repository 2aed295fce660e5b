"""Dates without separators, texts among dates, times with and without a zone; and columns that only look so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potable.checkers.dates import DatesChecker
from potable.engine.contracts.report import Report
from potable.engine.testing import check_checker, findings_of

Check = Callable[..., Report]
Found = dict[tuple[str, str | None], list[int]]
NO_DAY = ("dates/implausible", "no such day")
TEXT, ZONES = ("dates/not-a-date", None), ("dates/mixed-zones", None)
COMPACT = [f"2023{month:02}{day:02}" for month in (1, 2, 3) for day in range(1, 15)]
DAYS = [f"2023-{month:02}-{day:02}" for month in (1, 2, 3) for day in range(1, 18)]
TIMES = [f"{day}T10:00:00" for day in DAYS]


def found_in(values: list[Any], name: str = "v", **options: Any) -> Found:
    table: dict[str, list[str | None]] = {name: list(values)}
    found = findings_of(DatesChecker, table, options={"today": "2024-06-01", **options})
    return {(f.code, f.rule): [s.location.record or 0 for s in f.samples] for f in found}


# -- 20230231


@pytest.mark.parametrize("odd", ["20230231", "20231305", "20230100"])
def test_a_compact_day_that_there_is_not(odd: str) -> None:
    assert found_in([*COMPACT, odd]) == {NO_DAY: [43]}
    assert found_in([odd, *COMPACT]) == {NO_DAY: [1]}
    assert found_in([*COMPACT, odd], name="document number") == {NO_DAY: [43]}


def test_compact_days_are_days() -> None:
    assert found_in([*COMPACT, "22040301"]) == {TEXT: [43]}, "of no year that such numbers are taken for"
    assert found_in([*COMPACT, "20950301"]) == {("dates/future", None): [43]}
    assert found_in([*COMPACT, *["19000101"] * 3]) == {("dates/sentinel", None): [43, 44, 45]}
    assert found_in([*COMPACT, "99991231", "", None]) == {}
    assert found_in([*DAYS, "20230301"]) == {("dates/mixed-formats", "layout"): [52]}
    assert found_in([*COMPACT, "2023-03-01"]) == {("dates/mixed-formats", "layout"): [43]}


@pytest.mark.parametrize(
    "values",
    [
        [str(20_230_000 + 37 * n) for n in range(300)],  # numbers that are days by chance
        [str(20_230_095 + n) for n in range(40)],  # a sequence, some of which are days
        [str(17_000_000 + 7_919 * n % 3_000_000) for n in range(1_000)],  # PMIDs
        [*COMPACT[:10], "20230231"],
    ],
)
def test_most_numbers_of_eight_digits_are_none(values: list[str]) -> None:
    assert found_in(values) == {}


def test_one_cause_one_finding(check: Check) -> None:
    rows = "".join(f"{n},{day}\n" for n, day in enumerate([*COMPACT, "20230231", "20950301"], start=1))
    report = check(f"id,day\n{rows}", checks={"dates": {"today": "2024-06-01"}})
    told = {f.code: (f.field, f.samples[0].location.record, f.samples[0].location.line) for f in report.findings}
    assert told == {"dates/implausible": ("$.day", 43, 44), "dates/future": ("$.day", 44, 45)}


# -- no date


@pytest.mark.parametrize(
    "odd", ["2O23-01-05", "soon", "2023-01-05T25:61:00Z", "2023-1", "2023_01_05", "Tuesday", "2023-01-05?"]
)
def test_a_text_among_dates(odd: str) -> None:
    expected = {} if odd == "2023-1" else {TEXT: [52]}
    assert found_in([*DAYS, odd]) == expected
    assert found_in([*DAYS, odd, odd, odd]) == {}, "the field holds something else, too"
    if expected:
        (found,) = findings_of(DatesChecker, {"v": [*DAYS, odd]})
        told = f'"{odd}" can\'t be read as a date, which nearly all other values of the field are'
        assert found.samples[0].message == told


@pytest.mark.parametrize(
    "part",
    ["2023", "2023-05", "2023/05", "05/2023", "2023-Q1", "2023-W05", "2023-064", "May 2023", "2023-05-XX", "44927",
     "2023-01-05/2023-02-05", "2023-01-05/07", "2023/2024", "2023-01-05/..", "-", " 2023-01-05", ""],
)  # fmt: skip
def test_parts_of_dates_are_meant(part: str) -> None:
    assert TEXT not in found_in([*DAYS, part])


def test_few_values_tell_nothing() -> None:
    assert found_in([*DAYS[:18], "soon"]) == {}
    assert found_in([*DAYS[:19], "soon"]) == {TEXT: [20]}


def test_places(check: Check) -> None:
    rows = "".join(f'"two\nlines",{day}\n' for day in DAYS)
    report = check(f"note,day\n{rows}x,soon\nx,N/A\nx,2023-03-18 \n")
    told = {f.code: (f.count, f.samples[0].location.record, f.samples[0].location.line) for f in report.findings}
    assert told == {"dates/not-a-date": (1, 52, 104), "text/placeholder": (1, 53, 105), "text/whitespace": (1, 54, 106)}
    fields = [{"name": "note"}, {"name": "day", "type": "date"}]
    declared = check(f"note,day\n{rows}x,soon\n", schema={"fields": fields})
    assert [f.code for f in declared.findings] == ["schema/type"]


# -- zones


@pytest.mark.parametrize("zone", ["Z", " UTC", "+02:00", "-0500", "+02"])
def test_times_with_and_without_a_zone(zone: str) -> None:
    zoned = [time + zone for time in TIMES]
    assert found_in([*TIMES, zoned[0]]) == {ZONES: [52]}
    assert found_in([*zoned, TIMES[0], *zoned, TIMES[1]]) == {ZONES: [52, 104]}
    assert found_in(zoned) == found_in(TIMES) == found_in([*zoned, *DAYS]) == {}
    (found,) = findings_of(DatesChecker, {"v": [*zoned, TIMES[0]]})
    assert found.samples[0].message == f'"{TIMES[0]}" has no time zone, most times of the field have one'
    (found,) = findings_of(DatesChecker, {"v": [*TIMES, zoned[0]]})
    assert found.samples[0].message == f'"{zoned[0]}" has a time zone, most times of the field have none'


def test_zones_may_differ() -> None:
    summer = [f"{time}+0{1 + n % 2}:00" for n, time in enumerate(TIMES)]
    assert found_in([*summer, "2023-03-25T10:00:00Z", "2023-03-25T10:00:00.25-03:30", "2023-03-25 10:00 AM GMT"]) == {}


VALUES = st.sampled_from(
    [
        "20230301",
        "20230231",
        "2023-03-01",
        "2023-03-01T10:00:00Z",
        "2023-03-01T10:00:00",
        "soon",
        "2023",
        "N/A",
        "",
        None,
    ]
)


@given(st.lists(VALUES, max_size=40))
@settings(max_examples=15)
def test_any_cutting_gives_the_same(values: list[str | None]) -> None:
    table: dict[str, list[str | None]] = {"v": [*values, *COMPACT], "w": [*values, *TIMES[:42]]}
    check_checker(DatesChecker, table, cuttings=3)
    check_checker(DatesChecker, table, options={"fields": ["v", "w"]}, cuttings=3)


# -- dates of mail, feeds and HTTP


def of_feed(day: int, zone: str) -> str:
    return f"{('Mon', 'Tue', 'Wed')[day % 3]}, {day:02} Jan 2024 10:00:00 {zone}"


@pytest.mark.parametrize("zone", ["GMT", "+0100", "EST"])
@pytest.mark.parametrize(
    ("odd", "code"),
    [
        ("Mon, 32 Jan 2024 10:00:00 GMT", "dates/implausible"),
        ("yesterday", "dates/not-a-date"),
        ("Fri, 05 Jan 2990 10:00:00 GMT", "dates/future"),
        ("2024-01-05T00:00:00Z", "dates/mixed-formats"),
    ],
)
def test_dates_with_a_day_of_the_week(check: Check, odd: str, code: str, zone: str) -> None:
    dates = [of_feed(1 + n % 28, zone) for n in range(40)]
    assert check("id,when\n" + "".join(f'{n},"{date}"\n' for n, date in enumerate(dates))).findings == ()
    dates[7] = odd
    (found,) = check("id,when\n" + "".join(f'{n},"{date}"\n' for n, date in enumerate(dates))).findings
    assert (found.code, found.count, found.samples[0].location.line) == (code, 1, 9)
