"""What is odd about dates."""

from potable.checkers.dates.checker import DatesChecker

__all__ = ["DatesChecker"]
