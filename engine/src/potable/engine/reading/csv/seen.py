"""Cuts that were read once, and how to get them, or only some of their records, again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from potable.engine.contracts.reading import Cut
from potable.engine.reading.csv.scan import Scan
from potable.engine.reading.decoding import UTF8

STEP = 128
"""Each so many records their place is kept: a second look at few records then reads little more than them."""
Marks = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Seen:
    """A cut without its data.

    :param at: offset in the part's text; :param size: length of the data.
    :param starts: where each :data:`STEP`-th record starts in the data; None where only the whole can be read again.
    :param lines: line breaks before it.
    """

    cut: Cut
    at: int
    size: int
    starts: Marks | None = None
    lines: Marks | None = None

    @classmethod
    def of(cls, cut: Cut, at: int) -> Seen:
        """A cut, before it is forgotten."""
        found: Scan | None = cut.hints.scan
        bare = replace(cut, data=b"", hints=replace(cut.hints, scan=None))
        # Else a record's line isn't that of its break, or what is between records has to be seen with what's before it.
        simple = found is not None and len(found.breaks) == found.lines and not found.comments
        if found is None or not simple or cut.hints.original != UTF8:
            return cls(bare, at, len(cut.data))
        starts = found.starts[::STEP]
        lines = np.searchsorted(found.breaks, starts, "right")
        return cls(bare, at, len(cut.data), starts.astype(np.uint32), lines.astype(np.uint32))

    def pieces(self, records: BitMap | None) -> Iterator[Seen]:
        """What is to be read for these records (None: all), in order."""
        cut = self.cut
        if records is None:
            yield self
            return
        if not cut.holds(records):
            return
        if self.starts is None or self.lines is None:
            yield self
            return
        own = BitMap(range(cut.first_record, cut.first_record + cut.records))
        here = np.array((records & own).to_array(), np.int64)
        wanted = (here - cut.first_record) // STEP
        wanted = wanted[np.diff(wanted, prepend=-1) != 0]
        if 4 * len(wanted) > len(self.starts):  # one large piece costs less than many small ones
            yield self
            return
        for run in np.split(wanted, np.flatnonzero(np.diff(wanted) > 1) + 1):
            yield self._piece(self.starts, self.lines, int(run[0]), int(run[-1]) + 1)

    def _piece(self, starts: Marks, lines: Marks, first: int, behind: int) -> Seen:
        cut = self.cut
        start = int(starts[first])
        stop = self.size if behind == len(starts) else int(starts[behind])
        piece = replace(
            cut, byte=cut.byte + start, line=cut.line + int(lines[first]),
            first_record=cut.first_record + first * STEP,
            records=min(behind * STEP, cut.records) - first * STEP,
        )  # fmt: skip
        return Seen(piece, self.at + start, stop - start)
