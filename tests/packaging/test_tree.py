"""What is committed, and what isn't."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

FOREIGN = re.compile(
    "|".join(
        (
            r"/wor[k]/(main|shared)",
            r"/roo[t]/\.",
            r"/hom[e]/[a-z]",
            r"/op[t]/(pypi|wheels)",
            r"file[s]\.pythonhosted",
            r"pypi\.or[g]/simple",
            r"registr[y]\.npmjs",
            r"(extra-)?index-ur[l]",
        )
    )
)
"""Paths of a machine, hosts of registries."""


@pytest.fixture(scope="module")
def tracked(root: Path) -> list[Path]:
    """Files that git knows; in an unpacked archive without git there's nothing to look at."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [path for name in listed.stdout.split("\0") if name and (path := root / name).is_file()]


def test_no_file_names_a_machine_or_a_registry(root: Path, tracked: list[Path]) -> None:
    assert len(tracked) > 100
    found = []
    for path in tracked:
        if path.parent.name == "data" and path.suffix in {".csv", ".tsv"}:
            continue
        text = path.read_bytes().decode(errors="replace")
        found += [f"{path.relative_to(root)}: {m[0]}" for m in FOREIGN.finditer(text)]
    assert found == []


def test_generated_things_are_not_committed(root: Path, tracked: list[Path]) -> None:
    names = {str(path.relative_to(root)) for path in tracked}
    assert not [n for n in names if re.search(r"(^|/)(uv\.lock|\.venv|__pycache__|\.state|build|dist)(/|$)", n)]
    assert not [n for n in names if n.startswith("benchmarks/data/")]


def test_no_file_is_large(tracked: list[Path]) -> None:
    assert [path.name for path in tracked if path.stat().st_size > 1_000_000] == []


def test_the_namespace_is_nobodys(root: Path) -> None:
    assert list(root.glob("*/src/potable/__init__.py")) == []
    assert sorted(p.parent.name for p in root.glob("*/src/potable/*/py.typed")) == ["checkers", "engine", "server"]
