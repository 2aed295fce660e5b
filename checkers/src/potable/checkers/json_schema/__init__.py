"""Records against a JSON Schema."""

from potable.checkers.json_schema.checker import JsonSchemaChecker

__all__ = ["JsonSchemaChecker"]
