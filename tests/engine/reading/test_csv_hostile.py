"""Hostile tables: a finding that names the limit, in bounded memory, whatever the size."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from potable.engine.findings import Fault, Occurrence
from potable.engine.limits import MIB, Limits
from potable.engine.reading.csv import CsvReader

from .opening import open_files

Read = Callable[..., Any]


@pytest.fixture(autouse=True)
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


def peak() -> int:
    return tracemalloc.get_traced_memory()[1]


def fault_of(path: Path) -> tuple[Occurrence, int]:
    """What stops the reading of a file, and how many records came before."""
    reading, records = None, 0
    try:
        reading = open_files(CsvReader, [path])
        for cut in reading.cuts():
            records += cut.records
    except Fault as fault:
        return fault.occurrence, records
    finally:
        if reading is not None:
            reading.close()
    raise AssertionError("nothing stopped it")


def test_a_line_of_40_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n1,2\n3," + b"x" * (40 * MIB) + b"\n4,5\n")
    tracemalloc.reset_peak()
    fault, records = fault_of(path)
    assert (fault.code, fault.location.line, fault.location.byte) == ("csv/long-record", 3, 8)
    assert "Limits.record_bytes" in fault.message
    assert len(fault.message) < 1000
    assert records == 1
    assert peak() < 220 * MIB


def test_a_quote_left_open_in_a_gigabyte(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    with path.open("wb") as f:
        f.write(b'id,name\n1,a\n2,"open\n')
        f.truncate(1 << 30)  # sparse: the rest reads as NUL bytes
    fault, records = fault_of(path)
    assert (fault.code, fault.location.line, fault.location.byte) == ("csv/unclosed-quote", 3, 14)
    assert records == 1
    assert len(fault.message) < 1000
    assert peak() < 220 * MIB


def test_200_000_columns(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b",".join(b"c%d" % i for i in range(200_000)) + b"\n1\n")
    fault, records = fault_of(path)
    assert (fault.code, fault.location.line, fault.location.byte) == ("csv/many-columns", 1, 0)
    assert "Limits.columns" in fault.message
    assert records == 0
    assert peak() < 64 * MIB


@pytest.mark.parametrize("filler", [b",", b'"', b"x,", b'"",'])
def test_a_record_of_very_many_cells_or_quotes(read: Read, filler: bytes) -> None:
    result = read(b"a,b\n1,2\n" + filler * (4 * MIB // len(filler)) + b"\n3,4\n")
    assert result.fault is None
    assert result.rows[0] == ("1", "2")
    assert result.rows[-1] == ("3", "4")
    assert len(result.rows) == 3
    for found in result.found.values():
        assert found.records == [2]
        assert all(len(s.message) < 1000 and len(s.value or "") <= 200 for s in found.samples)
    assert peak() < 128 * MIB


MANY = 1 << 17


def test_very_many_blank_lines(read: Read) -> None:
    result = read(b"a,b\n" + b"\n" * MANY + b"1,2\n")
    assert result.rows == [("1", "2")]
    assert result.lines == [(MANY + 2, MANY + 4)]
    assert result.found["csv/blank-row"].count == MANY
    assert len(result.found["csv/blank-row"].samples) == Limits().samples


@pytest.mark.parametrize("quoted", [False, True])
def test_faults_in_every_record_are_counted_and_few_are_shown(read: Read, quoted: bool) -> None:
    row = b'%d,say "hi" there\xe9,x\n' if quoted else b"%d,\0caf\xe9\n"
    result = read(b"id,name\n" + b"".join(row % i for i in range(5_000)), limits=Limits(chunk_bytes=1 << 14))
    assert len(result.rows) == 5_000
    if quoted:
        assert result.found.pop("csv/header-length").count == 1
    codes = {"csv/extra-cell", "csv/stray-quote"} if quoted else {"encoding/nul-byte"}
    assert result.found.keys() == codes | {"encoding/invalid"}
    assert {f.count for f in result.found.values()} == {5_000}
    assert all(f.records == list(range(1, 5_001)) for f in result.found.values())
