"""TCP to servers that don't speak HTTP, kept to the address rules and the deadline of the fetch."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from potable.engine.definition.veil import NONE
from potable.engine.fetching import codes
from potable.engine.fetching.deadline import Deadline
from potable.engine.fetching.faults import occurrence
from potable.engine.fetching.network.failures import connect_timeout, failure_of
from potable.engine.fetching.network.policy import Endpoint
from potable.engine.fetching.network.retrying import Attempts
from potable.engine.fetching.network.sockets import MOST_ADDRESSES, Meter, OutOfTime, connected
from potable.engine.findings import Fault

if TYPE_CHECKING:
    from potable.engine.fetching.network.policy import AddressPolicy
    from potable.engine.limits import Limits

_T = TypeVar("_T")
OVERHEAD = 4
"""Bytes on the wire that a byte of data may cost."""
LEAST_PORT = 1024
"""Ports below are for well-known services: no server has its data there."""


class CheckedNetwork:
    """Implements :class:`potable.engine.contracts.network.Network`. May be used by several threads.

    :param limits: seconds, attempts, bytes.
    :param policy: which addresses may be connected to.
    :param deadline: of all that is done with it.
    :param sleep: waits between attempts.
    """

    def __init__(
        self, limits: Limits, policy: AddressPolicy, deadline: Deadline, sleep: Callable[[float], None] | None = None
    ) -> None:
        self._limits, self._policy, self._deadline, self._sleep = limits, policy, deadline, sleep or deadline.wait
        self._seconds = (limits.connect_seconds, limits.read_seconds, limits.fetch_seconds)

    @property
    def left(self) -> float:
        """Seconds that the fetch may still take."""
        return self._deadline.left()

    def addresses(self, host: str, port: int) -> Sequence[str]:
        """The IP addresses of a host that may be connected to. Raises ``Fault``."""
        return [str(endpoint.sockaddr[0]) for endpoint in self._again(host, port, self._endpoints)]

    def connect(self, host: str, port: int, patience: float | None = None) -> socket.socket:
        """A connection to a checked address. Raises ``Fault``."""
        meter = self._meter(patience)
        return self._again(host, port, lambda host, port: self._reached(self._endpoints(host, port), meter))

    def alongside(self, sock: socket.socket, port: int) -> socket.socket:
        """A further connection to where ``sock`` leads. Raises ``Fault``."""
        host = str(sock.getpeername()[0])
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        if not LEAST_PORT <= port <= 65535:
            words = f"the server wants its data fetched from port {port}, where other services live"
            raise Fault(occurrence(codes.BLOCKED_ADDRESS, place, words))
        endpoint = Endpoint(sock.family, (host, port, *sock.getpeername()[2:]))
        return self._again(host, port, lambda _host, _port: self._reached([endpoint], self._meter()))

    def _again(self, host: str, port: int, act: Callable[[str, int], _T]) -> _T:
        attempts = Attempts(self._limits.attempts, self._deadline, self._sleep)
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        while True:
            try:
                return act(host, port)
            except TimeoutError:
                if self._deadline.passed:
                    attempts.failed(failure_of(OutOfTime(), place, seconds=self._seconds, veil=NONE))
                attempts.failed(connect_timeout(place, self._limits.connect_seconds))
            except Exception as error:  # noqa: BLE001 - sorted out, and raised again where it isn't the network's
                attempts.failed(failure_of(error, place, seconds=self._seconds, veil=NONE))

    def _endpoints(self, host: str, port: int) -> list[Endpoint]:
        return self._policy.endpoints(host, port, self._patience())[:MOST_ADDRESSES]

    def _meter(self, patience: float | None = None) -> Meter:
        meter = Meter(self._deadline, patience or self._limits.read_seconds)
        meter.budget = OVERHEAD * self._limits.fetch_bytes + (1 << 20)
        return meter

    def _reached(self, endpoints: Sequence[Endpoint], meter: Meter) -> socket.socket:
        return connected(endpoints, meter, self._patience, alive=True)

    def _patience(self) -> float:
        left = self._deadline.left()
        if left <= 0:
            raise OutOfTime
        return min(self._limits.connect_seconds, left)
