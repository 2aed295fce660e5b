"""Options that list fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from potable.engine.checker import FIELD_PATH
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Occurrence
from potable.engine.paths import PathError, canonical


def paths_of(names: Iterable[str]) -> tuple[str, ...]:
    """Canonical paths of the names in an option; one that can't be read is left out, :func:`bad_paths` tells of it."""
    found = []
    for name in names:
        try:
            found.append(canonical(name))
        except PathError:
            continue
    return tuple(found)


def bad_paths(source: SourceDefinition, pointer: str, names: Sequence[str]) -> Iterator[Occurrence]:
    """``definition/bad-path`` for each name in an option that can't be read.

    :param pointer: JSON Pointer of the option in the definition.
    """
    for name in names:
        try:
            canonical(name)
        except PathError as e:
            message = f"the path {name!r} can't be read: {e}"
            yield Occurrence("definition/bad-path", message, location=source.place(pointer))


def field_list(description: str) -> dict[str, object]:
    """JSON Schema of an option that lists fields."""
    return {
        "type": "array",
        "items": {"type": "string", "minLength": 1, "format": FIELD_PATH},
        "default": [],
        "description": description,
    }
