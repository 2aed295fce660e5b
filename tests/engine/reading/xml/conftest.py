"""Reading XML from real files, all its chunks put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from pyroaring import BitMap
from tests.engine.reading.opening import Data, open_data

from potable.engine.checker import EACH_FIELD
from potable.engine.contracts.reading import KIND_SUFFIX, Reading
from potable.engine.findings import Fault, Location, Occurrence, Tally
from potable.engine.paths import canonical
from potable.engine.reading.xml import XmlReader


@dataclass
class Result:
    """What a whole reading gave.

    :ivar values: by field, a list of values for each record. :ivar kinds: by named field, likewise.
    """

    values: dict[str, list[list[str | None]]] = field(default_factory=dict)
    kinds: dict[str, list[list[str]]] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)
    places: list[Location] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    fault: Occurrence | None = None
    digests: dict[str, str] = field(default_factory=dict)
    cuts: int = 0
    again: list[list[str | None]] = field(default_factory=list)

    def column(self, path: str) -> list[str | None]:
        """A field that has one value at most."""
        assert all(len(v) == 1 for v in self.values[path])
        return [v[0] for v in self.values[path]]

    @property
    def filled(self) -> dict[str, list[list[str | None]]]:
        """The values of the fields that have one in any record."""
        return {n: c for n, c in self.values.items() if any(v is not None for row in c for v in row)}

    def found(self, code: str) -> list[Tally]:
        """The tallies of a code."""
        return [t for t in self.tallies if t.code == code]

    @property
    def codes(self) -> set[str]:
        """All codes."""
        return {t.code for t in self.tallies} | ({self.fault.code} if self.fault else set())


def drain(folder: Path, data: Data, *, fields: Any = ("$.*",), **how: Any) -> Result:
    """Read everything, as a scan does."""
    result = Result()
    reading = open_data(XmlReader, folder, data, **how)
    parser = reading.parser()
    wanted = frozenset(f if f == EACH_FIELD else canonical(f) for f in fields)
    try:
        for cut in reading.cuts():
            chunk = parser.parse(cut, wanted)
            if (lesson := chunk.lesson()) is not None:
                reading.learn(lesson)
            result.cuts += 1
            assert chunk.records == len(chunk.numbers) <= cut.records
            assert chunk.fault is not None or chunk.records == cut.records
            _take(result, chunk.frame, chunk.records)
            result.numbers += chunk.numbers.tolist()
            result.places += chunk.locate(range(chunk.records))
            result.tallies += chunk.tallies
            if chunk.fault is not None:
                result.fault = chunk.fault
                break
    except Fault as fault:
        result.fault = fault.occurrence
    result.tallies += reading.tallies()
    result.digests = reading.digests()
    reading.close()
    return result


def _take(result: Result, frame: pl.DataFrame, records: int) -> None:
    before = len(result.numbers)
    names = dict.fromkeys([*result.values, *(c for c in frame.columns if not c.endswith(KIND_SUFFIX))])
    for name in names:
        column = result.values.setdefault(name, [[None]] * before)
        column += _lists(frame, name, records)
        if name + KIND_SUFFIX in frame.columns:
            result.kinds.setdefault(name, []).extend(_lists(frame, name + KIND_SUFFIX, records))


def _lists(frame: pl.DataFrame, name: str, records: int) -> list[list[Any]]:
    if name not in frame.columns:
        return [[None]] * records
    assert frame.height == records
    return [v if isinstance(v, list) else [v] for v in frame[name].to_list()]


def read_again(reading: Reading, numbers: list[int], fields: frozenset[str]) -> list[list[Any]]:
    """The rows of these records, read a second time."""
    rows: list[list[Any]] = []
    parser = reading.parser()
    wanted = BitMap(numbers)
    for cut in reading.again(wanted):
        kept = wanted & BitMap(range(cut.first_record, cut.first_record + cut.records))
        chunk = parser.parse(cut, fields, np.array(kept.to_array(), np.uint64))
        frame = chunk.frame.select(sorted(fields))
        rows += [[number, *row] for number, row in zip(chunk.numbers.tolist(), frame.rows(), strict=True)]
        assert chunk.tallies == []
    return rows


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Result]:
    """Read bytes (or several files, by name) as XML: ``read(data, fields=…, limits=…, documentElement=…)``."""

    def reader(data: Data, **how: Any) -> Result:
        return drain(tmp_path, data, **how)

    return reader


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., Reading]:
    """Open a reading of bytes as XML."""

    def opener(data: Data, **how: Any) -> Reading:
        return open_data(XmlReader, tmp_path, data, **how)

    return opener
