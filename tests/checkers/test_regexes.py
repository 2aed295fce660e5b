"""Patterns of definitions in a linear engine."""

from __future__ import annotations

import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from potable.checkers.declared.regexes import BadRegex, Dialect, whole


def matches(pattern: str, dialect: Dialect, text: str) -> bool:
    return bool(pl.Series([text]).str.contains(whole(pattern, dialect))[0])


@pytest.mark.parametrize(
    ("dialect", "pattern", "right", "wrong"),
    [
        ("java", "[A-Z]{2}", ["AB"], ["ABC", "A", "xAB", "AB\n"]),
        ("java", "a|b", ["a", "b"], ["ab", "xa", "bx"]),
        ("java", r"\d+", ["12"], ["٣", "1a"]),
        ("java", r"\w\s\w", ["a b"], ["ä b", "a\u00a0b"]),
        ("java", r"[a-z&&[^aeiou]]+", ["bcd"], ["abc"]),
        ("java", r"\Qa.b\E+", ["a.b", "a.bbb"], ["axb"]),
        ("java", r"\<b\>", ["<b>"], ["b"]),
        ("java", ".", ["x"], ["\n", "\r", "\u2028", ""]),
        ("java", "(?s).", ["\n"], [""]),
        ("java", "(?i)ab(?-i)c", ["ABc", "abc"], ["ABC"]),
        ("java", "(?x) a b # both", ["ab"], ["a b"]),
        ("java", r"\u00e9\x41\ud83d\ude00", ["éA😀"], ["eA"]),
        ("java", r"[^\]\[]+", ["ab"], ["a]"]),
        ("java", r"[\w.+-]+@\w+\.\w{2,}", ["a.b@c.de"], ["a@b"]),
        ("java", r"\p{Alpha}\p{Lu}\p{IsGreek}", ["aBα"], ["äBα"]),
        ("java", "(?<year>[0-9]{4})-.*", ["2020-x"], ["20-x"]),
        ("java", "10{2}", ["100"], ["1010"]),
        ("java", "", [""], ["a"]),
        ("schema", "^a$", ["a"], ["a\n", "aa", "^a$"]),
        ("schema", r"[a-z-[aeiou]]+", ["bcd"], ["abc"]),
        ("schema", r"\i\c*", ["x:ab-1"], ["1a"]),
        ("schema", r"[a&&b]", ["&", "a"], ["c"]),
        ("schema", "[[a]", ["[", "a"], ["]"]),
        ("schema", "a{,3}", ["a{,3}"], ["aaa"]),
        ("schema", r"\d", ["٣", "3"], ["x"]),
    ],
)
def test_a_pattern_is_matched_against_the_whole_value(
    dialect: Dialect, pattern: str, right: list[str], wrong: list[str]
) -> None:
    assert [t for t in right if not matches(pattern, dialect, t)] == []
    assert [t for t in wrong if matches(pattern, dialect, t)] == []


@pytest.mark.parametrize(
    ("pattern", "column", "reason"),
    [
        ("ab(?=c)", 3, "look-ahead"),
        ("(?<!a)b", 1, "look-behind"),
        (r"(a)\1", 4, "backreference"),
        (r"(?<n>a)\k<n>", 8, "backreference"),
        ("(?>a)", 1, "atomic"),
        ("xa*+", 4, "possessive"),
        ("a**", 3, "nothing to repeat"),
        ("[a", 1, "isn't closed"),
        (r"\p{InGreek}", 12, "isn't supported"),
        (r"a\y", 2, "isn't supported"),
        ("a)|(b", None, "unopened group"),
        ("(", None, "unclosed group"),
        ("(?:a{1000}){1000}", None, "size limit"),
        ("a\\", 2, "backslash"),
        (r"a\c", 2, "isn't supported"),
    ],
)
def test_what_a_linear_engine_cannot_take_is_refused(pattern: str, column: int | None, reason: str) -> None:
    with pytest.raises(BadRegex, match=re.escape(reason)) as caught:
        whole(pattern, "java")
    assert caught.value.column == column


ATOMS = st.sampled_from(["a", "b", "[ab]", "[^a]", "-", r"\.", r"\d", "(?:a|bc)", "(b|c)", "[0-9]", r"\w"])
REPEATED = st.builds("{}{}".format, ATOMS, st.sampled_from(["", "", "*", "+", "?", "{2}", "{1,2}", "*?"]))
PATTERNS = st.lists(st.lists(REPEATED, min_size=1, max_size=4).map("".join), min_size=1, max_size=3).map("|".join)


@given(PATTERNS, st.text("abc.-01", max_size=6), st.sampled_from(["java", "schema"]))
def test_it_means_what_python_means(pattern: str, text: str, dialect: Dialect) -> None:
    assert matches(pattern, dialect, text) == (re.fullmatch(pattern, text) is not None)
