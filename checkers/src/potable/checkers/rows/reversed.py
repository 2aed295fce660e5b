"""Records whose end lies before their beginning: in pairs of fields whose names say which of them comes first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.checkers.calendar.days import plain_days
from potable.checkers.declared.table_schema import TableSchema
from potable.checkers.folds.hits import Hits, Recorder
from potable.checkers.names.words import name_of, words_of
from potable.checkers.rows.codes import REVERSED
from potable.checkers.values.missing import column, missing_text
from potable.checkers.values.strings import field_names
from potable.engine.checker import EACH_FIELD, Fold, Outcome
from potable.engine.contracts.reading import Chunk
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Tally

FEWEST, RARE = 20, 20
"""So many records have both, and at most one of so many is the wrong way round: else the names mean something else."""

_DATES = (
    "start end", "started ended", "start finish", "started finished", "begin end", "begins ends", "beginning end",
    "from to", "from until", "since until", "first last", "birth death", "born died", "birth deceased", "opened closed",
    "open close", "opening closing", "admission discharge", "admitted discharged", "ordered shipped", "order ship",
    "ordered delivered", "order delivery", "shipped delivered", "shipping delivery", "dispatched received",
    "sent received",
    "created updated", "created modified", "created closed", "created deleted", "hired terminated", "hire termination",
    "joined left", "issue expiry", "issued expires", "issued expired", "departure arrival", "received accepted",
    "submitted accepted", "accepted published", "submitted published", "collected received", "planted harvested",
    "checkin checkout", "onset diagnosis", "enrolled completed", "earliest latest",
)  # fmt: skip
_NUMBERS = ("min max", "minimum maximum", "low high", "lower upper", "lowest highest", "diastolic systolic")
_PAIRS = {pair: tuple(pair.split()) for pair in (*_DATES, *_NUMBERS)}

Pair = tuple[str, str]
"""Canonical paths of the beginning and the end."""
Numbers = npt.NDArray[np.float64]


@dataclass(slots=True)
class Compared:
    """How many records have both, and those that have them the wrong way round; whether they are more than flags."""

    both: int = 0
    flags: bool = True
    wrong: Hits = field(default_factory=Hits)

    def append(self, more: Compared, most: int) -> None:
        """Those of data that follow; at most so many samples are kept."""
        self.both += more.both
        self.flags &= more.flags
        self.wrong.append(more.wrong, most)


State = dict[Pair, Compared]


class ReversedFold(Fold[State]):
    """Compares days, and bounds of numbers."""

    name = "reversed"
    codes = (REVERSED.id,)
    fields = (EACH_FIELD,)

    def __init__(self, source: SourceDefinition, samples: int) -> None:
        self._missing, self._also_missing = source.missing_values, TableSchema.also_missing(source)
        self._recorder = Recorder(source, samples)
        # Shared by the threads of a scan; it only saves work.
        self._pairs: dict[tuple[str, ...], Mapping[Pair, bool]] = {}

    def start(self) -> State:
        return {}

    def update(self, state: State, chunk: Chunk) -> State:
        names = tuple(field_names(chunk))
        if names not in self._pairs:
            self._pairs[names] = pairs_of(names)
        for pair, of_numbers in self._pairs[names].items():
            first, last = (self._read(chunk, name, of_numbers=of_numbers) for name in pair)
            more = Compared(int((~np.isnan(first) & ~np.isnan(last)).sum()))
            more.flags = all(bool((np.isnan(n) | (n == 0) | (n == 1)).all()) for n in (first, last))
            rows = np.flatnonzero(last < first)
            if len(rows):
                texts = column(chunk, pair[1]).gather(rows)
                more.wrong = self._recorder.hits(chunk, pair[1], {pair: (rows, texts)})[pair]
            state.setdefault(pair, Compared()).append(more, self._recorder.most)
        return state

    def merge(self, left: State, right: State) -> State:
        for pair, more in right.items():
            left.setdefault(pair, Compared()).append(more, self._recorder.most)
        return left

    def finish(self, state: State) -> Outcome:
        return Outcome(findings=list(self._told(state)))

    def _told(self, state: State) -> Iterator[Tally]:
        for (first, last), seen in sorted(state.items()):
            count = len(seen.wrong.records)
            if count and not seen.flags and seen.both >= FEWEST and RARE * count <= seen.both:
                yield Tally(
                    code=REVERSED.id, field=last, fields=(last, first), rule=f"{first} to {last}", count=count,
                    samples=tuple(seen.wrong.samples), records=seen.wrong.records.to_array(),
                    message=f'"{{value}}" lies before {name_of(first)} of the same record',
                )  # fmt: skip

    def _read(self, chunk: Chunk, name: str, *, of_numbers: bool) -> Numbers:
        """A field's numbers, or days as ``YYYYMMDD``; NaN where there's none."""
        texts = column(chunk, name)
        missing = (*self._missing, *self._also_missing.get(name, ()))
        if of_numbers:
            read = texts.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy(writable=True)
            read[missing_text(texts, missing).to_numpy()] = np.nan
            return read
        right, days = plain_days(texts.fill_null("").str.slice(0, 10))
        read = np.full(len(texts), np.nan)
        read[right] = days
        if missing != ("",):
            read[missing_text(texts, missing).to_numpy()] = np.nan
        return read


def pairs_of(names: Collection[str]) -> dict[Pair, bool]:
    """The fields of which one comes before the other by their names, and whether they are numbers rather than days."""
    found: dict[Pair, bool] = {}
    known = {name: words_of(name) for name in names}
    for pair, (first, last) in _PAIRS.items():
        sides = [_by_place(known, word) for word in (first, last)]
        for place in sides[0].keys() & sides[1].keys():
            beginnings, ends = sides[0][place], sides[1][place]
            if len(beginnings) == len(ends) == 1:
                found[beginnings[0], ends[0]] = pair in _NUMBERS
    return dict(sorted(found.items()))


def _by_place(known: Mapping[str, Sequence[str]], word: str) -> dict[object, list[str]]:
    """The names that have this word, by the rest of them."""
    found: dict[object, list[str]] = {}
    for name, words in known.items():
        if list(words).count(word) == 1:
            before, _, behind = name.rpartition(name_of(name))
            place = before, behind, tuple("°" if w == word else w for w in words)
            found.setdefault(place, []).append(name)
    return found
