"""Cells that are padded with blanks: to the width of their column, as in a table of fixed width that was exported with
delimiters, or by one before or behind each.
"""

from __future__ import annotations

from collections.abc import Sequence

from potable.engine.findings import Occurrence
from potable.engine.reading.csv.opening.beginning import FEW, Beginning

_MANY = 200
"""So many records are looked at where the first ones are padded."""
_LEAST = 2
"""One such column by itself is told as white space."""


def padded(b: Beginning) -> Occurrence | None:
    """``csv/padded-cells``, where blanks pad the cells of several columns."""
    if b.layout.width < _LEAST or len(_padded(b, FEW)) < _LEAST:
        return None
    columns, rows = _padded(b, _MANY), b.rows(b.layout.dialect, b.data, most=_MANY)
    if len(columns) < _LEAST or len(rows) < FEW:
        return None
    names = [b.layout.names[n].strip() for n in columns]
    shown = ", ".join(repr(name[:40]) for name in names[:3]) + ", …" * (len(names) > 3)
    message = f"blanks pad the cells of {len(columns)} columns: {shown}"
    return Occurrence(
        "csv/padded-cells", message, location=b.place, details={"columns": len(columns)},
        explains=tuple(b.layout.paths[n] for n in columns),
    )  # fmt: skip


def _padded(b: Beginning, most: int) -> list[int]:
    """The padded columns, by number from 0."""
    width, rows = b.layout.width, b.rows(b.layout.dialect, b.data, most=most)
    whole = [row.cells for row in rows if len(row.cells) == width]
    if 10 * len(whole) < 9 * len(rows):
        return []
    names = b.layout.names if b.layout.dialect.header_line else None
    return [n for n in range(width) if _is_padded([cells[n] for cells in whole], names[n] if names else "")]


def _is_padded(cells: Sequence[str], name: str) -> bool:
    """Whether nearly all filled cells of a column have blanks at an end; or whether they're equally long, in characters
    or bytes, with blanks at an end of some, or of the name.
    """
    filled = [cell for cell in cells if cell]
    blanks = sum(cell[0] == " " or cell[-1] == " " for cell in filled)
    if len(filled) < FEW:
        return False
    if 10 * blanks >= 9 * len(filled):
        return True
    if not blanks and (len(name.strip(" ")) == len(name) or len(name) != len(filled[0])):
        return False
    return any(len({length(cell) for cell in filled}) == 1 for length in (len, _bytes))


def _bytes(cell: str) -> int:
    return len(cell.encode())
