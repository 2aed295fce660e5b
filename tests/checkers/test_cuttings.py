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

from potable.engine.definition.parse import from_mapping
from potable.engine.findings import Finding
from potable.engine.limits import Limits
from potable.engine.pipeline import RunOptions, run_source
from potable.engine.plugins import load_plugins

PLUGINS = load_plugins()
CUTS = st.sampled_from([1, 30, 100, 400])
JOBS = st.sampled_from([1, 2])


def findings(data: str | bytes, chunk_bytes: int, jobs: int = 1, **definition: Any) -> Mapping[Any, Finding]:
    """What a run finds, by code, field and rule."""
    with tempfile.TemporaryDirectory(prefix="potable-test-") as folder:
        scratch = Path(folder)
        (scratch / "data").write_bytes(data.encode() if isinstance(data, str) else data)
        members = {"resourceID": "test", "ingestMethod": "JSON", "ingestURL": "data", **definition}
        options = RunOptions(scratch=scratch, limits=Limits(chunk_bytes=chunk_bytes), jobs=jobs)
        report = run_source(from_mapping(members, folder=scratch), PLUGINS, options)
    return {(f.code, f.field, f.rule): f for f in report.findings}


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
