"""What the value of an element is, and records as objects.

A record becomes an object under its element's own name. An attribute is ``@name``; a child is a member, an array where
it occurs several times; the element's own text is ``_$``: its pieces, each trimmed of XML's whitespace, those that
aren't empty joined by a blank. Names keep their prefix. Where a path ends at the element itself, its value is ``_$`` if
it has any text; "" if it has neither text nor attributes nor children; else it is an object, not a scalar.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lxml import etree

WHITE = " \t\r\n"
TEXT = "_$"
XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"


def name_of(element: etree._Element) -> str:
    """An element's name as the document spells it."""
    tag = element.tag
    assert isinstance(tag, str)
    if tag[0] != "{":
        return tag
    local = tag[tag.index("}") + 1 :]
    return local if element.prefix is None else f"{element.prefix}:{local}"


def attribute_name(element: etree._Element, key: str) -> str:
    """An attribute's name as the document spells it, from lxml's ``{namespace}local``."""
    if key[0] != "{":
        return key
    namespace, local = key[1:].split("}", 1)
    if namespace == XML_NAMESPACE:
        return f"xml:{local}"
    # Any prefix of the namespace will do but the empty one, which attributes don't have.
    prefix = next(p for p, uri in element.nsmap.items() if p is not None and uri == namespace)
    return f"{prefix}:{local}"


def text_of(element: etree._Element) -> str:
    """An element's own text; "" where it has none."""
    if not len(element):
        return (element.text or "").strip(WHITE)
    pieces = [element.text, *(child.tail for child in element)]
    return " ".join(filter(None, (piece.strip(WHITE) for piece in pieces if piece)))


def scalar(element: etree._Element) -> str | None:
    """An element's value; None where it's an object."""
    text = text_of(element)
    return text if text or not (len(element) or element.keys()) else None


def record_object(element: etree._Element) -> dict[str, Any]:
    """A record as an object, as the old system made it and JSON Schemas of such records expect it.

    Each level of nesting takes a Python call; elements that libxml2 parses are at most 256 deep.
    """
    return {name_of(element): _object(element)}


def _object(element: etree._Element) -> dict[str, Any]:
    members: dict[str, Any] = {f"@{attribute_name(element, str(k))}": str(v) for k, v in element.items()}
    if text := text_of(element):
        members[TEXT] = text
    several: set[str] = set()
    for child in element:
        name, value = name_of(child), _object(child)
        if name in several:
            members[name].append(value)
        elif name in members:
            members[name] = [members[name], value]
            several.add(name)
        else:
            members[name] = value
    return members
