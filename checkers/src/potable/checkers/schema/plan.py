"""From a field's descriptor to its rules, and to what is wrong with the descriptor."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl

from potable.checkers.declared.formats import PADDED_FORMATS
from potable.checkers.declared.regexes import BadRegex, whole
from potable.checkers.declared.table_schema import SchemaField, as_list
from potable.checkers.types.base import BadSetting, Bound, Type, as_text
from potable.checkers.types.field import Types, types_of
from potable.checkers.types.texts import AnyType, StringType
from potable.checkers.values.missing import missing
from potable.engine.checker import Rule
from potable.engine.fields import Field
from potable.engine.toolkit import literal

SHOWN_VALUES = 8
"""Most values of a list that a message quotes."""

BOUNDS: dict[Bound, tuple[str, str]] = {
    "minimum": ("schema/minimum", "is below the minimum"),
    "maximum": ("schema/maximum", "is above the maximum"),
    "exclusiveMinimum": ("schema/minimum", "isn't above"),
    "exclusiveMaximum": ("schema/maximum", "isn't below"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A member of a descriptor that can't be used.

    :param pointer: JSON Pointer in the schema.
    """

    code: str
    message: str
    pointer: str


@dataclass(slots=True)
class Plan:
    """What is to be checked in a field, and what of its descriptor can't be."""

    field: SchemaField
    rules: list[Rule] = dataclasses.field(default_factory=list)
    problems: list[Problem] = dataclasses.field(default_factory=list)

    def bad(self, message: str, pointer: str = "", code: str = "definition/bad-value") -> None:
        """Note a problem."""
        self.problems.append(Problem(code, f"field {self.field.name!r}: {message}", self.field.pointer + pointer))


def plan_field(given: SchemaField, data_format: str) -> Plan:
    """The plan of a field in data of that format."""
    plan = Plan(given)
    try:
        types = types_of(given)
    except BadSetting as e:
        plan.bad(str(e), "/format" if "format" in given.given else "")
        types = Types(AnyType())
    _Planner(plan, types, data_format).plan()
    return plan


class _Planner:
    def __init__(self, plan: Plan, types: Types, data_format: str) -> None:
        self._plan, self._types = plan, types
        self._given = plan.field
        self._padded = data_format in PADDED_FORMATS

    def plan(self) -> None:
        self._type()
        constraints = self._given.constraints
        if constraints.get("required") is True:
            self._required()
        if "enum" in constraints:
            self._enum(constraints["enum"], "/constraints/enum", None)
        if "categories" in self._given.given:
            self._enum(_categories(self._given.given["categories"]), "/categories", "categories")
        if "pattern" in constraints:
            self._pattern(constraints["pattern"])
        for which in BOUNDS:
            if which in constraints:
                self._bound(which, constraints[which])
        for name, code, words in (
            ("minLength", "schema/min-length", "shorter"),
            ("maxLength", "schema/max-length", "longer"),
        ):
            if name in constraints:
                self._length(name, code, words, constraints[name])

    # -- rules ---------------------------------------------------------------------------------------------------

    def _rule(self, code: str, message: str, wrong: Callable[[Field], pl.Expr], rule: str | None = None) -> None:
        self._plan.rules.append(Rule(code, [self._given.path], wrong, message, id=rule))

    def _present(self, f: Field) -> pl.Expr:
        return ~missing(f, self._given.missing_values)

    def _right(self, f: Field) -> pl.Expr:
        """Present, and of the right type: only then a constraint is looked at."""
        kind = self._types.of(f)
        return self._present(f) if self._always_right(kind) else self._present(f) & kind.valid_of(f)

    def _always_right(self, kind: Type) -> bool:
        return isinstance(kind, AnyType) or (self._padded and type(kind) is StringType and kind.code == "schema/type")

    def _type(self) -> None:
        table = self._types.table
        if self._always_right(table):
            return
        types = self._types
        if table.code == "schema/type":
            message = f'"{{value}}" isn\'t {table.noun}'
            self._rule("schema/type", message, lambda f: self._present(f) & ~types.of(f).valid_of(f))
            return
        message = f'"{{value}}" isn\'t {table.noun}'

        def wrong(f: Field) -> pl.Expr:
            invalid = self._present(f) & ~types.of(f).valid_of(f)
            # a JSON value of another kind is a fault of type, whatever the format
            return invalid & f.kind.is_in(sorted(types.of(f).kinds)) if f.kinds else invalid

        self._rule(table.code, message, wrong)
        if not self._padded:
            self._rule(
                "schema/type",
                f'"{{value}}" isn\'t a {self._given.type}',
                lambda f: self._present(f) & ~f.kind.is_in(sorted(types.of(f).kinds)),
            )

    def _required(self) -> None:
        values, padded = self._given.missing_values, self._padded

        def wrong(f: Field) -> pl.Expr:
            lacking = missing(f, values)
            # a cell that a ragged row hasn't got is that row's fault, not this one
            return lacking & f.text.is_not_null() if padded else lacking

        self._rule("schema/required", "a required value is missing", wrong)

    def _enum(self, values: Any, pointer: str, rule: str | None) -> None:
        values = as_list(values)
        if not values:
            self._plan.bad("a list of allowed values must have at least one", pointer)
            return
        try:
            self._types.table.check_listed(values)
        except BadSetting as e:
            self._plan.bad(str(e), pointer)
            return
        shown = ", ".join(map(as_text, values[:SHOWN_VALUES])) + (", …" if len(values) > SHOWN_VALUES else "")

        def wrong(f: Field) -> pl.Expr:
            kind = self._types.of(f)
            return self._right(f) & ~kind.listed_in(kind.text(f), values)

        self._rule("schema/enum", f'"{{value}}" is none of: {literal(shown)}', wrong, rule)

    def _pattern(self, pattern: Any) -> None:
        if not isinstance(pattern, str):
            self._plan.bad(f"a pattern must be text, not {pattern!r}", "/constraints/pattern")
            return
        try:
            linear = whole(pattern, "schema")
        except BadRegex as e:
            self._plan.bad(
                f"the pattern {pattern!r} can't be used: {e}", "/constraints/pattern", "definition/bad-regex"
            )
            return
        self._rule(
            "schema/pattern",
            f'"{{value}}" doesn\'t match {literal(pattern)}',
            lambda f: self._right(f) & ~f.text.str.contains(linear),
        )

    def _bound(self, which: Bound, bound: Any) -> None:
        try:
            self._types.table.beyond(_none(), which, bound)
        except BadSetting as e:
            self._plan.bad(f"{which}: {e}", f"/constraints/{which}")
            return

        def wrong(f: Field) -> pl.Expr:
            kind = self._types.of(f)
            return self._present(f) & kind.mask_of(f, lambda texts: kind.beyond(texts, which, bound))

        code, words = BOUNDS[which]
        self._rule(code, f'"{{value}}" {words} {as_text(bound)}', wrong, which if which.startswith("excl") else None)

    def _length(self, name: str, code: str, words: str, length: Any) -> None:
        if isinstance(length, bool) or not isinstance(length, int) or length < 0:
            self._plan.bad(f"{name} must be a whole number, not {length!r}", f"/constraints/{name}")
            return
        try:
            self._types.table.lengths(_none())
        except BadSetting as e:
            self._plan.bad(f"{name}: {e}", f"/constraints/{name}")
            return

        def wrong(f: Field) -> pl.Expr:
            kind = self._types.of(f)
            lengths = kind.lengths_in(kind.text(f))
            return self._right(f) & (lengths < length if name == "minLength" else lengths > length)

        unit = "characters" if isinstance(self._types.table, StringType | AnyType) else "items"
        self._rule(code, f'"{{value}}" is {words} than {length} {unit}', wrong)


@cache
def _none() -> pl.Series:
    return pl.Series([], dtype=pl.String)


def _categories(given: Any) -> Sequence[Any]:
    return [c.get("value") if isinstance(c, dict) else c for c in as_list(given)]


def plan_all(fields: Sequence[SchemaField], data_format: str) -> Iterator[Plan]:
    """The plans of all fields."""
    return (plan_field(f, data_format) for f in fields)
