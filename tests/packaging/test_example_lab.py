"""The example definitions of databases and FTP, with the script that makes and serves their data."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from .conftest import Run

RECORDS = {"DISCO-countries": (250, 1), "FTP-countries": (250, 6), "SQL-countries": (250, 1)}
"""By resourceID: how many records there are, in how many parts."""


def test_every_source_is_described(root: Path) -> None:
    from potable.engine import Engine

    text = (root / "examples" / "README.md").read_text(encoding="utf-8")
    assert Engine(catalog=root / "examples" / "servers" / "lab").sources() == sorted(RECORDS)
    assert [name for name in RECORDS if f"| `{name}` |" in text] == list(RECORDS)


def test_definitions_pass_lint(run: Run, root: Path) -> None:
    ran = run("potable", "lint", "--catalog", root / "examples" / "servers" / "lab")
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_one_command_serves_and_runs(run: Run, root: Path) -> None:
    pytest.importorskip("sqlalchemy", reason="the extra `sql` isn't installed")
    folder = root / "examples" / "servers"
    ran = run(sys.executable, folder / "lab.py", "potable", "run", *RECORDS, "--catalog", folder / "lab",
              "--format", "json")  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    reports = json.loads(ran.stdout)
    found = {r["run"]["resourceID"]: (r["counts"]["records"], r["source"]["snapshot"]["parts"]) for r in reports}
    assert found == RECORDS
    assert [f["code"] for r in reports for f in r["findings"]] == []
    assert not (folder / "lab" / "countries.db").exists()
