"""The schemas of a definition: inline or in files, said outright or told by their shape."""

from __future__ import annotations

import json
import posixpath
from typing import Any

from potable.engine.definition import coerce
from potable.engine.definition.draft import Draft
from potable.engine.definition.linked import find_file, read_linked
from potable.engine.errors import likely

_BY_SUFFIX = {".xsd": "xsd", ".rng": "relaxng", ".rnc": "relaxng", ".sch": "schematron"}
_OF_JSON_SCHEMA = frozenset(
    ("$schema", "$id", "$ref", "$defs", "definitions", "type", "properties", "patternProperties", "required", "items",
     "additionalProperties", "enum", "const", "allOf", "anyOf", "oneOf", "not", "if", "minProperties", "maxProperties",
     "propertyNames", "dependencies", "dependentRequired", "dependentSchemas", "unevaluatedProperties", "format",
     "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
     "prefixItems", "contains", "minItems", "maxItems", "uniqueItems", "unevaluatedItems", "$dynamicRef")
)  # fmt: skip
_TYPES = frozenset(
    ("any", "array", "boolean", "date", "datetime", "duration", "integer", "number", "object", "string", "time", "year")
)
_NOTES = frozenset(("title", "description", "$comment", "default", "examples", "$anchor"))
Schemas = tuple[dict[str, Any] | None, dict[str, Any] | bool | None, str | None, dict[str, str]]


def is_table_schema(value: Any) -> bool:
    """Whether a schema is a Table Schema: it has a list of ``fields``. All others are JSON Schemas."""
    return isinstance(value, dict) and isinstance(value.get("fields"), list)


def _is_nearly_one(value: Any) -> bool:
    """Whether it was meant to be a Table Schema: read as a JSON Schema, ``fields`` would let everything pass."""
    return isinstance(value, dict) and "fields" in value and not value.keys() & _OF_JSON_SCHEMA


def read_schemas(draft: Draft) -> Schemas:
    """Table Schema, JSON Schema, the file that one came from, and ``xsd``, ``relaxng``, ``schematron`` by name."""
    table: dict[str, Any] | None = None
    document: dict[str, Any] | bool | None = None
    file: str | None = None
    texts: dict[str, str] = {}
    for name in ("schema", "tableSchema", "jsonSchema"):
        value, named = _given(draft, name, texts)
        if value is None:
            continue
        if not isinstance(value, (dict, bool)) or (isinstance(value, bool) and name != "jsonSchema"):
            message = f"{name} is {coerce.shown(value)}: a schema (a mapping) or the name of its file is needed"
            draft.note("bad-value", message, f"/{name}")
        elif name == "tableSchema" or (name == "schema" and (is_table_schema(value) or _is_nearly_one(value))):
            if not is_table_schema(value):
                fields = value.get("fields") if isinstance(value, dict) else None
                draft.note("bad-value", "a Table Schema has a list of fields", f"/{name}", hint=_as_table(fields))
                continue
            if table is not None:
                message = "schema and tableSchema both give a Table Schema; tableSchema is used"
                draft.note("bad-value", message, "/schema")
            table, file = dict(value) if isinstance(value, dict) else None, named or file
            _same_place(draft, name, "tableSchema")
        else:
            if document is not None:
                draft.note("bad-value", "schema and jsonSchema both give a JSON Schema; jsonSchema is used", "/schema")
            _note_idle(draft, name, value)
            document, file = value, named or file
            _same_place(draft, name, "jsonSchema")
    _read_texts(draft, texts)
    return table, document, file, texts


def _given(draft: Draft, name: str, texts: dict[str, str]) -> tuple[Any, str | None]:
    """What a member gives, and the file that it comes from; None where that's nothing, or a schema of XML: its name is
    put among the texts then.
    """
    value = draft.members.get(name)
    if value is None or value == "" or (draft.foundry and value == {}):
        return None, None
    if not isinstance(value, str):
        return value, None
    named = value.strip()
    kind = _BY_SUFFIX.get(posixpath.splitext(named)[1].lower()) if name == "schema" else None
    if kind is None:
        return read_linked(draft, f"/{name}", named), named
    if find_file(draft, f"/{name}", named) is not None:
        texts[kind] = named
    return None, None


def _note_idle(draft: Draft, name: str, value: Any) -> None:
    """Note a JSON Schema without any keyword that checks something, as all would pass: one that only says what it is
    may be meant so, what has other members isn't one.
    """
    if not isinstance(value, dict) or not value or value.keys() & _OF_JSON_SCHEMA:
        return
    names = [str(key) for key in value if key not in _NOTES]
    if not names:
        draft.note("unknown-key", "the JSON Schema has no keyword that checks anything", f"/{name}")
        return
    either = name == "schema"  # a Table Schema, too
    known = [k for k in _OF_JSON_SCHEMA if not k.startswith("$")] + ["fields"] * either
    near = next((k for key in names for k in likely(key, known)), None)
    what = "neither a Table Schema nor a JSON Schema" if either else "no JSON Schema"
    message = f"this is {what}: it has no member that checks anything, only {coerce.shown(names[0])}"
    message += f" and {len(names) - 1} more" if len(names) > 1 else ""
    message += f"; did you mean {near}?" if near else ""
    draft.note("bad-value", message, f"/{name}", hint=_as_table(value) if either and not near else None)


def _as_table(fields: Any) -> str | None:
    """How a mapping from fields to their types is written as a Table Schema; None for what isn't one."""
    if not isinstance(fields, dict):
        return None
    for name, given in fields.items():
        kind = given.get("type") if isinstance(given, dict) else given
        if isinstance(kind, str) and kind in _TYPES:
            field = json.dumps({"name": str(name), "type": kind}, ensure_ascii=False)
            return f'A Table Schema lists its fields: {{"fields": [{field}{", …" if len(fields) > 1 else ""}]}}.'
    return None


def _read_texts(draft: Draft, texts: dict[str, str]) -> None:
    """The members that say outright which schema of XML they give: as a text, or the name of its file."""
    for name in ("xsd", "relaxng", "schematron"):
        value = draft.members.get(name)
        if value in (None, ""):
            continue
        if not isinstance(value, str):
            message = f"{name} is {coerce.shown(value)}: a schema's text or the name of its file is needed"
            draft.note("bad-value", message, f"/{name}")
        elif "<" in value or "\n" in value.strip() or find_file(draft, f"/{name}", value) is not None:
            texts[name] = value


def _same_place(draft: Draft, name: str, other: str) -> None:
    """``/schema/...`` and its outright name mean the same place, for whoever asks for either."""
    if name != other:
        # schema, told by its shape
        draft.moved[f"/{other}"] = draft.real(f"/{name}")
    elif "schema" not in draft.members:
        draft.moved["/schema"] = draft.real(f"/{name}")
