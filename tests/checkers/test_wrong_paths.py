"""Paths of a definition that find nothing in any record: one cause, one finding, with what was likely meant."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.findings import Severity
from potable.engine.limits import Limits
from potable.engine.pipeline.run import RunOptions, run_source
from potable.engine.plugins import load_plugins

Check = Callable[..., Report]
RECORDS = [
    {"id": n, "name": f"n{n}", "doi": f"10.1000/{n}", "links": {"ref": n}, "tags": [{"label": "a"}]} for n in range(30)
]
WRONG, MISSING, REQUIRED = "json/wrong-path", "keys/missing", "schema/required"


def required(name: str, **others: Any) -> dict[str, Any]:
    return {"schema": {"fields": [{"name": name, "constraints": {"required": True}}, *others.get("fields", ())]}}


@pytest.mark.parametrize("method", ["JSON", "JSONL"])
@pytest.mark.parametrize(
    ("definition", "field", "meant"),
    [
        ({"primaryKey": "$.Id"}, "$.Id", "$.id"),
        ({"primaryKey": "$.links.Ref"}, "$.links.Ref", "$.links.ref"),
        ({"primaryKey": "$.ref"}, "$.ref", "$.links.ref"),
        ({"primaryKey": "$.link.ref"}, "$.link.ref", "$.links.ref"),
        ({"primaryKey": "links.ref"}, "$.'links.ref'", "$.links.ref"),
        ({"qcRules": {"ValueExists": [{"path": "tags.label"}]}}, "$.'tags.label'", "$.tags[*].label"),
        ({"qcRules": {"ValueExists": [{"path": "$.tags.label"}]}}, "$.tags.label", "$.tags[*].label"),
        (required("Name"), "$.Name", "$.name"),
        (required("$.name"), "$.'$.name'", "$.name"),
        ({"primaryKey": "$.Id", **required("Id")}, "$.Id", "$.id"),
        ({"primaryKey": "$.Id", **required("id")}, "$.Id", "$.id"),
        ({"primaryKey": "$.Id", "filterJsonPath": "$.links.ref", "filterValue": "7"}, "$.Id", "$.id"),
        (
            {"primaryKey": "$.Id", "schema": {"$schema": "https://json-schema.org/draft/2020-12/schema",
             "type": "object", "required": ["Id"]}}, "$.Id", "$.id",
        ),
    ],
)  # fmt: skip
def test_one_finding(check: Check, definition: dict[str, Any], field: str, meant: str, method: str) -> None:
    text = json.dumps(RECORDS) if method == "JSON" else "".join(json.dumps(r) + "\n" for r in RECORDS)
    report = check(text, ingestMethod=method, **definition)
    (found,) = [f for f in report.findings if f.severity is Severity.ERROR]
    assert (found.code, found.field, found.count, found.hint) == (WRONG, field, 1, f"Did you mean {meant}?")
    assert found.samples[0].message == f"{field} finds nothing in any record"
    assert report.verdict == "failed"


@pytest.mark.parametrize(
    ("definition", "code", "count"),
    [
        ({"primaryKey": "$.accession"}, MISSING, 30),  # nothing is like it
        # what is like it is another field that the definition speaks of
        (required("name2", fields=[{"name": "name"}]), REQUIRED, 30),
        ({"primaryKey": "$.Id", "severity": {WRONG: "off"}}, MISSING, 30),
        ({"primaryKey": "$.Id", "severity": {WRONG: "warning"}}, MISSING, 30),  # it explains no error then
    ],
)
def test_records_that_lack_it_are_told(check: Check, definition: dict[str, Any], code: str, count: int) -> None:
    report = check(json.dumps(RECORDS), ingestMethod="JSON", **definition)
    assert [(f.code, f.count) for f in report.findings if f.severity is Severity.ERROR] == [(code, count)]


@pytest.mark.parametrize("value", [7, None, {}, []])
def test_a_field_of_a_single_record_is_there(check: Check, value: Any) -> None:
    report = check(json.dumps([*RECORDS, {"Id": value}]), ingestMethod="JSON", primaryKey="$.Id")
    assert WRONG not in {f.code for f in report.findings}
    (missing,) = [f for f in report.findings if f.code == MISSING]
    assert missing.count >= 30


@pytest.mark.parametrize(
    ("field", "meant"), [("$.Doi", "$.doi"), ("$.name_", "$.name"), ("$.ref", None), ("$.nme9", None)]
)
def test_what_may_be_absent_is_a_warning(check: Check, field: str, meant: str | None) -> None:
    checks = {"identifiers": {"fields": {field: "doi"}}}
    found = [f for f in check(json.dumps(RECORDS), ingestMethod="JSON", checks=checks).findings if f.code == WRONG]
    told = [(f.field, f.severity, f.hint) for f in found]
    assert told == ([(field, Severity.WARNING, f"Did you mean {meant}?")] if meant else [])


def test_a_sample_of_the_source_cant_tell(tmp_path: Path) -> None:
    (tmp_path / "data.json").write_text(json.dumps(RECORDS))
    members = {"resourceID": "x", "ingestMethod": "JSON", "ingestURL": "data.json", "primaryKey": "$.Id"}
    options = RunOptions(scratch=tmp_path, limit_records=10)
    report = run_source(from_mapping(members, folder=tmp_path), load_plugins(), options)
    assert {f.code for f in report.findings} == {MISSING}


def test_a_field_is_looked_at_where_only_its_path_finds_it(check: Check) -> None:
    records = "".join(f"<s><f>{text}</f></s>" for text in ("10.12", "10.1234/abc"))
    method = {"ingestMethod": "XML", "topElement": "r", "documentElement": "s"}
    report = check(f"<r>{records}</r>", **method, checks={"identifiers": {"fields": {"$.s.f": "doi"}}})
    assert [(f.code, f.field, f.count) for f in report.findings] == [("identifiers/malformed", "$.s.f", 1)]
    doi = {"identifiers": {"fields": {"$.ids[0]": "doi"}}}
    found = check(json.dumps([{"ids": ["10.12", "x"]}]), ingestMethod="JSON", checks=doi).findings
    assert [(f.code, f.field, f.count) for f in found] == [("identifiers/malformed", "$.ids[0]", 1)]


STOCKS = "".join(
    f"<stock id='{n}'><name>n{n}</name><links><ref>{n}</ref></links>{'<tag>a</tag>' * (1 + n % 3)}</stock>"
    for n in range(30)
)


@pytest.mark.parametrize(
    ("definition", "field", "meant"),
    [
        ({"primaryKey": "$.stock.@ID"}, "$.stock.@ID", "$.stock.@id"),
        ({"primaryKey": "$.stock.Name"}, "$.stock.Name", "$.stock.name.'_$'"),  # an element is no key
        ({"primaryKey": "$.stock.link.ref"}, "$.stock.link.ref", "$.stock.links.ref.'_$'"),
        ({"primaryKey": "$.stock.ref"}, "$.stock.ref", "$.stock.links.ref.'_$'"),
        ({"primaryKey": "$.stock.Name.'_$'"}, "$.stock.Name.'_$'", "$.stock.name.'_$'"),
        ({"primaryKey": "$.stock.ref.'_$'"}, "$.stock.ref.'_$'", "$.stock.links.ref.'_$'"),
        ({"qcRules": {"ValueExists": [{"path": "$.stock.Tag"}]}}, "$.stock.Tag", "$.stock.tag"),
        ({"primaryKey": "$.Stock.name"}, "$.Stock.name", "$.stock.name.'_$'"),  # it doesn't begin as a record does
        ({"primaryKey": "name"}, "$.name", "$.stock.name.'_$'"),
        ({"primaryKey": "@id"}, "$.@id", "$.stock.@id"),
    ],
)
@pytest.mark.parametrize("chunk_bytes", [300, 1 << 20])
def test_one_finding_in_xml(
    tmp_path: Path, definition: dict[str, Any], field: str, meant: str, chunk_bytes: int
) -> None:
    (tmp_path / "data.xml").write_text(f"<stocks>{STOCKS}</stocks>")
    method = {"ingestMethod": "XML", "topElement": "stocks", "documentElement": "stock"}
    members = {"resourceID": "x", "ingestURL": "data.xml", **method, **definition}
    options = RunOptions(scratch=tmp_path, limits=Limits(chunk_bytes=chunk_bytes), jobs=2)
    report = run_source(from_mapping(members, folder=tmp_path), load_plugins(), options)
    (found,) = [f for f in report.findings if f.severity is Severity.ERROR]
    assert (found.code, found.field, found.count) == ("xml/wrong-path", field, 1)
    assert found.hint == f"Did you mean {meant}?"


@pytest.mark.parametrize("key", ["$.stock.accession", "$.stock.id.'_$'", "$.stock.rrid.'_$'"])
@pytest.mark.parametrize("record", ["<stock><q>{0}</q><l>{0}</l></stock>", "<stock><label>{0}</label></stock>"])
def test_what_nothing_in_the_xml_is_like_is_told_by_record(check: Check, key: str, record: str) -> None:
    method = {"ingestMethod": "XML", "topElement": "stocks", "documentElement": "stock"}
    stocks = "".join(record.format(n) for n in range(30))
    report = check(f"<stocks>{stocks}</stocks>", **method, primaryKey=key)
    assert [(f.code, f.count) for f in report.findings if f.severity is Severity.ERROR] == [(MISSING, 30)]
