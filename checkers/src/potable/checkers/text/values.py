"""Values that must occur."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from potable.checkers.text.codes import REQUIRED
from potable.engine.checker import Fold, Outcome
from potable.engine.contracts.reading import Chunk
from potable.engine.findings import Occurrence

State = dict[str, set[str]]
"""field -> the wanted values that were seen"""


class RequiredFold(Fold[State]):
    """Looks for values that must occur somewhere.

    :param wanted: values by canonical path.
    """

    name = "required"
    codes = (REQUIRED.id,)

    def __init__(self, wanted: Mapping[str, Sequence[str]]) -> None:
        self._wanted = wanted
        self.fields = tuple(wanted)

    def start(self) -> State:
        return {}

    def update(self, state: State, chunk: Chunk) -> State:
        for name, values in self._wanted.items():
            lacking = set(values) - state.get(name, set())
            if name not in chunk.frame.columns or not lacking:
                continue
            texts = chunk.frame[name]
            if texts.dtype == list:
                texts = texts.explode()
            found = texts.filter(texts.is_in(sorted(lacking)).fill_null(value=False)).unique()
            state.setdefault(name, set()).update(found.to_list())
        return state

    def merge(self, left: State, right: State) -> State:
        for name, values in right.items():
            left.setdefault(name, set()).update(values)
        return left

    def finish(self, state: State) -> Outcome:
        found = []
        for name, values in self._wanted.items():
            for value in values:
                if value not in state.get(name, set()):
                    message = f"the value {value!r} never occurs"
                    found.append(Occurrence(REQUIRED.id, message, name, rule=value, value=value))
        return Outcome(findings=found)
