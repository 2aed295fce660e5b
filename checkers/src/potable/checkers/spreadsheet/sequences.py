"""Fields that count up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from pyroaring import BitMap64

from potable.checkers.folds.hits import Recorder, places
from potable.checkers.names.likely import Columns, did_you_mean, likely_columns, shown
from potable.checkers.spreadsheet.codes import SEQUENCE
from potable.checkers.values.missing import column
from potable.engine.checker import Fold, Outcome
from potable.engine.contracts.reading import Chunk
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Location, Occurrence, Sample, Tally


@dataclass(frozen=True, slots=True)
class Place:
    """An integer of the sequence, and where it stands."""

    value: int
    record: int
    location: Location
    key: str | None


@dataclass(slots=True)
class Run:
    """A run of records.

    :param first: its first integer; last: its last one, as value and record.
    :param broken: records that break the sequence inside it.
    """

    first: Place | None = None
    last: tuple[int, int] | None = None
    broken: BitMap64 = field(default_factory=BitMap64)
    samples: list[Sample] = field(default_factory=list)
    records: int = 0


class SequenceFold(Fold[Run]):
    """Looks for breaks in a field whose values grow by the same step from record to record.

    Each value is compared with the last integer before it, and the number of records in between.

    :param start_at: the first value; None: any.
    """

    codes = (SEQUENCE.id,)

    def __init__(self, path: str, step: int, start_at: int | None, source: SourceDefinition, samples: int) -> None:
        self.name = f"sequence {path}"
        self.fields = (path, *source.primary_key)
        self._path, self._step, self._start, self._samples = path, step, start_at, samples
        self._recorder = Recorder(source, samples)

    def start(self) -> Run:
        return Run()

    def update(self, state: Run, chunk: Chunk) -> Run:
        here = self._of(chunk)
        return self.merge(state, here) if state.records else here

    def merge(self, left: Run, right: Run) -> Run:
        left.broken |= right.broken
        samples = list(right.samples)
        if left.last is not None and right.first is not None:
            value, record = left.last
            expected = value + self._step * (right.first.record - record)
            if right.first.value != expected:
                left.broken.add(right.first.record)
                samples.append(self._sample(right.first, expected))
        samples.sort(key=lambda s: s.location.record or 0)
        left.samples = [*left.samples, *samples][: self._samples]
        left.first = left.first or right.first
        left.last = right.last or left.last
        left.records += right.records
        return left

    def finish(self, state: Run) -> Outcome:
        broken, samples = state.broken, list(state.samples)
        first = state.first
        if first is not None and self._start is not None:
            expected = self._start + self._step * (first.record - 1)
            if first.value != expected:
                broken.add(first.record)
                samples = sorted([self._sample(first, expected), *samples], key=lambda s: s.location.record or 0)
        if not broken:
            return Outcome()
        tally = Tally(
            code=SEQUENCE.id, field=self._path, fields=(self._path,), count=len(broken),
            samples=tuple(samples[: self._samples]), records=broken.to_array(),
        )  # fmt: skip
        return Outcome(findings=[tally])

    def _of(self, chunk: Chunk) -> Run:
        run = Run(records=chunk.records)
        if self._path not in chunk.frame.columns or not chunk.records:
            return run
        texts = column(chunk, self._path)
        if chunk.columns is not None and self._path not in chunk.columns:
            return run
        values = texts.cast(pl.Int64, strict=False)
        at = values.is_not_null().arg_true().to_numpy()
        wrong = values.is_null().to_numpy().copy()
        if len(at):
            known, numbers = values.gather(at).to_numpy(), chunk.numbers[at].astype(np.int64)
            wrong[at[1:]] = np.diff(known) != self._step * np.diff(numbers)
        rows = np.flatnonzero(wrong)
        run.broken = BitMap64(chunk.numbers[rows])
        shown = rows[: self._recorder.room.take(self._path, chunk, len(rows))].tolist()
        looked_up = [*shown, *at[:1].tolist()]
        where = places(chunk, [(row, self._path, texts[row]) for row in looked_up])
        keys = self._recorder.keys_of(chunk, looked_up)
        for row in shown:
            before = at[at < row]
            text = texts[row]
            if values[row] is None:
                message = f"{text!r} isn't an integer" if text is not None else "there's no value"
            else:
                gap = int(chunk.numbers[row]) - int(chunk.numbers[before[-1]])
                message = _told(int(values[row]), int(values[int(before[-1])]) + self._step * gap)
            place = where[row, self._path, text]
            run.samples.append(Sample(message=message, value=text, key=keys[row], location=place))
        if len(at):
            row = int(at[0])
            place = where[row, self._path, texts[row]]
            run.first = Place(int(values[row]), int(chunk.numbers[row]), place, keys[row])
            run.last = (int(values[int(at[-1])]), int(chunk.numbers[at[-1]]))
        return run

    def _sample(self, place: Place, expected: int) -> Sample:
        message = _told(place.value, expected)
        return Sample(message=message, value=str(place.value), key=place.key, location=place.location)


def check_columns(paths: Sequence[str], columns: Columns, place: Location) -> Iterator[Occurrence]:
    """Sequences whose column a file doesn't have."""
    for path in paths:
        if path not in columns:
            near = did_you_mean(likely_columns(path, columns))
            message = f"there is no column {shown(path)}, which is a sequence{near}"
            yield Occurrence(SEQUENCE.id, message, path, location=place)


def _told(value: int, expected: int) -> str:
    return f"{value} stands where {expected} was expected"
