"""The example definitions whose data come from servers, with the server that is beside them."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from .conftest import Run

RECORDS = {
    "API-countries": (250, 5),
    "API-countries-africa": (59, 3),
    "LIST-oceania": (27, 1),
    "OAI-countries": (115, 6),
    "RSS-countries": (20, 1),
    "WAF-countries": (250, 6),
    "ZIP-penguins": (344, 1),
}
"""By resourceID: how many records there are, in how many parts."""


def test_every_source_is_described(root: Path) -> None:
    from potable.engine import Engine

    text = (root / "examples" / "README.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^- `([\w-]+)`: ", text, re.MULTILINE)) == sorted(RECORDS)
    assert Engine(catalog=root / "examples" / "servers" / "catalog").sources() == sorted(RECORDS)


def test_definitions_pass_lint(run: Run, root: Path) -> None:
    ran = run("potable", "lint", "--catalog", root / "examples" / "servers" / "catalog")
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_one_command_serves_and_runs(run: Run, root: Path) -> None:
    """All in one go: the definitions name the server's port, so two of it can't run side by side."""
    folder = root / "examples" / "servers"
    ran = run(sys.executable, folder / "serve.py", "potable", "run", *RECORDS, "--catalog", folder / "catalog",
              "--format", "json")  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    reports = json.loads(ran.stdout)
    found = {r["run"]["resourceID"]: (r["counts"]["records"], r["source"]["snapshot"]["parts"]) for r in reports}
    assert found == RECORDS
    assert [f["code"] for r in reports for f in r["findings"]] == []
