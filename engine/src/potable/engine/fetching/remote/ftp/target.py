"""What a definition means on an FTP server."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, quote, unquote, urlsplit

from potable.engine.definition.secrets import Secret
from potable.engine.definition.veil import Veil, veil_over

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition

SCHEMES = frozenset({"ftp", "ftps", "ftpes"})
PORT, TLS_PORT = 21, 990
ANONYMOUS = "anonymous"


class BadTarget(Exception):
    """A definition that names nothing on an FTP server; ``str()`` says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A folder or file on a server, and who asks for it: a stranger, unless said.

    :param tls: None, ``explicit`` (RFC 4217: ``AUTH TLS``) or ``implicit`` (TLS from the first byte, port 990).
    :param path: as the server takes it: relative to where it puts the user, or with a leading ``/``.
    """

    host: str
    port: int
    tls: str | None
    path: str
    user: str = ANONYMOUS
    password: str = field(default="potable@", repr=False)

    @property
    def shown(self) -> str:
        """The address as messages show it."""
        return self.url_of(self.path)

    @property
    def veil(self) -> Veil:
        """Keeps the password out of messages."""
        return veil_over(frozenset([self.password] if self.user != ANONYMOUS else []))

    def url_of(self, path: str) -> str:
        """The address of a path on the server."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == (TLS_PORT if self.tls == "implicit" else PORT) else f":{self.port}"
        return f"{'ftps' if self.tls else 'ftp'}://{host}{port}/{quote(path.lstrip('/'), errors='surrogateescape')}"


def read_target(source: SourceDefinition) -> Target:
    """The target of ``ftpHost`` and ``remotePath``, or of an ``ftp:``, ``ftps:`` or ``ftpes:`` URL.

    Raises :class:`BadTarget`, and :class:`~potable.engine.errors.UsageError` for a secret that isn't set.
    """
    parameters, place, parts = source.parameters, *_placed(source)
    user = str(parameters.get("username") or (unquote(parts.username) if parts.username else "") or ANONYMOUS)
    password = parameters.get("password", unquote(parts.password) if parts.password else None)
    revealed = password.reveal(source.origin.folder) if isinstance(password, Secret) else password
    for words in (place.path, user, revealed or ""):
        if any(c in words for c in "\r\n\0"):
            raise BadTarget("the path, user or password holds a line break")
    return replace(place, user=user, password=place.password if revealed is None else str(revealed))


def read_place(source: SourceDefinition) -> Target:
    """As :func:`read_target`, but without user and password, which aren't looked at."""
    return _placed(source)[0]


def _placed(source: SourceDefinition) -> tuple[Target, SplitResult]:
    """The target for a stranger, and the address that it was read from."""
    parameters = source.parameters
    host = str(parameters.get("ftpHost") or "").strip()
    text = host or (source.ingest_url or "").strip()
    if not text:
        raise BadTarget("the definition names no server: ftpHost is missing")
    if "://" not in text:
        text = f"ftp://[{text}]" if text.count(":") > 1 and "[" not in text else f"ftp://{text}"
    try:
        parts = urlsplit(text)
        name, port = unquote(parts.hostname or ""), parts.port
    except ValueError:
        raise BadTarget("the server's host or port can't be read") from None
    scheme = parts.scheme.lower()
    if scheme not in SCHEMES:
        raise BadTarget(f"the scheme {scheme!r} isn't ftp, ftps or ftpes")
    if not name or port == 0:
        raise BadTarget("the server's host or port can't be read")
    path = unquote(parts.path.removeprefix("/"))
    if host:
        path = str(parameters.get("remotePath") or path)
    tls = None if scheme == "ftp" else "implicit" if port == TLS_PORT else "explicit"
    return Target(host=name, port=port or PORT, tls=tls, path=path), parts
