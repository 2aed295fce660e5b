"""Whether a word that usually stands for none is a value of its column, and a second look where that's in doubt.

The first records of a table that is sorted by continent may all be NA, and codes of three letters may be in use only in
later ones, beside TBA. Then records from all over the source are asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap64

from potable.checkers.folds.columns import SHARE
from potable.checkers.folds.hits import Hits, together
from potable.checkers.text.codes import PLACEHOLDER
from potable.checkers.values.strings import Values, field_names, strings
from potable.engine.checker import Fold, Outcome
from potable.engine.contracts.reading import Chunk
from potable.engine.findings import Tally

DIFFERENT, ALIKE = 3, 20
"""So many different values, or so many values, must have a shape before a word is taken for one of them."""
MANY, MANY_SHARE = 10, 10
"""Where they aren't most of the column: so many different values, and so many percent of it."""
WORDS = 100
"""So many different words in small letters are a list of words, each of them there once."""
ALL = "\x1fall"
"""In the votes: all values but the words themselves."""
RUNS, RUN = 20, 1_000
"""A second look is at so many runs of so many records."""


def is_a_value(word: str, occurs: int, votes: Mapping[str, int]) -> bool:
    """Whether a word is one of the values that it's shaped like.

    :param occurs: how often, in the records of the votes.
    :param votes: by value, how often it occurs; how many there are stands under :data:`ALL`.
    """
    if not any(c.isalpha() for c in word):
        return False
    alike = _alike(word, votes)
    number, percent = sum(alike.values()), votes.get(ALL, 0) / 100
    if (len(alike) >= DIFFERENT or number >= ALIKE) and number >= SHARE * percent:
        return True
    if len(alike) < MANY or number < MANY_SHARE * percent:
        return False
    return occurs <= max(alike.values())


def may_turn_out(word: str, votes: Mapping[str, int]) -> bool:
    """Whether a word may be a value although the first records don't say so: they have hardly any other, or codes."""
    if not word.isalpha():
        return False
    codes = sum(n for text, n in votes.items() if _is_code(text))
    return votes.get(ALL, 0) < ALIKE or (
        word.isupper() and bool(_alike(word, votes)) and 100 * codes >= SHARE * votes.get(ALL, 0)
    )


def tally(name: str, hits: Iterable[Hits], most: int) -> Tally:
    """What is reported of words that stand for no value."""
    return together(hits, most).tally(PLACEHOLDER.id, name, "'{value}' seems to stand for no value")


def shape(text: str) -> str:
    """Which letters are capitals, which are digits: of ``NA`` and ``DE`` it's the same."""
    return "".join("X" if c.isupper() else "x" if c.isalpha() else "9" if c.isdigit() else c for c in text)


def _alike(word: str, votes: Mapping[str, int]) -> dict[str, int]:
    return {text: n for text, n in votes.items() if len(text) == len(word) and shape(text) == shape(word)}


def is_in_a_list(word: str, votes: Mapping[str, int]) -> bool:
    """Whether a word that occurs once is one of a list: most values are words in small letters, each another one."""
    if not (word.isalpha() and word.islower()):
        return False
    words = [text for text in votes if text != ALL and text.isalpha() and text.islower()]
    number = sum(votes[text] for text in words)
    return len(words) >= WORDS and number == len(words) and 100 * number >= SHARE * votes.get(ALL, 0)


def _is_code(text: str) -> bool:
    return text.isalnum() and text.isupper()


@dataclass(frozen=True, slots=True)
class Doubts:
    """Words of a field that may stand for none.

    :param words: where each is.
    :param last: the last record that has the field.
    :param ignored: texts that aren't looked at.
    """

    words: Mapping[str, Hits]
    last: int
    ignored: Sequence[str]


@dataclass(slots=True)
class Asked:
    """What records from all over the source have in a field.

    :param votes: as :func:`is_a_value` takes them.
    """

    records: BitMap64 = field(default_factory=BitMap64)
    votes: Counter[str] = field(default_factory=Counter)


class SecondLook(Fold[dict[str, Asked]]):
    """In a second pass: tells of the words that aren't values there either.

    :param doubts: by field.
    :param words: all that are looked for.
    :ivar records: to look at.
    """

    name = "placeholders again"
    codes = (PLACEHOLDER.id,)

    def __init__(self, doubts: Mapping[str, Doubts], words: Sequence[str], samples: int) -> None:
        self._doubts, self._words, self._samples = dict(doubts), list(words), samples
        self._longest = max(map(len, words))
        self.fields = tuple(doubts)
        self.records = spread(max(of.last for of in doubts.values()))

    def start(self) -> dict[str, Asked]:
        return {}

    def update(self, state: dict[str, Asked], chunk: Chunk) -> dict[str, Asked]:
        for name in self._doubts.keys() & set(field_names(chunk)) if chunk.records else ():
            asked = state.setdefault(name, Asked())
            texts = Values(chunk, strings(chunk, name), self._doubts[name].ignored).texts
            others = texts.filter(~texts.is_in(self._words))
            short = others.filter(others.str.len_chars() <= self._longest)
            asked.records |= BitMap64(chunk.numbers)
            asked.votes.update({**dict(short.value_counts().iter_rows()), ALL: len(others)})
        return state

    def merge(self, left: dict[str, Asked], right: dict[str, Asked]) -> dict[str, Asked]:
        for name, more in right.items():
            asked = left.setdefault(name, Asked())
            asked.records |= more.records
            asked.votes.update(more.votes)
        return left

    def finish(self, state: dict[str, Asked]) -> Outcome:
        findings = []
        for name, of in sorted(self._doubts.items()):
            asked = state.get(name, Asked())
            told = [hits for word, hits in of.words.items() if not _is_one(word, hits, asked)]
            if told:
                findings.append(tally(name, told, self._samples))
        return Outcome(findings=findings)


def _is_one(word: str, hits: Hits, asked: Asked) -> bool:
    if is_a_value(word, len(hits.records & asked.records), asked.votes):
        return True
    codes = sum(n for text, n in asked.votes.items() if _is_code(text))
    in_use = 100 * codes >= SHARE * asked.votes[ALL] > 0
    return len(hits.records) == 1 and word.isupper() and in_use and len(_alike(word, asked.votes)) >= MANY


def spread(last: int) -> npt.NDArray[np.uint64]:
    """Numbers of records from all over a source of so many."""
    if last <= RUNS * RUN:
        return np.arange(1, last + 1, dtype=np.uint64)
    starts = np.linspace(1, last - RUN + 1, RUNS).astype(np.uint64)
    return np.concatenate([np.arange(start, start + RUN, dtype=np.uint64) for start in starts])
