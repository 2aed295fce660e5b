"""Records against a JSON Schema: JSON, tables of text, XML."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from tests.loopback import Handler, serving

from potable.checkers.json_schema import JsonSchemaChecker
from potable.checkers.json_schema.validation import Judge
from potable.engine.contracts.report import Report
from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.parse import from_mapping
from potable.engine.findings import Finding, Occurrence, Severity
from potable.engine.lint import lint_source
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins
from potable.engine.testing import check_checker

Check = Callable[..., Report]


@pytest.fixture
def records(tmp_path: Path) -> Callable[..., Report]:
    """``records([...], schema)``: the report of a run over JSON Lines."""

    def run(lines: list[str], schema: Any, **definition: Any) -> Report:
        (tmp_path / "data.jsonl").write_text("".join(f"{line}\n" for line in lines))
        members = {"resourceID": "test", "ingestMethod": "JSONL", "ingestURL": "data.jsonl", "jsonSchema": schema}
        return run_source(from_mapping({**members, **definition}, folder=tmp_path), load_plugins())

    return run


def violations(report: Report) -> list[Finding]:
    assert {c.checker: c.status for c in report.coverage}["json-schema"] == "ran"
    return [f for f in report.findings if f.checker == "json-schema"]


def told(report: Report) -> list[tuple[str | None, str | None, int, str]]:
    return [(f.field, f.rule, f.count, f.samples[0].message) for f in violations(report)]


SCHEMA = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "tags": {"type": "array", "items": {"pattern": "^[a-z]+$"}},
        "who": {"$ref": "#/$defs/person"},
    },
    "$defs": {"person": {"required": ["name"], "properties": {"name": {"maxLength": 3}, "born": {"format": "date"}}}},
}


def test_a_violation_at_its_exact_place(records: Callable[..., Report]) -> None:
    report = records(['{"id": 1}', '{"id": 2, "tags": ["a", "B"]}'], SCHEMA)
    (found,) = violations(report)
    assert (found.code, found.field, found.rule, found.count) == (
        "json-schema/violation", "$.tags[*]", "/properties/tags/items/pattern", 1,
    )  # fmt: skip
    place = found.samples[0].location
    assert (place.record, place.line, place.column, place.byte, place.path) == (2, 2, 25, 34, "/tags/1")
    assert (found.samples[0].value, found.samples[0].message) == ("B", '"B" doesn\'t match ^[a-z]+$')
    assert (report.verdict, report.counts.records_with_errors) == ("failed", 1)


def test_at_and_below_members_without_a_name(records: Callable[..., Report]) -> None:
    leaf = {"type": "string"}
    person = {"required": ["n"], "properties": {"": leaf, "n": leaf}}
    schema = {
        "properties": {"": leaf, "who": {"$ref": "#/$defs/person"}, "list": {"items": {"properties": {"": leaf}}}},
        "$defs": {"person": {"properties": {"": person}}},
    }
    lines = [
        '{"": "a", "who": {"": {"": "b", "n": "c"}}}',
        '{"": 1, "who": {"": {"": 2, "n": 3}}, "list": [{"": "x"}, {"": 4}]}',
        '{"who": {"n": 5, "": {}}}',
    ]
    found = {f.samples[0].location.path: f for f in violations(records(lines, schema))}
    assert {path: (f.field, f.samples[0].location.column, f.samples[0].message) for path, f in found.items()} == {
        "/": ("$.''", 6, "1 isn't a string"),
        "/who//": ("$.who.''.''", 26, "2 isn't a string"),
        "/who//n": ("$.who.''.n", 34, "3 isn't a string"),
        "/list/1/": ("$.list[*].''", 64, "4 isn't a string"),
        "/who/": ("$.who.''.n", 22, "'n' is missing in /who/"),
    }
    assert found["/"].rule == "/properties//type"
    assert found["/list/1/"].rule == "/properties/list/items/properties//type"


def test_an_object_of_records_explains_what_it_lacks_as_one(records: Callable[..., Report]) -> None:
    keyed = ", ".join(f'"ANT:{n}": {{"id": {n}, "name": "x"}}' for n in range(100, 140))
    report = records([f'{{"items": {{{keyed}}}}}'], SCHEMA, ingestMethod="JSON", documentElement="items")
    assert [f.code for f in report.findings if f.severity is Severity.ERROR] == ["json/keyed-records"]
    assert report.verdict == "failed"


def test_sound_records_say_nothing(records: Callable[..., Report]) -> None:
    report = records(['{"id": 1, "tags": [], "who": {"name": "Ann", "born": "2000-02-29"}}'], SCHEMA)
    assert (violations(report), report.verdict) == ([], "passed")


def test_each_rule_and_field_is_a_finding(records: Callable[..., Report]) -> None:
    report = records(
        ['{"id": "1"}', '{"id": 0}', '{"id": "x", "who": {"born": "2001-02-29"}}', '{"who": {"name": "Anna"}}'], SCHEMA
    )
    assert told(report) == [
        ("$.id", "/properties/id/type", 2, '"1" isn\'t an integer'),
        ("$.id", "/properties/id/minimum", 1, "0 is below the minimum 1"),
        ("$.id", "/required", 1, "'id' is missing"),
        ("$.who.born", "/$defs/person/properties/born/format", 1, '"2001-02-29" isn\'t of the format date'),
        ("$.who.name", "/$defs/person/properties/name/maxLength", 1, '"Anna" has 4 characters, more than 3'),
        ("$.who.name", "/$defs/person/required", 1, "'name' is missing in /who"),
    ]


def test_several_places_of_a_record_count_once(records: Callable[..., Report]) -> None:
    report = records(['{"id": 1, "tags": ["A", "b", "C", "D"]}'], SCHEMA)
    assert told(report) == [
        ("$.tags[*]", "/properties/tags/items/pattern", 1, '"A" doesn\'t match ^[a-z]+$ (and in 2 more places)')
    ]


@pytest.mark.parametrize(
    ("schema", "record", "message", "path"),
    [
        ({"type": ["string", "null"]}, {"a": [1]}, "the array isn't a string or null", "/a"),
        ({"enum": ["x", 1]}, {"a": "y"}, '"y" is none of "x", 1', "/a"),
        ({"const": {"b": 1}}, {"a": 1}, '1 isn\'t {"b": 1}', "/a"),
        ({"exclusiveMaximum": 3}, {"a": 3}, "3 isn't below 3", "/a"),
        ({"multipleOf": 0.01}, {"a": 0.075}, "0.075 isn't a multiple of 0.01", "/a"),
        ({"maxItems": 1}, {"a": [1, 2]}, "it has 2 items, more than 1", "/a"),
        ({"minProperties": 1}, {"a": {}}, "it has 0 members, fewer than 1", "/a"),
        ({"uniqueItems": True}, {"a": [1, 1]}, "two of its items are equal", "/a"),
        ({"properties": {"y": {}}, "additionalProperties": False}, {"a": {"x": 1}}, "'x' is not expected here", "/a/x"),
        ({"additionalProperties": False}, {"a": {"x": 1}}, "the object may have no members", "/a"),
        ({"propertyNames": {"maxLength": 1}}, {"a": {"xy": 1}},
         "a member's name isn't right: \"xy\" has 2 characters, more than 1", "/a"),
        ({"not": {}}, {"a": 1}, "1 is what it must not be", "/a"),
        (False, {"a": 1}, "nothing may be here", "/a"),
        ({"oneOf": [{}, {}]}, {"a": 1}, "more than one of the alternatives fits, and only one may", "/a"),
        ({"anyOf": [{"type": "null"}, {"required": ["x"], "properties": {"x": {"type": "integer"}}}]},
         {"a": {"x": "u"}},
         "none of the alternatives fits; of the nearest, \"u\" isn't an integer in /a/x", "/a/x"),
        ({"oneOf": [{"properties": {"k": {"const": 1}, "x": {"type": "null"}}},
                    {"properties": {"k": {"const": 2}, "x": {"type": "integer"}}}]}, {"a": {"k": 2, "x": "u"}},
         "none of the alternatives fits; of the nearest, \"u\" isn't an integer in /a/x", "/a/x"),
        ({"if": {"required": ["k"]}, "then": {"required": ["m"]}}, {"a": {"k": 1}}, "'m' is missing in /a", "/a"),
        ({"contains": {"const": 1}}, {"a": [2]}, "it doesn't have the items that it must contain", "/a"),
        ({"format": "email"}, {"a": "nobody"}, '"nobody" isn\'t of the format email', "/a"),
    ],
)  # fmt: skip
def test_words(records: Callable[..., Report], schema: Any, record: Any, message: str, path: str) -> None:
    (found,) = violations(records([json.dumps(record)], {"properties": {"a": schema}}))
    assert (found.samples[0].message, found.samples[0].location.path) == (message, path)


@pytest.mark.parametrize(
    ("draft", "schema", "sound", "faulty"),
    [
        ("https://json-schema.org/draft/2020-12/schema", {"prefixItems": [{"type": "null"}]}, "[null]", "[1]"),
        ("https://json-schema.org/draft/2019-09/schema", {"dependentRequired": {"b": ["c"]}}, "{}", '{"b":1}'),
        ("http://json-schema.org/draft-07/schema#", {"if": {"const": 1}, "then": False}, "2", "1"),
        ("http://json-schema.org/draft-06/schema#", {"exclusiveMinimum": 1}, "2", "1"),
        ("http://json-schema.org/draft-04/schema#", {"minimum": 1, "exclusiveMinimum": True}, "2", "1"),
    ],
)  # fmt: skip
def test_drafts(records: Callable[..., Report], draft: str, schema: Any, sound: str, faulty: str) -> None:
    report = records([f'{{"a": {sound}}}', f'{{"a": {faulty}}}'], {"$schema": draft, "properties": {"a": schema}})
    assert [s.location.record for f in violations(report) for s in f.samples] == [2]


def test_without_a_draft_it_is_the_latest(records: Callable[..., Report]) -> None:
    assert len(violations(records(['{"a": [1]}'], {"properties": {"a": {"prefixItems": [{"type": "null"}]}}}))) == 1


def test_formats_may_be_notes(records: Callable[..., Report]) -> None:
    schema = {"properties": {"a": {"format": "date"}}}
    report = records(['{"a": "soon"}'], schema, checks={"json-schema": {"formats": False}})
    assert violations(report) == []


def test_numbers_are_exact(records: Callable[..., Report]) -> None:
    schema = {"properties": {"a": {"maximum": 18446744073709551616}, "b": {"multipleOf": 0.01}}}
    report = records(['{"a": 18446744073709551616, "b": 19.99}', '{"a": 18446744073709551617}'], schema)
    assert [(f.field, f.count, f.samples[0].location.record) for f in violations(report)] == [("$.a", 1, 2)]


def test_a_whole_bound_may_be_written_as_a_decimal(records: Callable[..., Report]) -> None:
    report = records(['{"a": 2}', '{"a": 3}'], {"properties": {"a": {"type": "integer", "maximum": 2.0}}})
    assert [(f.count, f.samples[0].location.record) for f in violations(report)] == [(1, 2)]


def test_an_unexpected_member_is_not_missing_as_well(records: Callable[..., Report]) -> None:
    schema = {"required": ["z"], "properties": {"a": True}, "additionalProperties": False}
    report = records(['{"a": 1, "z": 2}', '{"a": 1}'], schema)
    assert [(f.rule, f.count, f.samples[0].location.record) for f in violations(report)] == [
        ("/additionalProperties", 1, 1), ("/required", 1, 2),
    ]  # fmt: skip


def test_a_pattern_cannot_hang(records: Callable[..., Report]) -> None:
    report = records([json.dumps({"a": "a" * 50_000 + "!"})], {"properties": {"a": {"pattern": "^(a+)+$"}}})
    assert [f.count for f in violations(report)] == [1]


def test_values_that_are_not_shown(records: Callable[..., Report]) -> None:
    report = records(['{"id": "swordfish"}'], SCHEMA, values="none")
    assert "swordfish" not in json.dumps(report.to_dict())


# -- texts -------------------------------------------------------------------------------------------------------------


def test_a_table_of_text_is_read_as_the_schema_wants_it(check: Check) -> None:
    schema = {
        "required": ["n"],
        "properties": {
            "n": {"type": "integer"}, "x": {"type": "number", "maximum": 2}, "b": {"type": "boolean"},
            "s": {"type": "string"}, "u": {"maxLength": 3}, "o": {"type": ["string", "integer"]},
            "e": {"enum": [1, 2]}, "z": {"type": ["integer", "null"]}, "l": {"type": "array"},
        },
    }  # fmt: skip
    text = 'n,x,b,s,u,o,e,z,l\n007, 1.5,TRUE,5,5,5,2,,"[1, 2]"\n1.5,3e0,yes,,,x,3,x,none\n,,,,,,,,5\n'
    assert sorted(told(check(text, jsonSchema=schema)), key=lambda t: (t[0] or "", t[1] or "")) == [
        ("$.b", "/properties/b/type", 1, '"yes" isn\'t a boolean'),
        ("$.e", "/properties/e/enum", 1, "3 is none of 1, 2"),
        ("$.l", "/properties/l/type", 2, '"none" isn\'t an array'),
        ("$.n", "/properties/n/type", 1, "1.5 isn't an integer"),
        ("$.n", "/required", 1, "'n' is missing"),
        ("$.x", "/properties/x/maximum", 1, "3.0 is above the maximum 2"),
        ("$.z", "/properties/z/type", 1, '"x" isn\'t an integer or null'),
    ]


def test_a_missing_value_may_be_null(check: Check) -> None:
    schema = {"required": ["a", "b"], "properties": {"a": {"type": ["integer", "null"]}, "b": {"type": "integer"}}}
    report = check("a,b\n,1\nn/a,\n", jsonSchema=schema, missingValues=["", "n/a"])
    assert told(report) == [("$.b", "/required", 1, "'b' is missing")]


def test_a_missing_column_is_told_once(check: Check) -> None:
    schema = {"required": ["id", "name"], "properties": {"id": {"type": "integer"}}}
    report = check("id,nmae\n1,x\n2,y\n3\n", jsonSchema=schema)
    (found,) = violations(report)
    assert (found.field, found.rule, found.count) == ("$.name", "/required", 1)
    assert found.samples[0].message == "there is no column 'name', which the schema requires; did you mean 'nmae'?"
    assert found.samples[0].location.line == 1


def test_references_are_followed_to_the_types(check: Check) -> None:
    schema = {
        "properties": {"a": {"$ref": "#/$defs/n"}, "b": {"allOf": [{"$ref": "#/$defs/n"}]}},
        "$defs": {"n": {"type": "integer"}},
    }
    assert told(check("a,b\n1,2\n", jsonSchema=schema)) == []


def test_xml_records_are_objects(tmp_path: Path) -> None:
    (tmp_path / "data.xml").write_text("<r>\n<stock id='7'><name>ab</name></stock>\n<stock id='x'/>\n</r>")
    schema = {"properties": {"stock": {"required": ["name"], "properties": {"@id": {"type": "integer"}}}}}
    members = {"resourceID": "test", "ingestMethod": "XML", "ingestURL": "data.xml", "topElement": "r"}
    source = from_mapping({**members, "documentElement": "stock", "jsonSchema": schema}, folder=tmp_path)
    found = violations(run_source(source, load_plugins()))
    assert [(f.field, f.rule, f.count, f.samples[0].location.line, f.samples[0].location.path) for f in found] == [
        ("$.stock.@id", "/properties/stock/properties/@id/type", 1, 3, "/r/stock[2]/@id"),
        ("$.stock.name", "/properties/stock/required", 1, 3, "/r/stock[2]"),
    ]


# -- the schema itself -------------------------------------------------------------------------------------------------


@pytest.fixture
def lint_schema(tmp_path: Path) -> Callable[[Any], list[Occurrence]]:
    def run(schema: Any) -> list[Occurrence]:
        (tmp_path / "schemas").mkdir(exist_ok=True)
        (tmp_path / "schemas/root.json").write_text(json.dumps(schema, indent=1))
        members = {"resourceID": "t", "ingestMethod": "JSONL", "ingestURL": "x", "jsonSchema": "schemas/root.json"}
        return lint_source(from_mapping(members, folder=tmp_path), load_plugins())

    return run


@pytest.mark.parametrize(
    ("schema", "code", "line", "path"),
    [
        ({"type": "strnig"}, "definition/bad-value", 2, "/type"),
        ({"$schema": "http://nowhere/"}, "definition/bad-value", 2, "/$schema"),
        ({"a": 1, "$ref": "#/$defs/x"}, "definition/bad-value", 3, "/$ref"),
        ({"items": {"$ref": "nope.json"}}, "definition/missing-file", 3, "/items/$ref"),
        ({"items": {"$ref": "../../up.json"}}, "definition/missing-file", 3, "/items/$ref"),
        ({"items": {"$ref": "https://example.org/s.json"}}, "definition/missing-file", 3, "/items/$ref"),
        ({"items": {"pattern": "(?=a)"}}, "definition/bad-regex", 3, "/items/pattern"),
        ({"patternProperties": {"[": {}}}, "definition/bad-regex", 3, "/patternProperties/["),
    ],
)
def test_faults_of_the_schema(
    lint_schema: Callable[[Any], list[Occurrence]], schema: Any, code: str, line: int, path: str
) -> None:
    (found,) = lint_schema(schema)
    assert (found.code, found.location.line, found.location.path) == (code, line, path)
    assert found.location.file == "schemas/root.json"


def test_a_property_may_be_called_like_a_keyword(lint_schema: Callable[[Any], list[Occurrence]]) -> None:
    schema = {"properties": {"pattern": {"type": "string"}, "$ref": {"type": "string"}}, "enum": [{"$ref": "x"}]}
    assert lint_schema(schema) == []


def test_what_is_left_of_a_faulty_schema_is_checked(records: Callable[..., Report]) -> None:
    schema = {"properties": {"a": {"$ref": "https://example.org/s.json"}, "b": {"type": "null"}}}
    report = records(['{"a": 1, "b": 1}'], schema)
    assert [f.code for f in report.findings] == ["definition/missing-file", "json-schema/violation"]


def test_an_unusable_schema_is_not_a_pass(records: Callable[..., Report]) -> None:
    report = records(['{"a": 1}'], {"type": "strnig"})
    assert report.verdict == "failed"
    (line,) = [c for c in report.coverage if c.checker == "json-schema"]
    assert (line.status, line.reason) == ("skipped", "the schema can't be used")


def test_references_to_files(tmp_path: Path, records: Callable[..., Report]) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts/person.yaml").write_text("properties:\n  name: {$ref: 'text.json#/$defs/short'}\n")
    (tmp_path / "parts/text.json").write_text('{"$defs": {"short": {"maxLength": 2}}}')
    report = records(['{"p": {"name": "abc"}}'], {"properties": {"p": {"$ref": "parts/person.yaml"}}})
    assert told(report) == [("$.p.name", "/$defs/short/maxLength", 1, '"abc" has 3 characters, more than 2')]


def test_references_beside_an_identifier(tmp_path: Path, records: Callable[..., Report]) -> None:
    (tmp_path / "other.json").write_text('{"type": "null"}')
    schema = {"$id": "https://example.org/schemas/root.json", "properties": {"a": {"$ref": "other.json"}}}
    assert [f.count for f in violations(records(['{"a": 1}'], schema))] == [1]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path, records: Callable[..., Report]) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside.json"
    outside.write_text('{"type": "null"}')
    (tmp_path / "link.json").symlink_to(outside)
    report = records(['{"a": 1}'], {"properties": {"a": {"$ref": "link.json"}}})
    assert [f.code for f in report.findings] == ["definition/missing-file"]


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Noting(Handler):
        def answer(self) -> None:
            asked.append(self.path)
            self.say(200, b"{}")

    with serving(Noting) as address:
        yield address, asked


@pytest.mark.parametrize("how", ["$ref", "$schema", "$id", "$dynamicRef"])
def test_nothing_is_fetched(records: Callable[..., Report], server: tuple[str, list[str]], how: str) -> None:
    url, asked = server
    schema: dict[str, Any] = {"properties": {"a": {"$ref": "s.json"}}} if how == "$id" else {}
    report = records(['{"a": 1}'], {**schema, how: f"{url}/s.json"})
    assert asked == []
    assert report.verdict == ("passed" if how == "$id" else "failed")


# -- laws --------------------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "a", "ab", "2024-01-01", 0.5]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
PART: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["object", "array", "string", "integer", "number", "null", "boolean"]),
        "minimum": st.integers(-3, 3),
        "maxLength": st.integers(0, 2),
        "minItems": st.integers(0, 2),
        "required": st.lists(st.sampled_from("abc"), max_size=2, unique=True),
        "enum": st.lists(JSON, min_size=1, max_size=3),
        "pattern": st.sampled_from(["^a", "b$", "[0-9]"]),
    },
)
SCHEMAS = st.recursive(
    PART,
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
            "items": inner,
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "oneOf": st.lists(inner, min_size=1, max_size=2),
            "not": inner,
            "additionalProperties": inner,
        },
    ),
    max_leaves=5,
)


@given(SCHEMAS, st.dictionaries(st.sampled_from("abc"), JSON, max_size=3))
@settings(max_examples=200, deadline=None)
def test_it_judges_as_another_implementation_does(schema: Any, record: Any) -> None:
    judge = Judge(SourceDefinition(resource_id="t", ingest_method="JSON", json_schema=schema), formats=False)
    found = list(judge.violations(record, judge.read(record)))
    assert judge.problems == []
    assert bool(found) is not Draft202012Validator(schema).is_valid(record)
    assert all(one.message for one, _ in found)


def test_it_keeps_the_law() -> None:
    schema = {"required": ["a", "c"], "properties": {"a": {"type": "integer"}, "b": {"maxLength": 1}}}
    source = SourceDefinition(resource_id="t", ingest_method="CSV", json_schema=schema)
    check_checker(JsonSchemaChecker, {"a": ["1", "x", "", "2"], "b": ["x", "yy", "", None]}, source=source)


# -- a member that is missing since it's misspelt ----------------------------------------------------------------------


def told_of(check: Check, records: Any, **schema: Any) -> list[tuple[str | None, int, str]]:
    given = {"type": "object", "properties": {"id": {}, "name": {}, "names": {}}, "required": ["id", "name"], **schema}
    report = check(json.dumps(records), ingestMethod="JSON", jsonSchema=given, schema=None)
    assert {f.code for f in report.findings} <= {"json-schema/violation"}
    return [(f.rule, f.count, f.samples[0].message) for f in report.findings]


MISSPELT = "'name' is missing; 'nmae' is there, which the schema doesn't name"


@pytest.mark.parametrize("closed", [True, False])
def test_a_misspelt_member_is_one_finding(check: Check, closed: bool) -> None:
    found = told_of(check, [{"id": 1, "nmae": "a"}, {"id": 2, "nmae": "b"}], additionalProperties=not closed)
    assert found == [("/required", 2, MISSPELT)]


def test_another_member_that_isn_t_expected_is_told_too(check: Check) -> None:
    found = told_of(check, [{"id": 1, "nmae": "a", "x": 1}], additionalProperties=False)
    assert found == [("/additionalProperties", 1, "'nmae', 'x' are not expected here"), ("/required", 1, MISSPELT)]


@pytest.mark.parametrize("record", [{"id": 1}, {"id": 1, "names": []}, {"id": 1, "title": "a"}])
def test_a_member_that_is_missing_for_no_known_reason(check: Check, record: dict[str, Any]) -> None:
    assert told_of(check, [record]) == [("/required", 1, "'name' is missing")]


def test_a_misspelt_member_inside(check: Check) -> None:
    inner = {"items": {"properties": {"doi": {}}, "required": ["doi"], "additionalProperties": False}}
    found = told_of(check, [{"id": 1, "name": [{"doi": 1}, {"DOI": 2}]}], properties={"id": {}, "name": inner})
    rule = "/properties/name/items/required"
    assert found == [(rule, 1, "'doi' is missing in /name/1; 'DOI' is there, which the schema doesn't name")]
