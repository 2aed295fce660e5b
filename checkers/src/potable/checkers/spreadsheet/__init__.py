"""What a spreadsheet does to data."""

from potable.checkers.spreadsheet.checker import SpreadsheetChecker

__all__ = ["SpreadsheetChecker"]
