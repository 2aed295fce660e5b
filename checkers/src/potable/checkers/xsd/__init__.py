"""XML against an XML Schema."""

from potable.checkers.xsd.checker import XsdChecker

__all__ = ["XsdChecker"]
