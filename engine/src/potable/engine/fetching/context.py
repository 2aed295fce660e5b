"""What the engine lends a fetcher, for one fetch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from potable.engine.fetching.deadline import Deadline

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import Survey
    from potable.engine.contracts.http import Http
    from potable.engine.contracts.network import Network
    from potable.engine.contracts.snapshot import Part, Snapshot
    from potable.engine.fetching.http.client import HttpClient
    from potable.engine.fetching.network.tcp import CheckedNetwork
    from potable.engine.findings import Occurrence
    from potable.engine.limits import Limits


class FetchSession:
    """Implements :class:`potable.engine.contracts.fetching.FetchContext`.

    :param limits: the run's limits.
    :param scratch: an existing folder of this run alone, for the bytes.
    :param roots: folders that local sources may lie in; none: no local source at all.
    :param allow_hosts: hosts and networks that aren't public and may be connected to all the same.
    :param previous: gives the source's kept snapshot, for a conditional request; asked once, when it's needed.
    :param report: gets faults that don't stop the fetch.
    :param progress: gets the bytes that have come, and of how many (None: not known).
    :param deadline: of everything done over the network; default: ``limits.fetch_seconds`` from its first use.
    :param wanted: most records that will be read; None: all.
    :param secrets: texts that no message may show.
    :param survey: counts a part's records; without it no source can be paged.

    Raises :class:`~potable.engine.errors.UsageError`, on the first use of ``http`` or ``network``, for an
    ``allow_hosts`` entry that is neither a host nor a network. Close it, or use it as a context manager, to close idle
    connections.
    """

    def __init__(
        self,
        limits: Limits,
        scratch: Path,
        roots: Iterable[Path] = (),
        allow_hosts: str | Iterable[str] = (),
        previous: Callable[[], Snapshot | None] | None = None,
        report: Callable[[Occurrence], None] | None = None,
        progress: Callable[[int, int | None], None] | None = None,
        deadline: Deadline | None = None,
        wanted: int | None = None,
        survey: Callable[[Part], Survey] | None = None,
        secrets: Iterable[str] = (),
    ) -> None:
        self._limits = limits
        self._scratch = scratch
        self._roots = tuple(Path(root).resolve() for root in roots)
        self._allow_hosts = allow_hosts if isinstance(allow_hosts, str) else tuple(allow_hosts)
        self._previous = previous
        self._kept: Snapshot | None = None
        self._report = report
        self._progress = progress
        self._deadline = deadline
        self._wanted = wanted
        self._survey = survey
        self._secrets = tuple(secrets)
        self._http: HttpClient | None = None
        self._quiet_http: HttpClient | None = None
        self._network: CheckedNetwork | None = None

    @property
    def limits(self) -> Limits:
        """The run's limits."""
        return self._limits

    @property
    def scratch(self) -> Path:
        """A folder of this run alone."""
        return self._scratch

    @property
    def http(self) -> Http:
        """The run's HTTP client, made on first use."""
        if self._http is None:
            from potable.engine.fetching.http.client import HttpClient  # heavy: urllib3 and ssl, 0.1 s

            self._http = HttpClient(
                self._limits, self._allow_hosts, deadline=self._clock(), report=self.report, secrets=self._secrets
            )
        return self._http

    @property
    def quiet_http(self) -> Http:
        """The same for checkers: what their requests meet on the way is theirs to report, as the source isn't at it."""
        if self._quiet_http is None:
            from potable.engine.fetching.http.client import HttpClient  # heavy

            self._quiet_http = HttpClient(
                self._limits, self._allow_hosts, deadline=self._clock(), secrets=self._secrets
            )
        return self._quiet_http

    @property
    def open_ended(self) -> frozenset[str]:
        """Addresses, as shown, whose answer ended as one does that breaks off."""
        return frozenset() if self._http is None else frozenset(self._http.open_ended)

    @property
    def network(self) -> Network:
        """The run's way to other servers, made on first use."""
        if self._network is None:
            from potable.engine.fetching.network.policy import AddressPolicy  # heavy
            from potable.engine.fetching.network.tcp import CheckedNetwork

            self._network = CheckedNetwork(self._limits, AddressPolicy(self._allow_hosts), self._clock())
        return self._network

    @property
    def roots(self) -> tuple[Path, ...]:
        """Folders that local sources may lie in, symbolic links resolved."""
        return self._roots

    @property
    def previous(self) -> Snapshot | None:
        """The source's kept snapshot."""
        if self._previous is not None:
            self._kept, self._previous = self._previous(), None
        return self._kept

    @property
    def wanted(self) -> int | None:
        """Most records that will be read; None: all."""
        return self._wanted

    def survey(self, part: Part) -> Survey:
        """What the reader of the source's format sees in a part."""
        if self._survey is None:
            raise LookupError("no reader was lent to this fetch: records can't be counted")
        return self._survey(part)

    def report(self, occurrence: Occurrence) -> None:
        """Report a fault that doesn't stop the fetch."""
        if self._report is not None:
            self._report(occurrence)

    def progress(self, done: int, total: int | None) -> None:
        """Say how many bytes have come."""
        if self._progress is not None:
            self._progress(done, total)

    def _clock(self) -> Deadline:
        if self._deadline is None:
            self._deadline = Deadline(self._limits.fetch_seconds)
        return self._deadline

    def close(self) -> None:
        """Close idle connections."""
        for client in (self._http, self._quiet_http):
            if client is not None:
                client.close()

    def __enter__(self) -> FetchSession:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
