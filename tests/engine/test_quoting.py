"""What reports may quote."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potable.engine.findings import Code, Location, Sample, Severity
from potable.engine.quoting import Quoting, fill, literal, mask, strange

CODE = Code(id="a/b", severity=Severity.ERROR, title="Bad thing", meaning="m", why="w", example="e", mend="x")


def test_shown_values_are_cut_to_200_characters() -> None:
    quoted = Quoting().quote("$.a", "x" * 500)
    assert quoted == "x" * 199 + "…"


def test_masked_values_keep_their_shape_only() -> None:
    assert mask("RRID:CVCL_0007 é√") == "XXXX:XXXX_9999 x√"
    assert Quoting("masked").quote("$.a", "Ab-1") == "Xx-9"


def test_policy_by_field() -> None:
    quoting = Quoting({"$.name": "none", "$.dob": "masked"})
    assert quoting.quote("$.name", "Ann") is None
    assert quoting.quote("$.dob", "1999-01-02") == "9999-99-99"
    assert quoting.quote("$.city", "Rome") == "Rome"


def test_the_policy_of_a_field_holds_for_what_is_inside_it_and_for_what_holds_it() -> None:
    quoting = Quoting({"$.a": "none", "$.a.open": "shown", "$.b.c": "masked", "$.b": "shown"})
    for inside in ("$.a.b", "$.a[*]", "$.a[0].b"):
        assert quoting.policy(inside) == "none", inside
    assert quoting.policy("$.a.open") == "shown"
    assert quoting.policy("$.b") == "masked"
    assert quoting.policy("$.ab") == quoting.policy("$.b.d") == "shown"


def test_a_text_of_no_field_is_quoted_by_the_strictest_policy() -> None:
    sample = Sample(message="2 cells where the header has 3", value="Ann,1999")
    closed = Quoting({"$.name": "masked", "$.city": "shown"}).sample(sample, CODE, (), ())
    assert closed == Sample(message="2 cells where the header has 3", value="Xxx,9999")
    assert Quoting({"$.name": "none", "$.dob": "masked"}).sample(sample, CODE, (), ()).value is None
    assert Quoting({"$.name": "shown"}).sample(sample, CODE, (), ()) == sample


def test_messages_of_checkers_give_way_to_the_title() -> None:
    sample = Sample(message="Ann occurs twice", value="Ann", key="Ann:1")
    closed = Quoting({"$.name": "none"}).sample(sample, CODE, ("$.name",), ("$.name", "$.n"))
    assert closed == Sample(message="Bad thing", value=None, key=None)
    assert Quoting().sample(sample, CODE, ("$.name",), ()) == sample


def test_templates_take_names_with_blanks_and_leave_the_unknown() -> None:
    assert fill("{a b} and {c} and {d}", {"a b": "{c}", "c": None}) == "{c} and nothing and {d}"


def test_what_is_no_value_is_named_without_quotes() -> None:
    values = {"a": "x", "b": None, "c": None, "d": ""}
    told = fill('"{a}", "{b}", {b}, "{c}", "{d}", {d}, "{e}"', values, {"b": "an array"})
    assert told == '"x", an array, an array, nothing, "", \'\', "{e}"'


def test_a_template_quotes_what_may_be_shown() -> None:
    sample = Sample(message="", value="Ann-1 " + "x" * 90)
    for values, told in (
        ("shown", f'"Ann-1 {"x" * 73}…"'),
        ("masked", f'"Xxx-9 {"x" * 73}…"'),
        ("none", '"(not shown)"'),
    ):
        shown = Quoting({"$.name": values}).sample(sample, CODE, ("$.name",), (), '"{value}" is odd')
        assert shown.message == f"{told} is odd"
    empty = Quoting().sample(Sample(message=""), CODE, ("$.name",), (), '"{value}" is odd')
    assert empty.message == "nothing is odd"


def test_a_misspelt_placeholder_is_unknown_and_a_text_with_braces_stays() -> None:
    values = {"value": "7", "field": "$.mass", "mass": "7", "Lu": "8"}
    assert fill("{vlaue} of {feild}", values) == "(unknown) of (unknown)"
    assert fill('"{mas}" and "{value}"', values) == '(unknown) and "7"'
    assert fill(r"{value} isn't ^[A-Z]{4}\p{lu}{2,3}$, {other}, {}", values) == (
        r"7 isn't ^[A-Z]{4}\p{lu}{2,3}$, {other}, {}"
    )


@given(st.text(alphabet='{}ab" '), st.text(alphabet='{}ab" '))
def test_a_literal_text_is_shown_as_it_is(before: str, after: str) -> None:
    values = {"value": "7", "a": "8", "b": "9"}
    assert fill(literal(before), values) == before
    told = fill(f"{literal(before)} {{value}} {literal(after)}", values)
    assert told == f"{before} 7 {after}" or '" {value} "' in f"{before} {{value}} {after}"


def test_doubled_braces_are_no_placeholder() -> None:
    values = {"value": "7"}
    assert fill('{{value}}, "{{value}}", {{{value}}}: {value}', values) == '{value}, "{value}", {{value}}: 7'
    assert fill("{{vlaue}} and ^a{{2}$", values) == "{vlaue} and ^a{{2}$"
    assert strange("{{vlaue}} {other}", frozenset(values)) == (("other", None),)


@pytest.mark.parametrize("values", ["none", "masked", {"$.a": "none"}])
@pytest.mark.parametrize(
    ("code", "pointer", "shown"),
    [
        ("definition/bad-value", "/errPerc", True),
        ("definition/bad-value", "/data/3", False),
        ("x/y", "/errPerc", False),
    ],
)
def test_what_is_said_of_the_definition(values: Any, code: str, pointer: str, shown: bool) -> None:
    documented = Code(id=code, severity=Severity.ERROR, title="T", meaning="m", why="w", example="e", mend="d")
    sample = Sample(message="it's 'x'", value="x", location=Location(path=pointer))
    said = Quoting(values).sample(sample, documented, ("$.a",), ())
    assert (said.message, said.value) == ("it's 'x'" if shown else "T", "x" if values == "masked" else None)
