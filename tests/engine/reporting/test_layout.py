"""Lines for a terminal: never wider than asked, figures as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potable.engine.reporting.inert import inert, width
from potable.engine.reporting.layout import Ink, at_most, duration, many, size, table, when, wrap


@given(st.text(), st.integers(12, 60))
def test_wrapped_text_loses_nothing_but_blanks_at_line_ends(text: str, columns: int) -> None:
    text = inert(text)
    lines = wrap(text, columns, "- ", "  ")
    assert all(width(line) <= columns for line in lines)
    assert "".join(line[2:] for line in lines).replace(" ", "") == text.replace(" ", "")


def test_wrap_keeps_blanks_inside_a_line() -> None:
    assert wrap("'a  b' has two blanks", 40) == ["'a  b' has two blanks"]


def test_a_long_word_is_broken() -> None:
    assert wrap("see https://example.org/x/y/z", 12, "  ", "    ") == [
        "  see",
        "    https://",
        "    example.",
        "    org/x/y/",
        "    z",
    ]


def test_a_table_aligns_and_wraps_its_last_cell() -> None:
    rows = [("keys", "no primary key declared"), ("identifiers", "off by default")]
    assert table(rows, 36) == [
        "  keys         no primary key",
        "               declared",
        "  identifiers  off by default",
    ]
    assert table([], 30) == []


def test_one_long_identifier_leaves_the_other_rows_of_a_table_as_they_are() -> None:
    long = "an-identifier-longer-than-the-line-" * 2
    rows = [("birds", "CSV", "passed", "Birds"), (long, "JSON", "failed", "Fish"), ("cats-2", "CSV", "passed", "Cats")]
    assert table(rows, 48, indent="", keep=True) == [
        "birds   CSV   passed  Birds",
        long,
        "        JSON  failed  Fish",
        "cats-2  CSV   passed  Cats",
    ]
    assert table([(long, "x", "y")], 48, keep=True) == ["  " + long, " " * 20 + "x  y"]


def test_a_first_cell_of_several_names_is_wrapped_whole_above_its_row() -> None:
    rows = [("keys", "first run"), ("access, dates, numbers, text", "the data couldn't be read")]
    assert table(rows, 40, keep=True, widest=10) == [
        "  keys  first run",
        "  access, dates, numbers, text",
        "        the data couldn't be read",
    ]
    assert table(rows, 28, keep=True, widest=10, most=1)[1] == "  access, dates, numbers, …"


def test_last_cells_stand_below_the_others_where_there_is_no_room_beside_them() -> None:
    rows = [
        ("birds-of-1906", "CSV", "INCONCLUSIVE", "Birds that were seen in 1906"),
        ("an-identifier-longer-than-most", "JSON", "FAILED", "Fish"),
        ("cats", "JSON", "PASSED", ""),
    ]
    assert table(rows, 40, indent="", keep=True, most=1) == [
        "birds-of-1906  CSV   INCONCLUSIVE",
        "    Birds that were seen in 1906",
        "an-identifier-longer-than-most",
        "    JSON  FAILED",
        "    Fish",
        "cats           JSON  PASSED",
    ]
    assert table([("a" * 12, "b" * 12, "c" * 5)], 40, keep=True) == [f"  {'a' * 12}  {'b' * 12}  ccccc"]


@given(st.lists(st.tuples(st.text(max_size=50), st.text(max_size=50), st.text(max_size=50)), max_size=4))
def test_a_table_fits(rows: list[tuple[str, str, str]]) -> None:
    shown = [tuple(inert(c) for c in row) for row in rows]
    assert all(width(line) <= 48 for line in table(shown, 48))


def test_at_most_marks_what_is_left_out() -> None:
    assert at_most(["a", "b"], 2, 20) == ["a", "b"]
    assert at_most(["a", "b", "c"], 2, 20) == ["a", "b …"]
    assert at_most(["x" * 20, "c"], 1, 20) == ["x" * 19 + "…"]


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1.0 kB"), (9_949, "9.9 kB"), (51_234, "51 kB"),
     (999_499, "999 kB"), (999_500, "1.0 MB"), (160_000_000, "160 MB"), (2_500_000_000_000_000, "2,500 TB")],
)  # fmt: skip
def test_sizes(count: int, said: str) -> None:
    assert size(count) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.0854, "85 ms"), (0.9999, "1.0 s"), (1.24, "1.2 s"), (59.96, "1 min"), (200, "3 min 20 s"), (7500, "2 h 5 min"),
     (3600, "1 h")],
)  # fmt: skip
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_counts_and_times() -> None:
    assert (many(1, "record"), many(1234567, "record")) == ("1 record", "1,234,567 records")
    assert when("2026-01-02T03:04:05.678Z") == "2026-01-02 03:04:05 UTC"
    assert when("yesterday") == "yesterday"


def test_ink_colours_only_when_asked() -> None:
    assert Ink()("error", "x") == "x"
    assert Ink(True)("error", "x") == "\x1b[31mx\x1b[0m"
    assert Ink(True)("error", "") == ""
