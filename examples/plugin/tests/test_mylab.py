"""The plugin's tests: tables as mappings, through the engine itself."""

from __future__ import annotations

import mylab_potable
import polars as pl
import pytest
from mylab_potable.pairs import Pairs
from mylab_potable.season import Season

from potable.engine import Engine
from potable.engine.testing import check_checker

SEASON = {"season": {"field": "date", "first": "11-01", "last": "12-31"}}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(plugins=[mylab_potable])


def test_a_date_out_of_season_is_found_at_its_record(engine: Engine) -> None:
    report = engine.check(pl.DataFrame({"date": ["2007-11-16", "2007-03-16", "soon"]}), checks=SEASON)
    [finding] = [f for f in report.findings if f.code == "season/out-of-season"]
    assert (finding.count, finding.field) == (1, "$.date")
    assert (finding.samples[0].location.record, finding.samples[0].value) == (2, "2007-03-16")


def test_dates_in_season_are_not(engine: Engine) -> None:
    report = engine.check(pl.DataFrame({"date": ["2007-11-01", "2007-12-31"]}), checks=SEASON)
    assert [f for f in report.findings if f.checker == "season"] == []


@pytest.mark.parametrize(("first", "last"), [("11-01", "02-28")])
def test_a_season_may_span_the_new_year(engine: Engine, first: str, last: str) -> None:
    frame = pl.DataFrame({"date": ["2007-12-24", "2008-01-02", "2008-03-01"]})
    report = engine.check(frame, checks={"season": {"field": "date", "first": first, "last": last}})
    [finding] = [f for f in report.findings if f.checker == "season"]
    assert [s.location.record for s in finding.samples] == [3]


def test_a_nest_with_one_bird_is_found(engine: Engine) -> None:
    frame = pl.DataFrame({"year": ["7", "7", "7"], "bird": ["N1A1", "N1A2", "N2A1"]})
    report = engine.check(frame, checks={"pairs": {"bird": "bird", "group": "year"}})
    [finding] = [f for f in report.findings if f.checker == "pairs"]
    assert [s.value for s in finding.samples] == ["7 N2"]


def test_both_keep_the_contract() -> None:
    table = {"date": ["2007-11-16", "2007-03-16", ""], "bird": ["N1A1", "N1A2", "N2A1"], "year": ["7", "7", "7"]}
    check_checker(Season, table, options=SEASON["season"])
    check_checker(Pairs, table, options={"bird": "bird", "group": "year"})
