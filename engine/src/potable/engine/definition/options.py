"""A checker's options, validated and completed from its own JSON Schema."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from potable.engine.errors import likely
from potable.engine.findings import clip
from potable.engine.paths.pointer import escape, unescape

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError


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
        pointer, message = fault
        raise ValueError(f"{pointer[1:]}: {message}" if pointer else message)
    return with_defaults(schema, raw)


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
    for error in sorted(validator.iter_errors(value), key=relevance, reverse=True):
        yield from _told(best_match([error]) or error)


def _told(error: ValidationError) -> Iterator[tuple[str, str]]:
    pointer = "".join(f"/{escape(str(p))}" for p in error.absolute_path)
    if error.validator == "additionalProperties" and isinstance(error.instance, Mapping):
        properties = error.schema.get("properties", {}) if isinstance(error.schema, Mapping) else {}
        patterns = error.schema.get("patternProperties", {}) if isinstance(error.schema, Mapping) else {}
        extra = [n for n in error.instance if n not in properties and not any(re.search(p, n) for p in patterns)]
        for name in extra:
            near = likely(str(name), properties)
            mend = f"did you mean {near[0]}?" if near else f"known are: {', '.join(properties) or 'none'}"
            yield f"{pointer}/{escape(str(name))}", f"{name!r} isn't an option; {mend}"
        if extra:
            return
    message = error.message
    yield pointer, clip(message, 300)
