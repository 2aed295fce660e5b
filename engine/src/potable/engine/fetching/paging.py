"""Sources that come in pages: ``offsetParam``, ``limitParam``, ``limitValue``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, unquote_plus

from potable.engine.contracts.reading import part_location
from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.definition.methods import default
from potable.engine.fetching import codes
from potable.engine.fetching.saving import download, drop, now
from potable.engine.findings import Fault, Occurrence

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.definition.model import SourceDefinition

MOST_PAGES = 100_000
"""Most pages of one source."""

_SUFFIXES = {"csv": ".csv", "json": ".json", "jsonl": ".jsonl", "xml": ".xml"}


def is_paged(source: SourceDefinition) -> bool:
    """Whether a definition asks for pages."""
    return bool(source.parameters.get("offsetParam"))


def fetch_pages(source: SourceDefinition, context: FetchContext) -> Snapshot:
    """Fetch page after page, until one has fewer records than the limit. Each is a part, ``page-0001.json``.

    The next page starts behind the records that have come. A last page without records is left out, unless it's the
    only one.

    Raises :class:`~potable.engine.findings.Fault`: ``access/endless-pages`` where a page repeats an earlier one, what
    the HTTP client raises, and what the reader raises for a page that can't be read.
    """
    url, name = source.access_url() or "", str(source.parameters["offsetParam"])
    limit_name = source.parameters.get("limitParam")
    limit = _limit(source, url, limit_name)
    first = offset = _number(url, name) or 0
    wait = float(_parameter(source, "waitTime")) / 1000
    suffix = _SUFFIXES.get(source.format, "")
    pages: list[Part] = []
    seen: dict[str, int] = {}
    partial = False
    while len(pages) < MOST_PAGES:
        if pages:
            context.http.pause(wait)
        given = {name: offset} | ({str(limit_name): limit} if limit_name else {})
        page = download(with_parameters(url, given), f"page-{len(pages) + 1:04d}{suffix}", context)
        found = context.survey(page)
        if pages and not found.records:
            drop(page.path)
            break
        earlier = seen.setdefault(found.digest, len(pages) + 1)
        if earlier <= len(pages):
            raise _repeated(page, earlier, f"{name}={offset}")
        pages.append(page)
        offset += found.records
        partial = _enough(context, offset - first)
        if found.records < limit or partial:
            partial = partial and found.records >= limit
            break
    else:
        words = f"after {MOST_PAGES:,} pages there's still no last one"
        raise Fault(Occurrence(codes.ENDLESS_PAGES.id, words, location=part_location(pages[-1])))
    return Snapshot(parts=tuple(pages), fetched=now(), details={"pages": len(pages)}, partial=partial)


def with_parameters(url: str, given: dict[str, Any]) -> str:
    """``url`` with these parameters in its query, in the place of those of the same names."""
    head, _, query = url.partition("#")[0].partition("?")
    kept = [pair for pair in query.split("&") if pair and _key(pair) not in given]
    pairs = [*kept, *(f"{quote_plus(name, safe='[]$')}={quote_plus(str(value))}" for name, value in given.items())]
    return f"{head}?{'&'.join(pairs)}"


def query_of(url: str) -> dict[str, str]:
    """The parameters of a URL's query, decoded; of equal names the last one."""
    query = url.partition("#")[0].partition("?")[2]
    return {_key(pair): unquote_plus(pair.partition("=")[2]) for pair in query.split("&") if pair}


def _key(pair: str) -> str:
    return unquote_plus(pair.partition("=")[0])


def _number(url: str, name: str) -> int | None:
    value = query_of(url).get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None


def _limit(source: SourceDefinition, url: str, name: Any) -> int:
    """Records per page: as the definition says, else as its URL does, else the default."""
    given = source.parameters.get("limitValue")
    if given is None and name:
        given = _number(url, str(name))
    return max(1, int(given if given is not None else _parameter(source, "limitValue")))


def _parameter(source: SourceDefinition, name: str) -> Any:
    given = source.parameters.get(name)
    return default(source.ingest_method, name) if given is None else given


def _enough(context: FetchContext, records: int) -> bool:
    return context.wanted is not None and records > context.wanted


def _repeated(page: Part, earlier: int, asked: str) -> Fault:
    words = f"the page {page.name} ({asked}) has the same records as page {earlier}: the server ignores the offset"
    return Fault(Occurrence(codes.ENDLESS_PAGES.id, words, location=part_location(page)))
