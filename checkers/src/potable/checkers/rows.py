"""The ``rows`` checker: how many records there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from potable.engine.checker import Checker, Fold, Outcome
from potable.engine.contracts.reading import Chunk
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Code, Occurrence, Severity

COUNT = Code(
    id="rows/count",
    severity=Severity.ERROR,
    title="Unexpected number of records",
    meaning="The source has fewer records than `records.min`, or more than `records.max`.",
    why="A source that shrinks has usually lost records on the way; one that grows at once often has them twice.",
    example="records: {min: 10000}    # and the file has 312 records",
    mend="Find out whether the source was delivered whole; change the bounds where the new number is right.",
    dataset=True,
)


class _CountFold(Fold[int]):
    """Counts records."""

    name = "count"
    codes = (COUNT.id,)

    def __init__(self, least: int | None, most: int | None) -> None:
        self._least, self._most = least, most

    def start(self) -> int:
        return 0

    def update(self, state: int, chunk: Chunk) -> int:
        return state + chunk.records

    def merge(self, left: int, right: int) -> int:
        return left + right

    def finish(self, state: int) -> Outcome:
        said = f"there {'is 1 record' if state == 1 else f'are {state:,} records'}"
        details = {"records": state, "min": self._least, "max": self._most}
        if self._least is not None and state < self._least:
            message = f"{said}, at least {self._least:,} were expected"
        elif self._most is not None and state > self._most:
            message = f"{said}, at most {self._most:,} were expected"
        else:
            return Outcome()
        return Outcome(findings=[Occurrence(COUNT.id, message, details=details)])


class RowsChecker(Checker):
    """The number of a source's records, within the definition's ``records: {min, max}``."""

    name = "rows"
    codes = (COUNT,)

    def skip_reason(self, source: SourceDefinition) -> str | None:
        """Nothing to check without bounds."""
        return None if source.records else "no number of records declared (records: {min, max})"

    def folds(self, source: SourceDefinition) -> Iterator[Fold[Any]]:
        """The count."""
        yield _CountFold(source.records.get("min"), source.records.get("max"))
