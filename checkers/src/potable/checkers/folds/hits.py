"""Where something was found in a field: which records, and the first of them as samples."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl
from pyroaring import BitMap64

from potable.checkers.values.missing import column
from potable.engine.contracts.reading import Chunk
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Location, Sample, Tally, clip

K = TypeVar("K", bound=Hashable)
Rows = npt.NDArray[np.int64]


@dataclass(slots=True)
class Hits:
    """The records, and samples of the first of them."""

    records: BitMap64 = field(default_factory=BitMap64)
    samples: list[Sample] = field(default_factory=list)

    def append(self, more: Hits, most: int) -> None:
        """Those of data that follow; at most so many samples are kept."""
        self.records |= more.records
        self.samples = [*self.samples, *more.samples][:most]

    def tally(
        self,
        code: str,
        name: str,
        message: str,
        *,
        rule: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> Tally:
        """What is reported of them.

        :param message: a template; ``{value}`` is the value.
        """
        return Tally(
            code=code, field=name, fields=(name,), rule=rule, count=len(self.records), samples=tuple(self.samples),
            records=self.records.to_array(), details=details or {}, message=message,
        )  # fmt: skip


def together(parts: Iterable[Hits], most: int) -> Hits:
    """Hits of the same data, together, in whatever order they come; of several samples of a record the first tells."""
    both = Hits()
    samples: dict[int | None, Sample] = {}
    for part in parts:
        both.records |= part.records
        for sample in part.samples:
            record = sample.location.record
            samples[record] = min(samples.get(record, sample), sample, key=_place)
    both.samples = sorted(samples.values(), key=lambda s: s.location.record or 0)[:most]
    return both


def _place(sample: Sample) -> tuple[int, int, int, str]:
    at = sample.location
    return at.byte or 0, at.line or 0, at.column or 0, sample.value or ""


Shown = tuple[int, str, str | None]
"""row, field, the value in it that is meant"""


def places(chunk: Chunk, shown: Iterable[Shown]) -> dict[Shown, Location]:
    """Where values are: in a table of text at their record, else each at its own node or cell.

    A node takes much longer to find than a record: ask only for what is shown.
    """
    wanted = list(dict.fromkeys(shown))
    if chunk.placed:
        return {one: chunk.locate_field(*one) for one in wanted}
    rows = sorted({row for row, _, _ in wanted})
    at = dict(zip(rows, chunk.locate(rows), strict=True))
    return {one: at[one[0]] for one in wanted}


class Room:
    """How many samples a chunk may still add, in view of those that chunks before it have.

    Shared by the threads of a scan, and by nothing else. It only saves the work of finding places that are never shown:
    where it knows nothing, there's room for all.

    :param most: most samples of each.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: dict[Hashable, list[tuple[int, int]]] = {}

    def take(self, what: Hashable, chunk: Chunk, found: int) -> int:
        """How many of the samples of what was so often ``found`` in a chunk are wanted."""
        first = int(chunk.numbers[0])
        taken = self._taken.setdefault(what, [])
        left = max(0, self._most - sum(n for start, n in taken if start < first))
        wanted = min(left, found)
        if wanted:
            taken.append((first, wanted))
        return wanted


class Recorder:
    """Makes hits of rows of a chunk; their samples have no message yet.

    :param most: most samples of each.
    """

    def __init__(self, source: SourceDefinition, most: int) -> None:
        self.most = most
        self.room = Room(most)
        self._key, self._delimiter = source.primary_key, source.key_delimiter

    def hits(self, chunk: Chunk, name: str, found: Mapping[K, tuple[Rows, pl.Series]]) -> dict[K, Hits]:
        """Hits in a field, by what was found: rows, ascending, and the text of each.

        Of several texts of one record the first tells.
        """
        picked: dict[K, tuple[Rows, list[tuple[int, str]]]] = {}
        for what, (rows, texts) in found.items():
            picked[what] = self.first(chunk, (name, what), rows, texts)
        shown = [(row, name, text) for _, pairs in picked.values() for row, text in pairs]
        where, keys = places(chunk, shown), self.keys_of(chunk, [row for row, _, _ in shown])
        return {
            what: Hits(
                BitMap64(chunk.numbers[rows]),
                [Sample(message="", value=clip(t), key=keys[row], location=where[row, name, t]) for row, t in pairs],
            )
            for what, (rows, pairs) in picked.items()
        }

    def first(self, chunk: Chunk, what: Hashable, rows: Rows, texts: pl.Series) -> tuple[Rows, list[tuple[int, str]]]:
        """Each of these rows once, and the first of them that are wanted as samples, with their first text."""
        index = np.flatnonzero(np.diff(rows, prepend=-1))
        unique = rows[index]
        wanted = self.room.take(what, chunk, len(unique))
        return unique, list(zip(unique[:wanted].tolist(), texts.gather(index[:wanted]).to_list(), strict=True))

    def keys_of(self, chunk: Chunk, rows: Iterable[int]) -> dict[int, str | None]:
        """The keys of these records, by row."""
        at = sorted(set(rows))
        return dict(zip(at, self.keys(chunk, at), strict=True))

    def keys(self, chunk: Chunk, rows: list[int]) -> list[str | None]:
        """The keys of these records; None where one is missing."""
        if not self._key:
            return [None] * len(rows)
        parts = [column(chunk, path).gather(rows).to_list() for path in self._key]
        return [None if None in texts else self._delimiter.join(texts) for texts in zip(*parts, strict=True)]
