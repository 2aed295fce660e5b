"""Lines without characters, of one part: those between records are told, those at its end aren't."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from potable.engine.findings import Location, Sample, Tally
from potable.engine.reading.csv.quotes import Offsets

_LOOKED = 10_000
"""Behind so many runs of blank lines a note is looked for."""
_APART = 3
"""Bytes between the starts of blank lines that don't follow each other: a line break has two at most."""


def _none(at: int) -> bool:
    return False


class Blanks:
    """Gathers blank lines.

    :param samples: most samples.
    """

    def __init__(self, samples: int) -> None:
        self._header = 0
        self._looked = 0
        self._most = samples
        self._samples: list[Sample] = []
        self._count = 0
        self._pending: list[Sample] = []  # they may be the file's last lines
        self._pending_count = 0

    def add(
        self, blanks: Offsets, place: Callable[[int], Location], last: int = -1, is_note: Callable[[int], bool] = _none
    ) -> None:
        """Note blank lines of a buffer; those before its last record, which starts at ``last``, have one behind them.

        Those before a note aren't told: the note is.

        :param place: the place of an offset.
        :param is_note: whether what stands behind blank lines at an offset is a note.
        """
        while self._header and len(blanks):
            if (place(int(blanks[0])).line or 0) > self._header:
                self._header = 0
            else:
                blanks = blanks[1:]
        settled = 0
        if last >= 0:
            settled = int(np.searchsorted(blanks, last))
            self.confirm(note=bool(self._pending_count) and is_note(0))
            self._pend(self._without_notes(blanks[:settled], is_note), place)
            self.confirm()
        self._pend(blanks[settled:], place)

    def leave_out_above(self, header: int) -> None:
        """Tell no blank line above this one, where the header is: it wasn't declared there.

        To be called once the declared header is read: what was noted so far is above it.
        """
        self._header = header
        if self._samples and (self._samples[0].location.line or 0) < header:
            self._samples, self._count = [], 0

    def _pend(self, blanks: Offsets, place: Callable[[int], Location]) -> None:
        self._pending_count += len(blanks)
        for start in blanks[: max(0, self._most - len(self._pending))].tolist():
            at = place(start)
            self._pending.append(Sample(message=f"line {at.line} is blank", location=at))

    def _without_notes(self, blanks: Offsets, is_note: Callable[[int], bool]) -> Offsets:
        """Those of the blank lines behind which no note stands; behind so many runs of them it's looked, of a part."""
        begins = np.flatnonzero(np.diff(blanks, prepend=-_APART) >= _APART)
        some = begins[: max(0, _LOOKED - self._looked)].tolist()
        self._looked += len(some)
        ends = [*begins[1 : len(some) + 1].tolist(), len(blanks)]
        before = [np.arange(at, end) for at, end in zip(some, ends, strict=False) if is_note(int(blanks[at]))]
        return np.delete(blanks, np.concatenate(before)) if before else blanks

    def confirm(self, *, note: bool = False) -> None:
        """A record follows the pending blank lines, or a note."""
        if note:
            self._pending, self._pending_count = [], 0
        if self._pending_count:
            self._count += self._pending_count
            self._samples += self._pending[: max(0, self._most - len(self._samples))]
            self._pending, self._pending_count = [], 0

    def tallies(self) -> Iterator[Tally]:
        """The finding, if there is one."""
        if self._count:
            yield Tally(code="csv/blank-row", count=self._count, samples=tuple(self._samples))
