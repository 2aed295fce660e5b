"""Rows as canonical JSON Lines."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potable.engine.fetching.database.rows import document, encoded, number


def whole(names: Sequence[str], rows: Sequence[Sequence[Any]], most: int = 10_000) -> bytes:
    left = list(rows)

    def fetch(count: int) -> Sequence[Sequence[Any]]:
        taken = left[: min(count, most)]
        del left[: len(taken)]
        return taken

    pieces = list(encoded(names, fetch))
    assert sum(count for _, count in pieces) == len(rows)
    return b"".join(data for data, _ in pieces)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"), (True, "true"), (0, "0"), (-(2**63), "-9223372036854775808"),
        (2**64 - 1, "18446744073709551615"),
        (0.1, "0.1"), (math.nan, '"NaN"'), (math.inf, '"Infinity"'), (-math.inf, '"-Infinity"'),
        ([1, None, [math.nan]], '[1,null,["NaN"]]'),
        (Decimal("1.10"), "1.10"), (Decimal("NaN"), '"NaN"'), (Decimal("1E+3"), "1E+3"),
        (b"\x00\xff", '"AP8="'), (memoryview(b"\x00\xff"), '"AP8="'), (b"", '""'),
        ("", '""'), ("ü\n\"\\\x01", '"ü\\n\\"\\\\\\u0001"'), ("null", '"null"'),
        (number("1.10"), "1.10"), (number("-0.50"), "-0.50"), (number(b"123456789012345678901234567890"),
         "123456789012345678901234567890"), (number("NaN"), '"NaN"'), (number("-Infinity"), '"-Infinity"'),
        (number("007"), '"007"'), (number(""), '""'),
        (document('{"a":\n 1.50,\r\n"b": "x\\ny"}'), '{"a":  1.50,  "b": "x\\ny"}'),
    ],
)  # fmt: skip
def test_each_value_has_one_spelling(value: Any, text: str) -> None:
    assert whole(["a"], [[value]]).decode() == f'{{"a":{text}}}\n'


def test_text_that_is_not_utf8_keeps_its_bytes() -> None:
    assert whole(["a", "b"], [["caf\udce9", 1.5], ["x", None]]) == b'{"a":"caf\xe9","b":1.5}\n{"a":"x","b":null}\n'


def test_columns_stay_in_order_and_odd_names_are_kept() -> None:
    assert whole(["z", "a b", 'q"', ""], [[1, 2, 3, 4]]) == b'{"z":1,"a b":2,"q\\"":3,"":4}\n'


values = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(), st.text(), st.lists(st.floats())
)


@given(st.lists(st.tuples(values, values)), st.integers(1, 5))
def test_any_batches_give_the_same_lines_and_nothing_is_lost(rows: list[tuple[Any, Any]], most: int) -> None:
    data = whole(["a", "b"], rows)
    assert whole(["a", "b"], rows, most) == data
    read = [json.loads(line) for line in data.split(b"\n")[:-1]]
    assert [list(record.values()) for record in read] == [[_told(v) for v in row] for row in rows]


def _told(value: Any) -> Any:
    if isinstance(value, list):
        return [_told(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
