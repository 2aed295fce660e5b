"""Values that have a kind of their own, from a frame."""

from __future__ import annotations

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


def test_a_format_is_asked_of_strings_only() -> None:
    frame = pl.DataFrame({"a": ["x@y.de", "x"], "b": [1, 2]})
    fields = [{"name": n, "type": "string", "format": "email"} for n in "ab"]
    assert told(frame, schema={"fields": fields}) == [("schema/format", "$.a", [2]), ("schema/type", "$.b", [1, 2])]


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
