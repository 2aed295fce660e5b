"""Readings that leave records out: those that a definition's filter doesn't let through.

A record that is left out is no record: it isn't counted, checked or numbered, and what is wrong with its form isn't
told. Which those are is found out while the source is cut, by parsing the one field that decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from potable.engine.contracts.reading import Chunk, ChunkParser, Cut, Reading, TooManyCells
from potable.engine.findings import Fault, Location, Occurrence, Tally
from potable.engine.reading.conditions import Condition
from potable.engine.reading.wrapped import WrappedReading

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition


@dataclass(frozen=True, slots=True)
class _Hints:
    """A cut as the reader made it, without its data, and the rows of it that are kept."""

    first_record: int
    records: int
    index: int
    hints: Any
    rows: npt.NDArray[np.uint64]


class FilteredReading(WrappedReading):
    """A reading of the records that meet all conditions.

    :ivar left_out: how many don't; where no more than a number of records are wanted, up to the last of those.
    """

    def __init__(self, inner: Reading, conditions: Sequence[Condition], source: SourceDefinition) -> None:
        super().__init__(inner)
        self.left_out = 0
        self._conditions, self._source = tuple(conditions), source
        self._kept = BitMap()
        self._lost: list[Tally] = []
        self._having = [0] * len(self._conditions)  # records with a value, as long as none is kept
        self._index = 0
        self._bound: int | None = None

    def bound(self, records: int) -> None:
        """See :meth:`Reading.bound`. Of records that meet the conditions: the inner reading doesn't know which do."""
        self._bound = records

    def cuts(self) -> Iterator[Cut]:
        """See :meth:`Reading.cuts`."""
        parser, fields = self.inner.parser(), frozenset(c.path for c in self._conditions)
        record, left_out, within = 1, 0, 0
        for cut in self.inner.cuts():
            chunk, numbers = self._met(parser, cut, fields)
            self._kept.update(BitMap(numbers.astype(np.uint32)))
            left_out += chunk.records - len(numbers)
            bound = self._bound
            if bound is not None and record <= bound < record + len(numbers):
                within = int(numbers[bound - record]) - bound  # up to the last one that is wanted
            self.left_out = left_out if bound is None or record + len(numbers) - 1 <= bound else within
            # What XML learns of elements it learns of all, so that it doesn't hang on which are in one cut.
            if not len(numbers) and chunk.fault is None and (self.typed or self.columns is not None):
                if (lesson := chunk.lesson()) is not None:
                    self.inner.learn(lesson)
                self._lost += [t for t in chunk.tallies if not len(t.records)]
                continue
            yield _outer(cut, self._index, record, (numbers - cut.first_record).astype(np.uint64))
            self._index, record = self._index + bool(len(numbers)), record + len(numbers)
        if not self._kept and self.left_out:
            self._lost.append(Tally.of(self._nothing_kept()))

    def parser(self) -> ChunkParser:
        """See :meth:`Reading.parser`."""
        return _Parser(self.inner.parser())

    def again(self, records: BitMap | None = None) -> Iterator[Cut]:
        """See :meth:`Reading.again`."""
        wanted = self._kept if records is None else BitMap(self._kept[int(n) - 1] for n in records)
        numbers = self._kept
        for index, cut in enumerate(self.inner.again(wanted)):
            inside = numbers & BitMap(range(cut.first_record, cut.first_record + cut.records))
            if not inside:
                continue
            first = numbers.rank(cut.first_record - 1) + 1
            rows = (np.array(inside.to_array(), dtype=np.uint64) - np.uint64(cut.first_record)).astype(np.uint64)
            yield _outer(cut, index, first, rows)

    def tallies(self) -> Sequence[Tally]:
        """See :meth:`Reading.tallies`."""
        kept = np.array(self._kept.to_array(), dtype=np.uint64)
        left = (_of_kept(tally, kept, 1) for tally in self.inner.tallies())
        return (*self._lost, *(tally for tally in left if tally is not None))

    def metrics(self) -> Mapping[str, Any]:
        """See :meth:`Reading.metrics`."""
        return {**self.inner.metrics(), "leftOut": self.left_out}

    def _met(self, parser: ChunkParser, cut: Cut, fields: frozenset[str]) -> tuple[Chunk, npt.NDArray[np.uint64]]:
        """The chunk of a cut, and the numbers of its records that meet the conditions."""
        try:
            chunk = parser.parse(cut, fields)
        except TooManyCells as e:
            starts = range(0, e.chunk.records, e.records)
            pieces = (parser.parse(cut, fields, e.chunk.numbers[n : n + e.records]) for n in starts)
            return e.chunk, np.concatenate([piece.numbers[self._rows(piece)] for piece in pieces])
        return chunk, chunk.numbers[self._rows(chunk)]

    def _rows(self, chunk: Chunk) -> npt.NDArray[np.uint64]:
        mask = np.ones(chunk.records, np.bool_)
        for n, condition in enumerate(self._conditions):
            values = chunk.frame[condition.path]
            if not self._kept:
                self._having[n] += condition.filled(values)
            try:
                mask &= condition.holds(values)
            except ValueError as error:
                words = f"the regular expression of filterValue can't be used: {error}"
                place = self._source.place("/filterValue")
                raise Fault(Occurrence("definition/bad-regex", words, location=place)) from None
        return np.flatnonzero(mask).astype(np.uint64)

    def _nothing_kept(self) -> Occurrence:
        told = [c.unmet(having) for c, having in zip(self._conditions, self._having, strict=True)]
        words = f"the filter leaves out all {self.left_out:,} records: {'; or '.join(told)}"
        place = self._source.place("/filterValue")
        return Occurrence("definition/nothing-kept", words, location=place, details={"leftOut": self.left_out})


def _outer(cut: Cut, index: int, first: int, rows: npt.NDArray[np.uint64]) -> Cut:
    hints = _Hints(cut.first_record, cut.records, cut.index, cut.hints, rows)
    return replace(cut, index=index, first_record=first, records=len(rows), hints=hints)


@dataclass(frozen=True, slots=True)
class _Parser(ChunkParser):
    inner: ChunkParser

    def again(self, found: frozenset[str]) -> ChunkParser:
        """See :meth:`ChunkParser.again`."""
        return _Parser(self.inner.again(found))

    def parse(
        self, cut: Cut, fields: frozenset[str] | None = None, records: npt.NDArray[np.uint64] | None = None
    ) -> Chunk:
        """See :meth:`ChunkParser.parse`."""
        hints: _Hints = cut.hints
        whole = replace(
            cut, index=hints.index, first_record=hints.first_record, records=hints.records, hints=hints.hints
        )
        kept = hints.rows + np.uint64(hints.first_record)  # the numbers that the reader gives them
        if records is not None:
            wanted = kept[(records - np.uint64(cut.first_record)).astype(np.int64)]
            try:
                return _Renumbered(self.inner.parse(whole, fields, wanted), None, kept, cut)
            except TooManyCells as e:
                raise TooManyCells(_Renumbered(e.chunk, None, kept, cut), e.records) from None
        try:
            return _renumbered(self.inner.parse(whole, fields), kept, cut)
        except TooManyCells as e:
            raise TooManyCells(_renumbered(e.chunk, kept, cut), e.records) from None


def _renumber(numbers: npt.NDArray[np.uint64], kept: npt.NDArray[np.uint64], first: int) -> npt.NDArray[np.uint64]:
    """The numbers among what is kept of the reader's ``numbers``; ``first``: of the first of ``kept``."""
    return (np.searchsorted(kept, numbers) + first).astype(np.uint64)


def _place(at: Location, kept: npt.NDArray[np.uint64], first: int) -> Location:
    if at.record is None:
        return at
    return replace(at, record=int(_renumber(np.array([at.record], np.uint64), kept, first)[0]))


def _of_kept(tally: Tally, kept: npt.NDArray[np.uint64], first: int) -> Tally | None:
    """What a tally says of the kept records; None where it's nothing."""
    numbers = np.asarray(tally.records, dtype=np.uint64)
    if not len(numbers):
        return tally
    mask = np.isin(numbers, kept)
    if not mask.any():
        return None
    left = tuple(
        replace(s, location=_place(s.location, kept, first))
        for s in tally.samples
        if s.location.record is None or s.location.record in kept
    )
    count = tally.count - int((~mask).sum()) if tally.count >= len(numbers) else int(mask.sum())
    return replace(tally, count=count, samples=left, records=_renumber(numbers[mask], kept, first))


def _renumbered(chunk: Chunk, kept: npt.NDArray[np.uint64], cut: Cut) -> Chunk:
    return _Renumbered(chunk, np.flatnonzero(np.isin(chunk.numbers, kept)).astype(np.uint64), kept, cut)


class _Renumbered(Chunk):
    """The kept rows of a chunk, numbered among what is kept.

    :ivar whole: the chunk as its reader made it.
    """

    def __init__(
        self, whole: Chunk, rows: npt.NDArray[np.uint64] | None, kept: npt.NDArray[np.uint64], cut: Cut
    ) -> None:
        """``rows``: those of ``whole`` (None: all); ``kept``: the reader's numbers of what is kept of the cut."""
        self.whole = whole
        self._shown = whole if rows is None or len(rows) == whole.records else whole.keep(rows)
        self._inner, self._first = kept, cut.first_record
        self.picked = self._shown.picked
        self.index, self.typed, self.columns, self.file = cut.index, whole.typed, whole.columns, whole.file
        self.frame = self._shown.frame
        self.numbers = self._outer(self._shown.numbers)
        self.tallies = [] if rows is None else [t for tally in whole.tallies if (t := self._tally(tally)) is not None]
        self.fault = whole.fault

    @property
    def placed(self) -> bool:
        return self.whole.placed

    def locate(self, rows: Sequence[int]) -> list[Location]:
        return [self._place(at) for at in self._shown.locate(rows)]

    def locate_field(self, row: int, field: str, value: str | None = None) -> Location:
        return self._place(self._shown.locate_field(row, field, value))

    def locate_path(self, row: int, path: str) -> Location:
        return self._place(self._shown.locate_path(row, path))

    def lesson(self) -> Any:
        return self.whole.lesson()

    def documents(self) -> Iterator[tuple[int, Any]]:
        return self._shown.documents()

    def _outer(self, numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
        return _renumber(numbers, self._inner, self._first)

    def _place(self, at: Location) -> Location:
        return _place(at, self._inner, self._first)

    def _tally(self, tally: Tally) -> Tally | None:
        return _of_kept(tally, self._inner, self._first)
