"""Reading JSON from real files, all its chunks put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.engine.reading.opening import Data, open_data

from potable.engine.contracts.reading import KIND_SUFFIX, Chunk, Cut
from potable.engine.findings import Fault, Location, Occurrence, Sample, Tally
from potable.engine.reading.json import JsonReader


@dataclass
class Found:
    """All occurrences of one code."""

    count: int = 0
    records: list[int] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)

    @property
    def places(self) -> list[tuple[int | None, int | None, int | None, int | None, str | None]]:
        """Record, line, column, byte and pointer of each sample."""
        return [place_of(s.location) for s in self.samples]


def place_of(at: Location) -> tuple[int | None, int | None, int | None, int | None, str | None]:
    """Record, line, column, byte and pointer."""
    return at.record, at.line, at.column, at.byte, at.path


@dataclass
class Result:
    """What a whole reading gave.

    :ivar values: for each record, by path, (text, kind); texts and kinds are lists for paths of several values.
    """

    values: list[dict[str, tuple[Any, Any]]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    places: list[Location] = field(default_factory=list)
    documents: dict[int, Any] = field(default_factory=dict)
    found: dict[str, Found] = field(default_factory=dict)
    hints: dict[str, str | None] = field(default_factory=dict)
    fault: Occurrence | None = None
    digests: dict[str, str] = field(default_factory=dict)
    cuts: list[Cut] = field(default_factory=list)
    chunks: list[Chunk] = field(default_factory=list)
    again: list[Cut] = field(default_factory=list)
    parser: Any = None
    told: Callable[[Chunk], list[dict[str, tuple[Any, Any]]]] = field(default=lambda chunk: values_of(chunk))

    @property
    def spots(self) -> list[tuple[int | None, int | None, int | None, int | None, str | None]]:
        """Record, line, column, byte and pointer of each record."""
        return [place_of(p) for p in self.places]

    def texts(self, path: str) -> list[Any]:
        """A field's text in each record."""
        return [v[path][0] if path in v else None for v in self.values]

    def note(self, tally: Tally) -> None:
        """Add a tally."""
        found = self.found.setdefault(tally.code, Found())
        found.count += tally.count
        found.records += [int(r) for r in tally.records]
        found.samples += tally.samples
        self.hints[tally.code] = tally.hint


def values_of(chunk: Chunk) -> list[dict[str, tuple[Any, Any]]]:
    """For each record what it has, by path; fields that it hasn't are left out."""
    names = [c for c in chunk.frame.columns if not c.endswith(KIND_SUFFIX)]
    return [
        {n: (row[n], row[n + KIND_SUFFIX]) for n in names if row[n + KIND_SUFFIX] not in ("absent", ["absent"])}
        for row in chunk.frame.iter_rows(named=True)
    ]


def _drain(
    folder: Path,
    data: Data,
    method: str = "JSON",
    *,
    fields: frozenset[str] | None = None,
    **how: Any,
) -> Result:
    """Read everything."""
    result = Result()
    reading = open_data(JsonReader, folder, data, method=method, **how)
    parser = result.parser = reading.parser()
    try:
        for cut in reading.cuts():
            chunk = parser.parse(cut, fields)
            assert chunk.records == cut.records == chunk.frame.height == len(chunk.numbers)
            result.cuts.append(cut)
            result.chunks.append(chunk)
            result.values += values_of(chunk)
            result.numbers += chunk.numbers.tolist()
            result.places += chunk.locate(range(chunk.records))
            result.documents |= {int(chunk.numbers[row]): document for row, document in chunk.documents()}
            for tally in chunk.tallies:
                result.note(tally)
            if (lesson := chunk.lesson()) is not None:
                reading.learn(lesson)
    except Fault as fault:
        result.fault = fault.occurrence
    for tally in reading.tallies():
        result.note(tally)
    result.digests = reading.digests()
    result.again = list(reading.again())
    reading.close()
    return result


Read = Callable[..., Result]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read bytes (or several files, by name) as JSON: ``read(data, "JSONL", limits=…, documentElement=…)``."""

    def reader(data: Data, method: str = "JSON", **how: Any) -> Result:
        return _drain(tmp_path, data, method, **how)

    return reader


@pytest.fixture(scope="session")
def drain(tmp_path_factory: pytest.TempPathFactory) -> Read:
    """The same for properties: each example overwrites the last one's files."""
    folder = tmp_path_factory.mktemp("json")

    def reader(data: Data, method: str = "JSON", **how: Any) -> Result:
        return _drain(folder, data, method, **how)

    return reader
