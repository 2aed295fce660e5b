"""Sources on the web: one GET into a file of the run's scratch folder, hashed while it is written."""

from __future__ import annotations

import errno
import hashlib
import re
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from email.message import Message
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote, urlsplit

from potable.engine.contracts.fetching import Fetcher
from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.errors import EngineFault
from potable.engine.fetching import codes
from potable.engine.fetching.faults import BrokenOff, occurrence
from potable.engine.fetching.integrity import declared_faults
from potable.engine.fetching.urls import shown
from potable.engine.findings import Fault

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.contracts.http import HttpResponse
    from potable.engine.definition.model import SourceDefinition

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f/\\]+")
_PRIVATE_HEADERS = ("set-cookie", "www-authenticate", "authentication-info")


class HttpFetcher(Fetcher):
    """Fetches ``http`` and ``https`` sources of one address."""

    name: ClassVar[str] = "http"
    schemes: ClassVar[frozenset[str]] = frozenset({"http", "https"})

    def fetch(self, source: SourceDefinition, context: FetchContext) -> Snapshot:
        """Fetch ``source.ingest_url``; where the server says that the kept snapshot still holds, give that one.

        Raises :class:`~potable.engine.findings.Fault` with an ``access/*`` code, and
        :class:`~potable.engine.errors.EngineFault` when the scratch folder can't be written to.
        """
        url = source.access_url() or ""
        kept = _usable(context.previous)
        snapshot = None
        for attempt in range(1, context.limits.attempts + 1):
            with context.http.get(url, _conditions(kept)) as response:
                try:
                    if response.status == 304 and kept is not None:
                        snapshot = _unchanged(kept, url, context)
                    else:
                        snapshot = _save(response, url, context)
                    break
                except BrokenOff:
                    if attempt >= context.limits.attempts:
                        raise
        assert snapshot is not None
        for said in declared_faults(source, snapshot.parts):
            context.report(said)
        return snapshot


def part_name(url: str) -> str:
    """What a part from this address is called: the last segment of the path, else the host."""
    parts = urlsplit(url.strip())
    segments = [_CONTROL.sub("_", unquote(s)).strip() for s in parts.path.split("/")]
    named = [s for s in segments if s not in ("", ".", "..")]
    return named[-1][:200] if named else (parts.hostname or "download")


def _conditions(kept: Snapshot | None) -> dict[str, str]:
    if kept is None:
        return {}
    headers = {"If-None-Match": kept.etag, "If-Modified-Since": kept.last_modified}
    return {name: value for name, value in headers.items() if value}


def _usable(previous: Snapshot | None) -> Snapshot | None:
    """The kept snapshot, if it can be asked about and its bytes are still there."""
    if previous is None or not previous.parts or not (previous.etag or previous.last_modified):
        return None
    there = all(p.path.is_file() and p.path.stat().st_size == p.bytes for p in previous.parts)
    return previous if there else None


def _unchanged(kept: Snapshot, url: str, context: FetchContext) -> Snapshot:
    context.report(occurrence(codes.NOT_MODIFIED, shown(url), f"unchanged since it was fetched, {kept.fetched}"))
    context.progress(kept.bytes, kept.bytes)
    return replace(kept, not_modified=True, details={**kept.details, "confirmed": _now()})


def _save(response: HttpResponse, url: str, context: FetchContext) -> Snapshot:
    name, where = part_name(url), shown(url)
    total: int | None = getattr(response, "length", None)
    digest, size = hashlib.sha256(), 0
    context.progress(0, total)
    path: Path | None = None
    try:
        number, made = tempfile.mkstemp(f"-{_UNSAFE.sub('_', name)[-100:]}", "part-", context.scratch)
        path = Path(made)
        with open(number, "wb") as file:  # noqa: PTH123 - a descriptor
            for piece in response.chunks():
                file.write(piece)
                digest.update(piece)
                size += len(piece)
                context.progress(size, max(size, total) if total is not None else None)
    except OSError as error:
        _drop(path)
        words = "no space is left" if error.errno == errno.ENOSPC else error.strerror or str(error)
        raise EngineFault(f"can't write to the scratch folder {context.scratch}: {words}") from error
    except Fault:
        _drop(path)
        raise
    if size == 0:
        _drop(path)
        raise Fault(occurrence(codes.EMPTY, where, f"the server answered {response.status} with an empty body"))
    return _snapshot(response, Part(name=name, path=path, bytes=size, sha256=digest.hexdigest(), url=where))


def _snapshot(response: HttpResponse, part: Part) -> Snapshot:
    kind = Message()
    kind["content-type"] = response.headers.get("content-type", "")
    headers = {name: value for name, value in response.headers.items() if name not in _PRIVATE_HEADERS}
    whole = replace(
        part,
        media_type=kind.get_content_type() if "content-type" in response.headers else None,
        charset=kind.get_content_charset(),
        headers=headers,
    )
    details: dict[str, Any] = {"status": response.status}
    if response.url != part.url:
        details["finalURL"] = response.url
    return Snapshot(
        parts=(whole,),
        fetched=_now(),
        etag=response.headers.get("etag"),
        last_modified=response.headers.get("last-modified"),
        details=details,
    )


def _drop(path: Path | None) -> None:
    if path is not None:
        path.unlink(missing_ok=True)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
