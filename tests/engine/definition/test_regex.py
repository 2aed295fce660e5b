"""Regular expressions: only what a linear-time engine can do."""

from __future__ import annotations

import pytest

from potable.engine.definition.regex import fault, is_shell_pattern, nonlinear


@pytest.mark.parametrize(
    ("pattern", "construct", "column"),
    [
        ("a(?=b)", "look-ahead", 2),
        ("(?!a)b", "look-ahead", 1),
        ("(?<=a)b", "look-behind", 1),
        ("(?<!a)b", "look-behind", 1),
        ("(?>a)b", "an atomic group", 1),
        (r"(a)\1", "a backreference", 4),
        (r"(?<n>a)\k<n>", "a backreference", 8),
        ("a*+b", "a possessive quantifier", 3),
        ("a++", "a possessive quantifier", 3),
        ("a?+", "a possessive quantifier", 3),
        ("a{2}+", "a possessive quantifier", 5),
        (r"\p{L}{2,}+", "a possessive quantifier", 10),
        (r"\p{L}++", "a possessive quantifier", 7),
    ],
)
def test_what_no_linear_engine_can_do_is_named(pattern: str, construct: str, column: int) -> None:
    assert nonlinear(pattern) == (construct, column)
    for java in (True, False):
        said = fault(pattern, java=java)
        assert said == f"{construct} (column {column}) can't be done in linear time"


@pytest.mark.parametrize(
    "pattern",
    [
        r"\(?=b", r"[(?=]b", r"\\[a*+]", r"\*+", r"\++", "a+", "[+*]+", "[a-z]{2,3}", "(?:a)", "(?<name>a)", "(?i)a",
        r"[\]*+]", r"\QRRID: (?=\E", r"\d+", "", "a|b", "^x$", r"\p{L}", "[[:alpha:]]+", r"\0101",
        r"\p{L}+", r"\P{Lu}+ \p{IsLatin}+", r"\x{41}+", r"\{x}+", r"\{2}+", r"\}+", "(?:a{2})+", r"\Qa*\E+", "a+?b+",
    ],
)  # fmt: skip
def test_what_looks_like_it_is_let_pass(pattern: str) -> None:
    assert nonlinear(pattern) is None


@pytest.mark.parametrize("pattern", ["(abc", "a)", "[a", "*a", "a{2,1}", r"\y"])
def test_broken_syntax_is_told_by_the_engine_that_would_run_it(pattern: str) -> None:
    said = fault(pattern)
    assert said
    assert "\n" not in said
    assert fault("a.*b|[c-d]+") is None


def test_java_syntax_is_left_to_its_translator() -> None:
    assert fault(r"\Qa.b\E", java=True) is None
    assert fault(r"\Qa.b\E") is not None
    assert fault("(abc", java=True) is not None
    assert fault(r"[a-z&&[^aeiou]]+", java=True) is None


@pytest.mark.parametrize("pattern", ["*.csv", "data_??.tsv", "*"])
def test_shell_patterns(pattern: str) -> None:
    assert is_shell_pattern(pattern)


@pytest.mark.parametrize("pattern", [r".*\.csv", "(?=a)", "[a", "a.csv", "(*)"])
def test_no_shell_patterns(pattern: str) -> None:
    assert not is_shell_pattern(pattern)
