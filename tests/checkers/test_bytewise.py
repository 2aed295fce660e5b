"""Columns as bytes: the same with and without PyArrow."""

from __future__ import annotations

import sys

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from potable.checkers import bytewise
from potable.checkers.bytewise import Column

texts = st.lists(st.none() | st.text(st.characters(codec="utf-8"), max_size=5), max_size=20)


@given(texts)
def test_few_texts_are_the_same_bytes_as_many(cells: list[str | None]) -> None:
    column = pl.Series(cells, dtype=pl.String)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bytewise, "SMALL", -1)
        by_arrow = Column(column)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "pyarrow", sys)
        patch.delitem(sys.modules, "pyarrow")
        one_by_one = Column(column)
    assert one_by_one.empty == by_arrow.empty
    assert one_by_one.lengths.tolist() == by_arrow.lengths.tolist()
    assert (one_by_one.least, one_by_one.greatest) == (by_arrow.least, by_arrow.greatest)
    for byte in range(256):
        assert one_by_one.has(byte) == by_arrow.has(byte)
    if not by_arrow.empty:
        assert one_by_one.may_have_blank_ends() == by_arrow.may_have_blank_ends()
        assert one_by_one.may_have_doubled_blanks() == by_arrow.may_have_doubled_blanks()
