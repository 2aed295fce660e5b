"""Where the local data of an embedding program may lie: one rule, whoever asks."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from potable.engine import Engine, Report, SourceDefinition
from potable.engine.contracts.catalog import Catalog
from potable.engine.errors import UnknownSource
from potable.engine.toolkit import from_mapping


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A file that isn't in the current folder."""
    file = tmp_path / "far" / "deep" / "data.csv"
    file.parent.mkdir(parents=True)
    file.write_text("id,age\n1,7\n")
    return file


def blocked(report: Report) -> bool:
    return [f.code for f in report.findings] == ["access/blocked-address"]


def definition_of(file: Path | str) -> dict[str, Any]:
    return {"resourceID": "R", "ingestMethod": "CSV", "ingestURL": str(file)}


def test_what_the_caller_names_itself_may_lie_anywhere(data: Path) -> None:
    pattern = data.parents[1] / "*" / "data.csv"
    urls = [data.as_uri(), f"file:{data}", f"file://localhost{data}"]
    for place in (data, str(data), pattern, *urls):
        assert Engine().check(place).verdict == "passed", place
    assert blocked(Engine().check(f"file://elsewhere{data}"))
    assert Engine().describe(data.as_uri(), folder=data.parent)["ingestURL"] == "data.csv"


def test_a_file_url_is_read_by_its_first_bytes_as_a_path_is(tmp_path: Path) -> None:
    file = tmp_path / "no suffix"
    file.write_text('[{"id": 1}, {"id": 2}]')
    report = Engine().check(file.as_uri())
    assert (report.source.ingest_method, report.counts.records) == ("JSON", 2)


def test_a_mappings_data_lie_in_the_current_folder_or_a_root(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = definition_of(data)
    assert blocked(Engine().check(outside))
    assert Engine(roots=data.parent).check(outside).verdict == "passed"
    monkeypatch.chdir(data.parents[1])
    assert Engine().check(definition_of("deep/data.csv")).verdict == "passed"
    assert Engine().check(outside).verdict == "passed"


def test_a_catalog_takes_nothing_from_a_mapping(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = tmp_path / "catalog"
    catalog.mkdir()
    (catalog / "near.csv").write_text("id,age\n1,7\n")
    monkeypatch.chdir(data.parent)
    engine = Engine(catalog)
    assert engine.check(definition_of("data.csv")).verdict == "passed"
    assert engine.check(definition_of(catalog / "near.csv")).verdict == "passed"


def test_no_roots_are_those_of_the_environment(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = tmp_path / "catalog"
    catalog.mkdir()
    (catalog / "r.json").write_text(json.dumps(definition_of(data)))
    monkeypatch.setenv("POTABLE_ROOTS", os.pathsep.join((str(tmp_path / "other"), str(data.parents[1]))))
    assert Engine(catalog).run("R").verdict == "passed"
    assert Engine().check(definition_of(data)).verdict == "passed"
    assert blocked(Engine(catalog, roots=()).run("R"))
    (tmp_path / "other").mkdir()
    assert blocked(Engine(catalog, roots=[tmp_path / "other"]).run("R"))
    monkeypatch.delenv("POTABLE_ROOTS")
    assert blocked(Engine(catalog).run("R"))


class Single(Catalog):
    """One source, of a definition in a folder of its own."""

    name = "single"

    def __init__(self, source: SourceDefinition) -> None:
        self.source = source

    @classmethod
    def opens(cls, location: str) -> bool:
        return False

    @classmethod
    def open(cls, location: str) -> Single:
        raise NotImplementedError

    def ids(self) -> Any:
        return iter([self.source.resource_id])

    def get(self, resource_id: str) -> SourceDefinition:
        if resource_id != self.source.resource_id:
            raise UnknownSource(resource_id)
        return self.source


def test_roots_are_beside_the_definitions_own_folder(data: Path, tmp_path: Path) -> None:
    source = from_mapping(definition_of("data.csv"), folder=data.parent)
    (tmp_path / "other").mkdir()
    for roots in (None, tmp_path / "other"):
        assert Engine(Single(source), roots=roots).run("R").verdict == "passed"
        assert Engine(roots=roots).check(source).verdict == "passed"
