"""Predicates of rules: numbers outside of what is usual, numbers within ranges."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from potable.checkers.numbers.decimals import Commas
from potable.checkers.numbers.written import Written
from potable.engine.fields import Field

Spelled = Written | Commas | None
"""How a field's numbers are written; None: as 1234.5."""


class Outside:
    """Wrong where the number is at most, or at least, so great.

    :param below: None: there's no such bound; ``above`` likewise.
    :param but: numbers that another rule tells.
    """

    def __init__(self, below: float | None, above: float | None, but: Within | None, written: Spelled) -> None:
        self._below, self._above, self._but, self._written = below, above, but, written

    def __call__(self, f: Field) -> pl.Expr:
        number = number_of(f, self._written)
        wrong = pl.lit(value=False)
        if self._below is not None:
            wrong = wrong | (number <= self._below)
        if self._above is not None:
            wrong = wrong | (number >= self._above)
        wrong = wrong & number.is_finite() & f.present
        if self._but is not None:
            wrong = wrong & ~self._but(f)
        return wrong & (f.kind == "number") if f.typed else wrong


class Within:
    """Wrong where the number lies in one of these ranges."""

    def __init__(self, ranges: Sequence[tuple[float, float]], written: Spelled) -> None:
        self._ranges, self._written = ranges, written

    def __call__(self, f: Field) -> pl.Expr:
        number = number_of(f, self._written)
        wrong = pl.any_horizontal(number.is_between(low, high) for low, high in self._ranges) & f.present
        return wrong & (f.kind == "number") if f.typed else wrong


def number_of(f: Field, written: Spelled) -> pl.Expr:
    """The field's number, Float64; null where it's none."""
    return (f.text if written is None or f.typed else written.plain(f.text)).cast(pl.Float64, strict=False)
