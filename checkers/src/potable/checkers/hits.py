"""Where something was found in a field: which records, and the first of them as samples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap64

from potable.checkers.missing import column
from potable.engine.contracts.reading import Chunk
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Sample, Tally, clip

K = TypeVar("K")
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
        samples = tuple(replace(s, message=message.replace("{value}", s.value or "")) for s in self.samples)
        return Tally(
            code=code, field=name, fields=(name,), rule=rule, count=len(self.records), samples=samples,
            records=self.records.to_array(), details=details or {},
        )  # fmt: skip


def together(parts: Iterable[Hits], most: int) -> Hits:
    """Hits of the same data, together."""
    both = Hits()
    samples: dict[int | None, Sample] = {}
    for part in parts:
        both.records |= part.records
        for sample in part.samples:
            samples.setdefault(sample.location.record, sample)
    both.samples = sorted(samples.values(), key=lambda s: s.location.record or 0)[:most]
    return both


class Recorder:
    """Makes hits of rows of a chunk; their samples have no message yet.

    :param most: most samples of each.
    """

    def __init__(self, source: SourceDefinition, most: int) -> None:
        self.most = most
        self._key, self._delimiter = source.primary_key, source.key_delimiter

    def hits(self, chunk: Chunk, found: Mapping[K, tuple[Rows, Sequence[str]]]) -> dict[K, Hits]:
        """Hits by what was found: rows, ascending, and the texts of the first :attr:`most` of them at least.

        Of several texts of one record the first tells.
        """
        picked: dict[K, tuple[Rows, list[tuple[int, str]]]] = {}
        shown: set[int] = set()
        for what, (rows, texts) in found.items():
            index = np.flatnonzero(np.diff(rows, prepend=-1))
            unique = rows[index]
            first = zip(unique[: self.most].tolist(), index[: self.most].tolist(), strict=True)
            pairs = [(row, texts[i]) for row, i in first if i < len(texts)]
            shown.update(row for row, _ in pairs)
            picked[what] = (unique, pairs)
        at = sorted(shown)
        places = dict(zip(at, chunk.locate(at), strict=True))
        keys = dict(zip(at, self.keys(chunk, at), strict=True))
        return {
            what: Hits(
                BitMap64(chunk.numbers[rows]),
                [Sample(message="", value=clip(t), key=keys[row], location=places[row]) for row, t in pairs],
            )
            for what, (rows, pairs) in picked.items()
        }

    def keys(self, chunk: Chunk, rows: list[int]) -> list[str | None]:
        """The keys of these records; None where one is missing."""
        if not self._key:
            return [None] * len(rows)
        parts = [column(chunk, path).gather(rows).to_list() for path in self._key]
        return [None if None in texts else self._delimiter.join(texts) for texts in zip(*parts, strict=True)]
