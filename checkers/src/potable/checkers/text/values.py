"""Values that must occur."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from potable.checkers.names.likely import Columns, did_you_mean, likely_columns, shown
from potable.checkers.text.codes import REQUIRED
from potable.engine.checker import Fold, Outcome
from potable.engine.contracts.reading import Chunk
from potable.engine.findings import Location, Occurrence

State = dict[str, set[str]]
"""field -> the wanted values that were seen; only fields that some file has"""


def check_columns(names: Sequence[str], columns: Columns, place: Location) -> Iterator[Occurrence]:
    """Columns that values are expected in and that a file doesn't have."""
    for name in names:
        if name not in columns:
            near = did_you_mean(likely_columns(name, columns))
            message = f"there is no column {shown(name)}, in which values are expected{near}"
            yield Occurrence(REQUIRED.id, message, name, location=place)


class RequiredFold(Fold[State]):
    """Looks for values that must occur somewhere.

    :param wanted: values by canonical path.
    :param spellings: by such a path, those under which the data may have the field.
    """

    name = "required"
    codes = (REQUIRED.id,)

    def __init__(self, wanted: Mapping[str, Sequence[str]], spellings: Mapping[str, Sequence[str]]) -> None:
        self._wanted, self._spellings = wanted, spellings
        self.fields = tuple(dict.fromkeys(path for name in wanted for path in spellings[name]))

    def start(self) -> State:
        return {}

    def update(self, state: State, chunk: Chunk) -> State:
        for name, values in self._wanted.items():
            if chunk.columns is not None and name not in chunk.columns:
                continue
            seen = state.setdefault(name, set())
            for path in self._spellings[name]:
                texts = chunk.frame.get_column(path, default=None)
                lacking = set(values) - seen
                if texts is None or not lacking:
                    continue
                if isinstance(texts.dtype, pl.List):
                    texts = texts.explode()
                found = texts.filter(texts.is_in(sorted(lacking)).fill_null(value=False)).unique()
                seen.update(found.to_list())
        return state

    def merge(self, left: State, right: State) -> State:
        for name, values in right.items():
            left.setdefault(name, set()).update(values)
        return left

    def finish(self, state: State) -> Outcome:
        found = []
        for name, values in self._wanted.items():
            for value in values if name in state else ():
                if value not in state[name]:
                    message = f"the value {value!r} never occurs"
                    found.append(Occurrence(REQUIRED.id, message, name, rule=value, value=value))
        return Outcome(findings=found)
