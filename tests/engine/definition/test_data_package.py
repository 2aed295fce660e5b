"""Data Package descriptors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from potable.engine.errors import DefinitionError

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition

    from .conftest import Definitions


def resource(definitions: Definitions, **members: Any) -> SourceDefinition:
    """A source made of a package of one resource."""
    package = {"name": "pkg", "resources": [{"name": "res", "path": "data/a.csv", **members}]}
    return definitions.one(json.dumps(package, indent=1), "datapackage.json")


def test_each_resource_is_a_source(definitions: Definitions) -> None:
    definitions.file("s.json", '{"fields": [{"name": "a"}]}')
    text = """\
        {"profile": "data-package", "name": "pkg", "resources": [
          {"name": "one", "title": "One", "path": "data/a.csv", "hash": "sha256:00ff", "bytes": 12, "encoding": "utf-8",
           "schema": {"fields": [{"name": "id"}], "primaryKey": "id", "missingValues": ["", "-"]}},
          {"name": "two", "path": "https://example.org/b.tsv.gz?x=1", "schema": "s.json"}
        ]}
        """
    one, two = definitions.all(text, "datapackage.json")
    assert one.notes == two.notes == ()
    assert (one.resource_id, one.name, one.ingest_method, one.ingest_url) == ("pkg:one", "One", "CSV", "data/a.csv")
    assert one.parameters == {"hash": "sha256:00ff", "bytes": 12, "encoding": "utf-8"}
    assert one.table_schema is not None
    assert one.missing_values == ("", "-")
    assert one.origin.format == "data-package"
    assert (one.place("/hash").line, one.place("/hash").path) == (2, "/resources/0/hash")
    assert one.place("/schema/fields/0/name").path == "/resources/0/schema/fields/0/name"
    assert (two.resource_id, two.name, two.parameters) == ("pkg:two", "two", {"delimiter": "\t"})
    assert two.table_schema == {"fields": [{"name": "a"}]}


def test_a_package_without_a_name(definitions: Definitions) -> None:
    source = definitions.one('{"resources": [{"name": "res", "path": "a.csv"}]}', "datapackage.json")
    assert source.resource_id == "res"


def test_a_resource_without_a_name_does_not_hide_the_others(definitions: Definitions) -> None:
    text = '{"resources": [{"path": "a.csv"}, {"name": "b", "path": "b.csv"}]}'
    with pytest.raises(DefinitionError) as caught:
        definitions.all(text, "datapackage.json")
    assert caught.value.pointer == "/resources/0/resourceID"


@pytest.mark.parametrize(
    ("members", "method", "parameters"),
    [
        ({"format": "csv"}, "CSV", {}),
        ({"format": "tsv"}, "CSV", {"delimiter": "\t"}),
        ({"format": "JSON"}, "JSON", {}),
        ({"mediatype": "text/tab-separated-values"}, "CSV", {"delimiter": "\t"}),
        ({"mediatype": "application/json"}, "JSON", {}),
        ({"path": "a.xlsx"}, "EXCEL", {}),
        ({"path": "a.parquet"}, "PARQUET", {}),
        ({"path": "a.ndjson"}, "JSONL", {}),
        ({"path": "a.unknown"}, "CSV", {}),
        ({"format": "fits"}, "FITS", {}),
        ({"path": ["data/a.csv"]}, "CSV", {}),
    ],
)
def test_the_format_tells_the_method(
    definitions: Definitions, members: dict[str, Any], method: str, parameters: dict[str, Any]
) -> None:
    source = resource(definitions, **members)
    assert (source.notes, source.ingest_method, source.parameters) == ((), method, parameters)


@pytest.mark.parametrize(
    ("dialect", "parameters"),
    [
        ({"delimiter": ";", "quoteChar": "'", "escapeChar": "\\", "commentChar": "#"},
         {"delimiter": ";", "textQuote": "'", "escapeCharacter": "\\", "comment": "#"}),
        ({"header": False}, {"headerLine": 0, "ignoreLines": 0}),
        ({"header": True, "doubleQuote": True, "lineTerminator": "\n", "skipInitialSpace": False}, {}),
        ({"headerRows": [3]}, {"headerLine": 3, "ignoreLines": 3}),
        ({"headerRows": []}, {"headerLine": 0, "ignoreLines": 0}),
        ({"csvddfVersion": 1.2, "caseSensitiveHeader": None}, {}),
        ({"headerJoin": " ", "itemType": "object", "itemKeys": ["a"], "$schema": "x"}, {}),
    ],
)  # fmt: skip
def test_the_dialect_becomes_parameters(
    definitions: Definitions, dialect: dict[str, Any], parameters: dict[str, Any]
) -> None:
    source = resource(definitions, dialect=dialect)
    assert (source.notes, source.parameters) == ((), parameters)


@pytest.mark.parametrize(
    ("members", "code", "pointer"),
    [
        ({"dialect": {"skipInitialSpace": True}}, "unknown-key", "/resources/0/dialect/skipInitialSpace"),
        ({"dialect": {"delimeter": ";"}}, "unknown-key", "/resources/0/dialect/delimeter"),
        ({"dialect": {"itemType": "array"}}, "unknown-key", "/resources/0/dialect/itemType"),
        ({"dialect": {"commentRows": [2]}}, "unknown-key", "/resources/0/dialect/commentRows"),
        ({"dialect": {"table": "t"}}, "unknown-key", "/resources/0/dialect/table"),
        ({"layout": {"header": False}}, "unknown-key", "/resources/0/layout"),
        ({"encodng": "latin1"}, "unknown-key", "/resources/0/encodng"),
        ({"dialect": {"headerRows": [1, 2]}}, "bad-value", "/resources/0/dialect/headerRows"),
        ({"dialect": {"delimiter": ""}}, "bad-value", "/resources/0/dialect/delimiter"),
        ({"dialect": "d.json"}, "missing-file", "/resources/0/dialect"),
        ({"dialect": [1]}, "bad-value", "/resources/0/dialect"),
        ({"bytes": "many"}, "bad-value", "/resources/0/bytes"),
        ({"path": {"a": 1}}, "bad-value", "/resources/0/path"),
        ({"path": ["x/a.csv", "y/b.csv"]}, "bad-value", "/resources/0/path"),
        ({"schema": "none.json"}, "missing-file", "/resources/0/schema"),
        ({"errPerc": 200}, "bad-value", "/resources/0/errPerc"),
    ],
)
def test_faults_are_placed_in_the_descriptor(
    definitions: Definitions, members: dict[str, Any], code: str, pointer: str
) -> None:
    source = resource(definitions, **members)
    assert [(c, p) for c, _, p in definitions.notes(source)] == [(code, pointer)]


def test_a_slip_gets_the_name_that_was_meant(definitions: Definitions) -> None:
    source = resource(definitions, shcema={}, dialect={"quotechar": "'"}, unit="mm")
    assert definitions.hints(source) == {
        "/resources/0/dialect/quotechar": "Did you mean quoteChar?",
        "/resources/0/shcema": "Did you mean schema?",
    }


def test_several_paths_are_files_of_one_shape(definitions: Definitions) -> None:
    source = resource(definitions, path=["data/a.csv", "data/b+c.csv"])
    assert source.ingest_url == "data"
    assert source.parameters == {"filenamePattern": r"^(?:a\.csv|b\+c\.csv)$"}


def test_data_in_the_descriptor(definitions: Definitions) -> None:
    source = resource(definitions, path=None, data=[{"a": 1}], schema={"fields": [{"name": "a"}]})
    assert (source.notes, source.ingest_method, source.ingest_url, source.format) == ((), "INLINE", None, "jsonl")
    assert source.parameters == {"data": [{"a": 1}]}
    assert source.place("/data").path == "/resources/0/data"
    text = resource(definitions, path=None, data="a;b\n1;2\n", format="csv", dialect={"delimiter": ";"})
    assert (text.format, text.parameters) == ("csv", {"data": "a;b\n1;2\n", "parserType": "csv", "delimiter": ";"})


def test_a_dialect_in_a_file(definitions: Definitions) -> None:
    definitions.file("d.json", '{"delimiter": ";",\n "headerRows": [2],\n "trim": true}')
    source = resource(definitions, dialect="d.json")
    assert source.parameters == {"delimiter": ";", "headerLine": 2, "ignoreLines": 2}
    place = source.place("/headerLine")
    assert (place.file, place.line, place.path) == ("d.json", 2, "/headerRows/0")
    (note,) = source.notes
    assert (note.code, note.location.file, note.location.line) == ("definition/unknown-key", "d.json", 3)


def test_native_members_extend_a_resource(definitions: Definitions) -> None:
    source = resource(definitions, errPerc=1, checks={"text": False}, primaryKey="id")
    assert (source.err_perc, source.checks, source.primary_key) == (1.0, {"text": False}, ("$.id",))


def test_a_mapping_with_a_name_like_resources_is_no_package(definitions: Definitions) -> None:
    source = definitions.one('{"resourceID": "A", "resources": ["x"]}', "f.json")
    assert (source.resource_id, source.origin.format) == ("A", "native")
