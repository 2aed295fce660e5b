"""In a second pass: the forms of a column whose kind wasn't known in all of its chunks when they were looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from potable.checkers.folds.hits import Hits, Recorder
from potable.checkers.identifiers.codes import MIXED
from potable.checkers.identifiers.forms import form_numbers, told, told_apart, usual_of
from potable.checkers.identifiers.kinds import Kind, Verdict
from potable.checkers.values.strings import Values, scalars
from potable.engine.checker import Fold, Outcome
from potable.engine.contracts.reading import Chunk
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Tally


@dataclass(frozen=True, slots=True)
class Unsure:
    """A column to look at.

    :param missing_values: texts that aren't looked at.
    """

    kind: Kind
    missing_values: Sequence[str]


@dataclass(slots=True)
class Forms:
    """How many values are written in which form, by its number, and where."""

    counts: Counter[int] = field(default_factory=Counter)
    hits: dict[int, Hits] = field(default_factory=dict)

    def append(self, more: Forms, most: int) -> None:
        """Those of data that follow; at most so many samples are kept."""
        self.counts.update(more.counts)
        for number, hits in more.hits.items():
            self.hits.setdefault(number, Hits()).append(hits, most)


State = dict[str, Forms]
"""By field."""


class FormsFold(Fold[State]):
    """Counts the forms of well-formed values, and tells of all but the usual one.

    :param columns: by canonical path.
    """

    name = "forms"
    codes = (MIXED.id,)

    def __init__(self, columns: Mapping[str, Unsure], source: SourceDefinition, samples: int) -> None:
        self._columns = dict(columns)
        self.fields = (*self._columns, *source.primary_key)
        self._recorder = Recorder(source, samples)

    def start(self) -> State:
        return {}

    def update(self, state: State, chunk: Chunk) -> State:
        for name, column in self._columns.items():
            values = Values(chunk, scalars(chunk, name), column.missing_values)
            if not len(values.texts):
                continue
            fine = column.kind.verdicts(values.texts, named=True).fill_null(0).to_numpy() == Verdict.FINE
            forms = np.where(fine, form_numbers(column.kind.forms, values.texts), -1)
            found = {n: np.flatnonzero(forms == n) for n in np.unique(forms[fine]).tolist()}
            wanted = {n: (values.rows(at), values.texts.gather(at)) for n, at in found.items()}
            more = Forms(Counter({n: len(at) for n, at in found.items()}), self._recorder.hits(chunk, name, wanted))
            state.setdefault(name, Forms()).append(more, self._recorder.most)
        return state

    def merge(self, left: State, right: State) -> State:
        for name, more in right.items():
            left.setdefault(name, Forms()).append(more, self._recorder.most)
        return left

    def finish(self, state: State) -> Outcome:
        tallies: list[Tally] = []
        for name, seen in sorted(state.items()):
            if not seen.counts:
                continue
            kind, usual = self._columns[name].kind, usual_of(seen.counts)
            counts = {told(kind.forms, n): count for n, count in sorted(seen.counts.items())}
            for number, hits in sorted(seen.hits.items()):
                if number != usual:
                    words, rule = told_apart(kind.forms, number, usual), f"written {told(kind.forms, number)}"
                    details = {"kind": kind.name, "forms": counts}
                    tallies.append(hits.tally(MIXED.id, name, words, rule=rule, details=details))
        return Outcome(findings=tallies)
