"""Delimiters at the ends of lines: the header has none, each record has one behind its last cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from potable.engine.reading.csv.beginning import FEW
from potable.engine.reading.csv.dialect import Dialect
from potable.engine.reading.csv.quotes import Offsets

if TYPE_CHECKING:
    from potable.engine.reading.csv.beginning import Beginning

_CR, _LF = 13, 10


def trails(b: Beginning) -> bool:
    """Whether nearly all of the first records have one cell more than the header, and nothing in it."""
    if not b.layout.dialect.header_line:
        return False
    rows = b.rows(b.layout.dialect, b.data)
    trailing = sum(len(row.cells) == b.layout.width + 1 and not row.cells[-1] for row in rows)
    return len(rows) >= FEW and 10 * trailing >= 9 * len(rows)


def ends_in_delimiter(data: bytes, starts: Offsets, stops: Offsets, dialect: Dialect) -> npt.NDArray[np.bool_]:
    """Which records have nothing behind their last delimiter.

    :param starts: where records of several cells start; :param stops: where they end, their line break included.
    """
    text = np.frombuffer(data, np.uint8)
    ends = stops - (text[stops - 1] == _LF)
    ends -= text[ends - 1] == _CR
    size = len(dialect.delimiter)
    found: npt.NDArray[np.bool_] = ends - starts >= size
    for n, byte in enumerate(dialect.delimiter):
        found &= text[np.maximum(ends - size + n, 0)] == byte
    if dialect.escape:
        found &= text[np.maximum(ends - size - 1, 0)] != dialect.escape[0]
    return found
