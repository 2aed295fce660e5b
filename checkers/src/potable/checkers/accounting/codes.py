"""What ``accounting`` can report."""

from __future__ import annotations

from potable.checkers.explained import BROKEN_OFF, FILE_UNREAD
from potable.engine.findings import Code, Severity

INCREASE, DECREASE = 20, 10
"""Tolerated change in percent, unless the definition says otherwise."""

CODES = (
    Code(
        id="accounting/increase",
        severity=Severity.ERROR,
        title="Many more records than before",
        meaning="The source has more records than the last accepted run had, by more than `accounting.increase` "
        "percent "
        f"({INCREASE} unless given).",
        why="A jump is often a file delivered twice, a filter that was lost, or another source altogether.",
        example="12,400 records, where the last accepted run had 10,000",
        mend="Look at what is new. Where it's right, accept the run: it's the baseline from then on.",
        suppressed_by=("csv/folded-lines",),
        dataset=True,
    ),
    Code(
        id="accounting/decrease",
        severity=Severity.ERROR,
        title="Many fewer records than before",
        meaning="The source has fewer records than the last accepted run had, by more than `accounting.decrease` "
        "percent "
        f"({DECREASE} unless given).",
        why="Records that vanish upstream vanish downstream too, or stay there and are stale.",
        example="8,700 records, where the last accepted run had 10,000",
        mend="Look at what is gone. Where it's right, accept the run: it's the baseline from then on.",
        suppressed_by=("access/incomplete-pages", "oai/incomplete-list", *BROKEN_OFF, *FILE_UNREAD),
        dataset=True,
    ),
    Code(
        id="accounting/error-share",
        severity=Severity.ERROR,
        title="More records with errors than before",
        meaning="The share of records with errors has grown since the last accepted run by more than "
        "`checks: accounting: errors` percentage points. Not looked at unless that is given.",
        why="Tolerated errors (errPerc) may become many more at once, with the source still passing.",
        example="4.1 % of the records have errors, where 0.3 % had; errPerc is 5",
        mend="Look at the findings that are new. Where they're to be expected, accept the run.",
        dataset=True,
    ),
    Code(
        id="accounting/duplicate-share",
        severity=Severity.ERROR,
        title="More surplus duplicates than before",
        meaning="The share of surplus duplicates has grown since the last accepted run by more than "
        "`checks: accounting: duplicates` percentage points. Not looked at unless that is given.",
        why="Tolerated duplicates (dupPerc) may become many more at once, with the source still passing.",
        example="3.8 % of the records are surplus duplicates, where none were; dupPerc is 5",
        mend="Look for a part that was delivered twice. Where it's right, accept the run.",
        dataset=True,
    ),
    Code(
        id="accounting/unchanged",
        severity=Severity.WARNING,
        title="Nothing has changed for long",
        meaning="The source's bytes are those of each of the last `unchanged` accepted runs.",
        why="A source that should move and doesn't is often an export that has silently stopped.",
        example="the same SHA-256 in each of the last 30 runs",
        mend="Ask whether the source is still maintained, or leave `unchanged` away for a source that stands still.",
        misses="A source whose bytes change though its records don't (a date in the header).",
    ),
)
