"""Letters with an accent that are one character here, and a letter and a mark there: é in the Unicode normal forms NFC
and NFD. The latter is how macOS writes names of files.

The first pass finds where there are such marks at all, which is in few data; only then is it looked, in a second one,
whether the field has the same letters as one character, too.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from potable.checkers.declared.table_schema import TableSchema
from potable.checkers.folds.hits import Hits, Recorder, together
from potable.checkers.folds.spans import Spans, records_of
from potable.checkers.text.codes import DECOMPOSED
from potable.checkers.values.bytewise import Column
from potable.checkers.values.strings import Values, field_names, strings
from potable.engine.checker import EACH_FIELD, Fold, Late, Outcome
from potable.engine.contracts.reading import Chunk
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Tally
from potable.engine.toolkit import lazy_regex

_MARKS = r"[\x{300}-\x{36F}\x{3099}\x{309A}]"
_JAMO = r"[\x{1100}-\x{1112}][\x{1161}-\x{1175}]"
_GATE = f"{_MARKS}|{_JAMO}"
_CLUSTER = lazy_regex("[^\u0300-\u036f\u3099\u309a][\u0300-\u036f\u3099\u309a]+|[\u1100-\u1112][\u1161-\u1175]")
_FIRST_BYTES = (0xCC, 0xCD)
"""Of marks over and under letters, and of nothing else but a few Greek letters."""
_PARTS = (b"\xe3\x82\x99", b"\xe3\x82\x9a", b"\xe1\x84")
"""The marks of Japanese letters, and what Korean ones begin with that are written as their parts."""
_HANGUL = "\uac00"
"""Stands for all Korean letters, of which there are 11,172."""


def letters(text: str) -> set[str]:
    """The letters that a text writes as several characters, though each is one."""
    composed = ((found, unicodedata.normalize("NFC", found)) for found in _CLUSTER.findall(text))
    return {_letter(whole[0]) for found, whole in composed if whole[0] != found[0]}


def composed_letters(texts: pl.Series) -> set[str]:
    """The letters that are one character in texts, and might be several."""
    characters = set[str]().union(*texts.filter(texts.str.contains(r"[^\x00-\x7F]")).unique())
    return {_letter(c) for c in characters if not c.isascii() and unicodedata.normalize("NFD", c) != c}


def _letter(character: str) -> str:
    return _HANGUL if "\uac00" <= character <= "\ud7a3" else character


def _may_hold(column: Column) -> bool:
    if column.greatest < _FIRST_BYTES[0]:
        return False
    return any(map(column.has, _FIRST_BYTES)) or any(map(column.may_hold, _PARTS))


@dataclass(slots=True)
class Marked:
    """Where a column has letters of several characters, and where it has any beyond ASCII."""

    decomposed: Spans = field(default_factory=Spans)
    beyond: Spans = field(default_factory=Spans)


class DecomposedFold(Fold[dict[str, Marked]]):
    """See the module.

    :param ignored: texts that aren't looked at, by field; other fields: the definition's missing values.
    """

    name = "decomposed"
    codes = (DECOMPOSED.id,)
    fields = (EACH_FIELD,)

    def __init__(
        self, source: SourceDefinition, samples: int, ignored: Mapping[str, Sequence[str]], left_out: Collection[str]
    ) -> None:
        self._source, self._samples, self._ignored = source, samples, ignored
        self._left_out = frozenset(left_out)

    def start(self) -> dict[str, Marked]:
        return {}

    def update(self, state: dict[str, Marked], chunk: Chunk) -> dict[str, Marked]:
        for name in field_names(chunk) if chunk.records else ():
            column = strings(chunk, name).column
            if column.greatest < 0x80 or name in self._left_out:
                continue
            span = int(chunk.numbers[0]), int(chunk.numbers[-1])
            state.setdefault(name, Marked()).beyond.add(*span)
            if _may_hold(column):
                texts = strings(chunk, name).texts
                if any(map(letters, texts.filter(texts.str.contains(_GATE).fill_null(value=False)))):
                    state[name].decomposed.add(*span)
        return state

    def merge(self, left: dict[str, Marked], right: dict[str, Marked]) -> dict[str, Marked]:
        for name, more in right.items():
            marked = left.setdefault(name, Marked())
            marked.decomposed.append(more.decomposed)
            marked.beyond.append(more.beyond)
        return left

    def finish(self, state: dict[str, Marked]) -> Outcome:
        names = [name for name, marked in sorted(state.items()) if marked.decomposed.bounds]
        if not names:
            return Outcome()
        fold = TwinsFold(names, self._source, self._samples, self._ignored)
        return Outcome(late=Late(folds=[fold], records=records_of(*(state[name].beyond for name in names))))


@dataclass(slots=True)
class Twins:
    """The letters that are one character, and by letter where it's several."""

    composed: set[str] = field(default_factory=set)
    decomposed: dict[str, Hits] = field(default_factory=dict)


class TwinsFold(Fold[dict[str, Twins]]):
    """In the second pass: tells of the letters of several characters that are one elsewhere in their field.

    :param names: of the fields.
    """

    name = "twins"
    codes = (DECOMPOSED.id,)

    def __init__(
        self, names: Sequence[str], source: SourceDefinition, samples: int, ignored: Mapping[str, Sequence[str]]
    ) -> None:
        self._names, self._recorder = list(names), Recorder(source, samples)
        self.fields = (*names, *source.primary_key)
        also = TableSchema.also_missing(source)
        self._ignored = {n: ignored.get(n, (*source.missing_values, *also.get(n, ()))) for n in names}

    def start(self) -> dict[str, Twins]:
        return {}

    def update(self, state: dict[str, Twins], chunk: Chunk) -> dict[str, Twins]:
        present = set(field_names(chunk))
        for name in self._names:
            if name in present:
                more = self._look(chunk, name)
                state[name] = self._joined(state[name], more) if name in state else more
        return state

    def merge(self, left: dict[str, Twins], right: dict[str, Twins]) -> dict[str, Twins]:
        for name, more in right.items():
            left[name] = self._joined(left[name], more) if name in left else more
        return left

    def finish(self, state: dict[str, Twins]) -> Outcome:
        return Outcome(findings=[t for name, twins in sorted(state.items()) for t in self._told(name, twins)])

    def _told(self, name: str, twins: Twins) -> Iterator[Tally]:
        both = sorted(twins.decomposed.keys() & twins.composed)
        if both:
            hits = together((twins.decomposed[letter] for letter in both), self._recorder.most)
            message = '"{value}" has a letter as several characters that other values of the field have as one'
            yield hits.tally(DECOMPOSED.id, name, message)

    def _look(self, chunk: Chunk, name: str) -> Twins:
        values = Values(chunk, strings(chunk, name), self._ignored[name])
        texts = values.texts
        at = texts.str.contains(_GATE).arg_true()
        places = defaultdict[str, list[int]](list)
        for index, text in zip(at.to_list(), texts.gather(at).to_list(), strict=True):
            for letter in letters(text):
                places[letter].append(index)
        arrays = {letter: np.array(of, np.int64) for letter, of in places.items()}
        wanted = {letter: (values.rows(of), texts.gather(of)) for letter, of in arrays.items()}
        return Twins(composed_letters(texts), self._recorder.hits(chunk, name, wanted) if wanted else {})

    def _joined(self, left: Twins, right: Twins) -> Twins:
        left.composed |= right.composed
        for letter, hits in right.decomposed.items():
            left.decomposed.setdefault(letter, Hits()).append(hits, self._recorder.most)
        return left
