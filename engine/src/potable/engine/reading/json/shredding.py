"""Columns of texts and kinds, made of decoded records."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
import numpy as np
import polars as pl

from potable.engine.contracts.reading import KIND_SUFFIX
from potable.engine.paths import FieldPath
from potable.engine.paths.steps import Child, Wildcard
from potable.engine.reading.arrays import listed
from potable.engine.reading.json.columns import kind_column, kind_of_all
from potable.engine.reading.json.typed import NOTHING, Found, Records, Steps, Unfit
from potable.engine.reading.json.values import ABSENT, ARRAY, BOOLEAN, KIND, NULL, NUMBER, OBJECT, STRING

_CLASSES: dict[type, int] = {
    msgspec.UnsetType: ABSENT, type(None): NULL, bool: BOOLEAN, str: STRING, list: ARRAY,
}  # fmt: skip
_texts = msgspec.json.Decoder(list[str])


class Column(NamedTuple):
    """Texts and kinds of a field, a row for each record."""

    texts: pl.Series
    kinds: pl.Series


def frame_of(records: Records, paths: list[FieldPath]) -> pl.DataFrame:
    """A row for each record: a column of texts and one of kinds for each path. Raises :class:`Unfit`."""
    columns: list[pl.Series] = []
    for path in paths:
        texts, kinds = _column(records, path)
        columns += [texts.alias(path.canonical), kinds.alias(path.canonical + KIND_SUFFIX)]
    return pl.DataFrame(columns) if columns else pl.DataFrame(height=records.count)


def discover(records: Records, most: int) -> tuple[list[FieldPath], bool]:
    """See :func:`~potable.engine.reading.json.fields.discover`. Raises :class:`Unfit`."""
    fields: list[FieldPath] = []
    level: list[tuple[Steps, Found]] = [((), _at(records, ()))]
    while level:
        inside = []
        for steps, found in level:
            for name in found.place.members:
                member = _at(records, (*steps, Child(name)))
                if member.types - {msgspec.UnsetType}:
                    inside.append(((*steps, Child(name)), member))
        for steps, found in level:
            if found.place.items is not None and (items := _at(records, (*steps, Wildcard()))).values:
                inside.append(((*steps, Wildcard()), items))
        if len(fields) + len(inside) > most:
            return [*fields, *(FieldPath(steps) for steps, _ in inside)][:most], False
        fields += (FieldPath(steps) for steps, _ in inside)
        level = [(steps, found) for steps, found in inside if not found.place.raw and not found.place.shape.is_scalar]
    return fields, True


def _at(records: Records, steps: Steps) -> Found:
    found = records.at(steps)
    assert found is not None
    return found


def _column(records: Records, path: FieldPath) -> Column:
    found = records.at(path.steps)
    count = records.count
    if found is None:
        nothing = Column(pl.Series([None], dtype=pl.String).new_from_index(0, count), kind_of_all(ABSENT, count))
        return nothing if path.singular else _in_lists(*nothing, np.arange(count), count)
    texts, kinds = _texts_of(found)
    if found.rows is None and path.singular:
        return Column(texts, kinds)
    return _in_lists(texts, kinds, np.arange(count) if found.rows is None else found.rows, count)


def _in_lists(texts: pl.Series, kinds: pl.Series, rows: np.ndarray[Any, Any], count: int) -> Column:
    """A list for each record; in that of one without any value is one that's absent."""
    counts = np.bincount(rows, minlength=count) if len(rows) else np.zeros(count, np.int64)
    ends = np.zeros(count + 1, np.int64)
    np.cumsum(np.maximum(counts, 1), out=ends[1:])
    if not counts.all():
        slot = np.full(int(ends[-1]), -1, np.int64)
        inside = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        slot[ends[rows] + inside] = np.arange(len(rows))
        chosen = pl.Series(slot).to_frame("n").select(pl.when(pl.col("n") >= 0).then(pl.col("n")))["n"]
        texts = texts.gather(chosen)
        kinds = kinds.gather(chosen).fill_null("absent")
    return Column(listed(texts, ends), listed(kinds, ends))


def _texts_of(found: Found) -> Column:
    if found.place.raw:
        return _texts_of_raw(found)
    values, types = found.values, found.types
    if types == {str}:
        return Column(pl.Series(values, dtype=pl.String), kind_of_all(STRING, len(values)))
    classes = _CLASSES | ({} if found.place.struct is None else {found.place.struct: OBJECT})
    kinds = np.fromiter(map(classes.__getitem__, map(type, values)), np.uint8, len(values))
    texts: list[str | None] = [None] * len(values)
    if str in types:
        texts = [v if v.__class__ is str else None for v in values]
    if bool in types:
        for at in np.flatnonzero(kinds == BOOLEAN).tolist():
            texts[at] = "true" if values[at] else "false"
    return Column(pl.Series(texts, dtype=pl.String), kind_column(kinds))


def _texts_of_raw(found: Found) -> Column:
    """Of values that are kept as bytes: numbers as they are spelt, and others that were found among them."""
    values = found.values
    all_there = msgspec.UnsetType not in found.types
    spelt = b"\n".join(values if all_there else [v for v in values if v is not NOTHING])
    tokens = spelt.decode().split("\n") if spelt else []
    there = np.arange(len(values)) if all_there else np.flatnonzero([v is not NOTHING for v in values])
    if len(tokens) != len(there):
        raise Unfit  # an array that is written over several lines
    own = KIND[np.fromiter((ord(t[0]) for t in tokens), np.uint8, len(tokens))]
    if (own > STRING).any():
        raise Unfit
    texts: list[str | None] = [None] * len(values)
    strings = np.flatnonzero(own == STRING)
    unescaped = iter(_texts.decode("[" + ",".join([tokens[n] for n in strings.tolist()]) + "]"))
    for at, token, kind in zip(there.tolist(), tokens, own.tolist(), strict=True):
        texts[at] = token if kind in (NUMBER, BOOLEAN) else next(unescaped) if kind == STRING else None
    kinds = np.zeros(len(values), np.uint8)
    kinds[there] = own
    return Column(pl.Series(texts, dtype=pl.String), kind_column(kinds))
