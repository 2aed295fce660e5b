"""What a field's name tells of its values."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Occurrence
from potable.engine.paths import FieldPath, PathError, canonical

_EDGE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[\W_]+")


def words_of(path: str) -> tuple[str, ...]:
    """The words of a field's name in lower case: ``geneSymbol_2`` has ``gene``, ``symbol``, ``2``."""
    name = FieldPath.parse(path).name
    return tuple(w.lower() for w in _EDGE.split(name) if w)


def speaks_of(path: str, words: Collection[str]) -> bool:
    """Whether one of these words, or its plural, is in a field's name."""
    return any(w in words or w.removesuffix("s") in words for w in words_of(path))


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
        "items": {"type": "string", "minLength": 1},
        "default": [],
        "description": description,
    }
