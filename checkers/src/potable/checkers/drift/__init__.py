"""What has changed in a source since the last accepted run, besides the number of its records."""

from potable.checkers.drift.checker import DriftChecker

__all__ = ["DriftChecker"]
