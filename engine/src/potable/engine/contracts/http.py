"""HTTP as fetchers and checkers are lent it: bounded, and never to an address that isn't allowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Protocol, Self


class HttpResponse(Protocol):
    """A response whose body hasn't been read yet; use it as a context manager.

    :ivar status: the status code.
    :ivar headers: names in lower-case.
    :ivar url: the final URL, after redirects, without credentials.
    """

    status: int
    headers: Mapping[str, str]
    url: str

    def chunks(self) -> Iterator[bytes]:
        """The body, as sent less its transfer coding, in pieces; raises ``Fault`` past a cap or a deadline."""

    def read(self, limit: int | None = None) -> bytes:
        """The whole body, at most ``limit`` bytes (more is ``access/too-large``)."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None: ...


class Http(Protocol):
    """The one HTTP client of a run."""

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> HttpResponse:
        """Send a GET, following redirects, trying transient failures again.

        Raises :class:`potable.engine.findings.Fault` with an ``access/*`` code for whatever isn't a 2xx or a 304.
        """

    def pause(self, seconds: float) -> None:
        """Wait between requests, as a server or a definition asks for.

        Raises :class:`potable.engine.findings.Fault` (``access/timeout``) where that would go past the deadline.
        """
