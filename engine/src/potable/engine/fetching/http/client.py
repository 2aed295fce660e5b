"""The one HTTP client of a run: bounded in bytes, time and redirects, and kept to the address rules."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from potable.engine.definition.secrets import is_secret_parameter
from potable.engine.definition.veil import veil_over
from potable.engine.errors import UsageError
from potable.engine.fetching import codes
from potable.engine.fetching.deadline import Deadline
from potable.engine.fetching.faults import QUOTED, Failure, occurrence, quote_text
from potable.engine.fetching.http.ranges import range_of
from potable.engine.fetching.http.response import Request, Response
from potable.engine.fetching.http.urls import BadUrl, HttpUrl, parse_url, shown
from potable.engine.fetching.http.wire import Lines, Wire
from potable.engine.fetching.network.policy import AddressPolicy, Resolver
from potable.engine.fetching.network.retrying import Attempts, retry_after
from potable.engine.findings import Code, Fault, Occurrence, clip
from potable.engine.limits import Limits
from potable.engine.version import VERSION

if TYPE_CHECKING:
    from potable.engine.contracts.http import HttpResponse

USER_AGENT = f"potable/{VERSION}"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
TRANSIENT = frozenset({202, 408, 425, 429, 500, 502, 503, 504, 522, 524})
"""What may be otherwise in a moment. 500 too: many a server says so when it's only overloaded, and to ask twice again
costs a second and a half where it isn't. 522 and 524 are a content network's 504."""
QUOTED_BYTES = 1024
"""Most bytes of an error's body that are looked at for the message."""
GLIMPSE_SECONDS = 5.0
"""So long an error's body is waited for, which is only quoted."""

_TRAVELS = frozenset({
    "accept", "accept-charset", "accept-encoding", "accept-language", "cache-control", "if-modified-since",
    "if-none-match", "if-range", "pragma", "range", "user-agent",
})  # fmt: skip
"""Headers that may follow a redirect to another origin; any other may be a credential."""

_STATUS_CODES = {401: codes.UNAUTHORIZED, 403: codes.UNAUTHORIZED, 407: codes.UNAUTHORIZED,
                 404: codes.NOT_FOUND, 410: codes.NOT_FOUND}  # fmt: skip

_LATER = "Try again later: the server says that it's busy, or down for a while."
_HINTS = {
    202: "Try again later; where the server makes the data on request, have it make them first.",
    429: "The server wants fewer requests: try again later; between pages and details waitTime makes a longer "
    "pause.",
    503: _LATER, 504: _LATER,
}  # fmt: skip
"""By status, what to do where the code's own words don't fit."""


class HttpClient:
    """Implements :class:`potable.engine.contracts.http.Http` on urllib3. May be used by several threads.

    Proxies of the environment (``HTTPS_PROXY`` ...) are not used: behind a proxy nobody here could check which
    address is spoken to. ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` replace the system's certificates.

    :param limits: bytes, seconds, redirects, attempts. ``fetch_bytes`` holds for all responses together.
    :param allow_hosts: addresses that aren't public and may be connected to all the same; see ``AddressPolicy``.
    :param deadline: of everything this client does; default: ``fetch_seconds`` from now.
    :param report: gets what doesn't stop a fetch: ``access/redirected-host``, ``access/insecure-redirect``.
    :param secrets: texts that no message may show, beside those of a request's own address and headers.
    :param resolver: replaces ``socket.getaddrinfo``.
    :param sleep: waits between attempts.
    :ivar open_ended: addresses, as shown, whose body ended as one does that breaks off.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        allow_hosts: str | Iterable[str] = (),
        *,
        deadline: Deadline | None = None,
        report: Callable[[Occurrence], None] | None = None,
        secrets: Iterable[str] = (),
        resolver: Resolver | None = None,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self._deadline = deadline or Deadline(self.limits.fetch_seconds)
        self._report = report or (lambda _: None)
        self._secrets = tuple(secrets)
        self._sleep = sleep or self._deadline.wait
        self._lines = Lines(self.limits, AddressPolicy(allow_hosts, resolver), self._deadline)
        self._lock = threading.Lock()
        self._left = self.limits.fetch_bytes
        self._told: set[tuple[str, str, str]] = set()
        self.open_ended: set[str] = set()

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> HttpResponse:
        """Send a GET, following redirects, trying transient failures again; the body is read from the response.

        :param headers: added to or instead of Potable's own. They go to ``url``'s origin alone, save for harmless
            ones such as ``Accept``.

        Raises :class:`~potable.engine.findings.Fault` with an ``access/*`` code for whatever isn't a 2xx or 304, and
        :class:`~potable.engine.errors.UsageError` for a header that can't be sent.
        """
        request = self._request(url, headers or {})
        attempts = Attempts(self.limits.attempts, self._deadline, self._sleep)
        wire = self.again(request, attempts, {})
        return Response(self, request, attempts, wire)

    def pause(self, seconds: float) -> None:
        """Wait, unless that goes past the deadline: then raises ``access/timeout``."""
        if seconds <= 0:
            return
        if seconds >= self._deadline.left():
            words = f"waiting another {seconds:g} s goes past the {self._deadline.seconds:g} s of limit fetch_seconds"
            raise Fault(Occurrence(codes.TIMEOUT.id, words))
        self._sleep(seconds)

    def again(self, request: Request, attempts: Attempts, extra: Mapping[str, str]) -> Wire:
        """Send a request (once more) with further headers, as long as there are attempts."""
        while True:
            try:
                return self._follow(request, extra)
            except Failure as failure:
                attempts.failed(failure)

    def admit(self, wire: Wire, url: str) -> None:
        """Let a body come if what it announces is within the cap. Raises ``access/too-large``."""
        with self._lock:
            left = self._left
        if wire.length is not None and wire.length > left:
            wire.close()
            raise self._too_large(url, f"the server announces {wire.length:,} bytes")
        wire.allow(left)

    def charge(self, count: int, wire: Wire) -> None:
        """Count bytes that have come. Raises ``access/too-large`` past the cap."""
        with self._lock:
            self._left -= count
            left = self._left
        if left < 0:
            wire.close()
            raise self._too_large(wire.url.shown, "the answer goes on")

    def refund(self, count: int) -> None:
        """Uncount bytes that have to come again."""
        with self._lock:
            self._left += count

    def note_open_end(self, url: str) -> None:
        """Remember an address whose body ended with the connection, as one does that breaks off."""
        with self._lock:
            self.open_ended.add(url)

    def close(self) -> None:
        """Close idle connections."""
        self._lines.close()

    def _too_large(self, url: str, words: str) -> Fault:
        most = self.limits.fetch_bytes
        return Fault(occurrence(codes.TOO_LARGE, url, f"{words}, past the {most:,} bytes of limit fetch_bytes"))

    def _request(self, url: str, headers: Mapping[str, str]) -> Request:
        target = self._parsed(url)
        mine = {"user-agent": USER_AGENT, "accept": "*/*", "accept-encoding": "identity"}
        if target.authorization is not None:
            mine["authorization"] = target.authorization
        for name, value in headers.items():
            if not name or not name.isascii() or any(c <= " " or c in ":\x7f" for c in name):
                raise UsageError(f"the header name {name!r} can't be sent")
            if any(ord(c) > 255 or c in "\r\n\0" for c in value):
                raise UsageError(f"the value of header {name} holds characters that can't be sent")
            mine[name.lower()] = value.strip()
        secrets = {*self._secrets, *target.secrets}
        for name, value in mine.items():
            if name not in _TRAVELS and (name in ("authorization", "cookie") or is_secret_parameter(name)):
                secrets |= {value, *value.split()[1:]}
        return Request(target, mine, veil_over(frozenset(secrets)))

    def _parsed(self, url: str) -> HttpUrl:
        try:
            return parse_url(url)
        except BadUrl as bad:
            scheme = url.partition(":")[0].lower() if ":" in url.partition("/")[0] else ""
            code: Code = codes.UNREACHABLE if scheme in ("", "http", "https") else codes.BLOCKED_ADDRESS
            raise Fault(occurrence(code, shown(url), f"this address can't be used: {bad}")) from None

    def _follow(self, request: Request, extra: Mapping[str, str]) -> Wire:
        """One cycle: the request and the redirects that it leads to."""
        url, headers = request.url, {**request.headers, **extra}
        been = {url.full}
        while True:
            try:
                wire = self._lines.send(url, headers, request.veil)
                location = wire.headers.get("location")
                if wire.status not in REDIRECTS or not location:
                    self._judge(wire, request, headers)
            except Failure as failure:
                raise failure if url is request.url else _led_there(failure, request.url) from None
            if wire.status not in REDIRECTS or not location:
                if url.origin != request.url.origin:
                    self._tell_redirected(request.url, url)
                return wire
            wire.close()
            following = self._redirected(url, location)
            if following.full in been:
                words = f"the redirects go in a circle: {url.shown} leads back to {following.shown}"
                raise Failure(occurrence(codes.TOO_MANY_REDIRECTS, request.url.shown, words))
            if len(been) > self.limits.redirects:
                words = f"more than {self.limits.redirects} redirects (limit redirects), the last to {following.shown}"
                raise Failure(occurrence(codes.TOO_MANY_REDIRECTS, request.url.shown, words))
            if not _keeps_credentials(url, following):
                headers = {name: value for name, value in headers.items() if name in _TRAVELS}
            if (url.scheme, following.scheme) == ("https", "http"):
                self._tell(codes.INSECURE_REDIRECT, url, f"redirects to {following.shown}, which isn't encrypted")
            been.add(following.full)
            url = following

    def _redirected(self, url: HttpUrl, location: str) -> HttpUrl:
        target = location
        try:
            target = url.join(location)
            return parse_url(target)
        except BadUrl as bad:
            place = shown(target)[:QUOTED]
            words = f"redirects to {place}, which isn't allowed: {bad}"
            raise Failure(occurrence(codes.BLOCKED_ADDRESS, url.shown, words)) from None

    def _judge(self, wire: Wire, request: Request, headers: Mapping[str, str]) -> None:
        """Raise what a status other than success means."""
        status = wire.status
        asked = "if-none-match" in headers or "if-modified-since" in headers
        ranged = any(name.lower() == "range" for name in headers)
        sent = range_of(wire.headers)
        part = status == 206 if sent is None else status in (200, 206) and not sent.whole
        if (200 <= status < 300 and status != 202 and not part) or (status == 304 and asked) or (part and ranged):
            return
        if status == 416 and ranged and "range" not in request.headers:
            return  # an attempt to resume: the response's own affair
        if part:
            wire.close()
            which = "" if sent is None else f": {wire.headers['content-range'].strip()}"
            words = f"the server sent a part only, unasked ({status}{which})"
            raise Failure(occurrence(codes.TRUNCATED, wire.url.shown, words))
        said = quote_text(self._body_words(wire), request.veil, cut=True)
        words = f"the server answered {status}"
        if status in REDIRECTS:
            words += " without saying where to"
        if status == 202:
            words += ", it hasn't made the data yet"
        wait = retry_after(wire.headers.get("retry-after")) if status in TRANSIENT else None
        if wait:
            words += f", come back after {wait:.0f} s"
        if said:
            words += f": {said}"
        code, hint = _STATUS_CODES.get(status, codes.HTTP_STATUS), _HINTS.get(status)
        said_of = occurrence(code, wire.url.shown, words, hint, status=status)
        raise Failure(said_of, transient=status in TRANSIENT, wait=wait)

    def _body_words(self, wire: Wire) -> str:
        """What an error's body says, as text; nothing where it isn't text."""
        seconds = min(GLIMPSE_SECONDS, self._deadline.left())
        body = wire.glimpse(QUOTED_BYTES, Deadline(seconds))
        coding = wire.headers.get("content-encoding", "").strip().lower()
        if coding in ("gzip", "x-gzip", "deflate"):
            engine = zlib.decompressobj(16 + zlib.MAX_WBITS if "gzip" in coding else zlib.MAX_WBITS)
            try:
                body = engine.decompress(body, QUOTED_BYTES)
            except zlib.error:
                return ""
        text = body.decode("utf-8", "replace")
        return "" if text.count("\ufffd") > len(text) // 20 or "\0" in text else text

    def _tell_redirected(self, asked: HttpUrl, final: HttpUrl) -> None:
        if asked.host != final.host:
            self._tell(codes.REDIRECTED_HOST, asked, f"the data come from {final.shown}")

    def _tell(self, code: Code, url: HttpUrl, words: str) -> None:
        key = (code.id, url.shown, words)
        with self._lock:
            if key in self._told:
                return
            self._told.add(key)
        self._report(occurrence(code, url.shown, words))


def _led_there(failure: Failure, asked: HttpUrl) -> Failure:
    """The same failure, with the address that led to where it happened."""
    said = failure.occurrence
    message = f"{clip(said.message, 800)} ({clip(asked.shown, 150)} redirects there)"
    return Failure(replace(said, message=message), transient=failure.transient, wait=failure.wait)


def _keeps_credentials(url: HttpUrl, following: HttpUrl) -> bool:
    """Whether credentials may go along: to the same origin, or from http to https on the same host's usual ports."""
    if url.origin == following.origin:
        return True
    upgrade = (url.scheme, url.port, following.scheme, following.port) == ("http", 80, "https", 443)
    return upgrade and url.host == following.host
