"""Files of reports by their names from a repository's root: what is there, as it lies there, and nothing else."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from potable.engine.contracts.report import Report
from potable.engine.findings import Location
from potable.engine.reporting.places import Place, Places, Rooted, told


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name in ("cat/sub/penguins.yaml", "cat/sub/d.csv", "cat/sub/_defaults.yaml", "cat/_defaults.yaml",
                 "cat/sub/s/x.json", "cat/data/z.zip", "cat/top.csv", "d.csv", "away.csv"):  # fmt: skip
        (tmp_path / "repo" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "repo" / name).write_text("x")
    return tmp_path / "repo"


@pytest.fixture
def penguins(clean: Report) -> Report:
    return Report.from_dict(clean.to_dict() | {
        "source": clean.to_dict()["source"] | {"definition": {"sha256": "", "file": "sub/penguins.yaml"}},
    })  # fmt: skip


DEFINITION = Place("cat/sub/penguins.yaml", inside=True, exact=False)


@pytest.mark.parametrize(
    ("file", "checker", "place"),
    [
        ("d.csv", "schema", Place("cat/sub/d.csv", inside=True)),
        ("../top.csv", "schema", Place("cat/top.csv", inside=True)),
        ("../../away.csv", "schema", Place("away.csv", inside=True)),
        ("sub/penguins.yaml", "schema", Place("cat/sub/penguins.yaml", inside=True)),
        ("sub/s/x.json", "definition", Place("cat/sub/s/x.json", inside=True)),
        ("_defaults.yaml", "definition", Place("cat/_defaults.yaml", inside=True)),
        ("sub/_defaults.yaml", "definition", Place("cat/sub/_defaults.yaml", inside=True)),
        ("../data/z.zip/in/m.csv", "text", Place("cat/data/z.zip", inside=True, exact=False)),
        ("gone.csv", "access", DEFINITION),
        ("s", "access", DEFINITION),
        ("d.csv\0", "access", DEFINITION),
        ("x" * 5000, "access", DEFINITION),
    ],
)
def test_files_of_a_definition(
    repository: Path, penguins: Report, file: str, checker: str, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for catalog in (repository / "cat", Path(os.path.relpath(repository / "cat"))):
        places = Rooted(repository, catalog)
        assert places.of(penguins, Location(file=file), checker) == place
        assert places.of(penguins, Location(file=file), checker) == place


def test_what_came_from_elsewhere_is_the_definitions(repository: Path, penguins: Report) -> None:
    places = Rooted(repository, repository / "cat")
    remote = Location(file="d.csv", url="https://example.org/d.csv", line=3)
    assert places.of(penguins, remote, "schema") == DEFINITION
    assert places.of(penguins, Location(), "accounting") == DEFINITION
    assert told(DEFINITION, remote, "is odd") == "d.csv:3: is odd"
    assert told(Place("cat/sub/d.csv", inside=True), remote, "is odd") == "is odd"
    # Of no known definition it has no file in the repository, whatever lies there by that name.
    assert Rooted(repository).of(penguins, remote, "schema") is None
    assert Places().of(penguins, remote, "schema") is None


@pytest.mark.parametrize(
    ("address", "local"),
    [
        (None, False), ("d.csv", True), ("C:\\d.csv", True), ("file:d.csv", True), ("FILE:///d.csv", True),
        ("sqlite:///d.csv", False), ("jdbc:sqlite:d.csv", False), ("https://example.org/d.csv", False),
        ("a:b.csv", True),
    ],
)  # fmt: skip
def test_records_of_no_file_are_the_definitions(
    repository: Path, penguins: Report, address: str | None, local: bool
) -> None:
    """A database's rows are called ``rows``, those of a definition ``data``: a file of that name isn't meant."""
    report = replace(penguins, source=replace(penguins.source, ingest_url=address))
    places = Rooted(repository, repository / "cat")
    here = Place("cat/sub/d.csv", inside=True)
    for at in (Location(file="d.csv", record=1), Location(file="d.csv", byte=0)):
        assert places.of(report, at, "text") == (here if local else DEFINITION)
    assert places.of(report, Location(file="d.csv", line=1), "xsd") == here


def test_definitions_on_the_web_keep_their_addresses(repository: Path, penguins: Report) -> None:
    at = Location(file="https://example.org/p.json", line=3)
    for places in (Places(), Rooted(repository)):
        assert places.of(penguins, at, "definition") is None
    assert told(None, at, "is odd") == "https://example.org/p.json:3: is odd"


def test_files_outside_and_by_links(repository: Path, penguins: Report, tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text("x")
    places = Rooted(repository / "cat", repository / "cat")
    assert places.of(penguins, Location(file=str(outside)), "schema") == Place(outside.as_posix())
    assert places.of(penguins, Location(file="../../away.csv"), "schema") == Place((repository / "away.csv").as_posix())
    (tmp_path / "linked").symlink_to(repository)
    by_link = Rooted(repository, tmp_path / "linked" / "cat")
    assert by_link.of(penguins, Location(file="d.csv"), "schema") == Place("cat/sub/d.csv", inside=True)
    (repository / "cat" / "sub" / "link.csv").symlink_to(outside)
    for catalog in (repository / "cat", tmp_path / "linked" / "cat"):
        linked = Rooted(repository, catalog).of(penguins, Location(file="link.csv"), "schema")
        assert linked == Place("cat/sub/link.csv", inside=True)


def test_a_catalog_that_is_one_file(repository: Path, clean: Report) -> None:
    (repository / "cat" / "penguins.yaml").write_text("x")
    places = Rooted(repository, repository / "cat" / "penguins.yaml")
    assert places.of(clean, Location(file="top.csv"), "schema") == Place("cat/top.csv", inside=True)
    assert places.definition(clean) == Place("cat/penguins.yaml", inside=True, exact=False)


def test_without_a_catalog_names_stay_as_given(repository: Path, clean: Report) -> None:
    assert Rooted(repository).of(clean, Location(file="nosuch.csv"), "schema") == Place("nosuch.csv")
    assert Places().of(clean, Location(file="any.csv"), "schema") == Place("any.csv")
    assert Places().definition(clean) is None
