"""How many columns there are without a header; a header that hasn't as many names as the records have cells, and
delimiters behind the last cells.
"""

from __future__ import annotations

from collections import Counter

from potable.engine.findings import Occurrence
from potable.engine.reading.csv.opening.beginning import FEW, Beginning


def headless_width(b: Beginning) -> int:
    """How many cells most of the first records have, the more of two numbers that are as frequent: the first record may
    lack some.
    """
    lengths = Counter(len(row.cells) for row in b.rows(b.layout.dialect, b.header.at))
    return max(lengths, key=lambda cells: (lengths[cells], cells), default=b.layout.width)


def trails(b: Beginning) -> bool:
    """Whether nearly all of the first records have one cell more than the header, and nothing in it."""
    if not b.layout.dialect.header_line:
        return False
    rows = b.rows(b.layout.dialect, b.data)
    trailing = sum(len(row.cells) == b.layout.width + 1 and not row.cells[-1] for row in rows)
    return len(rows) >= FEW and 10 * trailing >= 9 * len(rows)


def usual_length(b: Beginning) -> int:
    """How many cells the first records all have, where the header has another number of names; else 0."""
    if not b.layout.dialect.header_line or b.layout.width < 2 or trails(b):
        return 0
    rows = b.rows(b.layout.dialect, b.data)
    lengths = {len(row.cells) for row in rows}
    if len(rows) < FEW or len(lengths) != 1:
        return 0
    cells = lengths.pop()
    return cells if cells not in (1, b.layout.width) else 0


def header_length(b: Beginning) -> Occurrence | None:
    """The finding, if there is one."""
    cells, width = usual_length(b), b.layout.width
    if not cells:
        return None
    rows = b.rows(b.layout.dialect, b.data)
    message = f"the header has {width:,} names, each of the first {len(rows)} records {cells:,} cells"
    hint = None
    first = [row.cells[0] for row in rows]
    if cells == width + 1 and len(set(first)) == len(first):
        message += f"; their first cells ({first[0][:40]!r}, {first[1][:40]!r}, …) may be names of the rows"
        hint = (
            "Name the first column in the header, or leave it out: row.names = FALSE (or col.names = NA) in R's "
            "write.table, index=False in pandas."
        )
    return Occurrence(
        "csv/header-length", message, location=b.place, hint=hint, details={"names": width, "cells": cells}
    )
