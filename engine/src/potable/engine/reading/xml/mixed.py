"""Texts with elements inside: what is read of one lacks what stands in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from potable.engine.reading.xml.values import WHITE, name_of, text_of

if TYPE_CHECKING:
    from lxml import etree

    from potable.engine.reading.xml.plan import Place
    from potable.engine.reading.xml.records import Records


def mixed(root: Place, records: Records) -> Mapping[str, int]:
    """By the canonical path of an element that has such a text, the row of the first record with one."""
    found: dict[str, int] = {}
    stack = list(root.by_name.values())
    while stack:
        place = stack.pop()
        stack += place.by_name.values()
        texts = _rows(place) if place.by_name else frozenset()
        if not texts:
            continue
        inner = frozenset().union(*map(_rows, place.by_name.values()))
        # An element may stand beside another one of its name: only the record itself tells whether it's one of them.
        row = next((row for row in sorted(texts & inner) if _has_one(records.element(row), place.names)), None)
        if row is not None:
            found[place.path] = row
    return found


def _rows(place: Place) -> frozenset[int]:
    """Rows of the records in which such an element has text."""
    return frozenset(
        row
        for values in place.text
        for row, text in zip(values.rows, values.texts, strict=True)
        if text and text.strip(WHITE)
    )


def _has_one(record: etree._Element, names: tuple[str, ...]) -> bool:
    return name_of(record) == names[0] and any(
        text_of(element) and any(map(text_of, element)) for element in _at(record, names[1:])
    )


def _at(element: etree._Element, names: tuple[str, ...]) -> Iterator[etree._Element]:
    if not names:
        yield element
        return
    for child in element:
        if name_of(child) == names[0]:
            yield from _at(child, names[1:])
