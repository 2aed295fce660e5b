"""Reading a table from real files, all its chunks put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from potable.engine.contracts.reading import Reading
from potable.engine.findings import Fault, Location, Occurrence, Sample
from potable.engine.reading.csv import CsvReader

from .opening import Data, open_data


@dataclass
class Found:
    """All occurrences of one code and field."""

    count: int = 0
    records: list[int] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)

    @property
    def places(self) -> list[tuple[int | None, int | None, int | None]]:
        """Record, line and byte of each sample."""
        return [(s.location.record, s.location.line, s.location.byte) for s in self.samples]


@dataclass
class Result:
    """What a whole reading gave."""

    columns: tuple[str, ...] = ()
    rows: list[tuple[str | None, ...]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    places: list[Location] = field(default_factory=list)
    found: dict[str, Found] = field(default_factory=dict)
    fields: dict[str, list[str | None]] = field(default_factory=dict)
    fault: Occurrence | None = None
    digests: dict[str, str] = field(default_factory=dict)
    cuts: int = 0

    @property
    def lines(self) -> list[tuple[int | None, int | None]]:
        """Line and byte of each record."""
        return [(p.line, p.byte) for p in self.places]


Opener = Callable[..., Reading]


def drain(folder: Path, data: Data, **how: Any) -> Result:
    """Read everything."""
    result = Result()
    try:
        reading = open_data(CsvReader, folder, data, **how)
    except Fault as fault:
        result.fault = fault.occurrence
        return result
    parser = reading.parser()
    result.columns = reading.columns or ()
    tallies = []
    try:
        for cut in reading.cuts():
            chunk = parser.parse(cut)
            result.cuts += 1
            assert chunk.records == cut.records == len(chunk.frame)
            assert chunk.frame.columns == list(result.columns)
            assert set(chunk.frame.dtypes) <= {pl.String}
            result.rows += chunk.frame.rows()
            result.numbers += chunk.numbers.tolist()
            result.places += chunk.locate(range(len(chunk.frame)))
            tallies += chunk.tallies
    except Fault as fault:
        result.fault = fault.occurrence
    finally:
        reading.close()
    for tally in [*reading.tallies(), *tallies]:
        found = result.found.setdefault(tally.code, Found())
        found.count += tally.count
        found.records += [int(r) for r in tally.records]
        found.samples += tally.samples
        result.fields.setdefault(tally.code, []).append(tally.field)
    result.digests = reading.digests()
    return result


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Result]:
    """Read bytes (or several files, by name) as a table: ``read(data, limits=…, charset=…, delimiter=…)``."""

    def reader(data: Data, **how: Any) -> Result:
        return drain(tmp_path, data, **how)

    return reader


@pytest.fixture
def opened(tmp_path: Path) -> Opener:
    """Open a reading of bytes as a table."""

    def opener(data: Data, **how: Any) -> Reading:
        return open_data(CsvReader, tmp_path, data, **how)

    return opener
