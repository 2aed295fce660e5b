"""What is wrong with a Table Schema itself, before any data are touched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from potable.checkers.declared.formats import NESTED_FORMATS, TABLE_FORMATS
from potable.checkers.declared.table_schema import TYPES, TableSchema, as_list, schema_place
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Occurrence
from potable.engine.toolkit import escape, likely, slip

CONSTRAINTS = (
    "required", "unique", "enum", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength",
    "maxLength", "jsonSchema",
)  # fmt: skip
_OF_FIELD = frozenset(
    ("name", "type", "format", "title", "description", "example", "constraints", "rdfType", "missingValues",
     "categories", "categoriesOrdered", "trueValues", "falseValues", "decimalChar", "groupChar", "bareNumber",
     "delimiter", "itemType")
)  # fmt: skip
_OF_SCHEMA = frozenset(
    ("$schema", "fields", "fieldsMatch", "missingValues", "primaryKey", "uniqueKeys", "foreignKeys", "name", "title",
     "description", "profile")
)  # fmt: skip
_OF_TEXT = ("enum", "pattern", "minLength", "maxLength")
_LISTS = ("trueValues", "falseValues", "missingValues", "categories")
_Said = tuple[str, str, str]
"""Code, what is said of the schema or of a field, JSON Pointer in it."""
FIELDS_MATCH = ("exact", "equal", "subset", "superset", "partial")


def check_descriptor(source: SourceDefinition) -> Iterator[Occurrence]:
    """The schema's shape: its fields, their types, the names of their constraints, its keys."""
    given: Mapping[str, Any] = source.table_schema or {}
    for code, message, pointer in (*_fields(source, given), *_of_schema(given), *_keys(source)):
        yield Occurrence(code, f"the schema's {message}", location=schema_place(source, pointer))


def _fields(source: SourceDefinition, given: Mapping[str, Any]) -> Iterator[_Said]:
    if "fields" not in given or not isinstance(given["fields"], list | tuple):
        yield "definition/bad-value", "fields aren't there as a list", "/fields"
    first: dict[str, int] = {}
    for index, field in enumerate(as_list(given.get("fields"))):
        at = f"/fields/{index}"
        name = field.get("name") if isinstance(field, Mapping) else field
        if not isinstance(name, str):
            yield "definition/bad-value", f"field {index + 1} has no name", at
            continue
        # Two columns of a table may be called alike.
        if first.setdefault(name, index) != index and source.format not in TABLE_FORMATS:
            yield "definition/bad-value", f"fields {first[name] + 1} and {index + 1} are both called {name!r}", at
        if isinstance(field, Mapping):
            for code, message, pointer in (
                *_members(field), *_type(field), *_constraints(field), *_of_nested(source, field),
            ):  # fmt: skip
                yield code, f"field {name!r} {message}", at + pointer


def _of_schema(given: Mapping[str, Any]) -> Iterator[_Said]:
    """The schema's own members, but for its fields and keys."""
    match = given.get("fieldsMatch", "exact")
    match = match[0] if isinstance(match, list) and len(match) == 1 else match
    if match not in FIELDS_MATCH:
        message = f"fieldsMatch {match!r} is unknown; there are {', '.join(FIELDS_MATCH)}"
        yield "definition/bad-value", message, "/fieldsMatch"
    for name in given:
        if (meant := slip(name, _OF_SCHEMA)) is not None:
            message = f"member {name!r} has no effect; did you mean {meant}?"
            yield "definition/unknown-key", message, f"/{escape(name)}"


def _members(field: Mapping[str, Any]) -> Iterator[_Said]:
    """A field's own members that can't be used.

    The standard lets a field have members of anybody's, so only what is plainly a slip is told.
    """
    for name, value in field.items():
        at = f"/{escape(name)}"
        if name in CONSTRAINTS:
            yield "definition/unknown-key", f"has {name!r} outside of its constraints, where it has no effect", at
        elif (near := slip(name, _OF_FIELD)) is not None:
            yield "definition/unknown-key", f"has the member {name!r}, which has no effect; did you mean {near}?", at
        elif name in _LISTS and value is not None and not isinstance(value, list | tuple):
            yield "definition/bad-value", f"says {name}: {value!r}, which isn't a list, so it has no effect", at


def _type(field: Mapping[str, Any]) -> Iterator[_Said]:
    kind = field.get("type", "any")
    if kind not in TYPES:
        near = likely(str(kind), TYPES)
        ask = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(TYPES)}"
        yield "definition/bad-value", f"has the unknown type {kind!r}{ask}", "/type"
    elif kind == "any" and field.get("format", "any") not in ("any", "default"):
        message = f"has the format {field['format']!r}, which has no effect without a type"
        yield "definition/unknown-key", message, "/format"


def _of_nested(source: SourceDefinition, field: Mapping[str, Any]) -> Iterator[_Said]:
    """Constraints of objects and arrays in a format that has such values: of these only the kind is looked at."""
    kind, given = field.get("type"), field.get("constraints")
    if kind in ("array", "object", "geojson") and source.format in NESTED_FORMATS and isinstance(given, Mapping):
        for name in (n for n in _OF_TEXT if n in given):
            message = f"has the constraint {name}, which has no effect: where the data have objects and arrays, only "
            message += "that they are some is looked at; a JSON Schema can say more"
            yield "definition/unknown-key", message, f"/constraints/{name}"


def _constraints(field: Mapping[str, Any]) -> Iterator[_Said]:
    given = field.get("constraints", {})
    if not isinstance(given, Mapping):
        yield "definition/bad-value", "has constraints that aren't a mapping", "/constraints"
        return
    for name in given:
        if name == "jsonSchema":
            message = "has the constraint jsonSchema, which has no effect"
            yield "definition/unknown-key", message, f"/constraints/{escape(str(name))}"
        if name not in CONSTRAINTS:
            near = likely(str(name), CONSTRAINTS)
            ask = f"; did you mean {near[0]}?" if near else ""
            message = f"has the unknown constraint {name!r}, which has no effect{ask}"
            yield "definition/unknown-key", message, f"/constraints/{escape(str(name))}"
    for flag in ("required", "unique"):
        if not isinstance(given.get(flag, False), bool):
            message = f"says {flag}: {given[flag]!r}, which is neither true nor false"
            yield "definition/bad-value", message, f"/constraints/{flag}"


def _keys(source: SourceDefinition) -> Iterator[_Said]:
    schema = TableSchema.of(source)
    if schema is None or not schema.fields:
        return
    declared = {f.path: f.name for f in schema.fields}
    keys = [("/primaryKey", schema.primary_key)]
    keys += [(f"/uniqueKeys/{n}", key) for n, key in enumerate(schema.unique_keys)]
    for pointer, key in keys:
        for path in key:
            if path not in declared:
                near = likely(path.removeprefix("$."), declared.values())
                ask = f"; did you mean {near[0]!r}?" if near else ""
                message = f"{pointer[1:].partition('/')[0]} names {path}, which is none of its fields{ask}"
                yield "definition/bad-value", message, pointer
