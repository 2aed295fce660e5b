"""Lists of hashes, in memory and in files."""

from __future__ import annotations

import errno
import os
import resource
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potable.checkers.keys.duplicates import without_case
from potable.checkers.repeats.hashes import LOCATED, NO_KEY, HashList, combined, rows_among

HASHES = st.lists(st.sampled_from([0, 1, 2, 2**63, 2**64 - 1]) | st.integers(0, 2**64 - 1), max_size=60)


@given(st.lists(HASHES, max_size=6), st.sampled_from([8, 200, 10**6]), st.integers(0, 3))
@settings(max_examples=80)
def test_repeated_hashes_and_their_records(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[int]], budget: int, gap: int
) -> None:
    scratch = tmp_path_factory.mktemp("hashes")
    whole = HashList(scratch, budget)
    numbered: list[tuple[int, int]] = []
    first = 1
    for part in parts:
        numbers = np.arange(first, first + len(part), dtype=np.uint64)
        numbered += zip(numbers.tolist(), part, strict=True)
        piece = HashList(scratch, budget)
        piece.add(numbers, np.array(part, dtype=np.uint64))
        whole.extend(piece)
        first += len(part) + gap
    values = [h for _, h in numbered]
    expected = sorted({h for h in values if h != NO_KEY and values.count(h) > 1})
    assert whole.repeated().tolist() == expected
    found = whole.suspects()
    assert found.records.tolist() == [n for n, h in numbered if h in expected]
    first_of = {h: n for n, h in reversed(numbered)}
    surplus = [(n, first_of[h]) for n, h in numbered if h in expected and first_of[h] != n]
    assert list(zip(found.surplus.tolist(), found.firsts.tolist(), strict=True)) == surplus
    assert found.shown(2).tolist() == sorted({number for pair in surplus[:2] for number in pair})
    assert len(whole) == len(values)


def test_records_with_gaps_keep_their_numbers(tmp_path: Path) -> None:
    hashes = HashList(tmp_path, 10**6)
    hashes.add(np.array([1, 2, 5, 9, 10], np.uint64), np.array([7, 8, 7, 8, 9], np.uint64))
    found = hashes.suspects()
    assert (found.records.tolist(), found.surplus.tolist(), found.firsts.tolist()) == ([1, 2, 5, 9], [5, 9], [1, 2])


@pytest.mark.parametrize("budget", [10**6, 8])
def test_no_more_surplus_records_are_kept_than_are_shown(tmp_path: Path, budget: int) -> None:
    hashes = HashList(tmp_path, budget)
    twice = np.tile(np.arange(1, LOCATED + 1000, dtype=np.uint64), 2)
    hashes.add(np.arange(1, len(twice) + 1, dtype=np.uint64), twice)
    found = hashes.suspects()
    assert len(found.records) == len(twice)
    first = len(twice) // 2 + 1
    assert found.surplus.tolist() == list(range(first, first + LOCATED))
    assert found.firsts.tolist() == list(range(1, LOCATED + 1))


@given(st.sets(st.integers(1, 30)), st.sets(st.integers(1, 40)))
def test_rows_of_records(numbers: set[int], wanted: set[int]) -> None:
    of, among = (np.array(sorted(s), np.uint64) for s in (numbers, wanted))
    assert rows_among(of, among).tolist() == [n for n, number in enumerate(sorted(numbers)) if number in wanted]


def test_past_the_budget_memory_is_empty(tmp_path: Path) -> None:
    hashes = HashList(tmp_path, 800)
    for n in range(50):
        hashes.add(np.arange(n * 20 + 1, n * 20 + 21, dtype=np.uint64), np.arange(20, dtype=np.uint64))
    assert hashes.in_memory <= 800
    assert len(hashes.repeated()) == 19  # 0 stands for no key


def test_columns_of_a_key_keep_their_order_and_bounds() -> None:
    one, other = np.array([1, 2, 3], np.uint64), np.array([2, 1, 3], np.uint64)
    mixed = combined([one, other], np.array([False, False, True]))
    assert mixed[0] != mixed[1]
    assert mixed[2] == NO_KEY
    assert combined([np.array([0], np.uint64)], np.array([False]))[0] != NO_KEY


CASED = st.text(st.sampled_from("aAbB1_~kK\u212aßẞsSſ\u0130\u0131iIǆǅǄéÉσςΣ\ufb00"), max_size=6)


@given(st.lists(CASED, min_size=1), st.lists(CASED, min_size=1))
def test_what_differs_in_case_alone_is_the_same_in_any_column(one: list[str], other: list[str]) -> None:
    texts = [*one, *other]
    lower = pl.Series(texts).str.to_lowercase().to_list()
    for columns in ([texts], [one, other], [[t] for t in texts]):
        folded = [f for column in columns for f in without_case(pl.Series(column)).to_list()]
        first: dict[str, str] = {}
        assert all(first.setdefault(low, text) == text for low, text in zip(lower, folded, strict=True))
    ascii_only = [t for t in texts if t.isascii()]
    assert without_case(pl.Series(ascii_only, dtype=pl.String)).to_list() == [t.upper() for t in ascii_only]


@pytest.mark.parametrize("when", ["added", "partitioned"])
def test_why_hashes_can_not_be_written_is_told(tmp_path: Path, when: str) -> None:
    """NumPy by itself names no reason, as that the disk is full."""
    hashes = HashList(tmp_path, 10**6)
    hashes.add(np.arange(1, 10_001, dtype=np.uint64), np.arange(10_000, dtype=np.uint64))
    if when == "partitioned":
        hashes.budget = 1
        hashes._spill_if_large()
    more = np.array([10_001], np.uint64)
    write = (lambda: hashes.add(more, more)) if when == "added" else hashes.repeated
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    hashes.budget = 1
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        with pytest.raises(OSError, match=os.strerror(errno.EFBIG)):
            write()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
