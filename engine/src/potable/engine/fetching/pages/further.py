"""Whether an answer that wasn't asked for in pages, or a file that one was saved in, is only the first of several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from potable.engine.contracts.reading import part_location
from potable.engine.fetching import codes
from potable.engine.fetching.pages.totals import HEADERS, HOLDERS, NOTHING, Total, announced, folded, items, members
from potable.engine.findings import Fault, Occurrence, clip
from potable.engine.lazyregex import lazy_regex
from potable.engine.paths.pointer import escape
from potable.engine.reading.streams import ByteStream
from potable.engine.reading.window import count_lines

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.contracts.snapshot import Part, Snapshot
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.limits import Limits

PAGE_BYTES = 1 << 24
"""Longest answer that is looked into: a page is short, and what is long would be parsed once more for it."""

_NEXT = frozenset({
    "next", "nextlink", "odatanextlink", "nextpage", "nextpageurl", "nexturl", "nextpagelink", "nexthref",
    "nextpagetoken", "nexttoken", "nextcursor", "hasmore", "hasnext", "hasnextpage", "morepages",
})  # fmt: skip
"""Names of what tells that there's a next page."""
_LINKS = HOLDERS | {"links", "link", "cursor", "cursors"}
_VAGUE = frozenset({"total", "count", "found", "totalsize", "resultcount", "totalnumber"})
"""Names that may be the number of something else, in a document that isn't known to be a page."""
_OF_PAGE = frozenset({"count", "resultcount"})
"""Those that may be the number of records in a page."""
_PAGED = frozenset({
    "offset", "limit", "start", "rows", "page", "pages", "pagesize", "perpage", "size", "skip", "top", "take",
    "totalpages", "lastpage", "pagecount", "currentpage", "pagenumber", "retmax", "retstart", "itemsperpage",
    "startindex", "from", "previous", "prev", "next",
})  # fmt: skip
"""Names that stand beside such a number where it's one of records."""
_PAGES = frozenset({
    "offset", "limit", "pages", "pagesize", "perpage", "totalpages", "lastpage", "pagecount", "currentpage",
    "pagenumber", "retmax", "retstart", "itemsperpage", "startindex",
})  # fmt: skip
"""Those of them that stand in pages alone."""
_RELATIONS, _TARGETS = frozenset({"rel", "relation"}), frozenset({"href", "url", "uri"})
"""Names in one link of a list: of what it leads to, and of the address."""
_ADDRESS = lazy_regex(rb"""\s*(?:\{|"(?:https?:|[/?]))""")
"""How an address begins in JSON, or an object that has one."""
_HOLD_IT = ("hits", "pagination", "paging", "page", "pageinfo", "meta")
"""Names of what holds nothing else under such a name."""
_LINK_HEADER = lazy_regex(r"<([^>]{0,2000})>([^<]*)")
_REL_NEXT = lazy_regex(r"""(?i)\brel\s*=\s*(?:"[^"]*\bnext\b[^"]*"|next\b)""")
_HINT = (
    "If the server takes an offset, name its parameters by offsetParam, limitParam and limitValue: all pages are asked "
    "for then. Else have the address ask for all records in one answer, as by a larger limit."
)
_FILE_HINT = (
    "Save the other pages too, each in a file of its own; or give the address itself as ingestURL, with offsetParam, "
    "limitParam and limitValue: all pages are asked for then."
)

_OAI_GOES_ON = lazy_regex(
    rb"<(?:[\w.-]{1,50}:)?resumptionToken(?:\s[^<>]{0,500})?>\s*[^<\s][^<]{0,5000}</[^<>]{1,70}>"
    rb"\s*</(?:[\w.-]{1,50}:)?ListRecords\s*>\s*</(?:[\w.-]{1,50}:)?OAI-PMH\s*>\s*\Z"
)
"""The end of an answer of OAI-PMH that isn't the list's last."""
_OAI_END = 8192
_ENTRY = lazy_regex(rb"<(?:[\w.-]{1,50}:)?entry[\s>/]")
_FEED_GOES_ON = lazy_regex(
    rb"""<(?:[\w.-]{1,50}:)?link\s(?=[^<>]{0,2000}\bhref\s*=\s*["'][^"'<>])"""
    rb"""[^<>]{0,2000}?\brel\s*=\s*["']next["']"""
)
"""Atom's link to the page that follows (RFC 5005, section 3)."""
_FEED_HEAD = 1 << 16
_RESUMED = "resumptionToken"
_OAI_HINT = "Set ingestMethod: OAI, with the address before its '?' as ingestURL: all of the list is harvested then."


def compare(source: SourceDefinition, snapshot: Snapshot, context: FetchContext) -> None:
    """Report ``access/incomplete-pages`` where the one answer names a next page, or more records than it has; or where
    each of several files names a next page, so that the last one isn't among them.

    Samples aren't compared: they're meant to be less than all.
    """
    if context.wanted is not None:
        return
    if len(snapshot.parts) > 1:
        _compare_files(source, snapshot, context)
        return
    part = snapshot.parts[0]
    if part.bytes > PAGE_BYTES and not any(name in part.headers for name in ("link", *HEADERS)):
        return
    try:
        total, link = _total(part, source, context.limits), next_page(part, source, context.limits)
        if total is None and link is None:
            return
        records = context.survey(part).records
    except (Fault, LookupError):
        return  # whoever reads it will say so
    if total is not None and total.records <= records:
        if link is None or folded(total.name) not in _OF_PAGE:
            return
        total = None
    if not records:
        return
    said = _more(part, records, total, link)
    context.report(said)


def _compare_files(source: SourceDefinition, snapshot: Snapshot, context: FetchContext) -> None:
    parts = snapshot.parts
    if snapshot.bytes > PAGE_BYTES or any(part.url is not None for part in parts):
        return
    last = None
    try:
        for part in parts:
            last = next_page(part, source, context.limits)
            if last is None:
                return
    except (Fault, LookupError):
        return  # whoever reads it will say so
    assert last is not None
    words = f"each of the {len(parts):,} files says that there's a next page: the last one isn't among them"
    at = replace(part_location(parts[-1]), path=last.path, line=last.line, byte=last.byte)
    context.report(Occurrence(codes.INCOMPLETE_PAGES.id, words, location=at, hint=_hint(parts[-1], last)))


def _hint(part: Part, told: Total | None) -> str:
    if told is not None and told.name == _RESUMED:
        return _OAI_HINT
    return _HINT if part.url is not None else _FILE_HINT


def _more(part: Part, records: int, total: Total | None, link: Total | None) -> Occurrence:
    are = f"{records:,} record{'s' * (records != 1)}"
    came = (
        f"{are} came in one answer" if part.url is not None else f"{are} {'are' if records != 1 else 'is'} in the file"
    )
    at = part_location(part)
    if total is not None:
        words = f"{came}, and {total.where} announces {total.records:,}"
        return Occurrence(
            codes.INCOMPLETE_PAGES.id, words, value=str(total.records), location=replace(at, path=total.path),
            hint=_hint(part, None), details={"announced": total.records, "received": records},
        )  # fmt: skip
    assert link is not None
    words = f"{came}, and {link.where} says that there's a next page"
    place = replace(at, path=link.path, line=link.line, byte=link.byte)
    return Occurrence(
        codes.INCOMPLETE_PAGES.id, words, location=place, hint=_hint(part, link),
        details={"received": records},
    )  # fmt: skip


def _total(part: Part, source: SourceDefinition, limits: Limits) -> Total | None:
    """The number that is announced, where it can't well be the number of anything else than records."""
    if part.url is None and source.format == "xml":
        return None  # a file needn't be a page: to look for it all through would cost more than it finds
    total = announced(part, source, limits)
    if total is None or folded(total.name) not in _VAGUE:
        return total
    if source.format != "json" or total.path is None:
        return None
    beside = members(_body(part, limits))
    for name in total.path.split("/")[1:-1]:
        if folded(name) in _HOLD_IT:
            return total
        beside = members(next((v for n, v in beside if escape(n) == name), b""))
    names = {name for name, _ in beside}
    if part.url is None:
        return total if _PAGES & {folded(name) for name in names} else None
    sure = source.parameters.get("documentElement") in names or _PAGED & {folded(name) for name in names}
    return total if sure else None


def next_page(part: Part, source: SourceDefinition, limits: Limits) -> Total | None:
    """What names a next page, as a total without a number; None where nothing does. Raises ``Fault``."""
    if _links_on(part.headers):
        return Total(0, "the header link")
    if source.format == "xml":
        body = _body(part, limits)
        if (found := _OAI_GOES_ON.search(body, max(len(body) - _OAI_END, 0))) is not None:
            where, name = "its resumptionToken", _RESUMED
        elif (entry := _ENTRY.search(body, 0, _FEED_HEAD)) is None:
            return None
        elif (found := _FEED_GOES_ON.search(body, 0, entry.start())) is not None:
            where, name = "its link next", ""
        else:
            return None
        at, line = found.start(), count_lines(body[: found.start()]) + 1
        return Total(0, where, name=name, line=line, byte=at)
    if source.format != "json":
        return None
    element = str(source.parameters.get("documentElement") or "")
    return next(_named(_body(part, limits), element, saved=part.url is None), None)


def _links_on(headers: Mapping[str, str]) -> bool:
    return any(url.strip() and _REL_NEXT.search(rest) for url, rest in _LINK_HEADER.findall(headers.get("link", "")))


def _named(body: bytes, element: str, *, saved: bool) -> Iterator[Total]:
    """``saved``: it's a file, which may be something else than a page."""

    def leads_on(name: str, value: bytes) -> bool:
        known = folded(name) in _NEXT and _leads_on(value)
        return known and (not saved or folded(name) != "next" or _ADDRESS.match(value) is not None)

    for name, value in members(body):
        path = f"/{escape(name)}"
        if leads_on(name, value):
            yield _link(path)
        elif folded(name) in _LINKS and name != element:
            for inner, held in members(value):
                if leads_on(inner, held):
                    yield _link(f"{path}/{escape(inner)}")
            for n, link in enumerate(items(value)):
                of_link = {inner.lower(): held.strip() for inner, held in members(link)}
                relations = [of_link.get(name, b"").lower() for name in _RELATIONS]
                if b'"next"' in relations and any(of_link.get(name, b"") not in NOTHING for name in _TARGETS):
                    yield _link(f"{path}/{n}")


def _link(path: str) -> Total:
    return Total(0, f"the member {clip(path, 100)}", path)


def _leads_on(value: bytes) -> bool:
    """Whether a member says that there's more: true, a number, a text, or an object with an address."""
    value = value.strip()
    if not value.startswith(b"{"):
        return value not in NOTHING and not value.startswith(b"[")
    return any(n.lower() in ("href", "url", "link") and v.strip() not in NOTHING for n, v in members(value))


def _body(part: Part, limits: Limits) -> bytes:
    with closing(ByteStream(part, limits, hashed=False)) as stream:
        body = stream.read(PAGE_BYTES + 1)
    return body if len(body) <= PAGE_BYTES else b""
