"""Nodes that are longer than ``Limits.node_bytes``.

What libxml2 bounds by itself is bounded here instead: a piece of a document in which it might refuse something is
parsed without its bounds, and judged afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from potable.engine.findings import Location, Occurrence
from potable.engine.lazyregex import lazy_regex
from potable.engine.reading.xml.markup import SPECIALS, TOKEN

if TYPE_CHECKING:
    from lxml import etree

_VALUE = lazy_regex(rb"\"[^\"]*+\"|'[^']*+'")


def large_node(data: bytes, start: int, stop: int, most: int, *, inside: bool = False) -> tuple[str, int] | None:
    """The first node in a stretch that is longer than ``most`` bytes as it's written, and where it begins: a comment, a
    processing instruction, and unless ``inside`` a record, whose tree tells of them, a text or an attribute.
    """
    if stop - start <= most:
        return None
    behind = start
    for token in TOKEN.finditer(data, start, stop):
        special = token["special"]
        if not inside and token.start() - behind > most and data[behind : token.start()].strip():
            return "a text", behind
        behind = token.end()
        if behind - token.start() <= most:
            continue
        if special is None:
            if not inside and any(len(value) > most for value in _VALUE.findall(token.group())):
                return "an attribute", token.start()
        elif not inside or not special.startswith(b"<![CDATA["):
            return next(what for mark, what in SPECIALS.items() if special.startswith(mark)), token.start()
    return None


def too_large(what: str, most: int, where: Location) -> Occurrence:
    """``xml/too-large-node``."""
    return Occurrence("xml/too-large-node", f"{what} is longer than {most:,} bytes (Limits.node_bytes)", location=where)


def large_text(record: etree._Element, most: int) -> tuple[str, etree._Element] | None:
    """``a text`` or ``an attribute`` of more than ``most`` bytes in a record, and the element that has it."""
    for element in record.iter():
        if any(_is_large(value, most) for value in element.values()):
            return "an attribute", element
        if _is_large(element.text, most):
            return "a text", element
        parent = element.getparent()
        if element is not record and parent is not None and _is_large(element.tail, most):
            return "a text", parent
    return None


def _is_large(text: str | bytes | None, most: int) -> bool:
    return text is not None and len(text) * 4 > most and len(str(text).encode()) > most and not text.isspace()
