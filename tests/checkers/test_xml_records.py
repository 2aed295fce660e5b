"""Keys and rules over XML, through a whole run: kinds, several values, places of nodes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.findings import Finding, Location
from potable.engine.limits import Limits
from potable.engine.options import RunOptions
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins

Run = Callable[..., Report]

STOCKS = b"""<stocks>
 <stock><id>1</id><name>A</name><syn>x</syn></stock>
 <stock><id>2</id><id>3</id><name>B</name><syn>Z</syn>
  <syn>y</syn></stock>
 <stock>
  <id>1</id>
  <name/>
  <syn>Q7</syn>
 </stock>
 <stock><name>D</name><syn>x</syn></stock>
 <stock><id><x>5</x></id><name>E</name><syn>x</syn></stock>
</stocks>
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """``run(data, limits=…, jobs=…, primaryKey=…)``: the report on an XML file of stocks."""

    def runner(data: bytes, limits: Limits | None = None, jobs: int = 1, **definition: Any) -> Report:
        (tmp_path / "stocks.xml").write_bytes(data)
        members = {
            "resourceID": "X", "ingestMethod": "XML", "ingestURL": "stocks.xml", "topElement": "stocks",
            "documentElement": "stock", **definition,
        }  # fmt: skip
        source = from_mapping(members, folder=tmp_path)
        return run_source(source, load_plugins(), RunOptions(limits=limits or Limits(), jobs=jobs))

    return runner


def found(report: Report, code: str) -> list[Finding]:
    return [f for f in report.findings if f.code == code]


def places(finding: Finding) -> list[tuple[int | None, int | None, str | None]]:
    return [(s.location.record, s.location.line, s.location.path) for s in finding.samples]


@pytest.mark.parametrize("size", [1, 100, 1 << 21])
@pytest.mark.parametrize("jobs", [1, 3])
def test_keys(run: Run, size: int, jobs: int) -> None:
    report = run(STOCKS, limits=Limits(chunk_bytes=size), jobs=jobs, primaryKey=["$.stock.id.'_$'"])
    assert (report.counts.records, report.counts.records_with_errors) == (5, 4)
    (several,) = found(report, "keys/not-scalar")
    assert (several.count, several.field) == (1, "$.stock.id.'_$'")
    assert places(several) == [(2, 3, "/stocks/stock[2]/id[1]")]
    (missing,) = found(report, "keys/missing")
    assert (missing.count, places(missing)) == (2, [(4, 10, "/stocks/stock[4]"), (5, 11, "/stocks/stock[5]/id")])
    (twice,) = found(report, "keys/duplicate")
    assert (twice.count, places(twice)) == (1, [(3, 6, "/stocks/stock[3]/id")])
    assert twice.samples[0].message == "key '1' was used before, in record 1 (line 2)"
    arities = {f.field: dict(f.details) for f in found(report, "xml/mixed-arity")}
    assert arities == {"$.stock.id": {"once": 3, "several": 1}}  # nothing is said of syn


@pytest.mark.parametrize("size", [1, 100, 1 << 21])
@pytest.mark.parametrize("method", ["XML", "WEB"])
def test_an_element_is_no_key(run: Run, size: int, method: str) -> None:
    """It's an object, of which the old system made an empty key: one without anything in it is missing."""
    data = STOCKS.replace(b"<stock><name>D", b"<stock><id/><name>D")
    report = run(data, limits=Limits(chunk_bytes=size), ingestMethod=method, primaryKey="$.stock.id")
    (element,) = found(report, "keys/not-scalar")
    assert (element.count, element.field, report.verdict) == (4, "$.stock.id", "failed")
    assert places(element) == [
        (1, 2, "/stocks/stock[1]/id"), (2, 3, "/stocks/stock[2]/id[1]"), (3, 6, "/stocks/stock[3]/id"),
        (5, 11, "/stocks/stock[5]/id"),
    ]  # fmt: skip
    assert element.samples[0].message.endswith("is an element, not a value: its text is at $.stock.id.'_$'")
    (missing,) = found(report, "keys/missing")
    assert (missing.count, places(missing)) == (1, [(4, 10, "/stocks/stock[4]/id")])
    attributes = b"<stocks><stock id='1'><id>1</id></stock><stock id='2'><id>2</id></stock></stocks>"
    for key in ("$.stock.@id", "$.stock.id.'_$'"):
        assert not found(run(attributes, primaryKey=key), "keys/not-scalar")


@pytest.mark.parametrize("size", [1, 1 << 21])
def test_rules_over_several_values(run: Run, size: int) -> None:
    rules = {"ValueExists": [{"path": "$.stock.name"}, {"path": "$.stock.syn", "valueRegex": "[a-z]"}]}
    report = run(STOCKS, limits=Limits(chunk_bytes=size), qcRules=rules)
    (missing,) = found(report, "rules/value-missing")
    assert (missing.count, places(missing)) == (1, [(3, 7, "/stocks/stock[3]/name")])
    (other,) = found(report, "rules/value-mismatch")
    assert (other.count, places(other)) == (1, [(3, 8, "/stocks/stock[3]/syn")])
    assert other.samples[0].value == "Q7"
    start = STOCKS.index(b"<stock>\n")
    assert other.samples[0].location == Location(
        file="stocks.xml", line=8, byte=start, record=3, path="/stocks/stock[3]/syn"
    )


@pytest.mark.parametrize("jobs", [1, 3])
def test_what_comes_before_a_fault_counts(run: Run, jobs: int) -> None:
    report = run(STOCKS[:-10], limits=Limits(chunk_bytes=60), jobs=jobs, primaryKey=["$.stock.id.'_$'"])
    assert report.verdict == "inconclusive"
    assert report.counts.records == 5
    report = run(
        STOCKS[: STOCKS.index(b"D</name>")], limits=Limits(chunk_bytes=60), jobs=jobs, primaryKey=["$.stock.id.'_$'"]
    )
    (broken,) = found(report, "xml/syntax")
    assert (report.verdict, report.counts.records, broken.count) == ("inconclusive", 3, 1)
    assert (broken.samples[0].location.line, broken.samples[0].location.byte) == (10, STOCKS.index(b"D</name>"))
    (several,) = found(report, "keys/not-scalar")
    assert (several.count, places(several)) == (1, [(2, 3, "/stocks/stock[2]/id[1]")])


def test_masks_hold_for_either_spelling(run: Run) -> None:
    data = STOCKS.replace(b"<name>A</name>", b"<name>TBD</name>")
    for field in ("$.stock.name", "$.stock.name.'_$'"):
        report = run(data, values={field: "masked"})
        (placeholder,) = found(report, "text/placeholder")
        assert placeholder.field == field
        assert placeholder.samples[0].value == "XXX"
        assert "TBD" not in str(report.to_dict())


def test_a_path_that_no_record_can_have_is_the_one_finding(run: Run) -> None:
    rules = {"ValueExists": [{"path": "$.id"}, {"path": "$.stock.none"}]}
    report = run(b"<r><stock><id>1</id></stock><stock/></r>", topElement="r", primaryKey="id", qcRules=rules)
    assert [(f.code, f.field, f.count) for f in report.findings] == [
        ("rules/value-missing", "$.stock.none", 2),
        ("xml/wrong-path", "$.id", 1),
    ]
