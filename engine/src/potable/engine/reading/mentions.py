"""What a definition speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from potable.engine.paths import FieldPath
from potable.engine.paths.steps import Child
from potable.engine.reading.named import field_names

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition


class Mentions:
    """What a definition speaks of: a checker may ask for fields of its own, which sources needn't have.

    :ivar keys: canonical paths of the primary key.
    """

    def __init__(self, source: SourceDefinition) -> None:
        self.keys = frozenset(source.primary_key)
        schemas = (source.table_schema, source.json_schema)
        self._schemas = schemas
        self._text = "\n".join({*_texts((source.primary_key, schemas, source.qc_rules, source.checks))})

    @cached_property
    def declared(self) -> frozenset[str]:
        """Canonical paths of the fields that the schemas of its records declare, those of objects inside them aside."""
        table, document = self._schemas
        properties = document.get("properties") if isinstance(document, Mapping) else None
        names = [*field_names(table), *(properties if isinstance(properties, Mapping) else ())]
        return frozenset(FieldPath((Child(name),)).canonical for name in names if isinstance(name, str))

    def of(self, field: str) -> bool:
        """Whether a text of the definition has the field's first name, in a path or in an expression."""
        return any(map(self._has, _names(field)[:1]))

    def of_last(self, field: str) -> bool:
        """Whether a text of the definition has the field's last name."""
        return any(map(self._has, _names(field)[-1:]))

    def of_all(self, field: str) -> bool:
        """Whether texts of the definition have all names of the field's path."""
        return all(map(self._has, _names(field)))

    def _has(self, name: str) -> bool:
        return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", self._text) is not None


def _names(field: str) -> list[str]:
    return [step.name for step in FieldPath.parse(field).steps if isinstance(step, Child)]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
