"""The codes of the ``json-schema`` checker."""

from __future__ import annotations

from potable.checkers.explained import ASTRAY, GARBLED, GONE, NO_DETAILS, OTHER_NAMES, OUT_OF_RANGE, TABLE
from potable.engine.findings import Code, Severity

VIOLATION = Code(
    id="json-schema/violation",
    severity=Severity.ERROR,
    title="Record that breaks its JSON Schema",
    meaning="A record isn't as the definition's JSON Schema describes it. The finding's `rule` is the JSON Pointer of "
    "the keyword that it breaks, in the schema; the sample's `path` points to the value in the record.",
    why="Whoever relies on the schema gets a value of another type, an unknown member, or none where one must be.",
    example='{"id": 7, "year": "2024"}      # year: {type: integer}',
    mend="Correct the record at the source; where it's right, correct the schema at the pointer that is named.",
    misses="In a format whose values are all text (CSV, XML) a text is read as the number, boolean or null that the "
    "schema asks for, and a missing value is as good as absent. A column that a table doesn't have is told once.",
    suppressed_by=("json/keyed-records", *TABLE, *GARBLED, *OUT_OF_RANGE, *ASTRAY, GONE, *OTHER_NAMES, NO_DETAILS),
)

CODES = (VIOLATION,)
