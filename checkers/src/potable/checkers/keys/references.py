"""The folds of foreign keys: the keys of both sides, then the records whose key isn't there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from pyroaring import BitMap64

from potable.checkers.hits import Recorder
from potable.checkers.keys.codes import FOREIGN_MISSING, FOREIGN_UNREAD
from potable.checkers.keys.distinct import Distinct, hashes, without
from potable.checkers.keys.foreign import ForeignKey
from potable.checkers.missing import missing_text
from potable.engine.checker import Fold, Late, Outcome
from potable.engine.contracts.reading import Chunk
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Fault, Occurrence, Sample, Tally, clip

Read = Callable[[Fold["Sides"]], "Sides"]
"""Reads the source that a key refers to."""


@dataclass(slots=True)
class Sides:
    """The keys of both sides.

    :param here: those that refer; :param there: those that are referred to.
    :param lacking: columns referred to that a file hasn't got.
    """

    here: Distinct
    there: Distinct
    lacking: set[str] = field(default_factory=set)


class _Keys(Fold[Sides]):
    """Gathers keys."""

    def __init__(self, names: tuple[str, ...], scratch: Path, budget: int) -> None:
        self._names, self._scratch, self._budget = names, scratch, budget

    def start(self) -> Sides:
        here, there = (Distinct(self._names, self._scratch, self._budget) for _ in range(2))
        return Sides(here, there)

    def merge(self, left: Sides, right: Sides) -> Sides:
        left.here.extend(right.here)
        left.there.extend(right.there)
        left.lacking |= right.lacking
        return left


class TargetFold(_Keys):
    """Gathers the keys that are referred to."""

    def __init__(self, key: ForeignKey, scratch: Path, budget: int) -> None:
        super().__init__(_names(key), scratch, budget)
        self.name = f"keys for {key.rule}"
        self.fields = key.targets
        self._key = key

    def update(self, state: Sides, chunk: Chunk) -> Sides:
        if chunk.columns is not None:
            state.lacking |= set(self._key.targets).difference(chunk.columns)
        state.there.add(_keys(chunk, self._key.targets).drop("row").drop_nulls())
        return state

    def finish(self, state: Sides) -> Outcome:
        return Outcome()


class ForeignFold(_Keys):
    """Gathers the keys that refer, and finds those that refer to nothing.

    :param read: see :data:`Read`; not called for a key that refers to the source itself.
    :param source: whose primary key and key delimiter the samples show.
    :param samples: most samples of a finding.
    """

    codes = (FOREIGN_MISSING.id, FOREIGN_UNREAD.id)

    def __init__(
        self, key: ForeignKey, read: Read, *, source: SourceDefinition, scratch: Path, budget: int, samples: int
    ) -> None:
        super().__init__(_names(key), scratch, budget)
        self.name = f"foreign key {key.rule}"
        self.fields = tuple(dict.fromkeys((*key.paths, *(key.targets if key.own else ()))))
        self._key, self._read, self._source, self._samples = key, read, source, samples

    def update(self, state: Sides, chunk: Chunk) -> Sides:
        key = self._key
        if chunk.columns is not None:
            if key.own:
                state.lacking |= set(key.targets).difference(chunk.columns)
            if not set(key.paths) <= set(chunk.columns):
                return state
        state.here.add(referring(chunk, key).drop("row"))
        if key.own:
            state.there.add(_keys(chunk, key.targets).drop("row").drop_nulls())
        return state

    def finish(self, state: Sides) -> Outcome:
        if not state.here or state.lacking:  # of a column that isn't there the check of the header tells
            return Outcome()
        if not self._key.own:
            try:
                found = self._read(TargetFold(self._key, self._scratch, self._budget))
            except LookupError as e:
                return self._unread(str(e))
            except Fault as e:
                return self._unread(f"{e.occurrence.message} ({e.occurrence.code})")
            if found.lacking:
                return self._unread(f"it has no column {', '.join(sorted(found.lacking))}")
            state.there = found.there
        absent = Absent.of(state)
        if not len(absent.hashes):
            return Outcome()
        late = AbsentFold(self._key, absent, source=self._source, samples=self._samples)
        return Outcome(late=Late(folds=[late]))

    def _unread(self, why: str) -> Outcome:
        what = self._key.file or (self._key.resource[0] if self._key.resource else "")
        message = f"{what}, which a foreign key refers to, can't be looked at: {why}"
        said = Occurrence(FOREIGN_UNREAD.id, message, self._key.paths[0], fields=self._key.paths, rule=self._key.rule)
        return Outcome(findings=[said])


@dataclass(frozen=True, slots=True)
class Absent:
    """The keys that refer to nothing.

    :param hashes: theirs, ascending.
    :param others: keys that are there though their hash is among these; there are hardly ever any.
    """

    hashes: npt.NDArray[np.uint64]
    others: pl.DataFrame

    @classmethod
    def of(cls, sides: Sides) -> Absent:
        """Of both sides' keys, compared themselves."""
        found = [hashes(gone, 0).to_numpy() for gone, _ in without(sides.here, sides.there) if gone.height]
        wanted = np.unique(np.concatenate(found)) if found else np.empty(0, np.uint64)
        others = pl.DataFrame(schema=dict.fromkeys(sides.here.names, pl.String))
        if len(wanted):
            there = (known.filter(pl.Series(_among(hashes(known, 0), wanted))) for _, known in
                     without(sides.here, sides.there))  # fmt: skip
            others = pl.concat([others, *there])
        return cls(wanted, others)

    def mask(self, keys: pl.DataFrame) -> pl.Series:
        """Which of these keys refer to nothing."""
        gone = pl.Series(_among(hashes(keys, 0), self.hashes))
        if self.others.height and gone.any():
            there = set(self.others.rows())
            gone = gone & pl.Series([key not in there for key in keys.rows()])
        return gone


@dataclass(slots=True)
class Hits:
    """Records whose key refers to nothing, and the first samples."""

    records: BitMap64 = field(default_factory=BitMap64)
    samples: list[Sample] = field(default_factory=list)


class AbsentFold(Fold[Hits]):
    """Finds the records whose keys refer to nothing."""

    codes = (FOREIGN_MISSING.id,)

    def __init__(self, key: ForeignKey, absent: Absent, *, source: SourceDefinition, samples: int) -> None:
        self.name = f"records of {key.rule}"
        self.fields = (*key.paths, *source.primary_key)
        self._key, self._absent, self._delimiter, self._samples = key, absent, source.key_delimiter, samples
        self._recorder = Recorder(source, samples)

    def start(self) -> Hits:
        return Hits()

    def update(self, state: Hits, chunk: Chunk) -> Hits:
        key = self._key
        if chunk.columns is not None and not set(key.paths) <= set(chunk.columns):
            return state
        keys = referring(chunk, key)
        hits = keys.filter(self._absent.mask(keys.drop("row"))).unique("row", keep="first", maintain_order=True)
        state.records |= BitMap64(chunk.numbers[hits["row"].to_numpy()])
        shown = self._recorder.room.take(self.name, chunk, hits.height) if hits.height else 0
        rows = hits.head(shown).rows()
        own = self._recorder.keys_of(chunk, [row for row, *_ in rows])
        for row, *values in rows:
            text = self._delimiter.join(values)
            message = f"there is no {clip(repr(text), 100)} in {key.to}"
            place = chunk.locate_field(row, key.paths[0], values[0])
            state.samples.append(Sample(message=message, value=text, key=own[row], location=place))
        return state

    def merge(self, left: Hits, right: Hits) -> Hits:
        left.records |= right.records
        left.samples = [*left.samples, *right.samples][: self._samples]
        return left

    def finish(self, state: Hits) -> Outcome:
        tally = Tally(
            code=FOREIGN_MISSING.id, field=self._key.paths[0], fields=self._key.paths, rule=self._key.rule,
            count=len(state.records), samples=tuple(state.samples), records=state.records.to_array(),
        )  # fmt: skip
        return Outcome(findings=[tally] if state.records else [])


def referring(chunk: Chunk, key: ForeignKey) -> pl.DataFrame:
    """The keys of a chunk that refer to something: ``row``, k0, k1, ..."""
    keys = _keys(chunk, key.paths).drop_nulls()
    for name, values in zip(_names(key), key.missing_values, strict=True):
        keys = keys.filter(~missing_text(keys[name], values))
    return keys


def _keys(chunk: Chunk, paths: Sequence[str]) -> pl.DataFrame:
    """Rows and keys of a chunk; of a path that matches several values each counts."""
    columns = {f"k{n}": _column(chunk, path) for n, path in enumerate(paths)}
    frame = pl.DataFrame(columns).with_row_index("row")
    for name, values in columns.items():
        if isinstance(values.dtype, pl.List):
            frame = frame.explode(name)
    return frame


def _column(chunk: Chunk, path: str) -> pl.Series:
    if path in chunk.frame.columns:
        return chunk.frame[path]
    return pl.Series([None], dtype=pl.String).new_from_index(0, chunk.records)


def _names(key: ForeignKey) -> tuple[str, ...]:
    return tuple(f"k{n}" for n in range(len(key.paths)))


def _among(values: pl.Series, wanted: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """Which hashes are among these, ascending ones."""
    found = values.to_numpy()
    if not len(wanted):
        return np.zeros(len(found), dtype=bool)
    at = np.searchsorted(wanted, found)
    at[at == len(wanted)] = 0
    among: npt.NDArray[np.bool_] = wanted[at] == found
    return among
