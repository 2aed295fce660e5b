"""What Potable says of public tables, under a definition of the format and key alone and under a drafted one."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.public_tables import PublicTable
from potable.engine import Engine
from potable.engine.contracts.history import History
from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.judging.summary import summarise
from potable.engine.options import RunOptions
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins

BARE, DRAFTED = "bare", "drafted"
_OF_VALUES = ("schema", "missingValues")
LEAST_TO_HALVE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A finding.

    :param field: canonical path; "" for one of records or the file.
    :param example: the first sample's message.
    """

    mode: str
    code: str
    field: str
    count: int
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """A table and what was said of it.

    :param fields: how many the draft has.
    :param halves: how many fields the drift of one half against the other was looked at in; 0: it wasn't.
    """

    table: PublicTable
    method: str
    records: int
    fields: int
    halves: int
    told: tuple[Told, ...]

    @property
    def cells(self) -> int:
        """Records times fields."""
        return self.records * self.fields


def scan(table: PublicTable, scratch: Path) -> Scanned:
    """Check a table under both definitions, and one half of it against the other."""
    file = table.file(scratch)
    engine = Engine(roots=[file.parent])
    described = engine.description(file, **table.members)
    drafted = {**described.definition, "ingestURL": str(file)}
    bare = {name: value for name, value in drafted.items() if name not in _OF_VALUES}
    reports = {BARE: engine.check(bare), DRAFTED: engine.check(drafted)}
    told = [t for mode, report in reports.items() for t in findings(mode, report)]
    schema = drafted.get("schema")  # none of XML
    fields = len(schema["fields"] if schema is not None else reports[BARE].metrics["drift"]["fields"])
    halves = 0
    if drafted["ingestMethod"] in ("CSV", "TSV") and described.records >= LEAST_TO_HALVE:
        drifted = _halves(file, bare, scratch)
        if drifted is not None:
            halves = fields
            told += [t for t in findings(BARE, drifted) if t.code.startswith("drift/")]
    return Scanned(
        table=table, method=drafted["ingestMethod"], records=described.records, fields=fields, halves=halves,
        told=tuple(told),
    )  # fmt: skip


def findings(mode: str, report: Report) -> list[Told]:
    """A report's findings. What couldn't be checked would make the study untrue, so it's raised."""
    crashed = [c for c in report.coverage if c.status == "crashed"]
    if crashed or report.verdict == "inconclusive":
        raise RuntimeError(f"{report.source.name}: {report.why} {crashed}")
    return [
        Told(mode=mode, code=f.code, field=f.field or "", count=f.count,
             example=f.samples[0].message if f.samples else "")
        for f in report.findings
    ]  # fmt: skip


def frame_of(file: Path, definition: Mapping[str, Any]) -> pl.DataFrame | None:
    """A CSV file's cells as texts; None where a plain reader doesn't take it."""
    try:
        return pl.read_csv(file, separator=definition.get("delimiter", ","), infer_schema=False).fill_null("")
    except pl.exceptions.PolarsError:
        return None


def _halves(file: Path, definition: Mapping[str, Any], scratch: Path) -> Report | None:
    frame = frame_of(file, definition)
    return None if frame is None else since(*halved(frame), scratch)


def halved(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The records in two parts, drawn by lot."""
    chance = random.Random(7)
    first = pl.Series([chance.random() < 0.5 for _ in range(len(frame))])
    return frame.filter(first), frame.filter(~first)


def since(before: pl.DataFrame, now: pl.DataFrame, scratch: Path) -> Report:
    """The report of a table whose last accepted run had another one."""
    file = scratch / "since.csv"
    source = from_mapping({"resourceID": "since", "ingestMethod": "CSV", "ingestURL": file.name}, folder=scratch)
    before.write_csv(file)
    plugins, options = load_plugins(), RunOptions(roots=(scratch,))
    accepted = summarise(run_source(source, plugins, options), accepted=True)
    now.write_csv(file)
    return run_source(source, plugins, replace(options, history=History(runs=(accepted,))))
