"""The type that a field is declared to have."""

from __future__ import annotations

from typing import Any

from potable.checkers.declared.table_schema import SchemaField, as_list
from potable.checkers.types.base import BadSetting, Type
from potable.checkers.types.moments import moment_type
from potable.checkers.types.numbers import IntegerType, JsonIntegerType, JsonNumberType, NumberType
from potable.checkers.types.structured import DurationType, GeopointType, JsonType, ListType
from potable.checkers.types.texts import FALSE_VALUES, TRUE_VALUES, AnyType, BooleanType, JsonBooleanType, StringType
from potable.engine.fields import Field


class Types:
    """A field's type, for tables and for JSON, where it has fewer ways to be written."""

    def __init__(self, table: Type, json: Type | None = None) -> None:
        self.table, self.json = table, json or table

    def of(self, f: Field) -> Type:
        return self.json if f.typed else self.table


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
