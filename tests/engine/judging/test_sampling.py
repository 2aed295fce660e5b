"""Samples: the first records, by whoever asked for the fewest; told in the report, never a verdict on the whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potable.engine import Checker, Code, Engine, Fold, Occurrence, Outcome, Report, Severity
from potable.engine.definition.parse import from_mapping
from potable.engine.judging.sampling import sampling
from potable.engine.limits import Limits
from potable.engine.reporting import REPORTERS, facts


class Counting(Checker):
    """Says which records it saw, of two codes: one that only the whole can decide."""

    name = "counting"
    codes = tuple(
        Code(id=f"counting/{name}", severity=Severity.WARNING, title="t", meaning="m", why="w", example="e", mend="m",
             dataset=name == "whole")
        for name in ("part", "whole")
    )  # fmt: skip

    def folds(self, source: Any) -> Any:
        return [Seen()]


class Seen(Fold[list[str]]):
    name = "seen"
    fields = ("id",)
    codes = ("counting/part", "counting/whole")

    def start(self) -> list[str]:
        return []

    def update(self, state: list[str], chunk: Any) -> list[str]:
        return state + chunk.frame["$.id"].to_list()

    def merge(self, left: list[str], right: list[str]) -> list[str]:
        return left + right

    def finish(self, state: list[str]) -> Outcome:
        return Outcome(findings=[Occurrence(f"counting/{n}", ",".join(state)) for n in ("part", "whole")])


ROWS = 50
SOURCES: dict[str, tuple[str, dict[str, Any]]] = {
    "CSV": ("id,n\n" + "".join(f"{i},x\n" for i in range(1, ROWS + 1)), {}),
    "JSON": (json.dumps([{"id": i} for i in range(1, ROWS + 1)]), {}),
    "JSONL": ("".join(f'{{"id": {i}}}\n' for i in range(1, ROWS + 1)), {}),
    "INLINE": ("", {"data": [{"id": i} for i in range(1, ROWS + 1)]}),
}


@pytest.fixture
def run(tmp_path: Path) -> Any:
    def run(method: str, limit_records: int | None = None, chunk: int = 64, **parameters: Any) -> Report:
        text, more = SOURCES[method]
        (tmp_path / "data").write_text(text)
        where = {} if method == "INLINE" else {"ingestURL": str(tmp_path / "data")}
        engine = Engine(plugins=[Counting], roots=[tmp_path], without=["checkers"], limits=Limits(chunk_bytes=chunk))
        definition = {"ingestMethod": method, **where, **more, **parameters}
        return engine.check(definition, limit_records=limit_records)

    return run


def seen(report: Report) -> list[int]:
    (message,) = [f.samples[0].message for f in report.findings if f.code == "counting/part"]
    return [int(i) for i in message.split(",")]


@pytest.mark.parametrize("method", SOURCES)
@pytest.mark.parametrize("chunk", [64, 1 << 20])
def test_the_first_records_are_read(run: Any, method: str, chunk: int) -> None:
    report = run(method, chunk=chunk, sampleMode=True, sampleSize=7)
    assert (report.counts.records, seen(report)) == (7, list(range(1, 8)))
    assert report.source.sample == {"mode": "sampleMode", "size": 7}
    assert (report.verdict, facts.verdict(report)) == ("passed", "PASSED (sample)")
    assert any("the first 7" in why for why in report.why)
    assert [f.code for f in report.findings] == ["counting/part"]
    skipped = {code: c.reason for c in report.coverage if c.status == "skipped" for code in c.codes}
    assert skipped["counting/whole"] == "only a part of the source was read"


@pytest.mark.parametrize("reporter", REPORTERS, ids=lambda r: r.name)
def test_every_format_says_that_it_is_a_sample(run: Any, reporter: Any) -> None:
    if reporter.name == "html":
        pytest.importorskip("jinja2", reason="HTML reports need the extra potable-engine[html]")
    text = " ".join(reporter().render(run("CSV", 7)).replace("\\", "").split())
    assert "a sample: the first 7 by limit-records" in text


@pytest.mark.parametrize("method", SOURCES)
@pytest.mark.parametrize("size", [ROWS, ROWS + 1, 10_000])
def test_as_many_as_there_are_is_no_sample(run: Any, method: str, size: int) -> None:
    report = run(method, sampleMode=True, sampleSize=size)
    assert (report.counts.records, report.source.sample) == (ROWS, None)
    assert {f.code for f in report.findings} == {"counting/part", "counting/whole"}
    assert facts.verdict(report) == "PASSED"


@pytest.mark.parametrize(
    ("parameters", "limit", "sample"),
    [
        ({"sampleMode": True, "sampleSize": 7}, None, ("sampleMode", 7)),
        ({"sampleMode": True, "sampleSize": 7}, 5, ("limit-records", 5)),
        ({"sampleMode": True, "sampleSize": 7, "maxDocs": 3}, 5, ("maxDocs", 3)),
        ({"sampleMode": "true", "sampleSize": "7"}, None, ("sampleMode", 7)),
        ({"sampleMode": False, "sampleSize": 7}, None, None),
        ({"sampleSize": 7}, None, None),
        ({"sampleMode": True}, None, None),
        ({"maxDocs": -1}, None, None),
        ({"maxDocs": 0}, None, None),
        ({}, None, None),
    ],
)
def test_the_least_bound_holds(parameters: dict[str, Any], limit: int | None, sample: tuple[str, int] | None) -> None:
    source = from_mapping({"resourceID": "A", "ingestMethod": "CSV", "ingestURL": "x", **parameters})
    found = sampling(source, limit)
    assert (None if found is None else (found.mode, found.size)) == sample


ENDS = {"plain": "\n", "mixed": "\r\n", "blank": "\n\n", "blanks": "\n\n\n"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ends=st.lists(st.sampled_from([*ENDS]), min_size=3, max_size=12),
    marks=st.integers(0, 2),
    limit=st.integers(1, 12),
    filtered=st.booleans(),
)
def test_what_a_sample_says_hangs_on_its_records_alone(
    tmp_path: Path, ends: list[str], marks: int, limit: int, filtered: bool
) -> None:
    """Not on how far beyond them was read."""
    text = "id,n\n" + "".join(f"{n},{n % 3}{ENDS[end]}" for n, end in enumerate(ends, 1)) + "\x1a" * marks
    (tmp_path / "data").write_bytes(text.encode())
    definition = {"ingestMethod": "CSV", "ingestURL": str(tmp_path / "data")}
    if filtered:
        definition |= {"filterJsonPath": "$.n", "filterValue": "re::[01]"}

    def run(chunk: int) -> tuple[Any, ...]:
        engine = Engine(plugins=[Counting], roots=[tmp_path], without=["checkers"], limits=Limits(chunk_bytes=chunk))
        report = engine.check(definition, limit_records=limit)
        found = [(f.code, f.count, [(s.message, s.location) for s in f.samples]) for f in report.findings]
        return report.source.sample, report.counts, report.metrics.get("leftOut"), found

    whole, pieces = run(1 << 20), run(16)
    if filtered:  # blank lines between records that are left out belong to no record
        whole, pieces = (
            (*r[:3], [f for f in r[3] if f[0] not in ("csv/blank-row", "encoding/mixed-newlines")])
            for r in (whole, pieces)
        )
    assert whole == pieces
    blank = sum(c for code, c, _ in whole[3] if code == "csv/blank-row")
    if not filtered:
        assert blank == sum(text.count("\n") - 1 for text in (ENDS[e] for e in ends[: min(limit, len(ends)) - 1]))
    if whole[0] is not None:
        assert "encoding/end-mark" not in [code for code, _, _ in whole[3]]


@pytest.mark.parametrize("chunk", [16, 1 << 20])
def test_what_is_broken_behind_a_sample_is_no_matter(tmp_path: Path, chunk: int) -> None:
    (tmp_path / "data").write_text('id,n\n1,x\n2,x\n3,"x\n4,x\n')
    engine = Engine(plugins=[Counting], roots=[tmp_path], without=["checkers"], limits=Limits(chunk_bytes=chunk))
    given = {"ingestMethod": "CSV", "ingestURL": str(tmp_path / "data")}
    sample, more = engine.check(given, limit_records=2), engine.check(given, limit_records=3)
    assert (sample.verdict, sample.counts.records, sample.source.sample) == (
        "passed", 2, {"mode": "limit-records", "size": 2},
    )  # fmt: skip
    assert (more.verdict, "csv/unclosed-quote" in {f.code for f in more.findings}) == ("inconclusive", True)
