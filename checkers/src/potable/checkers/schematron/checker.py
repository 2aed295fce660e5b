"""The ``schematron`` checker: XML against the assertions of an ISO Schematron."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from potable.checkers.markup.checker import MEGABYTES, SCOPE, MarkupChecker, not_checked
from potable.engine.findings import Code, Severity

if TYPE_CHECKING:
    from potable.checkers.markup.documents import SchemaDocument
    from potable.checkers.markup.schema import Schema

VIOLATION = Code(
    id="schematron/violation",
    severity=Severity.ERROR,
    title="XML that breaks an assertion",
    meaning="An assertion of the definition's Schematron (`schematron`) doesn't hold, or a report of it does. The "
    "message is the Schematron's own; the finding's `rule` is the assertion's `id`, or its test.",
    why="What the author of the schema holds to be true of the data isn't.",
    example="<stock><start>2024</start><end>2023</end></stock>      # assert: end >= start",
    mend="Correct the source at the line and path that are named; where it's right, correct the assertion.",
    misses="Query languages other than XSLT 1. Reports and assertions whose `role` is info aren't told.",
)
NOT_CHECKED = not_checked("schematron", "Schematron")


class SchematronChecker(MarkupChecker):
    """Each file, or each record where the definition says so, against the assertions of an ISO Schematron.

    The Schematron is the definition's, never one that a source names, and can read nothing but the file before it. A
    file as a whole is held in memory.
    """

    name = "schematron"
    codes = (VIOLATION, NOT_CHECKED)
    title = "Schematron"
    violation = VIOLATION
    unread = NOT_CHECKED
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "scope": {
                **SCOPE,
                "description": "What the Schematron is run over: whole files, or each record by itself; auto: files.",
            },
            "megabytes": MEGABYTES,
        },
    }

    def compile(self, document: SchemaDocument) -> Schema | None:
        """The Schematron, compiled to XSLT 1."""
        from potable.checkers.schematron.schema import compile_schema  # heavy

        return compile_schema(document)
