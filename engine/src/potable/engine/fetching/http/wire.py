"""One request and its answer on one connection, and the few idle connections that are kept for the next."""

from __future__ import annotations

import ssl
import threading
import weakref
from collections.abc import Mapping
from contextlib import suppress
from http.client import RemoteDisconnected
from typing import TYPE_CHECKING, Any

from potable.engine.fetching import codes
from potable.engine.fetching.faults import Failure, occurrence, quote_text
from potable.engine.fetching.network.failures import connect_timeout, failure_of
from potable.engine.fetching.network.sockets import (
    CheckedConnection,
    CheckedTLSConnection,
    Meter,
    OutOfTime,
    open_connection,
    tls_context,
)

if TYPE_CHECKING:
    from urllib3 import HTTPResponse

    from potable.engine.definition.veil import Veil
    from potable.engine.fetching.deadline import Deadline
    from potable.engine.fetching.http.urls import HttpUrl
    from potable.engine.fetching.network.policy import AddressPolicy
    from potable.engine.limits import Limits

HEAD_BYTES = 1 << 20
"""Most bytes of status line and headers, interim responses (1xx) included."""

READ_BYTES = 1 << 16
MOST_IDLE = 4

_MISCOUNTED = "Tell the source's owner: the server seems to count characters where it should count bytes."

Connection = CheckedConnection | CheckedTLSConnection


class Wire:
    """An answer whose head has come, with the connection that its body comes over."""

    def __init__(self, lines: Lines, url: HttpUrl, connection: Connection, answer: HTTPResponse, veil: Veil) -> None:
        self.url = url
        self._veil = veil
        self.status: int = answer.status
        self.headers: dict[str, str] = {}
        for name, value in answer.headers.items():
            known = self.headers.get(name.lower())
            self.headers[name.lower()] = value if known is None else f"{known}, {value}"
        self.length: int | None = answer.length_remaining
        self._open_ended = self.length is None and not answer.chunked
        self._lines, self._connection, self._answer = lines, connection, answer
        self._done = False
        self._failure: Failure | None = None

    @property
    def ended_surely(self) -> bool:
        """Of a body that was read: whether its end is none that a break would look like."""
        return not self._open_ended or self._connection.meter.closed_in_order

    def allow(self, count: int) -> None:
        """Bytes that may come from now on, framing not counted (which may take up seven times as much)."""
        self._connection.meter.budget = 8 * count + HEAD_BYTES

    def read(self) -> bytes:
        """The next bytes of the body, its transfer coding undone; ``b""`` at its end. Raises ``Failure``."""
        if self._failure is not None:
            raise self._failure
        if self._done:
            return b""
        data = self._some()
        if data and self._answer.length_remaining == 1:
            try:
                data += self._some()
            except Failure as failure:
                self._failure = failure  # for the next call: what has come is good
        if not data:
            self._done = True
            self._lines.keep(self._connection)
        return data

    def _some(self) -> bytes:
        try:
            data: bytes = self._answer.read(self._next(), decode_content=False)
        except Failure:
            self.close()
            raise
        except Exception as error:  # noqa: BLE001 - sorted out, and raised again where it isn't the network's
            self.close()
            seconds = self._lines.seconds
            raise failure_of(error, self.url.shown, seconds=seconds, veil=self._veil, body=True) from None
        return data

    def _next(self) -> int:
        """How many bytes to read; the last announced one by itself, once what comes behind it has been looked at.

        A server that counts characters announces fewer bytes than it sends: the end of the data would be cut off, and
        nobody told. Raises ``Failure``.
        """
        left = self._answer.length_remaining
        if left is None or left > READ_BYTES:
            return READ_BYTES
        if left > 1:
            return left - 1
        if left == 1 and self._has_more():
            words = (
                f"the server announces {self.length:,} bytes (Content-Length) and sends more: the end would be missing"
            )
            raise Failure(occurrence(codes.PROTOCOL, self.url.shown, words, _MISCOUNTED))
        return READ_BYTES

    def _has_more(self) -> bool:
        """Whether something but line ends has come behind the last byte of the body."""
        file: Any = getattr(self._answer._fp, "fp", None)  # http.client drops it with the last byte
        if file is None or not hasattr(file, "peek"):
            return False
        return bool(file.peek(2)[1:].strip())

    def glimpse(self, most: int, deadline: Deadline) -> bytes:
        """At most ``most`` bytes of the body, or what comes of them until ``deadline``; closes."""
        meter, kept = self._connection.meter, b""
        meter.deadline = deadline
        self.allow(most)
        with suppress(Exception):
            while len(kept) < most and (data := self._answer.read(min(most, 256), decode_content=False)):
                kept += data
        self.close()
        return kept[:most]

    def close(self) -> None:
        """Let go of a connection whose body isn't wanted."""
        if not self._done:
            self._done = True
            with suppress(Exception):
                self._answer.close()
            self._connection.close()


class Lines:
    """Makes connections for one client, and keeps a few of them for reuse.

    No proxy is ever used: neither one that the environment names nor any other, for behind a proxy it's the proxy
    that resolves the name.
    """

    def __init__(self, limits: Limits, policy: AddressPolicy, deadline: Deadline) -> None:
        self._limits, self._policy, self._deadline = limits, policy, deadline
        self._context: ssl.SSLContext | None = None
        self._idle: dict[tuple[str, str, int], Connection] = {}
        self._lock = threading.Lock()
        self.seconds = (limits.connect_seconds, limits.read_seconds, limits.fetch_seconds)
        weakref.finalize(self, _close_all, self._idle)

    def send(self, url: HttpUrl, headers: Mapping[str, str], veil: Veil) -> Wire:
        """Send a GET and wait for the head of its answer. Raises ``Failure``.

        :param veil: keeps the request's secrets out of what is said of the answer.
        """
        connection = self._take(url)
        if connection is not None:
            try:
                return self._exchange(connection, url, headers, veil)
            except (RemoteDisconnected, ConnectionError):
                connection.close()  # the server closed it while it was idle: that's no failure
            except Exception as error:  # noqa: BLE001 - sorted out, and raised again where it isn't the network's
                connection.close()
                raise failure_of(error, url.shown, seconds=self.seconds, veil=veil) from None
        connection = self._new(url, veil)
        try:
            return self._exchange(connection, url, headers, veil)
        except Exception as error:  # noqa: BLE001 - as above
            connection.close()
            raise failure_of(error, url.shown, seconds=self.seconds, veil=veil) from None

    def keep(self, connection: Connection) -> None:
        """Take back a connection whose answer has been read to its end."""
        if connection.sock is None:
            return
        key = (self._scheme(connection), connection.host, connection.port)
        with self._lock:
            surplus = [self._idle.pop(key)] if key in self._idle else []
            self._idle[key] = connection
            while len(self._idle) > MOST_IDLE:
                surplus.append(self._idle.pop(next(iter(self._idle))))
        for old in surplus:
            old.close()

    def close(self) -> None:
        """Close what's idle."""
        with self._lock:
            _close_all(self._idle)

    def _take(self, url: HttpUrl) -> Connection | None:
        with self._lock:
            connection = self._idle.pop((url.scheme, url.host.rstrip("."), url.port), None)
        if connection is not None and not connection.is_connected:
            connection.close()
            return None
        return connection

    def _new(self, url: HttpUrl, veil: Veil) -> Connection:
        if url.scheme == "https" and self._context is None:
            self._context = tls_context()
        meter = Meter(self._deadline, self._limits.read_seconds)
        connection = open_connection(
            url.scheme, url.host, url.port, self._policy, meter, self._limits.connect_seconds, self._context
        )
        try:
            connection.connect()
        except TimeoutError:
            connection.close()
            late = failure_of(OutOfTime(), url.shown, seconds=self.seconds, veil=veil)
            raise (late if meter.late() else connect_timeout(url.shown, self._limits.connect_seconds)) from None
        except Exception as error:  # noqa: BLE001 - as above
            connection.close()
            raise failure_of(error, url.shown, seconds=self.seconds, veil=veil) from None
        return connection

    def _exchange(self, connection: Connection, url: HttpUrl, headers: Mapping[str, str], veil: Veil) -> Wire:
        connection.meter.budget = HEAD_BYTES
        connection.timeout = connection.meter.timeout()
        connection.request(
            "GET", url.target, headers={"Host": url.netloc, **headers}, preload_content=False, decode_content=False
        )
        answer = connection.getresponse()
        coding = answer.headers.get("transfer-encoding", "").strip().lower()
        if coding not in ("", "chunked", "identity"):
            said = quote_text(coding, veil)
            answer.close()
            raise Failure(
                occurrence(codes.PROTOCOL, url.shown, f"the server uses the transfer coding {said!r}, unasked")
            )
        announced = answer.headers.get("content-length")
        if announced is not None and answer.length_remaining is None and coding != "chunked":
            said = quote_text(announced, veil)
            answer.close()
            words = f"the server announces a length that is no number (Content-Length: {said})"
            raise Failure(occurrence(codes.PROTOCOL, url.shown, words))
        return Wire(self, url, connection, answer, veil)

    @staticmethod
    def _scheme(connection: Connection) -> str:
        return "https" if isinstance(connection, CheckedTLSConnection) else "http"


def _close_all(idle: dict[tuple[str, str, int], Connection]) -> None:
    while idle:
        idle.popitem()[1].close()
