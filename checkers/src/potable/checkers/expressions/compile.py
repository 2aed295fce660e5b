"""From nodes to one Polars expression, typed by the Table Schema where there is one."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from potable.checkers.declared.table_schema import SchemaField
from potable.checkers.expressions.functions import boolean, call, choose, number, text
from potable.checkers.expressions.grammar import parse
from potable.checkers.expressions.nodes import (
    Among,
    BadExpression,
    Between,
    Call,
    Case,
    Compare,
    Compute,
    IsNull,
    Joined,
    Like,
    Literal,
    Name,
    Node,
    Not,
)  # fmt: skip
from potable.checkers.expressions.stages import Stages
from potable.checkers.expressions.values import Value, compare, moments
from potable.checkers.types.base import BadSetting, Type
from potable.checkers.types.field import types_of
from potable.checkers.types.moments import MomentType
from potable.checkers.types.numbers import IntegerType, NumberType
from potable.checkers.types.texts import BooleanType, StringType
from potable.checkers.values.missing import missing
from potable.engine.fields import Field
from potable.engine.paths import FieldPath

DAY = 86_400_000_000
"""Microseconds."""

EXACT = 2.0**53
"""Below it each integer is a float of its own."""

MOST_USES = 20
"""Where fields occur more often, what they're worth is computed once, as columns."""

MOST_BRANCHES = 10
"""Branches of a CASE in one expression: what evaluates it takes the square of its depth."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """An expression that can be used.

    :param fields: canonical paths, in the order in which they first occur.
    :param wrong: given a handle for each of them, true where the expression is false; null where it's unknown.
    """

    fields: tuple[str, ...]
    wrong: Callable[..., pl.Expr]


def compile_expression(given: str, declared: Mapping[str, SchemaField] | None = None) -> Compiled:
    """Make an expression ready.

    :param given: a condition, in a small subset of SQL; it must hold for each record.
    :param declared: the fields of the Table Schema, by path.
    :raises BadExpression: it can't be used.
    """
    tree = parse(given)
    names = list(dict.fromkeys(node.path for node in _all(tree) if isinstance(node, Name)))
    if not names:
        raise BadExpression("it names no field", 1)
    schema = declared or {}
    uses = sum(isinstance(node, Name) for node in _all(tree))
    plain = uses <= MOST_USES and not any(_needs_stages(node) for node in _all(tree))

    def wrong(*fields: Field) -> pl.Expr:
        handles = {f.path: f for f in fields}
        values = {name: _column(handles[name], schema.get(name)) for name in names}
        if not plain:
            stages = Stages()
            named = {name: stages.named(value) for name, value in values.items()}
            return stages.run(~_Evaluation(named, stages.once).of(tree).as_boolean(tree.at))
        return ~_Evaluation(values).of(tree).as_boolean(tree.at)

    for typed in (False, True):  # every fault of type shows without data
        wrong(*(Field(FieldPath.parse(n), {}, typed=typed, missing_values=("",)) for n in names))
    return Compiled(tuple(names), wrong)


def _needs_stages(node: Node) -> bool:
    if isinstance(node, Among | Between):
        return not isinstance(node.operand, Name | Literal)
    return isinstance(node, Compute | Call | Case)


def _all(node: Node) -> Iterator[Node]:
    """A node and what is in it, in the order of the text."""
    yield node
    for part in _parts(node):
        yield from _all(part)


def _parts(node: Node) -> tuple[Node, ...]:
    match node:
        case Not() | IsNull() | Like():
            return (node.operand,)
        case Compare() | Compute():
            return node.left, node.right
        case Among():
            return node.operand, *node.items
        case Between():
            return node.operand, node.low, node.high
        case Joined():
            return node.parts
        case Call():
            return node.arguments
        case Case():
            return *(n for pair in node.branches for n in pair), node.otherwise
    return ()


# -- fields --------------------------------------------------------------------------------------------------------


def _column(f: Field, given: SchemaField | None) -> Value:
    """A field's value: of its declared type, or open."""
    lacks = missing(f, given.missing_values) if given is not None else f.missing
    there: Callable[[pl.Expr], pl.Expr] = lambda e: pl.when(~lacks).then(e)  # noqa: E731
    kind = _declared(f, given)
    spelt = there(f.text)
    match kind:
        case MomentType():
            found = f.derive("moment", f.text.map_batches(kind.moments, return_dtype=pl.Int64))
            return Value(kind="moment", moment=there(found), text=spelt, parse=kind.moments)
        case NumberType():
            found = f.number
            if given is not None and {"decimalChar", "groupChar", "bareNumber"} & given.given.keys() and not f.typed:
                found = f.derive("float", f.text.map_batches(kind.floats, return_dtype=pl.Float64))
                return Value(kind="number", number=there(found), text=spelt)
            return Value(kind="number", number=there(found), integer=there(f.integer), text=spelt)
        case BooleanType():
            return Value(kind="boolean", boolean=there(_truth(f, kind)), text=spelt)
        case StringType():
            return Value(kind="text", text=spelt)
    dates = f.derive("moments", f.text.map_batches(moments, return_dtype=pl.Int64))
    return Value(
        kind="open", number=there(f.number), integer=there(f.integer), text=spelt,
        boolean=there(_truth(f, BooleanType())), moment=there(dates),
    )  # fmt: skip


def _declared(f: Field, given: SchemaField | None) -> Type | None:
    if given is None:
        return None
    if given.type == "year":
        return IntegerType()  # everybody compares years with numbers
    try:
        return types_of(given).of(f)
    except BadSetting:  # the schema checker tells of it
        return None


def _truth(f: Field, kind: BooleanType) -> pl.Expr:
    if f.typed:
        return f.boolean
    true = f.text.map_batches(lambda s: kind.listed(s, ["true"]), return_dtype=pl.Boolean)
    false = f.text.map_batches(lambda s: kind.listed(s, ["false"]), return_dtype=pl.Boolean)
    return pl.when(true).then(pl.lit(value=True)).when(false).then(pl.lit(value=False))


# -- the rest ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Evaluation:
    """What nodes are worth.

    :param values: of the fields, by path.
    :param once: what may be used several times, as a column that is computed once.
    """

    values: Mapping[str, Value]
    once: Callable[[Value], Value] = lambda value: value

    def of(self, node: Node) -> Value:
        match node:
            case Name():
                return self.values[node.path]
            case Literal():
                return _literal(node)
            case Not():
                return boolean(~self._truth(node.operand))
            case Joined():
                parts = [self._truth(p) for p in node.parts]
                return boolean(pl.any_horizontal(parts) if node.any else pl.all_horizontal(parts))
            case Compare():
                return boolean(compare(node.operator, self.of(node.left), self.of(node.right), node.at))
            case Among():
                return boolean(_among(node, self._again(node.operand), [self.of(item) for item in node.items]))
            case Between():
                value = self._again(node.operand)
                low = compare(">=", value, self.of(node.low), node.at)
                return boolean(low & compare("<=", value, self.of(node.high), node.at))
            case IsNull():
                return boolean(_any_form(self.of(node.operand)).is_null())
            case Like():
                return boolean(self.of(node.operand).as_text(node.at).str.contains(_like(node)))
            case Compute():
                return self.once(_compute(node, self.of(node.left), self.of(node.right)))
            case Call():
                return self.once(call(node.function, [self.of(a) for a in node.arguments], node.at))
            case Case():
                conditions = [self._truth(c) for c, _ in node.branches]
                results = [*(self.of(r) for _, r in node.branches), self.of(node.otherwise)]
                return self.once(_case(node, conditions, results, self._kept))
        raise AssertionError(node)

    def _kept(self, expression: pl.Expr) -> pl.Expr:
        """A part of an expression, as a column where those are made."""
        kept = self.once(boolean(expression)).boolean
        return expression if kept is None else kept

    def _again(self, node: Node) -> Value:
        """What is compared several times."""
        value = self.of(node)
        return value if isinstance(node, Name | Literal) else self.once(value)

    def _truth(self, node: Node) -> pl.Expr:
        return self.of(node).as_boolean(node.at)


def _literal(node: Literal) -> Value:
    if node.number:
        spelt = str(node.value)
        found = float(spelt)
        if not math.isfinite(found):
            raise BadExpression("this number is too great", node.at)
        whole = int(spelt) if re.fullmatch(r"-?[0-9]{1,18}", spelt) else None
        integer = None if whole is None else pl.lit(whole, dtype=pl.Int64)
        if whole is None:  # exact all the same: no integer equals it
            integer = pl.lit(None, dtype=pl.Int64)
        return Value(kind="number", number=pl.lit(found), integer=integer, literal=spelt)
    if node.value is None:
        return Value(kind="null")
    if isinstance(node.value, bool):
        return boolean(pl.lit(node.value))
    return Value(kind="text", text=pl.lit(node.value), literal=node.value)


def _any_form(value: Value) -> pl.Expr:
    forms = (value.text, value.number, value.boolean, value.moment)
    return next((f for f in forms if f is not None), pl.lit(None, dtype=pl.String))


def _compute(node: Compute, left: Value, right: Value) -> Value:
    if node.operator == "||":
        return text(left.as_text(node.left.at) + right.as_text(node.right.at))
    if "moment" in (left.kind, right.kind) and node.operator in ("+", "-"):
        return _days(node, left, right)
    a, b = left.as_number(node.left.at), right.as_number(node.right.at)
    match node.operator:
        case "+":
            found = a + b
        case "-":
            found = a - b
        case "*":
            found = a * b
        case "/":
            found = pl.when(b != 0).then(a / b)
        case _:
            quotient = a / b
            truncated = pl.when(quotient < 0).then(quotient.ceil()).otherwise(quotient.floor())
            found = pl.when(b != 0).then(a - b * truncated)  # of the sign of the dividend, as in SQL
    return number(pl.when(found.is_finite()).then(found))


def _days(node: Compute, left: Value, right: Value) -> Value:
    """Dates, reckoned in days: the difference of two, or one and a number."""
    at = node.at
    if node.operator == "-" and right.kind in ("moment", "open", "text") and left.kind != "number":
        days = (left.as_moment(at) - right.as_moment(at)) / DAY
        return number(days)
    if right.kind == "moment":
        if node.operator == "-":
            raise BadExpression("a date can't be taken from a number", at)
        left, right = right, left
    shift = (right.as_number(at) * DAY).cast(pl.Int64, strict=False)
    when = left.as_moment(at)
    return Value(kind="moment", moment=when + shift if node.operator == "+" else when - shift, parse=left.parse)


def _like(node: Like) -> str:
    """A LIKE pattern as a regular expression: ``%`` any text, ``_`` any character, after a backslash themselves."""
    out = []
    for piece in re.findall(r"\\.|.", node.pattern, re.DOTALL):
        if piece in "%_":
            out.append(".*" if piece == "%" else ".")
        else:
            out.append(f"\\x{{{ord(piece[-1]):X}}}")
    return rf"\A(?{'i' if node.folded else ''}s:{''.join(out)})\z"


def _among(node: Among, value: Value, items: list[Value]) -> pl.Expr:
    """Lists that are written out are looked up: as many comparisons would be slow."""
    written = [item.literal for item in items if item.literal is not None]
    kinds = {item.kind for item in items} if len(written) == len(items) else set()
    if kinds == {"text"} and value.kind in ("text", "open"):
        return value.as_text(node.at).is_in(written)
    if kinds == {"number"} and value.integer is not None and all(abs(float(n)) < EXACT for n in written):
        return value.as_number(node.at).is_in([float(n) for n in written])
    return pl.any_horizontal([compare("=", value, item, node.at) for item in items])


def _case(node: Case, conditions: list[pl.Expr], results: list[Value], kept: Callable[[pl.Expr], pl.Expr]) -> Value:
    def pick(found: list[pl.Expr]) -> pl.Expr:
        chosen = found[-1]
        for n, (condition, result) in enumerate(zip(reversed(conditions), reversed(found[:-1]), strict=True), 1):
            chosen = pl.when(condition).then(result).otherwise(chosen)
            if n % MOST_BRANCHES == 0:
                chosen = kept(chosen)
        return chosen

    return choose(results, node.at, pick)
