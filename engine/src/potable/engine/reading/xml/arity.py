"""Elements that occur once in some parents and several times in others, over all chunks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from potable.engine.findings import Sample, Tally
from potable.engine.reading.xml.chunk import XmlChunk

MOST = 20_000
"""Element paths that are watched."""


@dataclass(slots=True)
class _Known:
    once: int = 0
    several: int = 0
    once_sample: Sample | None = None
    several_sample: Sample | None = None


class Arities:
    """How often each element occurs, chunk after chunk in order."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    def add(self, chunk: XmlChunk) -> None:
        """Take in a chunk of all its records."""
        for path, arity in chunk.arities.items():
            known = self._known.get(path)
            if known is None:
                if len(self._known) >= MOST:
                    continue
                known = self._known[path] = _Known()
            known.once += arity.once
            known.several += arity.several
            if arity.once_row >= 0 and known.once_sample is None:
                known.once_sample = _sample(chunk, arity.once_row, path, "once")
            if arity.several_row >= 0 and known.several_sample is None:
                known.several_sample = _sample(chunk, arity.several_row, path, "several times")

    def tallies(self) -> Iterator[Tally]:
        """A tally for each element whose number varies."""
        for path, known in sorted(self._known.items()):
            if known.once and known.several and known.once_sample and known.several_sample:
                yield Tally(
                    code="xml/mixed-arity", field=path, fields=(path,), count=1,
                    samples=(known.several_sample, known.once_sample),
                    details={"once": known.once, "several": known.several},
                )  # fmt: skip


def _sample(chunk: XmlChunk, row: int, path: str, how: str) -> Sample:
    place = chunk.locate([row])[0]
    return Sample(message=f"{path} occurs {how} in record {place.record} (line {place.line})", location=place)
