"""Dates: each oddity at its place, and sound ones left alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.loopback import Handler, serving

from potable.checkers.calendar.days import are_plain_days, plain_days
from potable.checkers.calendar.layouts import LAYOUTS, written
from potable.checkers.dates import DatesChecker
from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.options import RunOptions
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins
from potable.engine.testing import check_checker, findings_of

Check = Callable[..., Report]
Table = dict[str, list[str | None]]
Found = dict[tuple[str, str | None], list[int]]


def found_in(values: list[str | None], name: str = "v", **options: Any) -> Found:
    findings = findings_of(DatesChecker, {name: values}, options=options)
    return {(f.code, f.rule): [s.location.record or 0 for s in f.samples] for f in findings}


def test_places_and_words(check: Check) -> None:
    rows = "".join(f'{n},"2024-03-{n:02}"\n' for n in range(1, 10))
    report = check(f"id,seen\n{rows}10,07.03.2024\n11,2023-02-30\n", primaryKey="id")
    told = [(f.code, f.rule, f.field, f.count, f.samples[0]) for f in report.findings]
    assert [(c, r, n, k, s.location.record, s.location.line, s.value, s.key) for c, r, n, k, s in told] == [
        ("dates/implausible", "no such day", "$.seen", 1, 11, 12, "2023-02-30", "11"),
        ("dates/mixed-formats", "layout", "$.seen", 1, 10, 11, "07.03.2024", "10"),
    ]
    assert told[1][4].message == '"07.03.2024" is written otherwise than most dates of the field, YYYY-MM-DD'
    assert report.verdict == "passed"


def test_what_the_schema_gives_the_format_of_is_its_business(check: Check) -> None:
    days = [f"{n:02}.03.2024" for n in range(1, 5)] + [f"2024-03-{n:02}" for n in range(5, 12)]
    rows = "".join(f"{n},{day}\n" for n, day in enumerate(days))
    schema = {"fields": [{"name": "id"}, {"name": "seen", "type": "date", "format": "%d.%m.%Y"}]}
    report = check(f"id,seen\n{rows}", schema=schema)
    assert [(f.code, f.count) for f in report.findings] == [("schema/format", 7)]


WAYS = [
    "2024-03-25", "2024/03/25", "2024.03.25", "25/03/2024", "25/03/24", "25-03-2024", "25.03.2024", "20240325",
    "25 March 2024", "25-Mar-24", "March 25, 2024",
]  # fmt: skip


def test_each_way_is_known() -> None:
    assert len(WAYS) == len(LAYOUTS)
    for way, layout in zip(WAYS, LAYOUTS, strict=True):
        ((own, which, parts),) = written(pl.Series(["x", way, "2024"]))
        assert (own, which.tolist(), own.days(parts).tolist()) == (layout, [1], [20240325])
        matching = [other.name for other in LAYOUTS if pl.Series([way]).str.contains(other.test)[0]]
        assert matching == [layout.name]


@pytest.mark.parametrize("rare", WAYS)
@pytest.mark.parametrize("usual", WAYS)
def test_mixed_ways(usual: str, rare: str) -> None:
    found = found_in([usual] * 4 + [rare])
    expected: Found = {} if usual == rare else {("dates/mixed-formats", "layout"): [5]}
    assert found == expected


def test_times_of_day_are_no_other_way() -> None:
    assert found_in(["2024-03-25", "2024-03-25T10:00:00Z", "2024-03-25 10:00:00.5+02:00", "20240325T10:00:00Z"]) == {
        ("dates/mixed-formats", "layout"): [4]
    }
    assert found_in(["2024-03-25", "2024-03-25 10:00", "2024-03-25T10:00:00.5"]) == {}


def test_mixed_orders() -> None:
    assert found_in(["25/03/2024", "26/03/2024", "03/27/2024", "01/02/2024"]) == {("dates/mixed-formats", "order"): [3]}
    assert found_in(["03/25/2024", "03/26/2024", "27/03/2024"]) == {("dates/mixed-formats", "order"): [3]}


def test_what_is_no_day_in_either_order_has_no_order() -> None:
    assert found_in(["25/03/2024", "26/03/2024", "13/25/2024"]) == {("dates/implausible", "no such day"): [3]}
    assert found_in(["03/25/2024", "03/26/2024", "25/13/2024"]) == {("dates/implausible", "no such day"): [3]}


def test_day_or_month_first() -> None:
    code = ("dates/ambiguous", None)
    assert found_in(["03/04/2024", "05/05/2024", "1/2/2024", ""]) == {code: [1, 3]}
    assert found_in(["03-04-2024", "01-02-2024", "05/06/24"])[("dates/mixed-formats", "layout")] == [3]
    assert found_in(["03/04/2024", "25/04/2024"]) == {}
    assert found_in(["03/04/2024", "04/25/2024"]) == {}
    assert found_in(["03.04.2024", "05.06.2024", "2024-01-02"]) == {("dates/mixed-formats", "layout"): [3]}
    assert found_in(["05/05/2024", "06/06/2024"]) == {}
    assert found_in(["03/04/2024"], order={"v": "day-first"}) == {}


def test_a_schema_s_format_tells_the_order(check: Check) -> None:
    fields = [{"name": "a", "type": "date", "format": "%d/%m/%Y"}, {"name": "b"}]
    report = check("a,b\n03/04/2024,05/06/2024\n", schema={"fields": fields})
    assert [(f.code, f.field) for f in report.findings] == [("dates/ambiguous", "$.b")]
    report = check("a,b\n03/04/2024,x\n", schema={"fields": [{"name": "a", "type": "date"}, {"name": "b"}]})
    assert [f.code for f in report.findings] == ["schema/type"]


def test_the_future() -> None:
    past: list[str | None] = ["2024-03-05"] * 3
    code = ("dates/future", None)
    assert found_in([*past, "2204-03-06"], today="2024-06-01") == {code: [4]}
    assert found_in([*past, "2024-06-01", "2024-06-02"], today="2024-06-01") == {code: [5]}
    assert found_in([*past, "2204-03-06"], name="expiryDate", today="2024-06-01") == {}
    assert found_in([*past, "2204-03-06"], name="eol-lts", today="2024-06-01") == {}
    assert found_in(["2204-03-06"] * 3, today="2024-06-01") == {}
    assert found_in([*past, "2204-03-06"]) == {}
    # each reading lies ahead, or the order that the data tell does
    assert found_in(["25/03/2024"] * 3 + ["02/12/2024"], today="2024-06-01") == {code: [4]}
    assert found_in(["03/25/2024"] * 3 + ["02/12/2024"], today="2024-06-01") == {}


def test_today_is_the_day_of_the_fetch(check: Check) -> None:
    today = dt.datetime.now(dt.UTC).date()
    days = [today - dt.timedelta(days=3), today, today + dt.timedelta(days=1), today + dt.timedelta(days=3)]
    report = check("a,b\n" + "".join(f"{d.isoformat()},x\n" for d in days))
    assert [(f.code, [s.location.record for s in f.samples]) for f in report.findings] == [("dates/future", [4])]


def test_implausible_days() -> None:
    fine: list[str | None] = ["2024-03-05"] * 9
    days = ["0000-00-00", "2023-02-29", "2024-02-30", "2024-13-01", "2024-04-31", "2024-00-10", "1900-02-29"]
    for day in days:
        assert found_in([*fine, day]) == {("dates/implausible", "no such day"): [10]}, day
    assert found_in([*fine, "2024-02-29", "2000-02-29"]) == {}
    assert found_in([*fine, "0203-01-01"]) == {("dates/implausible", "before earliest"): [10]}
    options = {"earliest": "1900-01-01", "latest": "2024-12-31"}
    assert found_in([*fine, "1899-12-31", "2025-01-01"], **options) == {
        ("dates/implausible", "before earliest"): [10],
        ("dates/implausible", "after latest"): [11],
    }


def test_bounds_are_told_as_dates() -> None:
    options = {"earliest": "1900-01-30", "latest": "2030-11-02"}
    found = findings_of(DatesChecker, {"v": ["2024-03-05"] * 9 + ["1899-12-31", "2030-11-03"]}, options=options)
    assert sorted(f.samples[0].message for f in found) == [
        '"1899-12-31" lies before 1900-01-30', '"2030-11-03" lies after 2030-11-02',
    ]  # fmt: skip


@pytest.mark.parametrize("day", ["9999-12-31", "9999-01-01", "31.12.9999", "9999-12-31T23:59:59"])
def test_the_year_9999_stands_for_no_end(day: str) -> None:
    options = {"today": "2024-06-01", "latest": "2030-01-01"}
    found = found_in([*["2024-03-05"] * 9, day], **options)
    assert {code for code, _ in found} <= {"dates/mixed-formats"}
    assert found_in([*["2024-03-05"] * 9, "9998-12-31"], **options) == {("dates/implausible", "after latest"): [10]}
    assert found_in([*["2024-03-05"] * 9, "9999-99-99"]) == {("dates/implausible", "no such day"): [10]}


def test_versions_are_no_dates() -> None:
    values: list[str | None] = ["2024.03.05", "2024.02.30", "2031.01.01", "2024-01-01"]
    for name in ("version", "Release", "build_no", "appVersion", "release 2"):
        assert found_in(values, name=name, today="2024-06-01") == {}, name
        assert found_in([None, *values], name=name, today="2024-06-01") == {}
    told = found_in(values, name="version", fields=["version"], today="2024-06-01")
    assert {code for code, _ in told} >= {"dates/mixed-formats", "dates/implausible"}
    for name in ("release_date", "version updated", "build time", "released"):
        assert found_in(values, name=name, today="2024-06-01") == told, name


@pytest.mark.parametrize(
    "values",
    [
        ["2024-03-05", "2024-03", "2024", *["2023-01-01"] * 9],
        ["1.2.3", "1.2.4", "10.0.0"],
        ["20240305", "20240306"],
        ["12:30", "13:45"],
        ["555-12-3456", "12-34-56"],
        ["1/2", "3/4"],
        ["2-Sep", "3-Oct"],
        ["see 2024-03-05", "x", "y"],
        # numbers of the Chemical Abstracts Service
        ["7440-22-4", "7429-90-5", "7440-03-1", "7440-57-5", "1333-74-0", "7440-01-9"],
    ],
)  # fmt: skip
def test_what_is_no_date_is_left_alone(values: list[str | None]) -> None:
    assert found_in(values, today="2025-01-01") == {}


def test_a_field_of_mostly_impossible_days_holds_none_but_for_noughts() -> None:
    fine: list[str | None] = ["2024-03-05"] * 5
    odd = {("dates/implausible", "no such day")}
    assert found_in([*fine, *["2024-13-05"] * 5]).keys() == odd
    assert found_in([*fine, *["2024-13-05"] * 6]) == {}
    assert found_in([*fine, *["2024-13-05"] * 6], fields=["v"]).keys() == odd
    assert ("dates/implausible", "no such day") in found_in([*fine, *["0000-00-00"] * 50])


def test_a_day_that_there_is_not_in_the_options(lint: Callable[..., Any]) -> None:
    said = lint(checks={"dates": {"earliest": "2024-02-30", "fields": ["$.a b"]}})
    assert sorted(o.code for o in said) == ["definition/bad-path", "definition/bad-value"]


@given(
    st.lists(st.dates().map(str) | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", fullmatch=True) | st.text(max_size=11))
)
def test_plain_days_are_python_s(texts: list[str]) -> None:
    def day(text: str) -> int | None:
        try:
            d = dt.date.fromisoformat(text) if len(text) == 10 and text.isascii() and text[4] == "-" else None
        except ValueError:
            return None
        return None if d is None else d.year * 10_000 + d.month * 100 + d.day

    series = pl.Series(texts, dtype=pl.String)
    mask, days = plain_days(series)
    expected = [day(t) for t in texts]
    assert mask.tolist() == are_plain_days(series).tolist() == [d is not None for d in expected]
    assert days.tolist() == [d for d in expected if d is not None]


VALUES = st.sampled_from([*WAYS, "03/04/2024", "03/25/2024", "2204-03-06", "0000-00-00", "2023-02-30", "x", "", None])


@given(st.lists(VALUES, max_size=25))
@settings(max_examples=10)
def test_any_cutting_gives_the_same(values: list[str | None]) -> None:
    options = {"today": "2024-06-01", "earliest": "2024-03-01", "latest": "2030-01-01"}
    check_checker(DatesChecker, {"v": values}, options=options, cuttings=3)
    check_checker(DatesChecker, {"v": values}, options={**options, "fields": ["v"]}, cuttings=3)


FORMS = {
    "YYYY-MM-DD": "{y:04}-{m}-{d}",
    "YYYY/MM/DD": "{y:04}/{m}/{d}",
    "YYYY.MM.DD": "{y:04}.{m}.{d}",
    "DD/MM/YYYY or MM/DD/YYYY": "{d}/{m}/{y:04}",
    "DD-MM-YYYY or MM-DD-YYYY": "{d}-{m}-{y:04}",
    "DD.MM.YYYY": "{d}.{m}.{y:04}",
}
WRITTEN = st.tuples(
    st.sampled_from(sorted(FORMS)),
    st.integers(0, 9999),
    st.integers(0, 99),
    st.integers(0, 99),
    st.sampled_from(["1", "2"]),
    st.sampled_from(["", "T10:00:00Z", " 9:30", ", 10:00:00.5 pm"]),
)


@given(st.lists(WRITTEN, max_size=20))
def test_numbers_and_days_of_what_is_written(dates: list[tuple[str, int, int, int, str, str]]) -> None:
    def day(year: int, month: int, day: int) -> int:
        try:
            return int(dt.date(year, month, day).strftime("%Y%m%d").lstrip("0"))
        except ValueError:
            return 0

    texts, expected = ["no date", "2024-03", "24-03-2024x"], {}
    for name, y, m, d, digits, time in dates:
        expected[len(texts)] = (name, y, m, d)
        texts.append(FORMS[name].format(y=y, m=f"{m:0{digits}}", d=f"{d:0{digits}}") + time)
    seen = {}
    for layout, which, parts in written(pl.Series(texts)):
        by_day = layout.days(parts, "day-first").tolist() if layout.is_open else layout.days(parts).tolist()
        by_month = layout.days(parts, "month-first").tolist() if layout.is_open else by_day
        either = layout.days(parts).tolist()
        for at, *days in zip(which.tolist(), by_day, by_month, either, strict=True):
            assert at not in seen
            seen[at] = (layout.name, *days)
    for at, (name, y, m, d) in expected.items():
        by_day, by_month = day(y, m, d), day(y, d, m) if " or " in name else day(y, m, d)
        earlier = min(by_day, by_month) or max(by_day, by_month)
        assert seen.pop(at) == (name, by_day, by_month, earlier), texts[at]
    assert not seen


def test_a_datestamp_that_its_protocol_tells_of_is_one_finding(tmp_path: Path) -> None:
    days = [f"2024-01-{n:02}" for n in range(1, 20)] + ["2024-02-30"]
    records = "".join(
        f"<record><header><identifier>x:{day}</identifier><datestamp>{day}</datestamp></header><metadata/></record>"
        for day in days
    )
    body = f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>{records}</ListRecords></OAI-PMH>'

    class Repository(Handler):
        def answer(self) -> None:
            self.say(200, body.encode(), Content_Type="text/xml")

    with serving(Repository) as url:
        source = from_mapping({"resourceID": "t", "ingestMethod": "OAI", "ingestURL": url}, folder=tmp_path)
        report = run_source(source, load_plugins(), RunOptions(scratch=tmp_path, allow_hosts=("127.0.0.1",)))
    (found,) = report.findings
    assert (found.code, found.field) == ("oai/datestamp", "$.record.header.datestamp.'_$'")
    assert report.metrics["suppressed"] == {"dates/implausible": 1}
