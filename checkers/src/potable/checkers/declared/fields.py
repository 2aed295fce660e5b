"""Options that list fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from potable.engine.checker import FIELD_PATH
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Occurrence
from potable.engine.paths import PathError, canonical

_ITEMS, _TEXT = "[*]", ".'_$'"


def paths_of(names: Iterable[str]) -> tuple[str, ...]:
    """Canonical paths of the names in an option; one that can't be read is left out, :func:`bad_paths` tells of it."""
    found = []
    for name in names:
        try:
            found.append(canonical(name))
        except PathError:
            continue
    return tuple(found)


def left_out_of(names: Iterable[str]) -> tuple[str, ...]:
    """The same of fields that are left alone, in each spelling that a check of every field may have for them: a list's
    items, an element's text.
    """
    paths = paths_of(names)
    bare = [path.removesuffix(_TEXT).removesuffix(_ITEMS) for path in paths]
    return tuple(dict.fromkeys((*paths, *(path + end for path in bare for end in ("", _ITEMS, _TEXT)))))


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
