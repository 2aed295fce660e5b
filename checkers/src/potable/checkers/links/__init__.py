"""Whether links lead somewhere."""

from potable.checkers.links.checker import LinksChecker

__all__ = ["LinksChecker"]
