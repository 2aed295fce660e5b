"""The number of records."""

from __future__ import annotations

from collections.abc import Mapping

from potable.checkers.rows.codes import CAPPED, COUNT
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


SHEETS = {65_535: "xls", 65_536: "xls", 1_048_575: "xlsx", 1_048_576: "xlsx"}
"""Rows of a sheet, with its header and without."""
ANSWERS = frozenset({1_000, 2_000, 10_000, 32_000, 50_000, 100_000})
"""Records that servers give in one answer at most: ArcGIS, CKAN, Elasticsearch, GBIF, NCBI, Salesforce, Socrata."""


class CappedFold(CountFold):
    """Tells when there are just as many records as a limit lets through.

    :param remote: the records were answered by a server.
    """

    name = "capped"
    codes = (CAPPED.id,)

    def __init__(self, *, remote: bool) -> None:
        super().__init__({})
        self._remote = remote

    def finish(self, state: int) -> Outcome:
        if state in SHEETS:
            limit = f"as many as a sheet of the format {SHEETS[state]} has rows"
        elif self._remote and state in ANSWERS:
            limit = "as many as servers are often set to answer at most"
        else:
            return Outcome()
        message = f"there are exactly {state:,} records, {limit}: the others may have been cut off"
        return Outcome(findings=[Occurrence(CAPPED.id, message, details={"records": state})])
