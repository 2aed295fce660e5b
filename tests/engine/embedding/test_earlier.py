"""A program that keeps its reports itself has later runs compared with them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from potable.engine import Checker, Code, Engine, Occurrence, Report, Severity, UsageError

FEWER = Code(id="fewer/records", severity=Severity.ERROR, title="t", meaning="m", why="w", example="e", mend="x")
WRONG = Code(id="fewer/wrong", severity=Severity.ERROR, title="t", meaning="m", why="w", example="e", mend="x")


class Fewer(Checker):
    """Compares the number of records with the baseline's."""

    name = "fewer"
    codes = (FEWER, WRONG)

    def check_definition(self, source: Any) -> Iterable[Occurrence]:
        if source.name == "wrong":
            yield Occurrence("fewer/wrong", "m")

    def check_history(self, source: Any, summary: Any, history: Any) -> Iterable[Occurrence]:
        before = history.baseline(summary.shape)
        if summary.records < before.records:
            yield Occurrence("fewer/records", f"{summary.records}, {before.records} before")


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    (tmp_path / "a.yaml").write_text("resourceID: A\ningestMethod: CSV\ningestURL: a.csv\n")
    (tmp_path / "b.yaml").write_text("resourceID: B\ningestMethod: CSV\ningestURL: a.csv\n")
    (tmp_path / "a.csv").write_text("id\n1\n2\n3\n")
    return Engine(catalog=tmp_path, plugins=Fewer)


def found(report: Report) -> list[str]:
    return [s.message for f in report.findings if f.code == "fewer/records" for s in f.samples]


def reason(report: Report) -> str:
    return next(line.reason for line in report.coverage if line.checker == "fewer")


def test_a_run_is_compared_with_reports_that_were_kept(engine: Engine, tmp_path: Path) -> None:
    first = engine.run("A")
    assert reason(first) == "first run"
    kept = json.loads(json.dumps(first.to_dict()))
    (tmp_path / "a.csv").write_text("id\n1\n2\n")
    for earlier in (first, kept, [first], iter([kept])):
        assert found(engine.run("A", earlier=earlier)) == ["2, 3 before"]
    assert found(asyncio.run(engine.arun("A", earlier=first))) == ["2, 3 before"]
    events = engine.events("A", earlier=first)
    assert [event.stage for event in events][-1] == "finish"
    assert events.report is not None
    assert found(events.report) == ["2, 3 before"]


def test_the_last_one_counts_in_whatever_order_they_come(engine: Engine, tmp_path: Path) -> None:
    reports = []
    for records in (4, 3, 6):
        (tmp_path / "a.csv").write_text("id\n" + "1\n" * records)
        reports.append(engine.run("A").to_dict())
    for second, report in enumerate(reports):
        report["run"]["ended"] = f"2024-01-01T00:00:0{second}Z"
    (tmp_path / "a.csv").write_text("id\n1\n")
    for earlier in (reports, reports[::-1]):
        assert found(engine.run("A", earlier=earlier)) == ["1, 6 before"]


def test_what_read_nothing_or_a_part_is_no_baseline(engine: Engine, tmp_path: Path) -> None:
    sample = engine.run("A", limit_records=1)
    (tmp_path / "a.csv").unlink()
    nothing = engine.run("A")
    (tmp_path / "a.csv").write_text("id\n1\n")
    assert reason(engine.run("A", earlier=[sample, nothing])) == "no accepted run"
    whole = engine.run("A")
    (tmp_path / "a.yaml").write_text("resourceID: A\ningestMethod: TSV\ningestURL: a.csv\n")
    assert reason(engine.run("A", earlier=whole)) == "definition changed"


def test_checks_of_frames_are_compared_too(engine: Engine) -> None:
    whole = engine.check({"id": [1, 2, 3]}, name="wrong")
    assert whole.verdict == "failed"
    assert found(engine.check({"id": [1]}, earlier=whole)) == ["1, 3 before"]
    assert found(engine.check({"id": [1]}, earlier=None)) == []


@pytest.mark.parametrize(
    ("earlier", "words"),
    [
        ("A", "earlier: 'A' is no list of reports"),
        ([3], "earlier: 3 isn't a report: a Report, or what its to_dict gave"),
        ([{}], "this isn't a report of Potable's"),
    ],
)
def test_what_is_no_report_is_refused(engine: Engine, earlier: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        engine.run("A", earlier=earlier)


def test_a_report_of_another_source_is_refused(engine: Engine) -> None:
    with pytest.raises(UsageError, match="earlier has a report of 'B', which is another source"):
        engine.run("A", earlier=engine.run("B"))
