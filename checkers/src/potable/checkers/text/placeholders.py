"""Words that stand for no value, and signs for the one above, where they aren't values themselves.

``NA`` is Namibia among codes of countries, ``nan`` a language among codes of languages, ``na`` a syllable among others.
So a word that is shaped as most values of its column are isn't told, nor as many different ones, if it's no more
frequent than these; nor one that occurs once in a key, or in a list of words: there it's as good as any other. Beside
``+`` a ``-`` is a sign. The first records tell, or a second look where they can't: see
:mod:`potable.checkers.text.second_looks`.

A ditto mark has a value above it, and there are several; among other signs, as in a list of a text's words, it's one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import polars as pl

from potable.checkers.folds.columns import ColumnFold, Seen
from potable.checkers.folds.hits import Hits, together
from potable.checkers.text.codes import DITTO, PLACEHOLDER
from potable.checkers.text.second_looks import ALL, Doubts, SecondLook, is_a_value, is_in_a_list, may_turn_out, tally
from potable.checkers.text.words import DITTO as MARKS
from potable.checkers.text.words import PLACEHOLDERS
from potable.checkers.values.bytewise import Words
from potable.checkers.values.strings import SIGNS_ALONE, Values, strings
from potable.engine.checker import Late, Outcome
from potable.engine.contracts.reading import Chunk
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Tally

Found = dict[str, Hits]
"""By word."""
_SIGN = "\x1fsign"
"""In the votes: values that have no letter or digit, but the words themselves."""
FEWEST = 2
"""So often a ditto mark occurs."""
_SIGNS = {"-": ("+",), "–": ("+",), "--": ("++",), "***": ("*", "**", "****", "*****")}
"""Strands of DNA, charges, features of sounds, ratings: no words where their opposites occur, in any record."""


class PlaceholderFold(ColumnFold[Found]):
    """See the module.

    :param words: that stand for no value, spelt exactly so; none: only ditto marks are looked for.
    :param ditto: whether these are.
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
        *,
        ditto: bool,
    ) -> None:
        codes = [PLACEHOLDER.id] * bool(words) + [DITTO.id] * ditto
        super().__init__("placeholders", codes, source, samples, left_out=left_out)
        self._marks = [mark for mark in MARKS if mark not in words] if ditto else []
        self._words = [*words, *self._marks]
        others = (other for sign, those in _SIGNS.items() if sign in words for other in those)
        self._sought = list(dict.fromkeys([*self._words, *others]))
        self._known = Words(self._sought)
        self._longest = max(map(len, self._words), default=0)
        self._ignored, self._keys = ignored, frozenset(keys)

    def votes(self, name: str, texts: pl.Series) -> Mapping[str, int]:
        """How often each value occurs that is as short as the words are."""
        others = texts.filter(~texts.is_in(self._words))
        short = others.filter(others.str.len_chars() <= self._longest)
        signs = int((short.str.contains(SIGNS_ALONE) & ~short.is_in(PLACEHOLDERS)).sum())
        return {**dict(short.value_counts().iter_rows()), ALL: len(others), _SIGN: signs}

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
        self.let_go(state)
        doubts: dict[str, Doubts] = {}
        for name, seen in state.items():
            if found := seen.found:
                words = {
                    w: h for w, h in found.items() if w in self._words and found.keys().isdisjoint(_SIGNS.get(w, ()))
                }
                seen.found = {w: h for w, h in words.items() if not self._is_a_value(name, w, h, seen)}
                if not self._has_ditto_marks(seen):
                    seen.found = {w: h for w, h in seen.found.items() if w not in self._marks}
                told = {w: h for w, h in seen.found.items() if w not in self._marks}
                if any(may_turn_out(w, seen.votes) for w in told) and seen.last > self.head_size:
                    doubts[name] = Doubts(told, seen.last, self._ignored.get(name, self.missing_values(name)))
                    seen.found = {w: h for w, h in seen.found.items() if w in self._marks}
        outcome = super().finish(state)
        if not doubts:
            return outcome
        second = SecondLook(doubts, self._words, self.recorder.most)
        return Outcome(findings=outcome.findings, late=Late(folds=[second], records=second.records))

    def judge(self, name: str, found: Found) -> Iterator[Tally]:
        marks = [hits for word, hits in found.items() if word in self._marks]
        if len(marks) < len(found):
            yield tally(name, (h for word, h in found.items() if word not in self._marks), self.recorder.most)
        if marks:
            told = together(marks, self.recorder.most)
            yield told.tally(DITTO.id, name, "'{value}' seems to stand for the value above it")

    def _has_ditto_marks(self, seen: Seen[Found]) -> bool:
        """Whether those that are there are some, and no values."""
        marks = [hits.records for word, hits in (seen.found or {}).items() if word in self._marks]
        several = sum(map(len, marks)) >= FEWEST and min(records[0] for records in marks) > 1
        return several and seen.votes[ALL] > 0 == seen.votes[_SIGN]

    def _is_a_value(self, name: str, word: str, hits: Hits, seen: Seen[Found]) -> bool:
        if len(hits.records) == 1 and (name in self._keys or is_in_a_list(word, seen.votes)):
            return True
        return is_a_value(word, hits.records.rank(self.head_size), seen.votes)
