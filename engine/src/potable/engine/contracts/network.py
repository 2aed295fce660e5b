"""Servers that don't speak HTTP, as fetchers are lent the way to them: bounded, and never where it isn't allowed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import socket


class Network(Protocol):
    """The way to servers over TCP. One deadline holds for all that a fetch does."""

    @property
    def left(self) -> float:
        """Seconds that the fetch may still take, never below 0."""

    def addresses(self, host: str, port: int) -> Sequence[str]:
        """The IP addresses of a host that may be connected to, at least one: for a library that connects by itself.

        It has to connect to one of them and never to resolve the name again. Raises
        :class:`potable.engine.findings.Fault`: ``access/blocked-address``, ``access/unreachable``, ``access/timeout``.
        """

    def connect(self, host: str, port: int, patience: float | None = None) -> socket.socket:
        """A connection to a checked address, trying transient failures again.

        The socket's ``recv_into``, and so a file made of it, keeps to the deadline. Raises ``Fault`` as
        :meth:`addresses` does.

        :param patience: longest wait for the next bytes, in seconds; None: ``Limits.read_seconds``.
        """

    def alongside(self, sock: socket.socket, port: int) -> socket.socket:
        """A further connection to where one of :meth:`connect` leads, at another port, as FTP's data take.

        The server chooses no address, and no port below 1024. Raises ``Fault`` as :meth:`addresses` does.
        """
