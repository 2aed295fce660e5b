"""What a definition means on an SFTP server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition

PORT = 22


class BadTarget(Exception):
    """A URL that names nothing on an SFTP server; ``str()`` says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A folder or file on a server.

    :param path: from the server's root; below the user's own folder where the URL has ``/~/``.
    """

    host: str
    port: int
    user: str
    path: str

    @property
    def shown(self) -> str:
        """The address as messages show it."""
        return self.url_of(self.path)

    def url_of(self, path: str) -> str:
        """The address of a path on the server."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORT else f":{self.port}"
        rooted = path if path.startswith("/") else f"/~/{path}"
        return f"sftp://{host}{port}{quote(rooted, safe='/~', errors='surrogateescape')}"


def read_target(source: SourceDefinition) -> Target:
    """The target of an ``sftp:`` URL. Raises :class:`BadTarget`."""
    try:
        parts = urlsplit((source.ingest_url or "").strip())
        host, port = unquote(parts.hostname or ""), parts.port
    except ValueError:
        raise BadTarget("its host or port can't be read") from None
    if not host or port == 0:
        raise BadTarget("its host or port can't be read")
    path = unquote(parts.path) or "/"
    if path == "/~" or path.startswith("/~/"):
        path = path[3:]
    if "\0" in path:
        raise BadTarget("its path holds a NUL character")
    user = source.parameters.get("username") or (unquote(parts.username) if parts.username else "")
    return Target(host=host, port=port or PORT, user=str(user or "anonymous"), path=path)
