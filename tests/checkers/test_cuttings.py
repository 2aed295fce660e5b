"""The law of whole runs: however the data are cut, and whoever works on the chunks, the report is the same."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.findings import Finding
from potable.engine.limits import Limits
from potable.engine.options import RunOptions
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins

PLUGINS = load_plugins()
CUTS = st.sampled_from([1, 30, 100, 400])
JOBS = st.sampled_from([1, 2])


def findings(data: str | bytes, chunk_bytes: int, jobs: int = 1, **definition: Any) -> Mapping[Any, Finding]:
    """What a run finds, by code, field and rule."""
    return {(f.code, f.field, f.rule): f for f in report(data, chunk_bytes, jobs, **definition).findings}


def report(data: str | bytes, chunk_bytes: int, jobs: int = 1, *, cells: int = 4_000_000, **definition: Any) -> Report:
    """The report of a run."""
    with tempfile.TemporaryDirectory(prefix="potable-test-") as folder:
        scratch = Path(folder)
        (scratch / "data").write_bytes(data.encode() if isinstance(data, str) else data)
        members = {"resourceID": "test", "ingestMethod": "JSON", "ingestURL": "data", **definition}
        options = RunOptions(scratch=scratch, limits=Limits(chunk_bytes=chunk_bytes, cells=cells), jobs=jobs)
        return run_source(from_mapping(members, folder=scratch), PLUGINS, options)


WHOLE = 1 << 20
LONG = st.sampled_from(["x" * 255, "y" * 255, "z" * 7, "12"])
ARRAY_OR_OBJECT = st.lists(LONG, max_size=2) | st.fixed_dictionaries({}, optional={"a": LONG, "b": LONG})


@pytest.mark.parametrize("definition", [{}, {"filterJsonPath": "$.k", "filterValue": "1"}], ids=["all", "filtered"])
@pytest.mark.parametrize("nested", [False, True])
@given(st.lists(ARRAY_OR_OBJECT, min_size=2, max_size=12), CUTS, JOBS)
@settings(max_examples=10, deadline=None)
def test_items_are_those_of_arrays_in_a_second_pass_too(
    nested: bool, definition: dict[str, str], values: list[Any], cut: int, jobs: int
) -> None:
    text = json.dumps([{"k": "1", "f": [{"g": value}] if nested else value} for value in values])
    whole = findings(text, WHOLE, **definition)
    assert findings(text, cut, jobs, **definition) == whole
    items = "$.f[*].g[*]" if nested else "$.f[*]"
    told = [f.count for (code, field, _), f in whole.items() if (code, field) == ("spreadsheet/truncated-cell", items)]
    assert sum(told) == sum(isinstance(value, list) and any(len(t) == 255 for t in value) for value in values)


def test_a_path_that_the_definition_names_has_members_too() -> None:
    text = json.dumps([{"f": ["x" * 255]}, {"f": {"a": "y" * 255}}])
    for cut in (1, WHOLE):
        found = findings(text, cut, checks={"keys": {"unique": ["$.f[*]"]}})
        assert found["spreadsheet/truncated-cell", "$.f[*]", "255 characters"].count == 2


IDS = st.sampled_from(["10.1234/abc", "10.1234/def", "10.12", "doi " + "x" * 90, "n/a"])
SHOWN = st.sampled_from(["shown", "masked", "none"])


@given(st.lists(IDS, min_size=1, max_size=30), SHOWN, st.sampled_from([100, 400]))
@settings(max_examples=8, deadline=None)
def test_a_second_pass_words_samples_as_the_first_does(ids: list[str], values: str, cut: int) -> None:
    # Where the values of a chunk don't tell what they are, it's looked at again; else it was looked at already.
    text = json.dumps([*({"doi": text} for text in ["10.12", *["?"] * 9, *ids]), *[{"doi": "10.1234/ghi"}] * 90])
    whole = findings(text, WHOLE, values=values)
    assert findings(text, cut, values=values) == whole
    told = whole["identifiers/malformed", "$.doi", None].samples[0].message
    told_of = {"shown": "10.12", "masked": "99.99", "none": "(not shown)"}
    assert told == f'"{told_of[values]}" isn\'t a DOI'


DIFFERENT = st.sampled_from(["2,5", "7,25", "1.00E+05", "2.0", "2.5", "1,234.5e3", "3"])


@given(st.lists(DIFFERENT, min_size=3, max_size=30), CUTS, JOBS)
@settings(max_examples=25, deadline=None)
def test_decimal_points_are_counted_in_integers_too(numbers: list[str], cut: int, jobs: int) -> None:
    text = "dose\n" + "".join(f'"{number}"\n' for number in numbers)
    assert findings(text, cut, jobs, ingestMethod="CSV") == findings(text, WHOLE, ingestMethod="CSV")


@given(st.lists(st.lists(st.sampled_from(["n/a", "N/A", "-", "x"]), max_size=4), min_size=2, max_size=9), CUTS, JOBS)
@settings(max_examples=25, deadline=None)
def test_of_several_words_of_one_record_the_first_is_told(records: list[list[str]], cut: int, jobs: int) -> None:
    text = json.dumps([{"f": words} for words in records])
    whole = findings(text, WHOLE)
    assert findings(text, cut, jobs) == whole
    told = whole.get(("text/placeholder", "$.f[*]", None))
    for sample in told.samples if told is not None else ():
        words = records[(sample.location.record or 0) - 1]
        assert sample.value == next(word for word in words if word != "x")


@given(st.lists(st.lists(st.sampled_from(["", "a"]), max_size=2), min_size=2, max_size=8), CUTS, JOBS)
@settings(max_examples=25, deadline=None)
def test_a_record_of_empty_values_equals_none_whatever_the_others_have(
    records: list[list[str]], cut: int, jobs: int
) -> None:
    inside = ["".join(f"<f>{value}</f>" for value in values) for values in records]
    text = "<r>" + "".join(f"<s>{values}</s>" for values in inside) + "</r>"
    method = {
        "ingestMethod": "XML",
        "topElement": "r",
        "documentElement": "s",
        "qcRules": {"ValueExists": [{"path": "$.s.f"}]},
    }
    assert findings(text, cut, jobs, **method) == findings(text, WHOLE, **method)


SPARSE = st.fixed_dictionaries({}, optional={"id": st.just("a"), "Id": st.sampled_from(["b", None]), "k": st.just("1")})


@pytest.mark.parametrize("definition", [{}, {"filterJsonPath": "$.k", "filterValue": "1"}], ids=["all", "filtered"])
@given(st.lists(SPARSE, min_size=1, max_size=9), CUTS, JOBS)
@settings(max_examples=20, deadline=None)
def test_a_field_that_no_record_has(
    definition: dict[str, str], records: list[dict[str, str]], cut: int, jobs: int
) -> None:
    text = json.dumps(records)
    keyed = {**definition, "primaryKey": "$.Id"}
    whole = findings(text, WHOLE, **keyed)
    assert findings(text, cut, jobs, **keyed) == whole
    there = [record for record in records if not definition or "k" in record]
    nowhere = bool(there) and not any("Id" in record for record in there) and any("id" in record for record in records)
    assert (("json/wrong-path", "$.Id", None) in whole) == nowhere


VALUE = st.sampled_from(["a", "1.5", "2,5"])
VARIED = st.fixed_dictionaries(
    {"k": st.sampled_from(["1", "2"])},
    optional={"f": VALUE | st.lists(VALUE, max_size=3), "g": VALUE, "h": st.fixed_dictionaries({"x": VALUE})},
)


@pytest.mark.parametrize("method", ["JSON", "XML"])
@pytest.mark.parametrize("cells", [4_000_000, 3])
@given(st.lists(VARIED, min_size=1, max_size=9), CUTS, JOBS)
@settings(max_examples=12, deadline=None)
def test_what_a_filter_leaves_out_shows_nowhere(
    method: str, cells: int, records: list[dict[str, Any]], cut: int, jobs: int
) -> None:
    filtered = {"filterJsonPath": "$.k", "filterValue": "1"}
    text = json.dumps(records)
    if method == "XML":
        text = f"<r>{''.join(f'<s>{elements(record)}</s>' for record in records)}</r>"
        filtered = {"topElement": "r", "documentElement": "s", "filterXMLPath": "$.s.k", "filterValue": "1"}
    whole = report(text, WHOLE, ingestMethod=method, **filtered)
    part = report(text, cut, jobs, cells=cells, ingestMethod=method, **filtered)
    assert (part.findings, part.metrics, part.counts) == (whole.findings, whole.metrics, whole.counts)
    assert [line.status for line in part.coverage] == [line.status for line in whole.coverage]


def elements(record: Mapping[str, Any]) -> str:
    """A record's members as elements."""
    return "".join(
        f"<{name}>{elements(value) if isinstance(value, dict) else value}</{name}>"
        for name, values in record.items()
        for value in (values if isinstance(values, list) else [values])
    )
