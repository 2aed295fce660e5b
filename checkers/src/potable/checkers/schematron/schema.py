"""ISO Schematron by way of XSLT 1, which may neither read nor write anything.

Source: ISO/IEC 19757-3; the skeleton implementation that lxml brings along.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from potable.checkers.markup.documents import SCHEMATRON, SchemaDocument
from potable.checkers.markup.elements import Places, shown
from potable.checkers.markup.libxml import Element, etree, isoschematron
from potable.checkers.markup.parts import NotWellFormed, tree
from potable.checkers.markup.schema import PartRun, PerThread, Schema, Violation, compile_faults, names_in, told_line
from potable.engine.toolkit import attribute_name, lazy_regex, scalar

SVRL = "{http://purl.oclc.org/dsdl/svrl}"
XSL = "{http://www.w3.org/1999/XSL/Transform}"
_PATH, _OWN = "schematron-get-full-path", "urn:potable"
_QUERIES = ("", "xslt", "xslt1", "exslt")
_READS = lazy_regex(r"\b(?:document|unparsed-text)\s*\(")
_EXPRESSIONS = (("assert", "test"), ("report", "test"), ("value-of", "select"), ("rule", "context"), ("let", "value"))
_DENIED = etree.XSLTAccessControl.DENY_ALL


def compile_schema(document: SchemaDocument) -> Schema | None:
    """The Schematron of a document; None where it can't be used, which is noted."""
    root = document.root
    if root is None or not _is_schematron(document, root):
        return None
    before = len(document.problems)
    for own in document.elements:
        _check_expressions(document, own)
    if len(document.problems) > before:
        return None
    try:
        SchematronSchema(document).compiled()
    except (etree.SchematronParseError, etree.XSLTParseError, etree.XSLTApplyError) as e:
        compile_faults(document, e)
        return None
    return SchematronSchema(document)


def _is_schematron(document: SchemaDocument, root: Element) -> bool:
    if root.tag != f"{SCHEMATRON}schema":
        hint = " (Schematron 1.5 isn't read)" if "ascc.net" in str(root.tag) else ""
        document.bad(f"this isn't an ISO Schematron: its root is {str(root.tag)[:200]}{hint}", root.sourceline)
        return False
    query = root.get("queryBinding", "").lower()
    if query not in _QUERIES:
        document.bad(f"the query language {query!r} isn't supported; XSLT 1 is", root.sourceline)
        return False
    return True


def _check_expressions(document: SchemaDocument, root: Element) -> None:
    spaces = {str(ns.get("prefix")): str(ns.get("uri")) for ns in root.iter(f"{SCHEMATRON}ns") if ns.get("prefix")}
    for name, attribute in _EXPRESSIONS:
        for element in root.iter(f"{SCHEMATRON}{name}"):
            expression = element.get(attribute)
            if expression is None:
                continue
            if _READS.search(expression):
                document.bad(f"{expression[:200]!r} reads another document, which no assertion may", element.sourceline)
                continue
            try:
                etree.XPath(expression, namespaces=spaces or None)
            except etree.XPathSyntaxError as e:
                document.bad(f"{expression[:200]!r} isn't XPath: {e}", element.sourceline)


class SchematronSchema(Schema):
    """A compiled Schematron."""

    def __init__(self, document: SchemaDocument) -> None:
        self._document = document
        self._compiled = PerThread(self.compiled)

    def compiled(self) -> _Compiled:
        """The validator. Raises lxml's errors where the schema can't be used."""
        made = isoschematron.Schematron(
            etree.ElementTree(self._document.root),
            store_xslt=True,
            error_finder=isoschematron.Schematron.ASSERTS_AND_REPORTS,
        )
        return _Compiled(made.validator_xslt)

    def of_element(self, element: Element) -> Iterator[Violation]:
        alone = etree.fromstring(etree.tostring(element, with_tail=False))  # its own document: paths begin there
        for found, _ in self._found(alone):
            yield found

    def of_part(self, run: PartRun) -> Iterator[Violation]:
        root = tree(run.part, run.limits, run.most)
        records, own = run.tree(root), True
        for found, element in self._found(root):
            if own:  # XSLT works on a copy
                records, own = run.tree(element.getroottree().getroot()), False
            at = records.at(element)
            yield replace(found, line=at.line, record=at.record, byte=at.byte, key=at.key)

    def _found(self, root: Element) -> Iterator[tuple[Violation, Element]]:
        """All that doesn't hold, with the element, one of a copy of the document."""
        try:
            report, nodes = self._compiled.get().run(root)
        except etree.XSLTApplyError as e:
            raise NotWellFormed(f"the Schematron failed on it: {e}") from None
        if not nodes:
            return
        places = Places(nodes[0].element.getroottree().getroot())
        for hit in report.iter(f"{SVRL}failed-assert", f"{SVRL}successful-report"):
            if hit.get("role", "").lower() in ("info", "information"):
                continue
            text = "".join(hit.find(f"{SVRL}text").itertext()) if hit.find(f"{SVRL}text") is not None else ""
            test = told_line(hit.get("test", ""))
            node = nodes[int(hit.get("location", "0"))]
            path = [*places.path(node.element), *((f"@{a}", 0) for a in node.attributes)]
            found = Violation(
                hit.get("id") or test, told_line(text) or f"{test} doesn't hold", names_in(path), shown(path),
                value=node.value,
            )  # fmt: skip
            yield found, node.element


@dataclass(frozen=True, slots=True)
class _Node:
    """A node that an assertion is about: an element, or an attribute or text of it.

    :param value: its value, where it's a single one.
    """

    element: Element
    attributes: tuple[str, ...] = ()
    value: str | None = None


class _Compiled:
    """The XSLT of a Schematron, which tells of a node by a number.

    The skeleton spells the path of each node, which takes time in proportion to its siblings, and loses attributes.
    """

    def __init__(self, xslt: Any) -> None:
        self._nodes: list[_Node] = []
        for template in xslt.getroot().iter(f"{XSL}template"):
            if template.get("mode") == _PATH and template.get("match") in ("*", "@*"):
                for child in list(template):
                    template.remove(child)
                template.text = None
                etree.SubElement(template, f"{XSL}value-of", select="p:node(.)", nsmap={"p": _OWN})
        self._xslt = etree.XSLT(xslt, access_control=_DENIED, extensions={(_OWN, "node"): self._node})

    def run(self, root: Element) -> tuple[Element, list[_Node]]:
        """The SVRL report of a document, and the nodes that its locations are numbers of."""
        self._nodes = []
        return self._xslt(root).getroot(), self._nodes

    def _node(self, _: Any, found: list[Any]) -> str:
        node = found[0]
        if hasattr(node, "tag"):
            self._nodes.append(_Node(node, value=scalar(node)))
        else:  # an attribute or a text, which lxml makes a str of
            parent = node.getparent().getparent() if node.is_tail else node.getparent()
            own = (attribute_name(parent, node.attrname),) if node.is_attribute else ()
            self._nodes.append(_Node(parent, own, str(node)))
        return str(len(self._nodes) - 1)
