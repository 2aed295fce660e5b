"""A schema as types for many records at a time: whoever isn't a suspect is right."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.checkers.test_json_schema import JSON

from potable.checkers.json_schema import bulk
from potable.checkers.json_schema.validation import Judge
from potable.engine.contracts.reading import JsonText
from potable.engine.definition.model import SourceDefinition

DRAFTS = ["https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft-07/schema#",
          "http://json-schema.org/draft-04/schema#"]  # fmt: skip

SCALAR: st.SearchStrategy[Any] = st.one_of(
    st.fixed_dictionaries({"type": st.just("string")}, optional={
        "minLength": st.integers(0, 2), "maxLength": st.integers(0, 3), "pattern": st.sampled_from(["^a", "[0-9]$"]),
        "format": st.sampled_from(["date", "email"]),
    }),
    st.fixed_dictionaries({"type": st.sampled_from(["integer", "number"])}, optional={
        "minimum": st.integers(-3, 3) | st.sampled_from([0.5, -1.5, 2.0]), "maximum": st.integers(-3, 3) | st.just(1.0),
        "exclusiveMinimum": st.integers(-3, 3), "exclusiveMaximum": st.integers(-3, 3) | st.just(0.5),
    }),
    st.fixed_dictionaries({"type": st.sampled_from([["string", "null"], ["integer", "null"], "boolean", "null",
                                                    ["number", "string"], ["integer", "number", "boolean"]])}),
    st.fixed_dictionaries({"enum": st.lists(st.sampled_from(["a", "ab", "", 1, None]), min_size=1, max_size=3)}),
    st.fixed_dictionaries({"const": st.sampled_from(["a", 2, None])}),
    st.sampled_from([True, {}, {"description": "any"}, {"$ref": "#/$defs/d"}, {"minLength": 2}, {"maximum": 1}]),
)  # fmt: skip
SCHEMA = st.recursive(
    SCALAR,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=3)}, optional={
            "type": st.sampled_from(["object", ["object", "null"], ["array", "object"]]),
            "required": st.lists(st.sampled_from("abcd"), max_size=2, unique=True),
            "additionalProperties": st.booleans(),
        }),
        st.fixed_dictionaries({"items": inner}, optional={"type": st.just("array"), "minItems": st.integers(0, 2),
                                                          "maxItems": st.integers(0, 2)}),
    ),
    max_leaves=5,
)  # fmt: skip
RECORD = st.dictionaries(st.sampled_from("abcd"), JSON | st.sampled_from([1.0, 2.5, -0.0, 1e300, 2**70]), max_size=4)


def text_of(records: list[Any], *, lines: bool) -> JsonText:
    texts = [json.dumps(r).encode() for r in records]
    between = b"\n" if lines else b", "
    lengths = np.array([len(t) for t in texts], np.int64)
    starts = np.cumsum(lengths + len(between)) - lengths - len(between)
    return JsonText(between.join(texts), starts, starts + lengths, lines)


def judge_of(schema: Any, *, formats: bool = True) -> Judge:
    return Judge(SourceDefinition(resource_id="t", ingest_method="JSON", json_schema=schema), formats=formats)


@settings(max_examples=200, deadline=None)
@given(
    schema=SCHEMA, records=st.lists(RECORD, max_size=8), lines=st.booleans(), formats=st.booleans(),
    draft=st.sampled_from(DRAFTS), block=st.integers(1, 4),
)  # fmt: skip
def test_who_is_no_suspect_is_right(
    schema: Any, records: list[Any], lines: bool, formats: bool, draft: str, block: int
) -> None:
    if isinstance(schema, bool):
        return
    judge = judge_of({**schema, "$schema": draft, "$defs": {"d": {"type": "integer"}}}, formats=formats)
    made = judge._bulk
    if made is None:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "BLOCK", block)
        suspects = made.suspects(text_of(records, lines=lines))
    assert suspects == sorted(set(suspects))
    assert judge.quick is not None
    wrong = [row for row, record in enumerate(records) if not judge.quick(record)]
    assert set(wrong) <= set(suspects)


def test_plain_schemas_have_types_and_right_records_are_no_suspects() -> None:
    schema = {
        "type": "object",
        "required": ["id", "who"],
        "properties": {
            "id": {"type": "string", "pattern": "^RRID:"},
            "age": {"type": "integer", "minimum": 0},
            "born": {"type": ["string", "null"], "format": "date"},
            "sex": {"enum": ["m", "f"]},
            "who": {"$ref": "#/$defs/person"},
            "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
            "weights": {"type": "array", "items": {"type": "number"}},
        },
        "$defs": {"person": {"type": "object", "properties": {"mail": {"type": "string", "format": "email"}}}},
    }
    right = {"id": "RRID:1", "age": 3, "born": None, "who": {"mail": "a@b.org"}, "tags": ["x"], "weights": [1, 2.5]}
    made = judge_of(schema)._bulk
    assert made is not None
    wrong = [
        {"id": "1"}, {"age": -1}, {"born": "yesterday"}, {"sex": "x"}, {"who": {"mail": "nobody"}}, {"who": 3},
        {"tags": ["x", "y", "z"]}, {"weights": ["1"]},
    ]  # fmt: skip
    records = [right, *[item for change in wrong for item in ({**right, **change}, right)], {"id": "RRID:2"}]
    for lines in (True, False):
        assert made.suspects(text_of(records, lines=lines)) == [*range(1, 2 * len(wrong), 2), len(records) - 1]


@pytest.mark.parametrize(
    "part",
    [
        {"oneOf": [{"type": "string"}]}, {"not": {"type": "string"}}, {"if": {}}, {"multipleOf": 2},
        {"uniqueItems": True},
        {"patternProperties": {"^a": {}}}, {"prefixItems": [True]}, {"contains": {}}, {"minProperties": 1},
        {"dependentRequired": {"a": ["b"]}}, {"propertyNames": {}}, {"$dynamicRef": "#x"}, {"enum": [1.5]},
        {"minimum": 2**60},
        {"type": "array", "items": {"pattern": "a"}}, {"additionalProperties": {"type": "string"}}, {"unheard": 1},
    ],
)  # fmt: skip
def test_what_no_type_says_has_none(part: Any) -> None:
    assert judge_of({"properties": {"a": part}})._bulk is None
