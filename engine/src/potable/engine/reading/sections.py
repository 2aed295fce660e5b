"""Rows that name a group of the records below them: ``Region North``, alone in its row."""

from __future__ import annotations

from collections.abc import Sequence

from potable.engine.findings import Code, Severity
from potable.engine.lazyregex import lazy_regex
from potable.engine.reading.looks import is_value

SECTION = "the row names a group of the records below it, and is none: {!r}"
_FEWEST = 2
"""Fewer such rows show nothing, and fewer records in each group."""
_DIGITS = lazy_regex("[0-9]+")


def sections(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """The rows of which the first cell alone is filled, by their number from 0, if they are such: the first row is one,
    each has several records below it, which have another cell that all of them fill, and their first cells are made
    alike, figures or numbered (S001), as none of those rows' is.

    :param rows: all rows of the table.
    """
    if len(names) < 3 or len(rows) < _FEWEST * (_FEWEST + 1):
        return []
    found = [n for n, row in enumerate(rows) if row[0].strip() and not any(c.strip() for c in row[1:])]
    if len(found) < _FEWEST or found[0] != 0:
        return []
    ends = [*found[1:], len(rows)]
    if any(end - start <= _FEWEST for start, end in zip(found, ends, strict=True)):
        return []
    there = set(found)
    records = [row for n, row in enumerate(rows) if n not in there]
    if not any(all(len(row) > c and row[c].strip() for row in records) for c in range(1, len(names))):
        return []
    makes = {_make(row[0]) for row in records}
    texts = [rows[n][0].strip() for n in found]
    if len(makes) != 1 or None in makes or len(set(texts)) < len(texts) or makes & {_make(text) for text in texts}:
        return []
    return found


def _make(text: str) -> str | None:
    """How a cell is made: a figure, or a text with digits in it; None: neither."""
    if is_value(text):
        return "0"
    make = _DIGITS.sub("0", text.strip())
    return make if make != text.strip() else None


def section_code(family: str, misses: str, explained_by: tuple[str, ...]) -> Code:
    """The code of :func:`sections` for a format.

    :param misses: where they aren't looked for; :param explained_by: codes that explain it.
    """
    return Code(
        id=f"{family}/section",
        severity=Severity.ERROR,
        title="Row that names a group of records",
        meaning="The first cell of a row alone is filled, and names the records below it; there are several such rows, "
        "the first of them right under the header, and the records' own first cells are figures or numbered names.",
        why="It's no record: whoever ingests the table stores one of it, and the records don't say which group they're "
        "of.",
        example="id   | boats\nNorth\nS001 | 12\nS002 | 7\nSouth\nS003 | 3",
        mend="Write the group into a column of its own, in each record, and remove the rows.",
        misses=f"Groups of fewer than two records, and tables whose records' first cells are texts as well; {misses}.",
        suppressed_by=explained_by,
    )
