"""The key of several fields as the definition has it: their values, joined by its delimiter.

Different values may join to one text, ``x:y`` and ``z``, ``x`` and ``y:z``: then one record overwrites the other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.checkers.repeats.hashes import NO_KEY, Hashes
from potable.checkers.values.bytewise import Column


def joined(fields: Sequence[pl.Series], delimiter: str) -> pl.Series:
    """The keys of records that have a value in each field."""
    named = [f.alias(str(n)) for n, f in enumerate(fields)]
    return pl.select(pl.concat_str(named, separator=delimiter)).to_series()


def hash_as_joined(hashes: Hashes, fields: Sequence[pl.Series], delimiter: str) -> None:
    """Give records whose keys may join to the same the same hash, in place; those without a key keep their own.

    Where no value holds the delimiter's first character, only equal values join to the same, and none that hold it.
    """
    rows = np.flatnonzero(_holding(fields, delimiter[:1]) & (hashes != NO_KEY))
    if len(rows):
        of_texts = joined([f.gather(rows) for f in fields], delimiter).hash(0).to_numpy()
        hashes[rows] = np.where(of_texts == NO_KEY, np.uint64(1), of_texts)


def _holding(fields: Sequence[pl.Series], character: str) -> npt.NDArray[np.bool_]:
    """Which records have the character in a field; all for none."""
    found = np.full(len(fields[0]), not character)
    for texts in fields if character else ():
        if Column(texts).may_hold(character.encode()):
            found |= texts.str.contains(character, literal=True).fill_null(value=False).to_numpy()
    return found
