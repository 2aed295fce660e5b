"""What all renderers say alike."""

from __future__ import annotations

from potable.engine.contracts.report import Coverage
from potable.engine.findings import Severity
from potable.engine.reporting.facts import checked, codes, of_severity, tally, unchecked

from .conftest import finding, report, sample


def test_a_fault_of_a_file_comes_before_the_comparison_that_it_may_explain_and_records_behind_both() -> None:
    shown = of_severity(
        report(
            (
                finding("accounting/decrease", 1, samples=(sample("60 records, 53.8 % fewer", file=None),)),
                finding("keys/missing", 9, "$.id", samples=(sample("no key", 7, 8),)),
                finding("keys/duplicate", 3, "$.id", samples=(sample("again", 9, 10),), tolerated=True),
                finding("oai/incomplete-list", 1, samples=(sample("60 of 130", file="records-0002.xml"),)),
                finding("drift/field-removed", 1, "$.sex", samples=()),
            )
        ),
        Severity.ERROR,
    )
    assert [f.code for f in shown] == [
        "oai/incomplete-list", "accounting/decrease", "drift/field-removed", "keys/missing", "keys/duplicate",
    ]  # fmt: skip


def test_codes_of_a_report_are_those_of_its_errors_and_warnings() -> None:
    found = (
        finding("schema/type", 3, "$.a"), finding("schema/type", 1, "$.b"),
        finding("text/whitespace", 2, severity="warning"), finding("access/not-modified", 1, severity="info"),
    )  # fmt: skip
    assert codes(report(findings=found)) == "schema/type, text/whitespace"


def test_how_often_verdicts_occur() -> None:
    assert list(tally(["PASSED", "FAILED", "PASSED", "BROKEN"]).items()) == [
        ("PASSED", 2), ("BROKEN", 1), ("FAILED", 1),
    ]  # fmt: skip


def test_what_was_skipped_with_all_its_codes_was_not_checked() -> None:
    lines = (
        Coverage(checker="csv", status="ran", codes=("csv/bad-cell",)),
        Coverage(checker="lab", status="ran"),
        Coverage(checker="drift", status="ran"),
        Coverage(checker="accounting", status="skipped", reason="first run", codes=("accounting/increase",)),
        Coverage(checker="drift", status="skipped", reason="first run", codes=("drift/null-share",)),
        Coverage(checker="csv", status="skipped", reason="a sample", codes=("csv/cut-off",)),
    )
    first = report(coverage=lines)
    assert checked(first) == ["csv", "lab"]
    assert [(u.reason, u.names) for u in unchecked(first)] == [
        ("first run", ("accounting", "drift")), ("a sample", ("csv/cut-off",)),
    ]  # fmt: skip
