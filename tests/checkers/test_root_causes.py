"""One root cause, one finding: and no error is left out that has another cause."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from tests.loopback import Handler, serving

from potable.engine import Engine
from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.findings import cause_of
from potable.engine.limits import Limits
from potable.engine.options import RunOptions
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins

Run = Callable[..., Report]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """``run(text, **definition)``: the report on a CSV file."""

    def run_(text: str, limits: Limits = Limits(), **definition: Any) -> Report:
        (tmp_path / "data.csv").write_text(text, encoding="utf-8")
        members = {"resourceID": "test", "ingestMethod": "CSV", "ingestURL": "data.csv", **definition}
        return run_source(
            from_mapping(members, folder=tmp_path), load_plugins(), RunOptions(scratch=tmp_path, limits=limits)
        )

    return run_


def found(report: Report) -> dict[tuple[str, str | None], int]:
    return {(f.code, f.field): f.count for f in report.findings}


FIELDS = {"fields": [{"name": n} for n in ("id", "name", "age")]}


def test_a_warning_does_not_explain_missing_keys(run: Run) -> None:
    text, key = "name,age\nAnn,3\nBob,4\n", {"primaryKey": "id", "schema": FIELDS}
    report = run(text, **key)
    assert (report.verdict, found(report)) == ("failed", {("schema/missing-field", "$.id"): 1})
    mild = run(text, **key, severity={"schema/missing-field": "warning"})
    assert mild.verdict == "failed"
    assert ("keys/missing", "$.id") in found(mild)


def test_a_quote_that_ran_on_explains_the_number_of_cells_of_its_record(run: Run) -> None:
    text = 'id,name,age\n1,"Ann,3\n2,Bob,"4\n3,Cid\n4,"Dan,5\n5,"Eve,"6",7\n6,Fay,8,9\n'
    report = run(text)
    assert found(report) == {
        ("csv/runaway-quote", None): 2, ("csv/missing-cell", None): 1, ("csv/extra-cell", None): 1,
    }  # fmt: skip
    places = {f.code: [s.location.record for s in f.samples] for f in report.findings}
    assert (places["csv/missing-cell"], places["csv/extra-cell"]) == ([2], [4])
    assert report.metrics["suppressed"] == {"csv/missing-cell": 1, "csv/extra-cell": 1}
    assert report.counts.records_with_errors == 4
    milder = found(run(text, severity={"csv/runaway-quote": "warning"}))
    assert (milder["csv/missing-cell", None], milder["csv/extra-cell", None]) == (2, 2)


def test_an_info_does_not_explain_errors(run: Run) -> None:
    text = "a;b\n1;2\n3;4\n"
    assert [f.code for f in run(text, primaryKey="a").findings] == ["csv/wrong-delimiter"]
    mild = run(text, primaryKey="a", severity={"csv/wrong-delimiter": "info"})
    assert mild.verdict == "failed"
    assert "keys/missing" in {f.code for f in mild.findings}


@pytest.mark.parametrize("chunk_bytes", [64, 1 << 20])
def test_one_record_that_the_schema_tells_of_explains_no_other(run: Run, chunk_bytes: int) -> None:
    # To the definition a dash is a missing value, to the schema it's a value.
    rows = [f"{n},{'-' if n % 2 else 'x'}" for n in range(1, 100)] + ["100,"]
    note = {"name": "note", "constraints": {"required": True}}
    report = run(
        "id,note\n" + "\n".join(rows) + "\n", limits=Limits(chunk_bytes=chunk_bytes),
        schema={"fields": [{"name": "id"}, note], "missingValues": [""]}, missingValues=["", "-"],
        qcRules={"ValueExists": [{"path": "note"}]},
    )  # fmt: skip
    assert found(report)["schema/required", "$.note"] == 1
    assert found(report)["rules/value-missing", "$.note"] == 50
    assert report.metrics["suppressed"]["rules/value-missing"] == 1
    (missing,) = [f for f in report.findings if f.code == "rules/value-missing"]
    assert [s.location.line for s in missing.samples] == [2 * n for n in range(1, 21)]
    assert (report.counts.errors, report.counts.records_with_errors) == (51, 51)


def test_what_the_schema_tells_is_not_told_again(run: Run) -> None:
    rows = "".join(f"{n},{'' if n % 2 else 'x'}\n" for n in range(100))
    note = {"name": "note", "constraints": {"required": True}}
    rules, schema = {"ValueExists": [{"path": "note"}]}, {"fields": [{"name": "id"}, note]}
    report = run(f"id,note\n{rows}", qcRules=rules, schema=schema)
    assert found(report) == {("schema/required", "$.note"): 50}
    assert report.metrics["suppressed"] == {"rules/value-missing": 50}
    mild = run(f"id,note\n{rows}", qcRules=rules, schema=schema, severity={"schema/required": "info"})
    assert found(mild) == {("rules/value-missing", "$.note"): 50, ("schema/required", "$.note"): 50}
    assert mild.verdict == "failed"


def test_a_text_among_numbers_does_not_hide_an_outlier(run: Run) -> None:
    rows = [f"{n},{50 + n % 7}" for n in range(200)] + ["200,9000", "201,x"]
    schema = {"fields": [{"name": "id"}, {"name": "mass", "type": "integer"}]}
    report = run("id,mass\n" + "\n".join(rows) + "\n", schema=schema)
    assert found(report)["schema/type", "$.mass"] == 1
    assert found(report)["numbers/outlier", "$.mass"] == 1
    (outlier,) = [f for f in report.findings if f.code == "numbers/outlier"]
    assert [s.location.record for s in outlier.samples] == [201]


def test_the_report_says_how_many_are_left_out(run: Run, tmp_path: Path) -> None:
    rows = [f"{n},{'N/A' if n % 2 else 7}" for n in range(40)]
    schema = {"fields": [{"name": "id"}, {"name": "mass", "type": "integer"}]}
    report = run("id,mass,note\n" + "\n".join(f"{r},N/A" for r in rows) + "\n", schema=schema)
    assert report.metrics["suppressed"] == {"text/placeholder": 20}
    assert found(report)["text/placeholder", "$.note"] == 40
    assert json.loads(json.dumps(report.to_dict()))["metrics"]["suppressed"] == {"text/placeholder": 20}


def test_no_code_is_explained_by_itself_or_in_vain() -> None:
    codes = load_plugins().codes
    for code in codes.values():
        for by in (codes[cause_of(name)] for name in code.suppressed_by):
            if not by.blocking and not code.blocking:
                assert by.severity.rank <= code.severity.rank, f"{by.id} is milder than {code.id}"
            seen, todo = set(), [by.id]
            while todo:
                here = todo.pop()
                assert here != code.id, f"{code.id} and {by.id} explain each other"
                if here not in seen:
                    seen.add(here)
                    todo += [cause_of(name) for name in codes[here].suppressed_by]


def test_a_program_s_message_that_the_schema_does_not_list_is_told_once(run: Run) -> None:
    name = {"name": "name", "constraints": {"enum": ["Ann", "Bob"]}}
    schema = {"fields": [{"name": "id"}, name, {"name": "age"}]}
    message = "Notice: Undefined index: name in /var/www/export.php on line 45"
    text = f"id,name,age\n1,Ann,3\n2,{message},4\n3,Bob,5\n"
    report = run(text, schema=schema)
    assert found(report) == {("schema/enum", "$.name"): 1}
    assert report.metrics["suppressed"] == {"text/program-output": 1}
    assert found(run(text)) == {("text/program-output", "$.name"): 1}


def codes_of(report: Report) -> list[str]:
    return [f.code for f in report.findings]


def test_an_error_in_place_of_the_rest_explains_that_there_are_fewer_records(tmp_path: Path) -> None:
    engine = Engine()
    error, printed = {"error": "timeout", "status": 500}, "PHP Fatal error:  Out of memory in /a.php on line 4"
    for name, record, text, code in (
        ("a.jsonl", '{{"id": {0}, "n": "x{0}"}}\n', json.dumps(error), "json/error-record"),
        ("a.csv", "{0},x{0}\n", printed, "csv/program-output"),
    ):
        head = "id,n\n" if name == "a.csv" else ""
        (file := tmp_path / name).write_text(head + "".join(map(record.format, range(99))))
        before = engine.check(file, primary_key="id")
        file.write_text(head + "".join(map(record.format, range(30))) + text + "\n")
        report = engine.check(file, primary_key="id", earlier=before)
        assert codes_of(report) == [code]
        assert report.findings[0].samples[0].location.record == 31
        assert report.metrics["suppressed"]["accounting/decrease"] == 1
        file.write_text(head + "".join(map(record.format, range(30))))
        assert codes_of(engine.check(file, primary_key="id", earlier=before)) == ["accounting/decrease"]


def test_an_element_as_key_explains_that_it_is_there_twice(tmp_path: Path) -> None:
    (file := tmp_path / "a.xml").write_text("<r>" + "".join(f"<s><id>{n}</id></s>" for n in (1, 2, 2)) + "</r>")
    report = Engine().check(file, topElement="r", documentElement="s", primary_key="$.s.id", ignore="rows")
    assert found(report) == {("keys/not-scalar", "$.s.id"): 3}
    assert report.findings[0].hint == (
        "Let the path point to a value in every record: $.s.id.'_$' to the text, or an attribute."
    )
    told = Engine().check(file, topElement="r", documentElement="s", primary_key="$.s.id.'_$'", ignore="rows")
    assert found(told) == {("keys/duplicate", "$.s.id.'_$'"): 1}


def test_keys_of_a_workbook_that_lost_their_digits(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (("id", "n"), (123456789012345678, "a"), (123456789012345679, "b"), (7, "c"), (7, "d")):
        book.active.append(row)
    book.save(file := tmp_path / "a.xlsx")
    report = Engine().check(file, primary_key="id")
    assert found(report) == {("excel/inexact-key", "$.id"): 2, ("keys/duplicate", "$.id"): 1}
    lost, twice = sorted(report.findings, key=lambda f: f.code)
    assert [s.location.path for s in lost.samples] == ["Sheet!A2", "Sheet!A3"]
    assert [s.location.path for s in twice.samples] == ["Sheet!A5"]
    assert codes_of(Engine().check(file, primary_key="n")) == ["excel/inexact-number"]


def test_details_that_could_not_be_had_explain_what_is_missing_for_their_lack() -> None:
    class Details(Handler):
        def answer(self) -> None:
            if self.path == "/list":
                self.say(200, json.dumps([{"id": str(n), "n": n} for n in range(4)] + [{"id": "4"}]).encode())
            elif self.path == "/of/2":
                self.say(404)
            else:
                self.say(200, json.dumps({"name": self.path}).encode())

    with serving(Details) as url:
        report = Engine(allow_hosts="127.0.0.1").check(
            {"ingestMethod": "WEB", "parserType": "json", "ingestURL": f"{url}/list", "idJsonPath": "$.id",
             "mergeIngestURLTemplate": f"{url}/of/${{id}}", "mergeFieldName": "more", "waitTime": 0,
             "primaryKey": "$.more.name", "jsonSchema": {"required": ["more", "n"]},
             "qcRules": {"ValueExists": [{"path": "$.more.name"}, {"path": "$.n"}]}},
        )  # fmt: skip
    assert found(report) == {
        ("access/no-details", "$.id"): 1, ("json-schema/violation", "$.n"): 1,
    }  # fmt: skip
    assert [s.location.record for f in report.findings for s in f.samples] == [3, 5]


def test_what_explains_outliers_at_their_records(run: Run) -> None:
    lines = [f"P{n:03},{40 + n % 7},{180 + n % 30}" for n in range(60)]
    shifted = [*lines[:30], "P030,190", *lines[31:]]
    assert found(run("\n".join(["id,bill,flipper", *shifted]))) == {("csv/missing-cell", None): 1}
    limit = [*lines[:30], "P030,2147483647,190", *lines[31:]]
    assert found(run("\n".join(["id,bill,flipper", *limit]))) == {("spreadsheet/truncated-cell", "$.bill"): 1}
    other = [*shifted[:40], "P040,5000,190", *lines[41:]]
    assert found(run("\n".join(["id,bill,flipper", *other]))) == {
        ("csv/missing-cell", None): 1, ("numbers/outlier", "$.bill"): 1,
    }  # fmt: skip
