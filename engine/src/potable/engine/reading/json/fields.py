"""Fields of a text of records: those that are asked for, and those that there are."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl

from potable.engine.contracts.reading import KIND_SUFFIX
from potable.engine.paths import FieldPath
from potable.engine.paths.steps import Child, Index, Step, Wildcard
from potable.engine.reading.json.columns import Spelled, column, lists, of_python
from potable.engine.reading.json.index import Offsets
from potable.engine.reading.json.values import ARRAY, NULL, STRING, Text, Values

_spelling = json.JSONDecoder(parse_int=Spelled, parse_float=Spelled)


def spell(name: str) -> bytes:
    """How the texts here spell a member's name, without its quotes: only what must be escaped is."""
    return json.dumps(name, ensure_ascii=False)[1:-1].encode("utf-8", "replace")


def unspell(raw: bytes) -> str:
    """The reverse."""
    name: str = json.loads(b'"%b"' % raw)
    return name


def decode(raw: bytes) -> Any:
    """A value, its numbers as they are spelt."""
    return _spelling.decode(raw.decode())


def frame_of(text: Text, paths: list[FieldPath]) -> pl.DataFrame:
    """A row for each record: a column of texts and one of kinds for each path."""
    columns: list[pl.Series] = []
    for path in paths:
        texts, kinds = _field(text, path)
        columns += [texts.alias(path.canonical), kinds.alias(path.canonical + KIND_SUFFIX)]
    return pl.DataFrame(columns) if columns else pl.DataFrame(height=text.records)


def _field(text: Text, path: FieldPath) -> tuple[pl.Series, pl.Series]:
    values, steps = text.roots, path.steps
    while steps:
        found = _step(text, values, steps[0])
        if found is None:
            return of_python(_found(text, values, FieldPath(steps)), listed=not path.singular)
        values, steps = found, steps[1:]
    return (column if path.singular else lists)(text, values)


def _step(text: Text, values: Values, step: Step) -> Values | None:
    """What a step finds; None where it has to be looked for value by value."""
    match step:
        case Child(name, deep=False):
            return text.child(values, spell(name))
        case Index(number, deep=False):
            return text.item(values, number)
        case Wildcard(deep=False) if not (text.text[values.at] == ord("{")).any():
            return text.items(values)
    return None


def _found(text: Text, values: Values, rest: FieldPath) -> list[list[Any]]:
    found: list[list[Any]] = [[] for _ in range(text.records)]
    nested = np.flatnonzero(text.kinds(values) > STRING)
    chosen = Values(values.row[nested], values.at[nested])
    start, stop = text.spans(chosen)
    for row, a, b in zip(chosen.row.tolist(), start.tolist(), stop.tolist(), strict=True):
        found[row] += (value for value, _ in rest.find(decode(text.data[a:b])))
    return found


def discover(text: Text, most: int) -> tuple[list[FieldPath], bool]:
    """The paths that lead to a scalar in some record, by level and name; and whether that's all of them.

    :param most: how many to find at most.
    """
    fields: list[FieldPath] = []
    level: list[tuple[tuple[Step, ...], Values]] = [((), text.roots)]
    while level:
        deeper: list[tuple[tuple[Step, ...], Values]] = []
        for steps, values in _members(text, level) + _all_items(text, level):
            kinds = text.kinds(values)
            if ((kinds >= NULL) & (kinds <= STRING)).any():
                if len(fields) == most:
                    return fields, False
                fields.append(FieldPath(steps))
            nested = np.flatnonzero(kinds > STRING)
            if len(nested):
                deeper.append((steps, Values(values.row[nested], values.at[nested])))
        level = deeper
    return fields, True


def _members(text: Text, level: list[tuple[tuple[Step, ...], Values]]) -> list[tuple[tuple[Step, ...], Values]]:
    """The members of all objects of a level, by path and name."""
    n, b = text.names, text.brackets
    which = np.full(len(b.at), -1, np.int64)
    row = np.full(len(b.at), -1, np.int64)
    for number, (_, values) in enumerate(level):
        objects = np.flatnonzero(text.text[values.at] == ord("{"))
        at = np.searchsorted(b.at, values.at[objects])
        which[at], row[at] = number, values.row[objects]
    group = which[n.parent]
    mine = np.flatnonzero(group >= 0)
    mine = mine[np.lexsort((n.hash[mine], group[mine]))]
    changes = (np.diff(n.hash[mine]) != 0) | (np.diff(group[mine]) != 0)
    found = []
    for part in np.split(mine, np.flatnonzero(changes) + 1) if len(mine) else []:
        first = part[0]
        name = unspell(text.data[n.start[first] : n.stop[first]])
        found.append((int(group[first]), name, Values(row[n.parent[part]], n.value[part])))
    found.sort(key=lambda f: f[:2])
    return [((*level[number][0], Child(name)), values) for number, name, values in found]


def _all_items(text: Text, level: list[tuple[tuple[Step, ...], Values]]) -> list[tuple[tuple[Step, ...], Values]]:
    """The items of all arrays of a level, by path."""
    found = []
    for steps, values in level:
        if (text.kinds(values) == ARRAY).any():
            found.append(((*steps, Wildcard()), text.items(values)))
    return found


def twice(text: Text) -> Offsets:
    """Numbers of the names that an earlier member of the same object has."""
    n = text.names
    if len(n.start) < 2:
        return n.start[:0]
    mixed = n.hash ^ (n.parent.astype(np.uint64) * np.uint64(0xD6E8FEB86659FD93))
    ordered = np.sort(mixed)
    doubled = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(doubled):
        return n.start[:0]
    suspects = np.flatnonzero(np.isin(mixed, doubled))
    seen: set[tuple[int, bytes]] = set()
    found = []
    for i in suspects.tolist():
        name = (int(n.parent[i]), text.data[n.start[i] : n.stop[i]])
        if name in seen:
            found.append(i)
        seen.add(name)
    return np.array(found, np.int64)
