"""What a spreadsheet does to data: each defect at its place, and what only looks like one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potable.checkers.spreadsheet import SpreadsheetChecker
from potable.engine.contracts.report import Report
from potable.engine.definition.model import SourceDefinition
from potable.engine.paths import column_path
from potable.engine.testing import check_checker, findings_of

Check = Callable[..., Report]
Table = dict[str, list[str | None]]


def found_in(
    table: Table, *, source: SourceDefinition | None = None, **options: Any
) -> dict[tuple[str, str], list[int]]:
    findings = findings_of(SpreadsheetChecker, table, options=options, source=source)
    for f in findings:
        assert f.count >= len(f.samples) > 0
    return {(f.code, f.field or ""): [s.location.record or 0 for s in f.samples] for f in findings}


def test_places_and_words(check: Check) -> None:
    report = check('id,symbol,note\n1,TP53,"a\nb"\n2,2-Sep,#REF!\n3,BRCA1,x\n', primaryKey="id")
    told = [(f.code, f.severity, f.field, f.count, f.samples[0]) for f in report.findings]
    assert [(c, str(s), n, k, p.location.record, p.location.line, p.value, p.key) for c, s, n, k, p in told] == [
        ("spreadsheet/error-value", "error", "$.note", 1, 2, 4, "#REF!", "2"),
        ("spreadsheet/date-mangled-symbol", "warning", "$.symbol", 1, 2, 4, "2-Sep", "2"),
    ]
    assert told[0][4].message == "#REF! is what a spreadsheet shows where a formula has failed"
    assert report.verdict == "failed"


DATES = [
    "2-Sep",
    "1-Mar",
    "02-SEP",
    "10-Oct",
    "1-Dec",
    "Sep-02",
    "2-Sep-2020",
    "2-SEP-20",
    "2020-09-02",
    "1-Mrz",
    "1.Dez",
]


@pytest.mark.parametrize("date", DATES)
def test_symbols_turned_into_dates(date: str) -> None:
    symbols: list[str | None] = ["TP53", "BRCA1", date, "EGFR", "HLA-A", "C9orf72"]
    assert found_in({"v": symbols}) == {("spreadsheet/date-mangled-symbol", "$.v"): [3]}
    # the field's name tells, even where most values are lost
    assert found_in({"gene_name": [date, date, "Kras"]}) == {("spreadsheet/date-mangled-symbol", "$.gene_name"): [1, 2]}
    assert found_in({"v": [date, "mouse liver", "rat"]}, symbols=["v"]) == {
        ("spreadsheet/date-mangled-symbol", "$.v"): [1]
    }


@pytest.mark.parametrize(
    "values",
    [
        ["2-Sep", "3-Oct", "4-Nov", "1-Jan"],
        ["2020-09-02", "2020-09-03", "TP53"],
        ["SEPT2", "MARCH1", "DEC1", "SEPTIN2", "MAR-1", "OCT4"],
        ["mouse", "rat", "2-Sep"],
        ["12-345", "AB-12", "2-SEX"],
    ],
)
def test_dates_are_left_alone_where_they_are_meant(values: list[str | None]) -> None:
    assert "spreadsheet/date-mangled-symbol" not in {code for code, _ in found_in({"v": values})}


@pytest.mark.parametrize("name", ["date_symbol_changed", "gene_created", "locus_updated_on", "Gene approved (at)"])
def test_a_name_that_speaks_of_a_time_speaks_of_no_symbols(name: str) -> None:
    dates: list[str | None] = ["2020-09-02", "2021-03-01", "", "2004-12-24"]
    assert found_in({name: dates}) == {}
    assert found_in({name: [*dates, "see note"]}) == {}
    assert found_in({name: dates}, symbols=[name]) == {
        ("spreadsheet/date-mangled-symbol", column_path(name)): [1, 2, 4]
    }
    assert found_in({"approved_symbol": ["2-Sep", "1-Mar", "A1BG"]}) == {
        ("spreadsheet/date-mangled-symbol", "$.approved_symbol"): [1, 2]
    }


def test_where_nearly_all_are_dates_no_symbol_was_lost() -> None:
    dates: list[str | None] = [f"2020-09-{n:02}" for n in range(1, 25)]
    assert found_in({"gene": [*dates, "TP53"]}) == {}
    assert found_in({"gene": [*dates[:18], "TP53"]}) == {("spreadsheet/date-mangled-symbol", "$.gene"): [*range(1, 19)]}


@pytest.mark.parametrize("name", ["uid_score", "clone_titer", "id count", "phone_cost"])
def test_a_measure_of_something_with_an_identifier_is_none(name: str) -> None:
    assert found_in({name: ["1.2E+11", "3.4E+12", "1.5E+10"]}) == {}
    assert found_in({name: ["1.2E+11", "3.5", "17"]}) == {}


def test_identifiers_in_scientific_notation() -> None:
    clones: list[str | None] = ["2310008H09Rik", "2.31E+13", "2310009E13", "1.1E-05", "2310001A20Rik", "2310001A21Rik"]
    code = "spreadsheet/scientific-notation-id"
    assert found_in({"v": clones}) == {(code, "$.v"): [2]}
    assert found_in({"v": ["123456789012", "1.23457E+11", "123456789014"]}) == {(code, "$.v"): [2]}
    from_r: list[str | None] = ["123456789012", "1e+11", "2.31e+13", "123456789014", "12345678901"]
    assert found_in({"v": from_r}) == {(code, "$.v"): [2, 3]}
    assert found_in({"clone id": ["1e+05", "1e+11", "x"]}) == {(code, "$.'clone id'"): [1, 2]}
    assert found_in({"barcode": ["4.00639E+12"] * 3}) == {(code, "$.barcode"): [1, 2, 3]}
    keyed = SourceDefinition(resource_id="test", ingest_method="CSV", primary_key=("$.v",))
    assert found_in({"v": ["1E+10", "2.5E+10"]}, source=keyed) == {(code, "$.v"): [1, 2]}
    assert found_in({"v": ["2.31E+13", "1.5E+12", "3000", "4.25"]}) == {}
    assert found_in({"v": ["2.31E+13", "1.5E+12", "3000", "4.25"]}, ids=["v"]) == {(code, "$.v"): [1, 2]}


@pytest.mark.parametrize(
    "error",
    [
        "#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#n/a", "#BEZUG!", "#¿NOMBRE?",
        "Err:502", "#####",
    ],
)  # fmt: skip
def test_errors_of_formulas(error: str) -> None:
    assert found_in({"v": ["1", error, None, ""]}) == {("spreadsheet/error-value", "$.v"): [2]}


def test_what_only_looks_like_an_error() -> None:
    sound: list[str | None] = [
        "#1",
        "#",
        "##",
        "#hashtag",
        "see #REF!",
        "N/A",
        "#REF",
        "Error",
        "Err:9",
        "E502:00",
        "#" * 80,
    ]
    assert found_in({"v": sound}) == {}
    missing = SourceDefinition(resource_id="test", ingest_method="CSV", missing_values=("", "#N/A"))
    assert found_in({"v": ["#N/A", "#REF!"]}, source=missing) == {("spreadsheet/error-value", "$.v"): [2]}
    assert found_in({"v": ["#REF!"]}, **{"except": ["v"]}) == {}


@pytest.mark.parametrize("limit", [255, 32_767])
def test_texts_cut_at_a_limit(limit: int) -> None:
    code = ("spreadsheet/truncated-cell", "$.v")
    assert found_in({"v": ["a", "x" * limit, "b", "é" * limit]}) == {code: [2, 4]}
    assert found_in({"v": ["a", "x" * limit, "x" * (limit + 1)]}) == {}
    assert found_in({"v": ["a", "x" * (limit - 1)]}) == {}
    assert found_in({"v": ["a", "é" * (limit // 2 + 1)]}) == {}


def test_the_greatest_numbers() -> None:
    numbers: list[str | None] = ["1", "2147483647", "4294967295", "2147483648", "9223372036854775807", "-2147483647"]
    assert found_in({"v": numbers}) == {("spreadsheet/truncated-cell", "$.v"): [2, 3, 5]}


def test_sequences() -> None:
    code = "spreadsheet/broken-sequence"
    assert found_in({"no": ["1", "2", "3"]}, sequences={"no": 1}) == {}
    assert found_in({"no": ["7", "9", "11"]}, sequences={"no": {"step": 2}}) == {}
    assert found_in({"no": ["1", "2", "4", "5", "x", "7", "", "9"]}, sequences={"no": 1}) == {(code, "$.no"): [3, 5, 7]}
    assert found_in({"no": ["2", "3"]}, sequences={"no": {"start": 1}}) == {(code, "$.no"): [1]}
    assert found_in({"no": ["x", "", "3"]}, sequences={"no": {"start": 1}}) == {(code, "$.no"): [1, 2]}
    assert found_in({"no": ["x", "5", "y"]}, sequences={"no": {"start": 1}}) == {(code, "$.no"): [1, 2, 3]}
    assert found_in({"no": ["1", "2"]}) == {}
    (found,) = findings_of(SpreadsheetChecker, {"no": ["1", "3"]}, options={"sequences": {"no": 1}})
    assert found.samples[0].message == "3 stands where 2 was expected"
    (found,) = findings_of(SpreadsheetChecker, {"a": ["1", "3"]}, options={"sequences": {"no": 1}})
    assert (found.field, found.samples[0].message) == ("$.no", "there is no column 'no', which is a sequence")


def test_a_path_that_cannot_be_read(lint: Callable[..., Any]) -> None:
    assert [o.code for o in lint(checks={"spreadsheet": {"sequences": {"$.a b": 1}}})] == ["definition/bad-path"]


def test_a_column_is_dropped_after_its_first_records() -> None:
    words: list[str | None] = ["some words"] * 1200
    assert found_in({"v": [*words, "2-Sep", *["TP53"] * 9000]}) == {}
    symbols: list[str | None] = ["TP53"] * 1200
    assert found_in({"v": [*symbols, "2-Sep", "some words"]}) == {("spreadsheet/date-mangled-symbol", "$.v"): [1201]}


VALUES = st.sampled_from(
    [
        "TP53", "BRCA1", "2-Sep", "2.31E+13", "2310008H09Rik", "#REF!", "Err:502", "", None, "1", "2", "3", "x" * 255,
        "2147483647",
    ]
)  # fmt: skip


@given(st.lists(VALUES, max_size=25), st.lists(VALUES, max_size=25))
@settings(max_examples=15)
def test_any_cutting_gives_the_same(one: list[str | None], other: list[str | None]) -> None:
    size = min(len(one), len(other))
    options = {"sequences": {"no": {"start": 1}, "b": 2}, "ids": ["b"], "symbols": ["a"]}
    numbers: list[str | None] = [str(n) for n in range(1, size + 1)]
    table = {"a": one[:size], "b": other[:size], "no": numbers}
    check_checker(SpreadsheetChecker, table, options=options, cuttings=3)
