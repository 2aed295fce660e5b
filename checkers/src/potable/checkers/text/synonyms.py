"""Categories that go by two names: M and male, yes and true, Mon and Monday.

Only such families are known whose words mean the same wherever they are all that a field holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from potable.checkers.calendar.words import DAYS, MONTHS, SHORT_DAYS, SHORT_MONTHS

BITS = frozenset({"0", "1"})
SHARE = 95
"""In percent: so many of a field's first values must be words of the family."""
TIMES = 3
"""So often words of the usual style occur in the first records."""


@dataclass(frozen=True, slots=True)
class Family:
    """Words for the same few things.

    :param styles: each names these things in the same order.
    :param beside: words that may stand beside those of any style.
    """

    styles: Sequence[Sequence[str]]
    beside: frozenset[str] = frozenset()

    @property
    def words(self) -> frozenset[str]:
        """All of them."""
        return self.beside.union(*self.styles)


FAMILIES = (
    Family(
        [("yes", "no"), ("y", "n"), ("true", "false"), ("t", "f"), ("1", "0"), ("on", "off")],
        frozenset({"unknown", "maybe", "n/a", "na"}),
    ),
    Family(
        [("male", "female"), ("m", "f"), ("man", "woman")],
        frozenset({"other", "unknown", "u", "o", "x", "d", "diverse", "non-binary", "nonbinary", "n/a", "na"}),
    ),
    Family([DAYS, SHORT_DAYS, [day[:2] for day in DAYS]]),
    Family([MONTHS, SHORT_MONTHS]),
)


_SPELT_OUT = frozenset({"march", "april", "june", "july"})
"""Beside Jan, Feb, Aug many people write these, and always so."""


def other_names(votes: Mapping[str, int]) -> dict[str, str]:
    """What other names a field's categories may go by, in any spelling, and the usual one of each.

    :param votes: how often each value occurs among the field's first ones.
    """
    folded: Counter[str] = Counter()
    for text, number in votes.items():
        folded[text.lower()] += number
    total = folded.total()
    own = [f for f in FAMILIES if 100 * sum(folded[word] for word in f.words) >= SHARE * total]
    if len(own) != 1:  # of an f alone it isn't known what it stands for
        return {}
    (family,) = own
    counts = [sum(folded[word] for word in style) for style in family.styles]
    usual = family.styles[counts.index(max(counts))]
    if max(counts) < TIMES:
        return {}
    return {
        text: name
        for style in family.styles
        for other, name in zip(style, usual, strict=True)
        if other not in usual and (folded[name] or (folded[other] < TIMES and other not in _SPELT_OUT))
        for text in (other, other.upper(), other.capitalize())
    }
