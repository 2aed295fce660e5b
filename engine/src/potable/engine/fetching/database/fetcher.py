"""Sources in databases: the rows of one SELECT as one part of JSON Lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from potable.engine.contracts.fetching import Fetcher
from potable.engine.fetching.database.codes import CODES

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.contracts.snapshot import Snapshot
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.findings import Code


class SqlFetcher(Fetcher):
    """Reads PostgreSQL, MySQL, MariaDB and SQLite: a SELECT (``SQL``), or tables (``DISCO``).

    Nothing is written there: the query's words are checked first, it travels alone, in a read-only transaction, and
    is cancelled at the deadline.
    """

    name: ClassVar[str] = "sql"
    methods: ClassVar[frozenset[str]] = frozenset({"SQL", "DISCO"})
    codes: ClassVar[tuple[Code, ...]] = CODES

    def fetch(self, source: SourceDefinition, context: FetchContext) -> Snapshot:
        """Run the query. Raises :class:`~potable.engine.findings.Fault` with an ``access/*`` or ``sql/*`` code.

        Raises :class:`~potable.engine.errors.UsageError` when a secret isn't set or a driver isn't installed.
        """
        from potable.engine.fetching.database.selecting import select  # heavy

        return select(source, context)
