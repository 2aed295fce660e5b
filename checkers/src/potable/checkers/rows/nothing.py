"""A source whose records are all blank: what was read is no data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from potable.checkers.rows.blanks import blank_rows
from potable.checkers.rows.codes import ALL_BLANK
from potable.checkers.rows.duplicates import data_columns
from potable.engine.checker import EACH_FIELD, Fold, Outcome
from potable.engine.contracts.reading import Chunk
from potable.engine.findings import Location, Sample, Tally


@dataclass(slots=True)
class Seen:
    """:ivar value: some record has one; :ivar first: the place of the first record, :ivar records: how many there are,
    both only as long as none has.
    """

    value: bool = False
    first: Location | None = None
    records: int = 0


class NothingFold(Fold[Seen]):
    """Looks for a value in any record; once there is one, nothing is looked at any more."""

    name = "any value"
    codes = (ALL_BLANK.id,)
    fields = (EACH_FIELD,)

    def start(self) -> Seen:
        return Seen()

    def update(self, state: Seen, chunk: Chunk) -> Seen:
        if state.value or not chunk.records:
            return state
        if _begins_filled(chunk) or len(blank_rows(chunk)) < chunk.records:
            return Seen(value=True)
        return self.merge(state, Seen(first=chunk.locate([0])[0], records=chunk.records))

    def merge(self, left: Seen, right: Seen) -> Seen:
        if left.value or right.value:
            return Seen(value=True)
        return Seen(first=left.first or right.first, records=left.records + right.records)

    def finish(self, state: Seen) -> Outcome:
        if state.value or state.first is None:
            return Outcome()
        n = state.records
        message = "the only record has no value" if n == 1 else f"none of the {n:,} records has any value"
        sample = Sample(message=message, location=state.first)
        records = np.arange(1, n + 1, dtype=np.uint64)
        return Outcome(findings=[Tally(code=ALL_BLANK.id, count=n, records=records, samples=(sample,))])


def _begins_filled(chunk: Chunk) -> bool:
    """Whether the first record has a text: then nothing else needs to be looked at."""
    return any(isinstance(value := chunk.frame[name][0], str) and value != "" for name in data_columns(chunk))
