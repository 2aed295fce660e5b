"""What it costs to start: ``potable --help``, and a run over 100 records."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks import measure
from benchmarks.workload import CsvWorkload

RECORDS = 1_000
HEAD = 100  # none of the first 100 records has a fault: the run passes


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Rows of (what, seconds, peak), and the figures that are promised; ``potable`` and ``frictionless`` are
    processor seconds.
    """

    rows: list[tuple[str, float, int | None]]
    help: float
    potable: float
    frictionless: float | None


def environment() -> Mapping[str, str]:
    """A state folder of the benchmark's own."""
    return {"POTABLE_STATE": str(Path(tempfile.gettempdir()) / f"potable-bench-{os.getpid()}")}


def potable_run(catalog: Path, resource_id: str) -> list[str]:
    """The command line of a run whose report goes to a file."""
    report = catalog.with_suffix(".report.json")
    argv = [measure.script("potable"), "run", resource_id, "--catalog", str(catalog)]
    return [*argv, "--format", "json", "--output", str(report)]


def figures(folder: Path, repeat: int, *, with_frictionless: bool) -> Figures:
    """Measure, after one run of each that doesn't count."""
    whole = CsvWorkload(folder, RECORDS)
    whole.make()
    data = folder / "bench-small.csv"
    data.write_bytes(b"".join(whole.file.read_bytes().splitlines(keepends=True)[: HEAD + 1]))
    definition = folder / "bench-small.yaml"
    text = (folder / f"{whole.resource_id}.yaml").read_text(encoding="utf-8")
    definition.write_text(text.replace(whole.resource_id, "bench-small"), encoding="utf-8")

    commands = {
        "potable --help": [measure.script("potable"), "--help"],
        "potable run": potable_run(definition, "bench-small"),
    }
    if with_frictionless:
        argv = [measure.script("frictionless"), "validate", str(data.relative_to(measure.ROOT)), "--schema"]
        commands["frictionless validate"] = [*argv, str(whole.schema_file.relative_to(measure.ROOT))]
    rows: list[tuple[str, float, int | None]] = []
    cpu: dict[str, float] = {}
    seconds: dict[str, float] = {}
    for name, argv in commands.items():
        runs = [measure.command(argv, environment()) for _ in range(repeat + 1)][1:]
        if any(r.code for r in runs):
            raise SystemExit(f"{name} ended with {runs[-1].code}:\n{runs[-1].errors or runs[-1].output}")
        cpu[name] = measure.median([r.cpu for r in runs])
        seconds[name] = measure.median([r.seconds for r in runs])
        peak = max(r.peak or 0 for r in runs) or None
        rows += [(f"{name}, wall clock", seconds[name], peak), (f"{name}, processor", cpu[name], None)]
    return Figures(
        rows=rows, help=seconds["potable --help"], potable=cpu["potable run"],
        frictionless=cpu.get("frictionless validate"),
    )  # fmt: skip
