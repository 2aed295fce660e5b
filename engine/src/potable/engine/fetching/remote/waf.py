"""Web folders: every link of an HTML page that ends in ``.xml`` is a file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from potable.engine.contracts.fetching import Fetcher
from potable.engine.contracts.snapshot import Snapshot
from potable.engine.definition.methods import default
from potable.engine.definition.secrets import split_userinfo
from potable.engine.fetching import codes
from potable.engine.fetching.faults import occurrence
from potable.engine.fetching.http.urls import shown, with_credentials_of
from potable.engine.fetching.remote.enough import Enough
from potable.engine.fetching.saving import ask, charset_of, download, now
from potable.engine.fetching.sniffing.body import sniff
from potable.engine.fetching.sniffing.markup import page_text
from potable.engine.fetching.unchanged import Before, conditions_of
from potable.engine.findings import Fault

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.contracts.http import HttpResponse
    from potable.engine.definition.model import SourceDefinition

PAGE_BYTES = 1 << 26
"""Longest directory page."""
MOST_FILES = 100_000
"""Most files of one web folder."""


class WafFetcher(Fetcher):
    """Fetches the files that a directory page links to: those on the page's own host, each once, sorted by name.

    Those that the server says are unchanged aren't downloaded again. Where only a sample is wanted, no more are fetched
    than it takes.
    """

    name: ClassVar[str] = "waf"
    methods: ClassVar[frozenset[str]] = frozenset({"WAF"})

    def fetch(self, source: SourceDefinition, context: FetchContext) -> Snapshot:
        """Fetch the page, then the files.

        Raises :class:`~potable.engine.findings.Fault`: ``access/media-type`` where the page isn't HTML,
        ``access/not-found`` where no link ends in ``.xml``, and what the HTTP client raises.
        """
        url = source.access_url() or ""
        base, text = ask(url, context, _page)
        files, elsewhere = _files(url, base, _links(text, base))
        if not files:
            words = "no link on this page ends in .xml"
            if elsewhere:
                words += f", but for {elsewhere:,} that lead to other hosts"
            raise Fault(occurrence(codes.NOT_FOUND, shown(url), words))
        if len(files) > MOST_FILES:
            words = f"the page links to {len(files):,} files, more than {MOST_FILES:,}"
            raise Fault(occurrence(codes.TOO_LARGE, shown(url), words))
        wait = source.parameters.get("waitTime")
        pause = float(default("WAF", "waitTime") if wait is None else wait) / 1000
        parts, before, enough = [], Before(context, shown(url)), Enough(context)
        for name, address in sorted(files.items()):
            context.http.pause(pause)
            kept = before.file(name, shown(address))
            parts.append(download(address, name, context, kept, conditions_of(kept)))
            if enough.counting(parts[-1]):
                break
        details = {"links": len(files)} | ({"otherHosts": elsewhere} if elsewhere else {})
        partial = len(parts) < len(files)
        return before.settled(Snapshot(parts=tuple(parts), fetched=now(), details=details, partial=partial))


def _page(response: HttpResponse) -> tuple[str, str]:
    """The final address of the page, and its text."""
    body = response.read(PAGE_BYTES)
    kind = sniff(body[:8192])
    if kind != "html":
        words = f"this isn't an HTML page with links but {'nothing' if kind == 'empty' else kind}"
        raise Fault(occurrence(codes.MEDIA_TYPE, response.url, words))
    return response.url, page_text(body, charset_of(response))


def _links(text: str, base: str) -> list[str]:
    """The absolute addresses that the page's links have, in their order."""
    from lxml import etree  # heavy: only this method needs it

    parser = etree.HTMLParser(no_network=True, huge_tree=False, recover=True, encoding="utf-8")
    root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    if root is None:
        return []
    found: list[str] = []
    for element in root.iter("base", "a", "area"):
        href = (element.get("href") or "").strip()
        if element.tag == "base" and href and not found:
            base = _joined(base, href) or base
        elif href and element.tag != "base":
            found.append(_joined(base, href) or "")
    return [address for address in found if address]


def _joined(base: str, href: str) -> str | None:
    try:
        return urldefrag(urljoin(base, href)).url
    except ValueError:
        return None


def _files(asked: str, base: str, links: Iterable[str]) -> tuple[dict[str, str], int]:
    """Addresses of the files by name, and how many links were left out as they lead to other hosts."""
    host = urlsplit(base).hostname
    wanted: dict[str, None] = {}
    elsewhere: set[str] = set()
    for link in links:
        address = split_userinfo(link)[0]
        scheme, path = urlsplit(address).scheme.lower(), urlsplit(address).path.lower()
        if scheme not in ("http", "https") or not (path.endswith(".xml") or address.lower().endswith(".xml")):
            continue
        if urlsplit(address).hostname != host:
            elsewhere.add(address)
            continue
        wanted[with_credentials_of(asked, address)] = None
    folder = urlsplit(base).path.rpartition("/")[0] + "/"
    return _named(wanted, folder), len(elsewhere)


def _named(addresses: Iterable[str], folder: str) -> dict[str, str]:
    """Addresses by name: the path below the page's folder, with the query where that alone tells two apart."""
    named: dict[str, str] = {}
    for address in addresses:
        parts = urlsplit(address)
        path = parts.path.removeprefix(folder) if parts.path.startswith(folder) else parts.path.lstrip("/")
        name = unquote(path) + (f"?{shown('?' + parts.query)[1:]}" if parts.query else "")
        name = "".join(c if c.isprintable() and c != "\\" else "_" for c in name)[-200:]
        unique, number = name, 2
        while unique in named:
            unique, number = f"{name} ({number})", number + 1
        named[unique] = address
    return named
