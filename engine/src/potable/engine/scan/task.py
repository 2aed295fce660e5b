"""What is done with each cut: parse it, and take its chunks through the checkers."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from pyroaring import BitMap

from potable.engine.checker import EACH_FIELD
from potable.engine.contracts.reading import KIND_SUFFIX, Chunk, ChunkParser, Cut, Reading
from potable.engine.findings import Occurrence, Tally
from potable.engine.handed import a_kind, place_of
from potable.engine.paths import FieldPath, canonical
from potable.engine.scan.chunks import chunks_of
from potable.engine.scan.late import LateWorker
from potable.engine.scan.met import Met, all_met, is_there, met
from potable.engine.scan.worker import Done, Station, Worker


@dataclass(frozen=True, slots=True)
class Worked:
    """What came of a cut. It pickles where the states of the folds do.

    :param index: the cut's number, from 0; ``part``: its part's.
    :param last: number of its last record.
    :param bytes: of the cut; ``seconds``: how long they took to parse.
    :param file: its part's name.
    :param tallies: faults of form.
    :param fault: what is wrong behind its last record; no later cut counts.
    :param lesson: see :meth:`Chunk.lesson`.
    :param done: by checker (of the late pass: by number); several where the records were taken some at a time.
    :param found: the fields asked for by name that one of its records has; of a source with columns none.
    :param met: those and the sought ones, see :class:`~potable.engine.scan.met`; also of columns that hold objects.
    """

    index: int
    part: int
    records: int
    last: int
    bytes: int
    seconds: float
    file: str
    tallies: Sequence[Tally]
    fault: Occurrence | None
    lesson: Any
    done: Sequence[Mapping[Any, Done]]
    found: frozenset[str] = frozenset()
    met: Met = field(default_factory=dict)


class Task:
    """Works on cuts, from any thread.

    :ivar worker: takes the chunks through the checkers.
    :ivar asked: the fields that are asked for by name; none of a source with columns.
    :ivar every: whether of a source without columns all others are asked for, too.
    """

    def __init__(
        self,
        reading: Reading,
        worker: Worker | LateWorker,
        key_fields: Sequence[str],
        *,
        records: BitMap | None = None,
        limit: int | None = None,
        first: Task | None = None,
        sought: Collection[str] = (),
    ) -> None:
        """``records``: numbers of those to keep, None: all; ``limit``: number of the last one to keep; ``first``: the
        task of the first pass, None: this is it; ``sought``: fields of which it's to be told whether they're there.
        """
        self.worker = worker
        parser: object = reading.parser()
        if not isinstance(parser, ChunkParser):
            said = f"parser gave {a_kind(parser)} where a ChunkParser belongs"
            raise TypeError(said + place_of(reading.parser))
        self._parser = parser
        tabular, nested = reading.columns is not None, reading.nested
        self._fields, self._named = needed_fields(worker.stations, key_fields, tabular=tabular, nested=nested)
        self.asked = frozenset() if tabular or first is not None else self._named
        self.every = not tabular and EACH_FIELD in (self._fields or ())
        self._sought: frozenset[str] = frozenset()
        if first is None and (nested or not tabular):
            self._sought = self._named.union(sought)
        if first is not None and (found := self._named - first._named):
            self._parser = self._parser.again(found)
        self._records, self._limit = records, limit

    def __call__(self, cut: Cut) -> Worked:
        """Raises :class:`~potable.engine.findings.Fault` where the data can't be read on."""
        done: list[Mapping[Any, Done]] = []
        seconds, start = 0.0, time.perf_counter()
        whole: Chunk | None = None
        found: frozenset[str] = frozenset()
        seen: Met = {}
        for chunk, has_columns in chunks_of(self._parser, cut, self._fields, records=self._records, limit=self._limit):
            if self._fields is None:
                chunk = _with_named(chunk, self._named)
            elif chunk.picked and chunk.columns is None:
                chunk.frame = _of_records(chunk.frame, self._named, typed=chunk.typed)
            seconds += time.perf_counter() - start
            if has_columns and (chunk.records or not chunk.picked):
                done.append(self.worker.work(chunk))
                found |= _there(chunk.frame, self.asked - found)
                seen = all_met(
                    seen,
                    met(chunk.frame, self._sought.difference(path for path, inside in seen.items() if inside is None)),
                )
            del chunk.frame  # the lesson may hold the chunk until its turn to be merged
            whole, start = whole or chunk, time.perf_counter()
        assert whole is not None
        return Worked(
            index=cut.index, part=cut.part, last=cut.first_record + cut.records - 1, records=whole.records,
            bytes=len(cut.data), seconds=seconds, file=whole.file,
            tallies=whole.tallies, fault=whole.fault, lesson=whole.lesson(), done=done, found=found, met=seen,
        )  # fmt: skip


def needed_fields(
    stations: Sequence[Station], key_fields: Collection[str], *, tabular: bool, nested: bool = False
) -> tuple[frozenset[str] | None, frozenset[str]]:
    """The fields to extract (canonical paths, None for all columns), and those that are named.

    :param tabular: the records have columns; a check of whole records then needs all of them. Where they haven't, all
        fields are ``EACH_FIELD`` beside those that are named.
    """
    fields = [f for s in stations for r in s.rules for f in r.fields]
    fields += [f for s in stations for fold in s.folds for f in fold.fields]
    named = frozenset(canonical(f) for f in (*key_fields, *fields) if f != EACH_FIELD)
    if tabular:
        every = EACH_FIELD in fields or any(s.documents for s in stations)
        if every and nested and any(FieldPath.parse(f).column is None for f in named):
            return named | {EACH_FIELD}, named
        return (None if every else named), named
    return (named | {EACH_FIELD} if EACH_FIELD in fields else named), named


def _with_named(chunk: Chunk, named: frozenset[str]) -> Chunk:
    """All fields of a chunk, and those that are named but that it hasn't got, as absent."""
    lacking = sorted(named.difference(chunk.frame.columns))
    if lacking:
        absent = [pl.lit(None, dtype=pl.String).alias(f) for f in lacking]
        if chunk.typed:
            absent += [pl.lit("absent").alias(f + KIND_SUFFIX) for f in lacking]
        chunk.frame = chunk.frame.with_columns(absent)
    return chunk


def _there(frame: pl.DataFrame, fields: Collection[str]) -> frozenset[str]:
    """Those of these fields that a record has, be it null, an object or an array."""
    return frozenset(name for name in fields if is_there(frame, name))


def _of_records(frame: pl.DataFrame, named: Collection[str], *, typed: bool) -> pl.DataFrame:
    """The columns that are named, and those that some record has; as they are in a chunk of these records alone."""
    names = [name for name in frame.columns if not name.endswith(KIND_SUFFIX)]
    unknown = [name for name in names if name not in named and not is_there(frame, name)]
    frame = frame.drop([c for name in unknown for c in (name, name + KIND_SUFFIX)], strict=False)
    if typed:
        return frame
    # In a format without types a field is one of lists where a record has several values.
    lists = [c.name for c in frame.iter_columns() if isinstance(c.dtype, pl.List) and (c.list.len() < 2).all()]
    return frame.with_columns(pl.col(lists).list.first()) if lists else frame
