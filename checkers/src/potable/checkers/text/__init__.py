"""What is odd about texts, whatever they mean."""

from potable.checkers.text.checker import TextChecker

__all__ = ["TextChecker"]
