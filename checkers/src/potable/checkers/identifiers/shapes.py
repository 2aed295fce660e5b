"""How identifiers of a source's own are built: SMP-00042 is three capitals, a hyphen and digits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

MIXED = r"[A-Za-z].*[0-9]|[0-9].*[A-Za-z]"
"""What has letters and digits."""
ZERO = "\x1f0"
"""A vote: values in which digits begin with a zero."""
LETTERS = "\x1fa"
"""Before a vote for the letters of values, without all else."""
BUCKET = "\x1f#"
"""Before a vote for values whose hashes are equal modulo :data:`BUCKETS`."""
BUCKETS, LEAST = 32, 12
"""Values that fall into fewer are a few categories (1_yes, 0_no), and no identifiers."""
WORDS, NEARLY = 20, 95
"""So many different words of letters, in so many percent of the values, name kinds of things; more, each thing."""
_ZERO = r"(?:\A|[^0-9])0[0-9]"
PADDED = 1
"""In percent: so many values have leading zeros where digits are filled up with them."""
LONGEST = 60
"""In bytes: what is longer is prose or a URL."""
_QUANTITY = r"[+-]?9+(?:[.,]9+)?[Aa]+"
"""Shapes of 12kg and -1.5mm."""
_NUMBER = r"9*[.,]9+[Aa][+-]?9+|9+[Aa][+-]9+"
"""Of 1.5e-07."""
_TIME = r"9:99|9999[-/.]99|99[-/.]99[-/.]|\A(?:99?-)?Aaa-99(?:99)?\Z"
"""Of 12:30, 2024-05, 31/12/ with what follows, 3-Jan-2024 and Jan-24."""
_VERSION = r"[A-Za-z]{0,3}9+(?:\.9+)+[A-Za-z0-9.-]*"
"""Of v1.10 and 2.0.1-rc1."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How values are built.

    :param text: one value, with A for each capital, a for each other letter, and 9 for each digit.
    :param padded: digits are filled up with zeros, so that they are never fewer.
    """

    text: str
    padded: bool

    @property
    def pattern(self) -> str:
        """Of the values that are built so; more digits may stand where a number has grown."""
        parts = []
        for run in re.findall(r"A+|a+|9+|.", self.text, re.DOTALL):
            if run[0] == "9":
                parts.append(f"[0-9]{{{len(run)},}}" if self.padded else "[0-9]+")
            elif run[0] in "Aa":
                parts.append(f"[{'A-Z' if run[0] == 'A' else 'a-z'}]{{{len(run)}}}")
            else:
                parts.append(re.escape(run))
        return rf"\A{''.join(parts)}\z"


def shape_votes(texts: pl.Series) -> Mapping[str, int]:
    """How often each shape occurs among values with letters and digits, their letters, hashes and leading zeros."""
    mixed = texts.filter(texts.str.contains(MIXED) & (texts.str.len_bytes() <= LONGEST))
    if not len(mixed):
        return {}
    shapes = mixed.str.replace_all("[A-Z]", "A").str.replace_all("[a-z]", "a").str.replace_all("[0-9]", "9")
    letters = mixed.str.replace_all("[^A-Za-z]", "").value_counts()
    words = {f"{LETTERS}{word}": number for word, number in letters.iter_rows()}
    hashes = (mixed.hash(0) % BUCKETS).value_counts()
    words |= {f"{BUCKET}{bucket}": number for bucket, number in hashes.iter_rows()}
    return {**dict(shapes.value_counts().iter_rows()), **words, ZERO: int(mixed.str.contains(_ZERO).sum())}


def usual_shape(votes: Mapping[str, int], filled: int, percent: int) -> Shape | None:
    """The shape of at least so many percent of the values; None where there's none, or it's no identifier's."""
    counts = {text: number for text, number in votes.items() if text[:1] != ZERO[0]}
    best = max(counts, key=lambda text: (counts[text], text), default="")
    if not filled or 100 * counts.get(best, 0) < percent * filled or not _is_telling(best):
        return None
    if sum(vote.startswith(BUCKET) for vote in votes) < LEAST:
        return None
    words = sorted((n for vote, n in votes.items() if vote.startswith(LETTERS)), reverse=True)
    if 100 * sum(words[:WORDS]) < min(percent, NEARLY) * filled:
        return None
    return Shape(best, 100 * votes.get(ZERO, 0) >= PADDED * filled)


def _is_telling(text: str) -> bool:
    if len(text) < 4 or not text.isascii() or re.search(r"\s", text) or not re.search("[Aa]", text):
        return False
    return not (
        re.fullmatch(_QUANTITY, text)
        or re.fullmatch(_NUMBER, text)
        or re.search(_TIME, text)
        or re.fullmatch(_VERSION, text)
    )
