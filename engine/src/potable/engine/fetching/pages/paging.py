"""Sources that come in pages: ``offsetParam``, ``limitParam``, ``limitValue``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, unquote_plus

from potable.engine.contracts.reading import part_location
from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.definition.methods import default
from potable.engine.fetching import codes
from potable.engine.fetching.faults import occurrence
from potable.engine.fetching.http.urls import shown
from potable.engine.fetching.pages.further import next_page
from potable.engine.fetching.pages.refusals import refusal
from potable.engine.fetching.pages.totals import Total, announced
from potable.engine.fetching.saving import discard, download, now
from potable.engine.fetching.sniffing.body import check_media_type
from potable.engine.fetching.unchanged import Before, conditions_of
from potable.engine.findings import Fault, Occurrence
from potable.engine.reading.parts import head_of

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.definition.model import SourceDefinition

MOST_PAGES = 100_000
"""Most pages of one source."""

_NO_PAGE = (204, 404, 416)
"""What servers answer to the question for a page behind the last one."""

_SUFFIXES = {"csv": ".csv", "json": ".json", "jsonl": ".jsonl", "xml": ".xml"}


_ERROR_PAGE = (
    "Open the page's address in a browser: what comes behind it is missing. Try again later; if it stays, tell the "
    "source's owner."
)


def fetch_pages(source: SourceDefinition, context: FetchContext, *, anew: bool = False) -> Snapshot:
    """Fetch page after page, until one has fewer records than the limit, or isn't there.

    The next page starts behind the records that have come. A last page without records is left out, unless it's the
    only one. Pages of the kept snapshot that the server says are unchanged aren't downloaded again.

    Raises :class:`~potable.engine.findings.Fault`: ``access/endless-pages`` where a page repeats an earlier one, what
    the HTTP client raises, and what the reader raises for a page that can't be read.

    :param anew: all pages are downloaded.
    """
    return _Pages(source, context, anew).snapshot()


class _Pages:
    def __init__(self, source: SourceDefinition, context: FetchContext, anew: bool) -> None:
        self._source, self._context = source, context
        self._url, self._name = source.access_url() or "", str(source.parameters["offsetParam"])
        self._limit_name = source.parameters.get("limitParam")
        self._limit = _limit(source, self._url, self._limit_name)
        self._first = self._offset = _number(self._url, self._name) or 0
        self._before = None if anew else Before(context, shown(self._url))
        self._pages: list[Part] = []
        self._seen: dict[str, int] = {}
        self._total: Total | None = None

    def snapshot(self) -> Snapshot:
        context, pages, partial = self._context, self._pages, False
        wait = float(_parameter(self._source, "waitTime")) / 1000
        while len(pages) < MOST_PAGES:
            if pages:
                context.http.pause(wait)
            page = self._page()
            if page is None:
                break
            records = self._take(page)
            if not records and len(pages) > 1:
                discard(pages.pop(), context)
                break
            partial = records >= self._limit and _enough(context, self._offset - self._first)
            if records < self._limit or partial:
                break
        else:
            words = f"after {MOST_PAGES:,} pages there's still no last one"
            raise Fault(Occurrence(codes.ENDLESS_PAGES.id, words, location=part_location(pages[-1])))
        if not partial:
            self._compare()
        snapshot = Snapshot(parts=tuple(pages), fetched=now(), details={"pages": len(pages)}, partial=partial)
        return snapshot if self._before is None else self._before.settled(snapshot)

    def _page(self) -> Part | None:
        """The next page; None where there's none behind a full one, which is reported."""
        given = {self._name: self._offset} | ({str(self._limit_name): self._limit} if self._limit_name else {})
        url = with_parameters(self._url, given)
        name = f"page-{len(self._pages) + 1:04d}{_SUFFIXES.get(self._source.format, '')}"
        kept = None if self._before is None else self._before.file(name, shown(url))
        try:
            return download(url, name, self._context, kept, conditions_of(kept))
        except Fault as fault:
            said = fault.occurrence
            status = said.details.get("status")
            if not self._pages or status not in _NO_PAGE:
                raise
        records = f"{self._offset - self._first:,} records"
        words = f"there's no page behind the {records} before it ({status}): taken for the end"
        self._context.report(occurrence(codes.MISSING_PAGE, shown(url), words))
        return None

    def _take(self, page: Part) -> int:
        """Note a page, and give the number of its records.

        Raises ``Fault`` for one that came before, is of another kind, or has an error in place of records.
        """
        other = check_media_type(self._source, page, head_of(page, self._context.limits))
        if other is not None:
            raise Fault(other)
        found = self._context.survey(page)
        number = len(self._pages) + 1
        if not found.records and self._pages:
            self._look_for_error(page)
        earlier = self._seen.setdefault(found.digest, number)
        if earlier < number and (found.records or number == 1):
            raise _repeated(page, earlier, f"{self._name}={self._offset}")
        self._pages.append(page)
        self._offset += found.records
        self._total = announced(page, self._source, self._context.limits) or self._total
        return found.records

    def _look_for_error(self, page: Part) -> None:
        """Raise ``Fault`` where a page behind others has an error, unless all that was announced has come."""
        if self._total is not None and self._total.records <= self._offset:
            return
        said = refusal(page, self._pages[0], self._source, self._context.limits)
        if said is not None:
            words = f"the page {page.name} ({self._name}={self._offset}) has an error in place of records: {said}"
            raise Fault(Occurrence(codes.PROTOCOL.id, words, location=part_location(page), hint=_ERROR_PAGE))

    def _compare(self) -> None:
        """Compare the number of records with what the source announces."""
        total, records = self._total, self._offset - self._first
        if total is None:
            self._compare_links(records)
            return
        if total.records - self._first <= records:
            return
        pages, last = f"{len(self._pages):,} page{'s' * (len(self._pages) > 1)}", self._pages[-1]
        words = f"{records:,} records came in {pages}, and {total.where} announces {total.records:,}"
        at = part_location(last)
        said = Occurrence(
            codes.INCOMPLETE_PAGES.id, words, value=str(total.records), location=replace(at, path=total.path),
            hint=self._mend(records), details={"announced": total.records, "received": records},
        )  # fmt: skip
        self._context.report(said)

    def _compare_links(self, records: int) -> None:
        """Report a next page that is named where the first one, with fewer records than the limit, was the last."""
        link = next_page(self._pages[0], self._source, self._context.limits) if len(self._pages) == 1 else None
        if link is None or not records:
            return
        words = f"{records:,} records came in 1 page, and {link.where} says that there's a next page"
        at = replace(part_location(self._pages[0]), path=link.path)
        details = {"received": records}
        code = codes.INCOMPLETE_PAGES.id
        self._context.report(Occurrence(code, words, location=at, hint=self._mend(records), details=details))

    def _mend(self, records: int) -> str | None:
        """A hint where the server seems to cap its pages."""
        if len(self._pages) > 1 or not records:
            return None
        return f"The server gives at most {records:,} records in a page, it seems: set limitValue: {records}."


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
