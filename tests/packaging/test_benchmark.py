"""The benchmark's workload has the faults that it says, and Potable finds each of them, on a small scale."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from .conftest import Run

MAKE = """
import sys
from pathlib import Path
from benchmarks.workload import CsvWorkload
CsvWorkload(Path(sys.argv[1]), int(sys.argv[2])).make()
"""
MAKE_DOCUMENTS = """
import sys
from pathlib import Path
from benchmarks.documents import DOCUMENTS
DOCUMENTS[sys.argv[3]](Path(sys.argv[1]), int(sys.argv[2])).make()
"""


RECORDS = 20_000
SOUND = "every fault found at its record, line and byte, and nothing else\n"


def test_every_fault_is_found_at_its_place_and_a_missed_one_is_told(run: Run, tmp_path: Path) -> None:
    made = run(sys.executable, "-c", MAKE, tmp_path, str(RECORDS))
    assert made.returncode == 0, made.stderr
    ran = run(sys.executable, "-m", "benchmarks.truth", tmp_path, str(RECORDS))
    assert ran.stdout == SOUND, ran.stderr
    assert ran.returncode == 0
    file = tmp_path / f"bench-csv-{RECORDS}.csv"
    lines = file.read_bytes().split(b"\n")
    lines[5] = lines[5].replace(b"https://", b"")  # one fault more
    file.write_bytes(b"\n".join(lines))
    ran = run(sys.executable, "-m", "benchmarks.truth", tmp_path, str(RECORDS))
    assert ran.returncode == 1
    assert "('schema/pattern', 'url'): 2 instead of 1" in ran.stdout


@pytest.mark.parametrize("form", ["jsonl", "json", "xml"])
def test_every_fault_of_a_document_is_found_at_its_place(run: Run, tmp_path: Path, form: str) -> None:
    made = run(sys.executable, "-c", MAKE_DOCUMENTS, tmp_path, str(RECORDS), form)
    assert made.returncode == 0, made.stderr
    ran = run(sys.executable, "-m", "benchmarks.truth", tmp_path, str(RECORDS), form)
    assert ran.stdout == SOUND, ran.stderr
    assert ran.returncode == 0
    if form == "json":  # a missed one is told
        file = tmp_path / f"bench-json-{RECORDS}.json"
        lines = file.read_bytes().split(b"\n")
        lines[5] = lines[5].replace(b"RRID:", b"")  # one fault more
        file.write_bytes(b"\n".join(lines))
        ran = run(sys.executable, "-m", "benchmarks.truth", tmp_path, str(RECORDS), form)
        assert ran.returncode == 1
        assert "('json-schema/violation', '$.id'): 2 instead of 1" in ran.stdout
