"""Further sources that a checker reads: by name from the catalogue, or a file of its own choosing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

import pytest

from potable.engine import Checker, Code, Engine, Fold, Occurrence, Outcome, Severity
from potable.engine.catalog import open_catalog
from potable.engine.contracts.reading import Chunk
from potable.engine.contracts.report import Report
from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.parse import from_mapping
from potable.engine.findings import Fault
from potable.engine.pipeline.inputs import inputs_of
from potable.engine.plugins import load_plugins

SEEN = Code(
    id="beside/seen",
    severity=Severity.INFO,
    title="Seen",
    meaning="What another source holds.",
    why="A test.",
    example="-",
    mend="-",
)


class _Names(Fold[list[str]]):
    name = "names"
    fields = ("name",)

    def start(self) -> list[str]:
        return []

    def update(self, state: list[str], chunk: Chunk) -> list[str]:
        return [*state, *chunk.frame["$.name"].to_list()]

    def merge(self, left: list[str], right: list[str]) -> list[str]:
        return [*left, *right]

    def finish(self, state: list[str]) -> Outcome:
        raise AssertionError("the state alone is asked for")


class _Ask(Fold[int]):
    name = "ask"
    codes = (SEEN.id,)

    def __init__(self, checker: Beside, source: SourceDefinition) -> None:
        self._checker, self._source = checker, source

    def start(self) -> int:
        return 0

    def update(self, state: int, chunk: Chunk) -> int:
        return state + chunk.records

    def merge(self, left: int, right: int) -> int:
        return left + right

    def finish(self, state: int) -> Outcome:
        other: str | SourceDefinition = self._checker.options["other"]
        if isinstance(other, str) and other.endswith(".csv"):
            members = {"resourceID": "file", "ingestMethod": "CSV", "ingestURL": other}
            other = from_mapping(members, folder=self._source.origin.folder)
        try:
            said = ",".join(self._checker.context.read(other, _Names()))
        except LookupError as e:
            said = f"LookupError: {e}"
        except Fault as e:
            said = f"Fault: {e.occurrence.code}"
        return Outcome(findings=[Occurrence(SEEN.id, said)])


class Beside(Checker):
    """Tells what another source holds."""

    name = "beside"
    codes = (SEEN,)
    options_schema: ClassVar[dict[str, Any]] = {"type": "object", "properties": {"other": {"type": "string"}}}
    default_on = False

    def inputs(self, source: SourceDefinition) -> list[str]:
        return [self.options["other"]]

    def folds(self, source: SourceDefinition) -> Iterable[Fold[Any]]:
        return [_Ask(self, source)]


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    folder = tmp_path / "catalog"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner/names.csv").write_text("name\nann\nbob\n")
    (folder / "inner/b.yaml").write_text("resourceID: B\ningestMethod: CSV\ningestURL: names.csv\n")
    (folder / "gone.yaml").write_text("resourceID: GONE\ningestMethod: CSV\ningestURL: gone.csv\n")
    (folder / "a.csv").write_text("x\n1\n")
    (tmp_path / "outside.csv").write_text("name\nsecret\n")
    return folder


def said(catalog: Path, other: str) -> str:
    text = f"resourceID: A\ningestMethod: CSV\ningestURL: a.csv\nchecks: {{beside: {{other: {other}}}}}\n"
    (catalog / "a.yaml").write_text(text)
    report = Engine(catalog, plugins=[Beside]).run("A")
    (found,) = [f for f in report.findings if f.checker == "beside"]
    return found.samples[0].message


def test_another_source_of_the_catalog(catalog: Path) -> None:
    assert said(catalog, "B") == "ann,bob"


def test_a_file_beside_the_definition(catalog: Path) -> None:
    assert said(catalog, "inner/names.csv") == "ann,bob"


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ("C", "LookupError: there is no source C in the catalogue"),
        ("GONE", "Fault: access/not-found"),
        ("../outside.csv", "Fault: access/blocked-address"),
    ],
)
def test_what_cannot_be_read(catalog: Path, other: str, message: str) -> None:
    assert said(catalog, other) == message


def test_only_what_is_named_is_looked_up(catalog: Path) -> None:
    plugins = load_plugins(modules=[])
    plugins.checkers = {"beside": Beside}
    opened = open_catalog(catalog)
    for checks, names in (({"beside": {"other": "B"}}, ["B"]), ({"beside": {"other": "?"}}, []), ({}, [])):
        source = from_mapping({"resourceID": "A", "ingestMethod": "CSV", "ingestURL": "a.csv", "checks": checks})
        assert list(inputs_of(source, plugins, opened)) == names


def test_without_a_catalog_there_is_no_other_source(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n1\n")
    engine = Engine(plugins=[Beside])
    report: Report = engine.check(tmp_path / "a.csv", checks={"beside": {"other": "B"}})
    (found,) = [f for f in report.findings if f.checker == "beside"]
    assert found.samples[0].message == "LookupError: there is no source B in the catalogue"
