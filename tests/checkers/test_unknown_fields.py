"""Fields that a definition names outside of its schema and keys, and that the data don't have."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.limits import Limits
from potable.engine.pipeline.run import RunOptions, run_source
from potable.engine.plugins import load_plugins

Check = Callable[..., Report]
CODE = "definition/unknown-field"
TABLE = "id,RRID, note ,made\n" + "".join(f"{n},RRID:AB_{n}00{n},x{n},2020-01-0{n}\n" for n in range(1, 9))
RECORDS = [{"id": n, "RRID": f"RRID:AB_{n}00{n}", "made": f"2020-01-0{n}"} for n in range(1, 9)]


def told(report: Report) -> list[tuple[str | None, str | None, str]]:
    """Field, JSON Pointer in the definition and hint of each."""
    found = [f for f in report.findings if f.code == CODE]
    assert all(f.severity == "warning" and f.count == 1 for f in found)
    return sorted((f.field or "", f.samples[0].location.path or "", f.hint.partition("?")[0]) for f in found)


MEND = "Write the field's name as the data have it, or take it out."


@pytest.mark.parametrize(
    ("definition", "field", "pointer", "hint"),
    [
        ({"checks": {"identifiers": {"fields": {"rrid": "rrid"}}}}, "rrid", "identifiers/fields/rrid", "$.RRID"),
        ({"checks": {"identifiers": {"except": ["$.acc"]}}}, "acc", "identifiers/except/0", None),
        ({"checks": {"dates": {"fields": ["id", "maed"]}}}, "maed", "dates/fields/1", "$.made"),
        ({"checks": {"dates": {"order": {"born": "day-first"}}}}, "born", "dates/order/born", None),
        ({"checks": {"numbers": {"fields": ["weight"]}}}, "weight", "numbers/fields/0", None),
        ({"checks": {"text": {"forbidden": {"*": ["q"], "notes": ["q"]}}}}, "notes", "text/forbidden/notes", "$.note"),
        ({"checks": {"text": {"except": ["gene"]}}}, "gene", "text/except/0", None),
        ({"checks": {"spreadsheet": {"symbols": ["gene"]}}}, "gene", "spreadsheet/symbols/0", None),
        ({"checks": {"spreadsheet": {"ids": ["gene"]}}}, "gene", "spreadsheet/ids/0", None),
        ({"checks": {"drift": {"except": ["gene"]}}}, "gene", "drift/except/0", None),
        ({"checks": {"keys": {"unique": ["id", ["id", "gene"]]}}}, "gene", "keys/unique/1/1", None),
        ({"checks": {"links": {"fields": ["url"]}}}, "url", "links/fields/0", None),
        ({"severity": {"text/markup": {"gene": "off"}}}, "gene", "/severity/text~1markup/$.gene", None),
        ({"values": {"mail": "masked"}}, "mail", "/values/$.mail", None),
        (
            {"qcRules": {"CondValueExists": [{"path": "id", "condPath": "state"}]}},
            "state",
            "/qcRules/CondValueExists/0/condPath",
            None,
        ),
    ],
)
def test_a_table(check: Check, definition: dict[str, Any], field: str, pointer: str, hint: str | None) -> None:
    report = check(TABLE, ingestMethod="CSV", schema=None, primaryKey="id", **definition)
    at = pointer if pointer.startswith("/") else f"/checks/{pointer}"
    assert told(report) == [(f"$.{field}", at, f"Did you mean {hint}" if hint else MEND)]
    assert report.verdict == "passed"


def test_fields_that_are_there(check: Check) -> None:
    checks = {
        "identifiers": {"fields": {"RRID": "rrid"}, "except": ["$.note"]},
        "dates": {"order": {"$.'made'": "day-first"}},
        "text": {"forbidden": {"*": ["q"]}, "except": ["$..id", "$.*"]},
    }
    definition = {"checks": checks, "severity": {"text/markup": {"note": "off"}}, "values": {"id": "shown"}}
    assert told(check(TABLE, ingestMethod="CSV", schema=None, **definition)) == []


@pytest.mark.parametrize("name", [" note ", "note "])
@pytest.mark.parametrize("member", ["values", "severity", "except"])
def test_a_column_has_no_blanks_around_its_name(check: Check, name: str, member: str) -> None:
    definition: dict[str, Any] = {
        "values": {"values": {name: "masked"}},
        "severity": {"severity": {"text/whitespace": {name: "off"}}},
        "except": {"checks": {"text": {"except": [name]}}},
    }[member]
    found = told(check(TABLE, ingestMethod="CSV", schema=None, primaryKey="id", **definition))
    assert [hint for _, _, hint in found] == ["Did you mean $.note"]


def test_a_severity_of_what_the_schema_asks_for(check: Check) -> None:
    schema = {"fields": [{"name": n} for n in ("id", "RRID", "note", "made", "mass")]}
    severity = {"schema/missing-field": {"mass": "off"}, "text/markup": {"masss": "off"}}
    report = check(TABLE, ingestMethod="CSV", schema=schema, primaryKey="id", severity=severity)
    assert [field for field, _, _ in told(report)] == ["$.masss"]
    assert report.verdict == "passed"


def test_what_a_folder_shares_needn_t_be_in_each_source(tmp_path: Path) -> None:
    from potable.engine import Engine

    (tmp_path / "data.csv").write_text(TABLE)
    (tmp_path / "_defaults.json").write_text(json.dumps({"checks": {"text": {"except": ["gene"]}}}))
    definition = {"resourceID": "x", "ingestMethod": "CSV", "ingestURL": "data.csv"}
    (tmp_path / "x.json").write_text(json.dumps({**definition, "checks": {"numbers": {"except": ["acc"]}}}))
    assert told(Engine(catalog=tmp_path).run("x")) == [("$.acc", "/checks/numbers/except/0", MEND)]


def test_a_table_that_is_misread_has_one_finding(check: Check) -> None:
    checks = {"identifiers": {"fields": {"RRID": "rrid"}}}
    report = check(TABLE.replace(",", ";"), ingestMethod="CSV", schema=None, primaryKey="id", checks=checks)
    assert [f.code for f in report.findings] == ["csv/wrong-delimiter"]


@pytest.mark.parametrize("method", ["JSON", "JSONL"])
def test_records(check: Check, method: str) -> None:
    checks = {"identifiers": {"fields": {"$.orcid": "orcid", "rrid": "rrid"}}, "dates": {"except": ["x"]}}
    text = json.dumps(RECORDS) if method == "JSON" else "".join(json.dumps(r) + "\n" for r in RECORDS)
    report = check(text, ingestMethod=method, schema=None, primaryKey="$.id", checks=checks)
    assert told(report) == [
        ("$.orcid", "/checks/identifiers/fields/$.orcid", MEND),
        ("$.x", "/checks/dates/except/0", MEND),
    ]
    assert [f.field for f in report.findings if f.code == "json/wrong-path"] == ["$.rrid"]


NESTED = [{"id": n, "o": {"q": "t", "p": {}}, "a": [{"b": 1}], "r": ["x"], "e": [], "n": None} for n in range(3)]


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ({"checks": {"text": {"except": ["$.r", "$.r[*]", "$.e", "$.n", "$.o.q", "$.a[*].b"]}}}, []),
        ({"checks": {"dates": {"fields": ["$.o"]}}}, [("$.o", "Name a field in it, as $.o.q.")]),
        ({"checks": {"numbers": {"except": ["$.a"]}}}, [("$.a", "Name a field in it, as $.a[*].b.")]),
        ({"checks": {"drift": {"except": ["$.o"]}}}, []),
        ({"checks": {"numbers": {"fields": ["$.zz[*]"]}}}, [("$.zz[*]", MEND)]),
        ({"checks": {"rows": {"constraints": ["zz < 5"]}}}, [("$.zz", MEND)]),
        ({"checks": {"keys": {"foreign_keys": [{"fields": "$.zz", "reference": {"fields": "id"}}]}}}, [("$.zz", MEND)]),
        ({"checks": {"text": {"required": {"$.zz": ["v"]}}}}, []),  # the value never occurs, it says
        ({"severity": {"text/markup": {"$.o": "off", "$.zz": "off"}}}, [("$.zz", MEND)]),
        ({"severity": {"json-schema/violation": {"$.w": "off"}}, "schema": {"properties": {"w": {}}}}, []),
        ({"values": {"$.o": "masked", "$.zz": "none"}}, [("$.zz", MEND)]),
    ],
)
def test_what_is_in_records(check: Check, definition: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    report = check(json.dumps(NESTED), ingestMethod="JSON", **{"schema": None, "primaryKey": "$.id", **definition})
    assert [(field, hint.split(" (")[0]) for field, _, hint in told(report)] == expected


def test_more_fields_than_are_looked_for(tmp_path: Path) -> None:
    (tmp_path / "data.json").write_text(json.dumps([{f"f{n}": n for n in range(30)}]))
    definition = {"resourceID": "x", "ingestMethod": "JSON", "ingestURL": "data.json", "values": {"$.f29": "masked"}}
    options = RunOptions(scratch=tmp_path, limits=Limits(columns=20))
    report = run_source(from_mapping(definition, folder=tmp_path), load_plugins(), options)
    assert "json/many-fields" in [f.code for f in report.findings]
    assert told(report) == []


@pytest.mark.parametrize("path", ["$.o", "$.r"])
def test_a_constraint_over_what_is_no_value(check: Check, path: str) -> None:
    checks = {"rows": {"constraints": [f'"{path}" > 5']}}
    report = check(json.dumps(NESTED), ingestMethod="JSON", schema=None, primaryKey="$.id", checks=checks)
    found = [(f.field, f.count, f.rule) for f in report.findings if f.code == "rows/constraint"]
    assert found == [(path, 3, f'"{path}" > 5 (no value)')]


XML = "<rs>" + "".join(f"<rec><r>x{n}</r><r>y</r><o><q k='1'>t</q></o></rec>" for n in range(3)) + "</rs>"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.rec.r", []),
        ("$.rec.r.'_$'", []),
        ("$.rec.o.q.@k", []),
        ("$.rec.o", ["Name a field in it, as $.rec.o.q.'_$'."]),
        ("$.rec.zz", [MEND]),
    ],
)
def test_elements(check: Check, path: str, expected: list[str]) -> None:
    checks = {"text": {"except": [path]}}
    report = check(XML, ingestMethod="XML", documentElement="rec", schema=None, primaryKey=None, checks=checks)
    assert [hint for _, _, hint in told(report)] == expected


def test_a_sample_of_records_cant_tell(tmp_path: Path) -> None:
    (tmp_path / "data.json").write_text(json.dumps([*RECORDS, {"orcid": "0000-0002-1825-0097"}]))
    checks = {"identifiers": {"fields": {"$.orcid": "orcid"}}}
    members = {"resourceID": "x", "ingestMethod": "JSON", "ingestURL": "data.json", "checks": checks}
    for options in (
        RunOptions(scratch=tmp_path, limit_records=5),
        RunOptions(scratch=tmp_path, limits=Limits(chunk_bytes=97)),
    ):
        assert told(run_source(from_mapping(members, folder=tmp_path), load_plugins(), options)) == []
