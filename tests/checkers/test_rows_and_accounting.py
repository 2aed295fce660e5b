"""The number of records: within declared bounds, and beside the last accepted run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from potable.checkers.accounting.checker import AccountingChecker
from potable.checkers.rows import RowsChecker
from potable.engine.contracts.history import History, Summary
from potable.engine.contracts.report import Report
from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.parse import from_mapping
from potable.engine.findings import Occurrence
from potable.engine.options import RunOptions
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins
from potable.engine.testing import check_checker, findings_of

Check = Callable[..., Report]


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ({"min": 3}, None),
        ({"max": 3}, None),
        ({"min": 4}, "there are 3 records, at least 4 were expected"),
        ({"min": 1, "max": 2}, "there are 3 records, at most 2 were expected"),
    ],
)
def test_records_within_bounds(check: Check, bounds: dict[str, int], message: str | None) -> None:
    report = check("a,b\n1,\n2,\n3,\n", records=bounds)
    found = [(f.code, f.field, f.count, f.samples[0].message) for f in report.findings]
    assert found == ([] if message is None else [("rows/count", None, 1, message)])
    assert report.verdict == ("passed" if message is None else "failed")


def capped(records: int, url: str = "data.csv") -> list[tuple[str, str | None, int, str]]:
    source = SourceDefinition(resource_id="test", ingest_method="CSV", ingest_url=url)
    found = findings_of(RowsChecker, {"a": list(map(str, range(records)))}, source=source)
    return [(f.code, f.field, f.count, f.samples[0].message) for f in found]


@pytest.mark.parametrize("records", [65_535, 65_536])
def test_as_many_records_as_a_sheet_has_rows(records: int) -> None:
    message = f"there are exactly {records:,} records, as many as a sheet of the format xls has rows: "
    assert capped(records) == [("rows/capped", None, 1, f"{message}the others may have been cut off")]
    assert capped(records - 2) == []


def test_as_many_records_as_a_server_answers() -> None:
    message = "there are exactly 1,000 records, as many as servers are often set to answer at most: "
    told = [("rows/capped", None, 1, f"{message}the others may have been cut off")]
    assert capped(1_000, "https://example.org/query?f=json") == told
    assert capped(1_000) == capped(1_001, "https://example.org/query") == []


def test_a_sample_does_not_decide_on_the_number(check: Check) -> None:
    assert check("a,b\n1,\n2,\n3,\n", records={"min": 3}, maxDocs=2).findings == ()


def test_rows_keep_the_law() -> None:
    source = SourceDefinition(resource_id="test", ingest_method="CSV", records={"max": 4})
    check_checker(RowsChecker, {"a": list("123456")}, source=source)


def compare(now: int, before: int, *, accounting: dict[str, Any] | None = None) -> list[str]:
    source = SourceDefinition(resource_id="test", ingest_method="CSV", accounting=accounting or {})
    history = History(runs=(Summary(run_id="r1", records=before, shape="s", accepted=True),))
    checker = AccountingChecker({"unchanged": 0}, SimpleNamespace())  # type: ignore[arg-type]
    return [o.code for o in checker.check_history(source, Summary(records=now, shape="s"), history)]


@pytest.mark.parametrize(
    ("now", "before", "codes"),
    [
        (120, 100, []),
        (121, 100, ["accounting/increase"]),
        (90, 100, []),
        (89, 100, ["accounting/decrease"]),
        (1, 0, ["accounting/increase"]),
        (0, 0, []),
        (12_000_001, 10_000_000, ["accounting/increase"]),
    ],
)
def test_bounds_are_exact(now: int, before: int, codes: list[str]) -> None:
    assert compare(now, before) == codes


def test_bounds_of_the_definition() -> None:
    assert compare(106, 100, accounting={"increase": 5}) == ["accounting/increase"]
    assert compare(98, 100, accounting={"decrease": 0.5}) == ["accounting/decrease"]
    assert compare(200, 100, accounting={"increase": 100}) == []


@pytest.mark.parametrize("off", ["off", False])
def test_what_is_off_is_not_compared(off: Any) -> None:
    source = from_mapping({"resourceID": "test", "ingestMethod": "CSV", "accounting": {"increase": off}})
    assert [n.code for n in source.notes] == []
    assert compare(1000, 100, accounting=source.accounting) == []
    assert compare(10, 100, accounting=source.accounting) == ["accounting/decrease"]
    assert unchanged(off, "x", "x", "x") == []


def unchanged(wanted: Any, *snapshots: str) -> list[Occurrence]:
    source = SourceDefinition(resource_id="test", ingest_method="CSV")
    runs = tuple(
        Summary(records=1, shape="s", snapshot=s, accepted=True, ended=f"t{n}") for n, s in enumerate(snapshots)
    )
    checker = AccountingChecker({"unchanged": wanted}, SimpleNamespace())  # type: ignore[arg-type]
    return list(checker.check_history(source, Summary(records=1, shape="s", snapshot="x"), History(runs=runs)))


def test_nothing_has_changed_for_long() -> None:
    assert [o.code for o in unchanged(2, "x", "x", "y")] == ["accounting/unchanged"]
    assert unchanged(3, "x", "x", "y") == unchanged(3, "x", "x") == unchanged(0, "x", "x") == []


def test_in_a_run(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("a,b\n" + "".join(f"{n},2\n" for n in range(10)))
    members = {"resourceID": "test", "ingestMethod": "CSV", "ingestURL": "data.csv"}
    source, plugins = from_mapping(members, folder=tmp_path), load_plugins()
    first = run_source(source, plugins)
    assert {c.checker: (c.status, c.reason) for c in first.coverage}["accounting"] == ("skipped", "first run")
    shape = first.source.definition["shape"]
    history = History(runs=(Summary(run_id="r1", records=20, shape=shape, accepted=True),))
    second = run_source(source, plugins, RunOptions(history=history))
    assert [(f.code, f.count, f.details) for f in second.findings] == [
        ("accounting/decrease", 1, {"records": 10, "before": 20, "baseline": "r1"})
    ]
    assert second.findings[0].samples[0].message == (
        "10 records, 50.0 % fewer than the 20 of the last accepted run (tolerated: 10 %)"
    )
    skipped = from_mapping({**members, "accounting": "off"}, folder=tmp_path)
    assert run_source(skipped, plugins, RunOptions(history=history)).findings == ()


def test_a_share_just_beyond_is_not_shown_as_what_is_tolerated() -> None:
    source = SourceDefinition(resource_id="test", ingest_method="CSV")
    history = History(runs=(Summary(run_id="r", records=1296, shape="s", accepted=True),))
    checker = AccountingChecker({"unchanged": 0, "errors": None, "duplicates": None}, SimpleNamespace())  # type: ignore[arg-type]
    [said] = checker.check_history(source, Summary(records=1166, shape="s"), history)
    assert said.message.startswith("1,166 records, 10.03 % fewer than the 1,296 of the last accepted run")
    [one] = checker.check_history(source, Summary(records=1, shape="s"), history)
    assert one.message.startswith("1 record, 99.9 % fewer than")
