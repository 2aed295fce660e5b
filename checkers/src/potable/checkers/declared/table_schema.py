"""A Table Schema as the checkers use it: Data Package versions 1 and 2.

Source: https://datapackage.org/standard/table-schema/ . Whatever doesn't have the right shape is left out here and
reported by the ``schema`` checker's look at the definition.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Location
from potable.engine.paths import column_path

TYPES = (
    "any", "array", "boolean", "date", "datetime", "duration", "geojson", "geopoint", "integer", "list", "number",
    "object", "string", "time", "year", "yearmonth",
)  # fmt: skip

EXACT = "exact"
"""``fieldsMatch`` unless given: the same fields in the same order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaField:
    """A field of a schema.

    :param path: its canonical path in the data.
    :param type: one of :data:`TYPES`; ``any`` where none, or no known one, is given.
    :param missing_values: texts that count as missing in this field.
    :param index: its place among the schema's fields, from 0.
    :param given: its descriptor, as given.
    """

    name: str
    path: str
    type: str
    missing_values: tuple[str, ...]
    index: int
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def format(self) -> str:
        """Its format; ``default`` unless given."""
        value = self.given.get("format", "default")
        return value.removeprefix("fmt:") if isinstance(value, str) and value else "default"

    @property
    def constraints(self) -> Mapping[str, Any]:
        """Its constraints, as given."""
        value = self.given.get("constraints", {})
        return value if isinstance(value, Mapping) else {}

    @property
    def pointer(self) -> str:
        """JSON Pointer of its descriptor in the schema."""
        return f"/fields/{self.index}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSchema:
    """A source's Table Schema.

    :param fields: in the schema's order.
    :param fields_match: how the data's fields relate to the schema's: ``exact``, ``equal``, ``subset`` (the data
        have all of them and maybe more), ``superset`` (the data have some of them and no others), ``partial`` (some of
        them, and maybe others).
    :param primary_key: canonical paths.
    :param unique_keys: further keys, each a tuple of canonical paths.
    """

    fields: tuple[SchemaField, ...]
    fields_match: str = EXACT
    primary_key: tuple[str, ...] = ()
    unique_keys: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def of(cls, source: SourceDefinition) -> TableSchema | None:
        """The source's schema; None when it has none."""
        given = source.table_schema
        if given is None:
            return None
        everywhere = missing_values(given.get("missingValues"))
        if everywhere is None:
            everywhere = source.missing_values
        fields: list[SchemaField] = []
        seen: Counter[str] = Counter()
        for index, descriptor in enumerate(as_list(given.get("fields"))):
            name = descriptor.get("name") if isinstance(descriptor, Mapping) else descriptor
            if not isinstance(name, str):
                continue
            seen[name] += 1
            descriptor = descriptor if isinstance(descriptor, Mapping) else {}
            own = missing_values(descriptor.get("missingValues"))
            kind = descriptor.get("type")
            fields.append(
                SchemaField(
                    name=name,
                    path=column_path(name, seen[name]),
                    type=kind if kind in TYPES else "any",
                    missing_values=everywhere if own is None else own,
                    index=index,
                    given=descriptor,
                )
            )
        match = given.get("fieldsMatch")
        match = match[0] if isinstance(match, Sequence) and not isinstance(match, str) and match else match
        return cls(
            fields=tuple(fields),
            fields_match=match if match in ("equal", "subset", "superset", "partial") else EXACT,
            primary_key=key_paths(given.get("primaryKey")),
            unique_keys=tuple(filter(None, map(key_paths, as_list(given.get("uniqueKeys"))))),
        )

    @classmethod
    def also_missing(cls, source: SourceDefinition) -> dict[str, tuple[str, ...]]:
        """By canonical path, texts that count as missing by the schema and not by the definition."""
        schema = cls.of(source)
        own = {f.path: _but(f.missing_values, source.missing_values) for f in schema.fields} if schema else {}
        return {path: texts for path, texts in own.items() if texts}

    def field_at(self, path: str) -> SchemaField | None:
        """The field of that canonical path."""
        return next((f for f in self.fields if f.path == path), None)


def as_list(value: Any) -> Sequence[Any]:
    """A list as it is, anything else as nothing."""
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def key_paths(value: Any) -> tuple[str, ...]:
    """Canonical paths of a key that names one field or a list of them."""
    names = [value] if isinstance(value, str) else as_list(value)
    return tuple(column_path(n) for n in names if isinstance(n, str))


def _but(texts: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    return tuple(text for text in texts if text not in others)


def missing_values(value: Any) -> tuple[str, ...] | None:
    """The texts of a ``missingValues``; None where there's none. Version 2 also writes them as value and label."""
    if value is None or isinstance(value, str) or not isinstance(value, Sequence):
        return None
    texts = (v.get("value") if isinstance(v, Mapping) else v for v in value)
    return tuple(str(t) for t in texts if t is not None)


def schema_place(source: SourceDefinition, pointer: str) -> Location:
    """The place of a member of the schema: in its own file, or in the definition."""
    return source.place("/tableSchema" + pointer)
