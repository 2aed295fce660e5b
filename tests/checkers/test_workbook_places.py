"""What checkers say of a workbook's values is placed in their cells."""

from __future__ import annotations

from pathlib import Path

import pytest

from potable.engine.definition.parse import from_mapping
from potable.engine.limits import Limits
from potable.engine.options import RunOptions
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins

pytest.importorskip("python_calamine", reason="workbooks need the extra potable-engine[excel]")
openpyxl = pytest.importorskip("openpyxl", reason="makes the workbook")


@pytest.mark.parametrize("cells", [3, 4_000_000])
def test_a_value_is_placed_in_its_cell(tmp_path: Path, cells: int) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Data"
    rows = (["n", "name", "id"], [1, "x", "a"], ["N/A", " y", "a"], [9, "z"], ["=1/0", "x", "b"], [2, "q", 5])
    for row in rows:
        book.active.append(row)
    book.active["A5"].value, book.active["A5"].data_type = "#DIV/0!", "e"
    book.save(tmp_path / "a.xlsx")
    n = {"name": "n", "type": "integer", "constraints": {"maximum": 5}}
    members = {
        "resourceID": "A", "ingestMethod": "EXCEL", "ingestURL": "a.xlsx", "primaryKey": ["id"],
        "schema": {"fields": [{"name": "id"}, {"name": "name", "constraints": {"enum": ["x", "z"]}}, n]},
        "qcRules": {"ValueExists": [{"path": "id"}]},
    }  # fmt: skip
    source = from_mapping(members, folder=tmp_path)
    report = run_source(source, load_plugins(), RunOptions(limits=Limits(cells=cells)))
    found = {
        f.code: [(s.location.path, s.location.line, s.location.record) for s in f.samples] for f in report.findings
    }
    assert found["schema/enum"] == [("Data!B3", 3, 2), ("Data!B6", 6, 5)]
    assert found["schema/maximum"] == [("Data!A4", 4, 3)]
    assert found["keys/duplicate"] == [("Data!C3", 3, 2)]
    assert found["keys/missing"] == [("Data!C4", 4, 3)]
    assert found["schema/type"] == [("Data!A3", 3, 2), ("Data!A5", 5, 4)]
