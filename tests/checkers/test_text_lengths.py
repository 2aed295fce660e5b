"""Texts much longer than the others of their field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from potable.checkers.text import TextChecker
from potable.engine.contracts.report import Report
from potable.engine.definition.model import SourceDefinition
from potable.engine.testing import check_checker

Check = Callable[..., Report]
ON: dict[str, Any] = {"severity": {"text/odd-length": "warning"}}


def told(report: Report) -> list[tuple[str | None, int, int | None]]:
    return [(f.field, f.count, f.samples[0].location.record) for f in report.findings if f.code == "text/odd-length"]


def table(odd: str, names: int = 200) -> str:
    return "id,name\n" + "".join(f"{n},{'wren' if n != 42 else odd}\n" for n in range(names))


def test_the_long_one_at_its_record(check: Check) -> None:
    report = check(table("x" * 40), **ON)
    assert told(report) == [("$.name", 1, 43)]
    (found,) = [f for f in report.findings if f.code == "text/odd-length"]
    assert found.details == {"median": 4, "atLeast": 40}
    assert (
        found.samples[0].message == "x" * 40 + " is much longer than the others: half of them have at most 4 characters"
    )


@pytest.mark.parametrize(("odd", "names"), [("x" * 39, 200), ("wren", 200), ("x" * 40, 99)])
def test_others_say_nothing(check: Check, odd: str, names: int) -> None:
    assert told(check(table(odd, names), **ON)) == []


def test_what_is_frequent_is_not_odd(check: Check) -> None:
    text = "id,name\n" + "".join(f"{n},{'wren' if n % 100 else 'x' * 50}\n" for n in range(2000))
    assert told(check(text, **ON)) == []


def test_a_field_without_an_odd_text_hides_none_of_a_later_one(check: Check) -> None:
    text = "id,code,name\n" + "".join(f"{n},abc,{'wren' if n != 42 else 'x' * 40}\n" for n in range(200))
    for left_out in ("id", "code"):
        assert told(check(text, checks={"text": {"except": [left_out]}}, **ON)) == [("$.name", 1, 43)]


def test_it_is_off_unless_asked_for(check: Check) -> None:
    assert told(check(table("x" * 400))) == []


def test_a_field_can_be_left_out(check: Check) -> None:
    assert told(check(table("x" * 40), checks={"text": {"except": ["name"]}}, **ON)) == []


def test_it_keeps_the_law() -> None:
    source = SourceDefinition(resource_id="t", ingest_method="CSV", severity={"text/odd-length": "warning"})
    check_checker(TextChecker, {"a": ["ab"] * 150 + ["x" * 30], "b": [str(n) for n in range(151)]}, source=source)
