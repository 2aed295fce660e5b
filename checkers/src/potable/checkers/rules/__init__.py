"""QC rules."""

from potable.checkers.rules.checker import RulesChecker

__all__ = ["RulesChecker"]
