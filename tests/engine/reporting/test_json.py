"""The JSON report and its schema."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from potable.engine.contracts.report import Report, schema
from potable.engine.findings import Severity
from potable.engine.reporting.json import JsonReporter, _dumped, dump


@pytest.mark.parametrize("name", ["clean", "usual", "hostile", "huge"])
def test_reports_keep_the_schema(name: str, request: pytest.FixtureRequest) -> None:
    report: Report = request.getfixturevalue(name)
    if name == "huge":  # a few of each kind are enough
        report = dataclasses.replace(report, findings=report.findings[::500])
        fixed = tuple(
            dataclasses.replace(f, samples=tuple(s for s in f.samples if s.location.record)) for f in report.findings
        )
        report = dataclasses.replace(report, findings=fixed)
    data = json.loads(JsonReporter().render(report))
    assert list(Draft202012Validator(schema()).iter_errors(data)) == []
    assert Report.from_dict(data).to_dict() == report.to_dict()


def test_the_schema_is_one_and_describes_each_member() -> None:
    Draft202012Validator.check_schema(schema())

    def members(node: Any, path: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
        if isinstance(node, dict):
            for name, member in node.get("properties", {}).items():
                yield f"{path}.{name}", member
            for name, child in node.items():
                yield from members(child, f"{path}.{name}")

    found = list(members(schema()))
    assert len(found) > 60
    assert [path for path, member in found if not member.get("description")] == []


def test_the_schema_names_each_member_of_a_report(usual: Report) -> None:
    def strict(node: Any) -> Any:
        if isinstance(node, dict):
            node = {k: strict(v) for k, v in node.items()}
            if "properties" in node:
                node["additionalProperties"] = False
        return [strict(v) for v in node] if isinstance(node, list) else node

    assert list(Draft202012Validator(strict(schema())).iter_errors(usual.to_dict())) == []


@pytest.mark.parametrize(
    ("pointer", "value"),
    [("verdict", "ok"), ("schemaVersion", "2"), ("counts", {"records": -1}), ("findings", [{}]), ("why", [1])],
)
def test_the_schema_refuses_what_is_no_report(usual: Report, pointer: str, value: Any) -> None:
    assert list(Draft202012Validator(schema()).iter_errors(usual.to_dict() | {pointer: value}))


def test_json_is_inert_and_exact(hostile: Report) -> None:
    text = JsonReporter().render(hostile)
    assert json.loads(text) == hostile.to_dict()
    assert not any(c in text for c in "\x1b\x9b\u202e\u200b")
    assert text.endswith("}\n")


def test_letters_stay_letters(clean: Report) -> None:
    named = dataclasses.replace(clean, source=dataclasses.replace(clean.source, name="Vögel 鳥"))
    assert '"name": "Vögel 鳥"' in JsonReporter().render(named)


def test_figures_that_are_not_finite_become_null(clean: Report) -> None:
    odd = dataclasses.replace(clean, metrics={"mean": float("nan"), "all": [1.5, float("inf")]})
    assert json.loads(JsonReporter().render(odd))["metrics"] == {"mean": None, "all": [1.5, None]}


ODD = ["\udc80", "\u2028", "\x7f", "鳥"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(ODD)
    | st.sampled_from([date(2026, 1, 2), datetime(2026, 1, 2, 3), Decimal("1.50"), Severity.ERROR, np.float64(0.5)]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
    | st.lists(inner, max_size=2).map(tuple),
    max_leaves=12,
)  # fmt: skip


@given(VALUES)
def test_the_quick_encoder_says_what_pythons_does(value: Any) -> None:
    quick, slow = dump({"x": value}), _dumped({"x": value})
    assert json.loads(quick) == json.loads(slow)
    if not re.search(r"\d[eE]|\\u|\d{17}", quick + slow):  # numbers may be spelt otherwise, and characters escaped
        assert quick == slow + "\n"


def test_what_only_python_encodes() -> None:
    deep: Any = 1
    for _ in range(300):
        deep = [deep]
    for value in ("\udc80", 1 << 70, {1: "one"}, deep):
        assert json.loads(dump({"x": value})) == json.loads(json.dumps({"x": value}))


def test_several_reports_are_an_array(clean: Report, usual: Report) -> None:
    assert json.loads(JsonReporter().render_all([clean, usual])) == [clean.to_dict(), usual.to_dict()]
    assert json.loads(JsonReporter().render_all([])) == []
