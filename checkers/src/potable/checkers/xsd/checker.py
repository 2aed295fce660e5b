"""The ``xsd`` checker: XML against an XML Schema 1.0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from potable.checkers.markup.checker import SCOPE, MarkupChecker, broken_off, not_checked
from potable.engine.findings import Code, Severity

if TYPE_CHECKING:
    from potable.checkers.markup.documents import SchemaDocument
    from potable.checkers.markup.schema import Schema

VIOLATION = Code(
    id="xsd/violation",
    severity=Severity.ERROR,
    title="XML that breaks its schema",
    meaning="An element or attribute isn't as the definition's XML Schema (`xsd`) describes it: of another type, out "
    "of place, missing. The message has the schema processor's own words, the finding's `rule` its name of what is "
    "broken.",
    why="Whoever relies on the schema gets a value of another type, an unknown element, or none where one must be.",
    example="<year>MMXX</year>      # xs:gYear",
    mend="Correct the source at the line and path that are named; where it's right, correct the schema.",
    misses="XSD 1.1. In a file as a whole that an `xs:ID` is given twice, or an `xs:IDREF` leads nowhere (`xs:key`, "
    "`xs:unique` and `xs:keyref` are looked at); record by record whatever concerns several records.",
)
NOT_CHECKED = not_checked("xsd", "XML Schema", held=False)
BROKEN_OFF = broken_off("xsd", "XML Schema")


class XsdChecker(MarkupChecker):
    """Each file, or each record where the schema describes records, against the definition's XML Schema 1.0.

    Files are streamed: their size doesn't matter. What the schema includes or imports must lie below the definition's
    folder; nothing is fetched.
    """

    name = "xsd"
    codes = (VIOLATION, NOT_CHECKED, BROKEN_OFF)
    title = "XML Schema"
    violation = VIOLATION
    unread = NOT_CHECKED
    broken_off = BROKEN_OFF
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"scope": SCOPE},
    }

    def compile(self, document: SchemaDocument) -> Schema | None:
        """The schema, compiled by libxml2."""
        from potable.checkers.xsd.schema import compile_schema  # heavy

        return compile_schema(document)
