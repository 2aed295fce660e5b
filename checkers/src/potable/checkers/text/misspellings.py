"""Categories that are misspelt: Homo sapines among thousands of Homo sapiens.

Only such slips are known as hardly make another word of a long one: two letters that changed places, a letter left out
or doubled, none of them the first or last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from potable.checkers.folds.hits import Hits, Recorder, together
from potable.checkers.names.words import speaks_of, words_of
from potable.checkers.text.codes import MISSPELT
from potable.checkers.values.strings import Values, field_names, strings
from potable.engine.checker import Fold, Outcome
from potable.engine.contracts.reading import Chunk
from potable.engine.definition.model import SourceDefinition
from potable.engine.toolkit import lazy_regex

RATIO = 20
"""So many times as often as the misspelt ones the right one occurs, at least."""
SWAPPED, OTHERS = 7, 8
"""A word in which letters changed places has so many letters, at least; one with any other slip."""

_WORD = lazy_regex(rf"[^\W\d_]{{{SWAPPED},}}")
_ENDING = 3
"""Letters at the end of a word that no letter is left out of or doubled in, since it may be a form: étudiantes."""
_BASES = frozenset("acgtun")
_OTHER_WORDS = frozenset(
    {
        "marital", "martial", "cavalry", "calvary", "complaint", "complaints", "compliant", "causally", "casually",
        "perfect", "prefect", "perform", "preform", "countries", "interstate", "contractor", "contractors", "planning",
    }
)  # fmt: skip
"""Words that a slip makes others of."""
_PEOPLE = frozenset(
    {
        "surname", "lastname", "firstname", "forename", "fullname", "person", "people", "author", "editor", "creator",
        "artist", "director", "actor", "collector", "observer", "recorder", "investigator", "determiner",
        "owner", "customer", "client", "patient", "employee", "manager", "agent", "seller", "rep", "salesperson",
        "supervisor", "player", "driver", "rider", "jockey", "judge", "referee", "teacher", "doctor", "physician",
        "student", "candidate", "senator", "speaker", "user", "contact", "by",
    }
)  # fmt: skip
"""Words in the names of fields of people, whose names differ by a letter: Hoffmann and Hofmann."""
_NAME = frozenset({"name", "full", "first", "last", "middle", "given", "family", "maiden", "display"})
"""So are fields called names of nothing further; a scientific name is none of a person."""


def misspelt(name: str, votes: Mapping[str, int]) -> dict[str, str]:
    """How the categories of a field may be misspelt, and the right one of each.

    :param votes: how often each value occurs among the field's first ones.
    """
    words = {word.removesuffix("s") for word in words_of(name)}
    if speaks_of(name, _PEOPLE) or ("name" in words and words <= _NAME):
        return {}
    found: dict[str, str] = {}
    for right in sorted((text for text, n in votes.items() if n >= RATIO), key=lambda text: (-votes[text], text)):
        for word in _WORD.finditer(right):
            for slip in _slips(word[0]):
                found.setdefault(f"{right[: word.start()]}{slip}{right[word.end() :]}", right)
    return {text: right for text, right in found.items() if RATIO * votes.get(text, 0) <= votes[right]}


def _slips(word: str) -> Iterator[str]:
    if not word[1:].islower() or _BASES.issuperset(word.lower()) or word.lower() in _OTHER_WORDS:
        return  # an acronym, a sequence
    for at in range(1, len(word) - 1):
        if at < len(word) - 2 and word[at] != word[at + 1]:
            yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        if len(word) >= OTHERS:
            left_out, doubled = word[:at] + word[at + 1 :], word[: at + 1] + word[at:]
            yield from (slip for slip in (left_out, doubled) if slip[-_ENDING:] == word[-_ENDING:])


@dataclass(frozen=True, slots=True)
class Suspects:
    """Values of a field that may be misspelt.

    :param most: by value, how often it occurs at most, if it is.
    :param ignored: texts that aren't looked at.
    """

    most: Mapping[str, int]
    ignored: Sequence[str]


State = dict[str, dict[str, Hits]]
"""By field and value."""


class MisspeltFold(Fold[State]):
    """In a second pass: counts the suspects, and tells those that are rare.

    :param suspects: by field.
    """

    name = "misspelt"
    codes = (MISSPELT.id,)

    def __init__(self, suspects: Mapping[str, Suspects], source: SourceDefinition, samples: int) -> None:
        self._suspects, self._recorder = dict(suspects), Recorder(source, samples)
        self.fields = (*suspects, *source.primary_key)

    def start(self) -> State:
        return {}

    def update(self, state: State, chunk: Chunk) -> State:
        present = set(field_names(chunk))
        for name in self._suspects.keys() & present:
            self._add(state, name, self._look(chunk, name))
        return state

    def merge(self, left: State, right: State) -> State:
        for name, more in right.items():
            self._add(left, name, more)
        return left

    def finish(self, state: State) -> Outcome:
        tallies = []
        for name, found in sorted(state.items()):
            most = self._suspects[name].most
            rare = [hits for text, hits in found.items() if len(hits.records) <= most[text]]
            if rare:
                message = '"{value}" seems to be misspelt: it differs by a slip from a value that is far more frequent'
                tallies.append(together(rare, self._recorder.most).tally(MISSPELT.id, name, message))
        return Outcome(findings=tallies)

    def _look(self, chunk: Chunk, name: str) -> dict[str, Hits]:
        suspects = self._suspects[name]
        values = Values(chunk, strings(chunk, name), suspects.ignored)
        at = values.texts.is_in(list(suspects.most)).arg_true()
        texts = values.texts.gather(at)
        found = {}
        for text in texts.unique():
            of = at.filter(texts == text).to_numpy()
            found[text] = values.rows(of), pl.Series([text] * len(of))
        return self._recorder.hits(chunk, name, found) if found else {}

    def _add(self, state: State, name: str, more: Mapping[str, Hits]) -> None:
        own = state.setdefault(name, {})
        for text, hits in more.items():
            own.setdefault(text, Hits()).append(hits, self._recorder.most)
