"""A row that is read as a table's header, and may be its first record."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from potable.engine.lazyregex import lazy_regex
from potable.engine.reading.looks import is_moment, is_one_of, is_value

_SEVERAL = 4
_DECIMAL = lazy_regex(r"[0-9]{1,15}(?:\.[0-9]{1,15})?")
MEND = "set headerLine: 0, and call the fields column1, column2 … in the definition."
"""What else to do about a table without a header."""


def may_be_record(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether a header that has none of the columns looked for may be the first record."""
    return any(is_one_of(name, _column(rows, n)) for n, name in enumerate(names))


def is_record(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """The same where no column is looked for: half of its cells are figures above figures or dates above dates, and no
    series of numbers, as that of a wide table's years.
    """
    if len(names) < 2:
        return False
    values = [n for n, name in enumerate(names) if is_value(name)]
    alike = all(
        is_one_of(names[n], column) and is_moment(names[n]) == any(map(is_moment, column))
        for n in values
        for column in (_column(rows, n),)
    )
    return bool(rows) and alike and 2 * len(values) >= len(names) and not _is_series(names, values)


def _is_series(names: Sequence[str], columns: Sequence[int]) -> bool:
    """Whether these names are whole numbers side by side that rise, or several numbers that do, or years."""
    cells = [names[n].strip() for n in columns]
    side_by_side = all(b - a == 1 for a, b in pairwise(columns))
    if not all(c.isdecimal() and c.isascii() for c in cells):
        plain = side_by_side and len(cells) >= _SEVERAL and all(map(_DECIMAL.fullmatch, cells))
        return plain and all(float(a) < float(b) for a, b in pairwise(cells))
    rising = all(int(a) < int(b) for a, b in pairwise(cells))
    return (side_by_side and rising and len(cells) > 1) or all(1000 < int(c) < 2200 for c in cells)


def _column(rows: Sequence[Sequence[str]], number: int) -> list[str]:
    return [row[number] for row in rows if number < len(row)]
