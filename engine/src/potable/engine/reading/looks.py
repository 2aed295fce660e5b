"""What cells look like: figures, moments, identifiers of one make."""

from __future__ import annotations

from collections.abc import Sequence

from potable.engine.lazyregex import lazy_regex

_FIGURE = lazy_regex(r"\s*[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?\s*%?")
_MOMENT = lazy_regex(
    r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}(?:[T ][0-9:.]+(?:Z|[+-][0-9:]+)?)?|[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?"
)
_DIGIT = lazy_regex("[0-9]")


def is_figure(cell: str) -> bool:
    """Whether a cell is a number, maybe with a sign, a decimal comma, an exponent or ``%``."""
    return _FIGURE.fullmatch(cell.strip()) is not None


def is_moment(cell: str) -> bool:
    """Whether a cell is a date, a time or both."""
    return _MOMENT.fullmatch(cell.strip()) is not None


def is_value(cell: str) -> bool:
    """Whether a cell is a figure or a moment: hardly a column's name."""
    return bool(cell.strip()) and (is_figure(cell) or is_moment(cell))


def is_one_of(cell: str, column: Sequence[str]) -> bool:
    """Whether a cell is made as the filled ones of a column are: all are figures or moments, or all differ in digits
    alone (``CVCL_0001``), or it is one of them.
    """
    filled = [c for c in column if c.strip()]
    if not filled or not cell.strip():
        return False
    if is_value(cell):
        return all(map(is_value, filled))
    make = _DIGIT.sub("0", cell)
    return cell in filled or (make != cell and all(_DIGIT.sub("0", c) == make for c in filled))
