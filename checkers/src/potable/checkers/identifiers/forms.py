"""In which of several ways an identifier is written: bare, behind a prefix, as a URL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.checkers.folds.spans import Spans

BARE = "bare"


@dataclass(frozen=True, slots=True)
class Form:
    """A way of writing.

    :param told: it, behind "is written".
    :param pattern: of the texts that are written so.
    :param sign: a character that all of these have; None: there's none.
    """

    told: str
    pattern: str
    sign: str | None = ":"


def form_numbers(
    forms: Sequence[Form], texts: pl.Series, may_have: Callable[[int], bool] | None = None
) -> npt.NDArray[np.int8]:
    """For each text the number of its form; that of none, one more than the last, is bare.

    :param may_have: whether this byte may occur in a text.
    """
    out = np.full(len(texts), len(forms), np.int8)
    left = texts
    rows = np.arange(len(texts))
    for number, form in enumerate(forms):
        if may_have is not None and form.sign is not None and not may_have(ord(form.sign)):
            continue
        has = left.str.contains(form.pattern).fill_null(value=False)
        if has.all():
            out[rows] = number
            break
        if has.any():
            mask = has.to_numpy()
            out[rows[mask]] = number
            rows, left = rows[~mask], left.filter(~has)
    return out


def told(forms: Sequence[Form], number: int) -> str:
    """A form by its number."""
    return forms[number].told if number < len(forms) else BARE


def told_apart(forms: Sequence[Form], number: int, usual: int) -> str:
    """A template for values that are written in one form, where most are in another."""
    return f'"{{value}}" is written {told(forms, number)}, others of the field {told(forms, usual)}'


def usual_of(counts: Mapping[int, int]) -> int:
    """The form that most are written in, by its number; of equals the first."""
    return min(counts, key=lambda number: (-counts[number], number))


@dataclass(slots=True)
class Written:
    """How many values of a column are written in which form, by its number, and where they are."""

    counts: Counter[int] = field(default_factory=Counter)
    where: dict[int, Spans] = field(default_factory=dict)

    def note(self, numbers: npt.NDArray[np.int8], span: tuple[int, int]) -> None:
        """The forms of values of these records."""
        for number, count in enumerate(np.bincount(numbers).tolist()):
            if count:
                self.counts[number] += count
                self.where.setdefault(number, Spans()).add(*span)

    def append(self, other: Written) -> None:
        """What was seen of values that follow."""
        self.counts.update(other.counts)
        for number, spans in other.where.items():
            self.where.setdefault(number, Spans()).append(spans)
