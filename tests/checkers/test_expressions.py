"""The expression language: what it means, and what it refuses."""

from __future__ import annotations

import time
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potable.checkers.declared.table_schema import SchemaField, TableSchema
from potable.checkers.expressions import BadExpression, compile_expression, parse
from potable.engine.definition.model import SourceDefinition
from potable.engine.fields import Field
from potable.engine.paths import FieldPath

GERMAN = {"type": "date", "format": "%d.%m.%Y"}


def declared(**types: Any) -> dict[str, SchemaField]:
    fields = [{"name": n, **(t if isinstance(t, dict) else {"type": t})} for n, t in types.items()]
    schema = TableSchema.of(SourceDefinition(resource_id="x", table_schema={"fields": fields}))
    assert schema is not None
    return {f.path: f for f in schema.fields}


def holds(text: str, schema: dict[str, SchemaField] | None = None, **values: str | None) -> bool | None:
    """Whether it holds for one record of texts; None where it's unknown."""
    compiled = compile_expression(text, schema)
    derived: dict[str, pl.Expr] = {}
    fields = [Field(FieldPath.parse(p), derived, typed=False, missing_values=("",)) for p in compiled.fields]
    frame = pl.DataFrame(
        {f"$.{n}": [v] for n, v in values.items()}, schema_overrides={f"$.{n}": pl.String for n in values}
    )
    wrong = compiled.wrong(*fields)
    result = frame.with_columns(**derived).select(wrong.alias("wrong"))["wrong"][0]
    return None if result is None else not result


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("a < b", {"a": "9", "b": "10"}, True),
        ("a < b", {"a": "b", "b": "a"}, False),
        ("a < b", {"a": "x", "b": "10"}, None),
        ("a < b", {"a": "", "b": "10"}, None),
        ("a = b", {"a": "1.0", "b": "1"}, True),
        ("a = b", {"a": "x", "b": "1"}, False),
        ("a == 'x'", {"a": "x"}, True),
        ("a <> 'x'", {"a": "x"}, False),
        ("a + b = c", {"a": "0.1", "b": "0.2", "c": "0.3"}, True),
        ("a + b = c", {"a": "0.1", "b": "0.2", "c": "0.31"}, False),
        ("a + b < c", {"a": "0.1", "b": "0.2", "c": "0.3"}, False),
        ("a + b <= c", {"a": "0.1", "b": "0.2", "c": "0.3"}, True),
        ("a = b", {"a": "9007199254740993", "b": "9007199254740992"}, False),
        ("a = 9007199254740993", {"a": "9007199254740992"}, False),
        ("a / b > 1", {"a": "1", "b": "0"}, None),
        ("a % 3 = -1", {"a": "-7"}, True),
        ("-a - -2 = 0", {"a": "2"}, True),
        ("a + 2 * 3 = 7", {"a": "1"}, True),
        ("(a + 2) * 3 = 9", {"a": "1"}, True),
        ("a > 1 or b > 1 and b < 0", {"a": "2", "b": "5"}, True),
        ("not a > 1", {"a": "2"}, False),
        ("a > 1 or b > 1", {"a": "2", "b": ""}, True),
        ("a > 1 and b > 1", {"a": "0", "b": ""}, False),
        ("a > 1 and b > 1", {"a": "2", "b": ""}, None),
        ("a between 1 and 3", {"a": "3"}, True),
        ("a not between 1 and 3", {"a": "4"}, True),
        ("a in ('x', 'y')", {"a": "y"}, True),
        ("a not in (1, 2)", {"a": "2.0"}, False),
        ("a is null", {"a": ""}, True),
        ("a is not null", {"a": ""}, False),
        ("a is null or b is not null", {"a": "1", "b": ""}, False),
        ("a like 'A_%'", {"a": "A1"}, True),
        ("a like 'A_%'", {"a": "a1"}, False),
        ("a ilike 'A_%'", {"a": "a1"}, True),
        (r"a like '10\%'", {"a": "10x"}, False),
        ("a like '.*'", {"a": "abc"}, False),
        ("a || '-' || b = 'x-y'", {"a": "x", "b": "y"}, True),
        ("length(a) = 2", {"a": "éé"}, True),
        ("upper(trim(a)) = 'X'", {"a": " x "}, True),
        ("substr(a, 2, 2) = 'bc'", {"a": "abcd"}, True),
        ("starts_with(a, b)", {"a": "abc", "b": "ab"}, True),
        ("contains(a, '.')", {"a": "abc"}, False),
        ("regexp_like(a, '^[A-Z]+$')", {"a": "ABC"}, True),
        ("round(a, 1) = 2.5", {"a": "2.45"}, True),
        ("abs(a) = 3", {"a": "-3"}, True),
        ("coalesce(a, 0) = 0", {"a": ""}, True),
        ("nullif(a, 0) is null", {"a": "0.0"}, True),
        ("greatest(a, b) = 3", {"a": "2", "b": "3"}, True),
        ("if(a > 1, b > 1, true)", {"a": "2", "b": "0"}, False),
        ("case when a > 1 then b > 1 when a > 0 then b > 0 else true end", {"a": "1", "b": "0"}, False),
        ("d >= '2024-02-01'", {"d": "2024-03-01"}, True),
        ("date(d) < date '2024-02-01'", {"d": "2024-03-01"}, False),
        ("date(d) - date(e) = 29", {"d": "2024-03-01", "e": "2024-02-01"}, True),
        ("date(d) + 29 = date(e)", {"d": "2024-02-01", "e": "2024-03-01"}, True),
        ("year(d) = 2024 and month(d) = 3", {"d": "2024-03-01"}, True),
        ("date(d) < '2024-02-01'", {"d": "soon"}, None),
        ("cast(a as integer) = 5", {"a": "5.5"}, True),
        ("cast(a as integer) = a", {"a": "-5.5"}, False),
        ("cast(a as integer) = a", {"a": "9007199254740993"}, True),
        ("cast(a as integer) = 5", {"a": "five"}, None),
        ("a > 10", {"a": " 5 "}, False),
        ("a = b", {"a": "5 ", "b": "5.0"}, True),
        ("not pregnant or sex = 'F'", {"pregnant": "true", "sex": "M"}, False),
        ('"a" > `b`', {"a": "2", "b": "1"}, True),
        ("$.a > $.'b'", {"a": "2", "b": "1"}, True),
        ("a > 1 is true", {"a": ""}, False),
    ],
)  # fmt: skip
def test_meaning(text: str, values: dict[str, str], expected: bool | None) -> None:
    assert holds(text, **values) is expected


@pytest.mark.parametrize(
    ("text", "schema", "values", "expected"),
    [
        ("a < b", {"a": "string", "b": "string"}, {"a": "10", "b": "9"}, True),
        ("a < b", {"a": "integer"}, {"a": "9", "b": "10"}, True),
        ("a = '007'", {"a": "string"}, {"a": "7"}, False),
        ("a < b", {"a": GERMAN, "b": "date"}, {"a": "01.03.2024", "b": "2024-02-01"}, False),
        ("a < '2024-02-01'", {"a": GERMAN}, {"a": "01.01.2024"}, True),
        ("a > 1000", {"a": {"type": "number", "groupChar": ".", "decimalChar": ","}}, {"a": "1.500,5"}, True),
        ("not a", {"a": {"type": "boolean", "trueValues": ["yes"], "falseValues": ["no"]}}, {"a": "no"}, True),
        ("a >= 2000", {"a": "year"}, {"a": "1999"}, False),
        ("a = 1", {"a": {"type": "integer", "missingValues": ["-1"]}}, {"a": "-1"}, None),
    ],
)  # fmt: skip
def test_types_of_the_schema(text: str, schema: dict[str, Any], values: dict[str, str], expected: bool | None) -> None:
    assert holds(text, declared(**schema), **values) is expected


@pytest.mark.parametrize(
    ("text", "reason", "column"),
    [
        ("", "it's empty", 1),
        ("a <", "it ends too early", 4),
        ("a < b <= c", "write a chain of comparisons as two with AND", 7),
        ("a = b; drop table x", "';' means nothing here", 6),
        ("a = (select 1)", "this isn't expected here: 'select'; a constraint sees one record", 6),
        ("sum(a) > 3", "sum() looks at several records, and a constraint sees one", 1),
        ("a over () > 3", "this isn't expected here: 'over'; a constraint sees one record", 3),
        ("read_csv('/etc/passwd') = a", "there is no function read_csv()", 1),
        ("a.b > 3", "'.' means nothing here", 2),
        ("a && b", "write AND, OR and NOT", 3),
        ("a > 'x", "the quote ' isn't closed", 5),
        ("a in ()", "this list is empty", 3),
        ("(a > 1", ") is missing before the end", 7),
        ("a > 1)", "this isn't expected here: ')'", 6),
        ("1 = 1", "it names no field", 1),
        ("a + 'x' > 1", "a number is needed here, not a text", 5),
        ("length(a) and a > 1", "true or false is needed here, not a number", 1),
        ("date(a) = 1", "a date can't be compared with a number", 9),
        ("date(a) = 'soon'", "'soon' isn't a date such as '2024-05-31'", 9),
        ("cast(a as blob) = 1", "'blob' is no type; there are DATE", 11),
        ("$.a..> 1", "'.' means nothing here", 4),
        ("round(a, b) = 1", "round() takes a number of digits from 0 to 15", 1),
        ("regexp_like(a, b)", "a text in single quotes is needed here", 1),
        ("a = 1 and regexp_like(b, 'x(')", "this regular expression can't be used: unclosed group", 11),
        ("abs() = a", "abs() takes 1 values, not 0", 1),
        ("(" * 100 + "a" + ")" * 100, "it's nested deeper than 60", 61),
        ("+".join("a" * 200), "there are more than 60 terms", 122),
        ("a > 1e999", "this number is too great", 5),
    ],
)  # fmt: skip
def test_refusals(text: str, reason: str, column: int) -> None:
    with pytest.raises(BadExpression) as caught:
        compile_expression(text)
    assert (caught.value.reason[: len(reason)], caught.value.column) == (reason, column)


def test_a_place_is_told_once() -> None:
    with pytest.raises(BadExpression) as caught:
        compile_expression("regexp_like(a, '(x')")
    assert str(caught.value) == "this regular expression can't be used: unclosed group (at character 1)"
    with pytest.raises(BadExpression) as caught:
        compile_expression("regexp_like(a, 'x(?=y)')")
    assert str(caught.value).endswith("(character 2 of it) (at character 1)")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+".join("a" * 60) + " = 120", True),
        ("%".join("a" * 60) + " = 0", True),
        ("nullif(" * 50 + "a" + ", 1)" * 50 + " = 2", True),
        ("(" * 55 + "a > 1" + ") in (true, false)" * 55, True),
        ("(" * 55 + "a > 1" + ") between false and true" * 55, True),
        ("round(" * 55 + "a / 4" + ") * 2" * 55 + " > 0", True),
    ],
)
def test_what_is_nested_takes_no_longer_than_what_is_long(text: str, expected: bool) -> None:
    assert holds(text, a="2") is expected


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("a in (1, 2.5)", "2.50", True),
        ("a in (1, 2.5)", "x", None),
        ("a in (1, 2)", "", None),
        ("a in (9007199254740992, 1)", "9007199254740993", False),
        ("a + 0.1 in (0.3, 1)", "0.2", True),
        ("a in ('x', null)", "x", True),
        ("a in ('x', null)", "y", None),
        ("a in ('1', 2)", "2.0", True),
        ("a in (date '2024-02-01', '2024-02-02')", "2024-02-02", True),
    ],
)
def test_lists(text: str, value: str, expected: bool | None) -> None:
    assert holds(text, a=value) is expected


def test_long_chains_of_conditions_are_fine() -> None:
    assert holds(f"a in ({', '.join(str(n) for n in range(1500))})", a="1499") is True
    assert holds(" or ".join(f"a = {n}" for n in range(500)), a="499") is True


@pytest.mark.parametrize("branches", [9, 10, 11, 35])
def test_a_case_of_many_branches_takes_the_first_that_holds(branches: int) -> None:
    text = "case " + " ".join(f"when a >= {n} then b = {n}" for n in reversed(range(branches))) + " else b = 'z' end"
    for n in range(branches):
        assert holds(text, a=f"{n}", b=f"{n}") is True
        assert holds(text, a=f"{n}", b=f"{n + 1}") is False
    assert holds(text, a="", b="z") is True
    assert holds(text, a="0", b="") is None


@pytest.mark.parametrize(
    ("first", "between", "part", "last"),
    [("case ", " ", "when a = {n} then b < {n}", " else true end"), ("", " or ", "a = {n}", "")],
)
def test_what_is_long_takes_no_more_than_its_length(first: str, between: str, part: str, last: str) -> None:
    frame = pl.DataFrame({"$.a": [str(n % 997) for n in range(10_000)], "$.b": [str(n) for n in range(10_000)]})

    def seconds(parts: int) -> float:
        compiled = compile_expression(first + between.join(part.format(n=n) for n in range(parts)) + last)
        derived: dict[str, pl.Expr] = {}
        fields = [Field(FieldPath.parse(p), derived, typed=False, missing_values=("",)) for p in compiled.fields]
        wrong, ready = compiled.wrong(*fields), frame.with_columns(**derived)
        took = []
        for _ in range(3):
            start = time.process_time()
            ready.select(wrong)
            took.append(time.process_time() - start)
        return min(took)

    assert seconds(360) < 10 * seconds(90) + 0.05  # four times the parts; the square of that is sixteen


@given(st.text(alphabet="abx01.'\"`$()<>=!+-*/%,|_ \n", max_size=40) | st.text(max_size=20))
@settings(max_examples=300)
def test_any_text_is_parsed_or_refused(text: str) -> None:
    fault = None
    try:
        parse(text)
    except BadExpression as e:
        fault = e
    assert fault is None or 1 <= fault.column <= len(text) + 1


@given(
    st.recursive(
        st.sampled_from(["a", "b", "1", "'x'", "null", "true", "date '2024-01-01'"]),
        lambda inner: (
            st.tuples(inner, st.sampled_from(["+", "-", "=", "<", "and", "or", "||", "in"]), inner).map(
                lambda t: f"({t[0]} in ({t[2]}))" if t[1] == "in" else f"({t[0]} {t[1]} {t[2]})"
            )
            | inner.map(lambda t: f"coalesce({t}, b)")
            | inner.map(lambda t: f"not ({t})")
        ),
        max_leaves=6,
    )
)
@settings(max_examples=200, deadline=None)
def test_what_compiles_can_be_evaluated(text: str) -> None:
    try:
        compile_expression(text)
    except BadExpression:
        return
    assert holds(text, a="1", b="x") in (True, False, None)
