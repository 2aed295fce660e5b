"""Whether the values of a column are all different, told by 64-bit hashes; or nearly all.

Different hashes prove different values. Equal hashes of different values, which are rare, only make it say *not
unique* of a column that is: never the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

Hashes = npt.NDArray[np.uint64]
WIDTH = 8
"""Bytes of a hash."""


@dataclass(slots=True)
class Unique:
    """The different hashes of a column's values, as far as is known: sorted runs, the larger ones first.

    :param again: how many values had a hash that was there before; :param most: so many may have.
    """

    runs: list[Hashes] = field(default_factory=list)
    again: int = 0
    most: int = 0

    @classmethod
    def of(cls, texts: pl.Series, most: int = 0) -> Unique | None:
        """Those of a column; None where more than ``most`` values were there before."""
        made = cls([], 0, most)
        made.runs.append(made._different(texts.hash().sort().to_numpy()))
        return made if made.again <= most else None

    def merged(self, other: Unique) -> Unique | None:
        """Both together; None where more values than may be are known to be there again. May change this one."""
        runs = self.runs + other.runs
        self.again += other.again
        # Runs of like size become one: each hash is merged a few times only.
        while len(runs) > 1 and len(runs[-1]) * 2 >= len(runs[-2]):
            right, left = runs.pop(), runs.pop()
            both = np.concatenate([left, right])
            both.sort(kind="stable")
            runs.append(self._different(both))
        self.runs = runs
        return self if self.again <= self.most else None

    def repeated(self) -> int:
        """How many values are there again, in all."""
        whole = np.concatenate(self.runs) if self.runs else np.empty(0, np.uint64)
        whole.sort(kind="stable")
        return self.again + int(_twice(whole).sum())

    def _different(self, ordered: Hashes) -> Hashes:
        """Each hash once; counts the others."""
        twice = _twice(ordered)
        if not twice.any():
            return ordered
        self.again += int(twice.sum())
        return ordered[np.concatenate(([True], ~twice))]


def _twice(ordered: Hashes) -> npt.NDArray[np.bool_]:
    """Which hashes, but the first, equal the one before."""
    return np.equal(ordered[1:], ordered[:-1])
