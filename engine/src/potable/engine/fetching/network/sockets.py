"""Connections that go only where the policy lets them, and sockets that watch the clock and count bytes.

A read timeout alone doesn't stop a server that sends a byte now and then: it holds for one ``recv``. So each
``recv`` is given no more time than the deadline leaves, and its bytes are charged to a budget: headers, chunk sizes
and trailers count as well.
"""

from __future__ import annotations

import math
import socket
import ssl
from collections.abc import Callable, Sequence
from http.client import HTTPResponse, parse_headers
from typing import TYPE_CHECKING, Any

from urllib3.connection import HTTPConnection, HTTPSConnection

from potable.engine.fetching.deadline import LOOK_SECONDS, Deadline
from potable.engine.fetching.network.policy import AddressPolicy, Endpoint

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MOST_ADDRESSES = 8
"""Of a name with many addresses, at most so many are tried for one connection."""


class OutOfTime(Exception):
    """The deadline of the whole fetch has passed."""


class OverBudget(Exception):
    """More bytes came over a connection than it was allowed."""


class Meter:
    """What a connection may still use.

    :param deadline: of the whole fetch.
    :param seconds: longest wait for the next bytes.
    :ivar closed_in_order: whether the other side has said, over TLS, that nothing more comes.
    """

    __slots__ = ("budget", "closed_in_order", "deadline", "seconds")

    def __init__(self, deadline: Deadline, seconds: float) -> None:
        self.deadline = deadline
        self.seconds = seconds
        self.budget = 0
        self.closed_in_order = False

    def timeout(self, seconds: float | None = None) -> float:
        """Seconds that the next wait may take. Raises :class:`OutOfTime` when none are left.

        :param seconds: longest wait, where it isn't for the next bytes.
        """
        left = self.deadline.left()
        if left <= 0:
            raise OutOfTime
        return min(self.seconds if seconds is None else seconds, left)

    def late(self) -> bool:
        """Whether a wait that just timed out was cut short by the deadline."""
        return self.deadline.passed

    def spend(self, count: int) -> None:
        """Charge ``count`` bytes. Raises :class:`OverBudget`."""
        self.budget -= count
        if self.budget < 0:
            raise OverBudget


class MeteredSocket(socket.socket):
    """A TCP socket whose ``recv_into`` (which is what http.client reads with) keeps to a meter."""

    meter: Meter | None = None

    def recv_into(self, buffer: WriteableBuffer, nbytes: int | None = None, flags: int = 0) -> int:
        """As ``socket.recv_into``; raises OutOfTime or OverBudget too."""
        if self.meter is None:
            return super().recv_into(buffer, nbytes or 0, flags)
        left, longest = self.meter.timeout(), LOOK_SECONDS if self.meter.deadline.may_stop else math.inf
        while True:
            self.settimeout(min(left, longest))
            try:
                count = self._received(buffer, nbytes or 0, flags)
            except TimeoutError:
                if self.meter.late():
                    raise OutOfTime from None
                if left <= longest:
                    raise
                left -= longest
            else:
                self.meter.spend(count)
                return count

    def _received(self, buffer: WriteableBuffer, nbytes: int, flags: int) -> int:
        return super().recv_into(buffer, nbytes, flags)


class MeteredSSLSocket(MeteredSocket, ssl.SSLSocket):
    """The same over TLS."""

    def _received(self, buffer: WriteableBuffer, nbytes: int, flags: int) -> int:
        try:
            count = ssl.SSLSocket.recv_into(self, buffer, nbytes, flags)
        except ssl.SSLEOFError:  # the connection ends, and TLS wasn't closed
            return 0
        if not count and self.meter is not None:
            self.meter.closed_in_order = True
        return count


def connected(
    endpoints: Sequence[Endpoint], meter: Meter, patience: Callable[[], float], *, alive: bool = False
) -> MeteredSocket:
    """A connection to the first of some checked addresses that takes one.

    :param patience: seconds that the next try may take; may raise :class:`OutOfTime`.
    :param alive: have the system look, while nothing is said, whether the other side is still there.

    Raises OSError, that of the last one that was tried.
    """
    failure: OSError | None = None
    for endpoint in endpoints[:MOST_ADDRESSES]:
        sock = MeteredSocket(endpoint.family, socket.SOCK_STREAM)
        try:
            sock.settimeout(patience())
            sock.connect(endpoint.sockaddr)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if alive:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        except OSError as error:
            sock.close()
            failure = error
        except BaseException:
            sock.close()
            raise
        else:
            sock.meter = meter
            return sock
    assert failure is not None
    raise failure


def tls_context() -> ssl.SSLContext:
    """The system's trust, or that of ``SSL_CERT_FILE`` / ``SSL_CERT_DIR``; host names are checked; TLS 1.2 or later."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = MeteredSSLSocket
    return context


class _Answer(HTTPResponse):
    """An answer in front of which any number of interim ones may come (RFC 9110 §15.2); http.client knows 100 alone.

    101 isn't one of them: who switches to another protocol goes on in it.
    """

    def _read_status(self) -> tuple[str, int, str]:
        while True:
            said: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]
            if not 102 <= said[1] < 200:
                return said
            parse_headers(self.fp)


class _Checked(HTTPConnection):
    """What both kinds of connection share."""

    response_class = _Answer
    policy: AddressPolicy
    meter: Meter
    connect_seconds: float

    def _new_conn(self) -> socket.socket:
        # Called by urllib3 for each new connection: the one place where a packet can start from.
        endpoints = self.policy.endpoints(self._dns_host, self.port, self._patience())
        try:
            return connected(endpoints, self.meter, self._patience)
        except TimeoutError:
            if self.meter.late():
                raise OutOfTime from None
            raise

    def _patience(self) -> float:
        return self.meter.timeout(self.connect_seconds)

    def getresponse(self) -> Any:
        """As urllib3's, which would log the request's URL, and any key in it, when a header is malformed."""
        if self._response_options is not None:
            self._response_options = self._response_options._replace(request_url="")
        return super().getresponse()


class CheckedConnection(_Checked):
    """A connection for ``http``."""


class CheckedTLSConnection(_Checked, HTTPSConnection):
    """A connection for ``https``."""

    def connect(self) -> None:
        """Connect to a checked address and shake hands; the certificate is checked against the URL's host."""
        super().connect()
        if isinstance(self.sock, MeteredSSLSocket):
            self.sock.meter = self.meter
            self.sock.suppress_ragged_eofs = False  # type: ignore[attr-defined] # see _received


def open_connection(
    scheme: str, host: str, port: int, policy: AddressPolicy, meter: Meter, connect_seconds: float,
    context: ssl.SSLContext | None,
) -> CheckedConnection | CheckedTLSConnection:  # fmt: skip
    """A connection that isn't connected yet."""
    connection: CheckedConnection | CheckedTLSConnection
    if scheme == "https":
        connection = CheckedTLSConnection(host, port, timeout=connect_seconds, ssl_context=context)
    else:
        connection = CheckedConnection(host, port, timeout=connect_seconds)
    connection.policy, connection.meter, connection.connect_seconds = policy, meter, connect_seconds
    return connection
