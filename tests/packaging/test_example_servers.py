"""The example definitions whose data come from servers and databases, and the scripts beside them that serve these."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from .conftest import Run


@dataclass(frozen=True)
class Example:
    """A catalog, and the script that serves its data.

    :ivar described: where the README tells of a source.
    :ivar records: by resourceID: how many records there are, in how many parts.
    """

    catalog: str
    script: str
    described: str
    records: dict[str, tuple[int, int]]
    needs: str | None = None


EXAMPLES = [
    Example(
        "catalog",
        "serve.py",
        r"^- `([\w-]+)`: ",
        {
            "API-countries": (250, 5),
            "API-countries-africa": (59, 3),
            "LIST-oceania": (27, 1),
            "OAI-countries": (115, 6),
            "RSS-countries": (20, 1),
            "WAF-countries": (250, 6),
            "ZIP-penguins": (344, 1),
        },
    ),
    Example(
        "lab",
        "lab.py",
        r"^\| `((?:DISCO|FTP|SQL)-[\w-]+)` \|",
        {"DISCO-countries": (250, 1), "FTP-countries": (250, 6), "SQL-countries": (250, 1)},
        needs="sqlalchemy",
    ),
]


@pytest.fixture(params=EXAMPLES, ids=lambda example: example.catalog)
def example(request: pytest.FixtureRequest) -> Example:
    return request.param


@pytest.fixture
def folder(root: Path) -> Path:
    return root / "examples" / "servers"


def test_every_source_is_described(example: Example, root: Path, folder: Path) -> None:
    from potable.engine import Engine

    text = (root / "examples" / "README.md").read_text(encoding="utf-8")
    assert sorted(re.findall(example.described, text, re.MULTILINE)) == sorted(example.records)
    assert Engine(catalog=folder / example.catalog).sources() == sorted(example.records)


def test_definitions_pass_lint(example: Example, run: Run, folder: Path) -> None:
    ran = run("potable", "lint", "--catalog", folder / example.catalog)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_one_command_serves_and_runs(example: Example, run: Run, folder: Path) -> None:
    """All in one go: the definitions name the server's port, so two of it can't run side by side."""
    if example.needs:
        pytest.importorskip(example.needs, reason="the extra `sql` isn't installed")
    ran = run(sys.executable, folder / example.script, "potable", "run", *example.records,
              "--catalog", folder / example.catalog, "--format", "json")  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    reports = json.loads(ran.stdout)
    found = {r["run"]["resourceID"]: (r["counts"]["records"], r["source"]["snapshot"]["parts"]) for r in reports}
    assert found == example.records
    assert [f["code"] for r in reports for f in r["findings"]] == []
    assert list(folder.rglob("*.db")) == []
