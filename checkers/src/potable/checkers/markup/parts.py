"""The XML of a part: streamed, or as a tree where it's small enough."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from potable.checkers.markup.libxml import Element, etree
from potable.engine.contracts.snapshot import Part
from potable.engine.limits import Limits
from potable.engine.toolkit import ByteStream

BLOCK = 1 << 20


class TooLarge(Exception):
    """A part has more bytes than may be held as a tree."""


class TooFaulty(Exception):
    """So much is wrong that the rest of a part isn't looked at; ``str()`` says after what."""


class NotWellFormed(Exception):
    """A part isn't well-formed XML; ``str()`` says why."""


def options() -> dict[str, Any]:
    """How a parser of a source's XML is made: no entities, no network, libxml2's own bounds."""
    return {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


def blocks(part: Part, limits: Limits, size: int = BLOCK) -> Iterator[bytes]:
    """A part's bytes, decompressed. Raises :class:`Fault`."""
    stream = ByteStream(part, limits, hashed=False)
    try:
        while block := stream.read(size):
            yield block
    finally:
        stream.close()


def root_tag(part: Part, limits: Limits) -> str | None:
    """The root element's ``{namespace}name``; None where there's none to be seen."""
    pull = etree.XMLPullParser(("start",), **options())
    for _, block in zip(range(4), blocks(part, limits), strict=False):
        with suppress(etree.XMLSyntaxError):
            pull.feed(block)
        for _, element in pull.read_events():
            return str(element.tag)
    return None


def tree(part: Part, limits: Limits, most: int) -> Element:
    """A part's document.

    Raises :class:`TooLarge` past ``most`` bytes, :class:`NotWellFormed`, and :class:`Fault`.
    """
    if part.bytes > most:
        raise TooLarge
    feed = etree.XMLParser(remove_pis=True, **options())
    size = 0
    try:
        for block in blocks(part, limits):
            size += len(block)
            if size > most:
                raise TooLarge
            feed.feed(block)
        return feed.close()
    except etree.XMLSyntaxError as e:
        raise NotWellFormed(e.msg) from None
