"""From a definition to bytes: what a fetcher gives and is lent."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol

from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.findings import Code, Occurrence

if TYPE_CHECKING:
    from potable.engine.contracts.http import Http
    from potable.engine.contracts.network import Network
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.limits import Limits


@dataclass(frozen=True, slots=True)
class Survey:
    """What a part holds, as the reader of the source's format sees it.

    :param records: how many records.
    :param digest: hex digest of the records' values: equal for parts of the same records, whatever stands around them.
    """

    records: int
    digest: str


class FetchContext(Protocol):
    """What the engine lends a fetcher."""

    @property
    def limits(self) -> Limits:
        """The run's limits."""

    @property
    def scratch(self) -> Path:
        """A folder of this run alone, for the bytes; removed when the run ends."""

    @property
    def http(self) -> Http:
        """The only way to the network over HTTP: it keeps the address rules, the caps and the deadline."""

    @property
    def network(self) -> Network:
        """The only way to servers that don't speak HTTP: it keeps the address rules and the deadline."""

    @property
    def roots(self) -> tuple[Path, ...]:
        """Folders that local sources may lie in, symbolic links resolved."""

    @property
    def previous(self) -> Snapshot | None:
        """The source's kept snapshot, for a conditional request; None when there is none."""

    @property
    def wanted(self) -> int | None:
        """Most records that will be read, where only a sample is; a fetcher may stop once it has more."""

    def survey(self, part: Part) -> Survey:
        """Count a part's records with the reader of the source's format, whatever its filters let through.

        Raises :class:`potable.engine.findings.Fault` where the part can't be read.
        """

    def report(self, occurrence: Occurrence) -> None:
        """Report a fault that doesn't stop the fetch."""

    def progress(self, done: int, total: int | None) -> None:
        """Say how many bytes have come, of how many (None: not known)."""


class Fetcher(ABC):
    """A way to get a source's bytes.

    :cvar name: the fetcher's name, the first part of its own codes.
    :cvar methods: ingest methods it serves, upper-case; empty: any method whose URL has one of its schemes.
    :cvar schemes: URL schemes it serves, lower-case; ``file`` also means a plain path.
    :cvar codes: codes it may report besides the engine's ``access/*``.
    """

    name: ClassVar[str]
    methods: ClassVar[frozenset[str]] = frozenset()
    schemes: ClassVar[frozenset[str]] = frozenset()
    codes: ClassVar[tuple[Code, ...]] = ()

    @abstractmethod
    def fetch(self, source: SourceDefinition, context: FetchContext) -> Snapshot:
        """Fetch once. Raises :class:`potable.engine.findings.Fault` when the bytes can't be had."""
