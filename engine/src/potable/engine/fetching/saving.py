"""Bytes on their way into files of the run's scratch folder, hashed while they are written."""

from __future__ import annotations

import errno
import hashlib
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.message import Message
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from potable.engine.contracts.snapshot import Part
from potable.engine.errors import EngineFault
from potable.engine.fetching import codes
from potable.engine.fetching.faults import BrokenOff, occurrence
from potable.engine.fetching.http.urls import shown
from potable.engine.findings import Fault
from potable.engine.lazyregex import lazy_regex

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.contracts.http import HttpResponse

_T = TypeVar("_T")
_UNSAFE = lazy_regex(r"[^A-Za-z0-9._-]+")
_PRIVATE_HEADERS = ("set-cookie", "www-authenticate", "authentication-info")


def write(
    pieces: Iterable[bytes], name: str, context: FetchContext, progress: Callable[[int], None] = lambda _: None
) -> Part:
    """Write pieces to a new file of the scratch folder; gives its part, hashed, without a URL.

    The file is removed again when ``pieces`` raises an exception. Raises
    :class:`~potable.engine.errors.EngineFault` when the scratch folder can't be written to.

    :param name: the part's name.
    :param progress: told the bytes written so far.
    """
    digest, size = hashlib.sha256(), 0
    path: Path | None = None
    try:
        number, made = tempfile.mkstemp(f"-{_UNSAFE.sub('_', name)[-100:]}", "part-", context.scratch)
        path = Path(made)
        with open(number, "wb") as file:  # noqa: PTH123 - a descriptor
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
                size += len(piece)
                progress(size)
    except OSError as error:
        drop(path)
        words = error.strerror or str(error)
        if error.errno == errno.ENOSPC:
            words = "no space is left; make some, or name a folder on another disk (TMPDIR)"
        raise EngineFault(f"can't write to the scratch folder {context.scratch}: {words}") from error
    except Exception:
        drop(path)
        raise
    return Part(name=name, path=path, bytes=size, sha256=digest.hexdigest())


def save(response: HttpResponse, name: str, url: str, context: FetchContext) -> Part:
    """Save a response's body, with what its headers say of it.

    Raises ``Fault`` as :meth:`HttpResponse.chunks` does, and ``access/empty`` for a body without bytes.

    :param url: what was asked for; it's shown without its secrets.
    """
    total: int | None = getattr(response, "length", None)

    def progress(size: int) -> None:
        context.progress(size, max(size, total) if total is not None else None)

    context.progress(0, total)
    part = write(response.chunks(), name, context, progress)
    if part.bytes == 0:
        drop(part.path)
        words = f"the server answered {response.status} with an empty body"
        raise Fault(occurrence(codes.EMPTY, shown(url), words, status=response.status))
    return replace(
        part,
        url=shown(url),
        media_type=_kind(response).get_content_type() if "content-type" in response.headers else None,
        charset=charset_of(response),
        headers={name: value for name, value in response.headers.items() if name not in _PRIVATE_HEADERS},
    )


def charset_of(response: HttpResponse) -> str | None:
    """The charset that a response announces, lower-case."""
    return _kind(response).get_content_charset()


def _kind(response: HttpResponse) -> Message:
    kind = Message()
    kind["content-type"] = response.headers.get("content-type", "")
    return kind


def ask(
    url: str,
    context: FetchContext,
    use: Callable[[HttpResponse], _T],
    headers: Mapping[str, str] | None = None,
) -> _T:
    """What ``use`` makes of a response; a body that breaks off and can't be resumed is asked for anew.

    Raises ``Fault`` as ``use`` and the HTTP client do.
    """
    attempt = 1
    while True:
        with context.http.get(url, headers) as response:
            try:
                return use(response)
            except BrokenOff:
                attempt += 1
                if attempt > context.limits.attempts:
                    raise


def download(
    url: str, name: str, context: FetchContext, kept: Part | None = None, headers: Mapping[str, str] | None = None
) -> Part:
    """GET ``url`` into a file. Raises ``Fault`` with an ``access/*`` code.

    :param kept: what is given where the server says that nothing has changed.
    :param headers: sent with the request; they ask for that.
    """

    def use(response: HttpResponse) -> Part:
        return kept if kept is not None and response.status == 304 else save(response, name, url, context)

    return ask(url, context, use, headers)


def discard(part: Part, context: FetchContext) -> None:
    """Remove a part's file, if it's one of this run alone."""
    if part.path.is_relative_to(context.scratch):
        drop(part.path)


def drop(path: Path | None) -> None:
    """Remove a file of the scratch folder."""
    if path is not None:
        path.unlink(missing_ok=True)


def now() -> str:
    """This moment, ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
