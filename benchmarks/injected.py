"""Faults that are put into public tables, one kind at a time, and whether Potable finds each at its record."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.faults import FAULTS, SIXTH, WEATHER, WHOLE, Fault
from benchmarks.public_tables import TABLES, PublicTable
from benchmarks.scanned import frame_of, halved, since
from potable.engine import Engine
from potable.engine.limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What became of a fault.

    :param put: records that got it; ``found``: those of them that are reported.
    :param beside: other records that are reported only since the fault is there.
    """

    fault: Fault
    put: int
    found: int
    beside: int


def try_all(scratch: Path) -> Iterator[Tried]:
    """Put in each fault by itself."""
    tables = {t.name: t for t in TABLES}
    for fault in FAULTS:
        yield _try(fault, tables[fault.table], scratch)
    yield from _drifts(tables[WEATHER], scratch)


def _try(fault: Fault, table: PublicTable, scratch: Path) -> Tried:
    file = table.file(scratch)
    frame = frame_of(file, {"delimiter": "\t"} if file.suffix == ".tsv" else {})
    assert frame is not None, f"{table.name} can't be read"
    values = [fault.before(v) if fault.before else v for v in frame[fault.field].to_list()]
    before = _reported(fault, frame, values, scratch)
    order = list(range(len(values)))
    random.Random(fault.what).shuffle(order)
    spoilt, put = list(values), set[int]()
    for row in order:
        value = fault.spoil(values[row], len(put)) if values[row] else None
        if value is not None and value != values[row] and row not in before:
            spoilt[row] = value
            put.add(row)
            if len(put) == (len(values) // 6 if fault.number == SIXTH else fault.number):
                break
    found = _reported(fault, frame, spoilt, scratch)
    beside = len(found - put - before)
    if fault.number in (SIXTH, WHOLE):
        return Tried(fault=fault, put=1, found=int(put <= found), beside=beside)
    return Tried(fault=fault, put=len(put), found=len(put & found), beside=beside)


def _reported(fault: Fault, frame: pl.DataFrame, values: Sequence[str], scratch: Path) -> set[int]:
    """Rows that the fault's code is reported at in its field."""
    file = scratch / "spoilt.csv"
    frame.with_columns(pl.Series(fault.field, values, dtype=pl.String)).write_csv(file)
    engine = Engine(limits=Limits(samples=len(values)))
    given: dict[str, Any] = {"primary_key": fault.field} if fault.key else {}
    report = engine.check(file, select=[fault.code], **given)
    own = [f for f in report.findings if f.code == fault.code and (f.field or "").strip("$.'") == fault.field]
    own += [f for f in report.findings if f.code == fault.code and f.field is None]
    return {s.location.record - 1 for f in own for s in f.samples if s.location.record is not None}


def _drifts(table: PublicTable, scratch: Path) -> Iterator[Tried]:
    """Changes of whole columns, from one half of a table to the other."""
    frame = frame_of(table.file(scratch), {})
    assert frame is not None, f"{table.name} can't be read"
    before, now = halved(frame.with_columns(pl.col(pl.String).replace("NA", "")))
    temp = pl.col("temp")
    third = pl.int_range(pl.len()) % 3 == 0
    changes: list[tuple[str, str, str, pl.DataFrame]] = [
        ("drift/distribution", "Celsius, where Fahrenheit was", "temp",
         now.with_columns(((temp.cast(pl.Float64, strict=False) - 32) / 1.8).round(2).cast(pl.String).alias("temp"))),
        ("drift/null-share", "a third of the values missing", "humid",
         now.with_columns(pl.when(third).then(pl.lit("")).otherwise("humid").alias("humid"))),
        ("drift/type-changed", "a unit behind each number", "temp", now.with_columns((temp + " F").alias("temp"))),
        ("drift/field-removed", "a column gone", "dewp", now.drop("dewp")),
        ("drift/field-added", "a new column", "new", now.with_columns(temp.alias("new"))),
    ]  # fmt: skip
    for code, what, field, changed in changes:
        told = {(f.code, (f.field or "").removeprefix("$.")) for f in since(before, changed, scratch).findings}
        found = (code, field) in told
        beside = sum(c.startswith("drift/") for c, _ in told) - found
        fault = Fault(code=code, what=f"{what} ({field})", table=table.name, field=field, spoil=lambda *_: None)
        yield Tried(fault=fault, put=1, found=int(found), beside=beside)
