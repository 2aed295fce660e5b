"""Primary keys and other unique fields."""

from potable.checkers.keys.checker import KeysChecker

__all__ = ["KeysChecker"]
