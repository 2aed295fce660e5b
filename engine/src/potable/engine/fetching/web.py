"""Sources on the web: one GET, page after page, or a list with its details; the bytes go to the scratch folder."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote, urlsplit

from potable.engine.contracts.fetching import Fetcher
from potable.engine.contracts.snapshot import Snapshot
from potable.engine.fetching import codes
from potable.engine.fetching.details import merging
from potable.engine.fetching.faults import occurrence
from potable.engine.fetching.files import archives
from potable.engine.fetching.http.urls import shown
from potable.engine.fetching.saving import ask, now, save
from potable.engine.fetching.unchanged import conditions
from potable.engine.lazyregex import lazy_regex

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.contracts.http import HttpResponse
    from potable.engine.definition.model import SourceDefinition

_CONTROL = lazy_regex(r"[\x00-\x1f\x7f/\\]+")


class HttpFetcher(Fetcher):
    """Fetches ``http`` and ``https`` sources: of one address, in pages (``offsetParam``), with details merged in.

    An archive's members become the parts.
    """

    name: ClassVar[str] = "http"
    schemes: ClassVar[frozenset[str]] = frozenset({"http", "https"})

    def fetch(self, source: SourceDefinition, context: FetchContext) -> Snapshot:
        """Fetch ``source.ingest_url``; where the server says that the kept snapshot still holds, give that one.

        Raises :class:`~potable.engine.findings.Fault` with an ``access/*`` code, and
        :class:`~potable.engine.errors.EngineFault` when the scratch folder can't be written to.
        """
        merged = merging.is_merged(source)
        if source.parameters.get("offsetParam"):
            from potable.engine.fetching.pages.paging import fetch_pages  # heavy

            snapshot = fetch_pages(source, context, anew=merged)
        else:
            snapshot = _fetch_one(source, context)
        return merging.merged(source, snapshot, context) if merged else snapshot


def part_name(url: str) -> str:
    """What a part from this address is called: the last segment of the path, else the host."""
    parts = urlsplit(url.strip())
    segments = [_CONTROL.sub("_", unquote(s)).strip() for s in parts.path.split("/")]
    named = [s for s in segments if s not in ("", ".", "..")]
    return named[-1][:200] if named else (parts.hostname or "download")


def _fetch_one(source: SourceDefinition, context: FetchContext) -> Snapshot:
    url = source.access_url() or ""
    kept = None if merging.is_merged(source) else _usable(context.previous)

    def use(response: HttpResponse) -> Snapshot:
        if response.status == 304 and kept is not None:
            return _unchanged(kept, url, context)
        return _snapshot(response, url, context)

    headers = {} if kept is None else conditions(kept.etag, kept.last_modified)
    snapshot = ask(url, context, use, headers)
    if snapshot.not_modified:
        return snapshot
    from potable.engine.fetching.pages.further import compare  # heavy

    compare(source, snapshot, context)
    return archives.unpacked(source, snapshot, context)


def _usable(previous: Snapshot | None) -> Snapshot | None:
    """The kept snapshot, if it can be asked about and its bytes are still there."""
    if previous is None or not previous.parts or not (previous.etag or previous.last_modified):
        return None
    there = all(p.path.is_file() and p.path.stat().st_size == p.bytes for p in previous.parts)
    return previous if there else None


def _unchanged(kept: Snapshot, url: str, context: FetchContext) -> Snapshot:
    context.report(occurrence(codes.NOT_MODIFIED, shown(url), f"unchanged since it was fetched, {kept.fetched}"))
    context.progress(kept.bytes, kept.bytes)
    return replace(kept, not_modified=True, details={**kept.details, "confirmed": now()})


def _snapshot(response: HttpResponse, url: str, context: FetchContext) -> Snapshot:
    part = save(response, part_name(url), url, context)
    details: dict[str, Any] = {"status": response.status}
    if response.url != part.url:
        details["finalURL"] = response.url
    return Snapshot(
        parts=(part,),
        fetched=now(),
        etag=response.headers.get("etag"),
        last_modified=response.headers.get("last-modified"),
        details=details,
    )
