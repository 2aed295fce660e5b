"""Documents that hold a table by its columns: said so, with how to write records."""

from __future__ import annotations

import json
from typing import Any

import pytest

from potable.engine.reading.json.columnar import columnar

NAMES = ["id", "name", "age"]
ROWS = [[f"A{n}", f"Ann {n}", n] for n in range(30)]
RECORDS = [dict(zip(NAMES, row, strict=True)) for row in ROWS]
COLUMNS = {name: {str(n): row[i] for n, row in enumerate(ROWS)} for i, name in enumerate(NAMES)}
LISTS = {name: [row[i] for row in ROWS] for i, name in enumerate(NAMES)}
SPLIT = {"columns": NAMES, "index": [*range(30)], "data": ROWS}


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (COLUMNS, "the root is an object of columns ('id', 'name', 'age'), each an object of its values by the row's"),
        (LISTS, "the root is an object of columns ('id', 'name', 'age'), each an array of its values"),
        (SPLIT, "the root holds a table by its parts, 'columns' and 'data'"),
    ],
)
def test_a_table_by_its_columns(document: dict[str, Any], said: str) -> None:
    for text in (json.dumps(document), json.dumps(document, indent=2)):
        found = columnar(text.encode())
        assert found is not None
        assert found[0].startswith(said)
        assert "orient='records'" in found[1]


def test_a_first_column_that_is_longer_than_what_is_looked_at() -> None:
    found = columnar(json.dumps(COLUMNS).encode()[:100])
    assert found is not None
    assert found[0].startswith("the root is an object of columns ('id')")
    assert columnar(json.dumps(LISTS).encode()[:100]) is None


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"data": RECORDS},
        {"columns": NAMES, "data": RECORDS},
        {"error": "no such table", "status": 500},
        {"A0": RECORDS[0], "A1": RECORDS[1]},
        {"0": RECORDS[0], "1": RECORDS[1]},
        {"total": 3, "ids": [1, 2, 3]},
        {"places": {"10": "x", "7": "y"}, "names": {"10": "x", "7": "y"}},
        {"a": [], "b": []},
    ],
)
def test_other_objects(document: dict[str, Any]) -> None:
    assert columnar(json.dumps(document).encode()) is None
    assert columnar(json.dumps(document).encode()[:7]) is None
