"""One version everywhere."""

from __future__ import annotations

import re
import tomllib
from importlib import import_module, metadata
from pathlib import Path

import pytest

MEMBERS = {
    ".": "potable",
    "engine": "potable-engine",
    "checkers": "potable-checkers",
    "server": "potable-server",
}


def project(root: Path, folder: str) -> dict[str, object]:
    return dict(tomllib.loads((root / folder / "pyproject.toml").read_text(encoding="utf-8"))["project"])


@pytest.fixture(scope="module")
def version(root: Path) -> str:
    found = project(root, ".")["version"]
    assert isinstance(found, str)
    return found


@pytest.mark.parametrize(("folder", "name"), MEMBERS.items())
def test_distributions_have_one_version(root: Path, version: str, folder: str, name: str) -> None:
    said = project(root, folder)
    assert (said["name"], said["version"]) == (name, version)
    assert metadata.version(name) == version


@pytest.mark.parametrize("module", ["potable.engine", "potable.checkers", "potable.server"])
def test_modules_say_the_same(version: str, module: str) -> None:
    assert import_module(module).__version__ == version


@pytest.mark.parametrize("folder", MEMBERS)
def test_members_are_pinned_to_each_other(root: Path, version: str, folder: str) -> None:
    dependencies = project(root, folder).get("dependencies", [])
    assert isinstance(dependencies, list)
    ours = [d for d in dependencies if d.startswith("potable")]
    assert [d for d in ours if not re.fullmatch(rf"potable-\w+(\[[\w,]+\])?=={re.escape(version)}", d)] == []
    assert len(ours) == {".": 3, "engine": 0}.get(folder, 1)


@pytest.mark.parametrize("folder", MEMBERS)
def test_the_licence_is_named(root: Path, folder: str) -> None:
    assert project(root, folder)["license"] == "Apache-2.0"
