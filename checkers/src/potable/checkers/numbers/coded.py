"""Columns whose numbers are no quantities: codes, and the numbers of rows.

Their first records tell, by votes that add up however the data are cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import polars as pl

NUMBER, ZEROED, WHOLE = "number", "zeroed", "#"
"""Votes: values that are numbers, those with a zero before others, and each whole number behind its sign."""

LEAST = 10
DISTINCT, CONSECUTIVE = 95, 90
"""In percent: numbers of rows are so many different ones, and so many of them follow each other."""


def code_votes(texts: pl.Series) -> Mapping[str, int]:
    """What values say of their column."""
    zeroed = int(texts.str.contains(r"\A0[0-9]").sum())
    whole = texts.filter(texts.str.contains(r"\A(?:0|[1-9][0-9]{0,17})\z"))
    return {ZEROED: zeroed, **{f"{WHOLE}{text}": n for text, n in whole.value_counts().iter_rows()}}


def are_codes(votes: Mapping[str, int]) -> bool:
    """Whether one of a hundred numbers begins with a zero, as codes do, or they're numbers of rows."""
    total = votes.get(NUMBER, 0)
    if 0 < total <= 100 * votes.get(ZEROED, 0):
        return True
    different = sorted(int(vote[1:]) for vote in votes if vote.startswith(WHOLE))
    if len(different) < LEAST or 100 * len(different) < DISTINCT * total:
        return False
    steps = sum(b - a == 1 for a, b in pairwise(different))
    return 100 * steps >= CONSECUTIVE * (len(different) - 1)
