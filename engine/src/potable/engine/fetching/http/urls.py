"""HTTP addresses: taken apart, joined, and shown without their secrets."""

from __future__ import annotations

import base64
import re
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, unquote, unquote_to_bytes, urljoin, urlsplit

from potable.engine.definition.secrets import is_secret_parameter, masked_query, split_userinfo, with_userinfo
from potable.engine.lazyregex import lazy_regex

DEFAULT_PORTS = {"http": 80, "https": 443}
_PAIR = lazy_regex(r"([^=&;#?]*)=([^&;#]*)")
_SPACE_OR_CONTROL = lazy_regex(r"[\x00-\x20\x7f]")
_NO_HOST_PART = "its host part can't be read"
_PATH_SAFE = "/%:@!$&'()*+,;=~-._"
_QUERY_SAFE = _PATH_SAFE + '?[]|{}^`\\"'


class BadUrl(Exception):
    """A text that can't be used as a URL; ``str()`` says why, without quoting secrets."""


@dataclass(frozen=True, slots=True)
class HttpUrl:
    """An ``http`` or ``https`` address, ready to be requested.

    :param scheme: ``http`` or ``https``.
    :param host: lower-case, IDNA-encoded, without brackets.
    :param port: explicit or the scheme's own.
    :param target: path and query, percent-encoded: what the request line says.
    :param authorization: value of the ``Authorization`` header that the user part stands for (RFC 7617), or None.
    :param secrets: texts in it that no message may show.
    """

    scheme: str
    host: str
    port: int
    target: str = field(repr=False)
    authorization: str | None = field(default=None, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port: who is spoken to."""
        return self.scheme, self.host, self.port

    @property
    def netloc(self) -> str:
        """Host and, where it isn't the scheme's own, port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def full(self) -> str:
        """The address without its user part, but with whatever secrets are in its query: for requests alone."""
        return f"{self.scheme}://{self.netloc}{self.target}"

    @property
    def shown(self) -> str:
        """The address as messages, reports and logs may show it: no user part, secret query values masked."""
        return shown(self.full)

    def join(self, location: str) -> str:
        """The absolute form of a redirect's ``Location``, which http.client decodes as Latin-1.

        Raises :class:`BadUrl` for what can't be taken apart.
        """
        with suppress(UnicodeError):
            location = location.encode("latin-1").decode("utf-8")
        try:
            return urljoin(self.full, location.strip())
        except ValueError:
            raise BadUrl(_NO_HOST_PART) from None


def parse_url(text: str) -> HttpUrl:
    """Take an http(s) URL apart, percent-encoding what needs it. Raises :class:`BadUrl`."""
    parts = _split(text)
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS:
        raise BadUrl(f"the scheme {scheme!r} isn't http or https" if scheme else "it has no scheme such as https://")
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadUrl("its port isn't a number from 1 to 65535") from None
    if not host:
        raise BadUrl("it has no host")
    if port == 0:
        raise BadUrl("its port isn't a number from 1 to 65535")
    target = quote(parts.path or "/", safe=_PATH_SAFE)
    if parts.query:
        target += "?" + quote(parts.query, safe=_QUERY_SAFE).replace('"', "%22").replace("\\", "%5C")
    authorization = None
    values = [value for name, value in _pairs(parts.query) if is_secret_parameter(name)]
    secrets = [form for value in values for form in (value, unquote(value))]
    if parts.username is not None:
        user, password = unquote_to_bytes(parts.username), unquote_to_bytes(parts.password or "")
        encoded = base64.b64encode(user + b":" + password).decode("ascii")
        authorization = "Basic " + encoded
        secrets += [encoded, password.decode("utf-8", "replace"), parts.password or ""]
    return HttpUrl(
        scheme, _ascii_host(host), port or DEFAULT_PORTS[scheme], target, authorization, tuple(s for s in secrets if s)
    )


def shown(text: str) -> str:
    """A URL, or what was meant to be one, without user part and with the values of secret parameters masked."""
    scheme, separator, rest = text.partition("//")
    if separator:
        end = re.search(r"[/?#\\]", rest)
        authority, tail = (rest[: end.start()], rest[end.start() :]) if end else (rest, "")
        text = scheme + separator + authority.rpartition("@")[2] + tail
    head, mark, query = text.partition("?")
    return _SPACE_OR_CONTROL.sub(lambda m: quote(m[0]), head + mark + masked_query(query))


def with_credentials_of(asked: str, address: str) -> str:
    """``address`` with the user part of ``asked``, if both are of one origin: credentials go nowhere else."""
    bare, user, password = split_userinfo(asked)
    if user is None:
        return address
    try:
        same = parse_url(bare).origin == parse_url(address).origin
    except BadUrl:
        return address
    return with_userinfo(address, user, password) if same else address


def _split(text: str) -> SplitResult:
    text = text.strip()
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise BadUrl("it holds a control character")
    try:
        return urlsplit(text)
    except ValueError:
        raise BadUrl(_NO_HOST_PART) from None


def _pairs(query: str) -> list[tuple[str, str]]:
    return _PAIR.findall(query)


def _ascii_host(host: str) -> str:
    host = unquote(host).lower()
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            raise BadUrl(f"{host!r} isn't a valid host name") from None
    if _SPACE_OR_CONTROL.search(host) or set(host) & set('/?#@\\<>^|"`{}%') or not host.strip("."):
        raise BadUrl("its host name holds characters that no host name has")
    return host
