"""Which fields a source declares to be unique, each once, wherever it says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from potable.checkers.declared.table_schema import SchemaField, TableSchema
from potable.engine.definition.model import SourceDefinition
from potable.engine.paths import PathError, canonical


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Fields whose values together occur once.

    :param paths: canonical paths, in the order that the key is shown in.
    :param missing_values: for each, the texts that count as missing.
    :param primary: whether it's the source's primary key, whose values must be there.
    :param joined: whether it's their values joined by the definition's delimiter: its own primary key is, a schema's
        keys aren't.
    """

    paths: tuple[str, ...]
    missing_values: tuple[tuple[str, ...], ...]
    primary: bool = False
    joined: bool = False

    @property
    def rule(self) -> str | None:
        """Its stable id, for a key of several fields."""
        return None if len(self.paths) == 1 else " + ".join(self.paths)


def keys_of(source: SourceDefinition, further: Sequence[str | Sequence[str]] = ()) -> list[Key]:
    """The primary key of the definition and of the schema, the schema's unique keys and ``unique`` fields.

    :param further: more keys, each a field or a list of fields.

    Keys of the same fields are one key, in whatever order they're given.
    """
    schema = TableSchema.of(source) or TableSchema(fields=())
    fields = {f.path: f for f in schema.fields}
    given = [(source.primary_key, True), (schema.primary_key, True)]
    given += [(key, False) for key in schema.unique_keys]
    given += [(_paths(key), False) for key in further]
    given += [((f.path,), False) for f in schema.fields if f.constraints.get("unique") is True]
    keys: dict[frozenset[str], Key] = {}
    for number, (paths, primary) in enumerate(given):
        paths = tuple(dict.fromkeys(paths))
        if paths and frozenset(paths) not in keys:
            missing = tuple(missing_values_of(fields.get(p), source) for p in paths)
            keys[frozenset(paths)] = Key(paths=paths, missing_values=missing, primary=primary, joined=not number)
    return list(keys.values())


def missing_values_of(field: SchemaField | None, source: SourceDefinition) -> tuple[str, ...]:
    """The texts that count as missing in a field of the schema, or in one that it doesn't have."""
    return source.missing_values if field is None else field.missing_values


def _paths(key: str | Sequence[str]) -> tuple[str, ...]:
    """Canonical paths; nothing where one can't be read (the look at the definition tells of it)."""
    try:
        return tuple(map(canonical, [key] if isinstance(key, str) else key))
    except PathError:
        return ()
