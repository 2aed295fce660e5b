"""Columns as bytes: right whatever form the texts lie in, and never a no where a cell has it."""

from __future__ import annotations

import sys

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from potable.checkers.values import bytewise
from potable.checkers.values.bytewise import Column, Words

# Short ones lie in their views, long ones in a heap; both, nulls, and few of many are copied.
text = st.text(st.characters(codec="utf-8"), max_size=5)
long = st.text(st.characters(codec="utf-8"), min_size=13, max_size=20)
cells = st.one_of(
    st.lists(text, max_size=20), st.lists(long, max_size=20), st.lists(st.none() | text | long, max_size=20)
)
WORDS = ("n/a", "ß", "-", "Unknown", "é")


def columns(texts: list[str | None]) -> list[Column]:
    """The column in each form that it may take."""
    series = pl.Series(texts, dtype=pl.String)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bytewise, "SMALL", -1)
        in_place = Column(series)
        patch.setattr(Column, "_in_place", lambda *_: False)
        copied = Column(series)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "pyarrow", sys)
        patch.delitem(sys.modules, "pyarrow")
        few = Column(series)
    return [in_place, copied, few]


def part(texts: list[str | None]) -> Column:
    """The column as a part of another, whose bytes may lie beside its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bytewise, "SMALL", -1)
        more = pl.Series([*["\x01 another text, of no use"] * 20, *texts], dtype=pl.String)
        return Column(more.slice(20))


@given(cells)
def test_what_is_told_exactly(texts: list[str | None]) -> None:
    encoded = [(t or "").encode() for t in texts]
    every = b"".join(encoded)
    for column in columns(texts):
        assert column.lengths.tolist() == [len(t) for t in encoded]
        assert column.empty == (not every)
        assert column.extent == (min(map(len, encoded), default=0), max(map(len, encoded), default=0))
        assert (column.least, column.greatest) == (min(every, default=255), max(every, default=0))
        for byte in range(1, 256):
            assert column.has(byte) == (byte in every)
        for word in {*encoded, b"x*", b"n/a"}:
            stem = word.rstrip(b"*")
            assert column.is_there(word) == any(len(t) == len(word) and t.startswith(stem) for t in encoded)


@given(cells)
def test_never_no_where_a_cell_has_it(texts: list[str | None]) -> None:
    filled = [t for t in texts if t]
    for column in (*columns(texts), part(texts)):
        assert column.may_have_blank_ends() >= any(t != t.strip() for t in filled)
        assert column.may_have_doubled_blanks() >= any("  " in t or "\t\t" in t or " \t" in t for t in filled)
        for byte in {t.encode()[0] for t in filled}:
            assert column.begins_with(byte)


@given(st.lists(st.sampled_from([*WORDS, "N/A", "SS", "É", "UNKNOWN", "word", "", "12"]), max_size=20))
def test_words_are_found_in_any_case(texts: list[str]) -> None:
    words = Words(WORDS)
    wanted = {form for w in WORDS for form in (w.lower(), w.upper())}
    for column in columns(list(texts)):
        assert column.may_be_one_of(words) >= any(t in wanted for t in texts)


def test_what_has_none_of_the_words_is_ruled_out_at_once() -> None:
    for column in columns(["12", "4711"]) + columns(["CVCL_0001", "CVCL_0002"]):
        assert not column.may_be_one_of(Words(["n/a", "-", "unknown"]))


@given(st.integers(1, 20).flatmap(lambda n: st.lists(st.text("abc", min_size=n, max_size=n), min_size=1, max_size=9)))
def test_texts_of_one_width_are_a_square(texts: list[str]) -> None:
    for column in columns(list(texts)):
        assert [bytes(row).decode() for row in column.square(len(texts[0]))] == texts
