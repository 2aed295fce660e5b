"""Files that definitions name lie in their own folder, the catalogue's, or one that the operator lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from potable.engine import Engine
from potable.engine.catalog import open_catalog
from potable.engine.catalog.text import definition_of

SECRET = "host: db.example.org\npassword: tell-nobody\n"
HEAD = "resourceID: A\ningestMethod: CSV\ningestURL: data.csv\n"
MEMBERS = ("schema", "tableSchema", "jsonSchema", "xsd", "relaxng", "schematron", "qcRulesYamlFile")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A catalogue beside a file that's nobody's business."""
    folder = tmp_path / "catalog"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "data.csv").write_text("id\n1\n")
    (tmp_path / "secret.yaml").write_text(SECRET)
    (tmp_path / "shared.json").write_text('{"fields": [{"name": "id"}]}')
    return folder


def define(folder: Path, text: str) -> Path:
    path = folder / "inner" / "a.yaml"
    path.write_text(HEAD + text)
    return path


@pytest.mark.parametrize("member", MEMBERS)
@pytest.mark.parametrize("how", ["relative", "absolute", "link"])
@pytest.mark.parametrize("catalog", ["folder", "file"])
def test_a_file_outside_is_refused_unread(folder: Path, member: str, how: str, catalog: str) -> None:
    (folder / "inner" / "link.yaml").symlink_to(folder.parent / "secret.yaml")
    name = {"relative": "../../secret.yaml", "absolute": str(folder.parent / "secret.yaml"), "link": "link.yaml"}[how]
    file = define(folder, f"{member}: {name}\n")
    source = open_catalog(folder if catalog == "folder" else file).get("A")
    (note,) = source.notes
    assert (note.code, note.location.line, note.location.path) == ("definition/missing-file", 4, f"/{member}")
    assert note.message == f"the file {name!r} lies outside the folders that a definition's files may lie in"
    assert "tell-nobody" not in repr(source.notes)


def test_where_they_may_lie(folder: Path) -> None:
    (folder / "own.json").write_text('{"fields": [{"name": "id"}]}')
    for name in ("../own.json", str(folder / "own.json")):
        define(folder, f"schema: {name}\n")
        assert open_catalog(folder).get("A").notes == ()
    define(folder, "schema: ../../shared.json\n")
    assert [n.code for n in Engine(catalog=folder).run("A").findings] == ["definition/missing-file"]
    assert Engine(catalog=folder, roots=folder.parent).run("A").findings == ()


def test_a_linked_catalogue_is_where_it_leads(folder: Path) -> None:
    define(folder, "schema: ../own.json\n")
    (folder / "own.json").write_text('{"fields": [{"name": "id"}]}')
    (folder.parent / "link").symlink_to(folder)
    assert open_catalog(folder.parent / "link").get("A").notes == ()


def test_a_text_from_elsewhere_names_no_file_of_this_machine(folder: Path) -> None:
    shared = folder.parent / "shared.json"
    (note,) = definition_of(f"{HEAD}schema: {shared}\n", "A", "a.yaml").notes
    assert note.code == "definition/missing-file"


def test_what_a_caller_names_may_lie_anywhere(folder: Path) -> None:
    report = Engine().check(folder / "inner" / "data.csv", schema=str(folder.parent / "shared.json"))
    assert report.findings == ()


def test_a_secrets_file_may_lie_anywhere(folder: Path) -> None:
    define(folder, f"password: {{file: {folder.parent / 'secret.yaml'}}}\n")
    assert open_catalog(folder).get("A").notes == ()
