"""What is odd about numbers."""

from potable.checkers.numbers.checker import NumbersChecker

__all__ = ["NumbersChecker"]
