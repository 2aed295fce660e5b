"""Which column was meant by a name that isn't there."""

from __future__ import annotations

from collections.abc import Sequence

from potable.engine.paths import FieldPath
from potable.engine.toolkit import likely

Columns = tuple[str, ...]
"""A file's columns: canonical paths, in order."""

COMPARED = 300
"""Most columns whose names are compared letter by letter: it's slow."""


def shown(path: str) -> str:
    """A column's name as messages show it."""
    header = FieldPath.parse(path).header
    return path if header is None else repr(header[0])


def likely_columns(path: str, columns: Columns) -> list[str]:
    """The columns that a name which isn't there was most likely meant to be, best first.

    Among more than :data:`COMPARED` columns only those that differ in case or blanks are told.
    """
    name = FieldPath.parse(path).column
    if name is None:
        return []
    names: dict[str, str] = {}
    for column in columns:
        header = FieldPath.parse(column).header
        if header is not None and header[1] == 1 and header[0].strip():
            names[header[0].strip()] = column
    if len(names) > COMPARED:
        wanted = name.strip().casefold()
        return [column for n, column in names.items() if n.casefold() == wanted][:2]
    return [names[n] for n in likely(name, names, n=2)]


def did_you_mean(near: Sequence[str]) -> str:
    """A question that ends a message, or nothing."""
    return f"; did you mean {' or '.join(map(shown, near))}?" if near else ""
