"""What is told to be a sound regular expression without compiling it can be compiled."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from potable.engine.plainregex import plainly_sound

PIECES = (
    *"abzAZ019 _-.,:;/@%#!='\"<>&~`^$|()[]{}*+?\\é",
    *("(?:", "(?P<n>", "(?=", "[^", "a-z", "z-a", "A-Z", "0-9", "&&", "--", "[a-z-x]", "[]a]", "[a-]", "[[:alpha:]]"),
    *(r"\d", r"\w", r"\W", r"\S", r"\.", r"\-", r"\/", r"\\", r"\A", r"\z", r"\Z", r"\b", r"\q", r"\1", r"\x41"),
    *(r"\x{85}", r"\x{2028}", r"\x{D800}", r"\x{FFFFF}", r"\p{L}", r"[\w.]", r"[^\d]", r"[.,;]", "*?", "+?", "{2}"),
    *("{2,}", "{2,5}", "{5,2}", "{0}", "{,3}", "{99}", "{999}", "[A-Z]{2}", r"\d{4}", "(?i)", "|x"),
)


def compiles(pattern: str) -> bool:
    try:
        pl.Series([""]).str.contains(pattern)
    except pl.exceptions.ComputeError:
        return False
    return True


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_what_is_plainly_sound_compiles(pattern: str) -> None:
    if plainly_sound(pattern):
        assert compiles(pattern), pattern


@pytest.mark.parametrize(
    "pattern",
    [
        "", "^RRID:", r"^\d{4}-\d{2}-\d{2}$", r"(?:[A-Z]{2}|x)-[0-9.-]+$", r"^https?://[^/]+/", r"\w{120}", "(a|b)+?",
        r"\A(?:[^\n\r\x{85}\x{2028}\x{2029}]{1,50})\z", r"^(RRID:)?AB_\d{5,10}$", r"[^\w\s.]{120}", "((x{9}){9}){9}",
    ],
)  # fmt: skip
def test_the_patterns_of_most_definitions_are(pattern: str) -> None:
    assert plainly_sound(pattern)
    assert compiles(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "(", ")", "a)(", "[a", "a{2,1}", "*a", "^*", "a{2}{3}", "[z-a]", r"\q", r"(?=a)", r"\w{500}", "x" * 1_001,
        "((x{99}){99}){99}", r"\x{D800}",
    ],
)  # fmt: skip
def test_what_is_wrong_or_large_or_not_plain_is_not(pattern: str) -> None:
    assert not plainly_sound(pattern)
