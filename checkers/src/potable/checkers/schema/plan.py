"""From a field's descriptor to its rules, and to what is wrong with the descriptor."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl

from potable.checkers.formats import PADDED_FORMATS
from potable.checkers.missing import missing
from potable.checkers.regexes import BadRegex, whole
from potable.checkers.schema.base import BadSetting, Bound, Type, as_text
from potable.checkers.schema.moments import moment_type
from potable.checkers.schema.numbers import IntegerType, JsonIntegerType, JsonNumberType, NumberType
from potable.checkers.schema.structured import DurationType, GeopointType, JsonType, ListType
from potable.checkers.schema.texts import FALSE_VALUES, TRUE_VALUES, AnyType, BooleanType, JsonBooleanType, StringType
from potable.checkers.table_schema import SchemaField, as_list
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


class Types:
    """A field's type, for tables and for JSON, where it has fewer ways to be written."""

    def __init__(self, table: Type, json: Type | None = None) -> None:
        self.table, self.json = table, json or table

    def of(self, f: Field) -> Type:
        return self.json if f.typed else self.table


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


def types_of(given: SchemaField) -> Types:
    """The type that a field is declared to have. Raises :class:`BadSetting`."""
    descriptor, fmt = given.given, given.format
    match given.type:
        case "string":
            return Types(StringType(fmt))
        case "number":
            decimal, group, bare = _separators(given)
            number = NumberType(decimal, group, bare=bare)
            return Types(number, JsonNumberType(number))
        case "integer":
            _, group, bare = _separators(given)
            integer = IntegerType(group, bare=bare)
            return Types(integer, JsonIntegerType(integer))
        case "boolean":
            true = as_list(descriptor.get("trueValues")) or TRUE_VALUES
            false = as_list(descriptor.get("falseValues")) or FALSE_VALUES
            boolean = BooleanType(true, false)
            return Types(boolean, JsonBooleanType(boolean))
        case "date" | "time" | "datetime" | "year" | "yearmonth":
            return Types(moment_type(given.type, fmt))
        case "duration":
            return Types(DurationType())
        case "geopoint":
            return Types(GeopointType(fmt))
        case "object" | "array" | "geojson":
            return Types(JsonType(given.type, fmt))
        case "list":
            return Types(ListType(_item_type(descriptor.get("itemType")), str(descriptor.get("delimiter", ","))))
    return Types(AnyType())


def _item_type(kind: Any) -> Type | None:
    match kind:
        case None | "string":
            return None
        case "integer":
            return IntegerType()
        case "number":
            return NumberType()
        case "boolean":
            return BooleanType()
        case "date" | "time" | "datetime":
            return moment_type(kind, "default")
    raise BadSetting(f"{kind!r} is no type of a list's items")


def _separators(given: SchemaField) -> tuple[str, str, bool]:
    decimal, group = given.given.get("decimalChar", "."), given.given.get("groupChar", "")
    if not isinstance(decimal, str) or len(decimal) != 1:
        raise BadSetting(f"decimalChar must be one character, not {decimal!r}")
    if not isinstance(group, str):
        raise BadSetting(f"groupChar must be text, not {group!r}")
    if group == decimal:
        raise BadSetting(f"decimalChar and groupChar are both {decimal!r}")
    return decimal, group, given.given.get("bareNumber", True) is not False


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
