"""The records' elements of a parsed cut."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from potable.engine.contracts.reading import Cut
from potable.engine.findings import Occurrence
from potable.engine.reading.xml.layout import Hints
from potable.engine.reading.xml.piece import Broken, Piece
from potable.engine.reading.xml.places import Places
from potable.engine.reading.xml.values import name_of

if TYPE_CHECKING:
    from lxml import etree

    from potable.engine.limits import Limits


def records_of(places: Places, limits: Limits) -> tuple[list[etree._Element], Occurrence | None]:
    """The elements of the cut's records, as far as the document is well-formed, and why it isn't behind them."""
    cut, hints = places.cut, places.hints
    piece = Piece(data=cut.data, before=hints.before, behind=hints.behind, line=cut.line, depth=limits.depth)
    parsed = piece.parse()
    if not isinstance(parsed, Broken):
        found = list(_records(parsed, piece, cut))
        if len(found) != cut.records:
            raise RuntimeError(f"{len(found)} records where {cut.records} were cut, from byte {cut.byte}")
        return _bounded(places, found, hints.broken, limits)
    fault = hints.broken
    if fault is None or not parsed.open:
        row = places.row(parsed.at)
        path = None if row is None else places.path(row)
        fault = Occurrence(parsed.code, parsed.message, location=places.offset(parsed.at, None, path))
    root, unfinished = piece.start()
    whole: list[etree._Element] = []
    if root is not None:
        for element, stop in zip(_records(root, piece, cut), hints.stops.tolist(), strict=False):
            if element in unfinished or stop > parsed.at:
                break
            whole.append(element)
    return _bounded(places, whole, fault, limits)


def _records(root: etree._Element, piece: Piece, cut: Cut) -> Iterator[etree._Element]:
    """The records' elements in document order, but those that the cutter left out."""
    hints: Hints = cut.hints
    for _ in range(piece.extra):
        root = root[0]
    if not hints.left_out:
        return _elements(root, hints)
    return (e for n, e in enumerate(_elements(root, hints)) if n not in hints.left_out)


def _elements(root: etree._Element, hints: Hints) -> Iterator[etree._Element]:
    target = hints.layout.target
    if target.is_record(name_of(root), None):
        yield root
        return
    decided: dict[tuple[str, str | None, str], bool] = {}
    stack: list[Iterator[etree._Element]] = [iter(root)]
    parents = [name_of(root)]
    while stack:
        parent = parents[-1]
        for element in stack[-1]:
            key = (str(element.tag), element.prefix, parent)
            is_record = decided.get(key)
            if is_record is None:
                is_record = decided[key] = target.is_record(name_of(element), parent)
            if is_record:
                yield element
            elif len(element):
                stack.append(iter(element))
                parents.append(name_of(element))
                break
        else:
            stack.pop()
            parents.pop()


def _bounded(
    places: Places, found: list[etree._Element], fault: Occurrence | None, limits: Limits
) -> tuple[list[etree._Element], Occurrence | None]:
    """The records up to one with a text beyond ``Limits.node_bytes``."""
    most, hints = limits.node_bytes, places.hints
    for row in (hints.stops - hints.starts > most).nonzero()[0].tolist():
        if row < len(found) and (large := next((e for e in found[row].iter() if _is_large(e, most)), None)) is not None:
            place = replace(places.node(row, found[row], large), record=None)
            message = f"a text of <{name_of(large)}> is longer than {most:,} bytes (Limits.node_bytes)"
            return found[:row], Occurrence("xml/too-large-node", message, location=place)
    return found, fault


def _is_large(element: etree._Element, most: int) -> bool:
    texts = (element.text, element.tail, *element.values())
    return any(t is not None and len(t) * 4 > most and len(str(t).encode()) > most for t in texts)
