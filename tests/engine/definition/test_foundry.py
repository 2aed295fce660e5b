"""The old system's two formats."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from potable.engine.errors import DefinitionError

if TYPE_CHECKING:
    from .conftest import Definitions

DESCRIPTOR = """\
    strains:
      sourceID: LAB_0001-Strains
      scrID: LAB_0001
      name: Strains
      repositoryID: "7"
      ingestMethod: csv
      ingestURL: /data/strains.csv
      headerLine: "2"
      ignoreLines: "2"
      textQuote: "&#039;"
      keepMissing: "false"
      delimiter: ;
      primaryKeyJSONPath:
        - "$.'Stk #'"
        - $.id
      transformScript: strains.trs
      collectionName: c
      useCache: "true"
    papers:
      name: Papers
      ingestMethod: WEB
      ingestURL: "https://example.org/papers"
      parserType: JSON
      documentElement: ""
      filenamePattern: ""
      limitValue: ""
      offsetParam: start
      limitParam: rows
      primaryKeyJSONPath: $.doi
      errPerc: "2.5"
    """


def test_a_descriptor_holds_several_sources(definitions: Definitions) -> None:
    strains, papers = definitions.all(DESCRIPTOR)
    assert strains.notes == papers.notes == ()
    assert (strains.resource_id, strains.name, strains.ingest_method) == ("LAB_0001-Strains", "Strains", "CSV")
    assert strains.parameters == {
        "headerLine": 2, "ignoreLines": 2, "textQuote": "'", "escapeCharacter": "\\", "keepMissing": False,
        "delimiter": ";", "useCache": True,
    }  # fmt: skip
    assert strains.primary_key == ("$.'Stk #'", "$.id")
    assert strains.extra == {
        "sourceID": "LAB_0001-Strains", "scrID": "LAB_0001", "repositoryID": "7", "transformScript": "strains.trs",
        "collectionName": "c",
    }  # fmt: skip
    assert (strains.origin.format, strains.origin.index) == ("foundry-yaml", "/strains")
    assert (strains.place("/primaryKeyJSONPath/1").line, strains.place("/primaryKeyJSONPath/1").path) == (
        15, "/strains/primaryKeyJSONPath/1",
    )  # fmt: skip
    assert (strains.place("/resourceID").line, strains.place("/resourceID").path) == (2, "/strains/sourceID")
    assert papers.resource_id == "papers"
    assert (papers.place("/resourceID").line, papers.place("/resourceID").path) == (19, "/papers")
    assert papers.parameters == {"parserType": "json", "offsetParam": "start", "limitParam": "rows"}
    assert (papers.format, papers.err_perc) == ("json", 2.5)


def test_the_old_table_defaults_are_filled_in_for_the_old_formats_only(definitions: Definitions) -> None:
    (old,) = definitions.all("x: {ingestMethod: CSV, ingestURL: a.csv}")
    assert old.parameters == {"textQuote": '"', "escapeCharacter": "\\"}
    (none,) = definitions.all("x: {ingestMethod: CSV, ingestURL: a.csv, textQuote: '', escapeCharacter: ''}")
    assert none.parameters == {"textQuote": "", "escapeCharacter": ""}
    (other,) = definitions.all("x: {ingestMethod: OAI, ingestURL: https://example.org/oai}")
    assert other.parameters == {}
    assert definitions.one("resourceID: x\ningestMethod: CSV\ningestURL: a.csv").parameters == {}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("rysncSource", "rsyncSource"),
        ("fileNamePattern", "filenamePattern"),
        ("filenamepattern", "filenamePattern"),
        ("args", "arguments"),
        ("dataType", "fileType"),
        ("escapeChar", "escapeCharacter"),
        ("transformationScript", "transformScript"),
        ("cacheMode", "useCache"),
        (" delimiter", "delimiter"),
        ("delimiter ", "delimiter"),
        ("primaryKeyJsonPath", "primaryKeyJSONPath"),
        ("primary_key", "primaryKey"),
        ("headerline", "headerLine"),
        ("ignore_lines", "ignoreLines"),
        ("errPercent", "errPerc"),
        ("qcRuleYamlFile", "qcRulesYamlFile"),
        ("separator", "delimiter"),
        ("quotechar", "textQuote"),
        ("ingestUrl", "ingestURL"),
        ("missingValue", "missingValues"),
    ],
)
@pytest.mark.parametrize("method", ["CSV", "RSYNC", "SCRIPT", "XML", "NEWMETHOD"])
def test_a_near_miss_gets_the_name_that_was_meant(
    definitions: Definitions, written: str, meant: str, method: str
) -> None:
    source = definitions.one(f"x:\n  ingestMethod: {method}\n  '{written}': v\n")
    (note,) = source.notes
    assert (note.code, note.location.line, note.location.path) == ("definition/unknown-key", 3, f"/x/{written}")
    assert note.hint == f"Did you mean {meant}?"
    assert source.extra == {written: "v"}


def test_a_parameter_of_another_method_is_told_with_its_method(definitions: Definitions) -> None:
    (note,) = definitions.one("resourceID: x\ningestMethod: CSV\nmetadataPrefix: oai_dc").notes
    assert (note.code, note.hint) == ("definition/unknown-key", "It's a parameter of OAI, not of CSV.")


def test_a_setting_that_asks_for_nothing_or_for_what_is_done_is_no_finding(definitions: Definitions) -> None:
    said = "allowDuplicates: 'false'\n  normalize: 'false'\n  locale: en_US\n  sourceName: ''"
    assert definitions.one(f"x:\n  ingestMethod: FITS\n  {said}\n").notes == ()


@pytest.mark.parametrize(
    ("method", "setting"),
    [("CSV", "locale: de_DE"), ("CSV", "allowDuplicates: 'true'"), ("CSV", "cacheFilename: c"),
     ("OAI", "sourceName: s"), ("XML", "normalize: 'true'"), ("SQL", "dbKey: k")],
)  # fmt: skip
def test_a_setting_that_is_not_honoured_is_told(definitions: Definitions, method: str, setting: str) -> None:
    source = definitions.one(f"x:\n  ingestMethod: {method}\n  {setting}\n")
    assert definitions.notes(source) == [("no-effect", 3, f"/x/{setting.partition(':')[0]}")]


def test_an_unknown_member_of_the_identifier_is_told(definitions: Definitions) -> None:
    document = source_document()
    document["originalRecordIdentifierSpec"]["delimeter"] = [":"]
    (note,) = definitions.one(json.dumps(document), "f.json").notes
    assert (note.code, note.location.path) == ("definition/unknown-key", "/originalRecordIdentifierSpec/delimeter")
    assert note.hint == "Did you mean delimiter?"


def test_unknown_names_of_a_method_whose_names_are_not_listed_are_carried(definitions: Definitions) -> None:
    source = definitions.one("resourceID: x\ningestMethod: FITS\nhduNumber: 2")
    assert (source.notes, source.extra) == ((), {"hduNumber": 2})


def source_document() -> dict[str, Any]:
    return {
        "sourceInformation": {"resourceID": "LAB_2", "name": "Mice", "dataSource": "lab", "description": "all mice"},
        "schema": "",
        "provenance": "",
        "transformationInfo": {"transformScript": "", "mappingScript": ""},
        "ingestConfiguration": {
            "ingestMethod": "xml",
            "ingestURL": "https://example.org/mice.xml",
            "allowDuplicates": "false",
            "crawlFrequency": {"crawlType": "Frequency", "hours": "48", "minutes": "0", "startDays": []},
        },
        "contentSpecification": {"topElement": "mice", "documentElement": "mouse", "limitValue": "50", "maxDocs": ""},
        "originalRecordIdentifierSpec": {
            "fields": ["$.mouse.id.'_$'", "$.mouse.'@n'"],
            "delimiter": ["-"],
            "method": "Value",
        },
        "collectionName": "mice",
        "documentProcessing": [],
        "batchInfos": [],
    }  # fmt: skip


def written(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=1)


def line_of(text: str, part: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if part in line)


def test_a_source_document(definitions: Definitions) -> None:
    text = written(source_document())
    source = definitions.one(text, "f.json")
    assert source.notes == ()
    assert (source.resource_id, source.name, source.info) == ("LAB_2", "Mice", {"description": "all mice"})
    assert (source.ingest_method, source.ingest_url, source.format) == ("XML", "https://example.org/mice.xml", "xml")
    assert source.parameters == {"topElement": "mice", "documentElement": "mouse", "limitValue": 50}
    assert source.primary_key == ("$.mouse.id.'_$'", "$.mouse.@n")
    assert source.key_delimiter == "-"
    assert source.json_schema is None
    assert source.extra["dataSource"] == "lab"
    assert source.origin.format == "foundry-json"
    for member, pointer in (
        ("/resourceID", "/sourceInformation/resourceID"),
        ("/ingestURL", "/ingestConfiguration/ingestURL"),
        ("/limitValue", "/contentSpecification/limitValue"),
        ("/originalRecordIdentifierSpec/fields/1", "/originalRecordIdentifierSpec/fields/1"),
    ):
        assert source.place(member).path == pointer
    assert source.place("/limitValue").line == line_of(text, "limitValue")


def test_a_source_documents_schema(definitions: Definitions) -> None:
    document = source_document()
    document["schema"] = {"type": "object", "required": ["id"]}
    source = definitions.one(written(document), "f.json")
    assert source.json_schema == {"type": "object", "required": ["id"]}


def test_native_members_extend_a_source_document(definitions: Definitions) -> None:
    document = source_document() | {"errPerc": 5, "checks": {"text": "off"}, "eerPerc": 4}
    source = definitions.one(written(document), "f.json")
    assert (source.err_perc, source.checks) == (5.0, {"text": False})
    assert definitions.hints(source) == {"/eerPerc": "Did you mean errPerc?"}


@pytest.mark.parametrize(
    ("section", "change", "code", "pointer"),
    [
        ("sourceInformation", {"name": None}, "missing-parameter", "/sourceInformation"),
        ("sourceInformation", {"dataSource": ""}, "missing-parameter", "/sourceInformation"),
        ("sourceInformation", {"dataSource": 5}, "bad-value", "/sourceInformation/dataSource"),
        ("ingestConfiguration", {"allowDuplicates": "perhaps"}, "bad-value", "/ingestConfiguration/allowDuplicates"),
        ("contentSpecification", {"limitValue": "many"}, "bad-value", "/contentSpecification/limitValue"),
        ("contentSpecification", {"topElment": "x"}, "unknown-key", "/contentSpecification/topElment"),
        ("contentSpecification", {"ingestURL": "x"}, "bad-value", "/contentSpecification/ingestURL"),
        ("originalRecordIdentifierSpec", {"method": "Hash"}, "bad-value", "/originalRecordIdentifierSpec/method"),
        ("originalRecordIdentifierSpec", {"delimiter": [":", "-"]}, "bad-value",
         "/originalRecordIdentifierSpec/delimiter"),
        ("originalRecordIdentifierSpec", {"fields": ["$.a", "$.b c"]}, "bad-path",
         "/originalRecordIdentifierSpec/fields/1"),
        ("originalRecordIdentifierSpec", {"fields": []}, "missing-parameter", "/originalRecordIdentifierSpec"),
        ("sourceInformation", {"name": 5}, "bad-value", "/sourceInformation/name"),
    ],
)  # fmt: skip
def test_faults_of_a_source_document_are_placed_in_it(
    definitions: Definitions, section: str, change: dict[str, Any], code: str, pointer: str
) -> None:
    document = source_document()
    document[section] |= change
    source = definitions.one(written(document), "f.json")
    assert [(c, p) for c, _, p in definitions.notes(source)] == [(code, pointer)]


def test_a_source_document_without_its_content_specification(definitions: Definitions) -> None:
    document = source_document()
    del document["contentSpecification"]
    assert definitions.notes(definitions.one(written(document), "f.json")) == [("missing-parameter", 1, None)]
    document["contentSpecification"] = "none"
    assert definitions.notes(definitions.one(written(document), "f.json"))[0][0] == "bad-value"


def test_a_source_document_without_a_resource_id(definitions: Definitions) -> None:
    document = source_document()
    del document["sourceInformation"]["resourceID"]
    with pytest.raises(DefinitionError, match="it has no resourceID"):
        definitions.one(written(document), "f.json")


LEGACY = """\
{
 "SourceInformation": {"ResourceID": "OLD_1", "Name": "Old", "DataSource": "lab"},
 "IngestConfiguration": {"IngestMethod": "CSV", "IngestURL": "old.csv", "allowDuplicates": "true"},
 "ContentSpecification": {
  "HeaderLine": "1",
  "TopElement": "x"
 },
 "PrimaryKey": {"Fields": ["$.id", "$.'a b'"], "Delimiter": [":"], "Method": "Value"}
}
"""


def test_the_legacy_variant_is_read_with_a_note(definitions: Definitions) -> None:
    source = definitions.one(LEGACY, "f.json")
    assert (source.resource_id, source.name, source.ingest_method, source.ingest_url) == (
        "OLD_1",
        "Old",
        "CSV",
        "old.csv",
    )
    assert source.parameters == {"headerLine": 1, "textQuote": '"', "escapeCharacter": "\\"}
    assert source.primary_key == ("$.id", "$.'a b'")
    assert source.origin.format == "foundry-json-pascal"
    assert definitions.notes(source) == [
        ("legacy-format", 1, None),
        ("no-effect", 3, "/IngestConfiguration/allowDuplicates"),
        ("unknown-key", 6, "/ContentSpecification/TopElement"),
    ]
    assert source.place("/originalRecordIdentifierSpec/fields/0").path == "/PrimaryKey/Fields/0"
    assert source.place("/headerLine").line == 5
