"""Each kind of catalog from the command line: a folder, a file, a web server, a table, a plugin's own."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.loopback import serving

PLUGIN = """
from pathlib import Path

from potable.engine import hookimpl
from potable.engine.contracts.catalog import Catalog
from potable.engine.errors import CatalogError, UnknownSource
from potable.engine.toolkit import from_mapping

potable_api = 1


class Fixed(Catalog):
    name = "fixed"

    @classmethod
    def opens(cls, location):
        return location.startswith("fixed:")

    @classmethod
    def open(cls, location):
        if location != "fixed:catalog":
            raise CatalogError("only fixed:catalog is there")
        return cls()

    def ids(self):
        return iter(["B", "good"])

    def get(self, resource_id):
        if resource_id != "good":
            raise UnknownSource(resource_id, "fixed:catalog", ("good",))
        members = {"resourceID": "good", "ingestMethod": "CSV", "ingestURL": "good.csv"}
        return from_mapping(members, folder=Path("catalog"))


@hookimpl
def potable_catalogs():
    return [Fixed]
"""


@pytest.fixture
def site(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A web server of the folder ``catalog``: its address."""
    monkeypatch.setenv("POTABLE_ALLOW_HOSTS", "127.0.0.1")
    with serving(home / "catalog") as address:
        yield address


@pytest.fixture(params=["folder", "file", "web", "table", "plugin"])
def catalog(request: pytest.FixtureRequest, home: Path) -> list[str]:
    """Arguments that name a catalog with the source ``good``."""
    match request.param:
        case "folder":
            return ["--catalog", "catalog"]
        case "file":
            return ["--catalog", "catalog/good.yaml"]
        case "web":
            site = request.getfixturevalue("site")
            (home / "catalog" / "index.json").write_text(json.dumps(["good"]))
            return ["--catalog", site + "/{resourceID}.yaml#ids=index.json"]
        case "table":
            pytest.importorskip("sqlalchemy", reason="the extra `sql` isn't installed")
            text = (home / "catalog" / "good.yaml").read_text().replace("good.csv", "catalog/good.csv")
            table(home, [("good", text)])
            return ["--catalog", "sqlite:///cat.db?table=sources"]
    (home / "fixed.py").write_text(PLUGIN)
    return ["--catalog", "fixed:catalog", "--plugin", "fixed.py"]


def table(home: Path, rows: list[tuple[str, str | None]]) -> None:
    with sqlite3.connect(home / "cat.db") as base:
        base.execute("CREATE TABLE sources (resource_id TEXT, definition TEXT)")
        base.executemany("INSERT INTO sources VALUES (?, ?)", rows)
    base.close()


def test_a_source_runs(potable: Callable[..., Any], catalog: list[str]) -> None:
    done = potable("run", "good", *catalog)
    assert (done.code, "PASSED" in done.out, done.err) == (0, True, "")
    listed = potable("sources", *catalog, "--format", "json")
    row = next(r for r in json.loads(listed.out) if r["resourceID"] == "good")
    assert (row["ingestMethod"], row["fault"], row["run"]["verdict"]) == ("CSV", None, "passed")


def test_one_that_is_not_there(potable: Callable[..., Any], catalog: list[str]) -> None:
    done = potable("run", "goood", *catalog)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("potable: no source 'goood' in ")
    assert done.err.endswith("did you mean good?\n")


def test_a_folder_with_a_broken_file_and_an_identifier_twice(potable: Callable[..., Any], home: Path) -> None:
    folder = home / "catalog"
    (folder / "broken.yaml").write_text("resourceID: broken\ningestMethod: [CSV\n")
    (folder / "twice.yaml").write_text((folder / "good.yaml").read_text())
    done = potable("run", "good", "--catalog", "catalog", "--format", "json")
    assert done.code == 0
    [told] = [f for f in json.loads(done.out)["findings"] if f["code"] == "definition/duplicate-id"]
    assert told["samples"][0]["message"] == "the resourceID good is also that of twice.yaml, line 1, which is never run"
    done = potable("run", "broken", "--catalog", "catalog")
    assert (done.code, done.err[:29]) == (2, "potable: broken.yaml:3: not Y")
    done = potable("sources", "--catalog", "catalog")
    assert (done.code, done.err[:40]) == (0, "potable: broken.yaml:3 can't be used: no")
    assert next(line.split()[:3] for line in done.out.splitlines() if line.startswith("good ")) == [
        "good",
        "CSV",
        "PASSED",
    ]
    done = potable("lint", "catalog")
    assert (done.code, done.out.splitlines()[-1]) == (1, "1 error, 1 warning in 7 definitions")
    text = (folder / "good.yaml").read_text() + "severity: {definition/duplicate-id: error}\n"
    (folder / "good.yaml").write_text(text)
    assert potable("run", "good", "--catalog", "catalog").code == 1
    row = next(line for line in potable("sources", "--catalog", "catalog").out.splitlines() if line.startswith("good "))
    assert row.split()[:3] == ["good", "CSV", "BROKEN"]


def test_a_table_with_a_broken_row_and_an_identifier_twice(potable: Callable[..., Any], home: Path) -> None:
    pytest.importorskip("sqlalchemy", reason="the extra `sql` isn't installed")
    good = "resourceID: good\ningestMethod: CSV\ningestURL: catalog/good.csv\n"
    table(home, [("good", good), ("good", good), ("broken", "resourceID: ["), ("none", None), ("other", good)])
    where = ["--catalog", "sqlite:///cat.db?table=sources"]
    done = potable("run", "good", *where)
    assert (done.code, "definition/duplicate-id" in done.out) == (0, True)
    for name, words in (
        ("broken", "sources/broken:1: not YAML"), ("none", "the definition's column is empty"),
        ("other", "sources/other: the definition there isn't of other but of good"),
    ):  # fmt: skip
        done = potable("run", name, *where)
        assert (done.code, words in done.err) == (2, True), done.err
    done = potable("sources", *where)
    assert (done.code, done.err, done.out.count("BROKEN")) == (0, "", 3)
    said = json.loads(potable("lint", *where, "--format", "json").out)
    assert [(s["code"], s["location"]["file"]) for s in said] == [
        ("definition/invalid", "sources/broken"), ("definition/duplicate-id", "sources/good"),
        ("definition/invalid", "sources/none"), ("definition/invalid", "sources/other"),
    ]  # fmt: skip


def test_a_site_with_a_broken_definition_and_one_that_is_gone(
    potable: Callable[..., Any], home: Path, site: str
) -> None:
    (home / "catalog" / "index.json").write_text(json.dumps(["good", "broken", "away"]))
    (home / "catalog" / "broken.yaml").write_text("resourceID: broken\ningestMethod: [CSV\n")
    where = ["--catalog", site + "/{resourceID}.yaml#ids=index.json"]
    done = potable("run", "broken", *where)
    assert (done.code, done.err.startswith(f"potable: {site}/broken.yaml:3: not YAML")) == (2, True)
    assert potable("run", "away", *where).err.startswith("potable: no source 'away' in ")
    done = potable("sources", *where)
    lines = {line.split()[0]: line for line in done.out.splitlines() if line and not line.startswith(" ")}
    assert (done.code, "BROKEN" in lines["broken"], "CSV" in lines["good"]) == (0, True, True)
    done = potable("sources", "--catalog", site + "/{resourceID}.yaml")
    assert (done.code, done.out, "#ids=" in done.err) == (2, "", True)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("none", "there is no catalogue at none: name a folder of definitions, or a file of them"),
        ("sqlite:///none.db?table=t", "there is no catalogue at none.db: no such file"),
        ("sqlite:///cat.db", "a table of a database is written as sqlite:///file?table=NAME"),
        ("sqlite:///cat.db?table=nope", "can't be read: no such table: nope"),
        ("sqlite:///cat.db?table=sources&id=nope", "can't be read: no such column: sources.nope"),
        ("sqlite:///lab.py?table=t", "can't be read: file is not a database"),
        ("postgresql://u:hunter2@127.0.0.1:1/x?table=t", "can't be read"),
        ("http://127.0.0.1:1/", "is a URL without {resourceID}"),
        ("http://127.0.0.1:1/{resourceID}.json#x", "behind # only ids=URL is understood"),
        ("nosuch:thing", "there is no catalogue at nosuch:thing"),
    ],
)
def test_a_catalog_that_cannot_be_opened(potable: Callable[..., Any], home: Path, where: str, words: str) -> None:
    if "://" in where and "http" not in where:
        pytest.importorskip("sqlalchemy", reason="the extra `sql` isn't installed")
    table(home, [])
    done = potable("sources", "--catalog", where)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("potable: ")
    assert words in done.err
    assert "hunter2" not in done.err
    assert done.err.count("\n") == 1


def test_a_definition_that_cannot_be_read_is_named(potable, home: Path, lab) -> None:
    (home / "catalog" / "locked.yaml").symlink_to(home / "nowhere.yaml")  # permissions don't bind root
    done = potable("run", "locked", "--catalog", "catalog", *lab)
    assert (done.code, done.err[:44]) == (2, "potable: locked.yaml: the file can't be read")
    assert potable("run", "unlocked", "--catalog", "catalog", *lab).err.startswith("potable: no source 'unlocked' in")
