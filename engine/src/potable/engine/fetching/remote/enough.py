"""When the files that have come are enough for a sample."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from potable.engine.findings import Fault

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.contracts.snapshot import Part


class Enough:
    """Counts the records of files that are fetched one after another, where only a sample is wanted."""

    def __init__(self, context: FetchContext) -> None:
        self._context, self._records = context, 0

    def counting(self, part: Part) -> bool:
        """Whether there are more records than a sample takes, this file's among them."""
        if self._context.wanted is None:
            return False
        if part.bytes:
            with suppress(Fault, LookupError):  # whoever reads it will say what's wrong with it
                self._records += self._context.survey(part).records
        return self._records > self._context.wanted
