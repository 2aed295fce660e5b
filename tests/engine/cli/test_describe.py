"""``potable describe``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Command

ROWS = "id;kind\n" + "".join(f"S{n};{'ab'[n % 2]}\n" for n in range(40))


@pytest.fixture
def table(home: Path) -> Path:
    path = home / "data" / "birds.csv"
    path.parent.mkdir()
    path.write_text(ROWS)
    return path


def test_yaml_goes_to_the_standard_output(potable: Command, table: Path) -> None:
    done = potable("describe", "data/birds.csv")
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "resourceID: birds\n"
        "name: birds.csv\n"
        "ingestMethod: CSV\n"
        "ingestURL: data/birds.csv\n"
        'delimiter: ";"\n'
        "primaryKey: id\n"
        "schema:\n"
        "  fields:\n"
        "    - {name: id, type: string, constraints: {required: true}}\n"
        "    - {name: kind, type: string, constraints: {required: true, enum: [a, b]}}\n"
    )


def test_json(potable: Command, table: Path) -> None:
    done = potable("describe", "data/birds.csv", "--format", "json", "--id", "SCR_1")
    assert json.loads(done.out)["resourceID"] == "SCR_1"


@pytest.mark.parametrize("name", ["catalog/birds.yaml", "catalog/birds.json"])
def test_a_file_is_written_where_the_source_can_be_run(
    potable: Command, table: Path, name: str, lab: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = potable("describe", "data/birds.csv", "--output", name)
    assert (done.code, done.out) == (0, "")
    assert done.err == (
        f"{name}: drafted from 40 records; look at it, then potable lint {name}\n"
        f"potable: ../data/birds.csv lies outside {name}'s folder: a run reads it only where it lies in the catalog's, "
        "or POTABLE_ROOTS lists its folder\n"
    )
    assert potable("run", "birds", "--catalog", "catalog", *lab).code == 3
    assert "../data/birds.csv" in Path(name).read_text()
    assert potable("lint", name, *lab).code == 0
    monkeypatch.setenv("POTABLE_ROOTS", "data")
    assert potable("run", "birds", "--catalog", "catalog", *lab).code == 0
    again = potable("describe", "data/birds.csv", "--output", name)
    assert (again.code, again.err) == (2, f"potable: {name} is there already: name a new file\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["data/bird.csv"], "potable: data/bird.csv can't be described: there's no such file"),
        (["data/birds.csv", "--output", "no/where.yaml"], "there is no folder"),
        ([""], "needs a file or URL"),
        ([], "Missing argument"),
    ],
)
def test_usage_errors(potable: Command, table: Path, arguments: list[str], words: str) -> None:
    done = potable("describe", *arguments)
    assert (done.code, done.out) == (2, "")
    assert words.casefold() in done.err.casefold()


def test_a_file_beside_the_definition_needs_no_word(potable: Command, table: Path) -> None:
    done = potable("describe", "data/birds.csv", "--output", "data/birds.yaml")
    assert done.err == "data/birds.yaml: drafted from 40 records; look at it, then potable lint data/birds.yaml\n"


def test_a_delimiter_that_is_given(potable: Command, table: Path) -> None:
    assert 'delimiter: "\\t"' in potable("describe", "data/birds.csv", "--delimiter", "tab").out
