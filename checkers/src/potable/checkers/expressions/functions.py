"""The functions that an expression may call: each looks at one record's values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from potable.checkers.declared.regexes import BadRegex, within
from potable.checkers.expressions.nodes import BadExpression
from potable.checkers.expressions.values import NOUNS, Kind, Value, common_kind, compare, moments
from potable.engine.toolkit import likely

AGGREGATES = frozenset((
    "avg", "mean", "sum", "min", "max", "count", "median", "stddev", "std", "variance", "first", "last", "any_value",
    "row_number", "rank", "lag", "lead",
))  # fmt: skip

Arguments = Sequence[Value]
Builder = Callable[[Arguments, int], Value]


@dataclass(frozen=True, slots=True)
class Function:
    """A function: how many arguments it takes, and what it's worth."""

    least: int
    most: int
    build: Builder


def call(name: str, arguments: Arguments, at: int) -> Value:
    """What a function is worth. Raises :class:`BadExpression`."""
    function = FUNCTIONS.get(name)
    if function is None:
        if name in AGGREGATES:
            raise BadExpression(f"{name}() looks at several records, and a constraint sees one", at)
        near = likely(name, FUNCTIONS)
        ask = f"did you mean {near[0]}()?" if near else f"there are {', '.join(sorted(FUNCTIONS))}"
        raise BadExpression(f"there is no function {name[:40]}(); {ask}", at)
    if not function.least <= len(arguments) <= function.most:
        wanted = str(function.least) if function.least == function.most else f"{function.least} to {function.most}"
        raise BadExpression(f"{name}() takes {wanted} values, not {len(arguments)}", at)
    return function.build(arguments, at)


def number(expression: pl.Expr, *, integer: pl.Expr | None = None) -> Value:
    """A number that was computed."""
    return Value(kind="number", number=expression, integer=integer)


def text(expression: pl.Expr) -> Value:
    """A text that was computed."""
    return Value(kind="text", text=expression)


def boolean(expression: pl.Expr) -> Value:
    """A truth that was computed."""
    return Value(kind="boolean", boolean=expression)


def choose(values: Arguments, at: int, pick: Callable[[list[pl.Expr]], pl.Expr]) -> Value:
    """One of several values of a kind."""
    kind: Kind = "null"
    for value in values:
        kind = common_kind(Value(kind=kind), value, at) if kind != "null" else value.kind
    if kind in ("null", "open"):
        kind = "text"
    match kind:
        case "number":
            return number(pick([v.as_number(at) for v in values]))
        case "boolean":
            return boolean(pick([v.as_boolean(at) for v in values]))
        case "moment":
            return Value(kind="moment", moment=pick([v.as_moment(at) for v in values]))
    return text(pick([v.as_text(at) for v in values]))


def literal(value: Value, at: int) -> str:
    """A text that is written out in the expression. Raises BadExpression, which points at ``at``, for anything else."""
    if value.kind != "text" or value.literal is None:
        raise BadExpression("a text in single quotes is needed here", at)
    return value.literal


def _texts(change: Callable[[pl.Expr], pl.Expr]) -> Function:
    return Function(1, 1, lambda a, at: text(change(a[0].as_text(at))))


def _numbers(change: Callable[[pl.Expr], pl.Expr]) -> Function:
    return Function(1, 1, lambda a, at: number(change(a[0].as_number(at))))


def _tests(test: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> Function:
    return Function(2, 2, lambda a, at: boolean(test(a[0].as_text(at), a[1].as_text(at))))


def _part(name: str) -> Function:
    """A part of a date."""

    def build(arguments: Arguments, at: int) -> Value:
        when = pl.from_epoch(arguments[0].as_moment(at), time_unit="us")
        return _whole(getattr(when.dt, name)())

    return Function(1, 1, build)


def _whole(expression: pl.Expr) -> Value:
    return number(expression.cast(pl.Float64), integer=expression.cast(pl.Int64))


def _round(arguments: Arguments, at: int) -> Value:
    value = arguments[0].as_number(at)
    if len(arguments) == 1:
        return number(value.round(0, mode="half_away_from_zero"))
    digits = arguments[1].literal
    if digits is None or not digits.isdigit() or int(digits) > 15:
        raise BadExpression("round() takes a number of digits from 0 to 15", at)
    return number(value.round(int(digits), mode="half_away_from_zero"))


def _substring(arguments: Arguments, at: int) -> Value:
    start = arguments[1].as_number(at).cast(pl.Int64, strict=False) - 1  # SQL counts from 1
    length = None if len(arguments) == 2 else arguments[2].as_number(at).cast(pl.UInt64, strict=False)
    return text(arguments[0].as_text(at).str.slice(pl.max_horizontal(start, pl.lit(0)), length))


def _matches(arguments: Arguments, at: int) -> Value:
    try:
        pattern = within(literal(arguments[1], at), "java")
    except BadRegex as e:
        where = "" if e.column is None else f" (character {e.column} of it)"
        raise BadExpression(f"this regular expression can't be used: {e.reason}{where}", at) from None
    return boolean(arguments[0].as_text(at).str.contains(pattern))


def _nullif(arguments: Arguments, at: int) -> Value:
    same = compare("=", arguments[0], arguments[1], at)
    return choose(arguments, at, lambda e: pl.when(same.fill_null(value=False)).then(None).otherwise(e[0]))


def _if(arguments: Arguments, at: int) -> Value:
    condition = arguments[0].as_boolean(at)
    return choose(arguments[1:], at, lambda e: pl.when(condition).then(e[0]).otherwise(e[1]))


def _cast_text(arguments: Arguments, at: int) -> Value:
    value = arguments[0]
    if value.text is not None or value.kind == "null":
        return text(value.as_text(at))
    raise BadExpression(f"{NOUNS[value.kind]} that was computed has no spelling of its own", at)


def _cast_integer(arguments: Arguments, at: int) -> Value:
    value = arguments[0] if arguments[0].kind != "text" else _cast_number(arguments, at)
    whole = value.as_number(at).cast(pl.Int64, strict=False)  # without its fraction
    return _whole(whole if value.integer is None else pl.coalesce(value.integer, whole))


def _cast_number(arguments: Arguments, at: int) -> Value:
    value = arguments[0]
    if value.kind == "text" and value.text is not None:
        digits = value.text.str.strip_chars(" \t\r\n")
        found = digits.cast(pl.Float64, strict=False)
        return number(pl.when(found.is_finite()).then(found), integer=digits.cast(pl.Int64, strict=False))
    return Value(kind="number", number=value.as_number(at), integer=value.integer)


def _cast_moment(arguments: Arguments, at: int) -> Value:
    value = arguments[0]
    if value.kind == "text" and value.literal is None and value.text is not None:
        return Value(kind="moment", moment=value.text.map_batches(moments, return_dtype=pl.Int64))
    return Value(kind="moment", moment=value.as_moment(at), parse=value.parse)


FUNCTIONS: dict[str, Function] = {
    "length": Function(1, 1, lambda a, at: _whole(a[0].as_text(at).str.len_chars())),
    "lower": _texts(lambda t: t.str.to_lowercase()),
    "upper": _texts(lambda t: t.str.to_uppercase()),
    "trim": _texts(lambda t: t.str.strip_chars()),
    "substr": Function(2, 3, _substring),
    "starts_with": _tests(lambda a, b: a.str.starts_with(b)),
    "ends_with": _tests(lambda a, b: a.str.ends_with(b)),
    "contains": _tests(lambda a, b: a.str.contains(b, literal=True)),
    "regexp_like": Function(2, 2, _matches),
    "abs": _numbers(lambda n: n.abs()),
    "floor": _numbers(lambda n: n.floor()),
    "ceil": _numbers(lambda n: n.ceil()),
    "round": Function(1, 2, _round),
    "year": _part("year"),
    "month": _part("month"),
    "day": _part("day"),
    "coalesce": Function(1, 50, lambda a, at: choose(a, at, pl.coalesce)),
    "greatest": Function(2, 50, lambda a, at: number(pl.max_horizontal([v.as_number(at) for v in a]))),
    "least": Function(2, 50, lambda a, at: number(pl.min_horizontal([v.as_number(at) for v in a]))),
    "nullif": Function(2, 2, _nullif),
    "if": Function(3, 3, _if),
    "text": Function(1, 1, _cast_text),
    "integer": Function(1, 1, _cast_integer),
    "number": Function(1, 1, _cast_number),
    "date": Function(1, 1, _cast_moment),
    "boolean": Function(1, 1, lambda a, at: boolean(a[0].as_boolean(at))),
}
_ALIASES = {
    "len": "length", "char_length": "length", "substring": "substr", "regexp_matches": "regexp_like",
    "matches": "regexp_like", "ceiling": "ceil", "ifnull": "coalesce",
}  # fmt: skip
FUNCTIONS |= {alias: FUNCTIONS[meant] for alias, meant in _ALIASES.items()}
