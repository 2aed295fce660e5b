"""RELAX NG by libxml2."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import dropwhile, islice
from typing import Any

from potable.checkers.markup.documents import RELAXNG, SchemaDocument
from potable.checkers.markup.elements import Places, attribute_of, attributes_of, name_of, shown
from potable.checkers.markup.libxml import Element, etree
from potable.checkers.markup.parts import TooFaulty, tree
from potable.checkers.markup.schema import PartRun, PerThread, Schema, Violation, compile_faults, names_in, told_line
from potable.engine.toolkit import lazy_regex, scalar

_AGAIN = frozenset({"RELAXNG_ERR_CONTENTVALID", "RELAXNG_ERR_DATATYPE", "RELAXNG_ERR_EXTRACONTENT"})
"""Errors that may only say that an element of which, or in which, another error told isn't right."""
_TYPE, _ATTRIBUTES_WRONG, _ATTRIBUTE_LEFT = "RELAXNG_ERR_TYPEVAL", "RELAXNG_ERR_ATTRVALID", "RELAXNG_ERR_INVALIDATTR"
"""Of an attribute of the wrong type the second, and of any wrong attribute the third, say the same again."""
WIDE, PROBED = 20_000, 1_000
"""Of more children than so many of one element, so many are looked at first."""
_OF_TEXT = frozenset({"RELAXNG_ERR_DATATYPE", "RELAXNG_ERR_VALUE", "RELAXNG_ERR_CONTENTVALID", "RELAXNG_ERR_LIST"})
"""Errors of an element's text."""
_ATTRIBUTES = lazy_regex(r"Element (\S+) failed to validate attributes")
_INVALID = lazy_regex(r"Invalid attribute (\S+) for element ")
_OF_TYPE = lazy_regex(r"Type \S+ doesn't allow value '(.*)'\Z", re.DOTALL)
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
            yield _violation(entry, found, places)

    def of_part(self, run: PartRun) -> Iterator[Violation]:
        root = tree(run.part, run.limits, run.most)
        records, places = run.tree(root), Places(root)
        cut = self._cut(root)
        for entry, element in self._found(root, places):
            if cut is not None and cut not in element.iterancestors():
                continue  # what is missing behind the cut
            at = records.at(element)
            found = _violation(entry, element, places)
            yield replace(found, line=at.line, record=at.record, byte=at.byte, key=at.key)
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
        told: list[tuple[str, Element]] = []  # what only repeats an error comes right behind it
        for entry in list(schema.error_log):
            element = places.at(entry.path)
            if element is None:
                element = _behind(entry, top, told[-1][1] if told else top)
            meant = _meant(entry, element)
            if not _repeats(entry, meant, told):
                told = [*told[-50:], (entry.type_name, meant)]
                yield entry, meant


def _repeats(entry: Any, element: Element, told: Sequence[tuple[str, Element]]) -> bool:
    """Whether an error says nothing that those just before it haven't said."""
    if entry.type_name in (_ATTRIBUTES_WRONG, _ATTRIBUTE_LEFT):
        about = _ATTRIBUTES.match(entry.message)
        if not entry.path and about is not None and told and told[-1][0] == _TYPE:
            return bool(etree.QName(told[-1][1]).localname == about[1])
        return any(before is element and kind in (_TYPE, _ATTRIBUTES_WRONG) for kind, before in told)
    return entry.type_name in _AGAIN and any(
        before is element or element in before.iterancestors() for _, before in told
    )


def _violation(entry: Any, element: Element, places: Places) -> Violation:
    """An error as a violation: of an attribute where it's one that is wrong."""
    path = places.path(element)
    attribute, value = _wrong(entry, element)
    if attribute is not None:
        path = [*path, (f"@{attribute}", 0)]
    return Violation(entry.type_name, told_line(entry.message), names_in(path), shown(path), value=value)


def _wrong(entry: Any, element: Element) -> tuple[str | None, str | None]:
    """The attribute that is wrong (None: the element itself), and the value, where libxml2 or the document tell."""
    invalid = _INVALID.match(entry.message)
    if invalid is not None:
        name = attribute_of(element, invalid[1])
        return name, attributes_of(element).get(name)
    text = scalar(element)
    of_type = _OF_TYPE.match(entry.message)
    if of_type is None:
        return None, text if entry.type_name in _OF_TEXT else None
    if text != of_type[1]:
        names = [name for name, value in attributes_of(element).items() if value == of_type[1]]
        if len(names) == 1:
            return names[0], of_type[1]
    return None, of_type[1]


def _behind(entry: Any, top: Element, last: Element) -> Element:
    """The element that an error is about which libxml2 gives no place: the only one of its name behind the last that
    it told of; else the top.
    """
    about = _ATTRIBUTES.match(entry.message)
    if about is None:
        return top
    behind = dropwhile(lambda e: e is not last, top.iter(etree.Element))
    named = [e for e in islice(behind, 1, None) if etree.QName(e).localname == about[1]]
    return named[0] if len(named) == 1 else top


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
