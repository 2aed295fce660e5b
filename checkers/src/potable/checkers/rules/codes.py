"""The codes of the ``rules`` checker."""

from __future__ import annotations

from potable.checkers.explained import (
    ALL_BLANK,
    BAD_VALUE,
    CUT,
    DOCUMENTS,
    GARBLED,
    NO_COLUMN,
    TABLE,
    UNREAD,
    WRONG_HEADER,
)
from potable.engine.findings import Code, Severity

RAW = (
    "QC rules are written for the transformed record; where the definition names a transform script, they run against "
    "the raw one, and definition/script-ignored says so."
)

CODES: tuple[Code, ...] = (
    Code(
        id="rules/value-missing",
        severity=Severity.ERROR,
        title="Value missing by a QC rule",
        meaning="A QC rule asks for a value that the record doesn't have: its path matches nothing, or only texts that "
        "count as missing. Where the source is a table without that column it's told once a file.",
        why="The curators declared that a record without it can't be used.",
        example="ValueExists: [{path: name}]    # and a record whose name is empty",
        mend="Have the value filled in at the source, or change the rule.",
        misses=RAW,
        suppressed_by=(*TABLE, *WRONG_HEADER, CUT, *UNREAD, ALL_BLANK, *NO_COLUMN, "schema/required@field", *DOCUMENTS),
    ),
    Code(
        id="rules/value-mismatch",
        severity=Severity.ERROR,
        title="Value other than a QC rule says",
        meaning="A record has values where a QC rule's path points, but none of them is the rule's `value` or "
        "matches its "
        "`valueRegex` as a whole.",
        why="The curators declared what a right value looks like.",
        example="ValueExists: [{path: id, valueRegex: 'RRID:.+'}]    # and a record whose id is CVCL_0001",
        mend="Correct the value at the source, or change the rule.",
        misses=RAW,
        suppressed_by=(*TABLE, *GARBLED, *BAD_VALUE, "keys/not-scalar@field"),
    ),
)
