"""How the records of a part end: one finding where that isn't always the same."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from potable.engine.findings import Location, Occurrence
from potable.engine.reading.csv.quotes import Offsets

_CR, _LF = 13, 10
_SHOWN = {"lf": "LF", "crlf": "CR LF", "cr": "CR"}


class Newlines:
    """Counts of each kind of line break behind records, and where each kind first came.

    :ivar counts: by kind: ``lf``, ``crlf``, ``cr``.
    :ivar first: line and byte of the first of its kind.
    """

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.first: dict[str, tuple[int, int]] = {}

    def add(self, kind: str, count: int) -> bool:
        """Count; True where the kind is new, so that its place has to be given."""
        if not count:
            return False
        self.counts[kind] = self.counts.get(kind, 0) + count
        return kind not in self.first

    def occurrence(self, file: str, url: str | None) -> Occurrence | None:
        """The finding, placed where the second kind first comes; None where there's one kind."""
        if len(self.counts) < 2:
            return None
        order = sorted(self.first, key=self.first.__getitem__)
        line, byte = self.first[order[1]]
        shares = ", ".join(f"{self.counts[k]:,} × {_SHOWN[k]}" for k in order)
        return Occurrence(
            "encoding/mixed-newlines",
            f"lines end in {_SHOWN[order[0]]} up to line {line}, which ends in {_SHOWN[order[1]]} ({shares})",
            location=Location(file=file, url=url, line=line, byte=byte),
            details={_SHOWN[k]: n for k, n in self.counts.items()},
        )


def kinds(text: npt.NDArray[np.uint8], breaks: Offsets) -> dict[str, tuple[int, int]]:
    """Count and first place of each kind of line break; ``breaks`` are offsets behind them, places their first byte."""
    ends_lf = text[breaks - 1] == _LF
    behind_cr = text[np.maximum(breaks - 2, 0)] == _CR
    behind_cr &= breaks > 1
    found = {}
    for kind, mask, size in (("lf", ends_lf & ~behind_cr, 1), ("crlf", ends_lf & behind_cr, 2), ("cr", ~ends_lf, 1)):
        if count := int(np.count_nonzero(mask)):
            found[kind] = (count, int(breaks[mask.argmax()]) - size)
    return found
