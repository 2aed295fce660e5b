"""Categories that are spelt in upper and in lower case, go by two names, or are misspelt: Male, male, M and Fmeale in a
field of few different values, Germany and DE in one of countries.

The first records tell what the categories are. In all others just their other spellings are looked for, which the first
and the last letters of a chunk's texts, and how long they are, rule out at once where there's none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.checkers.folds.columns import HEAD, SHARE, ColumnFold, Seen
from potable.checkers.folds.spans import Spans, joined, records_of
from potable.checkers.names.words import speaks_of
from potable.checkers.text import countries
from potable.checkers.text.codes import MISSPELT, MIXED_CASE, SYNONYM
from potable.checkers.text.misspellings import RATIO, MisspeltFold, Suspects, misspelt
from potable.checkers.text.synonyms import BITS, other_names
from potable.checkers.values.strings import Values, strings
from potable.engine.checker import Late, Outcome, Rule
from potable.engine.contracts.reading import Chunk
from potable.engine.definition.model import SourceDefinition
from potable.engine.fields import Field
from potable.engine.toolkit import Quoting

MOST, OFTEN = 50, 4
"""Different values of a field of categories, at most, and how often each occurs on average, at least."""
TIMES = 3
"""So often the usual spelling occurs in the first records."""
SHOWN = 3
"""Of the usual names so many are named."""
LETTERS = 4
"""Shorter words in another case may mean something else: ``Mg`` and ``mg``."""
_SHORT = frozenset({"yes", "no"})
"""Words with fewer letters that mean the same in any case; m may be a metre, and M a million."""
_SIGNS, _LONGEST = frozenset(" .,'&/()_-"), 60
_MANY = "\x1fmany"
"""In the votes: some records have more different values than a field of categories."""

_SEXES = frozenset({"sex", "gender"})
_CASED = frozenset(
    {
        "gene", "symbol", "allele", "protein", "marker", "target", "probe", "primer", "strain", "antigen", "mutation",
        "variant", "genotype", "phenotype", "unit", "uom", "formula", "base", "letter", "character", "char", "token",
        "word", "regex", "pattern", "path", "file", "filename", "extension", "code", "id", "key", "hash", "tag",
    }
)  # fmt: skip
"""Words in the names of fields in whose values the case tells: Gapdh of mice, GAPDH of people."""


@dataclass(slots=True)
class Spelt:
    """What was seen of a column.

    :param others: by value that may be another spelling, the chunks that have it.
    :param unseen: chunks that weren't looked at: before the categories were known, many values hid what they were.
    :param filled: how many values there are, where misspelt ones are looked for.
    """

    others: dict[str, Spans] = field(default_factory=dict)
    unseen: Spans = field(default_factory=Spans)
    filled: int = 0


class Sought:
    """The other spellings and names of a column's categories.

    :ivar usual: by each other spelling, the usual one; ``names``: by each other name; ``typos``: the right one
        by each misspelt one.
    :ivar shown: some usual names of the field.
    :ivar ends: true at 256 times the first byte of one plus its last; ``lengths``: at its length in bytes.
    """

    def __init__(self, name: str, seen: Seen[Spelt]) -> None:
        votes = seen.votes
        self.usual: dict[str, str] = {}
        groups: dict[str, list[str]] = {}
        for text in filter(_is_word, votes if _are_few(seen) else ()):
            groups.setdefault(text.casefold(), []).append(text)
        for folded, spellings in groups.items():
            usual = min(spellings, key=lambda text: (-votes[text], text))
            if votes[usual] >= TIMES and _means_the_same(name, folded):
                others = {other for other in _forms(usual) if other.casefold() == folded}
                self.usual |= {other: usual for other in others if _ends(other) != _ends(usual)}
        of_countries = countries.other_names(votes) if countries.speaks_of_countries(name) else {}
        self.names = of_countries or other_names(votes)
        shown = dict.fromkeys(self.names.values())
        self.shown = sorted(shown.keys() & votes.keys(), key=lambda t: (-votes[t], t)) if of_countries else list(shown)
        self.usual = {other: usual for other, usual in self.usual.items() if other not in self.names}
        typos = misspelt(name, votes) if _are_few(seen) and not speaks_of(name, _CASED) else {}
        self.typos = {typo: right for typo, right in typos.items() if _is_word(typo)}
        self.ends: npt.NDArray[np.bool_] = np.zeros(1 << 16, np.bool_)
        coded = [other.encode() for other in self.sought]
        self.lengths: npt.NDArray[np.bool_] = np.zeros(max(map(len, coded), default=0) + 2, np.bool_)
        self.series = pl.Series(sorted(self.sought), dtype=pl.String)
        for other in coded:
            self.ends[other[0] << 8 | other[-1]] = True
            self.lengths[len(other)] = True

    @property
    def sought(self) -> frozenset[str]:
        """All of them."""
        return frozenset((*self.usual, *self.names, *self.typos))


class SpellingFold(ColumnFold[Spelt]):
    """See the module.

    :param ignored: texts that aren't looked at, by field; other fields: the definition's missing values.
    """

    def __init__(
        self,
        source: SourceDefinition,
        samples: int,
        on: Collection[str],
        ignored: Mapping[str, Sequence[str]],
        left_out: Collection[str],
    ) -> None:
        codes = [code.id for code in (MIXED_CASE, SYNONYM, MISSPELT) if code.id in on]
        super().__init__("spellings", codes, source, samples, left_out=left_out)
        self._source, self._ignored, self._quoting = source, ignored, Quoting(source.values)
        # Shared by the threads of a scan; it only saves work: `finish` finds out for itself.
        self._sought: dict[str, Sought] = {}

    def values(self, chunk: Chunk, name: str) -> Values:
        return Values(chunk, strings(chunk, name), self._not_looked_at(name))

    def _not_looked_at(self, name: str) -> Sequence[str]:
        return self._ignored.get(name, self.missing_values(name))

    def votes(self, name: str, texts: pl.Series) -> Mapping[str, int]:
        """How often each value occurs, where they're few."""
        counts = texts.value_counts()
        return dict(counts.iter_rows()) if counts.height <= _most(name) else {_MANY: 1}

    def may_hold(self, seen: Seen[Spelt]) -> bool:
        return _MANY not in seen.votes and (_are_few(seen) or countries.are_countries(seen.votes))

    def keep(self, name: str, seen: Seen[Spelt]) -> None:
        self._sought[name] = Sought(name, seen)

    def examine(self, chunk: Chunk, name: str) -> Spelt | None:
        sought = self._sought.get(name)
        if sought is not None:
            column = strings(chunk, name).column
            if not (sought.sought and column.may_end_so(sought.ends, sought.lengths)):
                return Spelt(filled=len(self.values(chunk, name).texts)) if sought.typos else None
        return super().examine(chunk, name)

    def look(self, name: str, values: Values) -> Spelt | None:
        texts, sought, filled = values.texts, self._sought.get(name), len(values.texts)
        if sought is not None:
            texts = texts.filter(texts.is_in(sought.series))
        elif texts.head(HEAD).n_unique() > _most(name):
            return Spelt(unseen=Spans([values.span]), filled=filled)
        others = [text for text in texts.unique() if _may_be_sought(text)]
        return Spelt({other: Spans([values.span]) for other in others}, filled=filled)

    def join(self, left: Spelt, right: Spelt) -> Spelt:
        for other, spans in right.others.items():
            left.others.setdefault(other, Spans()).append(spans)
        left.unseen.append(right.unseen)
        left.filled += right.filled
        return left

    def merge(self, left: dict[str, Seen[Spelt]], right: dict[str, Seen[Spelt]]) -> dict[str, Seen[Spelt]]:
        merged = super().merge(left, right)
        for name, sought in self._sought.items():
            if name in merged and (found := merged[name].found) is not None:
                found.others = {other: found.others[other] for other in found.others.keys() & sought.sought}
        return merged

    def finish(self, state: dict[str, Seen[Spelt]]) -> Outcome:
        self._sought = {name: Sought(name, seen) for name, seen in state.items() if self.may_hold(seen)}
        outcome = super().finish(state)
        suspects, where = {}, []
        for name in sorted(self._sought) if MISSPELT.id in self.codes else ():
            spans = [*self._where(name, state[name], self._sought[name].typos)]
            if any(of.bounds for of in spans):
                suspects[name] = Suspects(self._most_typos(name, state[name]), self._not_looked_at(name))
                where += spans
        if not suspects:
            return outcome
        late = Late(folds=[MisspeltFold(suspects, self._source, self.recorder.most)], records=records_of(*where))
        return Outcome(findings=outcome.findings, late=joined(outcome.late, late))

    def _where(self, name: str, seen: Seen[Spelt], texts: Collection[str]) -> Iterator[Spans]:
        """Where some of these texts may be."""
        if seen.found is not None and texts:
            others = frozenset(texts) - frozenset(self._ignored.get(name, ()))
            yield seen.found.unseen
            yield from (spans for other, spans in seen.found.others.items() if other in others)

    def _most_typos(self, name: str, seen: Seen[Spelt]) -> dict[str, int]:
        """By each misspelt category how often it occurs at most, so that the right one, as in the first records, does
        so many times as often.
        """
        filled = seen.found.filled if seen.found is not None else 0
        typos = self._sought[name].typos.items()
        return {typo: seen.votes[right] * filled // (RATIO * seen.filled) for typo, right in typos}

    def judge(self, name: str, found: Spelt) -> Iterator[tuple[Rule, Spans]]:
        sought = self._sought[name]
        spellings = {} if speaks_of(name, _CASED) else sought.usual
        told = '"{value}" is another value of the field, but for upper and lower case'
        yield from self._told(MIXED_CASE.id, name, found, spellings.keys(), told)
        told = '"{value}" is another name for a value of the field'
        if sought.names and self._quoting.policy(name) == "shown":
            shown = sought.shown
            told += f": most are {', '.join(shown[:SHOWN])}{', …' if len(shown) > SHOWN else ''}"
        yield from self._told(SYNONYM.id, name, found, sought.names.keys(), told)

    def _told(
        self, code: str, name: str, found: Spelt, texts: Collection[str], message: str
    ) -> Iterator[tuple[Rule, Spans]]:
        others = frozenset(texts) - frozenset(self._ignored.get(name, ()))
        where = [found.unseen, *(spans for other, spans in found.others.items() if other in others)]
        spans = Spans(sorted({bounds for of in where for bounds in of.bounds}))
        if code in self.codes and others and spans.bounds:
            yield Rule(code, [name], _OneOf(sorted(others)), message), spans


def _are_few(seen: Seen[Spelt]) -> bool:
    """Whether the values are a few categories, nearly all of them words."""
    if len(seen.votes) > MOST or len(seen.votes) * OFTEN > seen.filled:
        return False
    return 100 * sum(n for text, n in seen.votes.items() if _may_be_sought(text)) >= SHARE * seen.filled > 0


def _most(name: str) -> int:
    return countries.MOST if countries.speaks_of_countries(name) else MOST


def _is_word(text: str) -> bool:
    return len(text) <= _LONGEST and text[:1].isalpha() and all(c.isalpha() or c in _SIGNS for c in text)


def _may_be_sought(text: str) -> bool:
    return text in BITS or _is_word(text)


def _means_the_same(name: str, folded: str) -> bool:
    letters = sum(c.isalpha() for c in folded)
    return letters >= LETTERS or folded in _SHORT or speaks_of(name, _SEXES)


def _forms(text: str) -> set[str]:
    return {text.lower(), text.upper(), text.capitalize(), text.title()}


def _ends(text: str) -> tuple[int, int]:
    coded = text.encode()
    return coded[0], coded[-1]


class _OneOf:
    """Wrong where the text is one of these."""

    def __init__(self, others: Sequence[str]) -> None:
        self._others = list(others)

    def __call__(self, f: Field) -> pl.Expr:
        said = f.text.is_in(self._others) & f.present
        return said & (f.kind == "string") if f.typed else said
