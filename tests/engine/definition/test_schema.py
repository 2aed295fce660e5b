"""The published JSON Schema says what the reading does."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from potable.engine.definition import qc
from potable.engine.definition.members import ALIASES, CARRIED, MEMBERS, known_names, meant
from potable.engine.definition.methods import COMMON, METHODS, PARAMETERS, default, parameters_of
from potable.engine.definition.parse import from_mapping
from potable.engine.definition.schema import definition_schema, violations


def test_the_published_file_is_the_schema() -> None:
    text = resources.files("potable.engine.definition").joinpath("definition.schema.json").read_text("utf-8")
    assert json.loads(text) == definition_schema()


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(definition_schema())
    assert all("description" in shape for shape in definition_schema()["properties"].values())
    assert MEMBERS.keys() | PARAMETERS.keys() | CARRIED == definition_schema()["properties"].keys()


def test_the_tables_agree_with_each_other() -> None:
    for method in METHODS.values():
        assert set(method.parameters) <= PARAMETERS.keys() | {"ingestURL"}, method.name
        for required in method.required:
            assert set((required,) if isinstance(required, str) else required) <= set(method.parameters), method.name
    assert set(COMMON) <= PARAMETERS.keys()
    assert set(ALIASES.values()) <= PARAMETERS.keys() | MEMBERS.keys() | CARRIED
    assert not PARAMETERS.keys() & MEMBERS.keys()
    assert parameters_of("RSYNC") is None
    assert parameters_of("NEW") is None
    assert default("OAI", "documentElement") == "record"
    assert default("XML", "documentElement") is None
    assert default("CSV", "delimiter") == ","
    assert default("CSV", "nothing") is None


def test_no_known_name_is_a_near_miss_of_itself() -> None:
    assert meant("zzzz", known_names("CSV")) is None
    for method in METHODS:
        for name in known_names(method):
            assert meant(f" {name}", known_names(method)) == name


words = (
    "", "a", "off", "No", "on", "true", "1", "-1", "12", " 3 ", "1.5", "x y", "info", "Warning", "masked", "json", "ab",
)  # fmt: skip
scalars = st.one_of(
    st.booleans(), st.integers(-3, 200), st.sampled_from([0.5, 100.5, -1.5, 2.0]), st.sampled_from(words)
)
shapes = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(
            st.sampled_from(["a", "min", "increase", "skip", "env", "fields", "method", "value"]), inner, max_size=2
        ),
    ),
    max_leaves=4,
)
# What the schema can't tell: shares written as texts, the order of bounds, files, field paths, characters.
LOOSE = {
    "errPerc", "dupPerc", "accounting", "records", "schema", "tableSchema", "jsonSchema", "xsd", "relaxng",
    "schematron", "qcRulesYamlFile", "primaryKey", "primaryKeyJSONPath", "originalRecordIdentifierSpec", "severity",
    "values", "qcRules", "missingValues", "delimiter", "textQuote", "escapeCharacter", "resourceID", "comment",
    "filterJsonPath", "idJsonPath", *(name for name, p in PARAMETERS.items() if p.kind == "secret"),
}  # fmt: skip
FAULTS = {f"definition/{c}" for c in ("bad-value", "bad-path", "missing-file", "missing-parameter")}


@settings(max_examples=300)
@given(st.sampled_from(sorted((MEMBERS.keys() | PARAMETERS.keys()) - CARRIED - {"resourceID", "ingestMethod"})), shapes)
def test_reading_and_schema_judge_alike(name: str, value: Any) -> None:
    method = next((m.name for m in METHODS.values() if name in (*m.parameters, *COMMON)), "CSV")
    definition = {"resourceID": "A", "ingestMethod": method, name: value}
    by_schema = [p for p, _ in violations(definition)]
    source = from_mapping(definition)
    by_reading = [n for n in (*source.notes, *qc.faults(source)) if n.code in FAULTS]
    if by_schema:
        assert by_reading
    elif name not in LOOSE:
        assert not by_reading


@pytest.mark.parametrize(
    ("definition", "pointer"),
    [
        ({"resourceID": "A", "severity": {"a/b": "fatal"}}, "/severity/a~1b"),
        ({"resourceID": "A", "headerLine": "x"}, "/headerLine"),
        ({"resourceID": "A", "records": {"min": -1}}, "/records/min"),
        ({"name": "x"}, ""),
    ],
)
def test_violations_have_their_place(definition: dict[str, Any], pointer: str) -> None:
    assert [p for p, _ in violations(definition)] == [pointer]


def test_what_only_the_schema_sees_is_noted_beside_the_rest() -> None:
    source = from_mapping({"resourceID": "A", "errPerc": "x", "qcRules": {"ValueExists": [5]}})
    assert {n.location.path for n in source.notes} == {"/errPerc", "/qcRules/ValueExists/0"}
