"""Whole records: how many, twice the same, against constraints over several fields."""

from potable.checkers.rows.checker import RowsChecker

__all__ = ["RowsChecker"]
