"""One thing that can be odd about texts: a pattern, with a cheap gate and words for what was found."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from potable.engine.findings import clip

if TYPE_CHECKING:
    import polars as pl

    from potable.checkers.values.bytewise import Column


@dataclass(frozen=True, slots=True)
class Trait:
    """One thing that texts shouldn't have.

    :param may: whether any cell of a column may have it; most columns are done with after that.
    :param gate: a regular expression that every text with it matches, and few others.
    :param test: which texts have it.
    :param told: what is wrong with one that has, a clause.
    :param meant_in: words in the names of fields in whose texts it's meant.
    """

    may: Callable[[Column], bool]
    gate: str
    test: Callable[[pl.Series], pl.Series]
    told: Callable[[str], str]
    meant_in: frozenset[str] = frozenset()


def beyond_ascii(column: Column) -> bool:
    """Whether any text of a column has a character beyond ASCII."""
    return column.greatest >= 0x80


def told_character(text: str, pattern: re.Pattern[str]) -> str:
    """Which character of a text a pattern finds first, and where: a clause."""
    found = pattern.search(text)
    if found is None:
        return f"{short(text)} holds such a character"
    name = unicodedata.name(found[0], "").lower()
    told = f"U+{ord(found[0]):04X}" + (f" ({name})" if name else "")
    return f"{short(text)} holds {told} at character {found.start() + 1}"


def short(text: str) -> str:
    """A text as clauses quote it."""
    return repr(clip(text, 60))
