"""Which types a schema wants where, so that texts of a table or of XML can be read as them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urldefrag, urljoin

from potable.checkers.json_schema.documents import Schemas, value_at
from potable.engine.toolkit import lazy_regex

_BRANCHES = ("allOf", "anyOf", "oneOf")
_SINGLE = ("if", "then", "else")
_INTEGER = lazy_regex(r"[+-]?[0-9]{1,4000}")
_NUMBER = lazy_regex(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
MOST_NODES = 2_000
"""Most parts of a schema that are looked at for one place."""


@dataclass(slots=True)
class Shape:
    """What a schema wants in one place.

    :param types: names of JSON types; None: it doesn't say.
    """

    types: frozenset[str] | None
    _schemas: Schemas
    _nodes: tuple[tuple[Any, str], ...]
    _members: dict[str, Shape] = field(default_factory=dict)
    _items: Shape | None = None

    def member(self, name: str) -> Shape:
        """The shape of an object's member."""
        known = self._members.get(name)
        if known is None:
            known = self._members[name] = _shape(self._schemas, list(_member_schemas(self._nodes, name)))
        return known

    def items(self) -> Shape:
        """The shape of an array's items."""
        if self._items is None:
            found = [(n["items"], b) for n, b in self._nodes if isinstance(n.get("items"), Mapping)]
            self._items = _shape(self._schemas, found)
        return self._items


def shape_of(schemas: Schemas) -> Shape:
    """The shape of a record."""
    return _shape(schemas, [(schemas.root, schemas.uri)])


def fit(value: Any, shape: Shape, missing: frozenset[str]) -> Any:
    """A document of texts with the types that the schema wants: a text that is none of them stays as it is.

    Members whose text counts as missing are left out, but where null is wanted.
    """
    if isinstance(value, str):
        return _fit_text(value, shape.types)
    if isinstance(value, dict):
        out: dict[str, Any] = {}
        for name, inner in value.items():
            of_member = shape.member(name)
            if isinstance(inner, str) and inner in missing:
                if of_member.types is not None and "null" in of_member.types:
                    out[name] = None
                continue
            out[name] = fit(inner, of_member, missing)
        return out
    if isinstance(value, list):
        return [fit(inner, shape.items(), missing) for inner in value]
    return value


def _fit_text(text: str, types: frozenset[str] | None) -> Any:
    if types is None or "string" in types:
        return text
    bare = text.strip()
    if "integer" in types or "number" in types:
        if _INTEGER.fullmatch(bare):
            return int(bare)
        if _NUMBER.fullmatch(bare):
            number = float(bare)
            return text if number in (float("inf"), float("-inf")) else number
    if "boolean" in types and bare in _BOOLEANS:
        return _BOOLEANS[bare]
    if "null" in types and bare == "null":
        return None
    if ("object" in types and bare.startswith("{")) or ("array" in types and bare.startswith("[")):
        try:
            return json.loads(bare)
        except (ValueError, RecursionError):
            return text
    return text


def _shape(schemas: Schemas, given: list[tuple[Any, str]]) -> Shape:
    nodes = tuple(_expanded(schemas, given))
    types: set[str] | None = None
    for node, _ in nodes:
        said = _types(node)
        if said is not None:
            types = said if types is None else types | said
    return Shape(None if types is None else frozenset(types), schemas, nodes)


def _types(node: Mapping[str, Any]) -> set[str] | None:
    given = node.get("type")
    if isinstance(given, str):
        return {given}
    if isinstance(given, list):
        return {t for t in given if isinstance(t, str)}
    values = [node["const"]] if "const" in node else node.get("enum")
    return {_type_of(v) for v in values} if isinstance(values, list) else None


def _type_of(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case None:
            return "null"
    return "array" if isinstance(value, list) else "object"


def _expanded(schemas: Schemas, given: list[tuple[Any, str]]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The schemas, and those that they refer to or are combined of: any of them may apply."""
    stack, seen = list(given), set[int]()
    while stack and len(seen) < MOST_NODES:
        node, base = stack.pop()
        if not isinstance(node, Mapping) or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node.get("$id"), str):
            base = urljoin(base, node["$id"])
        yield node, base
        stack += [(inner, base) for name in _BRANCHES for inner in _list(node.get(name))]
        stack += [(node[name], base) for name in _SINGLE if name in node]
        if isinstance(node.get("$ref"), str):
            found = resolve(schemas, urljoin(base, node["$ref"]))
            if found is not None:
                stack.append(found)


def resolve(schemas: Schemas, uri: str) -> tuple[Any, str] | None:
    """What a reference leads to; None for names that only the validator resolves."""
    base, fragment = urldefrag(uri)
    document = schemas.root if base == schemas.uri else schemas.files.get(base)
    if document is None or (fragment and not fragment.startswith("/")):
        return None
    try:
        return value_at(document, fragment), base
    except LookupError:
        return None


def _member_schemas(nodes: tuple[tuple[Any, str], ...], name: str) -> Iterator[tuple[Any, str]]:
    for node, base in nodes:
        properties = node.get("properties")
        listed = isinstance(properties, Mapping) and name in properties
        if isinstance(properties, Mapping) and listed:
            yield properties[name], base
        elif isinstance(node.get("additionalProperties"), Mapping):
            yield node["additionalProperties"], base


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
