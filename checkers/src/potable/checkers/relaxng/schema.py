"""RELAX NG by libxml2."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from potable.checkers.markup.documents import RELAXNG, SchemaDocument
from potable.checkers.markup.elements import Places, name_of, numbers_of, record_number, shown
from potable.checkers.markup.libxml import Element, etree
from potable.checkers.markup.parts import TooFaulty, tree
from potable.checkers.markup.schema import PartRun, PerThread, Schema, Violation, compile_faults, names_in, told_line

_AGAIN = frozenset({"RELAXNG_ERR_CONTENTVALID", "RELAXNG_ERR_DATATYPE", "RELAXNG_ERR_INVALIDATTR"})
"""Errors that only say that an element of which another error told isn't right."""
WIDE, PROBED = 20_000, 1_000
"""Of more children than so many of one element, so many are looked at first."""
_ATTRIBUTES = re.compile(r"Element (\S+) failed to validate attributes")
_WRAPPERS = frozenset(
    RELAXNG + n
    for n in ("choice", "group", "interleave", "optional", "mixed", "oneOrMore", "zeroOrMore", "div", "start")
)


def compile_schema(document: SchemaDocument) -> Schema | None:
    """The schema of a document; None where it can't be used, which is noted."""
    try:
        etree.RelaxNG(document.root)
    except etree.RelaxNGParseError as e:
        compile_faults(document, e)
        return None
    return RelaxngSchema(document)


class RelaxngSchema(Schema):
    """A compiled RELAX NG schema."""

    def __init__(self, document: SchemaDocument) -> None:
        root = document.root
        assert root is not None
        self._schemas = PerThread(lambda: etree.RelaxNG(root))
        self.roots = frozenset(_roots(document))

    def of_element(self, element: Element) -> Iterator[Violation]:
        places = Places(element)
        for entry, found in self._found(element, places):
            path = places.path(found)
            yield Violation(entry.type_name, told_line(entry.message), names_in(path), shown(path))

    def of_part(self, run: PartRun) -> Iterator[Violation]:
        root = tree(run.part, run.limits, run.most)
        numbers = numbers_of(root, run.records) if run.records.counted else {}
        run.counted = len(numbers)
        places = Places(root)
        cut = self._cut(root)
        for entry, element in self._found(root, places):
            if cut is not None and cut not in element.iterancestors():
                continue  # what is missing behind the cut
            path = places.path(element)
            yield Violation(
                entry.type_name, told_line(entry.message), names_in(path), shown(path),
                line=element.sourceline, record=record_number(element, numbers),
            )  # fmt: skip
        if cut is not None:
            raise TooFaulty(f"{PROBED:,} elements")

    def _cut(self, root: Element) -> Element | None:
        """The element with very many children, cut down to the first :data:`PROBED`, where many of these are wrong.

        libxml2 counts the siblings before each error: where a hundred thousand are wrong, that takes hours.
        """
        widest = max(root.iter(etree.Element), key=len)
        if len(widest) <= WIDE:
            return None
        rest = widest[PROBED:]
        for child in rest:
            widest.remove(child)
        schema = self._schemas.get()
        if not schema.validate(root) and len(schema.error_log) > PROBED // 20:
            return widest
        widest.extend(rest)
        return None

    def _found(self, top: Element, places: Places) -> Iterator[tuple[Any, Element]]:
        """The errors that aren't consequences of others, with their elements."""
        schema = self._schemas.get()
        if schema.validate(top):
            return
        told: list[str] = []  # the paths of the last errors: what only repeats them comes right behind
        for entry in list(schema.error_log):
            path = entry.path or ""
            if entry.type_name in _AGAIN and any(t == path or t.startswith(f"{path}/") for t in told):
                continue
            told = [*told[-50:], path]
            element = places.at(path)
            yield entry, top if element is None else _meant(entry, element)


def _meant(entry: Any, element: Element) -> Element:
    """libxml2 names a child where it's the attributes of its parent that are wrong."""
    about = _ATTRIBUTES.match(entry.message)
    parent = element.getparent()
    if about is not None and parent is not None and etree.QName(element).localname != about[1]:
        return parent if name_of(parent).rpartition(":")[2] == about[1] else element
    return element


def _roots(document: SchemaDocument) -> Iterator[str]:
    """The elements that a document may begin with; nothing where that can't be told."""
    root = document.root
    if root is None:
        return
    defines: dict[str, list[Element]] = {}
    for own in document.elements:
        for define in own.iter(f"{RELAXNG}define"):
            defines.setdefault(str(define.get("name")), []).append(define)
    starts = [s for own in document.elements for s in own.iter(f"{RELAXNG}start")]
    stack = list(starts or [root])
    seen: set[str] = set()
    while stack:
        node = stack.pop()
        if node.tag == f"{RELAXNG}element":
            name = node.get("name") or node.findtext(f"{RELAXNG}name")
            if name is not None:
                yield _qualified(node, name.strip())
        elif node.tag == f"{RELAXNG}ref":
            name = str(node.get("name"))
            if name not in seen:
                seen.add(name)
                stack += [child for define in defines.get(name, ()) for child in define]
        elif node.tag in _WRAPPERS:
            stack += list(node)


def _qualified(node: Element, name: str) -> str:
    prefix, _, local = name.rpartition(":")
    if prefix:
        return str(etree.QName(node.nsmap.get(prefix), local).text)
    at: Element | None = node
    while at is not None:
        if at.get("ns") is not None:
            return str(etree.QName(at.get("ns") or None, local).text)
        at = at.getparent()
    return local
