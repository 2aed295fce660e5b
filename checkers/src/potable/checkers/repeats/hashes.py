"""64-bit hashes in record order: in memory while they are few, else in files; and those that occur twice.

Hashes are an index, not a proof: equal ones make records *suspects*, whose keys are then compared.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

Hashes = npt.NDArray[np.uint64]
NO_KEY = np.uint64(0)
"""Stands for a record without a key; no key has this hash."""
WIDTH = 8
"""Bytes of a hash."""
LOCATED = 5_000
"""So many records that have an earlier one's hash get a full place, and those earlier ones: samples show both."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Hashes of consecutive records.

    :param first: number of the first record.
    :param hashes: the hashes, where they're in memory.
    :param file: else the file that has them from ``start`` on.
    """

    first: int
    count: int
    hashes: Hashes | None = None
    file: Path | None = None
    start: int = 0

    def blocks(self, most: int) -> Iterator[tuple[int, Hashes]]:
        """(number of the first record, hashes) in runs of at most ``most``."""
        for at in range(0, self.count, most):
            size = min(most, self.count - at)
            if self.hashes is not None:
                yield self.first + at, self.hashes[at : at + size]
            elif self.file is not None:
                offset = (self.start + at) * WIDTH
                yield self.first + at, np.fromfile(self.file, np.uint64, count=size, offset=offset)


@dataclass(frozen=True, slots=True)
class Suspects:
    """Records that may equal others, since their hashes do.

    :param records: all their numbers, ascending.
    :param surplus: of those that have an earlier one's hash the first :data:`LOCATED`, ascending.
    :param firsts: for each of these the first record with its hash.
    :param of: how many records were looked at.
    """

    records: npt.NDArray[np.uint64]
    surplus: npt.NDArray[np.uint64]
    firsts: npt.NDArray[np.uint64]
    of: int

    def shown(self, most: int = LOCATED) -> npt.NDArray[np.uint64]:
        """The first ``most`` surplus records and the first ones like them, ascending: what samples may show."""
        return np.array(sorted({*self.surplus[:most].tolist(), *self.firsts[:most].tolist()}), np.uint64)


@dataclass(slots=True)
class HashList:
    """Hashes of a run of chunks, in record order.

    :param scratch: where they're put past ``budget`` bytes of memory.
    """

    scratch: Path
    budget: int
    segments: list[Segment] = field(default_factory=list)
    in_memory: int = 0

    def add(self, numbers: npt.NDArray[np.uint64], hashes: Hashes) -> None:
        """Append the hashes of these records."""
        breaks = np.flatnonzero(np.diff(numbers) != 1) + 1 if _has_gaps(numbers) else np.empty(0, np.int64)
        for run in np.split(np.arange(len(numbers)), breaks):
            if len(run):
                first, last = int(run[0]), int(run[-1]) + 1
                self.segments.append(Segment(int(numbers[first]), last - first, hashes[first:last]))
        self.in_memory += len(hashes) * WIDTH
        self._spill_if_large()

    def extend(self, other: HashList) -> None:
        """Append all of another list, whose records come later."""
        self.segments += other.segments
        self.in_memory += other.in_memory
        self._spill_if_large()

    def __len__(self) -> int:
        return sum(s.count for s in self.segments)

    def _spill_if_large(self) -> None:
        if self.in_memory <= self.budget:
            return
        kept: list[Segment] = []
        at = 0
        with tempfile.NamedTemporaryFile(dir=self.scratch, prefix="keys-", delete=False) as file:
            path = Path(file.name)
            for segment in self.segments:
                if segment.hashes is None:
                    kept.append(segment)
                    continue
                file.write(segment.hashes.data)
                last = kept[-1] if kept else None
                if last is not None and last.file == path and last.first + last.count == segment.first:
                    kept[-1] = Segment(last.first, last.count + segment.count, None, path, last.start)
                else:
                    kept.append(Segment(segment.first, segment.count, None, path, at))
                at += segment.count
        self.segments, self.in_memory = kept, 0

    # -- at the end ----------------------------------------------------------------------------------------------

    def blocks(self, most: int) -> Iterator[tuple[int, Hashes]]:
        """All hashes in record order, in runs of at most ``most``."""
        for segment in self.segments:
            yield from segment.blocks(most)

    def repeated(self) -> Hashes:
        """The hashes that occur more than once, ascending."""
        if all(s.hashes is not None for s in self.segments):
            parts = [s.hashes for s in self.segments if s.hashes is not None]
            return _repeated(np.concatenate(parts)) if parts else np.empty(0, np.uint64)
        block = max(self.budget // (4 * WIDTH), 1024)
        bits = min(max((len(self) // block).bit_length(), 1), 8)
        with tempfile.TemporaryDirectory(dir=self.scratch, prefix="keys-") as folder:
            files = self._partition(Path(folder), bits, block)
            found = [_repeated(np.fromfile(f, np.uint64)) for f in files]
        return np.concatenate(found)

    def _partition(self, folder: Path, bits: int, block: int) -> list[Path]:
        """Files of the hashes by their first bits, in ascending order of these."""
        starts = np.arange(1, 1 << bits, dtype=np.uint64) << np.uint64(64 - bits)
        files = [folder / f"{n:03}" for n in range(1 << bits)]
        with ExitStack() as stack:
            handles = [stack.enter_context(f.open("wb")) for f in files]
            for _, hashes in self.blocks(block):
                ordered = _sorted(hashes)
                for handle, part in zip(handles, np.split(ordered, np.searchsorted(ordered, starts)), strict=True):
                    handle.write(part.data)
        return files

    def suspects(self) -> Suspects:
        """The records whose hash is another's, too."""
        wanted = self.repeated()
        firsts = np.zeros(len(wanted), np.uint64)  # by hash; no record has the number 0
        likely = np.zeros(1 << 16, dtype=bool)
        likely[wanted >> np.uint64(48)] = True
        none = np.empty(0, np.uint64)
        records, surplus, first_like = [none], [none], [none]
        left = LOCATED
        for first, hashes in self.blocks(max(self.budget // (4 * WIDTH), 1024)) if len(wanted) else ():
            rows = np.flatnonzero(likely[hashes >> np.uint64(48)])
            at = np.searchsorted(wanted, hashes[rows])
            at[at == len(wanted)] = 0
            right = wanted[at] == hashes[rows]
            at, numbers = at[right], rows[right].astype(np.uint64) + np.uint64(first)
            records.append(numbers)
            if left:
                new = np.flatnonzero(firsts[at] == 0)[::-1]
                firsts[at[new]] = numbers[new]  # of several the last assignment holds: the earliest record
                again = np.flatnonzero(firsts[at] != numbers)[:left]
                surplus.append(numbers[again])
                first_like.append(firsts[at[again]])
                left -= len(again)
        return Suspects(np.concatenate(records), np.concatenate(surplus), np.concatenate(first_like), len(self))


def rows_among(numbers: npt.NDArray[np.uint64], wanted: npt.NDArray[np.uint64]) -> npt.NDArray[np.intp]:
    """The rows whose record numbers are among the wanted ones; both are ascending, and so are the rows."""
    if not len(numbers):
        return np.empty(0, np.intp)
    rows = np.searchsorted(numbers, wanted)
    rows[rows == len(numbers)] = 0
    there: npt.NDArray[np.intp] = rows[numbers[rows] == wanted]
    return there


def combined(hashes: Sequence[Hashes], lacking: npt.NDArray[np.bool_]) -> Hashes:
    """One hash for several columns, in which their order and bounds count; :data:`NO_KEY` where a value is lacking."""
    mixed = hashes[0].copy()
    for more in hashes[1:]:
        mixed *= np.uint64(0x9E3779B97F4A7C15)
        mixed ^= (mixed >> np.uint64(32)) ^ more
    mixed[mixed == NO_KEY] = np.uint64(1)
    mixed[lacking] = NO_KEY
    return mixed


def _sorted(hashes: Hashes) -> Hashes:
    return pl.Series(hashes).sort().to_numpy()  # a quarter of the time that NumPy takes


def _repeated(hashes: Hashes) -> Hashes:
    ordered = _sorted(hashes)
    again: Hashes = ordered[1:][ordered[1:] == ordered[:-1]]
    again = again[again != NO_KEY]
    first: npt.NDArray[np.bool_] = np.diff(again, prepend=NO_KEY) != 0  # np.unique would import NumPy's masked arrays
    return again[first]


def _has_gaps(numbers: npt.NDArray[np.uint64]) -> bool:
    return len(numbers) > 1 and int(numbers[-1]) - int(numbers[0]) != len(numbers) - 1
