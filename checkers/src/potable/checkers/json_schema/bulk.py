"""A schema as types for a decoder: what can be decoded as them is right, for many records at a time.

It's a sufficient test, not the judge: what isn't decoded may be right all the same (a ``1.0`` where an integer is
wanted), and is looked at again by the validator. A schema with a keyword that no type says (``oneOf``, ``if``, ...) has
no types. Patterns and formats are left to the validator, for the texts that have one alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Annotated, Any, Literal
from urllib.parse import urljoin

import msgspec

from potable.checkers.json_schema.documents import Schemas
from potable.checkers.json_schema.shapes import resolve
from potable.engine.contracts.reading import JsonText
from potable.engine.toolkit import lazy_regex

BLOCK = 256
"""So many records are decoded at once, and again where one of them isn't right."""
_DEEPEST = 20
"""Deeper in a schema types are no longer made: one that refers to itself has no end."""
_EXACT = 1 << 52
"""Floats up to here tell numbers from a whole bound."""
_NOTES = frozenset(
    ("title", "description", "default", "examples", "example", "$schema", "$id", "id", "$comment", "$defs",
     "definitions", "deprecated", "readOnly", "writeOnly", "$anchor")
)  # fmt: skip
_OF_TYPE: dict[str, frozenset[str]] = {
    "object": frozenset(("properties", "required", "additionalProperties")),
    "array": frozenset(("items", "minItems", "maxItems")),
    "string": frozenset(("minLength", "maxLength", "pattern", "format")),
    "integer": frozenset(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")),
    "number": frozenset(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")),
    "boolean": frozenset(),
    "null": frozenset(),
}
_LEFT = ("pattern", "format")
_BOUNDS = {"minimum": "ge", "maximum": "le", "exclusiveMinimum": "gt", "exclusiveMaximum": "lt"}
_RECORD = lazy_regex(r" - at `\$\[(\d+)\]")
_UNNAMEABLE = lazy_regex(r'["\\\x00-\x1f]')
_OPTIONAL = msgspec.UNSET

IsValid = Callable[[Any], bool]


class _NoType(Exception):
    """Types can't say it."""


@dataclass(slots=True)
class _Made:
    """A type, and what it leaves open: attributes that lead to texts, with the keywords for them."""

    type: Any
    left: list[tuple[tuple[str, ...], Mapping[str, Any]]] = field(default_factory=list)


@dataclass(frozen=True)
class Bulk:
    """The types of a schema.

    :param kind: of one record. :param left: attributes that lead to a text, and whether a text there is right.
    """

    kind: Any
    left: Sequence[tuple[tuple[str, ...], IsValid]]

    @cached_property
    def _one(self) -> msgspec.json.Decoder[Any]:
        return msgspec.json.Decoder(self.kind)

    @cached_property
    def _many(self) -> msgspec.json.Decoder[Any]:
        return msgspec.json.Decoder(list[self.kind])  # type: ignore[name-defined]

    def suspects(self, text: JsonText) -> list[int]:
        """Rows of the records that may be wrong, ascending."""
        found: list[int] = []
        for first in range(0, len(text), BLOCK):
            found += self._of_block(text, first, min(first + BLOCK, len(text)))
        return found

    def _of_block(self, text: JsonText, first: int, behind: int) -> Iterator[int]:
        while first < behind:
            wrong, records = behind, []
            try:
                records = self._decoded(text, first, behind)
            except (msgspec.DecodeError, RecursionError) as e:
                at = _RECORD.search(str(e))  # the first one that can't be decoded
                wrong = first + int(at[1]) if at else first
                records = self._decoded(text, first, wrong)
            yield from (first + n for n in self._odd(records))
            if wrong < behind:
                yield wrong
            first = wrong + 1

    def _decoded(self, text: JsonText, first: int, behind: int) -> list[Any]:
        if first == behind:
            return []
        if text.lines:
            return self._one.decode_lines(text.run(first, behind))
        found: list[Any] = self._many.decode(text.array(first, behind))
        return found

    def _odd(self, records: list[Any]) -> list[int]:
        """Which of some decoded records have a text that isn't right."""
        odd: set[int] = set()
        for path, is_right in self.left:
            values = records
            for attribute in path:
                values = _members(values, attribute)
            if set(map(type, values)) <= {str}:
                right = list(map(is_right, values))
                if all(right):
                    continue
                odd.update(n for n, is_it in enumerate(right) if not is_it)
            else:
                odd.update(n for n, v in enumerate(values) if v.__class__ is str and not is_right(v))
        return sorted(odd)


def _members(values: list[Any], attribute: str) -> list[Any]:
    try:
        return list(map(attrgetter(attribute), values))
    except AttributeError:  # not all are objects
        return [getattr(v, attribute, None) for v in values]


def bulk_of(schemas: Schemas, validator: Callable[[Mapping[str, Any]], IsValid]) -> Bulk | None:
    """The types of a schema, None where it has none.

    :param validator: makes the test of a part of the schema.
    """
    try:
        made = _Maker(schemas).make(schemas.root, schemas.uri, 0)
    except _NoType:
        return None
    return Bulk(made.type, [(path, validator(keywords)) for path, keywords in made.left])


class _Maker:
    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._old = any(schemas.draft.endswith(f"draft-0{n}/schema") for n in (4, 6, 7))

    def make(self, node: Any, base: str, depth: int) -> _Made:
        """The type of a schema. Raises :class:`_NoType`."""
        if node is True:
            return _Made(msgspec.Raw)
        if not isinstance(node, Mapping) or depth > _DEEPEST:
            raise _NoType
        if depth and isinstance(node.get("$id"), str):
            base = urljoin(base, node["$id"])
        said = set(node) - _NOTES
        if "$ref" in said:
            return self._referred(node, base, depth, said)
        if not said:
            return _Made(msgspec.Raw)
        types = _types(node, said)
        if "enum" in said or "const" in said:
            return _listed(node, said, types)
        if not said - {"type"} <= frozenset().union(*(_OF_TYPE[t] for t in types)):
            raise _NoType
        made = [self._of_type(t, node, base, depth) for t in types if not (t == "integer" and "number" in types)]
        whole = made[0].type
        for one in made[1:]:
            whole = whole | one.type
        return _Made(whole, [left for one in made for left in one.left])

    def _referred(self, node: Mapping[str, Any], base: str, depth: int, said: set[str]) -> _Made:
        found = resolve(self._schemas, urljoin(base, node["$ref"])) if isinstance(node["$ref"], str) else None
        if found is None or (len(said) > 1 and not self._old):  # older drafts have no word beside a reference count
            raise _NoType
        return self.make(found[0], found[1], depth + 1)

    def _of_type(self, kind: str, node: Mapping[str, Any], base: str, depth: int) -> _Made:
        match kind:
            case "object":
                return self._object(node, base, depth)
            case "array":
                return self._array(node, base, depth)
            case "string":
                return _string(node)
            case "integer" | "number":
                return _Made(_number(node, int if kind == "integer" else float))
            case "boolean":
                return _Made(bool)
        return _Made(None)

    def _object(self, node: Mapping[str, Any], base: str, depth: int) -> _Made:
        properties, required = node.get("properties", {}), node.get("required", [])
        more = node.get("additionalProperties", True)
        if not isinstance(properties, Mapping) or not isinstance(required, list) or not isinstance(more, bool):
            raise _NoType
        if not (more or set(required) <= set(properties)):  # what is required isn't allowed: no object is right
            raise _NoType
        needed: list[Any] = []
        optional: list[Any] = []
        rename: dict[str, str] = {}
        left = []
        for n, name in enumerate([*properties, *(r for r in required if r not in properties)]):
            if not isinstance(name, str) or _UNNAMEABLE.search(name):
                raise _NoType
            made = self.make(properties.get(name, True), base, depth + 1)
            if made.type is msgspec.Raw and name not in required and more:
                continue
            attribute = f"f{n}"
            rename[attribute] = name
            if name in required:
                needed.append((attribute, made.type))
            else:
                kind = made.type if made.type is msgspec.Raw else made.type | msgspec.UnsetType
                optional.append((attribute, kind, _OPTIONAL))
            left += [((attribute, *path), keywords) for path, keywords in made.left]
        struct: Any = msgspec.defstruct(
            "Members", needed + optional, rename=rename, gc=False, forbid_unknown_fields=not more
        )
        return _Made(struct, left)

    def _array(self, node: Mapping[str, Any], base: str, depth: int) -> _Made:
        made = self.make(node.get("items", True), base, depth + 1)
        if made.left:
            raise _NoType
        return _Made(_bounded(list[made.type], node, "minItems", "maxItems"))  # type: ignore[name-defined]


def _types(node: Mapping[str, Any], said: set[str]) -> list[str]:
    given = node.get("type")
    if isinstance(given, str):
        given = [given]
    if given is None:
        # Of values of other types its keywords say nothing: these will be suspects.
        given = [next((t for t, own in _OF_TYPE.items() if said & own), "object")]
    if not isinstance(given, list) or not given or not all(t in _OF_TYPE for t in given):
        raise _NoType
    return given


def _listed(node: Mapping[str, Any], said: set[str], types: list[str]) -> _Made:
    values = node["enum"] if "enum" in said else [node["const"]]
    if said - {"type", "enum", "const"} or {"enum", "const"} <= said or not isinstance(values, list):
        raise _NoType
    texts = [v for v in values if isinstance(v, str)]
    if not texts or len(texts) < len(values) or ("type" in said and "string" not in types):
        raise _NoType
    return _Made(Literal[tuple(texts)])


def _string(node: Mapping[str, Any]) -> _Made:
    left = {name: node[name] for name in _LEFT if name in node}
    return _Made(_bounded(str, node, "minLength", "maxLength"), [((), left)] if left else [])


def _bounded(kind: Any, node: Mapping[str, Any], least: str, most: str) -> Any:
    bounds: dict[str, Any] = {}
    for name, meant in ((least, "min_length"), (most, "max_length")):
        if name in node:
            if not isinstance(node[name], int) or isinstance(node[name], bool) or node[name] < 0:
                raise _NoType
            bounds[meant] = node[name]
    return Annotated[kind, msgspec.Meta(**bounds)] if bounds else kind


def _number(node: Mapping[str, Any], kind: type) -> Any:
    bounds: dict[str, Any] = {}
    for name, meant in _BOUNDS.items():
        if name not in node:
            continue
        bound = node[name]
        if isinstance(bound, bool) or not isinstance(bound, int | float) or not abs(bound) <= _EXACT:
            raise _NoType
        if kind is int:
            bound = math.ceil(bound) if meant in ("ge", "lt") else math.floor(bound)
        bounds[meant] = bound
    if len({"ge", "gt"} & bounds.keys()) > 1 or len({"le", "lt"} & bounds.keys()) > 1:
        raise _NoType
    return Annotated[kind, msgspec.Meta(**bounds)] if bounds else kind
