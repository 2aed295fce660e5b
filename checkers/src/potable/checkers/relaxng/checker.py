"""The ``relaxng`` checker: XML against a RELAX NG schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from potable.checkers.markup.checker import MEGABYTES, SCOPE, MarkupChecker, broken_off, not_checked
from potable.engine.findings import Code, Severity

if TYPE_CHECKING:
    from potable.checkers.markup.documents import SchemaDocument
    from potable.checkers.markup.schema import Schema

VIOLATION = Code(
    id="relaxng/violation",
    severity=Severity.ERROR,
    title="XML that breaks its RELAX NG schema",
    meaning="An element or attribute isn't as the definition's RELAX NG schema (`relaxng`) describes it. The message "
    "has the schema processor's own words, the finding's `rule` its name of what is broken.",
    why="Whoever relies on the schema gets a value of another type, an unknown element, or none where one must be.",
    example="<stock><nmae/></stock>      # the schema has name",
    mend="Correct the source at the line and path that are named; where it's right, correct the schema.",
    misses="The compact syntax. Of several faults of one element often only the first is told, and in a choice the "
    "message may speak of the wrong alternative. An attribute that is missing may be told without its place, at the "
    "top of the file: libxml2 doesn't name it then; `scope: record` tells the record.",
)
NOT_CHECKED = not_checked("relaxng", "RELAX NG schema")
BROKEN_OFF = broken_off("relaxng", "RELAX NG schema")


class RelaxngChecker(MarkupChecker):
    """Each file, or each record where the schema describes records, against the definition's RELAX NG schema.

    A file as a whole is held in memory. What the schema includes must lie below the definition's folder; nothing is
    fetched.
    """

    name = "relaxng"
    codes = (VIOLATION, NOT_CHECKED, BROKEN_OFF)
    title = "RELAX NG schema"
    violation = VIOLATION
    unread = NOT_CHECKED
    broken_off = BROKEN_OFF
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"scope": SCOPE, "megabytes": MEGABYTES},
    }

    def compile(self, document: SchemaDocument) -> Schema | None:
        """The schema, compiled by libxml2."""
        from potable.checkers.relaxng.schema import compile_schema  # heavy

        return compile_schema(document)
