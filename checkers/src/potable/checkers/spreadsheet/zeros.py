"""Codes of digits that have lost their leading zeros: 2139 among 02139 and 90210."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from potable.checkers.folds.columns import SHARE, ColumnFold, Seen
from potable.checkers.folds.spans import Spans
from potable.checkers.names.words import speaks_of
from potable.checkers.spreadsheet.codes import LOST_ZEROS
from potable.checkers.values.strings import Values, scalars
from potable.engine.checker import Outcome, Rule
from potable.engine.fields import Field

LEAST, MOST_LOST = 3, 2
"""A code has so many digits, and has lost so many at most."""
RARE = 1
"""In percent: so many codes begin with a zero, at least."""
_DIGITS = r"\A[0-9]+\z"
_OTHER = "[0-9]"
_LONGER = r"\A[0-9]+-[0-9]+\z"
_ZERO, _NINE = ord("0"), ord("9")
ZEROED = "zeroed"
"""A vote: codes that begin with a zero. Those of how many digits there are have the number for a name."""

_POSTAL = frozenset({"zip", "zipcode", "postcode", "postal", "postalcode", "plz", "cap"})
_ABROAD = frozenset({"country", "countries", "nation", "nationality", "iso2", "iso3"})
"""Where a table speaks of countries, postal codes of four digits may be another country's."""


@dataclass(slots=True)
class Codes:
    """What was seen of a column.

    :param filled: values that aren't missing.
    :param lengths: how many of them are digits, by their number; ``zeroed``: those that begin with a zero.
    :param other: values with other signs beside digits, but for codes behind which there is another one (02139-1234).
    :param reach: by chunk, roughly, its first and last record and its shortest code.
    """

    filled: int = 0
    lengths: Counter[int] = field(default_factory=Counter)
    zeroed: Counter[int] = field(default_factory=Counter)
    other: int = 0
    reach: list[tuple[int, int, int]] = field(default_factory=list)


_MOST_REACHES = 1_000
"""Past so many chunks, neighbours are remembered as one."""


class ZerosFold(ColumnFold[Codes]):
    """Finds columns of codes of one length, some of which begin with zeros and some are shorter."""

    def votes(self, name: str, texts: pl.Series) -> Mapping[str, int]:
        codes = texts.filter(texts.str.contains(_DIGITS))
        if not len(codes):
            return {}
        lengths = codes.str.len_bytes().to_numpy()
        zeroed = codes.str.starts_with("0").to_numpy() & (lengths > 1)
        return {ZEROED: int(zeroed.sum()), **{str(length): n for length, n in _counts(lengths).items()}}

    def may_hold(self, seen: Seen[Codes]) -> bool:
        lengths = {int(vote): n for vote, n in seen.votes.items() if vote != ZEROED}
        if not lengths:
            return not seen.filled
        return _are_codes(lengths, seen.votes[ZEROED], seen.filled)

    def look(self, name: str, values: Values) -> Codes:
        texts = values.texts
        found, codes = Codes(filled=len(texts)), texts
        column = scalars(values.chunk, name).column
        if column.least < _ZERO or column.greatest > _NINE:
            are = texts.str.contains(_DIGITS)
            codes, others = texts.filter(are), texts.filter(~are)
            found.other = int((others.str.contains(_OTHER) & ~others.str.contains(_LONGER)).sum())
        if len(codes):
            lengths, zeroed = codes.str.len_bytes().to_numpy(), codes.str.starts_with("0").to_numpy()
            found.lengths, found.zeroed = _counts(lengths), _counts(lengths[zeroed])
            found.reach = [(*values.span, int(lengths.min()))]
        return found

    def join(self, left: Codes, right: Codes) -> Codes:
        left.filled += right.filled
        left.other += right.other
        left.lengths.update(right.lengths)
        left.zeroed.update(right.zeroed)
        left.reach += right.reach
        if len(left.reach) > _MOST_REACHES:
            pairs = zip(left.reach[::2], [*left.reach[1::2], left.reach[-1]], strict=False)
            left.reach = [(a[0], b[1], min(a[2], b[2])) for a, b in pairs]
        return left

    def judge(self, name: str, found: Codes) -> Iterator[tuple[Rule, Spans]]:
        length = max(found.lengths, default=0)
        shorter = sum(n for n_digits, n in found.lengths.items() if n_digits < length)
        if found.other or not 0 < shorter <= found.zeroed[length] or sum(found.zeroed.values()) > found.zeroed[length]:
            return
        if min(found.lengths) < length - MOST_LOST or not _are_codes(found.lengths, found.zeroed[length], found.filled):
            return
        spans = Spans([(first, last) for first, last, least in found.reach if least < length])
        message = f'"{{value}}" has lost its leading zeros: most of the field are codes of {length} digits'
        yield Rule(LOST_ZEROS.id, [name], _Shorter(length), message), spans

    def finish(self, state: dict[str, Seen[Codes]]) -> Outcome:
        if any(speaks_of(name, _ABROAD) for name in state):
            state = {name: seen for name, seen in state.items() if not speaks_of(name, _POSTAL)}
        return super().finish(state)


def _are_codes(lengths: Mapping[int, int], zeroed: int, filled: int) -> bool:
    longest = max(lengths)
    usual = longest >= LEAST and 100 * lengths[longest] >= SHARE * filled
    return usual and 100 * zeroed >= RARE * filled


def _counts(lengths: np.ndarray[tuple[int], np.dtype[np.uint32]]) -> Counter[int]:
    counts = np.bincount(lengths)
    return Counter({int(length): int(counts[length]) for length in np.flatnonzero(counts)})


class _Shorter:
    """Wrong where the value is fewer digits, the first of which is no zero."""

    numbers_too = True  # codes may have become some

    def __init__(self, length: int) -> None:
        self._length = length

    def __call__(self, f: Field) -> pl.Expr:
        return f.text.str.contains(r"\A[1-9][0-9]*\z") & (f.text.str.len_bytes() < self._length) & f.present
