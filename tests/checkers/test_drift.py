"""What has changed since the last accepted run: each change, and chance that is none."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from potable.checkers.drift import DriftChecker
from potable.checkers.drift.compare import moved, null_shares, types
from potable.checkers.drift.keys import SIZE, KeySketchFold, shared
from potable.checkers.drift.profiles import profile
from potable.checkers.drift.sample import RECORDS, SampleFold, rank
from potable.engine.contracts.history import History
from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.judging.summary import summarise
from potable.engine.limits import Limits
from potable.engine.options import RunOptions
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins
from potable.engine.testing import check_checker
from potable.engine.testing.memory import MemoryReading

Rows = Sequence[Sequence[object]]
Compare = Callable[..., Report]
CHANCE = random.Random(11)


@pytest.fixture
def compare(tmp_path: Path) -> Compare:
    """``compare(before, now)``: the report of the second of two runs, the first one accepted."""

    def run(before: tuple[str, Rows], now: tuple[str, Rows], **definition: Any) -> Report:
        history = History()
        for header, rows in (before, now):
            lines = [header, *(",".join(map(str, row)) for row in rows)]
            (tmp_path / "data.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
            members = {"resourceID": "test", "ingestMethod": "CSV", "ingestURL": "data.csv",
                       "checks": {"rows": False, **definition.pop("checks", {})}, **definition}  # fmt: skip
            source = from_mapping(members, folder=tmp_path)
            report = run_source(source, load_plugins(), RunOptions(scratch=tmp_path, history=history))
            summary = summarise(Report.from_dict(json.loads(json.dumps(report.to_dict()))), accepted=True)
            history = History(runs=(summary,))
            definition["checks"] = {k: v for k, v in members["checks"].items() if k != "rows"}
        return report

    return run


def drifts(report: Report) -> list[tuple[str, str | None]]:
    return [(f.code, f.field) for f in report.findings if f.checker == "drift"]


BASE: list[tuple[object, ...]] = [
    (f"K{n}", n % 5, f"{CHANCE.gauss(50, 10):.2f}", ("a", "b", "c")[n % 3], f"text {n}", "2024-03-05")
    for n in range(300)
]
HEADER = "id,grade,weight,group,note,seen"


def changed(column: int, to: Callable[[Any], object]) -> tuple[str, Rows]:
    return HEADER, [(*row[:column], to(row[column]), *row[column + 1 :]) for row in BASE]


def test_the_same_again_is_no_drift(compare: Compare) -> None:
    report = compare((HEADER, BASE), (HEADER, BASE), primaryKey="id")
    assert drifts(report) == []
    lines = [(c.status, c.reason) for c in report.coverage if c.checker == "drift"]
    assert lines == [("ran", "")]


def test_a_first_run_compares_nothing_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("a,b\n1,2\n")
    source = from_mapping({"resourceID": "t", "ingestMethod": "CSV", "ingestURL": "data.csv"}, folder=tmp_path)
    report = run_source(source, load_plugins(), RunOptions(scratch=tmp_path))
    lines = [(c.status, c.reason, len(c.codes)) for c in report.coverage if c.checker == "drift"]
    assert lines == [("ran", "", 0), ("skipped", "first run", 8)]
    figures = report.metrics["drift"]["fields"]["$.a"]
    assert {**figures, "groups": list(figures["groups"].values())} == {
        "n": 1, "missing": 0, "kinds": {"integer": 1}, "groups": [1],
    }  # fmt: skip


def test_fields_added_and_gone(compare: Compare) -> None:
    now = "id,grade,weight,groups,note", [row[:5] for row in BASE]
    report = compare((HEADER, BASE), now)
    assert drifts(report) == [
        ("drift/field-removed", "$.group"), ("drift/field-removed", "$.seen"),
    ]  # fmt: skip
    assert (
        report.findings[0].samples[0].message
        == "the field 'group' of the last accepted run is gone; has it become 'groups'?"
    )
    assert report.verdict == "failed"


def test_a_column_that_is_gone_is_told_once(compare: Compare) -> None:
    schema = {"fields": [{"name": n} for n in HEADER.split(",")]}
    now = "id,grade,weight,group,note", [row[:5] for row in BASE]
    report = compare((HEADER, BASE), now, schema=schema)
    assert [(f.code, f.field) for f in report.findings] == [("schema/missing-field", "$.seen")]


@pytest.mark.parametrize(
    ("was", "is_", "said"),
    [
        ("%Y-%m-%d", "%d/%m/%Y", "YYYY-MM-DD, now as DD/MM/YYYY or MM/DD/YYYY"),
        ("%d.%m.%Y", "%Y-%m-%d", "DD.MM.YYYY, now as YYYY-MM-DD"),
        ("%d/%m/%Y", "%m/%d/%Y", "{open}, day-first, now as {open}, month-first"),
        ("%Y-%m-%d", "%Y-%m-%d 10:00", None),
        ("%d/%m/%Y", "%d/%m/%Y", None),
    ],
)
def test_dates_written_in_another_way(compare: Compare, was: str, is_: str, said: str | None) -> None:
    def rows(way: str) -> Rows:
        days = [date(2024, 1, 1) + timedelta(days=n) for n in range(200)]
        return [(n, day.strftime(way)) for n, day in enumerate(days)]

    report = compare(("id,seen", rows(was)), ("id,seen", rows(is_)))
    assert drifts(report) == ([("drift/type-changed", "$.seen")] if said else [])
    if said:
        (finding,) = (f for f in report.findings if f.checker == "drift")
        words = said.replace("{open}", "DD/MM/YYYY or MM/DD/YYYY")
        assert finding.samples[0].message == f"the dates were written as {words}"


def test_fields_of_another_type(compare: Compare) -> None:
    report = compare((HEADER, BASE), changed(2, lambda w: f"{w} kg"))
    assert drifts(report) == [("drift/type-changed", "$.weight")]
    assert report.findings[0].samples[0].message == "the values were numbers, now they are texts"
    assert drifts(compare((HEADER, BASE), changed(5, lambda _: "yesterday"))) == [("drift/type-changed", "$.seen")]
    mixed = changed(1, lambda g: "x" if g == 3 else g)
    assert ("drift/type-changed", "$.grade") in drifts(compare((HEADER, BASE), mixed))
    few = changed(2, lambda w: "n.d." if w == BASE[7][2] else w)
    assert drifts(compare((HEADER, BASE), few)) == []


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ({"number": 80, "integer": 20}, {"text": 100}, ("number", "text")),  # some numbers happen to be whole
        ({"number": 80, "integer": 20}, {"integer": 100}, ("number", "integer")),
        ({"integer": 100}, {"number": 80, "integer": 20}, ("integer", "number")),
        ({"number": 80, "integer": 20}, {"number": 60, "integer": 10, "text": 30}, ("number", "mixed")),
        ({"number": 80, "integer": 20}, {"number": 50, "integer": 50}, None),
        ({"number": 80, "integer": 20}, {"number": 75, "integer": 16, "text": 9}, None),
        ({"number": 80, "integer": 11, "text": 9}, {"number": 80, "integer": 8, "text": 12}, None),
        ({"integer": 91, "number": 9}, {"integer": 89, "number": 11}, None),
        ({"integer": 95, "text": 5}, {"integer": 80, "text": 20}, ("integer", "mixed")),
        ({"integer": 60, "text": 40}, {"text": 100}, None),
        ({"integer": 90, "text": 10}, {"text": 100}, ("integer", "text")),  # nine of ten are enough
        ({"integer": 89, "text": 11}, {"text": 100}, None),
    ],
)
def test_types(before: dict[str, int], now: dict[str, int], expected: tuple[str, str] | None) -> None:
    assert types({"kinds": before}, {"kinds": now}) == expected


def test_chance_in_shares_of_missing_values() -> None:
    """Three standard errors of the difference of two shares."""
    before, now = {"n": 100, "missing": 10}, {"n": 400, "missing": 40}
    assert null_shares(before, now) == (0.1, 0.1, pytest.approx(3 * (0.1 * 0.9 * (0.01 + 0.0025)) ** 0.5))


def test_missing_values(compare: Compare) -> None:
    report = compare((HEADER, BASE), changed(4, lambda t: "" if t.endswith(("1", "2")) else t))
    assert drifts(report) == [("drift/null-share", "$.note")]
    assert report.findings[0].samples[0].message == "20.0 % of the values are missing, where 0.0 % were"
    few = changed(4, lambda t: "" if t.endswith("1") else t)
    assert drifts(compare((HEADER, BASE), few)) == []
    assert drifts(compare((HEADER, BASE), few, checks={"drift": {"nulls": 5}})) == [("drift/null-share", "$.note")]
    assert drifts(compare(few, (HEADER, BASE), checks={"drift": {"nulls": 5}})) == [("drift/null-share", "$.note")]
    left_out = {"drift": {"nulls": 5, "except": ["note"]}}
    assert drifts(compare((HEADER, BASE), few, checks=left_out)) == []


def test_distributions(compare: Compare) -> None:
    pounds = changed(2, lambda w: f"{float(w) * 2.2:.2f}")
    assert drifts(compare((HEADER, BASE), pounds)) == [("drift/distribution", "$.weight")]
    other = changed(3, lambda g: "a" if g == "b" else g)
    assert drifts(compare((HEADER, BASE), other)) == [("drift/distribution", "$.group")]
    again = HEADER, [(*row[:2], f"{CHANCE.gauss(50, 10):.2f}", CHANCE.choice("abc"), *row[4:]) for row in BASE]
    assert drifts(compare((HEADER, BASE), again)) == []


def test_keys(compare: Compare) -> None:
    fresh = changed(0, lambda k: f"N{k}")
    report = compare((HEADER, BASE), fresh, primaryKey="id")
    assert drifts(report) == [("drift/key-churn", "$.id")]
    assert report.findings[0].samples[0].message == "100 % of the keys of the last accepted run are gone"
    some = changed(0, lambda k: f"N{k}" if k.endswith("7") else k)
    assert drifts(compare((HEADER, BASE), some, primaryKey="id")) == []
    checks = {"drift": {"churn": 5}}
    assert drifts(compare((HEADER, BASE), some, primaryKey="id", checks=checks)) == [("drift/key-churn", "$.id")]
    assert drifts(compare((HEADER, BASE), fresh)) == []


def test_keys_that_are_gone_with_their_records_are_not_replaced(compare: Compare) -> None:
    fewer = {"accounting": {"decrease": 50}, "primaryKey": "id"}
    assert compare((HEADER, BASE), (HEADER, BASE[:180]), **fewer).verdict == "passed"
    others = HEADER, [*BASE[:105], *[(f"N{n}", *row[1:]) for n, row in enumerate(BASE[105:180])]]
    report = compare((HEADER, BASE), others, **fewer)
    assert drifts(report) == [("drift/key-churn", "$.id")]
    assert report.findings[0].samples[0].message == (
        "65 % of the keys of the last accepted run are gone, and others have come in place of 25 %"
    )
    assert report.findings[0].details == {"looked_at": 300, "gone": 195, "new": 75}
    many = [(f"K{n}", *row[1:]) for n, row in enumerate(BASE * 20)]
    assert compare((HEADER, many), (HEADER, many[:3600]), **fewer).verdict == "passed"


def test_a_record_without_a_key_does_not_hide_that_all_keys_are_others(compare: Compare) -> None:
    now = HEADER, [("", *BASE[0][1:]), *changed(0, lambda k: f"N{k}")[1][1:]]
    report = compare((HEADER, BASE), now, primaryKey="id")
    assert {f.code: f.count for f in report.findings} == {"keys/missing": 1, "drift/key-churn": 1}
    without = "grade,weight,group,note,seen", [row[1:] for row in BASE]
    codes = {f.code for f in compare((HEADER, BASE), without, primaryKey="id").findings}
    assert codes == {"drift/field-removed"}


def test_a_decrease_does_not_hide_that_the_other_keys_are_replaced(compare: Compare) -> None:
    report = compare((HEADER, BASE), (HEADER, changed(0, lambda k: f"N{k}")[1][:200]), primaryKey="id")
    assert {f.code for f in report.findings} == {"accounting/decrease", "drift/key-churn"}


def test_what_must_not_be_quoted_leaves_no_trace(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("id,b\n1,secret\n2,secret\n")
    members = {"resourceID": "t", "ingestMethod": "CSV", "ingestURL": "data.csv", "primaryKey": "id", "values": "none"}
    report = run_source(from_mapping(members, folder=tmp_path), load_plugins(), RunOptions(scratch=tmp_path))
    assert report.metrics["drift"] == {
        "fields": {
            "$.b": {"n": 2, "missing": 0, "kinds": {"text": 2}},
            "$.id": {"n": 2, "missing": 0, "kinds": {"integer": 2}},
        },
        "several": [],
        "whole": True,
    }


def test_metrics_of_another_version_are_as_good_as_none(compare: Compare, tmp_path: Path) -> None:
    from potable.engine.contracts.history import Summary
    from potable.engine.testing.conformance import _Lent

    checker = DriftChecker(
        {"nulls": 10, "distribution": 25, "churn": 20, "except": []},
        _Lent(limits=None, scratch=tmp_path, checkers={}),  # type: ignore[arg-type]
    )
    source = from_mapping({"resourceID": "t", "ingestMethod": "CSV", "ingestURL": "x"})
    for old in (
        {},
        {"drift": 5},
        {"drift": {"fields": [], "keys": "x"}},
        {"drift": {"fields": {"$.a": None}, "keys": {"least": "%"}}},
    ):
        before = Summary(records=1, shape="s", accepted=True, metrics=old)
        now = Summary(
            records=1,
            shape="s",
            metrics={"drift": {"fields": {"$.a": {"n": 5, "missing": 0, "kinds": {}}}, "keys": {}}},
        )
        found = list(checker.check_history(source, now, History(runs=(before,))))
        assert found == []


def test_ranks_are_all_different() -> None:
    ranks = rank(np.arange(1, 100_001, dtype=np.uint64))
    assert len(np.unique(ranks)) == 100_000
    assert abs(float((ranks < np.uint64(2**63)).mean()) - 0.5) < 0.01


def test_ranks_are_those_of_earlier_runs() -> None:
    """Other ranks would draw another sample, and call that a change of the data."""
    ranks = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]  # the first of SplitMix64 from 0
    assert rank(np.arange(1, 4, dtype=np.uint64)).tolist() == ranks


@given(st.integers(0, 300), st.integers(1, 60), st.integers(5, 40))
@settings(max_examples=15)
@example(5, 1, 2)  # the last one takes the place of the greatest that was drawn
def test_the_sample_is_the_same_whatever_the_cutting(records: int, step: int, most: int) -> None:
    import potable.checkers.drift.sample as module

    table = {"a": [str(n) for n in range(records)]}
    drawn = []
    old, least = module.RECORDS, module.LEAST
    module.RECORDS = module.LEAST = most
    try:
        for bounds in ((), tuple(range(0, records, step))):
            reading, fold = MemoryReading(table, bounds), SampleFold()
            state = fold.start()
            for cut in reading.cuts():
                state = fold.merge(state, fold.update(fold.start(), reading.parser().parse(cut)))
            tidy = state.tidied()
            drawn.append([t["$.a"].to_pylist() for t in tidy.tables])
            assert len(tidy.ranks) == min(records, most)
    finally:
        module.RECORDS, module.LEAST = old, least
    assert drawn[0] == drawn[1]


def sketch(keys: Sequence[str]) -> dict[str, Any]:
    reading, fold = MemoryReading({"k": list(keys)}, tuple(range(0, len(keys), 97))), KeySketchFold(("$.k",))
    state = fold.start()
    for cut in reading.cuts():
        state = fold.merge(state, fold.update(fold.start(), reading.parser().parse(cut)))
    made: dict[str, Any] = fold.finish(state).metrics["keys"]
    return made


def test_sketches_of_few_keys_are_exact() -> None:
    found = shared(sketch(["a", "b", "c", "c", ""]), sketch(["b", "d"]))
    assert found is not None
    assert (found.looked_at, found.gone, found.new, found.exact) == (3, 2, 1, True)


def test_all_that_two_full_sketches_have_in_common_counts() -> None:
    keys = [f"key{n}" for n in range(2 * SIZE)]
    found = shared(sketch(keys), sketch(keys))
    assert found is not None
    assert (found.looked_at, found.gone, found.new, found.exact) == (SIZE, 0, 0, False)


@pytest.mark.parametrize("gone", [0, 1000, 5000, 20_000])
def test_sketches_of_many_keys_are_close(gone: int) -> None:
    keys = [f"key{n}" for n in range(20_000)]
    before, now = sketch(keys), sketch(keys[gone:] + [f"new{n}" for n in range(gone)])
    assert len(json.dumps(before)) < 5000
    found = shared(before, now)
    assert found is not None
    assert not found.exact
    assert found.looked_at > SIZE / 3
    assert abs(found.gone / found.looked_at - gone / 20_000) < 0.1
    assert abs(found.replaced / found.looked_at - gone / 20_000) < 0.1


def test_chance_is_no_drift() -> None:
    """Two samples of the same: of 200 pairs none is reported."""
    import polars as pl

    for seed in range(200):
        chance = np.random.default_rng(seed)
        n = int(chance.integers(50, 400))
        one, other = (
            profile(pl.Series([f"{v:.3f}" for v in chance.lognormal(3, 1, n)]), None, ("",), open_=True) for _ in "ab"
        )
        change = moved(one, other)
        assert change is not None
        assert change[0] <= max(0.25, change[1])


VALUES = st.sampled_from(["1", "2.5", "x", "", None, "2024-03-05", "true"])


@given(st.lists(VALUES, max_size=30))
@settings(max_examples=10)
def test_any_cutting_gives_the_same(values: list[str | None]) -> None:
    check_checker(DriftChecker, {"a": values, "b": values[::-1]}, cuttings=3)


def test_the_sample_has_its_size() -> None:
    assert RECORDS == 4096


@pytest.mark.parametrize(
    ("file", "text", "definition"),
    [
        ("a.xml", "<r><s><id>7</id></s><s><id>7</id><id>8</id></s></r>", {"documentElement": "s"}),
        ("a.xml", "<r><s/><s/></r>", {"documentElement": "s"}),
        ("a.json", "[{},{}]", {}),
        ("a.json", '[1,2,"x"]', {}),
    ],
    ids=["several values", "empty elements", "empty objects", "no objects"],
)
def test_records_without_a_single_value_are_compared_too(
    tmp_path: Path, file: str, text: str, definition: dict[str, str]
) -> None:
    (tmp_path / file).write_text(text)
    method = Path(file).suffix[1:].upper()
    source = from_mapping({"resourceID": "t", "ingestMethod": method, "ingestURL": file, **definition}, folder=tmp_path)
    report = run_source(source, load_plugins(), RunOptions(scratch=tmp_path))
    assert [c.reason for c in report.coverage if c.status == "crashed"] == []
    assert {**report.metrics["drift"], "several": []} == {"fields": {}, "several": [], "whole": True}


def test_chunks_without_a_field_count_beside_those_with_one(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("{}\n" * 300 + '{"a": "x"}\n' * 100 + "{}\n" * 100)
    source = from_mapping({"resourceID": "t", "ingestMethod": "JSONL", "ingestURL": "a.jsonl"}, folder=tmp_path)
    figures = [
        run_source(source, load_plugins(), RunOptions(scratch=tmp_path, limits=Limits(chunk_bytes=size))).metrics
        for size in (1 << 20, 400)
    ]
    profiled = figures[0]["drift"]["fields"]["$.a"]
    assert (profiled["n"], profiled["missing"], profiled["kinds"]) == (500, 400, {"text": 100})
    assert figures[0]["drift"] == figures[1]["drift"]


def test_every_field_of_typed_data_has_a_profile(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"a": 1, "b": "x", "c": null}, {"a": 2, "b": "y", "c": 3}]')
    source = from_mapping({"resourceID": "t", "ingestMethod": "JSON", "ingestURL": "a.json"}, folder=tmp_path)
    fields = run_source(source, load_plugins(), RunOptions(scratch=tmp_path)).metrics["drift"]["fields"]
    assert {name: (f["n"], f["missing"], f["kinds"]) for name, f in fields.items()} == {
        "$.a": (2, 0, {"integer": 2}), "$.b": (2, 0, {"text": 2}), "$.c": (2, 1, {"integer": 1}),
    }  # fmt: skip


@pytest.mark.parametrize("size", [1, 100, 1 << 20])
def test_a_field_that_has_several_values_somewhere_has_no_profile(tmp_path: Path, size: int) -> None:
    items = ["<category>a</category>" * n + f"<guid>{n}</guid>" for n in (1, 1, 2, 0, 1)]
    text = "<rss><channel>" + "".join(f"<item>{item}</item>" for item in items) + "</channel></rss>"
    (tmp_path / "feed.xml").write_text(text)
    source = from_mapping({"resourceID": "f", "ingestMethod": "RSS", "ingestURL": "feed.xml"}, folder=tmp_path)
    fields = run_source(source, load_plugins(), RunOptions(limits=Limits(chunk_bytes=size))).metrics["drift"]["fields"]
    assert "$.categories" not in fields
    assert fields["$.guid"]["n"] == 5
