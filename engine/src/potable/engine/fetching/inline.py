"""Sources whose records stand in their definition."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from potable.engine.contracts.fetching import Fetcher
from potable.engine.contracts.snapshot import Snapshot
from potable.engine.definition.inline import fault, text_of
from potable.engine.fetching.codes import EMPTY
from potable.engine.fetching.saving import now, write
from potable.engine.findings import Fault, Occurrence

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.definition.model import SourceDefinition


class InlineFetcher(Fetcher):
    """Gives the parameter ``data`` as a file: a text as it is, records as JSON Lines."""

    name: ClassVar[str] = "inline"
    methods: ClassVar[frozenset[str]] = frozenset({"INLINE"})

    def fetch(self, source: SourceDefinition, context: FetchContext) -> Snapshot:
        """Write them down. Raises :class:`~potable.engine.findings.Fault` for what can't be records."""
        data, header = source.parameters.get("data"), source.parameters.get("headerLine") != 0
        if (why := fault(data, header=header)) is not None:
            raise Fault(
                Occurrence(EMPTY.id, f"there are no records in the definition: {why}", location=source.place("/data"))
            )
        part = write(text_of(data, header=header), "data", context)
        return Snapshot(parts=(part,), fetched=now())
