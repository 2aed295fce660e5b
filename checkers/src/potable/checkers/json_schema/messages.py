"""What is wrong with a record, in words that quote no more than one value."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

import jsonschema_rs

from potable.checkers.json_schema.nameless import Paths, holds_nameless, with_nameless
from potable.engine.findings import clip
from potable.engine.paths import canonical
from potable.engine.paths.steps import quoted
from potable.engine.toolkit import likely, pointer_of, slip

_NOUNS = {
    "string": "a string", "number": "a number", "integer": "an integer", "boolean": "a boolean", "null": "null",
    "object": "an object", "array": "an array",
}  # fmt: skip
_COMPARED = 100  # members of an object whose names are compared
SHOWN = 8
"""Most members of a list that a message names."""


@dataclass(frozen=True, slots=True)
class Told:
    """One violation.

    :param rule: JSON Pointer of the keyword in the schema.
    :param field: canonical path of the value, with ``[*]`` for items; None for the record as a whole.
    :param pointer: JSON Pointer of the value in the record.
    :param value: the value, where it's a single one.
    :param lacking: the member that is missing, where that's what is wrong.
    :param meant: the member that is likely that one, spelt otherwise.
    """

    rule: str
    field: str | None
    pointer: str
    message: str
    value: str | None = None
    lacking: str | None = None
    meant: str | None = None


def told(
    error: jsonschema_rs.ValidationError, declared: frozenset[str] = frozenset(), paths: Paths | None = None
) -> Told:
    """An error of the validator as a violation.

    :param declared: names that the schema gives to members, wherever: another one may be a misspelt one of them.
    :param paths: the whole ways to the value and the keyword; None: the error's own are.
    """
    path, way = paths or (list(error.instance_path), list(error.schema_path))
    rule = pointer_of(way)
    kind, kinds = error.kind, jsonschema_rs.ValidationErrorKind
    if isinstance(kind, kinds.Required):
        field = field_of([*path, kind.property])
        message = f"{kind.property!r} is missing{_inside(path)}"
        meant = _meant(kind.property, error.instance, declared)
        if meant is not None:
            message += f"; {meant!r} is there, which the schema doesn't name"
        return Told(rule, field, pointer_of(path), message, lacking=kind.property, meant=meant)
    nearest = error
    if isinstance(kind, kinds.AnyOf | kinds.OneOfNotValid):
        nearest = _nearest(kind.context) or error
    message = describe(nearest)
    at: list[str | int] = [*path, *nearest.instance_path[len(error.instance_path) :]]
    if nearest is not error:
        message = f"none of the alternatives fits; of the nearest, {message}{_inside(at)}"
    at += _unexpected(nearest)[:1]
    return Told(rule, field_of(path), pointer_of(at), message, _text(nearest.instance))


def field_of(path: Sequence[str | int]) -> str | None:
    """The canonical path of a place, whichever item of a list it's in."""
    if not path:
        return None
    steps = (f".{quoted(s)}" if isinstance(s, str) else "[*]" for s in path)
    return canonical("$" + "".join(steps))


def describe(error: jsonschema_rs.ValidationError) -> str:
    """A clause: what is wrong with the value."""
    kinds = jsonschema_rs.ValidationErrorKind
    kind, it = error.kind, _shown(error.instance)
    match kind:
        case kinds.Type():
            types = sorted(kind.types, key=lambda t: t == "null")
            return f"{it} isn't {' or '.join(_NOUNS.get(t, t) for t in types)}"
        case kinds.Required():
            return f"{kind.property!r} is missing"
        case kinds.Enum():
            return f"{it} is none of {_listed([_json(o) for o in kind.options])}"
        case kinds.Constant():
            return f"{it} isn't {clip(_json(kind.expected_value), 80)}"
        case kinds.Minimum():
            return f"{it} is below the minimum {_json(kind.limit)}"
        case kinds.Maximum():
            return f"{it} is above the maximum {_json(kind.limit)}"
        case kinds.ExclusiveMinimum():
            return f"{it} isn't above {_json(kind.limit)}"
        case kinds.ExclusiveMaximum():
            return f"{it} isn't below {_json(kind.limit)}"
        case kinds.MultipleOf():
            return f"{it} isn't a multiple of {_json(kind.multiple_of)}"
        case kinds.MinLength() | kinds.MaxLength():
            length = len(error.instance) if isinstance(error.instance, str) else 0
            bound = "fewer" if isinstance(kind, kinds.MinLength) else "more"
            return f"{it} has {length:,} characters, {bound} than {kind.limit:,}"
        case kinds.MinItems() | kinds.MaxItems():
            bound = "fewer" if isinstance(kind, kinds.MinItems) else "more"
            return f"it has {_length(error.instance):,} items, {bound} than {kind.limit:,}"
        case kinds.MinProperties() | kinds.MaxProperties():
            bound = "fewer" if isinstance(kind, kinds.MinProperties) else "more"
            return f"it has {_length(error.instance):,} members, {bound} than {kind.limit:,}"
        case kinds.Pattern():
            return f"{it} doesn't match {clip(kind.pattern, 120)}"
        case kinds.Format():
            return f"{it} isn't of the format {kind.format}"
        case _ if unexpected := _unexpected(error):
            return f"{_listed([repr(clip(n, 80)) for n in unexpected])} {_is(unexpected)} not expected here"
        case kinds.PropertyNames():
            return f"a member's name isn't right: {describe(kind.error)}"
        case kinds.UniqueItems():
            return "two of its items are equal"
        case kinds.Contains():
            return "it doesn't have the items that it must contain"
        case kinds.AdditionalItems() | kinds.UnevaluatedItems():
            return "it has more items than are expected"
        case kinds.Not():
            return f"{it} is what it must not be"
        case kinds.FalseSchema():
            # Of an object without declared members the validator shows the first one that is there.
            empty = error.schema_path[-1:] == ["additionalProperties"]
            return "the object may have no members" if empty else "nothing may be here"
        case kinds.OneOfMultipleValid():
            return "more than one of the alternatives fits, and only one may"
        case kinds.AnyOf() | kinds.OneOfNotValid():
            return f"{it} fits none of the alternatives"
        case kinds.ContentEncoding() | kinds.ContentMediaType() | kinds.FromUtf8():
            return f"{it} isn't encoded as the schema says"
    return f"{it} breaks the keyword {kind.name}"


def _nearest(branches: Sequence[Sequence[jsonschema_rs.ValidationError]]) -> jsonschema_rs.ValidationError | None:
    """The error that tells most: of the alternative that fits best, the deepest one.

    An alternative that wants another type, or another constant, isn't what was meant if there's one that doesn't.
    """
    best: tuple[tuple[bool, int, int], jsonschema_rs.ValidationError] | None = None
    for errors in branches:
        if not errors:
            continue
        depth = min(len(e.instance_path) for e in errors)
        other = any(_is_of_another_kind(e, depth) for e in errors)
        first = max(errors, key=lambda e: len(e.instance_path))
        rank = (not other, depth, -len(errors))
        if best is None or rank > best[0]:
            best = (rank, first)
    if best is None:
        return None
    kind = best[1].kind
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.AnyOf | jsonschema_rs.ValidationErrorKind.OneOfNotValid):
        return _nearest(kind.context) or best[1]
    return best[1]


def _is_of_another_kind(error: jsonschema_rs.ValidationError, depth: int) -> bool:
    kinds = jsonschema_rs.ValidationErrorKind
    if isinstance(error.kind, kinds.Type):
        return len(error.instance_path) == depth
    return isinstance(error.kind, kinds.Constant | kinds.Enum)


def _meant(name: str, record: Any, declared: frozenset[str]) -> str | None:
    if not isinstance(record, dict) or not declared:
        return None
    return _misspelt(name, tuple(n for n in islice(record, _COMPARED) if n not in declared))


@lru_cache(maxsize=1024)
def _misspelt(name: str, others: tuple[str, ...]) -> str | None:
    """Most records have the same members."""
    return slip(name, others) or next(iter(likely(name, others)), None)


# -- words -----------------------------------------------------------------------------------------------------------


def _inside(path: Sequence[str | int]) -> str:
    return f" in {pointer_of(path)}" if path else ""


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "the object"
    if isinstance(value, list):
        return "the array"
    return clip(_json(value), 80) or "''"


def _text(value: Any) -> str | None:
    """A single value as a sample shows it."""
    if value is None or isinstance(value, dict | list):
        return None
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _length(value: Any) -> int:
    return len(value) if isinstance(value, dict | list) else 0


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _unexpected(error: jsonschema_rs.ValidationError) -> list[str]:
    """The members that may not be there."""
    kind, kinds = error.kind, jsonschema_rs.ValidationErrorKind
    if isinstance(kind, kinds.AdditionalProperties | kinds.UnevaluatedProperties):
        return list(kind.unexpected)
    return []


def _listed(words: Sequence[str]) -> str:
    shown = [clip(w, 80) for w in words[:SHOWN]]
    return ", ".join(shown) + (f" and {len(words) - SHOWN} more" if len(words) > SHOWN else "")


def _is_there(error: jsonschema_rs.ValidationError) -> bool:
    """Whether a member is called missing and isn't: the validator does so where another one isn't expected."""
    kind, record = error.kind, error.instance
    if not isinstance(kind, jsonschema_rs.ValidationErrorKind.Required):
        return False
    return isinstance(record, dict) and kind.property in record


def violations(
    validator: jsonschema_rs.Validator, record: Any, declared: frozenset[str] = frozenset()
) -> Iterator[tuple[Told, int]]:
    """The violations of one record, one for each (rule, field), with how many places break it.

    That a member isn't expected isn't told where it's the misspelt one of those that are missing there.

    :param declared: see :func:`told`.
    """
    found: dict[tuple[str, str | None], list[Told]] = {}
    unexpected: list[tuple[str, list[str], Told]] = []
    misspelt: set[tuple[str, str]] = set()
    errors: Iterable[tuple[jsonschema_rs.ValidationError, Paths | None]]
    errors = ((error, None) for error in validator.iter_errors(record))
    if holds_nameless(record):
        errors = with_nameless(validator.iter_errors(record), validator.evaluate(record).errors())
    for error, paths in errors:
        if _is_there(error):
            continue
        one = told(error, declared, paths)
        if one.meant is not None:
            misspelt.add((one.pointer, one.meant))
        if names := _unexpected(error):
            unexpected.append((pointer_of(paths[0] if paths else list(error.instance_path)), names, one))
        found.setdefault((one.rule, one.field), []).append(one)
    for place, names, one in unexpected if misspelt else ():
        if all((place, name) in misspelt for name in names):
            found[one.rule, one.field].remove(one)
            if not found[one.rule, one.field]:
                del found[one.rule, one.field]
    for places in found.values():
        yield places[0], len(places)
