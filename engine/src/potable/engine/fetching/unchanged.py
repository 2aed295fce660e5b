"""Asking whether files are still those of a kept snapshot, one by one, and taking them from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.fetching import codes
from potable.engine.fetching.faults import occurrence
from potable.engine.fetching.saving import now

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext


class Before:
    """The files of the source's kept snapshot, as they came then.

    :param context: lends the kept snapshot.
    :param url: of the source, as shown.
    """

    def __init__(self, context: FetchContext, url: str) -> None:
        self._context, self._url = context, url
        self._kept = context.previous
        self._files = {(p.name, p.url): p for p in self._kept.came} if self._kept is not None else {}

    def file(self, name: str, url: str | None) -> Part | None:
        """The kept file of that name and address."""
        return self._files.get((name, url))

    def settled(self, snapshot: Snapshot) -> Snapshot:
        """``snapshot``, of files as they came; the kept one where all of them are its own, which is reported."""
        kept = self._kept
        if kept is None or [p.path for p in snapshot.parts] != [p.path for p in kept.came]:
            return snapshot
        words = f"unchanged since it was fetched, {kept.fetched}"
        if len(kept.came) > 1:
            words += f": all of its {len(kept.came):,} files are as they were"
        self._context.report(occurrence(codes.NOT_MODIFIED, self._url, words))
        return replace(kept, not_modified=True, details={**kept.details, "confirmed": now()})


def conditions_of(kept: Part | None) -> dict[str, str]:
    """Headers that ask for a file only if it isn't the kept one any more; none where nothing tells versions apart."""
    if kept is None:
        return {}
    return conditions(kept.headers.get("etag"), kept.headers.get("last-modified"))


def conditions(etag: str | None, modified: str | None) -> dict[str, str]:
    """The headers of a conditional request (RFC 9110 §13.1)."""
    headers: Mapping[str, str | None] = {"If-None-Match": etag, "If-Modified-Since": modified}
    return {name: value for name, value in headers.items() if value}
