"""A run's figures beside those of the last accepted run."""

from potable.checkers.accounting.checker import AccountingChecker

__all__ = ["AccountingChecker"]
