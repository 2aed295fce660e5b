"""The W3C's metadata of tables: what a table is written like, its columns, its keys."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from potable.engine import Engine
from potable.engine.catalog import open_catalog
from potable.engine.definition.csvw import identifier
from potable.engine.definition.csvw_types import KNOWN, Unknown, field_of
from potable.engine.definition.model import SourceDefinition

from .conftest import Definitions

CONTEXT = ["http://www.w3.org/ns/csvw", {"@language": "en"}]


def table(definitions: Definitions, **members: Any) -> SourceDefinition:
    metadata = {"@context": "http://www.w3.org/ns/csvw", "url": "data/birds.csv", **members}
    return definitions.one(json.dumps(metadata, indent=1), "birds.csv-metadata.json")


def column(definitions: Definitions, **members: Any) -> tuple[dict[str, Any], list[tuple[str, str | None]]]:
    source = table(definitions, tableSchema={"columns": [{"name": "c", **members}]})
    assert source.table_schema is not None
    (field,) = source.table_schema["fields"]
    assert field.pop("name") == "c"
    return field, [(c, p) for c, _, p in definitions.notes(source)]


def test_a_table(definitions: Definitions) -> None:
    text = """\
        {"@context": ["http://www.w3.org/ns/csvw", {"@base": "files/"}],
         "url": "birds.csv",
         "dc:title": {"@value": "Birds", "@language": "en"},
         "dialect": {"delimiter": ";", "quoteChar": null, "commentPrefix": null, "encoding": "latin1", "skipRows": 2},
         "null": ["", "n/a"],
         "tableSchema": {
           "columns": [
             {"name": "id", "titles": "Bird ID", "required": true},
             {"name": "mass", "titles": ["Mass", "Weight"], "null": "-",
              "datatype": {"base": "decimal", "minimum": 0}},
             {"titles": {"en": "Seen on"}, "datatype": {"base": "date", "format": "d.M.yyyy"}},
             {"name": "link", "virtual": true, "valueUrl": "x"}],
           "primaryKey": "id"}}
        """
    source = definitions.one(text, "csv-metadata.json")
    assert definitions.notes(source) == []
    assert (source.resource_id, source.name, source.ingest_method) == ("birds", "Birds", "CSV")
    assert source.ingest_url == "files/birds.csv"
    assert source.parameters == {
        "delimiter": ";", "textQuote": "", "comment": "", "encoding": "latin1", "headerLine": 3, "ignoreLines": 3,
    }  # fmt: skip
    assert source.missing_values == ("", "n/a")
    assert source.table_schema == {
        "fields": [
            {"name": "Bird ID", "type": "string", "constraints": {"required": True}},
            {"name": "Mass", "type": "number", "constraints": {"minimum": 0}, "missingValues": ["-"]},
            {"name": "Seen on", "type": "date", "format": "%d.%m.%Y"},
        ],
        "primaryKey": ["Bird ID"],
        "missingValues": ["", "n/a"],
    }
    assert source.origin.format == "csvw"
    assert (source.place("/delimiter").line, source.place("/delimiter").path) == (4, "/dialect/delimiter")
    place = source.place("/schema/fields/1/constraints")
    assert (place.line, place.path) == (9, "/tableSchema/columns/1/constraints")


def test_a_group_shares_what_its_tables_do_not_say(definitions: Definitions) -> None:
    definitions.file("birds.json", '{"columns": [{"name": "id"}]}')
    metadata = {
        "@context": CONTEXT,
        "dialect": {"header": False, "commentPrefix": "!"},
        "tableSchema": {"columns": [{"name": "a"}, {"name": "b"}], "primaryKey": ["a", "b"]},
        "tables": [
            {"url": "one.csv", "resourceID": "SCR_1", "errPerc": 2, "owner": "us"},
            {"url": "two.csv", "tableSchema": "birds.json", "dialect": {}},
        ],
    }
    one, two = definitions.all(json.dumps(metadata), "csv-metadata.json")
    assert (one.resource_id, one.err_perc, one.info) == ("SCR_1", 2.0, {"owner": "us"})
    assert one.parameters == {"comment": "!", "headerLine": 0, "ignoreLines": 0}
    assert one.place("/tableSchema/fields/0").path == "/tableSchema/columns/0"
    assert one.table_schema is not None
    assert [f["name"] for f in one.table_schema["fields"]] == ["column1", "column2"]
    assert one.table_schema["primaryKey"] == ["column1", "column2"]
    assert (two.resource_id, two.parameters) == ("two", {"comment": "#"})
    assert two.table_schema == {"fields": [{"name": "id", "type": "string"}]}


def test_foreign_keys_name_sources(definitions: Definitions) -> None:
    metadata = {
        "@context": CONTEXT,
        "tables": [
            {"url": "birds.csv", "tableSchema": {
                "columns": [{"name": "site", "titles": "Site"}, {"name": "mother", "titles": "Mother"},
                            {"name": "id", "titles": "ID"}],
                "foreignKeys": [
                    {"columnReference": "site", "reference": {"resource": "sites.csv", "columnReference": ["code"]}},
                    {"columnReference": ["mother"], "reference": {"resource": "birds.csv", "columnReference": "id"}},
                    {"columnReference": "site", "reference": {"schemaReference": "s", "columnReference": "code"}},
                    {"columnReference": "site", "reference": {"resource": "none.csv", "columnReference": "x"}},
                    {"columnReference": "site"},
                ]}},
            {"url": "sites.csv", "resourceID": "SITES", "tableSchema": {
                "@id": "s", "columns": [{"name": "code", "titles": "Site code"}]}},
        ],
    }  # fmt: skip
    birds, _ = definitions.all(json.dumps(metadata), "csv-metadata.json")
    assert birds.table_schema is not None
    to_sites = {"fields": ["Site"], "reference": {"resource": "SITES", "fields": ["Site code"]}}
    assert birds.table_schema["foreignKeys"] == [
        to_sites, {"fields": ["Mother"], "reference": {"resource": "", "fields": ["ID"]}}, to_sites,
    ]  # fmt: skip
    assert [(c, p) for c, _, p in definitions.notes(birds)] == [
        ("bad-value", "/tables/0/tableSchema/foreignKeys/3/reference"),
        ("bad-value", "/tables/0/tableSchema/foreignKeys/4"),
    ]


@pytest.mark.parametrize(
    ("datatype", "field"),
    [
        ("string", {"type": "string"}),
        ("integer", {"type": "integer"}),
        ("byte", {"type": "integer", "constraints": {"minimum": -128, "maximum": 127}}),
        ("positiveInteger", {"type": "integer", "constraints": {"minimum": 1}}),
        ({"base": "integer", "minExclusive": 5, "maxInclusive": 9},
         {"type": "integer", "constraints": {"exclusiveMinimum": 5, "maximum": 9}}),
        ({"base": "string", "length": 3}, {"type": "string", "constraints": {"minLength": 3, "maxLength": 3}}),
        ({"base": "string", "format": "[A-Z]+"}, {"type": "string", "constraints": {"pattern": "[A-Z]+"}}),
        ({"base": "boolean", "format": "Y|N"}, {"type": "boolean", "trueValues": ["Y"], "falseValues": ["N"]}),
        ({"base": "number", "format": {"decimalChar": ",", "groupChar": "."}},
         {"type": "number", "decimalChar": ",", "groupChar": "."}),
        ({"base": "date", "format": "yyyy-MM-dd"}, {"type": "date"}),
        ({"base": "date", "format": "MM/dd/yyyy"}, {"type": "date", "format": "%m/%d/%Y"}),
        ({"base": "datetime", "format": "yyyy-MM-ddTHH:mm"}, {"type": "datetime", "format": "%Y-%m-%dT%H:%M"}),
        ({"base": "dateTime", "format": "d.M.yyyy HH:mm:ss.SSS XXX"},
         {"type": "datetime", "format": "%d.%m.%Y %H:%M:%S.%f %z"}),
        ({"base": "time", "format": "HHmm"}, {"type": "time", "format": "%H%M"}),
        ("gYear", {"type": "year"}),
        ("base64Binary", {"type": "string", "format": "binary"}),
        ({"dc:title": "x", "format": ""}, {"type": "string"}),
    ],
)  # fmt: skip
def test_datatypes(definitions: Definitions, datatype: Any, field: dict[str, Any]) -> None:
    assert column(definitions, datatype=datatype) == (field, [])


@pytest.mark.parametrize("name", KNOWN)
def test_every_built_in_datatype_is_a_type_of_table_schema(name: str) -> None:
    field, without = field_of(name)
    assert without == []
    known = {
        "string",
        "any",
        "number",
        "integer",
        "boolean",
        "date",
        "datetime",
        "time",
        "duration",
        "year",
        "yearmonth",
    }
    assert field["type"] in known


@pytest.mark.parametrize(
    "datatype",
    ["strng", 5, {"base": ["string"]}, {"base": "boolean", "format": "yes"}, {"base": "date", "format": "QQQ yyyy"},
     {"base": "date", "format": 7}, {"base": "number", "format": 7}],
)  # fmt: skip
def test_datatypes_that_cannot_be_used(definitions: Definitions, datatype: Any) -> None:
    with pytest.raises(Unknown):
        field_of(datatype)
    assert column(definitions, datatype=datatype)[1] == [("bad-value", "/tableSchema/columns/0/datatype")]


def test_several_values_in_a_cell(definitions: Definitions) -> None:
    assert column(definitions, datatype="integer", separator="|") == (
        {"type": "list", "delimiter": "|", "itemType": "integer"}, [],
    )  # fmt: skip
    assert column(definitions, datatype="integer", separator="") == ({"type": "integer"}, [])
    datatype = {"base": "string", "format": "[a-z]"}
    assert column(definitions, datatype=datatype, separator=";", required=True) == (
        {"type": "list", "delimiter": ";", "itemType": "string", "constraints": {"required": True}},
        [("unknown-key", "/tableSchema/columns/0/datatype")],
    )


@pytest.mark.parametrize(
    ("members", "notes"),
    [
        ({"dialect": {"trim": True, "skipColumns": 1, "skipInitialSpace": False, "lineTerminators": "\n"}},
         [("unknown-key", "/dialect/trim"), ("unknown-key", "/dialect/skipColumns")]),
        ({"dialect": {"headerRowCount": 2}}, [("bad-value", "/dialect/headerRowCount")]),
        ({"dialect": {"skipRows": "x"}}, [("bad-value", "/dialect/skipRows")]),
        ({"dialect": 5}, [("bad-value", "/dialect")]),
        ({"dialect": "none.json"}, [("missing-file", "/dialect")]),
        ({"tableSchema": "none.json"}, [("missing-file", "/tableSchema")]),
        ({"tableSchema": {"columns": 5}}, [("bad-value", "/tableSchema")]),
        ({"tableSchema": {"columns": [5]}}, [("bad-value", "/tableSchema/columns/0")]),
        ({"tableSchma": {}}, [("unknown-key", "/tableSchma")]),
        ({"dialect": {"delimter": ";"}}, [("unknown-key", "/dialect/delimter")]),
        ({"tableSchema": {"primarykey": "a", "columns": [{"name": "a", "dc:title": "A"}]}},
         [("unknown-key", "/tableSchema/primarykey")]),
        ({"tableSchema": {"columns": [{"virtual": True}, {"name": "a", "requird": True, "unit": "mm"}]}},
         [("unknown-key", "/tableSchema/columns/1/requird")]),
        ({"tableSchema": {"columns": [{"name": "a", "default": "x"}]}}, [("unknown-key", "/tableSchema/columns/0")]),
        ({"tableSchema": {"columns": [{"name": "a", "datatype": {"base": "string", "size": 1}}]}},
         [("unknown-key", "/tableSchema/columns/0/datatype")]),
    ],
)  # fmt: skip
def test_faults(definitions: Definitions, members: dict[str, Any], notes: list[tuple[str, str]]) -> None:
    source = table(definitions, **members)
    assert [(c, p) for c, _, p in definitions.notes(source)] == notes


def test_a_dialect_that_escapes_and_one_in_a_file(definitions: Definitions) -> None:
    definitions.file("d.json", '{"delimiter": "|",\n "doubleQuote": false}')
    source = table(definitions, dialect="d.json")
    assert source.parameters == {"delimiter": "|", "escapeCharacter": "\\", "comment": "#"}
    place = source.place("/escapeCharacter")
    assert (place.file, place.line, place.path) == ("d.json", 2, "/doubleQuote")


@pytest.mark.parametrize(
    "value",
    [{"@context": "http://schema.org", "url": "a.csv"}, {"@context": CONTEXT}, {"url": "a.csv"},
     {"@context": [{}], "tables": []}],
)  # fmt: skip
def test_other_documents_are_none(tmp_path: Path, value: dict[str, Any]) -> None:
    (tmp_path / "x-metadata.json").write_text(json.dumps(value))
    assert list(open_catalog(tmp_path).ids()) == []


def test_identifiers() -> None:
    assert [identifier(u) for u in ("a/birds.csv", "https://h/x%20y.tsv.gz?z=1", "b")] == ["birds", "x-20y", "b"]


def test_a_source_of_a_catalog_runs(tmp_path: Path) -> None:
    (tmp_path / "birds.csv").write_text("# of 2024\nid,mass\n1,5\n2,6\n")
    (tmp_path / "birds.csv-metadata.json").write_text(
        json.dumps({"@context": CONTEXT, "url": "birds.csv", "dialect": {"skipRows": 1}})
    )
    report = Engine(catalog=tmp_path, without=["checkers"]).run("birds")
    assert (report.verdict, report.counts.records) == ("passed", 2)
