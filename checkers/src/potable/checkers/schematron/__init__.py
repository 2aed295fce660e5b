"""XML against the assertions of a Schematron."""

from potable.checkers.schematron.checker import SchematronChecker

__all__ = ["SchematronChecker"]
