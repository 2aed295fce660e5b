"""A response whose body is read piece by piece: capped, decoded, and resumed where a transfer breaks off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from potable.engine.fetching import codes
from potable.engine.fetching.faults import BrokenOff, Failure, occurrence
from potable.engine.fetching.http.decoding import BadCoding, codings_of, decode
from potable.engine.fetching.http.ranges import range_of
from potable.engine.fetching.network.retrying import http_date
from potable.engine.findings import Fault

if TYPE_CHECKING:
    from potable.engine.definition.veil import Veil
    from potable.engine.fetching.http.urls import HttpUrl
    from potable.engine.fetching.http.wire import Wire
    from potable.engine.fetching.network.retrying import Attempts
    from potable.engine.limits import Limits


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for: sent again, from the start or from a byte, when a transfer breaks off.

    :param veil: over its secrets.
    """

    url: HttpUrl
    headers: Mapping[str, str]
    veil: Veil = field(repr=False)


class Sender(Protocol):
    """What a response needs of the client that sent its request."""

    limits: Limits

    def again(self, request: Request, attempts: Attempts, extra: Mapping[str, str]) -> Wire:
        """Send the request again, with further headers."""

    def admit(self, wire: Wire, url: str) -> None:
        """Refuse a body that is announced as too large."""

    def charge(self, count: int, wire: Wire) -> None:
        """Count bytes that have come. Raises ``Fault`` past what may be fetched."""

    def refund(self, count: int) -> None:
        """Count no longer what will come again."""

    def note_open_end(self, url: str) -> None:
        """A body has ended as one would that breaks off."""


class Response:
    """A response, its body not read yet; see :class:`potable.engine.contracts.http.HttpResponse`.

    :ivar status: the status code: 2xx or 304.
    :ivar headers: names in lower-case; values of a repeated header joined by ``, ``.
    :ivar url: the final URL, without credentials.
    :ivar length: bytes of the body as sent, where the server announced it.
    """

    def __init__(self, client: Sender, request: Request, attempts: Attempts, wire: Wire) -> None:
        self.status: int = wire.status
        self.headers: Mapping[str, str] = wire.headers
        self.url: str = wire.url.shown
        self.length: int | None = wire.length
        self._client, self._request, self._attempts, self._wire = client, request, attempts, wire
        self._path = wire.url.target.partition("?")[0]
        self._received = 0

    def chunks(self) -> Iterator[bytes]:
        """The body with its transfer coding and content codings undone, in pieces of at most 256 KiB.

        A body that breaks off is resumed at that byte, where the server can do so and proves (by a strong ETag or
        its date) that the content is the same; else :class:`BrokenOff` is raised and a new request may get it whole.

        Raises ``Fault``: ``access/too-large``, ``timeout``, ``truncated`` or ``compression``.
        """
        coded = codings_of(self.headers.get("content-encoding", ""), self._path)
        most = self._client.limits.inflated_bytes
        try:
            yield from decode(self._raw(), coded, most, self._bomb)
            if not coded and not self._wire.ended_surely:
                self._client.note_open_end(self._request.url.shown)
        except BadCoding as bad:
            raise Fault(occurrence(codes.COMPRESSION, self.url, str(bad))) from None
        finally:
            self.close()

    def read(self, limit: int | None = None) -> bytes:
        """The whole body. Raises ``Fault`` as :meth:`chunks` does; a body past ``limit`` is ``access/too-large``."""
        while True:
            pieces, total = [], 0
            try:
                for piece in self.chunks():
                    total += len(piece)
                    if limit is not None and total > limit:
                        raise Fault(
                            occurrence(
                                codes.TOO_LARGE, self.url, f"the answer is larger than the {limit:,} bytes asked for"
                            )
                        )
                    pieces.append(piece)
                return b"".join(pieces)
            except BrokenOff:
                self._wire = self._client.again(self._request, self._attempts, {})
                self._received = 0

    def close(self) -> None:
        """Let go of the connection."""
        self._wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.close()

    def _raw(self) -> Iterator[bytes]:
        """The body as sent less its transfer coding."""
        self._client.admit(self._wire, self.url)
        skip = 0
        while True:
            try:
                data = self._wire.read()
            except Failure as failure:
                self._attempts.failed(failure)
                skip = self._resume(failure)
                continue
            if not data:
                if self.length is None or self._received >= self.length:
                    return
                words = f"the transfer broke off with {self.length - self._received:,} announced bytes missing"
                short = Failure(occurrence(codes.TRUNCATED, self.url, words), transient=True)
                self._attempts.failed(short)
                skip = self._resume(short)
                continue
            if skip:
                dropped = min(skip, len(data))
                data, skip = data[dropped:], skip - dropped
                if not data:
                    continue
            self._received += len(data)
            self._client.charge(len(data), self._wire)
            yield data

    def _resume(self, failure: Failure) -> int:
        """Have the body go on where it broke off; gives the number of bytes to skip, which have come already."""
        validator = self._validator()
        if self._received and validator is None:
            raise self._broken_off(failure)
        extra = {"Range": f"bytes={self._received}-", "If-Range": validator} if self._received and validator else {}
        wire = self._client.again(self._request, self._attempts, extra)
        sent = range_of(wire.headers)
        whole = wire.status == 200 and (sent is None or sent.whole) and (not self._received or self._is_same(wire))
        if not whole and not (wire.status == 206 and self._goes_on(wire)):
            wire.close()
            raise self._broken_off(failure)
        self._wire = wire
        self._client.admit(wire, self.url)
        return self._received if whole else 0

    def _broken_off(self, failure: Failure) -> BrokenOff:
        self._client.refund(self._received)
        return BrokenOff(failure.occurrence)

    def _validator(self) -> str | None:
        """What proves that another answer is of the same bytes: a strong ETag, or a date that is as good as one."""
        if self.headers.get("accept-ranges", "").strip().lower() == "none":
            return None
        etag = self.headers.get("etag", "")
        if etag.startswith('"'):  # a weak one (W/"...") can't vouch for bytes, RFC 9110 §13.1.5
            return etag
        modified = self.headers.get("last-modified")
        return modified if not etag and modified and _is_strong(modified, self.headers.get("date")) else None

    def _is_same(self, wire: Wire) -> bool:
        """Whether another answer has the same content: it says so by the same validator."""
        name = "etag" if "etag" in self.headers else "last-modified"
        named = wire.headers.get(name)
        return named is not None and all(
            wire.headers.get(n) == self.headers.get(n) for n in (name, "content-encoding", "content-type")
        )

    def _goes_on(self, wire: Wire) -> bool:
        """Whether a partial answer is the rest of the body (RFC 9110 §15.3.7), and of the same version of it.

        A server that doesn't know If-Range sends the rest of whatever is there now: only the validator tells.
        """
        sent = range_of(wire.headers)
        if sent is None or sent.first != self._received:
            return False
        if sent.total is not None and sent.last + 1 != sent.total:
            return False
        name = "etag" if "etag" in self.headers else "last-modified"
        if wire.headers.get(name) is None or wire.headers.get(name) != self.headers.get(name):
            return False
        same = wire.headers.get("content-encoding", self.headers.get("content-encoding"))
        return same == self.headers.get("content-encoding") and (
            self.length is None or sent.total in (None, self.length)
        )

    def _bomb(self) -> Fault:
        most = self._client.limits.inflated_bytes
        words = f"the compressed body unpacks to more than {most:,} bytes (limit inflated_bytes)"
        return Fault(occurrence(codes.COMPRESSION, self.url, words))


def _is_strong(modified: str, date: str | None) -> bool:
    """Whether a Last-Modified tells two versions apart: the answer was made after that second (RFC 9110 §8.8.2.2)."""
    sent, changed = http_date(date), http_date(modified)
    return sent is not None and changed is not None and (sent - changed).total_seconds() >= 1
