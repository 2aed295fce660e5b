"""What is wrong with identifiers."""

from potable.checkers.identifiers.checker import IdentifiersChecker

__all__ = ["IdentifiersChecker"]
