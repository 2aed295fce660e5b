"""Shares of errors and duplicates beside those of the last accepted run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from potable.engine.contracts.history import LONGEST, History, Summary
from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.judging.summary import shape_of, summarise
from potable.engine.lint import lint_source
from potable.engine.options import RunOptions
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins
from potable.engine.runs import Reason
from potable.engine.store.store import Store

SCHEMA = {"fields": [{"name": "id"}, {"name": "n", "type": "integer"}]}


def twice(folder: Path, before: str, now: str, **options: Any) -> Report:
    """The report of the second of two runs, the first one accepted."""
    history = History()
    for text in (before, now):
        (folder / "data.csv").write_text(text)
        members = {"resourceID": "t", "ingestMethod": "CSV", "ingestURL": "data.csv", "primaryKey": "id",
                   "schema": SCHEMA, "errPerc": 50, "dupPerc": 50, "accounting": {"increase": 100, "decrease": 100},
                   "checks": {"accounting": options, "rows": False, "drift": False}}  # fmt: skip
        source = from_mapping(members, folder=folder)
        report = run_source(source, load_plugins(), RunOptions(scratch=folder, history=history))
        history = History(runs=(summarise(report, accepted=True),))
    return report


def rows(good: int, bad: int = 0, twins: int = 0) -> str:
    lines = ["id,n", *(f"g{n},1" for n in range(good)), *(f"b{n},x" for n in range(bad)), *["g0,1"] * twins]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("before", "now", "points", "found"),
    [
        (rows(100), rows(95, bad=5), 4.9, True),
        (rows(100), rows(95, bad=5), 5, False),
        (rows(95, bad=5), rows(90, bad=10), 4, True),
        (rows(90, bad=10), rows(100), 0, False),
        (rows(100), rows(95, bad=5), None, False),
        (rows(100), rows(95, bad=5), "off", False),
        (rows(100), rows(95, bad=5), False, False),
        (rows(100), rows(95, bad=5), 0, True),
    ],
)
def test_error_share(tmp_path: Path, before: str, now: str, points: Any, found: bool) -> None:
    report = twice(tmp_path, before, now, errors=points)
    assert [f.code for f in report.findings if f.checker == "accounting"] == ["accounting/error-share"] * found
    assert report.verdict == ("failed" if found else "passed")


def test_error_share_in_words(tmp_path: Path) -> None:
    report = twice(tmp_path, rows(99, bad=1), rows(90, bad=10), errors=5)
    (said,) = [f for f in report.findings if f.checker == "accounting"]
    assert said.samples[0].message == (
        "10 % of the records have errors, in the last accepted run it was 1 % (tolerated growth: 5 points)"
    )
    assert (said.details["now"], said.details["before"]) == (10, 1)


@pytest.mark.parametrize(("points", "found"), [(4.9, True), (5, False), (None, False)])
def test_duplicate_share(tmp_path: Path, points: float | None, found: bool) -> None:
    report = twice(tmp_path, rows(100), rows(95, twins=5), duplicates=points)
    assert [f.code for f in report.findings if f.checker == "accounting"] == ["accounting/duplicate-share"] * found


@pytest.mark.parametrize("wanted", [30, LONGEST])
def test_nothing_has_changed_for_as_long_as_one_may_ask(tmp_path: Path, wanted: int) -> None:
    (tmp_path / "data.csv").write_text("a,b\n1,2\n")
    members = {"resourceID": "t", "ingestMethod": "CSV", "ingestURL": "data.csv",
               "checks": {"accounting": {"unchanged": wanted}}}  # fmt: skip
    source = from_mapping(members, folder=tmp_path)
    report = run_source(source, load_plugins(), RunOptions(scratch=tmp_path))
    store = Store(f"sqlite:///{tmp_path}/runs.db")
    for n in range(wanted):
        if n % 10 == 9:  # runs that failed in between don't count
            run = store.begin("t", owner="w", lease=30, seconds=60)
            store.fail(run.run_id, "w", 1, Reason.LOST, "it was lost")
        run = store.begin("t", owner="w", lease=30, seconds=60)
        store.finish(run.run_id, "w", 1, report.to_dict(), summarise(report, accepted=False))
        if n == wanted - 2:
            one_less = store.summaries("t", shape=shape_of(source))
    found = [
        [f.code for f in run_source(source, load_plugins(), RunOptions(scratch=tmp_path, history=h)).findings]
        for h in (one_less, store.summaries("t", shape=shape_of(source)))
    ]
    store.close()
    assert found == [[], ["accounting/unchanged"]]


def test_nobody_can_ask_for_longer(tmp_path: Path) -> None:
    members = {"resourceID": "t", "ingestMethod": "CSV", "ingestURL": "data.csv",
               "checks": {"accounting": {"unchanged": LONGEST + 1}}}  # fmt: skip
    said = lint_source(from_mapping(members, folder=tmp_path), load_plugins())
    assert [(o.code, o.location.path) for o in said] == [("definition/bad-value", "/checks/accounting/unchanged")]


def test_a_record_that_two_keys_have_surplus_is_one(tmp_path: Path) -> None:
    schema = {"fields": [{"name": "id"}, {"name": "n", "constraints": {"unique": True}}]}
    (tmp_path / "data.csv").write_text("id,n\n1,a\n2,b\n3,c\n1,a\n")
    members = {"resourceID": "t", "ingestMethod": "CSV", "ingestURL": "data.csv", "primaryKey": "id",
               "schema": schema, "dupPerc": 25, "checks": {"accounting": {"duplicates": 24}}}  # fmt: skip
    source = from_mapping(members, folder=tmp_path)
    shape = run_source(source, load_plugins(), RunOptions(scratch=tmp_path)).source.definition["shape"]
    clean = Summary(records=4, shape=shape, accepted=True)
    report = run_source(source, load_plugins(), RunOptions(scratch=tmp_path, history=History(runs=(clean,))))
    assert [(f.code, f.field, f.tolerated) for f in report.findings if f.checker == "keys"] == [
        ("keys/duplicate", "$.id", True), ("keys/duplicate", "$.n", True),
    ]  # fmt: skip
    assert report.why[-1] == "1 of 4 (25 %) of the records are surplus duplicates, within dupPerc 25 %."
    (share,) = [f for f in report.findings if f.checker == "accounting"]
    assert (share.code, share.details["now"]) == ("accounting/duplicate-share", 1)
    assert share.samples[0].message.startswith("25 % of the records are surplus duplicates")
