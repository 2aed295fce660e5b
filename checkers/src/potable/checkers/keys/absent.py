"""The second pass of foreign keys: the records whose key isn't there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from pyroaring import BitMap64

from potable.checkers.folds.hits import Hits, Recorder
from potable.checkers.keys.codes import FOREIGN_MISSING
from potable.checkers.keys.distinct import Distinct, hashes, without
from potable.checkers.keys.foreign import ForeignKey
from potable.checkers.values.missing import missing_text
from potable.engine.checker import Fold, Outcome
from potable.engine.contracts.reading import Chunk
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Sample, Tally, clip


@dataclass(frozen=True, slots=True)
class Absent:
    """The keys that refer to nothing.

    :param hashes: theirs, ascending.
    :param others: keys that are there though their hash is among these; there are hardly ever any.
    """

    hashes: npt.NDArray[np.uint64]
    others: pl.DataFrame

    @classmethod
    def of(cls, here: Distinct, there: Distinct) -> Absent:
        """Of the keys that refer and those that are referred to, compared themselves."""
        found = [hashes(gone, 0).to_numpy() for gone, _ in without(here, there) if gone.height]
        wanted = np.unique(np.concatenate(found)) if found else np.empty(0, np.uint64)
        others = pl.DataFrame(schema=dict.fromkeys(here.names, pl.String))
        if len(wanted):
            known = (frame.filter(pl.Series(_among(hashes(frame, 0), wanted))) for _, frame in without(here, there))
            others = pl.concat([others, *known])
        return cls(wanted, others)

    def mask(self, keys: pl.DataFrame) -> pl.Series:
        """Which of these keys refer to nothing."""
        gone = pl.Series(_among(hashes(keys, 0), self.hashes))
        if self.others.height and gone.any():
            there = set(self.others.rows())
            gone = gone & pl.Series([key not in there for key in keys.rows()])
        return gone


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
        left.append(right, self._samples)
        return left

    def finish(self, state: Hits) -> Outcome:
        tally = Tally(
            code=FOREIGN_MISSING.id, field=self._key.paths[0], fields=self._key.paths, rule=self._key.rule,
            count=len(state.records), samples=tuple(state.samples), records=state.records.to_array(),
        )  # fmt: skip
        return Outcome(findings=[tally] if state.records else [])


def referring(chunk: Chunk, key: ForeignKey) -> pl.DataFrame:
    """The keys of a chunk that refer to something: ``row``, k0, k1, ..."""
    keys = keys_at(chunk, key.paths).drop_nulls()
    for name, values in zip(names_of(key), key.missing_values, strict=True):
        keys = keys.filter(~missing_text(keys[name], values))
    return keys


def keys_at(chunk: Chunk, paths: Sequence[str]) -> pl.DataFrame:
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


def names_of(key: ForeignKey) -> tuple[str, ...]:
    """The columns of a key's values: k0, k1, ..."""
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
