"""Texts whose length isn't that of their column's others."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.checkers.text.codes import ODD_LENGTH
from potable.engine.checker import EACH_FIELD, Fold, Late, Outcome, Rule
from potable.engine.contracts.reading import KIND_SUFFIX, Chunk
from potable.engine.fields import Field

LONGEST = 10_000
"""Longer texts count as so long."""
FEWEST = 100
"""Of fewer texts nothing is told."""
TIMES = 10
SHARE = 1_000
"""An odd text is at least so many times as long as the middle one, and one of that many at most."""

Lengths = npt.NDArray[np.int64]
State = dict[str, Lengths]
"""By column: how many texts have each length."""


class LengthFold(Fold[State]):
    """Finds the lengths that hardly any text of a column has, and has those texts told in a second pass."""

    name = "lengths"
    codes = (ODD_LENGTH.id,)
    fields = (EACH_FIELD,)

    def __init__(self, left_out: Sequence[str]) -> None:
        self._left_out = frozenset(left_out)

    def start(self) -> State:
        return {}

    def update(self, state: State, chunk: Chunk) -> State:
        for name in chunk.frame.columns:
            if name.endswith(KIND_SUFFIX) or name in self._left_out:
                continue
            texts = chunk.frame[name]
            lengths = (texts.explode() if isinstance(texts.dtype, pl.List) else texts).drop_nulls().str.len_chars()
            found = lengths.filter(lengths > 0).clip(upper_bound=LONGEST).to_numpy()
            if len(found):
                counts = np.bincount(found)
                state[name] = _added(state[name], counts) if name in state else counts
        return state

    def merge(self, left: State, right: State) -> State:
        for name, counts in right.items():
            left[name] = _added(left[name], counts) if name in left else counts
        return left

    def finish(self, state: State) -> Outcome:
        rules = []
        for name, counts in state.items():
            bound = odd_length(counts)
            if bound is not None:
                middle = int(np.searchsorted(np.cumsum(counts), counts.sum() // 2 + 1))
                message = f"{{value}} is much longer than the others: half of them have at most {middle:,} characters"
                details = {"median": middle, "atLeast": bound}
                rules.append(Rule(ODD_LENGTH.id, [name], partial(_is_long, bound), message, details=details))
        return Outcome(late=Late(rules=rules) if rules else None)


def _added(one: Lengths, other: Lengths) -> Lengths:
    longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
    total = longer.copy()
    total[: len(shorter)] += shorter
    return total


def odd_length(counts: Lengths) -> int | None:
    """From which length on a text is odd; None where no text is."""
    total = int(counts.sum())
    if total < FEWEST:
        return None
    middle = int(np.searchsorted(np.cumsum(counts), total // 2 + 1))
    bound = min(TIMES * middle, LONGEST)
    longer = int(counts[bound:].sum())
    return bound if 0 < longer <= max(total // SHARE, 1) else None


def _is_long(bound: int, f: Field) -> pl.Expr:
    return f.text.str.len_chars() >= bound
