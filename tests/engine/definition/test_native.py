"""The native format: typed members, and each fault at its line and JSON Pointer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from potable.engine.definition import qc
from potable.engine.definition.parse import from_mapping
from potable.engine.errors import DefinitionError

if TYPE_CHECKING:
    from .conftest import Definitions

FULL = """\
    $schema: definition.schema.json
    resourceID: SCR_013731-NXR_Organisms-RIN
    name: NXR Organisms
    owner: xenopus curation
    tags: [frogs, strains]
    ingestMethod: csv
    ingestURL: data/nxr.csv
    delimiter: ";"
    headerLine: 2
    ignoreLines: 3
    primaryKey: [cat num from NXR, $.id]
    missingValues: ["", n/a, -99.0, 012]
    qcRules: {ValueExists: [{path: name}]}
    errPerc: 0.5
    dupPerc: 1
    accounting: {increase: 20, decrease: 10}
    records: {min: 10000, max: 20000}
    checks: {identifiers: {fields: {proper_citation: rrid}}, text: off, dates: no, numbers: false, links: on, rows: }
    severity: {text/whitespace: info, schema/pattern: {comment: off, $.'a b': Warning}, keys/duplicate: false}
    values: {ssn: masked}
    hold: true
    """


def test_every_member_finds_its_place(definitions: Definitions) -> None:
    source = definitions.one(FULL)
    assert source.notes == ()
    assert source.resource_id == "SCR_013731-NXR_Organisms-RIN"
    assert source.name == "NXR Organisms"
    assert source.info == {"owner": "xenopus curation", "tags": ["frogs", "strains"]}
    assert (source.ingest_method, source.ingest_url, source.format, source.scheme) == (
        "CSV",
        "data/nxr.csv",
        "csv",
        "file",
    )
    assert source.parameters == {"delimiter": ";", "headerLine": 2, "ignoreLines": 3}
    assert source.primary_key == ("$.'cat num from NXR'", "$.id")
    assert source.missing_values == ("", "n/a", "-99.0", "012")
    assert source.qc_rules == {"ValueExists": [{"path": "name"}]}
    assert (source.err_perc, source.dup_perc) == (0.5, 1.0)
    assert source.accounting == {"increase": 20, "decrease": 10}
    assert source.records == {"min": 10000, "max": 20000}
    assert source.checks == {
        "identifiers": {"fields": {"proper_citation": "rrid"}},
        "text": False, "dates": False, "numbers": False, "links": {}, "rows": {},
    }  # fmt: skip
    assert source.severity == {
        "text/whitespace": "info",
        "schema/pattern": {"$.comment": "off", "$.'a b'": "warning"},
        "keys/duplicate": "off",
    }
    assert source.values == {"$.ssn": "masked"}
    assert source.hold is True
    assert source.extra == {}
    assert (source.origin.format, source.origin.file, source.origin.folder) == ("native", "f.yaml", definitions.folder)
    assert len(source.origin.sha256) == 64
    assert source.place("/errPerc").line == 14
    assert source.place("/accounting/increase").path == "/accounting/increase"
    assert source.place("/primaryKey/1").line == 11


def test_absent_members_have_the_documented_defaults(definitions: Definitions) -> None:
    source = definitions.one("resourceID: A")
    assert (source.ingest_method, source.ingest_url, source.parameters) == ("", None, {})
    assert (source.primary_key, source.key_delimiter, source.missing_values) == ((), ":", ("",))
    assert (source.err_perc, source.dup_perc, source.values, source.hold) == (None, None, "shown", False)
    assert (source.accounting, source.records, source.checks, source.severity) == ({}, {}, {}, {})


def test_null_means_not_given(definitions: Definitions) -> None:
    source = definitions.one("resourceID: A\nerrPerc: ~\nheaderLine:\nchecks:\nschema: null\nprimaryKey: ~\nvalues:\n")
    assert source.notes == ()
    assert (source.err_perc, source.parameters, source.checks, source.primary_key) == (None, {}, {}, ())


@pytest.mark.parametrize(
    ("member", "code", "pointer"),
    [
        ("schema: {fields: {id: {type: integer}}}", "bad-value", "/schema"),
        ("headerLine: first", "bad-value", "/headerLine"),
        ("headerLine: -1", "bad-value", "/headerLine"),
        ("headerLine: true", "bad-value", "/headerLine"),
        ("headerLine: 1.5", "bad-value", "/headerLine"),
        ("headerLine: [1]", "bad-value", "/headerLine"),
        ("sampleSize: 0", "bad-value", "/sampleSize"),
        ("keepMissing: maybe", "bad-value", "/keepMissing"),
        ("delimiter: ''", "bad-value", "/delimiter"),
        ("delimiter: {}", "bad-value", "/delimiter"),
        ("textQuote: ab", "bad-value", "/textQuote"),
        ("errPerc: 101", "bad-value", "/errPerc"),
        ("errPerc: -1", "bad-value", "/errPerc"),
        ("errPerc: .nan", "bad-value", "/errPerc"),
        ("errPerc: 5%", "bad-value", "/errPerc"),
        ("errPerc: 1_0", "bad-value", "/errPerc"),
        ("errPerc: true", "bad-value", "/errPerc"),
        ("dupPerc: few", "bad-value", "/dupPerc"),
        ("accounting: 5", "bad-value", "/accounting"),
        ("accounting: {increase: x}", "bad-value", "/accounting/increase"),
        ("accounting: {decrease: 101}", "bad-value", "/accounting/decrease"),
        ("accounting: {rise: 1}", "unknown-key", "/accounting/rise"),
        ("records: 5", "bad-value", "/records"),
        ("records: {min: -1}", "bad-value", "/records/min"),
        ("records: {min: 2, max: 1}", "bad-value", "/records/min"),
        ("records: {least: 2}", "unknown-key", "/records/least"),
        ("checks: [text]", "bad-value", "/checks"),
        ("checks: {text: 5}", "bad-value", "/checks/text"),
        ("severity: off", "bad-value", "/severity"),
        ("severity: {text/markup: fatal}", "bad-value", "/severity/text~1markup"),
        ("severity: {text/markup: {a: fatal}}", "bad-value", "/severity/text~1markup/a"),
        ("severity: {text/markup: {$.a b: off}}", "bad-path", "/severity/text~1markup/$.a b"),
        ("values: hidden", "bad-value", "/values"),
        ("values: off", "bad-value", "/values"),
        ("values: {a: hidden}", "bad-value", "/values/a"),
        ("values: {$.: none}", "bad-path", "/values/$."),
        ("hold: perhaps", "bad-value", "/hold"),
        ("skipCheck: perhaps", "bad-value", "/skipCheck"),
        ("missingValues: {a: b}", "bad-value", "/missingValues"),
        ("missingValues: ['', [x]]", "bad-value", "/missingValues/1"),
        ("qcRules: [a]", "bad-value", "/qcRules"),
        ("primaryKey: $.Cell Name", "bad-path", "/primaryKey"),
        ("primaryKey: [a, '$.b ']", "bad-path", "/primaryKey/1"),
        ("primaryKey: [a, {b: c}]", "bad-path", "/primaryKey/1"),
        ("primaryKey: [a, $.'a']", "bad-value", "/primaryKey/1"),
        ("primaryKey: ' a'", "whitespace", "/primaryKey"),
        ("primaryKeyJSONPath: $.", "bad-path", "/primaryKeyJSONPath"),
        ("originalRecordIdentifierSpec: {fields: [a], method: Hash}", "bad-value",
         "/originalRecordIdentifierSpec/method"),
        ("originalRecordIdentifierSpec: {fields: []}", "missing-parameter", "/originalRecordIdentifierSpec"),
        ("originalRecordIdentifierSpec: {fields: [a], delimiter: []}", "bad-value",
         "/originalRecordIdentifierSpec/delimiter"),
        ("name: [a]", "bad-value", "/name"),
        ("name: 'x '", "whitespace", "/name"),
        ("ingestURL: ' x.csv'", "whitespace", "/ingestURL"),
        ("filenamePattern: 'x '", "whitespace", "/filenamePattern"),
        ("schema: 5", "bad-value", "/schema"),
        ("schema: [a]", "bad-value", "/schema"),
        ("tableSchema: {type: object}", "bad-value", "/tableSchema"),
        ("schema: none.json", "missing-file", "/schema"),
        ("schema: https://example.org/s.json", "missing-file", "/schema"),
        ("schema: 'a\\0b'", "missing-file", "/schema"),
        ("jsonSchema: none.json", "missing-file", "/jsonSchema"),
        ("xsd: none.xsd", "missing-file", "/xsd"),
        ("xsd: [a]", "bad-value", "/xsd"),
        ("schematron: none.sch", "missing-file", "/schematron"),
        ("qcRulesYamlFile: none.yaml", "missing-file", "/qcRulesYamlFile"),
        ("password: hunter2", "plaintext-secret", "/password"),
        ("password: {env: A, file: B}", "bad-value", "/password"),
        ("password: {file: none.txt}", "missing-file", "/password"),
        ("ingestURL: https://me:hunter2@example.org/", "plaintext-secret", "/ingestURL"),
        ("ingestURL: https://example.org/?a=b&api_key=hunter2", "plaintext-secret", "/ingestURL"),
        ("ingestURL: 'https://example.org/${HOME}'", "bad-value", "/ingestURL"),
        ("preprocessScript: fix.py", "script-ignored", "/preprocessScript"),
        ("headrLine: 1", "unknown-key", "/headrLine"),
        ("topElement: a", "unknown-key", "/topElement"),
        ("my_token: x\napi_key: ~", "unknown-key", "/my_token"),
    ],
)  # fmt: skip
def test_each_fault_is_noted_once_at_its_place(definitions: Definitions, member: str, code: str, pointer: str) -> None:
    source = definitions.one(f"resourceID: A\n# a comment\ningestMethod: CSV\n{member}\n")
    assert definitions.notes(source)[0] == (code, 4, pointer)
    assert {n.location.file for n in source.notes} == {"f.yaml"}
    assert [n for n in definitions.notes(source) if n[2] == pointer] == [(code, 4, pointer)]


def test_a_value_that_is_refused_leaves_the_default(definitions: Definitions) -> None:
    source = definitions.one("resourceID: A\ningestMethod: CSV\nheaderLine: x\nerrPerc: 101\nrecords: {min: x, max: 5}")
    assert (source.parameters, source.err_perc, source.records) == ({}, None, {"max": 5})


def test_a_slip_in_values_hides_what_was_to_be_hidden(definitions: Definitions) -> None:
    assert definitions.one("resourceID: A\nvalues: maksed").values == "none"


def test_a_key_with_one_bad_path_is_no_key_rather_than_another(definitions: Definitions) -> None:
    assert definitions.one("resourceID: A\nprimaryKey: [a, $.b c]").primary_key == ()


def test_the_hint_of_a_path_tells_what_the_old_system_read(definitions: Definitions) -> None:
    (note,) = definitions.one("resourceID: A\nprimaryKeyJSONPath: $.Cell Name").notes
    assert "write $.'Cell Name' (column 7)" in note.message
    assert note.hint == "The old system silently read $.Cell and left off the rest."
    assert note.details == {"column": 7}
    assert note.value == "$.Cell Name"


@pytest.mark.parametrize(
    ("members", "key"),
    [
        ("primaryKey: a b", ("$.'a b'",)),
        ("primaryKey: $.a[0]", ("$.a[0]",)),
        ("primaryKeyJSONPath: [$.a, b]", ("$.a", "$.b")),
        ("originalRecordIdentifierSpec: {fields: [$.a, b], delimiter: ['-'], method: value}", ("$.a", "$.b")),
        ("primaryKey: a\nprimaryKeyJSONPath: $.'a'", ("$.a",)),
        ("primaryKey: 2020", ("$.2020",)),
        ("primaryKey: []", ()),
    ],
)
def test_the_three_forms_of_a_key(definitions: Definitions, members: str, key: tuple[str, ...]) -> None:
    source = definitions.one(f"resourceID: A\n{members}")
    assert source.notes == ()
    assert source.primary_key == key
    assert source.key_delimiter == ("-" if "delimiter" in members else ":")


def test_two_keys_that_differ_are_told(definitions: Definitions) -> None:
    source = definitions.one("resourceID: A\nprimaryKey: a\nprimaryKeyJSONPath: $.b")
    assert source.primary_key == ("$.a",)
    assert definitions.notes(source) == [("bad-value", 3, "/primaryKeyJSONPath")]


@pytest.mark.parametrize(
    ("written", "name", "value"),
    [
        ("headerLine: '1'", "headerLine", 1),
        ("headerLine: 1.0", "headerLine", 1),
        ("headerLine: 012", "headerLine", 12),
        ("keepMissing: 'FALSE'", "keepMissing", False),
        ("keepMissing: yes", "keepMissing", True),
        ("delimiter: '\\t'", "delimiter", "\t"),
        ('delimiter: "\\t"', "delimiter", "\t"),
        ("delimiter: '||'", "delimiter", "||"),
        ("delimiter: '&#059;'", "delimiter", ";"),
        ("delimiter: ' '", "delimiter", " "),
        ("delimiter: 1", "delimiter", "1"),
        ("textQuote: '&#034;'", "textQuote", '"'),
        ("textQuote: '&#34;'", "textQuote", '"'),
        ("textQuote: '&quot;'", "textQuote", '"'),
        ("textQuote: ''", "textQuote", ""),
        ("escapeCharacter: '&#092;'", "escapeCharacter", "\\"),
        ("escapeCharacter: '\\'", "escapeCharacter", "\\"),
        ("maxDocs: -1", "maxDocs", -1),
        ("locale: en_US", "locale", "en_US"),
    ],
)
def test_parameters_get_their_types(definitions: Definitions, written: str, name: str, value: Any) -> None:
    source = definitions.one(f"resourceID: A\ningestMethod: CSV\n{written}")
    assert source.notes == ()
    assert (source.parameters, type(source.parameters[name])) == ({name: value}, type(value))


def test_a_list_of_words_may_be_a_text(definitions: Definitions) -> None:
    source = definitions.one("resourceID: A\ningestMethod: OAI\nallowedSetSpecs: 'a, b ,c'")
    assert source.parameters == {"allowedSetSpecs": ["a", "b", "c"]}


def test_a_resource_id_keeps_its_spelling(definitions: Definitions) -> None:
    assert definitions.one("resourceID: 012").resource_id == "012"
    assert definitions.one("resourceID: 1.50").resource_id == "1.50"


@pytest.mark.parametrize("bad", ["'a b'", "'-a'", "'ü'", "'" + "a" * 201 + "'", "a/b"])
def test_a_malformed_resource_id_is_told_but_used(definitions: Definitions, bad: str) -> None:
    source = definitions.one(f"resourceID: {bad}")
    assert source.resource_id == bad.strip("'")
    assert definitions.notes(source) == [("bad-value", 1, "/resourceID")]


@pytest.mark.parametrize(
    ("text", "line", "pointer", "reason"),
    [
        ("name: x\ningestMethod: CSV", 1, "/resourceID", "it has no resourceID"),
        ("name: x\nresourceId: y\ningestMethod: CSV", 1, "/resourceID", "'resourceId' isn't one: write resourceID"),
        ("name: x\nresourceID: ''", 2, "/resourceID", "a text is needed"),
        ("name: x\nresourceID: [a]", 2, "/resourceID", "a text is needed"),
        ("name: x\nresourceID:", 2, "/resourceID", "a text is needed"),
        ("just text", 1, "", "isn't a source definition"),
        ("- a\n- b", 1, "/0", "isn't a source definition"),
        ("", 1, "", "the file is empty"),
        ("# only a comment\n", 1, "", "the file is empty"),
    ],
)
def test_what_cannot_be_used_raises_with_its_place(
    definitions: Definitions, text: str, line: int, pointer: str, reason: str
) -> None:
    with pytest.raises(DefinitionError) as caught:
        definitions.one(text)
    error = caught.value
    assert (error.file, error.line, error.pointer) == ("f.yaml", line, pointer)
    assert reason in error.reason


def test_a_name_given_twice(definitions: Definitions) -> None:
    source = definitions.one("resourceID: A\nerrPerc: 1\nchecks: {a: off, a: on}\nerrPerc: 2\n")
    assert source.err_perc == 2.0
    assert definitions.notes(source) == [("duplicate-key", 3, "/checks/a"), ("duplicate-key", 4, "/errPerc")]


def test_several_sources_in_one_file(definitions: Definitions) -> None:
    first, second = definitions.all("resourceID: A\nerrPerc: x\n---\nresourceID: B\n\nerrPerc: y\n")
    assert definitions.notes(first) == [("bad-value", 2, "/errPerc")]
    assert definitions.notes(second) == [("bad-value", 6, "/errPerc")]
    listed = definitions.all('[{"resourceID": "A"},\n{"resourceID": "B",\n"errPerc": "y"}]', "f.json")
    assert [s.resource_id for s in listed] == ["A", "B"]
    assert definitions.notes(listed[1]) == [("bad-value", 3, "/1/errPerc")]
    assert listed[1].place("/nothing/there").line == 2


def test_accounting_may_be_switched_off(definitions: Definitions) -> None:
    assert definitions.one("resourceID: A\naccounting: off").accounting == {"skip": True}
    source = definitions.one("resourceID: A\nskipCheck: 'true'\naccounting: {increase: 5}")
    assert source.accounting == {"increase": 5.0, "skip": True}


@pytest.mark.parametrize("off", ["off", "false", "OFF", "'off'", "no"])
def test_one_side_of_accounting_may_be_switched_off(definitions: Definitions, off: str) -> None:
    source = definitions.one(f"resourceID: A\naccounting: {{increase: {off}, decrease: 5}}")
    assert (source.accounting, definitions.notes(source)) == ({"increase": None, "decrease": 5.0}, [])
    source = definitions.one(f"resourceID: A\naccounting: {{decrease: {off}}}")
    assert (source.accounting, definitions.notes(source)) == ({"decrease": None}, [])


# -- schemas ----------------------------------------------------------------------------------------------------


def test_a_schema_is_told_by_its_shape(definitions: Definitions) -> None:
    table = definitions.one("resourceID: A\nschema: {fields: [{name: a}], missingValues: ['', '-']}")
    assert table.table_schema == {"fields": [{"name": "a"}], "missingValues": ["", "-"]}
    assert table.json_schema is None
    assert table.missing_values == ("", "-")
    document = definitions.one("resourceID: A\nschema: {type: object, properties: {fields: {}}}")
    assert document.table_schema is None
    assert document.json_schema == {"type": "object", "properties": {"fields": {}}}


def test_missing_values_of_the_definition_win(definitions: Definitions) -> None:
    source = definitions.one("resourceID: A\nmissingValues: NA\nschema: {fields: [], missingValues: ['-']}")
    assert source.missing_values == ("NA",)
    labelled = definitions.one("resourceID: A\nschema: {fields: [], missingValues: [{value: '-99', label: x}]}")
    assert labelled.missing_values == ("-99",)


def test_schemas_said_outright(definitions: Definitions) -> None:
    definitions.file("x.xsd", "<schema/>")
    source = definitions.one(
        """\
        resourceID: A
        tableSchema: {fields: []}
        jsonSchema: true
        xsd: x.xsd
        relaxng: "<grammar/>"
        """
    )
    assert source.notes == ()
    assert (source.table_schema, source.json_schema) == ({"fields": []}, True)
    assert (source.xsd, source.relaxng, source.schematron) == ("x.xsd", "<grammar/>", None)


def test_an_xml_schema_is_told_by_its_files_name(definitions: Definitions) -> None:
    definitions.file("x.xsd", "<schema/>")
    definitions.file("x.sch", "<schema/>")
    assert definitions.one("resourceID: A\nschema: x.xsd").xsd == "x.xsd"
    assert definitions.one("resourceID: A\nschema: x.sch").schematron == "x.sch"


@pytest.mark.parametrize(("file", "text"), [("s/t.json", '{\n"fields": [\n{"name": "a"}]}'),
                                            ("s/t.yaml", "x: 1\nfields:\n- name: a")])  # fmt: skip
def test_a_schema_in_a_file_has_its_places_there(definitions: Definitions, file: str, text: str) -> None:
    definitions.file(file, text)
    source = definitions.one(f"resourceID: A\nschema: {file}", file="cat/f.yaml")
    assert source.table_schema is not None
    assert source.table_schema["fields"] == [{"name": "a"}]
    assert source.schema_file == file
    for member in ("/schema", "/tableSchema"):
        place = source.place(f"{member}/fields/0/name")
        assert (place.file, place.line, place.path) == (f"cat/{file}", 3, "/fields/0/name")
    assert source.place("/resourceID").file == "cat/f.yaml"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "s.yaml can't be used (line 1): not YAML"),
        ("", "is empty"),
        ("a: 1\n---\nb: 2", "holds 2 documents"),
        ("[a]", "schema is a list"),
    ],
)
def test_a_schema_file_that_cannot_be_used(definitions: Definitions, text: str, said: str) -> None:
    definitions.file("s.yaml", text)
    source = definitions.one("resourceID: A\nschema: s.yaml")
    (note,) = source.notes
    assert note.code == "definition/bad-value"
    assert said in note.message
    assert (source.table_schema, source.json_schema) == (None, None)


def test_two_table_schemas(definitions: Definitions) -> None:
    source = definitions.one("resourceID: A\nschema: {fields: [{name: a}]}\ntableSchema: {fields: [{name: b}]}")
    assert source.table_schema == {"fields": [{"name": "b"}]}
    assert definitions.notes(source) == [("bad-value", 2, "/schema")]


def test_qc_rules_of_a_file_have_their_places_there(definitions: Definitions) -> None:
    definitions.file("qc.yaml", "ValueExists:\n- path: $.a\n- path: $.b\n")
    source = definitions.one("resourceID: A\nqcRulesYamlFile: qc.yaml")
    assert source.qc_rules == {"ValueExists": [{"path": "$.a"}, {"path": "$.b"}]}
    place = source.place("/qcRules/ValueExists/1/path")
    assert (place.file, place.line, place.path) == ("qc.yaml", 3, "/ValueExists/1/path")


def test_qc_rules_given_twice(definitions: Definitions) -> None:
    definitions.file("qc.yaml", "ValueExists: []\n")
    source = definitions.one("resourceID: A\nqcRulesYamlFile: qc.yaml\nqcRules: {ValueExists: [{path: a}]}")
    assert source.qc_rules == {"ValueExists": [{"path": "a"}]}
    assert definitions.notes(source) == [("bad-value", 2, "/qcRulesYamlFile")]


@pytest.mark.parametrize(
    ("members", "codes"),
    [
        ("transformScript: t.py", []),
        ("transformScript: t.py\nqcRules: {ValueExists: [{path: a}]}", ["script-ignored"]),
        ("preprocessScript: p.py\ntransformScript: ''", ["script-ignored"]),
    ],
)
def test_a_script_that_matters_is_told(definitions: Definitions, members: str, codes: list[str]) -> None:
    assert [n[0] for n in definitions.notes(definitions.one(f"resourceID: A\n{members}"))] == codes


# -- from Python ------------------------------------------------------------------------------------------------


def test_from_a_mapping(tmp_path: Path) -> None:
    source = from_mapping(
        {"ingestMethod": "csv", "ingestURL": tmp_path / "my data.csv", "primaryKey": ("a", "b"), "headerLine": 2},
        folder=tmp_path,
    )
    assert source.resource_id == "my-data.csv"
    assert source.ingest_url == str(tmp_path / "my data.csv")
    assert source.primary_key == ("$.a", "$.b")
    assert source.parameters == {"headerLine": 2}
    assert (source.origin.file, source.origin.folder) == (None, tmp_path)
    assert source.place("/headerLine").line is None


def test_a_mapping_is_not_changed() -> None:
    given = {"ingestMethod": "CSV", "checks": {"text": False}}
    assert from_mapping(given).resource_id == "source"
    assert given == {"ingestMethod": "CSV", "checks": {"text": False}}


def test_the_same_mapping_has_the_same_digest() -> None:
    one = from_mapping({"resourceID": "A", "errPerc": 1})
    other = from_mapping({"errPerc": 1, "resourceID": "A"})
    assert one == other
    assert one.origin.sha256 == other.origin.sha256


def test_a_mapping_of_several_sources_is_refused() -> None:
    with pytest.raises(DefinitionError, match="holds 2 sources"):
        from_mapping(
            {"resourceID": "x", "name": "p", "resources": [{"name": "a", "path": "a.csv"}, {"name": "b", "path": "b"}]}
        )


def test_a_path_that_yaml_cuts_off_is_explained(definitions: Definitions) -> None:
    (note,) = definitions.one("resourceID: A\nprimaryKey: $.'Stk #'").notes
    assert (note.code, note.value) == ("definition/bad-path", "$.'Stk")
    assert note.hint == "In YAML a blank and # begin a comment: put the whole path in double quotes."


NEITHER = "this is neither a Table Schema nor a JSON Schema: it has no member that checks anything, only "
AS_TABLE = 'A Table Schema lists its fields: {"fields": [{"name": "id", "type": "string"}'


@pytest.mark.parametrize(
    ("schema", "code", "message", "hint"),
    [
        ({"property": {"a": {}}}, "bad-value", f"{NEITHER}'property'; did you mean properties?", None),
        ({"feilds": [{"name": "a"}]}, "bad-value", f"{NEITHER}'feilds'; did you mean fields?", None),
        ({"id": "string", "age": "integer"}, "bad-value", f"{NEITHER}'id' and 1 more", f"{AS_TABLE}, …]}}."),
        ({"id": {"type": "string"}}, "bad-value", f"{NEITHER}'id'", f"{AS_TABLE}]}}."),
        ({"id": "a string", "age": 7}, "bad-value", f"{NEITHER}'id' and 1 more", None),
        ({"fields": {"id": "string"}}, "bad-value", "a Table Schema has a list of fields", f"{AS_TABLE}]}}."),
        ({"title": "Records"}, "unknown-key", "the JSON Schema has no keyword that checks anything", None),
    ],
)
def test_a_schema_that_checks_nothing(schema: dict[str, Any], code: str, message: str, hint: str | None) -> None:
    [note] = from_mapping({"resourceID": "A", "ingestMethod": "JSON", "ingestURL": "x.json", "schema": schema}).notes
    assert (note.code, note.message, note.hint) == (f"definition/{code}", message, hint)
    assert note.location.path == "/schema"


@pytest.mark.parametrize("schema", [{}, {"properties": {"a": {"type": "integer"}}}])
def test_a_json_schema_that_may_be_meant(schema: dict[str, Any]) -> None:
    definition = {"resourceID": "A", "ingestMethod": "JSON", "ingestURL": "x.json"}
    assert from_mapping({**definition, "schema": schema}).notes == ()
    [note] = from_mapping({**definition, "jsonSchema": {"id": "string"}}).notes
    assert note.message == "this is no JSON Schema: it has no member that checks anything, only 'id'"


def test_the_value_of_a_rule_is_what_is_written(definitions: Definitions) -> None:
    text = """\
        resourceID: A
        ingestMethod: CSV
        ingestURL: a.csv
        qcRules:
          ValueExists: [{path: v, value: 1.10}, {path: v, value: 012}, {path: v, value: "1.0"}, {path: v, value: true}]
        """
    rules = definitions.one(text).qc_rules["ValueExists"]
    assert [rule["value"] for rule in rules] == ["1.10", "012", "1.0", True]
    made = from_mapping({"resourceID": "A", "qcRules": {"ValueExists": [{"path": "v", "value": 1.5}]}})
    assert made.qc_rules == {"ValueExists": [{"path": "v", "value": "1.5"}]}


@pytest.mark.parametrize(
    ("members", "meant"),
    [
        ({"records": {"mn": 1}}, "min"),
        ({"accounting": {"increse": 1}}, "increase"),
        ({"qcRules": {"ValueExist": [{"path": "v"}]}}, "ValueExists"),
        ({"qcRules": {"ValueExists": [{"path": "v", "valueRegx": "x"}]}}, "valueRegex"),
        ({"records": {"zzzzz": 1}}, None),
    ],
)
def test_what_is_unknown_in_a_mapping_says_what_was_meant(members: dict[str, Any], meant: str | None) -> None:
    source = from_mapping({"resourceID": "A", "ingestMethod": "CSV", "ingestURL": "a.csv", **members})
    [said] = [o for o in (*source.notes, *qc.faults(source)) if o.code == "definition/unknown-key"]
    assert said.details == ({} if meant is None else {"meant": meant})
