"""A checker's options, validated and completed from its own JSON Schema."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from potable.engine.errors import likely
from potable.engine.findings import clip
from potable.engine.paths.pointer import escape, unescape

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_NO_OPTION = "isn't an option"
_NOUNS = {
    "array": "a list", "object": "a mapping", "string": "a text", "integer": "a whole number", "number": "a number",
    "boolean": "true or false", "null": "null",
}  # fmt: skip


def validated_options(schema: Mapping[str, Any], raw: object) -> dict[str, Any]:
    """The options with defaults filled in.

    :param schema: the checker's ``options_schema`` (JSON Schema, draft 2020-12).
    :param raw: what stands under ``checks: NAME:``.
    :raises ValueError: they don't fit; the message names the member and the fault.
    """
    if not isinstance(raw, Mapping):
        raise ValueError(f"the options must be a mapping, not {raw!r}")
    fault = next(option_faults(schema, raw), None)
    if fault is not None:
        raise ValueError(in_options(*fault))
    return with_defaults(schema, raw)


def in_options(pointer: str, message: str) -> str:
    """A fault of options with the member that has it, as ``constraints/0``."""
    at = pointer.rpartition("/")[0] if _NO_OPTION in message else pointer
    return f"{at[1:]}: {message}" if at else message


def _all_optional(schema: Mapping[str, Any]) -> bool:
    """Whether it's plain that no options at all are right: to load the validator costs 60 ms."""
    return schema.keys() <= {"type", "properties", "additionalProperties", "title", "description"}


def with_defaults(schema: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """``given``, with the ``default`` of each property of ``schema`` that isn't there, also inside of mappings."""
    properties = {k: v for k, v in schema.get("properties", {}).items() if isinstance(v, Mapping)}
    out = {**{k: _own(v["default"]) for k, v in properties.items() if "default" in v}, **given}
    for name, inner in properties.items():
        if isinstance(out.get(name), Mapping) and isinstance(inner.get("properties"), Mapping):
            out[name] = with_defaults(inner, out[name])
    return out


def _own(default: Any) -> Any:
    """A copy of what could be changed: all of a catalogue's definitions are looked at by each checker."""
    return copy.deepcopy(default) if isinstance(default, (dict, list)) else default


def option_faults(schema: Mapping[str, Any], raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with options, which needn't have their defaults yet: (JSON Pointer in them, message), the most
    telling first.
    """
    if raw or not _all_optional(schema):
        yield from schema_faults(schema, with_defaults(schema, raw))


def without_faults(schema: Mapping[str, Any], raw: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The options without those members that are wrong; None where nothing is left that can be used."""
    pruned: dict[str, Any] = copy.deepcopy(dict(raw))
    for whole in (False, True):
        for pointer, _ in list(option_faults(schema, pruned)):
            steps = [unescape(step) for step in pointer.split("/")[1:]]
            _drop(pruned, steps[:1] if whole else steps)
    return None if next(option_faults(schema, pruned), None) is not None else pruned


def _drop(value: Any, steps: list[str]) -> None:
    """Take out a member, if it's one of mappings all the way."""
    for step in steps[:-1]:
        value = value.get(step) if isinstance(value, dict) else None
    if steps and isinstance(value, dict):
        value.pop(steps[-1], None)


def schema_faults(schema: Mapping[str, Any] | bool, value: Any) -> Iterator[tuple[str, str]]:
    """Where a value breaks a JSON Schema (draft 2020-12): (JSON Pointer, message), the most telling first.

    References out of the schema aren't followed.
    """
    import referencing.jsonschema  # heavy: 60 ms that only options to validate pay
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match, relevance

    validator = Draft202012Validator(schema, registry=referencing.jsonschema.EMPTY_REGISTRY)
    meant: set[tuple[str, str]] = set()  # members that are there under a misspelt name
    missing: list[ValidationError] = []
    for error in sorted(validator.iter_errors(value), key=relevance, reverse=True):
        for one in _meant_branch(error):
            one = best_match([one]) or one
            if one.validator == "required":
                missing.append(one)
            else:
                yield from _told(one, meant)
    for one in missing:
        wanted: Any = one.validator_value
        given: Any = one.instance
        if not {(_pointer(one), name) for name in wanted if name not in given} <= meant:
            yield from _told(one, meant)


def _meant_branch(error: ValidationError) -> Iterator[ValidationError]:
    """Of alternatives the faults of the only one that is of the value's kind, where there's one."""
    if error.validator not in ("anyOf", "oneOf"):
        yield error
        return
    branches: dict[Any, list[ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.schema_path[0], []).append(inner)
    near = [b for b in branches.values() if not any(i.validator in ("type", "enum") and not i.path for i in b)]
    if len(near) == 1:
        for inner in near[0]:
            yield from _meant_branch(inner)
    else:
        yield error


def _pointer(error: ValidationError) -> str:
    return "".join(f"/{escape(str(p))}" for p in error.absolute_path)


def _told(error: ValidationError, meant: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """What an error says; ``meant`` takes the names that unknown ones were likely meant to be."""
    pointer = _pointer(error)
    if error.validator == "additionalProperties" and isinstance(error.instance, Mapping):
        properties = error.schema.get("properties", {}) if isinstance(error.schema, Mapping) else {}
        patterns = error.schema.get("patternProperties", {}) if isinstance(error.schema, Mapping) else {}
        extra = [n for n in error.instance if n not in properties and not any(re.search(p, n) for p in patterns)]
        for name in extra:
            near = likely(str(name), properties) or [p for p in properties if p.startswith(str(name))][:1]
            meant |= {(pointer, known) for known in near}
            mend = f"did you mean {near[0]}?" if near else f"known are: {', '.join(properties) or 'none'}"
            yield f"{pointer}/{escape(str(name))}", f"{name!r} {_NO_OPTION}; {mend}"
        if extra:
            return
    yield pointer, clip(_said(error), 300) or ""


def _said(error: ValidationError) -> str:
    value: Any = error.instance
    wanted: Any = error.validator_value
    match error.validator:
        case "type":
            return f"{value!r} isn't {' or '.join(_nouns(wanted))}"
        case "enum":
            return f"{value!r} is none of {_one_of(value, wanted)}"
        case "required":
            return f"{', '.join(name for name in wanted if name not in value)} is missing"
        case "anyOf" | "oneOf":
            at_top = [i for i in error.context or () if not i.path]
            said: list[tuple[Any, Any]] = [(i.validator, i.validator_value) for i in at_top]
            kinds = [noun for kind, of_it in said if kind == "type" for noun in _nouns(of_it)]
            listed = [one for kind, of_it in said if kind == "enum" for one in of_it]
            if kinds and len(at_top) == len(wanted):
                isnt = f"{value!r} isn't {' or '.join(kinds)}"
                return f"{isnt}, nor one of {_one_of(value, listed)}" if listed else isnt
    return error.message


def _nouns(kinds: str | list[str]) -> list[str]:
    return [_NOUNS[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds)]


def _one_of(value: object, wanted: Sequence[Any]) -> str:
    """What may be, and which of it was likely meant."""
    texts = [w if isinstance(w, str) else json.dumps(w) for w in wanted]
    near = likely(value, texts) if isinstance(value, str) else []
    return f"{', '.join(texts)}{f'; did you mean {near[0]}?' if near else ''}"
