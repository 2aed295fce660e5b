"""Options that list fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from potable.checkers.declared.formats import NESTED_FORMATS, TABLE_FORMATS
from potable.engine.checker import FIELD_PATH, VALUE_PATH
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Occurrence
from potable.engine.paths import PathError, canonical

V = TypeVar("V")

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


def chosen_of(source: SourceDefinition, names: Iterable[str]) -> tuple[str, ...]:
    """The same of fields that are looked at, in each spelling that the source's format may have for them: a list is
    its items. What is named itself comes first.
    """
    paths = paths_of(names)
    if source.format not in NESTED_FORMATS:
        return paths
    bare = [path.removesuffix(_ITEMS) for path in paths]
    return tuple(dict.fromkeys((*paths, *(path + end for path in bare for end in ("", _ITEMS)))))


def asked_of(source: SourceDefinition, chosen: Iterable[str]) -> tuple[str, ...]:
    """Those of the chosen fields that are asked for by name, beside every field: of JSON a list's items are among
    these; by name ``$.a[*]`` finds the members of an object, too.
    """
    paths = frozenset(chosen)
    if source.format not in NESTED_FORMATS - TABLE_FORMATS:
        return tuple(sorted(paths))
    return tuple(sorted(p for p in paths if not p.endswith(_ITEMS) or p.removesuffix(_ITEMS) not in paths))


def by_chosen(source: SourceDefinition, given: Mapping[str, V]) -> dict[str, V]:
    """What an option gives by field, in each of these spellings; that which names a field itself goes first."""
    found = {path: value for name, value in given.items() for path in paths_of([name])}
    for name, value in given.items():
        for path in chosen_of(source, [name]):
            found.setdefault(path, value)
    return found


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


def field_list(description: str, *, values: bool = True) -> dict[str, object]:
    """JSON Schema of an option that lists fields; ``values``: it's about their values, not the fields as such."""
    return {
        "type": "array",
        "items": {"type": "string", "minLength": 1, "format": VALUE_PATH if values else FIELD_PATH},
        "default": [],
        "description": description,
    }
