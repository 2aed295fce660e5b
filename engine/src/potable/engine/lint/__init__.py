"""A definition against everything known: its own notes, the ingest methods, the plugins and their options.

No data are touched.
"""

from potable.engine.lint.definition import lint_catalog, lint_each, lint_source
from potable.engine.lint.plugins import LintContext

__all__ = ["LintContext", "lint_catalog", "lint_each", "lint_source"]
