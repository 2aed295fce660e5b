"""Values, header and constraints against a Table Schema."""

from potable.checkers.schema.checker import SchemaChecker

__all__ = ["SchemaChecker"]
