"""Columns that a definition names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from potable.engine.paths import FieldPath, PathError

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition


def named_columns(source: SourceDefinition) -> frozenset[str]:
    """Columns that the definition names in its schema, its key and its QC rules."""
    names = set(field_names(source.table_schema))
    if isinstance(source.json_schema, dict) and isinstance(source.json_schema.get("properties"), dict):
        names |= set(source.json_schema["properties"])
    rules = [r for some in source.qc_rules.values() if isinstance(some, list) for r in some if isinstance(r, dict)]
    return frozenset(names | set(_columns([*source.primary_key, *(r.get("path") for r in rules)])))


def field_names(table_schema: Any) -> Iterator[str]:
    """The names of a Table Schema's fields, of which each may be given as its name alone."""
    fields = table_schema.get("fields") if isinstance(table_schema, Mapping) else None
    for field in fields if isinstance(fields, list | tuple) else ():
        name = field.get("name") if isinstance(field, Mapping) else field
        if isinstance(name, str):
            yield name


def _columns(paths: Sequence[Any]) -> Iterator[str]:
    for path in paths:
        try:
            column = FieldPath.parse(path).column if isinstance(path, str) else None
        except PathError:
            continue
        if column is not None:
            yield column
