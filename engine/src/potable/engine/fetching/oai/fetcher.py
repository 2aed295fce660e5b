"""Sources that are OAI-PMH repositories: the method ``OAI``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from potable.engine.contracts.fetching import Fetcher
from potable.engine.fetching.oai.codes import OAI_CODES

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.contracts.snapshot import Snapshot
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.findings import Code


class OaiFetcher(Fetcher):
    """Harvests a repository, or some of its sets, by ``ListRecords``; each response is a part."""

    name: ClassVar[str] = "oai"
    methods: ClassVar[frozenset[str]] = frozenset({"OAI"})
    codes: ClassVar[tuple[Code, ...]] = OAI_CODES

    def fetch(self, source: SourceDefinition, context: FetchContext) -> Snapshot:
        """Fetch all responses. Raises ``Fault`` with an ``oai/*`` or ``access/*`` code."""
        from potable.engine.fetching.oai.harvest import Harvest  # heavy

        return Harvest(source, context).snapshot()
