"""Words that stand for no value, where they aren't values themselves.

``NA`` is Namibia among codes of countries, ``nan`` a language among codes of languages, ``na`` a syllable among others.
So a word that is shaped as most values of its column are isn't told, nor as many different ones, if it's no more
frequent than these; nor one that occurs once in a key: there it's as good as any other. Beside ``+`` a ``-`` is a sign.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import polars as pl

from potable.checkers.bytewise import Words
from potable.checkers.columns import SHARE, ColumnFold, Seen
from potable.checkers.hits import Hits, together
from potable.checkers.strings import Values, strings
from potable.checkers.text.codes import PLACEHOLDER
from potable.engine.checker import Outcome
from potable.engine.contracts.reading import Chunk
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Tally

DIFFERENT, ALIKE = 3, 20
"""So many different values, or so many values, must have a shape before a word is taken for one of them."""
MANY, MANY_SHARE = 10, 10
"""Where they aren't most of the column: so many different values, and so many percent of it."""

Found = dict[str, Hits]
"""By word."""
_ALL = "\x1fall"
"""In the votes: all values but the words themselves."""
_SIGNS = {"-": ("+",), "–": ("+",), "--": ("++",), "***": ("*", "**", "****", "*****")}
"""Strands of DNA, charges, features of sounds, ratings: no words where their opposites occur, in any record."""


class PlaceholderFold(ColumnFold[Found]):
    """See the module.

    :param words: spelt exactly so.
    :param ignored: texts that aren't looked at, by field; other fields: the definition's missing values.
    :param keys: canonical paths of fields that are keys by themselves.
    """

    def __init__(
        self,
        source: SourceDefinition,
        samples: int,
        words: Sequence[str],
        ignored: Mapping[str, Sequence[str]],
        keys: Collection[str],
        left_out: Collection[str],
    ) -> None:
        super().__init__("placeholders", (PLACEHOLDER.id,), source, samples, left_out=left_out)
        self._words = list(words)
        others = (other for sign, those in _SIGNS.items() if sign in words for other in those)
        self._sought = list(dict.fromkeys([*words, *others]))
        self._known = Words(self._sought)
        self._longest = max(map(len, words), default=0)
        self._ignored, self._keys = ignored, frozenset(keys)

    def votes(self, name: str, texts: pl.Series) -> Mapping[str, int]:
        """How often each value occurs that is as short as the words are."""
        others = texts.filter(~texts.is_in(self._words))
        short = others.filter(others.str.len_chars() <= self._longest)
        return {**dict(short.value_counts().iter_rows()), _ALL: len(others)}

    def may_hold(self, seen: Seen[Found]) -> bool:
        return True

    def values(self, chunk: Chunk, name: str) -> Values:
        of_field = strings(chunk, name)
        return Values(chunk, of_field, self._ignored.get(name, self.missing_values(name)))

    def examine(self, chunk: Chunk, name: str) -> Found | None:
        may_be = strings(chunk, name).column.may_be_one_of(self._known)
        return super().examine(chunk, name) if may_be else None

    def look(self, name: str, values: Values) -> Found | None:
        at = values.texts.is_in(self._sought).arg_true()
        if not len(at):
            return None
        words = values.texts.gather(at)
        return self.hits(name, values, {word: at.filter(words == word).to_numpy() for word in words.unique()})

    def join(self, left: Found, right: Found) -> Found:
        for word, hits in right.items():
            left.setdefault(word, Hits()).append(hits, self.recorder.most)
        return left

    def finish(self, state: dict[str, Seen[Found]]) -> Outcome:
        for name, seen in state.items():
            if found := seen.found:
                words = {
                    w: h for w, h in found.items() if w in self._words and found.keys().isdisjoint(_SIGNS.get(w, ()))
                }
                seen.found = {w: h for w, h in words.items() if not self._is_a_value(name, w, h, seen)}
        return super().finish(state)

    def judge(self, name: str, found: Found) -> Iterator[Tally]:
        if found:
            told = together(found.values(), self.recorder.most)
            yield told.tally(PLACEHOLDER.id, name, "'{value}' seems to stand for no value")

    def _is_a_value(self, name: str, word: str, hits: Hits, seen: Seen[Found]) -> bool:
        if name in self._keys and len(hits.records) == 1:
            return True
        if not any(c.isalpha() for c in word):
            return False
        alike = {text: n for text, n in seen.votes.items() if text != _ALL and shape(text) == shape(word)}
        number, percent = sum(alike.values()), seen.votes[_ALL] / 100
        if (len(alike) >= DIFFERENT or number >= ALIKE) and number >= SHARE * percent:
            return True
        if len(alike) < MANY or number < MANY_SHARE * percent:
            return False
        return hits.records.rank(self.head_size) <= max(alike.values())


def shape(text: str) -> str:
    """Which letters are capitals, which are digits: of ``NA`` and ``DE`` it's the same."""
    return "".join("X" if c.isupper() else "x" if c.isalpha() else "9" if c.isdigit() else c for c in text)
