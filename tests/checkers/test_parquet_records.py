"""Checks of Parquet and Arrow: real types, nested columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from potable.engine import Engine
from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins

Run = Callable[..., Report]
Told = list[tuple[int | None, str | None]]

TABLE = pa.table(
    {
        "id": pa.array([1, 2, 3], pa.int64()),
        "text": ["a", "5", None],
        "list": [[1, 2], [], None],
        "st": [{"x": 1, "y": "p"}, {"x": 200, "y": None}, None],
        "price": pa.array([Decimal("1.50"), Decimal("99.99"), Decimal("2.00")], pa.decimal128(10, 2)),
        "at": pa.array([dt.datetime(2024, 2, 29, 12), None, dt.datetime(1969, 1, 1)], pa.timestamp("us", "UTC")),
        "items": [[{"v": 1}, {"v": 2}], [], None],
    }
)


@pytest.fixture(params=["parquet", "arrow", "frame"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    """``run(table, schema=…)``: the report on a table, as a file of each format or a frame."""

    def runner(table: pa.Table, **definition: Any) -> Report:
        if request.param == "frame":
            return Engine().check(table, **definition)
        path = tmp_path / f"a.{request.param}"
        if request.param == "parquet":
            pq.write_table(table, path)
        else:
            feather.write_feather(table, path)
        members = {"resourceID": "A", "ingestMethod": request.param.upper(), "ingestURL": path.name, **definition}
        return run_source(from_mapping(members, folder=tmp_path), load_plugins())

    return runner


def told(report: Report) -> dict[tuple[str, str | None], Told]:
    return {(f.code, f.field): [(s.location.record, s.location.path) for s in f.samples] for f in report.findings}


@pytest.mark.parametrize(
    ("member", "schema", "found"),
    [
        ("id", {"type": "integer"}, []),
        ("id", {"type": "string"}, [(1, "/id"), (2, "/id"), (3, "/id")]),
        ("id", {"maximum": 2}, [(3, "/id")]),
        ("text", {"type": "integer"}, [(1, "/text"), (2, "/text")]),
        ("list", {"type": "array", "items": {"type": "integer"}}, []),
        ("list", {"maxItems": 1}, [(1, "/list")]),
        ("st", {"type": "object", "properties": {"x": {"maximum": 100}, "y": {"type": "string"}}}, [(2, "/st/x")]),
        ("st", {"required": ["y"]}, [(2, "/st")]),
        ("price", {"type": "number", "multipleOf": 0.01}, []),
        ("price", {"maximum": 50}, [(2, "/price")]),
        ("at", {"type": "string", "format": "date-time"}, []),
        ("items", {"items": {"properties": {"v": {"const": 1}}}}, [(1, "/items/1/v")]),
    ],
)
def test_a_json_schema_sees_the_types(run: Run, member: str, schema: dict[str, Any], found: Told) -> None:
    report = run(TABLE, schema={"type": "object", "properties": {member: schema}})
    assert [p for places in told(report).values() for p in places] == found
    assert {code for code, _ in told(report)} <= {"json-schema/violation"}


def test_nulls_are_lacking(run: Run) -> None:
    report = run(TABLE, schema={"type": "object", "required": ["id", "text", "st"]})
    assert {(code, field, record) for (code, field), places in told(report).items() for record, _ in places} == {
        ("json-schema/violation", "$.text", 3), ("json-schema/violation", "$.st", 3),
    }  # fmt: skip


def test_keys_and_rules_reach_into_nested_columns(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"st": [{"k": 1, "n": ["a"]}, {"k": 1, "n": []}, {"k": None, "n": ["b", "c"]}]}),
        tmp_path / "a.parquet",
    )
    members = {
        "resourceID": "A", "ingestMethod": "PARQUET", "ingestURL": "a.parquet", "primaryKey": ["$.st.k"],
        "qcRules": {"ValueExists": [{"path": "$.st.n[*]"}]},
        "checks": {"rows": {"constraints": ["$.st.k < 1"]}},
    }  # fmt: skip
    report = run_source(from_mapping(members, folder=tmp_path), load_plugins())
    assert told(report) == {
        ("keys/duplicate", "$.st.k"): [(2, None)],
        ("keys/missing", "$.st.k"): [(3, None)],
        ("rules/value-missing", "$.st.n[*]"): [(2, None)],
        ("rows/constraint", "$.st.k"): [(1, None), (2, None)],
    }


def test_records_that_differ_in_nested_columns_are_no_duplicates(run: Run) -> None:
    columns = {"a": [1, 1, 1], "b": [[1], [2], [1]], "c": [{"x": 1}, {"x": 1}, {"x": 1}]}
    report = run(pa.table(columns))
    assert told(report) == {("rows/duplicate", None): [(3, None)]}


def test_a_damaged_arrow_file_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "a.arrow"
    feather.write_feather(TABLE, path)
    path.write_bytes(path.read_bytes()[:-100])
    members = {"resourceID": "A", "ingestMethod": "ARROW", "ingestURL": "a.arrow"}
    report = run_source(from_mapping(members, folder=tmp_path), load_plugins())
    (found,) = report.findings
    assert (report.verdict, found.code, found.samples[0].location.file) == (
        "inconclusive", "arrow/unreadable", "a.arrow",
    )  # fmt: skip
    assert found.samples[0].message.startswith("a.arrow can't be read: ")


def test_a_frame_of_polars(tmp_path: Path) -> None:
    frame = pl.DataFrame({"k": [{"id": 1}, {"id": 1}, {"id": None}]})
    report = Engine().check(frame, primary_key=["$.k.id"])
    assert told(report)[("keys/duplicate", "$.k.id")] == [(2, None)]
    assert told(report)[("keys/missing", "$.k.id")] == [(3, None)]


DAY = 86_400


@pytest.mark.parametrize(
    ("numbers", "arrow", "told_as"),
    [
        ([0, 10**9, None, -(10**9), -719_162, 2_932_896], pa.date32(), ["+2739877-01-03", "-2735938-12-29"]),
        ([-719_163, 2_932_897], pa.date32(), ["0000-12-31", "+10000-01-01"]),
        ([0, 10**14, None], pa.timestamp("s"), ["+3170843-11-07T09:46:40"]),
        ([1_709_208_000, 1_709_208_000_000], pa.timestamp("s"), ["+56132-08-24T00:00:00"]),
        ([-719_162 * DAY * 1000 - 1, 0], pa.timestamp("ms", "UTC"), ["0000-12-31T23:59:59.999+00:00"]),
        ([9 * 10**18, 0], pa.timestamp("us", "Europe/Berlin"), ["+287168-08-24T16:00:00+00:00"]),
        ([9 * 10**18, 0], pa.timestamp("us", "+05:30"), ["+287168-08-24T16:00:00+00:00"]),
        ([9 * 10**18, -(9 * 10**18)], pa.timestamp("ns"), []),
    ],
)
def test_a_date_beyond_what_programs_hold_is_one_finding_at_its_record(
    run: Run, numbers: list[int | None], arrow: pa.DataType, told_as: list[str]
) -> None:
    width = pa.int32() if pa.types.is_date32(arrow) else pa.int64()
    table = pa.table({"id": range(len(numbers)), "at": pa.array(numbers, width).view(arrow)})
    kind = "date" if pa.types.is_date32(arrow) else "datetime"
    report = run(
        table, primaryKey="id",
        schema={"fields": [{"name": "id", "type": "integer"}, {"name": "at", "type": kind, "format": "any"}]},
        checks={"dates": False},
    )  # fmt: skip
    assert report.verdict == ("failed" if told_as else "passed")
    assert [(f.code.partition("/")[2], f.field, f.count) for f in report.findings] == [
        ("out-of-range", "$.at", len(told_as))
    ] * bool(told_as)
    assert [s.value for f in report.findings for s in f.samples] == told_as
    assert report.counts.records == len(numbers)


def test_dates_beyond_inside_of_nested_columns(run: Run) -> None:
    days = pa.array([10**9, 0, 5, 10**9], pa.int32()).view(pa.date32())
    lists = pa.ListArray.from_arrays(pa.array([0, 2, 3, 4]), days)
    pairs = pa.StructArray.from_arrays([days.slice(1), pa.array([1.5, 2.5, 3.5])], ["d", "n"])
    maps = pa.MapArray.from_arrays(pa.array([0, 1, 2, 3]), pa.array(["a", "b", "c"]), days.slice(0, 3))
    nested = {"type": "array", "items": {"type": "string"}}
    report = run(
        pa.table({"list": lists, "pair": pairs, "map": maps}),
        schema={"type": "object", "properties": {"list": nested, "pair": {"properties": {"d": {"type": "string"}}}}},
    )
    (family,) = {f.code.partition("/")[0] for f in report.findings}
    assert told(report) == {
        (f"{family}/out-of-range", "$.list"): [(1, None), (3, None)],
        (f"{family}/out-of-range", "$.pair"): [(3, None)],
        (f"{family}/out-of-range", "$.map"): [(1, None)],
    }


@pytest.mark.parametrize("zone", ["+05:30", "Mars/Base"])
def test_types_that_polars_does_not_have(run: Run, zone: str) -> None:
    table = pa.table(
        {
            "at": pa.array([dt.datetime(2024, 2, 29, 12), None], pa.timestamp("ms", zone)),
            "big": pa.array([Decimal("1.50"), Decimal("-2")], pa.decimal256(60, 2)),
        }
    )
    schema = {
        "at": {"type": "string", "const": "2024-02-29T12:00:00.000+00:00"},
        "big": {"type": "number", "minimum": -1},
    }
    report = run(table, schema={"type": "object", "properties": schema})
    assert told(report) == {("json-schema/violation", "$.big"): [(2, "/big")]}


def test_days_in_milliseconds_are_dates(run: Run) -> None:
    table = pa.table({"day": pa.array([0, DAY * 1000], pa.int64()).view(pa.date64())})
    report = run(table, schema={"fields": [{"name": "day", "type": "date"}]})
    assert (report.verdict, told(report)) == ("passed", {})


@pytest.mark.parametrize("suffix", ["arrow", "feather", "data"])
def test_an_arrow_file_is_known_by_its_name_or_its_beginning(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    feather.write_feather(TABLE, str(path))
    report = Engine().check(path, primary_key="id")
    assert (report.verdict, report.counts.records) == ("passed", 3)


def test_infinite_numbers_are_numbers(run: Run) -> None:
    numbers = {"type": "number", "constraints": {"minimum": 0}}
    table = pa.table({"n": [1.5, float("inf"), float("-inf"), float("nan"), None], "row": list("abcde")})
    report = run(table, schema={"fields": [{"name": "n", **numbers}, {"name": "row"}]})
    assert [(f.code, [(s.location.record, s.value) for s in f.samples]) for f in report.findings] == [
        ("schema/minimum", [(3, "-INF")])
    ]
