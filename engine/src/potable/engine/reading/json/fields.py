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
from potable.engine.reading.json.values import ARRAY, STRING, Text, Values

_MIX = np.uint64(0xD6E8FEB86659FD93)
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


def frame_of(text: Text, named: list[FieldPath], found: list[FieldPath]) -> pl.DataFrame:
    """A row for each record: a column of texts and one of kinds for each path.

    :param found: those that :func:`discover` gave; the items of theirs are only those of arrays.
    """
    columns: list[pl.Series] = []
    for path in (*named, *(path for path in found if path not in named)):
        texts, kinds = _field(text, path, arrays=path not in named)
        columns += [texts.alias(path.canonical), kinds.alias(path.canonical + KIND_SUFFIX)]
    return pl.DataFrame(columns) if columns else pl.DataFrame(height=text.records)


def _field(text: Text, path: FieldPath, *, arrays: bool) -> tuple[pl.Series, pl.Series]:
    values, steps = text.roots, path.steps
    while steps:
        found = _step(text, values, steps[0], arrays=arrays)
        if found is None:
            return of_python(_found(text, values, FieldPath(steps)), listed=not path.singular)
        values, steps = found, steps[1:]
    return (column if path.singular else lists)(text, values)


def _step(text: Text, values: Values, step: Step, *, arrays: bool) -> Values | None:
    """What a step finds; None where it has to be looked for value by value."""
    match step:
        case Child(name, deep=False):
            return text.child(values, spell(name))
        case Index(number, deep=False):
            return text.item(values, number)
        case Wildcard(deep=False) if arrays or not (text.text[values.at] == ord("{")).any():
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


def discover(text: Text, shadowed: Offsets, most: int) -> tuple[list[FieldPath], bool]:
    """The paths that lead to a value in some record, by level and name; and whether that's all of them.

    Objects and arrays count too: so whether a value is in a frame doesn't depend on the other records of its chunk.

    :param shadowed: numbers of names that a later member of the same object has: theirs aren't values.
    :param most: how many to find at most.
    """
    fields: list[FieldPath] = []
    level: list[tuple[tuple[Step, ...], Values]] = [((), text.roots)]
    while level:
        deeper: list[tuple[tuple[Step, ...], Values]] = []
        for steps, values in _members(text, level, shadowed) + _all_items(text, level):
            if len(fields) == most:
                return fields, False
            fields.append(FieldPath(steps))
            nested = np.flatnonzero(text.kinds(values) > STRING)
            if len(nested):
                deeper.append((steps, Values(values.row[nested], values.at[nested])))
        level = deeper
    return fields, True


def _members(
    text: Text, level: list[tuple[tuple[Step, ...], Values]], shadowed: Offsets
) -> list[tuple[tuple[Step, ...], Values]]:
    """The members of all objects of a level, by path and name."""
    n, b = text.names, text.brackets
    which = np.full(len(b.at), -1, np.int64)
    row = np.full(len(b.at), -1, np.int64)
    for number, (_, values) in enumerate(level):
        objects = np.flatnonzero(text.text[values.at] == ord("{"))
        at = np.searchsorted(b.at, values.at[objects])
        which[at], row[at] = number, values.row[objects]
    group = which[n.parent]
    group[shadowed] = -1
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
        if (text.kinds(values) == ARRAY).any() and len(items := text.items(values)):
            found.append(((*steps, Wildcard()), items))
    return found


def twice(text: Text) -> tuple[Offsets, Offsets]:
    """Numbers of the names that an earlier member of the same object has, and of those that a later one has."""
    n = text.names
    none = n.start[:0]
    if len(n.start) < 2:
        return none, none
    mixed = n.hash ^ (n.parent.astype(np.uint64) * _MIX)
    ordered = np.sort(mixed)
    doubled = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(doubled):
        return none, none
    seen: dict[tuple[int, bytes], int] = {}
    later, earlier = [], []
    for i in np.flatnonzero(np.isin(mixed, doubled)).tolist():
        name = (int(n.parent[i]), text.data[n.start[i] : n.stop[i]])  # a hash alone proves nothing
        if name in seen:
            later.append(i)
            earlier.append(seen[name])
        seen[name] = i
    return np.array(later, np.int64), np.array(earlier, np.int64)
