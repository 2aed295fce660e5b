"""One root cause, one finding: which codes explain which others."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from potable.engine.checker import Checker
from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.findings import cause_of
from potable.engine.options import RunOptions
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins

Check = Callable[..., Report]


def codes(report: Report) -> list[str]:
    return [f.code for f in report.findings]


def records(report: Report) -> dict[str, list[int | None]]:
    return {f.code: [s.location.record for s in f.samples] for f in report.findings}


def test_no_two_codes_explain_each_other(all_checkers: Sequence[type[Checker]]) -> None:
    """Or neither of them would be told."""
    explained = {c.id: {cause_of(by) for by in c.suppressed_by} for k in all_checkers for c in k.codes}
    left = set(explained)
    while free := {code for code in left if not explained[code] & left}:
        left -= free
    assert left == set()
    for checker in all_checkers:
        for code in checker.codes:
            assert len(set(code.suppressed_by)) == len(code.suppressed_by), code.id


# -- a column that isn't there -----------------------------------------------------------------------------------------

FIELDS = {"fields": [{"name": "id"}, {"name": "age"}, {"name": "no"}]}
ALL = {
    "keys": {"foreign_keys": [{"fields": "age", "reference": {"fields": "id"}},
                              {"fields": "id", "reference": {"fields": "age"}}]},
    "rows": {"constraints": ["id < age", "id <> no"], "fields": 3},
    "spreadsheet": {"sequences": {"id": 1}},
    "text": {"required": {"id": ["1", "2"]}},
}  # fmt: skip
RULES = {"ValueExists": [{"path": "id"}, {"path": "id", "valueRegex": "[0-9]+"}]}
GONE = "age,no\n4,1\n5,2\n6,3\n"


def test_a_column_referred_to_is_told_once(check: Check) -> None:
    checks = {"keys": {"foreign_keys": [{"fields": "age", "reference": {"fields": "id"}}]}}
    (found,) = check("age,no\n4,1\n5,2\n", checks=checks).findings
    assert (found.code, found.field, found.count) == ("keys/foreign-missing", "$.id", 1)
    assert found.samples[0].message == "there is no column 'id', which a foreign key refers to"
    assert (found.samples[0].location.file, found.samples[0].location.line) == ("data.csv", 1)
    assert codes(check("age,no\n4,1\n5,2\n", checks=checks, schema=FIELDS)) == ["schema/missing-field"]


def test_a_missing_column_of_the_schema_is_one_finding(check: Check) -> None:
    report = check(GONE, checks=ALL, schema=FIELDS, primaryKey="id", qcRules=RULES)
    assert [(f.code, f.field, f.count) for f in report.findings] == [("schema/missing-field", "$.id", 1)]


def test_a_missing_column_of_the_json_schema_is_one_finding(check: Check) -> None:
    schema = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
    report = check(GONE, checks=ALL, jsonSchema=schema, primaryKey="id", qcRules=RULES)
    assert [(f.code, f.field, f.count) for f in report.findings] == [("json-schema/violation", "$.id", 1)]


def test_a_missing_key_column_is_one_finding(check: Check) -> None:
    report = check(GONE, checks=ALL, primaryKey="id", qcRules=RULES)
    assert [(f.code, f.field, f.count) for f in report.findings] == [("keys/missing", "$.id", 1)]


def test_a_missing_column_of_several_rules_is_one_finding(check: Check) -> None:
    report = check(GONE, checks={k: v for k, v in ALL.items() if k != "keys"}, qcRules=RULES)
    assert [(f.code, f.field, f.count) for f in report.findings] == [("rules/value-missing", "$.id", 1)]
    report = check(GONE, checks={"spreadsheet": ALL["spreadsheet"], "rows": {"constraints": ["id < age", "no > id"]}})
    (found,) = report.findings
    assert (found.code, found.rule, found.samples[0].location.line) == ("rows/constraint", "id < age", 1)


def test_columns_that_are_there_say_nothing(check: Check) -> None:
    checks = {**ALL, "keys": {"foreign_keys": [{"fields": "age", "reference": {"fields": "id"}}]}}
    checks["rows"] = {"constraints": ["id <= age", "id = no"], "fields": 3}
    report = check("id,age,no\n1,1,1\n2,3,2\n3,3,3\n", checks=checks, schema=FIELDS, primaryKey="id", qcRules=RULES)
    assert report.findings == ()


def test_a_file_that_lacks_the_column_is_told_among_others(check: Check, tmp_path: Path) -> None:
    (tmp_path / "part-a.csv").write_text("id,age\n1,1\n")
    (tmp_path / "part-b.csv").write_text("ids,age\n2,1\n")
    checks = {"keys": {"foreign_keys": [{"fields": "age", "reference": {"fields": "id"}}]}}
    report = check("", ingestURL=".", filenamePattern="^part-.*[.]csv$", checks=checks)
    told = [(f.code, f.field, f.samples[0].location.file) for f in report.findings if f.checker == "keys"]
    assert told == [("keys/foreign-missing", "$.id", "part-b.csv")]


# -- values that a schema of documents calls wrong ---------------------------------------------------------------------


@pytest.fixture
def lines(tmp_path: Path) -> Check:
    """``lines([...])``: the report of a run over JSON Lines."""

    def run(given: Sequence[Any], **definition: Any) -> Report:
        text = "".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in given)
        (tmp_path / "data.jsonl").write_text(text)
        members = {"resourceID": "t", "ingestMethod": "JSONL", "ingestURL": "data.jsonl", **definition}
        return run_source(from_mapping(members, folder=tmp_path), load_plugins(), RunOptions(scratch=tmp_path))

    return run


SCHEMA = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string"},
        "when": {"pattern": "^[0-9-]+$"},
        "dose": {"type": "number"},
        "sex": {"enum": ["m", "f"]},
    },
}
SOUND = {"id": "a", "when": "2024-03-05", "dose": 5, "sex": "m"}


def several(n: int = 9) -> list[dict[str, Any]]:
    return [{**SOUND, "id": f"s{i}", "when": f"2024-03-{i + 1:02}", "dose": i} for i in range(n)]


@pytest.mark.parametrize(
    ("wrong", "folded"),
    [
        ({"id": None}, {"keys/missing", "rules/value-missing"}),
        ({"id": ["x"]}, {"keys/not-scalar", "rules/value-mismatch"}),
        ({"when": "05/03/2024"}, {"dates/ambiguous", "dates/mixed-formats"}),
        ({"dose": "5 kg"}, {"numbers/unit-in-number"}),
        ({"sex": "N/A"}, {"text/placeholder"}),
        ({"sex": " m"}, {"text/whitespace"}),
    ],
)
def test_what_the_json_schema_says_is_said_once(lines: Check, wrong: dict[str, Any], folded: set[str]) -> None:
    rules = {"ValueExists": [{"path": "id", "valueRegex": "[a-z0-9]+"}]}
    data = [*several(), {**SOUND, **wrong}]
    report = lines(data, primaryKey="id", qcRules=rules, jsonSchema=SCHEMA)
    assert records(report) == {"json-schema/violation": [10]}
    assert set(report.metrics["suppressed"]) == folded
    assert set(codes(lines(data, primaryKey="id", qcRules=rules))) & folded
    assert codes(lines(several(), primaryKey="id", qcRules=rules, jsonSchema=SCHEMA)) == []


def test_what_an_xml_schema_says_is_said_once(tmp_path: Path) -> None:
    schema = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="s"><xs:complexType>
      <xs:sequence><xs:element name="n" type="xs:integer" minOccurs="0"/></xs:sequence></xs:complexType></xs:element>
      </xs:schema>"""
    (tmp_path / "d.xml").write_text("<r><s><n>1</n></s><s><n>x</n></s></r>")
    members = {
        "resourceID": "t", "ingestMethod": "XML", "ingestURL": "d.xml", "documentElement": "s", "xsd": schema,
        "qcRules": {"ValueExists": [{"path": "$.s.n", "valueRegex": "[0-9]+"}]},
    }  # fmt: skip
    report = run_source(from_mapping(members, folder=tmp_path), load_plugins(), RunOptions(scratch=tmp_path))
    assert [(f.code, f.field) for f in report.findings] == [("xsd/violation", "$.s.n")]
    assert report.metrics["suppressed"] == {"rules/value-mismatch": 1}


# -- records that can't be read, or whose cells have moved -------------------------------------------------------------


@pytest.mark.parametrize(("line", "code"), [('{"id": ', "json/bad-line"), ("7", "json/not-an-object")])
def test_of_a_record_that_can_not_be_read_nothing_else_is_told(lines: Check, line: str, code: str) -> None:
    rules = {"ValueExists": [{"path": "when"}]}
    schema = {"fields": [{"name": n, "constraints": {"required": True}} for n in ("id", "when", "dose", "sex")]}
    report = lines([*several(), line], primaryKey="id", qcRules=rules, schema=schema)
    assert records(report) == {code: [10]}


def test_a_line_that_the_file_is_cut_off_in_is_one_finding_and_no_tolerated_one(lines: Check, tmp_path: Path) -> None:
    (tmp_path / "data.jsonl").write_text("".join(json.dumps(one) + "\n" for one in several()) + '{"id": "x", "wh')
    rules = {"ValueExists": [{"path": "when"}]}
    members = {"resourceID": "t", "ingestMethod": "JSONL", "ingestURL": "data.jsonl", "primaryKey": "id",
               "qcRules": rules, "errPerc": 50}  # fmt: skip
    report = run_source(from_mapping(members, folder=tmp_path), load_plugins(), RunOptions(scratch=tmp_path))
    assert records(report) == {"json/cut-off": [10]}
    assert (report.verdict, report.findings[0].tolerated) == ("inconclusive", False)
    assert report.findings[0].hint.startswith("Get the file again")


def test_a_deep_record_likewise(lines: Check) -> None:
    deep = '{"id": "x", "when": ' + "[" * 600 + "]" * 600 + "}"
    report = lines([*several(), deep], primaryKey="id", qcRules={"ValueExists": [{"path": "when"}]})
    assert records(report) == {"json/too-deep": [10]}


def test_shifted_cells_are_one_finding(check: Check) -> None:
    fields = [{"name": "id"}, {"name": "name", "constraints": {"pattern": "[a-z]+"}},
              {"name": "when", "type": "date"}, {"name": "n", "type": "integer"}]  # fmt: skip
    rows = "".join(f"{n},ann,2024-03-{n:02},{n}\n" for n in range(1, 10))
    report = check(f"id,name,when,n\n{rows},Smith, John,2024-03-10,7\n", primaryKey="id", schema={"fields": fields},
                   qcRules={"ValueExists": [{"path": "when", "valueRegex": "2024.*"}]})  # fmt: skip
    assert records(report) == {"csv/extra-cell": [10]}


def test_cells_that_are_not_there_are_one_finding(check: Check) -> None:
    rows = "".join(f"ann,{n}\n" for n in range(1, 10))
    report = check(f"name,id\n{rows}bob\n", primaryKey="id", qcRules={"ValueExists": [{"path": "id"}]},
                   checks={"spreadsheet": {"sequences": {"id": 1}}})  # fmt: skip
    assert records(report) == {"csv/missing-cell": [10]}


def test_bytes_that_can_not_be_read_are_one_finding(check: Check) -> None:
    fields = [{"name": "id"}, {"name": "name", "constraints": {"pattern": "[a-z]+", "enum": ["ann"]}}]
    report = check(b"id,name\n1,ann\n2,ann\xff\n", schema={"fields": fields})
    assert records(report) == {"encoding/invalid": [2]}


def test_a_wrong_declaration_explains_what_it_spoils(check: Check) -> None:
    report = check("id,name\n1,Zürich\n2,Köln\n".encode(), encoding="iso-8859-1")
    assert "text/mojibake" not in codes(report)
    assert "encoding/declared-mismatch" in codes(report)


# -- one value, one finding --------------------------------------------------------------------------------------------


def test_an_error_value_breaks_no_sequence(check: Check) -> None:
    report = check("no,x\n1,a\n#REF!,b\n3,c\n", checks={"spreadsheet": {"sequences": {"no": 1}}})
    assert records(report) == {"spreadsheet/error-value": [2]}


def test_white_space_that_breaks_a_type_is_told_by_the_type(check: Check) -> None:
    fields = [{"name": "a"}, {"name": "d", "type": "boolean"}]
    report = check("a,d\nx,true\ny, true\n", schema={"fields": fields})
    assert records(report) == {"schema/type": [2]}


def test_a_date_written_otherwise_is_not_also_ambiguous(check: Check) -> None:
    report = check("d,x\n2024-03-05,a\n2024-03-06,b\n2024-03-07,c\n2024-03-08,d\n03/04/2024,e\n")
    assert records(report) == {"dates/mixed-formats": [5]}


def test_a_date_too_late_is_not_also_ahead(check: Check) -> None:
    options = {"dates": {"latest": "2024-12-31", "today": "2024-06-01"}}
    report = check("d,x\n2024-03-05,a\n2024-03-06,b\n2025-03-07,c\n", checks=options)
    assert records(report) == {"dates/implausible": [3]}


def test_ragged_records_are_not_called_equal(check: Check) -> None:
    report = check("a,b\n1,2\n3,4\n1,2,x\n1,2,y\n")
    assert records(report) == {"csv/extra-cell": [3, 4]}


# -- what is only near by is told all the same -------------------------------------------------------------------------


def test_other_records_are_told(check: Check) -> None:
    fields = [{"name": "id"}, {"name": "n", "type": "integer"}]
    report = check("id,n\n1,x\n2,3,4\n3,y,5\n,6\n", primaryKey="id", schema={"fields": fields})
    assert records(report) == {"csv/extra-cell": [2, 3], "schema/type": [1], "keys/missing": [4]}


def test_other_fields_are_told(lines: Check) -> None:
    data = [*several(), {**SOUND, "dose": "x", "sex": "m"}, {**SOUND, "id": None, "when": "05/03/2024"}]
    report = lines(data, primaryKey="id", jsonSchema={"properties": {"dose": {"type": "number"}}})
    assert {f.code: (f.field, [s.location.record for s in f.samples]) for f in report.findings} == {
        "dates/mixed-formats": ("$.when", [11]),
        "json-schema/violation": ("$.dose", [10]),
        "keys/missing": ("$.id", [11]),
    }


def test_a_key_that_is_there_twice_is_told_beside_a_surplus_cell(check: Check) -> None:
    """Tolerances count duplicates apart: what is tolerated of the one must not hide the other."""
    report = check("id,n\n1,2\n1,3,4\n", primaryKey="id", errPerc=50, dupPerc=0)
    assert records(report) == {"csv/extra-cell": [2], "keys/duplicate": [2]}
    assert report.verdict == "failed"
