"""Hosts and networks that may be reached although they aren't public, as an operator or a program lists them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from potable.engine.errors import UsageError
from potable.engine.lazyregex import lazy_regex

IPAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

NUMERIC = lazy_regex(r"(?:.*\.)?(?:\d+|0[xX][0-9a-fA-F]*)")
"""What ends in a number, and so is an address or nothing (as the WHATWG URL standard has it)."""
_HOST_PORT = lazy_regex(r"(?:\[(?P<six>[^\]]+)\]|(?P<host>[^:]+))(?::(?P<port>\d{1,5}))?")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = lazy_regex(rf"(?:\*\.)?(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*")  # RFC 1123, and underscores
_LAST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: a name, ``*.suffix`` or a network, at one port or any; neither is anything."""

    name: str | None
    network: IPNetwork | None
    port: int | None

    def covers(self, host: str, address: IPAddress, port: int) -> bool:
        """Whether it allows to connect there."""
        if self.port is not None and self.port != port:
            return False
        if self.network is not None:
            return address.version == self.network.version and address in self.network
        if self.name is None:
            return True
        return host.endswith(self.name[1:]) if self.name.startswith("*.") else host == self.name


def allowed(hosts: str | Iterable[str]) -> tuple[Entry, ...]:
    """The entries of a list.

    :param hosts: names (``db.example``, ``*.example``), IP addresses or networks (``10.0.0.0/8``), each with or without
        ``:port``; ``*`` for anything. One text may hold several, separated by commas.
    :raises UsageError: one is none of these.
    """
    given = (hosts,) if isinstance(hosts, str) else hosts
    texts = (t.strip() for several in given for t in several.split(","))
    return tuple(_entry(t) for t in texts if t)


def _entry(text: str) -> Entry:
    if text == "*":
        return Entry(None, None, None)
    if "://" in text:
        raise UsageError(f"allowed host {text!r}: write the host alone, without a scheme")
    match = _HOST_PORT.fullmatch(text)
    host = (match["six"] or match["host"]) if match else text
    port = int(match["port"]) if match and match["port"] else None
    if port is not None and not 1 <= port <= _LAST_PORT:
        raise UsageError(f"allowed host {text!r}: there is no port {port}")
    try:
        return Entry(None, ipaddress.ip_network(host, strict=False), port)
    except ValueError:
        pass
    name = host.lower().rstrip(".")
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            name = ""
    if not _NAME.fullmatch(name) or NUMERIC.fullmatch(name):
        raise UsageError(f"allowed host {text!r} is neither a host name nor an IP address or network")
    return Entry(name, None, port)
