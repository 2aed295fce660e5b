"""A table that lies on its side: the names of its fields stand below each other, its records beside each other."""

from __future__ import annotations

from collections.abc import Sequence

from potable.engine.findings import Occurrence
from potable.engine.reading.csv.opening.beginning import Beginning
from potable.engine.reading.looks import is_value
from potable.engine.reading.subheader import subheader

_RECORDS, _FIELDS, _MOST = 3, 3, 60
"""Fewest records and fields that show it, and most fields: larger tables are seldom made by hand."""
_NOTHING = frozenset({"", "-", "--", ".", "?", "na", "n/a", "nan", "null", "none", "nd", "n.d."})


def turned(b: Beginning) -> Occurrence | None:
    """``csv/transposed``, if the table is so: small, with texts alone in some rows, figures or dates alone in others,
    so that each of its columns has both.
    """
    if not b.whole or not b.layout.dialect.header_line or b.layout.width <= _RECORDS:
        return None
    below = [row.cells for row in b.rows(b.layout.dialect, b.data, most=_MOST + 1)]
    rows = [b.layout.names, *below]
    if not _FIELDS <= len(rows) <= _MOST or any(len(row) != b.layout.width for row in rows):
        return None
    if subheader(b.layout.names, below) is not None:
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
    return Occurrence("csv/transposed", message, location=b.place, details={"fields": len(names)})


def _kind(cells: Sequence[str]) -> str | None:
    """``values`` or ``texts`` where all cells are such, the texts of several kinds; None for a mixture."""
    filled = [cell.strip() for cell in cells if cell.strip().casefold() not in _NOTHING]
    values = sum(map(is_value, filled))
    if len(filled) < _RECORDS or 0 < values < len(filled):
        return None
    return "values" if values else "texts" if len(set(filled)) >= _RECORDS else None
