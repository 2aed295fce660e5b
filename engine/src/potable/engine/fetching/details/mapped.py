"""Readings of parts that texts were put into: every place is told as the one where it really stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from potable.engine.contracts.reading import Chunk, ChunkParser, Cut, Reading, TooManyCells
from potable.engine.fetching.details.insertions import Insertions
from potable.engine.findings import Fault, Location, Occurrence, Tally
from potable.engine.reading.wrapped import WrappedReading

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from pyroaring import BitMap

    from potable.engine.contracts.snapshot import Snapshot


def as_it_came(reading: Reading, snapshot: Snapshot) -> Reading:
    """The reading of a snapshot with places as in the files that came; the same where nothing was put into them."""
    files = {p.name: Insertions(p.insertions) for p in snapshot.parts if p.insertions is not None}
    return _Mapped(reading, _Places(files)) if files else reading


@dataclass(frozen=True, slots=True)
class _Places:
    """Insertions by part."""

    files: Mapping[str, Insertions]

    def place(self, at: Location) -> Location:
        found = self.files.get(at.file or "")
        return at if found is None else found.original(at)

    def occurrence(self, said: Occurrence) -> Occurrence:
        return replace(said, location=self.place(said.location))

    def tally(self, tally: Tally) -> Tally:
        samples = tuple(replace(s, location=self.place(s.location)) for s in tally.samples)
        return replace(tally, samples=samples)

    @contextmanager
    def faults(self) -> Iterator[None]:
        try:
            yield
        except Fault as fault:
            raise Fault(self.occurrence(fault.occurrence)) from None


class _Mapped(WrappedReading):
    def __init__(self, inner: Reading, places: _Places) -> None:
        super().__init__(inner)
        self._places = places

    def cuts(self) -> Iterator[Cut]:
        with self._places.faults():
            yield from self.inner.cuts()

    def parser(self) -> ChunkParser:
        return _Parser(self.inner.parser(), self._places)

    def again(self, records: BitMap | None = None) -> Iterator[Cut]:
        with self._places.faults():
            yield from self.inner.again(records)

    def tallies(self) -> Sequence[Tally]:
        return tuple(map(self._places.tally, self.inner.tallies()))


@dataclass(frozen=True, slots=True)
class _Parser(ChunkParser):
    inner: ChunkParser
    places: _Places

    def parse(
        self, cut: Cut, fields: frozenset[str] | None = None, records: npt.NDArray[np.uint64] | None = None
    ) -> Chunk:
        try:
            return _Chunk(self.inner.parse(cut, fields, records), self.places)
        except TooManyCells as e:
            raise TooManyCells(_Chunk(e.chunk, self.places), e.records) from None

    def again(self, found: frozenset[str]) -> ChunkParser:
        return _Parser(self.inner.again(found), self.places)


class _Chunk(Chunk):
    """A chunk as its reader made it, but for its places.

    :ivar whole: that one.
    """

    def __init__(self, whole: Chunk, places: _Places) -> None:
        self.whole, self._places = whole, places
        self.index, self.typed, self.columns, self.file = whole.index, whole.typed, whole.columns, whole.file
        self.frame, self.numbers, self.json = whole.frame, whole.numbers, whole.json
        self.tallies = list(map(places.tally, whole.tallies))
        self.fault = None if whole.fault is None else places.occurrence(whole.fault)

    def locate(self, rows: Sequence[int]) -> list[Location]:
        return list(map(self._places.place, self.whole.locate(rows)))

    def locate_field(self, row: int, field: str, value: str | None = None) -> Location:
        return self._places.place(self.whole.locate_field(row, field, value))

    def locate_path(self, row: int, path: str) -> Location:
        return self._places.place(self.whole.locate_path(row, path))

    def lesson(self) -> Any:
        return self.whole.lesson()

    def documents(self) -> Iterator[tuple[int, Any]]:
        return self.whole.documents()

    def document(self, row: int) -> Any:
        return self.whole.document(row)
