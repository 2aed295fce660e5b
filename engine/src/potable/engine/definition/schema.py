"""The native format's JSON Schema, made of the tables of members and parameters.

``definition.schema.json`` beside this module is its published form, for editors and other tools; a test keeps the two
equal. ``potable lint --print-schema`` prints it.

Definitions are read by hand-written coercions, which are quicker than jsonschema and say what to write instead; this
schema is asked only where they found a fault, for whatever else is wrong. A test holds that both judge alike.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from potable.engine.definition.draft import Draft
from potable.engine.definition.members import CARRIED, MEMBERS
from potable.engine.definition.methods import METHODS, PARAMETERS, Parameter
from potable.engine.definition.options import schema_faults
from potable.engine.definition.policy import SEVERITIES
from potable.engine.definition.qc import MEMBERS as QC_MEMBERS
from potable.engine.quoting import POLICIES

_TEXT: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_NAMES = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_SWITCH = "[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Yy][Ee][Ss]|[Nn][Oo]|[Oo][Nn]|[Oo][Ff][Ff]|[01]"
_BOOLEAN = {"anyOf": [{"type": "boolean"}, {"enum": [0, 1]}, {"type": "string", "pattern": f"^\\s*({_SWITCH})\\s*$"}]}
_OFF = {
    "anyOf": [{"const": False}, {"type": "string", "pattern": "^\\s*([Oo][Ff][Ff]|[Nn][Oo]|[Ff][Aa][Ll][Ss][Ee])\\s*$"}]
}
_ON = {
    "anyOf": [
        {"enum": [True, None]},
        {"type": "string", "pattern": "^\\s*([Oo][Nn]|[Yy][Ee][Ss]|[Tt][Rr][Uu][Ee])\\s*$"},
    ]
}
_RULES = {"type": "array", "items": {"type": "object"}}
_FILE_OR_MAPPING = {"type": ["string", "object"]}


def _percent(most: float | None = 100) -> dict[str, Any]:
    number: dict[str, Any] = {"type": "number", "minimum": 0}
    if most is not None:
        number["maximum"] = most
    return {"anyOf": [number, {"type": "string", "pattern": "^\\s*[0-9.]+([eE][-+]?[0-9]+)?\\s*$"}]}


def _integer(least: int) -> dict[str, Any]:
    digits = "\\+?0*[1-9][0-9]*" if least > 0 else "\\+?[0-9]+|-0+" if least == 0 else "[-+]?[0-9]+"
    return {"anyOf": [{"type": "integer", "minimum": least}, {"type": "string", "pattern": f"^\\s*({digits})\\s*$"}]}


def _words(known: tuple[str, ...]) -> dict[str, Any]:
    folded = "|".join("".join(f"[{c.upper()}{c}]" for c in word) for word in known)
    return {"type": "string", "pattern": f"^\\s*({folded})\\s*$"}


def _judged(known: tuple[str, ...]) -> dict[str, Any]:
    word = _words(known)
    return {"anyOf": [word, _OFF]} if "off" in known else word


_SEVERITY, _QUOTED = _judged(SEVERITIES), _judged(POLICIES)
_SPECIAL: Mapping[str, dict[str, Any]] = {
    "resourceID": {"type": ["string", "number", "boolean"]},
    "tags": {},
    "owner": {},
    "contact": {},
    "description": {},
    "primaryKey": _NAMES,
    "primaryKeyJSONPath": _NAMES,
    "originalRecordIdentifierSpec": {
        "type": "object",
        "properties": {
            "fields": _NAMES,
            "delimiter": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": 1}]},
            "method": _words(("value",)),
        },
        "required": ["fields"],
    },
    "schema": _FILE_OR_MAPPING,
    "tableSchema": {"anyOf": [{"type": "string"}, {"type": "object", "required": ["fields"]}]},
    "jsonSchema": {"type": ["string", "object", "boolean"]},
    "xsd": {"type": "string"},
    "relaxng": {"type": "string"},
    "schematron": {"type": "string"},
    "missingValues": {
        "anyOf": [_TEXT, {"type": "array", "items": {"anyOf": [_TEXT, {"type": "object", "required": ["value"]}]}}]
    },
    "qcRules": {
        "anyOf": [
            {"type": "string"},
            {"type": "object", "properties": dict.fromkeys(QC_MEMBERS, _RULES)},
        ]
    },
    "errPerc": _percent(),
    "dupPerc": _percent(),
    "accounting": {
        "anyOf": [
            _OFF,
            {
                "type": "object",
                "properties": {
                    "increase": {"anyOf": [_percent(None), _OFF]},
                    "decrease": {"anyOf": [_percent(), _OFF]},
                    "skip": _BOOLEAN,
                },
            },
        ]
    },
    "skipCheck": _BOOLEAN,
    "records": {"type": "object", "properties": {"min": _integer(0), "max": _integer(0)}},
    "checks": {"type": "object", "additionalProperties": {"anyOf": [{"type": "object"}, _OFF, _ON]}},
    "severity": {
        "type": "object",
        "additionalProperties": {"anyOf": [_SEVERITY, {"type": "object", "additionalProperties": _SEVERITY}]},
    },
    "values": {"anyOf": [_QUOTED, {"type": "object", "additionalProperties": _QUOTED}]},
    "hold": _BOOLEAN,
    "preprocessScript": {},
    "transformScript": {},
    "mappingScript": {},
    "$schema": {},
}


def _parameter(p: Parameter) -> dict[str, Any]:
    shape: dict[str, Any]
    if p.choices:
        shape = _words(p.choices)
    else:
        shape = {
            "boolean": _BOOLEAN,
            "integer": _integer(p.least),
            "any": {},
            "words": _NAMES,
            "secret": {
                "anyOf": [
                    _TEXT,
                    {"type": "object", "minProperties": 1, "maxProperties": 1,
                     "properties": {k: {"type": "string", "minLength": 1} for k in ("env", "file")},
                     "additionalProperties": False},
                ]
            },
        }.get(p.kind, _TEXT)  # fmt: skip
    shape = {**shape, "description": p.doc}
    return shape if p.default is None else {**shape, "default": p.default}


@cache
def definition_schema() -> dict[str, Any]:
    """The schema, draft 2020-12. ``null`` stands for *not given* everywhere."""
    members = {n: {**_SPECIAL.get(n, _TEXT), "description": doc} for n, doc in MEMBERS.items()}
    members |= {n: _parameter(p) for n, p in PARAMETERS.items()}
    properties = {
        n: shape if n == "resourceID" else {"description": shape.pop("description"), "anyOf": [shape, {"type": "null"}]}
        for n, shape in members.items()
    }
    properties |= {n: {"description": "Carried along; has no effect."} for n in sorted(CARRIED - properties.keys())}
    methods = ", ".join(METHODS)
    properties["ingestMethod"]["description"] = f"{MEMBERS['ingestMethod']} Known: {methods}."
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:potable:definition:1",
        "title": "Potable source definition",
        "type": "object",
        "required": ["resourceID"],
        "properties": properties,
    }


def violations(value: Any) -> Iterator[tuple[str, str]]:
    """Where a native definition breaks its schema: (JSON Pointer, jsonschema's best message)."""
    yield from schema_faults(definition_schema(), value)


def supplement(draft: Draft) -> None:
    """Note what the schema finds in a native definition beside what has been noted."""
    base = draft.index
    noted = [n.location.path or "" for n in draft.notes]
    for pointer, message in violations(draft.members):
        place = base + pointer
        if any(place == n or n.startswith(place + "/") or place.startswith(n + "/") for n in noted if n):
            continue
        name = pointer.strip("/").partition("/")[0]
        secret = name in PARAMETERS and PARAMETERS[name].kind == "secret"
        draft.note("bad-value", "a reference or a text is needed" if secret else f"{name}: {message}", pointer)


def main() -> None:
    """Print the schema."""
    sys.stdout.write(json.dumps(definition_schema(), indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
