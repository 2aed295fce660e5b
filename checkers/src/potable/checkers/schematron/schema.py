"""ISO Schematron by way of XSLT 1, which may neither read nor write anything.

Source: ISO/IEC 19757-3; the skeleton implementation that lxml brings along.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from potable.checkers.markup.documents import SCHEMATRON, SchemaDocument
from potable.checkers.markup.elements import Places, RecordNames, numbers_of, record_number, shown
from potable.checkers.markup.libxml import Element, etree, isoschematron
from potable.checkers.markup.parts import NotWellFormed, tree
from potable.checkers.markup.schema import PartRun, PerThread, Schema, Violation, compile_faults, names_in, told_line

SVRL = "{http://purl.oclc.org/dsdl/svrl}"
XSL = "{http://www.w3.org/1999/XSL/Transform}"
_PATH, _OWN = "schematron-get-full-path", "urn:potable"
_QUERIES = ("", "xslt", "xslt1", "exslt")
_READS = re.compile(r"\b(?:document|unparsed-text)\s*\(")
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
        yield from self._found(alone, RecordNames(counted=False))

    def of_part(self, run: PartRun) -> Iterator[Violation]:
        root = tree(run.part, run.limits, run.most)
        if run.records.counted:
            run.counted = len(numbers_of(root, run.records))
        yield from self._found(root, run.records)

    def _found(self, root: Element, records: RecordNames) -> Iterator[Violation]:
        """All that doesn't hold."""
        try:
            report, nodes = self._compiled.get().run(root)
        except etree.XSLTApplyError as e:
            raise NotWellFormed(f"the Schematron failed on it: {e}") from None
        if not nodes:
            return
        top = nodes[0].getroottree().getroot()  # XSLT works on a copy
        places, numbers = Places(top), numbers_of(top, records) if records.counted else {}
        for hit in report.iter(f"{SVRL}failed-assert", f"{SVRL}successful-report"):
            if hit.get("role", "").lower() in ("info", "information"):
                continue
            text = "".join(hit.find(f"{SVRL}text").itertext()) if hit.find(f"{SVRL}text") is not None else ""
            test = told_line(hit.get("test", ""))
            element = nodes[int(hit.get("location", "0"))]
            path = places.path(element)
            yield Violation(
                hit.get("id") or test, told_line(text) or f"{test} doesn't hold", names_in(path), shown(path),
                line=element.sourceline, record=record_number(element, numbers),
            )  # fmt: skip


class _Compiled:
    """The XSLT of a Schematron, which tells of a node by a number.

    The skeleton spells the path of each node, which takes time in proportion to its siblings, and loses attributes.
    """

    def __init__(self, xslt: Any) -> None:
        self._nodes: list[Element] = []
        for template in xslt.getroot().iter(f"{XSL}template"):
            if template.get("mode") == _PATH and template.get("match") in ("*", "@*"):
                for child in list(template):
                    template.remove(child)
                template.text = None
                etree.SubElement(template, f"{XSL}value-of", select="p:node(.)", nsmap={"p": _OWN})
        self._xslt = etree.XSLT(xslt, access_control=_DENIED, extensions={(_OWN, "node"): self._node})

    def run(self, root: Element) -> tuple[Element, list[Element]]:
        """The SVRL report of a document, and the elements that its locations are numbers of."""
        self._nodes = []
        return self._xslt(root).getroot(), self._nodes

    def _node(self, _: Any, found: list[Any]) -> str:
        node = found[0]
        self._nodes.append(node if hasattr(node, "tag") else node.getparent())
        return str(len(self._nodes) - 1)
