"""What the tests of the checkers share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

import potable.checkers
from potable.engine.checker import Checker
from potable.engine.contracts.report import Report
from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.parse import from_mapping
from potable.engine.findings import Finding, Occurrence
from potable.engine.lint import lint_source
from potable.engine.pipeline import RunOptions, run_source
from potable.engine.plugins import load_plugins
from potable.engine.testing import findings_of


def source_of(**members: Any) -> SourceDefinition:
    """A source of CSV with these members."""
    return SourceDefinition(resource_id="test", ingest_method="CSV", **members)


@pytest.fixture
def find() -> Callable[..., dict[tuple[str, str | None], Finding]]:
    """``find(checker, table, options=None, **members)``: its findings by (code, field)."""

    def run(
        checker: type[Checker],
        table: Mapping[str, Sequence[str | None]],
        *,
        options: Mapping[str, Any] | None = None,
        **members: Any,
    ) -> dict[tuple[str, str | None], Finding]:
        findings = findings_of(checker, table, options=options, source=source_of(**members))
        return {(f.code, f.field): f for f in findings}

    return run


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
