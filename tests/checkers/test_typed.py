"""Values that have a kind of their own, from a frame."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl

from potable.engine import Engine

FRAME = pl.DataFrame(
    {
        "id": [1, 2, 2, None],
        "tags": [["a"], [], ["b", "c"], None],
        "name": ["x", " y", "N/A", None],
        "score": [1.5, float("nan"), 3.0, 99.0],
        "ok": [True, False, None, True],
        "text": ["1", "2", "x", ""],
    }
)


def told(frame: pl.DataFrame, **definition: Any) -> list[tuple[str, str | None, list[int | None]]]:
    report = Engine().check(frame, **definition)
    return [(f.code, f.field, [s.location.record for s in f.samples]) for f in report.findings]


def test_kinds_are_types() -> None:
    fields = [
        {"name": "id", "type": "integer", "constraints": {"required": True, "enum": [1, 2]}},
        {"name": "tags", "type": "array"},
        {"name": "name", "type": "string", "constraints": {"required": True, "maxLength": 2}},
        {"name": "score", "type": "number", "constraints": {"maximum": 50}},
        {"name": "ok", "type": "boolean", "constraints": {"enum": [True]}},
        {"name": "text", "type": "integer"},
    ]
    assert told(FRAME, schema={"fields": fields}, checks={"text": False}) == [
        ("schema/enum", "$.ok", [2]),
        ("schema/max-length", "$.name", [3]),
        ("schema/maximum", "$.score", [4]),
        ("schema/required", "$.id", [4]),
        ("schema/required", "$.name", [4]),
        ("schema/type", "$.text", [1, 2, 3]),
    ]


def test_bounds_and_lists_are_written_as_for_a_table() -> None:
    frame = pl.DataFrame({"n": [1, 2000], "x": [1.5, 2000.5], "b": [True, False]})
    fields = [
        {"name": "n", "type": "integer", "constraints": {"minimum": "+1", "maximum": "1,000"}, "groupChar": ","},
        {"name": "x", "type": "number", "constraints": {"enum": ["1,50"]}, "decimalChar": ","},
        {"name": "b", "type": "boolean", "constraints": {"enum": ["yes"]}, "trueValues": ["yes"]},
    ]
    assert told(frame, schema={"fields": fields}) == [
        ("schema/enum", "$.b", [2]),
        ("schema/enum", "$.x", [2]),
        ("schema/maximum", "$.n", [2]),
    ]


def test_a_year_may_be_a_number() -> None:
    frame = pl.DataFrame({"y": [2020, 1999, 20], "s": ["2020", "1999", "x"]})
    fields = [{"name": n, "type": "year", "constraints": {"minimum": 2000}} for n in "ys"]
    assert told(frame, schema={"fields": fields}) == [
        ("schema/minimum", "$.s", [2]),
        ("schema/minimum", "$.y", [2]),
        ("schema/type", "$.s", [3]),
        ("schema/type", "$.y", [3]),
    ]


def test_a_format_is_asked_of_strings_only() -> None:
    frame = pl.DataFrame({"a": ["x@y.de", "x"], "b": [1, 2]})
    fields = [{"name": n, "type": "string", "format": "email"} for n in "ab"]
    assert told(frame, schema={"fields": fields}) == [("schema/format", "$.a", [2]), ("schema/type", "$.b", [1, 2])]


def test_what_is_no_single_value_is_called_what_it_is(tmp_path: Path) -> None:
    rows = [{"a": [1]}, {"a": {"b": 1}}, {"a": None}, {}, {"a": ["x", {"y": 1}]}, {"a": "x"}]
    (tmp_path / "d.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    fields = [{"name": "a", "type": "integer", "constraints": {"required": False}}]
    rules = {"ValueExists": [{"path": "a", "valueRegex": "[0-9]"}, {"path": "$.a[*]", "valueRegex": "[0-9]"}]}
    report = Engine().check(tmp_path / "d.jsonl", schema={"fields": fields}, qcRules=rules)
    told = {(f.code, f.field): [(s.message, s.value) for s in f.samples] for f in report.findings}
    assert told["schema/type", "$.a"] == [
        ("an array isn't an integer", None),
        ("an object isn't an integer", None),
        ("an array isn't an integer", None),
        ('"x" isn\'t an integer', "x"),
    ]
    alone = Engine().check(tmp_path / "d.jsonl", qcRules=rules)
    told = {(f.code, f.field): [s.message for s in f.samples] for f in alone.findings}
    assert told["rules/value-mismatch", "$.a"][:2] == ["an array doesn't match [0-9]", "an object doesn't match [0-9]"]
    assert told["rules/value-missing", "$.a"] == ["there is no value at $.a"] * 2


def test_quotes_are_around_texts_alone() -> None:
    rows = [{"id": 1, "n": "1", "b": 1, "d": 5}, {"id": True, "n": 1.5, "b": "true", "d": "x"}]
    kinds = {"id": "string", "n": "integer", "b": "boolean", "d": "date"}
    schema = {"fields": [{"name": name, "type": kind} for name, kind in kinds.items()]}
    report = Engine().check(rows, schema=schema)
    assert {f.field: [s.message for s in f.samples] for f in report.findings if f.code == "schema/type"} == {
        "$.id": ["1 isn't a string", "true isn't a string"],
        "$.n": ['"1" isn\'t an integer', "1.5 isn't an integer"],
        "$.b": ["1 isn't a boolean", '"true" isn\'t a boolean'],
        "$.d": ["5 isn't a date", '"x" isn\'t a date'],
    }


def test_keys() -> None:
    assert told(FRAME, primary_key="id", checks={"text": False}) == [
        ("keys/duplicate", "$.id", [3]),
        ("keys/missing", "$.id", [4]),
    ]
    assert told(FRAME, primary_key="tags", checks={"text": False}) == [
        ("keys/missing", "$.tags", [4]),
        ("keys/not-scalar", "$.tags", [1, 2, 3]),
    ]


def test_texts_are_looked_at_in_strings_only() -> None:
    assert told(FRAME) == [("text/placeholder", "$.name", [3]), ("text/whitespace", "$.name", [2])]


def test_structures_of_json_are_of_their_kind(tmp_path: Path) -> None:
    sound = {
        "pair": [90.5, 45.5], "place": {"lon": 90.5, "lat": 45.5}, "text": "90.5, 45.5",
        "some": [1], "thing": {"a": 1}, "shape": {"type": "Point", "coordinates": [1, 2]},
    }  # fmt: skip
    odd = {
        "pair": "90.5, 45.5",
        "place": [90.5, 45.5],
        "text": [90.5, 45.5],
        "some": {"a": 1},
        "thing": [1],
        "shape": [1],
    }
    (tmp_path / "data.json").write_text(json.dumps([sound, odd]))
    types = {
        "pair": ("geopoint", "array"), "place": ("geopoint", "object"), "text": ("geopoint", "default"),
        "some": ("array", "default"), "thing": ("object", "default"), "shape": ("geojson", "default"),
    }  # fmt: skip
    fields = [{"name": name, "type": kind, "format": form} for name, (kind, form) in types.items()]
    report = Engine(roots=[tmp_path]).check(tmp_path / "data.json", schema={"fields": fields})
    assert [(f.code, f.field, [s.location.record for s in f.samples]) for f in report.findings] == [
        ("schema/type", f"$.{name}", [2]) for name in sorted(types)
    ]
