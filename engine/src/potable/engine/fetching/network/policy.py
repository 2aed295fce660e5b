"""Which network addresses a source may live on.

A name is resolved once for each connection and the connection goes to one of the very addresses that were checked,
so an answer that changes (DNS rebinding) gains nothing. Denied is everything that isn't global unicast, after the
IANA special-purpose registries (RFC 6890 and successors), and the ranges that carry an IPv4 address inside
(mapped, NAT64, 6to4, Teredo). The standard library's ``is_global`` isn't used by itself: its tables vary with
Python's patch release.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from potable.engine.allowlist import NUMERIC, IPAddress, IPNetwork, allowed

Resolver: TypeAlias = Callable[[str, int], Sequence[tuple[Any, ...]]]
"""Gives what ``socket.getaddrinfo`` gives for a host and a port; raises ``socket.gaierror``."""

_DENIED: tuple[tuple[IPNetwork, str], ...] = tuple(
    (ipaddress.ip_network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "this host"),
        ("10.0.0.0/8", "a private network"),
        ("100.64.0.0/10", "a provider's internal network"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "a cloud platform's own service"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "a private network"),
        ("192.0.0.0/24", "reserved for protocols"),
        ("192.0.2.0/24", "reserved for documentation"),
        ("192.88.99.0/24", "reserved for 6to4 relays"),
        ("192.168.0.0/16", "a private network"),
        ("198.18.0.0/15", "reserved for benchmarks"),
        ("198.51.100.0/24", "reserved for documentation"),
        ("203.0.113.0/24", "reserved for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::1/128", "loopback"),
        ("::/128", "this host"),
        ("::ffff:0:0/96", "an IPv4 address in disguise"),
        ("64:ff9b::/96", "an IPv4 address behind NAT64"),
        ("64:ff9b:1::/48", "an IPv4 address behind NAT64"),
        ("2001::/23", "reserved for protocols"),
        ("2001:db8::/32", "reserved for documentation"),
        ("2002::/16", "an IPv4 address behind 6to4"),
        ("3fff::/20", "reserved for documentation"),
        ("fc00::/7", "a private network"),
        ("fe80::/10", "link-local"),
        ("ff00::/8", "multicast"),
    )
)
_GLOBAL_UNICAST_6 = ipaddress.IPv6Network("2000::/3")


class Blocked(Exception):
    """No address of a host may be connected to; ``str()`` says why. No packet has left."""


class BadHost(Exception):
    """A host that is neither a name nor an address; ``str()`` says why."""


class ResolverTimeout(Exception):
    """The resolver took longer than allowed."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A checked address: connect to exactly this."""

    family: socket.AddressFamily
    sockaddr: tuple[Any, ...]


class AddressPolicy:
    """The rules for addresses.

    :param allow_hosts: what may be connected to although it isn't public; see
        :func:`~potable.engine.allowlist.allowed`.
    :param resolver: replaces ``socket.getaddrinfo``.

    Raises :class:`~potable.engine.errors.UsageError` for an entry that is none of these.
    """

    def __init__(self, allow_hosts: str | Iterable[str] = (), resolver: Resolver | None = None) -> None:
        self._allowed = allowed(allow_hosts)
        self._resolver = resolver or _system_resolver

    def endpoints(self, host: str, port: int, seconds: float) -> list[Endpoint]:
        """The addresses of a host that may be connected to, in the resolver's order; at least one.

        :param host: a name or an IP literal in any spelling (decimal, hexadecimal and octal IPv4 too).
        :param seconds: how long the resolver may take.

        Raises :class:`Blocked`, :class:`BadHost`, :class:`ResolverTimeout` or ``socket.gaierror``.
        """
        host = host.lower().rstrip(".")
        literal = parse_literal(host)
        if literal is not None:
            found = [_endpoint(literal, port)]
            host = str(literal)
        else:
            found = [Endpoint(info[0], tuple(info[4])) for info in self._resolve(host, port, seconds)]
        good, reasons = [], []
        for endpoint in dict.fromkeys(found):
            address = _address_of(endpoint)
            reason = self.refusal(address, host, port)
            if reason is None:
                good.append(endpoint)
            else:
                reasons.append(f"{address} ({reason})")
        if good:
            return good
        if not reasons:
            raise socket.gaierror(socket.EAI_NONAME, "the name has no address")
        place = reasons[0] if literal is not None else f"{host} resolves to {', '.join(reasons[:3])}"
        raise Blocked(f"{place}: not a public address")

    def refusal(self, address: IPAddress, host: str, port: int) -> str | None:
        """Why ``host`` may not be connected to at this address; None if it may."""
        reason = not_public(address)
        if reason is None:
            return None
        plain = getattr(address, "ipv4_mapped", None) or address
        return None if any(entry.covers(host, plain, port) for entry in self._allowed) else reason

    def _resolve(self, host: str, port: int, seconds: float) -> Sequence[tuple[Any, ...]]:
        # getaddrinfo knows no timeout: it runs in a thread of its own, which is left behind when it's too slow.
        answers: queue.SimpleQueue[Sequence[tuple[Any, ...]] | Exception] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._resolver(host, port))
            except Exception as error:  # noqa: BLE001  (handed to the asking thread)
                answers.put(error)

        threading.Thread(target=ask, name="potable-resolver", daemon=True).start()
        try:
            answer = answers.get(timeout=max(seconds, 0.001))
        except queue.Empty:
            raise ResolverTimeout from None
        if isinstance(answer, UnicodeError):
            raise BadHost(f"{host!r} isn't a valid host name")
        if isinstance(answer, Exception):
            raise answer
        return answer


def not_public(address: IPAddress) -> str | None:
    """What keeps an address from being public, in a few words; None for a global unicast address."""
    for network, reason in _DENIED:
        if address.version == network.version and address in network:
            return reason
    if address.version == 6 and address not in _GLOBAL_UNICAST_6:
        return "not global"
    return None


def parse_literal(host: str) -> IPAddress | None:
    """The address that a host spells out, in any notation that ``inet_aton`` knows; None for a name.

    Raises :class:`BadHost` for what ends in a number but is no address (as the WHATWG URL standard does), so that
    it never gets to a resolver that reads it in its own way.
    """
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    if ":" in host or "%" in host:
        raise BadHost(f"{host!r} isn't a valid IPv6 address")
    if not NUMERIC.fullmatch(host):
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        raise BadHost(f"{host!r} isn't a valid IPv4 address") from None


def _system_resolver(host: str, port: int) -> Sequence[tuple[Any, ...]]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


def _endpoint(address: IPAddress, port: int) -> Endpoint:
    if address.version == 4:
        return Endpoint(socket.AF_INET, (str(address), port))
    return Endpoint(socket.AF_INET6, (str(address), port, 0, 0))


def _address_of(endpoint: Endpoint) -> IPAddress:
    return ipaddress.ip_address(str(endpoint.sockaddr[0]).partition("%")[0])
