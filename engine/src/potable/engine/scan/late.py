"""The second pass: all that folds asked to look at again, in one reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pyroaring import BitMap

from potable.engine.checker import Late
from potable.engine.contracts.reading import Chunk
from potable.engine.scan.worker import Done, ScanSettings, Station, Worker


@dataclass(frozen=True, slots=True)
class LateCheck:
    """What a fold asked for.

    :param records: the records to look at, None for all.
    """

    station: Station
    records: BitMap | None

    @classmethod
    def of(cls, checker: str, late: Late) -> LateCheck:
        """A checker's late rules and folds."""
        records = None if late.records is None else BitMap(np.asarray(late.records).astype(np.uint32))
        return cls(Station(checker, rules=tuple(late.rules), folds=tuple(late.folds)), records)


class LateWorker:
    """Takes chunks through all late checks, each of which sees only the records that it asked for.

    :ivar stations: what each of them does.
    :ivar records: the records that some of them wants, None for all.
    """

    def __init__(self, checks: Sequence[LateCheck], settings: ScanSettings) -> None:
        self.stations = [check.station for check in checks]
        wanted = [check.records for check in checks]
        self.records = None if any(r is None for r in wanted) else BitMap.union(*(r for r in wanted if r is not None))
        self._each = [(check, Worker([check.station], settings)) for check in checks]

    def drop(self, number: int) -> None:
        """Leave out a check, by its number from 0, whose checker crashed."""
        check, worker = self._each[number]
        worker.drop(check.station.checker)

    def work(self, chunk: Chunk) -> dict[int, Done]:
        """What came of the checks that have to do with this chunk, by number."""
        done: dict[int, Done] = {}
        for number, (check, worker) in enumerate(self._each):
            part = _only(chunk, check.records)
            if part is not None and (by_checker := worker.work(part)):  # empty: the checker has crashed
                done[number] = by_checker[check.station.checker]
        return done


def _only(chunk: Chunk, records: BitMap | None) -> Chunk | None:
    """These records of a chunk, None where it has none of them."""
    if records is None:
        return chunk
    numbers = chunk.numbers
    here = records & BitMap(range(int(numbers[0]), int(numbers[-1]) + 1)) if len(numbers) else BitMap()
    rows = np.flatnonzero(np.isin(numbers, np.array(here.to_array(), np.uint64)))
    if len(rows) == len(numbers):
        return chunk if len(rows) else None
    return chunk.keep(rows.astype(np.uint64)) if len(rows) else None
