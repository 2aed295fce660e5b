"""What makes a run comparable with another: the part of its definition that shapes the data."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from potable.engine.definition.methods import METHODS, default
from potable.engine.definition.parse import from_mapping
from potable.engine.judging.summary import shape_of
from potable.engine.reading.csv.dialect import Dialect


def shape(method: str = "CSV", url: str = "data.csv", **members: Any) -> str:
    return shape_of(from_mapping({"resourceID": "S", "ingestMethod": method, "ingestURL": url, **members}))


@pytest.mark.parametrize(
    "written",
    [
        {"delimiter": ","},
        {"headerLine": 1},
        {"headerLine": "1", "ignoreLines": 0},
        {"ignoreLines": 1},
        {"headerLine": 1, "ignoreLines": 1},
        {"textQuote": '"', "escapeCharacter": ""},
        {"escapeCharacter": '"'},
        {"comment": "", "keepMissing": False, "recursive": False, "sampleMode": False, "maxDocs": -1},
        {"useCache": True, "username": "me"},
        {"name": "x", "errPerc": 5, "checks": {"text": "off"}},
        {"originalRecordIdentifierSpec": None, "primaryKey": None},
    ],
)
def test_a_default_that_is_written_out_changes_nothing(written: dict[str, Any]) -> None:
    assert shape(**written) == shape()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"headerLine": 0}, {"headerLine": 0, "ignoreLines": 0}),
        ({"headerLine": 3}, {"headerLine": 3, "ignoreLines": 2}),
    ],
)
def test_data_begin_behind_the_header(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert shape(**one) == shape(**other)


@pytest.mark.parametrize(
    "written",
    [
        {"delimiter": ";"},
        {"headerLine": 0},
        {"headerLine": 2},
        {"headerLine": 0, "ignoreLines": 1},
        {"ignoreLines": 2},
        {"textQuote": ""},
        {"escapeCharacter": "\\"},
        {"textQuote": "'", "escapeCharacter": '"'},
        {"comment": "#"},
        {"primaryKey": "id"},
        {"maxDocs": 5},
        {"sampleMode": True, "sampleSize": 5},
        {"url": "other.csv"},
    ],
)
def test_what_shapes_the_data_is_told_apart(written: dict[str, Any]) -> None:
    assert shape(**written) != shape()


def test_the_delimiter_of_a_tab_separated_file_is_the_tab() -> None:
    assert shape(url="data.tsv", delimiter="\t") == shape(url="data.tsv")
    assert shape(url="data.tsv", delimiter=",") != shape(url="data.tsv")
    assert shape(delimiter="\t") != shape()


@pytest.mark.parametrize("url", ["a.csv", "a.tsv", "a.tab.gz", "a.TSV?x=a.csv", "https://h.org/a.csv?x=.tsv", "a"])
def test_the_delimiter_is_the_one_that_is_read_by(url: str) -> None:
    bare = from_mapping({"resourceID": "S", "ingestMethod": "CSV", "ingestURL": url})
    written = dataclasses.replace(bare, parameters={"delimiter": Dialect.of(bare).delimiter.decode()})
    assert shape_of(written) == shape_of(bare)


@pytest.mark.parametrize("method", [m.name for m in METHODS.values() if m.known])
def test_defaults_of_every_method(method: str) -> None:
    names = [n for n in METHODS[method].parameters if n != "ingestURL" and default(method, n) is not None]
    written = {n: default(method, n) for n in names}
    assert shape(method, **written) == shape(method)
