"""One root cause, one finding: and no error is left out that has another cause."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.findings import cause_of
from potable.engine.limits import Limits
from potable.engine.options import RunOptions
from potable.engine.pipeline import run_source
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
