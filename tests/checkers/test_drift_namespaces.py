"""Elements that keep their names and change their namespace, from one run to the next."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from potable.checkers.drift.spaces import moved_names
from potable.engine.contracts.history import History
from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.judging.summary import summarise
from potable.engine.options import RunOptions
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins

Compare = Callable[..., Report]
RECORDS = "".join(f"<stock><id>{n}</id><name>n{n}</name></stock>\n" for n in range(1, 30))
PREFIXED = RECORDS.replace("</", "</s:").replace("<", "<s:").replace("<s:/s:", "</s:")


def stocks(attributes: str = "", records: str = RECORDS) -> str:
    return f'<?xml version="1.0"?>\n<stocks{attributes}>\n{records}</stocks>\n'


@pytest.fixture
def compare(tmp_path: Path) -> Compare:
    """``compare(before, now)``: the report of the second of two runs, the first one accepted."""

    def run(*texts: str, key: str = "$.stock.id.'_$'", **definition: object) -> Report:
        history = History()
        for text in texts:
            (tmp_path / "data.xml").write_text(text, encoding="utf-8")
            members = {
                "resourceID": "t",
                "ingestMethod": "XML",
                "ingestURL": "data.xml",
                "primaryKey": key,
                "documentElement": "stock",
                "topElement": "stocks",
                **definition,
            }
            source = from_mapping(members, folder=tmp_path)
            report = run_source(source, load_plugins(), RunOptions(scratch=tmp_path, history=history))
            summary = summarise(Report.from_dict(json.loads(json.dumps(report.to_dict()))), accepted=True)
            history = History(runs=(summary,))
        return report

    return run


ONE, TWO = ' xmlns="http://example.org/1"', ' xmlns="http://example.org/2"'
THEN = ", in the last accepted run they were in"


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ("", ONE, f"<stocks> and 3 more elements are in the namespace http://example.org/1{THEN} no namespace"),
        (ONE, "", f"are in no namespace{THEN} the namespace http://example.org/1"),
        (ONE, TWO, f"are in the namespace http://example.org/2{THEN} the namespace http://example.org/1"),
    ],
)
def test_a_default_namespace_that_comes_goes_or_changes_is_one_finding(
    compare: Compare, before: str, now: str, said: str
) -> None:
    report = compare(stocks(before), stocks(now))
    (found,) = report.findings
    assert (found.code, found.severity.value, found.count, report.verdict) == ("drift/namespace", "error", 1, "failed")
    assert said in found.samples[0].message
    assert sorted(found.details["elements"]) == ["id", "name", "stock", "stocks"]


def test_a_prefix_that_stands_for_another_namespace(compare: Compare) -> None:
    report = compare(
        stocks(' xmlns:s="http://example.org/1"', PREFIXED), stocks(' xmlns:s="http://example.org/2"', PREFIXED),
        key="$.s:stock.s:id.'_$'", documentElement="s:stock",
    )  # fmt: skip
    (found,) = report.findings
    assert found.code == "drift/namespace"
    assert found.samples[0].message.startswith(
        "<s:stock> and 2 more elements are in the namespace http://example.org/2"
    )


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ((ONE,), (ONE,)),
        (("",), ("",)),
        # declared, and used by no element
        (("",), (' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',)),
        # one that a prefix has as well, in some elements
        ((ONE,), (ONE, RECORDS.replace("<name>", "<name" + TWO + ">", 3))),
    ],
)
def test_none_where_elements_stay_where_they_were(
    compare: Compare, before: tuple[str, ...], now: tuple[str, ...]
) -> None:
    assert [f for f in compare(stocks(*before), stocks(*now)).findings if f.code == "drift/namespace"] == []


def test_namespaces_through_a_filter_and_a_feed(compare: Compare) -> None:
    report = compare(stocks(), stocks(ONE), filterKey="$.stock.name", filterValue="n1")
    assert "drift/namespace" in [f.code for f in report.findings]
    entries = "".join(f"<entry><id>urn:{n}</id><title>t{n}</title></entry>" for n in range(20))
    old, new = (
        f'<feed xmlns="{ns}">{entries}</feed>' for ns in ("http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#")
    )
    report = compare(old, new, key="guid", ingestMethod="RSS")
    assert [f.code for f in report.findings if f.severity.value == "error"] == ["drift/namespace"]


def test_a_feed_in_another_format_is_no_other_namespace(compare: Compare) -> None:
    items = "".join(f"<item><guid>urn:{n}</guid><title>t{n}</title></item>" for n in range(20))
    entries = items.replace("item>", "entry>").replace("guid>", "id>")
    rss = f"<rss version='2.0'><channel><title>c</title>{items}</channel></rss>"
    atom = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>c</title>{entries}</feed>"
    report = compare(rss, atom, key="guid", ingestMethod="RSS")
    assert "drift/namespace" not in [f.code for f in report.findings]


def test_what_another_version_has_left_says_nothing() -> None:
    assert moved_names({"": "stock"}, {"x": ["stock"]}) == {}
    assert moved_names({"": ["a", "b"], "x": ["b"]}, {"x": ["a", "b"]}) == {("", "x"): ["a"]}
