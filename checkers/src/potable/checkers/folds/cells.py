"""Looks at every cell of many columns, at the price of looking at the columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
from pyroaring import BitMap64

from potable.checkers.folds.hits import Hits, Recorder, places
from potable.checkers.names.words import speaks_of
from potable.checkers.traits.trait import Trait
from potable.checkers.values.strings import Strings, field_names, strings
from potable.engine.checker import EACH_FIELD, Fold, Outcome
from potable.engine.contracts.reading import Chunk
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Sample, Tally

Which = tuple[str, str]
"""code, field"""


State = dict[Which, Hits]


class CellFold(Fold[State]):
    """Finds traits of texts in fields.

    Each column is first looked at as a whole, as bytes; only where a trait may be there are its cells looked at one by
    one. It's a fold, not a rule for each trait and field, because on clean data nearly all the time would go into
    handing out the work.

    :param fields: which fields; ``(EACH_FIELD,)``: all.
    :param traits: by code.
    :param special: traits by code for single fields, in place of ``traits``.
    :param ignored: texts that aren't looked at, by field; other fields: the definition's missing values.
    """

    def __init__(
        self,
        name: str,
        fields: Sequence[str],
        traits: Mapping[str, Trait],
        source: SourceDefinition,
        samples: int,
        special: Mapping[str, Mapping[str, Trait]] | None = None,
        ignored: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.name = name
        self.fields = (*fields, *source.primary_key) if EACH_FIELD not in fields else tuple(fields)
        self.codes = tuple(dict.fromkeys([*traits, *(code for t in (special or {}).values() for code in t)]))
        self._looked_at = None if EACH_FIELD in fields else frozenset(fields)
        self._traits, self._special, self._ignored = traits, special or {}, ignored or {}
        self._missing = source.missing_values
        self._samples, self._recorder = samples, Recorder(source, samples)

    def start(self) -> State:
        return {}

    def update(self, state: State, chunk: Chunk) -> State:
        found: list[tuple[Which, Trait, npt.NDArray[np.int64], pl.Series]] = []
        for name in field_names(chunk):
            if self._looked_at is not None and name not in self._looked_at:
                continue
            traits = self._special.get(name, self._traits)
            of_field = self.texts_of(chunk, name)
            rows = of_field.rows
            for code, at, values in self._found(name, of_field, traits, self._ignored.get(name, self._missing)):
                found.append(((code, name), traits[code], at if rows is None else rows[at], values))
        if found:
            self._note(state, chunk, found)
        return state

    def texts_of(self, chunk: Chunk, name: str) -> Strings:
        """The texts of a field that are looked at."""
        return strings(chunk, name)

    def merge(self, left: State, right: State) -> State:
        for which, hits in right.items():
            left.setdefault(which, Hits()).append(hits, self._samples)
        return left

    def finish(self, state: State) -> Outcome:
        tallies = [
            Tally(
                code=code, field=name, fields=(name,), count=len(hits.records), samples=tuple(hits.samples),
                records=hits.records.to_array(),
            )
            for (code, name), hits in sorted(state.items())
        ]  # fmt: skip
        return Outcome(findings=tallies)

    def _found(
        self, name: str, of_field: Strings, traits: Mapping[str, Trait], ignored: Sequence[str]
    ) -> list[tuple[str, npt.NDArray[np.int64], pl.Series]]:
        """(code, rows, their texts)."""
        texts, column = of_field.texts, of_field.column
        traits = {} if column.empty else {code: t for code, t in traits.items() if t.may(column)}
        traits = {code: t for code, t in traits.items() if not t.meant_in or not speaks_of(name, t.meant_in)}
        if not traits:
            return []
        mask = texts.str.contains("|".join(t.gate for t in traits.values())).fill_null(value=False)
        if ignored and ignored != ("",):
            mask &= ~texts.is_in(list(ignored)).fill_null(value=False)
        rows = mask.arg_true().to_numpy().astype(np.int64)
        odd = texts.filter(mask)
        found = []
        for code, trait in traits.items():
            has = trait.test(odd)
            if has.any():
                found.append((code, rows[has.to_numpy()], odd.filter(has)))
        return found

    def _note(
        self, state: State, chunk: Chunk, found: Sequence[tuple[Which, Trait, npt.NDArray[np.int64], pl.Series]]
    ) -> None:
        picked = [
            (which, trait, *self._recorder.first(chunk, which, rows, texts)) for which, trait, rows, texts in found
        ]
        shown = [(row, which[1], text) for which, _, _, pairs in picked for row, text in pairs]
        where, keys = places(chunk, shown), self._recorder.keys_of(chunk, [row for row, _, _ in shown])
        for which, trait, rows, pairs in picked:
            hits = state.setdefault(which, Hits())
            hits.records |= BitMap64(chunk.numbers[rows])
            room = self._samples - len(hits.samples)
            hits.samples += [
                Sample(message=trait.told(text), value=text, key=keys[row], location=where[row, which[1], text])
                for row, text in pairs[: max(room, 0)]
            ]
