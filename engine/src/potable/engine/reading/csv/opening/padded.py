"""Cells that are padded with blanks to the width of their column: a table of fixed width, exported with delimiters."""

from __future__ import annotations

from collections.abc import Sequence

from potable.engine.findings import Occurrence
from potable.engine.reading.csv.opening.beginning import FEW, Beginning

_MANY = 200
"""So many records are looked at where the first ones are padded."""
_LEAST = 2
"""One such column by itself is told as white space."""


def padded(b: Beginning) -> Occurrence | None:
    """``csv/padded-cells``, where all cells of several columns are equally long, and blanks make them so."""
    if b.layout.width < _LEAST or len(_padded(b, FEW)) < _LEAST:
        return None
    # What stands in them isn't equally long: blanks behind delimiters, or codes of one length, are no padding.
    columns, rows = _padded(b, _MANY), b.rows(b.layout.dialect, b.data, most=_MANY)
    varying = any(len({len(row.cells[n].strip(" ")) for row in rows if n < len(row.cells)}) > 1 for n in columns)
    if len(columns) < _LEAST or len(rows) < FEW or not varying:
        return None
    names = [b.layout.names[n].strip() for n in columns]
    shown = ", ".join(repr(name[:40]) for name in names[:3]) + ", …" * (len(names) > 3)
    message = f"the cells of {len(columns)} columns are padded with blanks to one width each: {shown}"
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
    """Whether the cells of a column are equally long, in characters or bytes, with blanks at an end of some, or of the
    name.
    """
    if all(cell.strip(" ") == cell for cell in (*cells, name)):
        return False
    return any(len({length(cell) for cell in cells}) == 1 for length in (len, _bytes))


def _bytes(cell: str) -> int:
    return len(cell.encode())
