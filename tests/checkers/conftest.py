"""What the tests of the checkers share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import potable.checkers
from potable.engine.checker import Checker
from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.findings import Occurrence
from potable.engine.lint import lint_source
from potable.engine.options import RunOptions
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins


@pytest.fixture
def check(tmp_path: Path) -> Callable[..., Report]:
    """``check(text, **definition)``: the report of a run over a CSV file, with this distribution's checkers."""

    def run(text: str | bytes, **definition: Any) -> Report:
        data = text.encode() if isinstance(text, str) else text
        (tmp_path / "data.csv").write_bytes(data)
        members = {"resourceID": "test", "ingestMethod": "CSV", "ingestURL": "data.csv", **definition}
        source = from_mapping(members, folder=tmp_path)
        return run_source(source, load_plugins(), RunOptions(scratch=tmp_path))

    return run


@pytest.fixture
def lint(tmp_path: Path) -> Callable[..., list[Occurrence]]:
    """``lint(**definition)``: what is wrong with a definition."""

    def run(**definition: Any) -> list[Occurrence]:
        members = {"resourceID": "test", "ingestMethod": "CSV", "ingestURL": "data.csv", **definition}
        return lint_source(from_mapping(members, folder=tmp_path), load_plugins())

    return run


@pytest.fixture(scope="session")
def all_checkers() -> Sequence[type[Checker]]:
    """This distribution's checkers."""
    return potable.checkers.potable_checkers()
