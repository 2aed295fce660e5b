"""A checker's options, validated and completed from its own JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from potable.engine.checker import Checker


def validated_options(checker: type[Checker], raw: object) -> dict[str, Any]:
    """The options with defaults filled in.

    :param checker: whose ``options_schema`` (JSON Schema, draft 2020-12) holds.
    :param raw: what stands under ``checks: NAME:``.
    :raises ValueError: they don't fit; the message names the member and the fault.
    """
    schema = checker.options_schema
    options = with_defaults(schema, raw if isinstance(raw, Mapping) else {})
    if not isinstance(raw, Mapping):
        raise ValueError(f"the options must be a mapping, not {raw!r}")
    if options:
        fault = first_fault(schema, options)
        if fault is not None:
            raise ValueError(fault)
    return options


def with_defaults(schema: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """``given``, with the ``default`` of each property of ``schema`` that isn't there."""
    defaults = {k: v["default"] for k, v in schema.get("properties", {}).items() if "default" in v}
    return {**defaults, **given}


def first_fault(schema: Mapping[str, Any], options: Mapping[str, Any]) -> str | None:
    """The best message for options that don't fit their schema, None when they do."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - costs 60 ms, needed only where options are given
    from jsonschema.exceptions import best_match  # noqa: PLC0415

    error = best_match(Draft202012Validator(schema).iter_errors(options))
    if error is None:
        return None
    place = "/".join(map(str, error.absolute_path))
    return f"{place}: {error.message}" if place else error.message
