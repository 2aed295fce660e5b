"""Each distribution's wheel has what it should, and nothing of another's."""

from __future__ import annotations

import shutil
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest

from .conftest import BIN, Run

WHEELS = {".": "potable", "engine": "potable_engine", "checkers": "potable_checkers", "server": "potable_server"}


@pytest.fixture(scope="module")
def uv() -> str:
    found = shutil.which("uv", path=str(BIN)) or shutil.which("uv")
    if found is None:
        pytest.skip("uv isn't installed")
    return found


@pytest.mark.parametrize(("folder", "name"), WHEELS.items())
def test_wheel(run: Run, uv: str, root: Path, tmp_path: Path, folder: str, name: str) -> None:
    ran = run(uv, "build", "--wheel", "--offline", "--quiet", "--out-dir", tmp_path / "out", root / folder)
    assert ran.returncode == 0, ran.stderr
    [wheel] = (tmp_path / "out").glob("*.whl")
    assert wheel.name.startswith(f"{name}-")
    with zipfile.ZipFile(wheel) as archive:
        files = {n for n in archive.namelist() if ".dist-info/" not in n and not n.endswith("/")}
        [metadata] = [n for n in archive.namelist() if n.endswith(".dist-info/METADATA")]
        said = HeaderParser().parsestr(archive.read(metadata).decode())
    assert said["Requires-Python"] == ">=3.11"
    if folder == ".":
        assert files == set()
        return
    portion = f"potable/{folder}/"
    source = root / folder / "src"
    there = {
        p.relative_to(source).as_posix() for p in source.rglob("*") if p.is_file() and "__pycache__" not in p.parts
    }
    assert files == there
    assert all(n.startswith(portion) for n in files)
    assert portion + "py.typed" in files
    if folder == "engine":
        assert {n for n in files if n.endswith("report.schema.json")} == {portion + "reporting/report.schema.json"}
