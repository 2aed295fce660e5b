"""Texts with elements inside: what is read of one lacks what stands in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from potable.engine.reading.xml.layout import Offsets
from potable.engine.reading.xml.values import WHITE, name_of, text_of

if TYPE_CHECKING:
    from lxml import etree

    from potable.engine.reading.xml.plan import Place
    from potable.engine.reading.xml.records import Records


def mixed(root: Place, records: Records) -> Mapping[str, int]:
    """By the canonical path of an element that has such a text, the row of the first record with one."""
    left = {place.path: (place.names, rows) for place, rows in _candidates(root)}
    found: dict[str, int] = {}
    if not left:
        return found
    # An element may stand beside another one of its name: only the record itself tells whether it's one of them.
    wanted = np.unique(np.concatenate([rows for _, rows in left.values()]))
    for first, elements in records.groups(wanted):
        for path, (names, rows) in list(left.items()):
            lo, hi = np.searchsorted(rows, [first, first + len(elements)])
            row = next((row for row in rows[lo:hi].tolist() if _has_one(elements[row - first], names)), None)
            if row is not None:
                found[path] = row
                del left[path]
        if not left:
            break
    return found


def _candidates(root: Place) -> Iterator[tuple[Place, Offsets]]:
    """Places with children, and the rows of the records, ascending, in which they have text, and some children too."""
    stack = list(root.by_name.values())
    while stack:
        place = stack.pop()
        stack += place.by_name.values()
        texts = _rows(place) if place.by_name else frozenset()
        both = texts & frozenset().union(*map(_rows, place.by_name.values())) if texts else texts
        if both:
            yield place, np.array(sorted(both), np.int64)


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
