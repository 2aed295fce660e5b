"""XML against a RELAX NG schema."""

from potable.checkers.relaxng.checker import RelaxngChecker

__all__ = ["RelaxngChecker"]
