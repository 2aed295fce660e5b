"""What is said of checks that a definition asks for and that nothing does."""

from __future__ import annotations

from typing import Any

import pytest

from potable.engine import Checker, Engine, SourceDefinition
from potable.engine.judging.coverage import Ledger
from potable.engine.pipeline.roster import Roster


def skipped(source: SourceDefinition, *checkers: type[Checker]) -> dict[str, str]:
    ledger = Ledger()
    roster = Roster(source, None, ledger, lambda *_: None, lambda _: [])  # type: ignore[arg-type]
    roster.choose({checker.name: checker for checker in checkers})
    return {line.checker: line.reason for line in ledger.lines() if line.status == "skipped"}


@pytest.mark.parametrize(
    ("given", "checker", "member"),
    [
        ({"primary_key": ("$.id",)}, "keys", "primaryKey"),
        ({"table_schema": {"fields": []}}, "schema", "schema"),
        ({"json_schema": False}, "json-schema", "schema"),
        ({"xsd": "a.xsd"}, "xsd", "xsd"),
        ({"qc_rules": {"ValueExists": []}}, "rules", "qcRules"),
        ({"records": {"min": 0}}, "rows", "records"),
    ],
)
def test_a_check_that_a_member_asks_for_and_nobody_does(given: dict[str, Any], checker: str, member: str) -> None:
    source = SourceDefinition(resource_id="x", ingest_method="CSV", **given)
    [(name, reason)] = skipped(source).items()
    assert (name, reason.partition(" isn't looked at: ")[0]) == (checker, member)
    assert skipped(SourceDefinition(resource_id="x", ingest_method="CSV")) == {}


def test_nothing_is_said_where_the_checker_is_there() -> None:
    class Keys(Checker):
        """One of another author."""

        name = "keys"
        codes = ()

    source = SourceDefinition(resource_id="x", ingest_method="CSV", primary_key=("$.id",))
    assert skipped(source, Keys) == {}


def test_a_report_says_so() -> None:
    engine = Engine()
    others = [name for name in ("keys", "rows") if name in engine.plugins.checkers]
    report = Engine(without=others).check({"id": ["a", "a"]}, primary_key="id")
    assert report.verdict == "passed"
    assert "Not looked at, since no checker of that name is loaded: primaryKey (keys)." in report.why
    [line] = [line for line in report.coverage if line.checker == "keys"]
    assert (line.status, line.reason.partition(":")[0]) == ("skipped", "primaryKey isn't looked at")
