"""The place of a fault is what a walk over the whole text finds, however far behind it is."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from potable.engine.reading.json.broken import first_fault
from potable.engine.reading.json.tokens import fault

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text('ab,"[]{}\\\\é\\n', max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab,]", max_size=2), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300)
@given(value=VALUES, at=st.integers(0, 200), cut=st.integers(0, 3), put=st.text('{}[],:"\\\\ \\n1ax', max_size=2))
@example(value=["a,b", {"a": ["x,y"]}], at=6, cut=1, put="\n")
@example(value={"a": {"b": "c,"}}, at=14, cut=0, put=",")
@example(value=[[1], 2], at=4, cut=0, put="]")
def test_what_the_walk_says(value: object, at: int, cut: int, put: str) -> None:
    text = json.dumps(value, ensure_ascii=False)
    data = (text[:at] + put + text[at + cut :]).encode()
    slow, quick = fault(data), first_fault(data, small=0)
    told = None if slow is None else (slow.at, slow.reason)
    assert (None if quick is None else (quick.at, quick.reason)) == told


@pytest.mark.parametrize(
    ("end", "offset", "reason"),
    [
        (b', "z": NaN}', 7, "NaN isn't JSON: write null, true or false, or a text"),
        (b', "z" 1}', 6, "a number where : must stand"),
        (b"", 0, "the text ends inside an object (1 not closed)"),
        (b', "z": "x', 9, "the text ends inside a string that opens 2 bytes before"),
        (b'} {"a": 1}', 2, "there is more behind the end of the value"),
    ],
)
def test_behind_megabytes(end: bytes, offset: int, reason: str) -> None:
    head = b'{"rows": ' + json.dumps([{"a": "x, [y", "b": [1, 2]}] * 50_000).encode()
    broken = first_fault(head + end)
    assert broken is not None
    assert (broken.at, broken.reason) == (len(head) + offset, reason)
