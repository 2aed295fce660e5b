"""Tables and documents that aren't what their definition says: one finding, at its place, that says what is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from potable.engine.contracts.report import Report
from potable.engine.findings import Finding

Check = Callable[..., Report]

SCHEMA = {"fields": [{"name": "id", "type": "integer"}, {"name": "name"}, {"name": "age", "type": "integer"}]}
TABLE = "id,name,age\n1,Ann,30\n2,Bob,41\n3,Cid,52\n"


def only(report: Report) -> Finding:
    """The one finding of a report."""
    (finding,) = report.findings
    return finding


def place(finding: Finding) -> tuple[int | None, int | None, int | None]:
    """Line, byte and record of its first sample."""
    at = finding.samples[0].location
    return at.line, at.byte, at.record


@pytest.mark.parametrize("key", ["id", ["id", "name"], "$.id", None])
def test_a_mark_before_the_name_of_a_key_is_an_error(check: Check, key: Any) -> None:
    definition = {"schema": SCHEMA} if key is None else {"schema": SCHEMA, "primaryKey": key}
    report = check("\ufeff" + TABLE, **definition)
    finding = only(report)
    assert (finding.code, place(finding)) == ("encoding/byte-order-mark", (1, 0, None))
    severe = ("error", "$.id", "failed") if key is not None else ("warning", None, "passed")
    assert (finding.severity, finding.field, report.verdict) == severe


def test_a_mark_before_another_column_is_a_warning(check: Check) -> None:
    report = check("\ufeff" + TABLE, primaryKey="name")
    assert (only(report).severity, report.verdict) == ("warning", "passed")


@pytest.mark.parametrize("severity", ["info", "warning", {"$.id": "warning"}])
def test_the_definition_says_how_bad_a_mark_is(check: Check, severity: Any) -> None:
    report = check("\ufeff" + TABLE, primaryKey="id", severity={"encoding/byte-order-mark": severity})
    wanted = severity if isinstance(severity, str) else "warning"
    assert (only(report).severity, report.verdict) == (wanted, "passed")


def test_a_mark_goes_with_the_names_of_all_files(check: Check, tmp_path: Any) -> None:
    (tmp_path / "a.csv").write_text("\ufeffid,name\n1,a\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("\ufeffid,name\n2,b\n", encoding="utf-8")
    report = check("", ingestURL=".", filenamePattern="^[ab][.]csv$", primaryKey="id")
    finding = only(report)
    assert (finding.severity, finding.count) == ("error", 2)
    assert [s.location.file for s in finding.samples] == ["a.csv", "b.csv"]
