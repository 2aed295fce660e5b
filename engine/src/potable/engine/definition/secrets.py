"""Secrets of a definition: references to the environment or a file, and never their text in a message.

A definition writes ``password: ${NAME}`` or ``password: {env: NAME}`` for a variable of the environment, and
``password: {file: PATH}`` for the text of a file (relative to the definition); a URL's query may say
``api_key=${NAME}`` or ``api_key=${file:PATH}``. A secret in plain text works too and is found as
``definition/plaintext-secret``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, unquote

from potable.engine.errors import UsageError
from potable.engine.lazyregex import lazy_regex

MASK = "***"
REFERENCE = lazy_regex(r"\$\{(?:file:(?P<file>[^{}]+)|(?P<env>[A-Za-z_][A-Za-z0-9_]*))\}")
"""``${NAME}`` or ``${file:PATH}``, as they stand in URLs."""
_USERINFO = lazy_regex(r"([A-Za-z][A-Za-z0-9+.:-]*://)([^/?#]*)@")
_SECRET_NAME = lazy_regex(
    r"(?i)pass(?:word|wd|phrase)|secret|api[_-]?key|private[_-]?key|access[_-]?(?:key|token)|auth[_-]?token|^token$"
    r"|credential|^pwd$|bearer"
)
_SECRET_PARAMETER = lazy_regex(
    r"(?i)api.?key|access.?key|secret|passw|passphrase|pwd|signature|credential|authori[sz]ation|bearer|session|cookie"
    r"|(?<!resumption)(?<!page)(?<!next)(?<!continuation)(?<!continuation.)(?<!sync)token$"
    r"|(?:^|[^a-z])(?:key|pass|sig|sas|auth|jwt)$"
)
_PAIR = lazy_regex(r"([^=&;#?]+)=([^&;#]*)")


def is_secret_name(name: str) -> bool:
    """Whether a member of that name probably holds a secret."""
    return _SECRET_NAME.search(name) is not None


def is_secret_parameter(name: str) -> bool:
    """Whether a query parameter of that name probably holds a secret, and so is masked wherever the URL is shown."""
    return _SECRET_PARAMETER.search(unquote(name)) is not None


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret, or where to find it. ``str`` and ``repr`` don't show it, nor does JSON.

    :param kind: ``env`` (a variable's name), ``file`` (a path) or ``plain``.
    """

    kind: Literal["env", "file", "plain"]
    _held: str

    @property
    def reference(self) -> str:
        """Where it's to be found, for messages; a plain secret has none."""
        if self.kind == "plain":
            return MASK
        return f"${{{self._held}}}" if self.kind == "env" else f"file {self._held}"

    def reveal(self, folder: Path = Path()) -> str:
        """The secret itself, for the moment of its use. Raises :class:`UsageError` naming the reference.

        :param folder: what a file's name is relative to.
        """
        if self.kind == "env":
            value = os.environ.get(self._held)
            if value is None:
                raise UsageError(f"the environment has no variable {self._held}, which the definition refers to")
            return value
        if self.kind == "file":
            try:
                return (folder / self._held).read_text("utf-8").strip("\r\n")
            except (OSError, UnicodeDecodeError) as e:
                reason = e.strerror if isinstance(e, OSError) else "it isn't UTF-8"
                raise UsageError(f"the secret's file {self._held} can't be read: {reason}") from None
        return self._held

    def __str__(self) -> str:
        return self.reference

    def __repr__(self) -> str:
        return f"Secret({self.reference})"


def read_secret(value: Any) -> Secret | None:
    """The secret that a definition's value means; None where it has none of the forms."""
    if isinstance(value, Secret):
        return value
    if isinstance(value, Mapping) and len(value) == 1:
        ((kind, held),) = value.items()
        if kind in ("env", "file") and isinstance(held, str) and held:
            return Secret(kind, held)
    if isinstance(value, str):
        match = REFERENCE.fullmatch(value.strip())
        return secret_of(match) if match else Secret("plain", value)
    return None


def secret_of(match: re.Match[str]) -> Secret:
    """What a match of :data:`REFERENCE` refers to."""
    return Secret("file", match["file"].strip()) if match["file"] else Secret("env", match["env"])


def expand(url: str, folder: Path = Path()) -> str:
    """``url`` with each ``secret=${NAME}`` of its query replaced by what it refers to.

    Other parts of a URL are shown in reports, so nothing is put in there. Raises :class:`UsageError` naming a reference
    that leads nowhere.

    :param folder: what a file's name is relative to.
    """

    def value(match: re.Match[str]) -> str:
        reference = REFERENCE.fullmatch(match.group(2))
        if reference is None or not is_secret_parameter(match.group(1)):
            return match.group()
        return f"{match.group(1)}={quote(secret_of(reference).reveal(folder), safe='')}"

    head, mark, query = url.partition("?")
    return head + mark + _PAIR.sub(value, query)


def query_secrets(url: str) -> list[Secret]:
    """The secrets in the query of a URL: references, and those in plain text as they stand there and decoded."""
    found = []
    for name, value in _PAIR.findall(url.partition("?")[2]):
        if value and is_secret_parameter(name):
            reference = REFERENCE.fullmatch(value)
            found += [secret_of(reference)] if reference else [Secret("plain", value), Secret("plain", unquote(value))]
    return found


def unused_references(url: str) -> list[str]:
    """The ``${NAME}`` of a URL that :func:`expand` leaves alone."""
    head, _, query = url.partition("?")
    used = {m.start(2) for m in _PAIR.finditer(query) if is_secret_parameter(m.group(1))}
    in_query = [m.group() for m in REFERENCE.finditer(query) if m.start() not in used]
    return [m.group() for m in REFERENCE.finditer(head)] + in_query


def split_userinfo(url: str) -> tuple[str, str | None, str | None]:
    """``url`` without its ``user:password@``, and these two, percent-decoded; None where they aren't given."""
    match = _USERINFO.match(url)
    if match is None:
        return url, None, None
    user, colon, password = match.group(2).partition(":")
    return match.group(1) + url[match.end() :], unquote(user), unquote(password) if colon else None


def with_userinfo(url: str, user: str | None, password: str | None) -> str:
    """``url`` with ``user:password@`` before its host, percent-encoded; the opposite of :func:`split_userinfo`."""
    scheme, mark, rest = url.partition("://")
    if not mark or (not user and password is None):
        return url
    userinfo = quote(user or "", safe="") + ("" if password is None else ":" + quote(password, safe=""))
    return f"{scheme}://{userinfo}@{rest}"


def split_query(url: str, name: str) -> tuple[str, str | None]:
    """``url`` without a parameter of its query, and that one's value, percent-decoded; None where it isn't there."""
    head, _, query = url.partition("?")
    pairs = query.split("&")
    found = next((p for p in pairs if p.partition("=")[0].casefold() == name), None)
    if found is None:
        return url, None
    rest = "&".join(p for p in pairs if p is not found)
    return f"{head}?{rest}" if rest else head, unquote(found.partition("=")[2])


def query_value(url: str, name: str) -> str:
    """The value of a parameter of a URL's query as it's written; "" where it isn't there."""
    return next((value for n, value in _PAIR.findall(url.partition("?")[2]) if n == name), "")


def plain_query_secrets(url: str) -> list[str]:
    """Names of the query parameters of ``url`` that hold a secret in plain text."""
    query = url.partition("?")[2]
    pairs = [m.groups() for m in _PAIR.finditer(query)]
    return [n for n, value in pairs if value and is_secret_parameter(n) and not REFERENCE.fullmatch(value)]


def masked_url(url: str) -> str:
    """``url`` as it may be shown: without user and password, secret query parameters masked."""
    head, mark, query = split_userinfo(url)[0].partition("?")
    return head + mark + masked_query(query)


def masked_query(query: str) -> str:
    """The query of a URL with the values of secret parameters masked."""
    return _PAIR.sub(lambda m: f"{m[1]}={MASK}" if m[2] and is_secret_parameter(m[1]) else m[0], query)
