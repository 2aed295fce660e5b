"""Reading typed tables from real files, all their chunks put together."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from pyroaring import BitMap

from potable.engine.contracts.reading import KIND_SUFFIX, Reader
from potable.engine.findings import Fault, Location, Occurrence, Tally

from .opening import open_files

Value = tuple[str, str | None]
"""Kind and text."""


@dataclass
class Result:
    """What a whole reading gave.

    :ivar values: by field, kind and text of each record.
    """

    columns: tuple[str, ...] = ()
    values: dict[str, list[Value]] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)
    places: list[Location] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    fault: Occurrence | None = None
    cuts: int = 0

    @property
    def said(self) -> list[tuple[str, str | None, list[int], list[int | None]]]:
        """Code, field, records and lines of the samples of each tally."""
        return [
            (t.code, t.field, [int(r) for r in t.records], [s.location.line for s in t.samples]) for t in self.tallies
        ]

    def texts(self, path: str) -> list[str | None]:
        """The texts of a field."""
        return [text for _, text in self.values[path]]

    def kinds(self, path: str) -> list[str]:
        """The kinds of a field."""
        return [kind for kind, _ in self.values[path]]


def pairs(frame: pl.DataFrame) -> dict[str, list[Value]]:
    """By field, kind and text of each row; every column has its kinds, and nothing but texts."""
    assert set(frame.dtypes) <= {pl.String}
    paths = [c for c in frame.columns if not c.endswith(KIND_SUFFIX)]
    assert sorted(frame.columns) == sorted([*paths, *(p + KIND_SUFFIX for p in paths)])
    return {p: list(zip(frame[p + KIND_SUFFIX], frame[p], strict=True)) for p in paths}


def drain(reader: type[Reader], *paths: Path, fields: frozenset[str] | None = None, **how: Any) -> Result:
    """Read everything, through a parser that has been pickled."""
    result = Result()
    try:
        reading = open_files(reader, paths, **how)
    except Fault as fault:
        result.fault = fault.occurrence
        return result
    parser = pickle.loads(pickle.dumps(reading.parser()))
    result.columns = reading.columns or ()
    try:
        for cut in reading.cuts():
            chunk = parser.parse(pickle.loads(pickle.dumps(cut)), fields)
            result.cuts += 1
            if chunk.fault is None:
                assert chunk.records == cut.records
            assert chunk.index == cut.index
            assert not chunk.frame.columns or chunk.records == len(chunk.frame)
            for path, values in pairs(chunk.frame).items():
                result.values.setdefault(path, []).extend(values)
            result.numbers += chunk.numbers.tolist()
            result.places += chunk.locate(range(chunk.records))
            result.tallies += chunk.tallies
            if chunk.fault is not None:
                raise Fault(chunk.fault)
    except Fault as fault:
        result.fault = fault.occurrence
    finally:
        reading.close()
    result.tallies += reading.tallies()
    return result


def again(
    reader: type[Reader], paths: Sequence[Path], records: Sequence[int], fields: frozenset[str] | None, **how: Any
) -> tuple[int, list[int], Mapping[str, list[Value]]]:
    """A second pass over some records: how many cuts it took, their numbers and values."""
    reading = open_files(reader, paths, **how)
    parser = reading.parser()
    list(reading.cuts())
    wanted = BitMap(records)
    cuts, numbers, values = 0, [], {}
    for cut in reading.again(wanted):
        kept = wanted & BitMap(range(cut.first_record, cut.first_record + cut.records))
        chunk = parser.parse(cut, fields, np.array(kept.to_array(), np.uint64))
        cuts += 1
        numbers += chunk.numbers.tolist()
        for path, found in pairs(chunk.frame).items():
            values.setdefault(path, []).extend(found)
    reading.close()
    return cuts, numbers, values
