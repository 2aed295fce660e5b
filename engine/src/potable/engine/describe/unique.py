"""Whether the values of a column are all different, told by 64-bit hashes.

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
    """The hashes of values that are different as far as is known: sorted runs, the larger ones first."""

    runs: list[Hashes] = field(default_factory=list)

    @classmethod
    def of(cls, texts: pl.Series) -> Unique | None:
        """Those of a column; None where two are equal."""
        hashes = np.sort(texts.hash().to_numpy())
        return None if _twice(hashes) else cls([hashes])

    def merged(self, other: Unique) -> Unique | None:
        """Both together; None where two are known to be equal. May change this one."""
        runs = self.runs + other.runs
        # Runs of like size become one: each hash is merged a few times only.
        while len(runs) > 1 and len(runs[-1]) * 2 >= len(runs[-2]):
            right, left = runs.pop(), runs.pop()
            both = np.concatenate([left, right])
            both.sort(kind="stable")
            if _twice(both):
                return None
            runs.append(both)
        self.runs = runs
        return self

    def proved(self) -> bool:
        """Whether all are different."""
        whole = np.concatenate(self.runs) if self.runs else np.empty(0, np.uint64)
        whole.sort(kind="stable")
        return not _twice(whole)


def _twice(ordered: Hashes) -> bool:
    return bool((ordered[1:] == ordered[:-1]).any())
