"""Records that stand in their definition."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from potable.engine import Engine
from potable.engine.definition.parse import from_mapping
from potable.engine.lint import lint_source
from potable.engine.plugins import load_plugins


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(without=["checkers"])


@pytest.mark.parametrize(
    ("members", "records", "columns"),
    [
        ({"data": [{"id": 1, "name": "\u00e4"}, {"id": 2}]}, 2, None),
        ({"data": [["id", "name"], [1, "a"], [2, None]]}, 2, None),
        ({"data": [[1, "a"], [2, "b"]], "headerLine": 0}, 2, None),
        ({"data": "id;name\n1;a\n", "parserType": "csv", "delimiter": ";"}, 1, ["$.id", "$.name"]),
        ({"data": '{"x": [{"id": 1}, {"id": 2}]}', "parserType": "json", "documentElement": "x"}, 2, None),
        ({"data": '{"id": 1}\n{"id": 2}\n'}, 2, None),
    ],
)
def test_they_are_read(engine: Engine, members: dict[str, Any], records: int, columns: list[str] | None) -> None:
    report = engine.check({"ingestMethod": "INLINE", **members})
    assert (report.verdict, report.counts.records, report.findings) == ("passed", records, ())
    assert report.metrics.get("columns") == columns
    assert report.source.snapshot is not None
    assert report.source.snapshot["parts"] == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"a": 1}, "it's a mapping"),
        (5, "it's 5"),
        ([1], "item 1 is 1"),
        ([{"a": 1}, ["a"]], "item 2 is a list"),
        ([["a", "b"], [1]], "row 2 has 1 cells where there are 2 columns"),
        ([["a", "a"], [1, 2]], "its first row isn't one of different names"),
        ([[1, 2]], "its first row isn't one of different names"),
        ([["a"], [1], {"a": 2}], "item 3 is a mapping"),
        ([{"a": float("nan")}], "item 1 holds a number that JSON doesn't have"),
    ],
)
def test_what_cannot_be_records(engine: Engine, data: Any, words: str) -> None:
    definition = {"resourceID": "A", "ingestMethod": "INLINE", "data": data}
    (said,) = lint_source(from_mapping(definition), load_plugins(without=["checkers"]))
    assert (said.code, said.location.path) == ("definition/bad-value", "/data")
    assert words in said.message
    report = engine.check(definition)
    assert (report.verdict, {f.code for f in report.findings}) == (
        "inconclusive",
        {"definition/bad-value", "access/empty"},
    )


def test_no_records(engine: Engine) -> None:
    report = engine.check({"ingestMethod": "INLINE", "data": []})
    assert (report.verdict, report.counts.records) == ("inconclusive", 0)


def test_a_resource_of_a_data_package_runs(tmp_path: Path) -> None:
    package = {"name": "p", "resources": [{"name": "codes", "data": [["code"], ["A"], ["B"]]}]}
    (tmp_path / "datapackage.json").write_text(json.dumps(package))
    report = Engine(catalog=tmp_path, without=["checkers"]).run("p:codes")
    assert (report.verdict, report.counts.records) == ("passed", 2)
