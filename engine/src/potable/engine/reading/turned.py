"""A table that lies on its side: the names of its fields stand below each other, its records beside each other."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from potable.engine.findings import Code, Location, Occurrence, Severity
from potable.engine.reading.looks import is_value
from potable.engine.reading.subheader import subheader

MOST = 60
"""Most fields that are looked at: larger tables are seldom made by hand."""
_RECORDS, _FIELDS = 3, 3
"""Fewest records and fields that show it."""
_NOTHING = frozenset({"", "-", "--", ".", "?", "na", "n/a", "nan", "null", "none", "nd", "n.d."})


def turned(
    family: str, header: Sequence[str], below: Sequence[Sequence[str]], named: Collection[str], at: Location
) -> Occurrence | None:
    """``transposed``, if the table is so: small, with texts alone in some rows, figures or dates alone in others, so
    that each of its columns has both. It's a warning where the first column hasn't the columns that the definition
    names.

    :param family: the code's first part. :param below: all rows below the header, or more than :data:`MOST`.
    :param at: the header's place.
    """
    rows = [header, *below]
    if not _FIELDS <= len(rows) <= MOST or len(header) <= _RECORDS or any(len(row) != len(header) for row in rows):
        return None
    if subheader(header, below) is not None:
        return None
    names = [row[0].strip() for row in rows]
    if len(set(names)) < len(names) or "" in names or any(map(is_value, names)):
        return None
    kinds = [_kind(row[1:]) for row in rows]
    if None in kinds or not {"texts", "values"} <= set(kinds[1:]):
        return None
    shown = ", ".join(repr(name[:40]) for name in names[:3]) + ", …" * (len(names) > 3)
    message = (
        f"the first column has the names of {len(names)} fields ({shown}), and each other column seems to be a record"
    )
    there = set(named) & set(names)
    sure = len(there) > 1 and 2 * len(there) >= len(named) and len(set(named) & set(header)) < 2
    return Occurrence(
        f"{family}/transposed", message, location=at, details={"fields": len(names)},
        severity=None if sure else Severity.WARNING,
    )  # fmt: skip


def _kind(cells: Sequence[str]) -> str | None:
    """``values`` or ``texts`` where all cells are such, the texts of several kinds; None for a mixture."""
    filled = [cell.strip() for cell in cells if cell.strip().casefold() not in _NOTHING]
    values = sum(map(is_value, filled))
    if len(filled) < _RECORDS or 0 < values < len(filled):
        return None
    return "values" if values else "texts" if len(set(filled)) >= _RECORDS else None


def transposed_code(family: str, misses: str, explained_by: tuple[str, ...]) -> Code:
    """The code of :func:`turned` for a format.

    :param misses: where it isn't looked for; :param explained_by: codes that explain it.
    """
    return Code(
        id=f"{family}/transposed",
        severity=Severity.ERROR,
        title="Table that lies on its side",
        meaning="The first column seems to hold the names of fields, and each other column to be a record: each row "
        "has texts alone or figures and dates alone, and each column both. It's a warning where the definition doesn't "
        "name these fields.",
        why="Whoever ingests the table gets a record of each field, under the names of the first record's values.",
        example="id,1,2,3\nname,Ann,Bob,Cid\nage,30,41,22",
        mend="Turn the table by 90 degrees: t() in R, DataFrame.T in pandas, paste special > transpose in a "
        "spreadsheet.",
        misses=f"Tables of more than {MOST} fields, {misses}; of fields that are all numbers, or all texts; of texts "
        "that hardly differ. A table that compares things, one in each column, is told too.",
        suppressed_by=explained_by,
    )
