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
        ({"values": {"mail": "masked"}}, "", "/values/$.mail", None),
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
    assert told(report) == [(f"$.{field}" if field else "", at, f"Did you mean {hint}" if hint else MEND)]
    assert report.verdict == "passed"


def test_fields_that_are_there(check: Check) -> None:
    checks = {
        "identifiers": {"fields": {"RRID": "rrid"}, "except": ["$.note", " note "]},
        "dates": {"order": {"$.'made'": "day-first"}},
        "text": {"forbidden": {"*": ["q"]}, "except": ["$..id", "$.*"]},
    }
    definition = {"checks": checks, "severity": {"text/markup": {"note": "off"}}, "values": {"id": "shown"}}
    assert told(check(TABLE, ingestMethod="CSV", schema=None, **definition)) == []


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
    assert told(report) == [("$.orcid", "/checks/identifiers/fields/$.orcid", MEND)]
    assert [f.field for f in report.findings if f.code == "json/wrong-path"] == ["$.rrid"]


def test_a_sample_of_records_cant_tell(tmp_path: Path) -> None:
    (tmp_path / "data.json").write_text(json.dumps([*RECORDS, {"orcid": "0000-0002-1825-0097"}]))
    checks = {"identifiers": {"fields": {"$.orcid": "orcid"}}}
    members = {"resourceID": "x", "ingestMethod": "JSON", "ingestURL": "data.json", "checks": checks}
    for options in (
        RunOptions(scratch=tmp_path, limit_records=5),
        RunOptions(scratch=tmp_path, limits=Limits(chunk_bytes=97)),
    ):
        assert told(run_source(from_mapping(members, folder=tmp_path), load_plugins(), options)) == []
