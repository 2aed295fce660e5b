"""What more data takes: ten times the records, 10 GB of them, and 100,000,000 keys."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import measure, small
from benchmarks.table import Table
from benchmarks.workload import BATCH, MEASURED, CsvWorkload, identifiers
from potable.engine.plugins import load_plugins

HUGE = 63_000_000
"""So many records are 10 GB."""
KEYS = 100_000_000
TENFOLD = 10
LIMITS = {
    "time": 0.15,  # of ten times the records, beside ten times the time
    "memory": 0.2,  # of ten times the records, beside the same peak
    "keys": 1.5e9,  # bytes, for all keys
    "peak": 400e6,  # bytes
}
"""What the project promises."""


@dataclass(frozen=True, slots=True)
class KeyWorkload:
    """One column of keys that are all different, and nothing but its key to check."""

    folder: Path
    records: int

    @property
    def resource_id(self) -> str:
        """The source's name."""
        return f"bench-keys-{self.records}"

    def make(self) -> None:
        """Write the data and the definition, unless they are there."""
        file = self.folder / f"{self.resource_id}.csv"
        others = [name for name in load_plugins().checkers if name not in MEASURED]
        definition = {
            "resourceID": self.resource_id, "ingestMethod": "CSV", "ingestURL": file.name, "primaryKey": ["id"],
            "checks": dict.fromkeys(others, False),
        }  # fmt: skip
        (self.folder / f"{self.resource_id}.yaml").write_text(json.dumps(definition), encoding="utf-8")
        if not file.exists():
            part = file.with_suffix(".part")
            with part.open("wb") as out:
                for start in range(0, self.records, BATCH):
                    numbers = np.arange(start, min(start + BATCH, self.records), dtype=np.int64)
                    identifiers(numbers).alias("id").to_frame().write_csv(out, include_header=start == 0)
            part.replace(file)


def whole_command(
    work: CsvWorkload | KeyWorkload, repeat: int, table: Table, code: int = 1
) -> tuple[float, int | None] | None:
    """``potable run``: start-up, store, child process, report and all; None when it didn't end with ``code``."""
    argv = small.potable_run(work.folder / f"{work.resource_id}.yaml", work.resource_id)
    env = small.environment()
    # What takes long is run once, for both: the watch is seldom then.
    runs = measure.timed(argv, env, repeat=repeat) if repeat > 1 else [measure.command(argv, env)]
    seconds, peak = measure.median([r.seconds for r in runs]), max(r.peak or 0 for r in runs) or None
    codes = {r.code for r in runs}
    if codes != {code}:
        print(f"  potable run ended with {codes}, not {code}:\n{runs[-1].errors[-2000:]}")
        table.broken.append(f"potable run ended with {codes}")
        return None
    resident = max(r.resident or 0 for r in runs)
    note = f"sum of resident sets {resident / 1e6:.0f} MB" if resident else ""
    table.add(f"potable run, whole command, {work.records:,} records", seconds, peak, note, resident=resident)
    return seconds, peak


def growth(work: CsvWorkload, seconds: float, peak: int | None, table: Table, *, huge: bool) -> None:
    """Ten times the records, beside what ``work`` took; ``huge``: 10 GB and the keys too.

    The seconds that a command takes to start are in both, so that ten times the records take a little less.
    """
    print(" growth")
    sizes = [work.records * TENFOLD, *([HUGE] if huge else [])]
    for records in sizes:
        more = CsvWorkload(work.folder, records)
        more.make()
        ran = whole_command(more, 1, table)
        if ran is None:
            continue
        times, each = records / work.records, ran[0] / seconds
        text = f"{times:.0f} x the records in {each:.1f} x the time"
        table.promise(each <= times * (1 + LIMITS["time"]), f"{text}, at most {times * (1 + LIMITS['time']):.1f} x")
        if ran[1] and peak:
            most = 1 + LIMITS["memory"]
            told = f"{ran[1] / peak:.2f} x the peak memory"
            if times == TENFOLD:
                table.promise(ran[1] <= most * peak, f"{told}, at most {most} x")
            else:
                print(f"  for comparison: {told}")
            table.promise(ran[1] < LIMITS["peak"], f"peak {ran[1] / 1e6:.0f} MB, under {LIMITS['peak'] / 1e6:.0f} MB")
    if huge:
        keys = KeyWorkload(work.folder, KEYS)
        keys.make()
        ran = whole_command(keys, 1, table, 0)
        if ran is not None and ran[1]:
            text = f"{KEYS:,} different keys in {ran[1] / 1e6:.0f} MB, at most {LIMITS['keys'] / 1e6:.0f} MB"
            table.promise(ran[1] <= LIMITS["keys"], text)
