"""Rules whose column a table doesn't have: told once a file, not once a record, nor for each rule."""

from __future__ import annotations

from collections.abc import Sequence

from potable.checkers.names.likely import Columns, did_you_mean, likely_columns, shown
from potable.checkers.rules.qc import QcRule
from potable.checkers.values.missing import column, missing_text
from potable.engine.checker import Fold, Outcome
from potable.engine.contracts.reading import Chunk
from potable.engine.findings import Location, Occurrence

State = dict[str, tuple[Columns, dict[str, int]]]
"""file -> (its columns, rule -> records that it applies to)"""


class LackingFold(Fold[State]):
    """Counts, for each rule whose column is missing from a file, the records that it would apply to."""

    name = "lacking"
    codes = ("rules/value-missing",)

    def __init__(self, rules: Sequence[QcRule], missing_values: Sequence[str], line: int | None) -> None:
        self._rules, self._missing, self._line = tuple(rules), tuple(missing_values), line
        self.fields = tuple(dict.fromkeys(r.condition for r in rules if r.condition is not None))

    def start(self) -> State:
        return {}

    def update(self, state: State, chunk: Chunk) -> State:
        if chunk.columns is None:
            return state
        there = set(chunk.columns)
        _, applies = state.setdefault(chunk.file, (chunk.columns, {}))
        for rule in self._rules:
            if rule.path in there:
                continue
            if rule.condition is None:
                count = chunk.records
            elif rule.condition in there:
                count = int((~missing_text(column(chunk, rule.condition), self._missing)).sum())
            else:
                continue
            if count:
                applies[rule.id] = applies.get(rule.id, 0) + count
        return state

    def merge(self, left: State, right: State) -> State:
        for file, (columns, applies) in right.items():
            _, known = left.setdefault(file, (columns, {}))
            for rule, count in applies.items():
                known[rule] = known.get(rule, 0) + count
        return left

    def finish(self, state: State) -> Outcome:
        found = []
        for file, (columns, applies) in state.items():
            told: set[str] = set()
            for rule in self._rules:
                if rule.id not in applies or rule.path in told:
                    continue
                told.add(rule.path)
                near = did_you_mean(likely_columns(rule.path, columns))
                message = f"there is no column {shown(rule.path)}, which a QC rule asks for{near}"
                place = Location(file=file, line=self._line)
                found.append(
                    Occurrence(
                        "rules/value-missing", message, rule.path, rule=rule.id, location=place,
                        details={"records": applies[rule.id]},
                    )
                )  # fmt: skip
        return Outcome(findings=found)
