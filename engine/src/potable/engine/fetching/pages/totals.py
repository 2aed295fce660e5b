"""How many records a paged source says that it has, in the ways that are common: in its pages, or in their headers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from potable.engine.findings import Fault
from potable.engine.lazyregex import lazy_regex
from potable.engine.paths.pointer import escape
from potable.engine.reading.streams import ByteStream

if TYPE_CHECKING:
    from potable.engine.contracts.snapshot import Part
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.limits import Limits

PAGE_BYTES = 1 << 26
"""Longest page of JSON that is looked into."""

_TOTALS = frozenset({
    "total", "totalcount", "totalresults", "totalrecords", "totalhits", "totalitems", "totalelements", "totalsize",
    "totalnumber", "numfound", "recordstotal", "nhits", "hitcount", "resultcount", "count", "found", "odatacount",
    "numbermatched", "matched",
})  # fmt: skip
"""Names of the number of all records, in lower-case, without ``_``, ``-``, ``@`` and prefixes."""
HOLDERS = frozenset({
    "meta", "metadata", "page", "paging", "pagination", "pageinfo", "response", "result", "results", "hits", "info",
    "header", "channel", "feed", "list", "context",
})  # fmt: skip
"""Names of what may hold it."""
HEADERS = ("x-total-count", "x-wp-total", "x-total", "total-count", "x-total-results", "x-pagination-total-count")
NOTHING = frozenset({b"", b"null", b"false", b"0", b'""', b"[]", b"{}", b'"0"', b'"false"'})
"""JSON's spellings of a member that says nothing: no next page, no error."""
_RANGE = lazy_regex(r"\s*(?!bytes\b)[a-z]+\s+(?:\d+-\d+|\*)/(\d{1,15})\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Total:
    """A number of records that was announced.

    :param where: what announced it, for people.
    :param path: its JSON Pointer in the page; None in a header or in XML.
    :param name: as it's called.
    :param line: where it begins, in XML; :param byte: likewise.
    """

    records: int
    where: str
    path: str | None = None
    name: str = ""
    line: int | None = None
    byte: int | None = None


def announced(part: Part, source: SourceDefinition, limits: Limits) -> Total | None:
    """The greatest number of records that a page announces; None where it announces none."""
    found = [*_in_headers(part.headers)]
    element = str(source.parameters.get("documentElement") or "")
    try:
        if source.format == "json":
            found += _in_json(part, element, limits)
        elif source.format == "xml":
            found += _in_xml(part, element, limits)
    except Fault:
        pass  # whoever reads it will say so
    return max(found, key=lambda total: (total.records, folded(total.name) != "count"), default=None)


def _in_headers(headers: Mapping[str, str]) -> Iterator[Total]:
    for name in HEADERS:
        if (number := _number(headers.get(name))) is not None:
            yield Total(number, f"the header {name}")
    if match := _RANGE.fullmatch(headers.get("content-range", "")):
        yield Total(int(match[1]), "the header content-range")


def _in_json(part: Part, element: str, limits: Limits) -> Iterator[Total]:
    """Of a root object, and of what it may hold it in; what is inside records isn't looked at."""
    with closing(ByteStream(part, limits, hashed=False)) as stream:
        body = stream.read(PAGE_BYTES + 1)
    if len(body) > PAGE_BYTES:
        return
    for name, value in members(body):
        yield from _told(name, value, f"/{escape(name)}")
        if folded(name) in HOLDERS and name != element:
            for inner, held in members(value):
                yield from _told(inner, held, f"/{escape(name)}/{escape(inner)}")


def _told(name: str, value: bytes, path: str) -> Iterator[Total]:
    if folded(name) not in _TOTALS:
        return
    held = dict(members(value)).get("value", value)  # as Elasticsearch says it: {"value": 200, "relation": "eq"}
    if (number := _number(held.decode("ascii", "replace").strip(' "\t\r\n'))) is not None:
        yield Total(number, f"the member {path}", path, name)


def members(text: bytes) -> list[tuple[str, bytes]]:
    """The members of a JSON object, their values in their own spelling; none where it's no object."""
    import msgspec  # heavy: only paged sources need it

    if not text.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return []
    try:
        members = msgspec.json.decode(text.removeprefix(b"\xef\xbb\xbf"), type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, RecursionError):
        return []
    return [(name, bytes(raw)) for name, raw in members.items()]


def items(text: bytes) -> list[bytes]:
    """The items of a JSON array, in their own spelling; none where it's no array."""
    import msgspec  # heavy

    try:
        return [bytes(raw) for raw in msgspec.json.decode(text, type=list[msgspec.Raw])]
    except (msgspec.DecodeError, RecursionError):
        return []


class _File:
    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(size if size > 0 else 1 << 16)


def _in_xml(part: Part, element: str, limits: Limits) -> Iterator[Total]:
    """Attributes and elements of such a name, of the root and what it may hold it in."""
    from lxml import etree  # heavy

    found: list[Total] = []
    with closing(ByteStream(part, limits, hashed=False)) as stream:
        source: Any = _File(stream)
        depth = 0
        try:
            events = etree.iterparse(source, events=("start", "end"), resolve_entities=False, no_network=True)
            for event, node in events:
                depth += 1 if event == "start" else -1
                name = local_name(node.tag)
                if event == "start" and depth <= 2 and name != element:
                    found += _attributes(node)
                beside = depth == 1 or (depth == 2 and _holds(node.getparent(), element))
                if event == "end" and beside and folded(name) in _TOTALS:
                    number = _number((node.text or "").strip())
                    found += [Total(number, f"the element {name}", None, name)] if number is not None else []
                if event == "end" and depth >= 1:
                    node.clear()
                    while (parent := node.getparent()) is not None and node.getprevious() is not None:
                        del parent[0]
        except etree.XMLSyntaxError:
            pass
    yield from found


def _holds(node: Any, element: str) -> bool:
    return node is not None and local_name(node.tag) != element and folded(local_name(node.tag)) in HOLDERS


def _attributes(node: Any) -> Iterator[Total]:
    for name, value in node.attrib.items():
        if folded(local_name(name)) in _TOTALS and (number := _number(value)) is not None:
            yield Total(number, f"the attribute {local_name(name)} of {local_name(node.tag)}", None, local_name(name))


def local_name(name: Any) -> str:
    """The local name of a tag or attribute as lxml has it."""
    return str(name).rpartition("}")[2]


def folded(name: str) -> str:
    """A name in lower-case, without its prefix, letters alone."""
    return re.sub(r"[^a-z]", "", name.rpartition(":")[2].lower())


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else None
