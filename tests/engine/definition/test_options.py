"""A checker's options against its own JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from potable.engine.checker import Checker
from potable.engine.definition.options import option_faults, schema_faults, validated_options

OF = {"type": "object", "additionalProperties": False, "properties": {"min": {}, "max": {}}, "required": ["min"]}
SIZES: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "patternProperties": {"^x-": {}},
    "properties": {
        "least": {"type": "integer", "default": 3},
        "fields": {"type": "array", "items": {"type": "string"}},
        "unit": {"anyOf": [{"enum": ["mm", "cm"]}, {"type": "number", "minimum": 1}]},
        "of": {"anyOf": [{"type": "integer"}, OF]},
    },
}
PLAIN = Checker.options_schema


def test_defaults_are_filled_in() -> None:
    assert validated_options(SIZES, {"fields": ["a"]}) == {"least": 3, "fields": ["a"]}
    assert validated_options(SIZES, {"least": 5}) == {"least": 5}
    assert validated_options(PLAIN, {}) == {}


NESTED: dict[str, Any] = {
    "type": "object",
    "properties": {
        "height": {
            "type": "object",
            "default": {},
            "properties": {"min": {"default": 0}, "max": {"default": 9}, "unit": {"properties": {"name": {}}}},
        },
        "depth": {"type": "object", "properties": {"max": {"default": 5}}},
    },
}


def test_defaults_inside_of_mappings_are_filled_in() -> None:
    assert validated_options(NESTED, {}) == {"height": {"min": 0, "max": 9}}
    assert validated_options(NESTED, {"height": {"max": 3}, "depth": {}}) == {
        "height": {"min": 0, "max": 3},
        "depth": {"max": 5},
    }
    assert NESTED["properties"]["height"]["default"] == {}


@pytest.mark.parametrize(
    ("raw", "pointer", "said"),
    [
        ({"least": "3"}, "/least", "'3' isn't a whole number"),
        ({"fields": ["a", 5]}, "/fields/1", "5 isn't a text"),
        ({"lest": 1}, "/lest", "'lest' isn't an option; did you mean least?"),
        ({"q": 1}, "/q", "'q' isn't an option; known are: least, fields, unit, of"),
        ({"unit": 0}, "/unit", "0 is less than the minimum of 1"),
        ({"unit": "m"}, "/unit", "'m' isn't a number, nor one of mm, cm; did you mean mm?"),
        ({"unit": None}, "/unit", "None isn't a number, nor one of mm, cm"),
        ({"lea": 3}, "/lea", "'lea' isn't an option; did you mean least?"),
        ({"of": "3"}, "/of", "'3' isn't a whole number or a mapping"),
        ({"of": {"minimum": 3}}, "/of/minimum", "'minimum' isn't an option; did you mean min?"),
        ({"of": {"max": 3}}, "/of", "min is missing"),
    ],
)
def test_faults_have_their_place(raw: dict[str, Any], pointer: str, said: str) -> None:
    assert next(option_faults(SIZES, raw)) == (pointer, said)
    at = (pointer.rpartition("/")[0] if "isn't an option" in said else pointer)[1:]
    with pytest.raises(ValueError, match=f"^{re.escape(f'{at}: {said}' if at else said)}$"):
        validated_options(SIZES, raw)


def test_a_misspelt_option_that_must_be_there_is_told_once() -> None:
    assert list(option_faults(SIZES, {"of": {"mim": 3}})) == [("/of/mim", "'mim' isn't an option; did you mean min?")]


def test_each_unknown_option_is_told() -> None:
    assert [p for p, _ in option_faults(SIZES, {"a": 1, "b/c": 2, "x-y": 3})] == ["/a", "/b~1c"]
    assert list(option_faults(PLAIN, {"a": 1})) == [("/a", "'a' isn't an option; known are: none")]


def test_options_are_a_mapping() -> None:
    with pytest.raises(ValueError, match="must be a mapping"):
        validated_options(SIZES, ["a"])


def test_a_long_message_is_cut() -> None:
    ((_, message),) = schema_faults({"type": "integer"}, "x" * 10_000)
    assert len(message) == 300
