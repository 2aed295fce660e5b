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
from potable.engine.pipeline import run_source
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
