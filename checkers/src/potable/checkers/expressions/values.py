"""What a part of an expression is worth: as a number, a text, a truth, a moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import polars as pl

from potable.checkers.expressions.nodes import BadExpression, Comparison

Kind = Literal["number", "text", "boolean", "moment", "open", "null"]
"""``open``: a field of no declared type, which is what it's compared with."""

NOUNS = {"number": "a number", "text": "a text", "boolean": "true or false", "moment": "a date", "null": "NULL"}
CLOSE = 1e-9
"""Computed numbers are equal where they differ by no more than this share of the greater: 0.1 + 0.2 = 0.3."""

_COMPARE: dict[Comparison, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "=": lambda a, b: a == b, "!=": lambda a, b: a != b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A value of each record, as Polars expressions; null where it's missing or isn't of that kind.

    :param kind: what it is; an ``open`` one has all the others.
    :param number: Float64. :param integer: Int64, where it's exactly an integer; None for what was computed.
    :param text: String. :param boolean: Boolean.
    :param moment: Int64 that sorts as dates do, microseconds since 1970.
    :param literal: what is written, where it's a literal; a text may be a date.
    :param parse: how the field writes its moments, for literals that it's compared with.
    """

    kind: Kind
    number: pl.Expr | None = None
    integer: pl.Expr | None = None
    text: pl.Expr | None = None
    boolean: pl.Expr | None = None
    moment: pl.Expr | None = None
    literal: str | None = None
    parse: Callable[[pl.Series], pl.Series] | None = None

    def as_number(self, at: int) -> pl.Expr:
        """Float64. Raises :class:`BadExpression` where it's of another kind; likewise the others."""
        return self._as("number", self.number, at)

    def as_text(self, at: int) -> pl.Expr:
        """String."""
        return self._as("text", self.text, at)

    def as_boolean(self, at: int) -> pl.Expr:
        """Boolean."""
        return self._as("boolean", self.boolean, at)

    def as_moment(self, at: int) -> pl.Expr:
        """Int64, microseconds."""
        if self.kind == "text" and self.literal is not None:
            return _literal_moment(self.literal, None, at)
        return self._as("moment", self.moment, at)

    def _as(self, kind: Kind, value: pl.Expr | None, at: int) -> pl.Expr:
        if self.kind == "null":
            return NULLS[kind]
        if value is None:
            raise BadExpression(f"{NOUNS[kind]} is needed here, not {NOUNS[self.kind]}", at)
        return value


NULLS: dict[Kind, pl.Expr] = {
    "number": pl.lit(None, dtype=pl.Float64), "text": pl.lit(None, dtype=pl.String),
    "boolean": pl.lit(None, dtype=pl.Boolean), "moment": pl.lit(None, dtype=pl.Int64),
}  # fmt: skip


def common_kind(left: Value, right: Value, at: int) -> Kind:
    """The kind that two values are compared as. Raises :class:`BadExpression` where they can't be."""
    kinds = {left.kind, right.kind} - {"null"}
    if not kinds:
        return "text"
    concrete = kinds - {"open"}
    if len(concrete) < 2:
        return next(iter(concrete or kinds))
    if concrete == {"moment", "text"} and (left if left.kind == "text" else right).literal is not None:
        return "moment"
    one, other = sorted(NOUNS[k] for k in concrete)
    raise BadExpression(f"{one} can't be compared with {other}", at)


def compare(operator: Comparison, left: Value, right: Value, at: int) -> pl.Expr:
    """Boolean; null where one of the two is. Raises :class:`BadExpression`."""
    test = _COMPARE[operator]
    match common_kind(left, right, at):
        case "number":
            return _numbers(operator, left, right, at)
        case "boolean":
            return test(left.as_boolean(at), right.as_boolean(at))
        case "moment":
            return test(_moment(left, right, at), _moment(right, left, at))
        case "open":
            return _open(operator, left, right, at)
    return test(left.as_text(at), right.as_text(at))


def _moment(value: Value, other: Value, at: int) -> pl.Expr:
    if value.kind == "text" and value.literal is not None:
        return _literal_moment(value.literal, other.parse, at)
    return value.as_moment(at)


def _literal_moment(text: str, parse: Callable[[pl.Series], pl.Series] | None, at: int) -> pl.Expr:
    for read in (parse, moments):
        found = read(pl.Series([text]))[0] if read is not None else None
        if found is not None:
            return pl.lit(found, dtype=pl.Int64)
    raise BadExpression(f"{text!r} isn't a date such as '2024-05-31'", at)


def moments(texts: pl.Series) -> pl.Series:
    """Int64 of ISO 8601 dates, and dates with times; null where a text is none."""
    from potable.checkers.types.moments import moment_type  # heavy: only where dates are compared

    days = moment_type("date", "default").moments(texts)
    rest = days.is_null() & texts.is_not_null()
    if not rest.any():
        return days
    return days.zip_with(~rest, moment_type("datetime", "default").moments(texts))


def _numbers(operator: Comparison, left: Value, right: Value, at: int) -> pl.Expr:
    a, b = left.as_number(at), right.as_number(at)
    test = _COMPARE[operator]
    if left.integer is not None and right.integer is not None:
        # beyond 2**53 floats aren't exact
        both = left.integer.is_not_null() & right.integer.is_not_null()
        return pl.when(both).then(test(left.integer, right.integer)).otherwise(test(a, b))
    close = (a - b).abs() <= CLOSE * pl.max_horizontal(a.abs(), b.abs())
    match operator:
        case "=" | "<=" | ">=":
            return test(a, b) | close
        case _:
            return test(a, b) & ~close


def _open(operator: Comparison, left: Value, right: Value, at: int) -> pl.Expr:
    """Two fields of no declared type: as numbers where both are, as texts where neither is; equal, or not, anyway."""
    a, b = left.as_number(at), right.as_number(at)
    numbers = a.is_not_null() & b.is_not_null()
    texts = _COMPARE[operator](left.as_text(at), right.as_text(at))
    if operator not in ("=", "!="):
        texts = pl.when(a.is_null() & b.is_null()).then(texts)
    return pl.when(numbers).then(_numbers(operator, left, right, at)).otherwise(texts)
