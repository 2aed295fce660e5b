"""The number of records."""

from __future__ import annotations

from collections.abc import Mapping

from potable.checkers.rows.codes import COUNT
from potable.engine.checker import Fold, Outcome
from potable.engine.contracts.reading import Chunk
from potable.engine.findings import Occurrence


class CountFold(Fold[int]):
    """Counts records.

    :param bounds: ``min`` and ``max``.
    """

    name = "count"
    codes = (COUNT.id,)

    def __init__(self, bounds: Mapping[str, int]) -> None:
        self._least, self._most = bounds.get("min"), bounds.get("max")

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
