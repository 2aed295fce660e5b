"""Which of the fields that somebody names the records have, and which of these hold no value but others."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence

import polars as pl

from potable.engine.contracts.reading import KIND_SUFFIX

_SPELLINGS = ("", "[*]", ".'_$'")
"""Under which a field is known: by itself, as the items of a list, as an element's own text."""
_LOOKED_AT = 100
"""So many of what is in a field are looked at for one that has a value."""

Met = Mapping[str, str | None]
"""By field that is there: None, or where only others are in it, the path of one of them."""


def met(frame: pl.DataFrame, paths: Collection[str]) -> dict[str, str | None]:
    """Those of these paths that a record of a chunk has."""
    if not paths:
        return {}
    names = sorted(name for name in frame.columns if not name.endswith(KIND_SUFFIX))
    found: dict[str, str | None] = {}
    for path in paths:
        spelt = [name for name in spellings(path) if name in frame.columns]
        if any(_has_value(frame, name) for name in spelt):
            found[path] = None
            continue
        inside = [name for name in _inside(spellings(path)[0], names) if name not in spelt]
        example = next((name for name in inside if _has_value(frame, name)), None)
        if example is not None or any(is_there(frame, name) for name in spelt):
            found[path] = example
    return found


def all_met(known: Met, more: Met) -> Met:
    """What is met in one part of the records or the other."""
    both = {path: example for path, example in more.items() if path not in known or example is None}
    return {**known, **both, **{path: None for path, example in known.items() if example is None}}


def spellings(path: str) -> tuple[str, ...]:
    """A field's paths, that of the whole first, whichever of them is given."""
    bare = path.removesuffix(_SPELLINGS[2]).removesuffix(_SPELLINGS[1])
    return tuple(dict.fromkeys([*(bare + end for end in _SPELLINGS), path]))


def is_there(frame: pl.DataFrame, name: str) -> bool:
    """Whether a record has a field, be it null, an object or an array."""
    for column in (name, name + KIND_SUFFIX):
        values = frame.get_column(column, default=None)
        if values is None:
            continue
        flat = values.explode() if isinstance(values.dtype, pl.List) else values
        if flat.null_count() < len(flat) and (column == name or bool((flat != "absent").any())):
            return True
    return False


def _has_value(frame: pl.DataFrame, name: str) -> bool:
    values = frame.get_column(name)
    flat = values.explode() if isinstance(values.dtype, pl.List) else values
    return flat.null_count() < len(flat)


def _inside(bare: str, names: Sequence[str]) -> Iterator[str]:
    """The first of these names, sorted, that lead to something in a field."""
    for mark in (".", "["):
        start = bisect_left(names, bare + mark)
        for name in names[start : start + _LOOKED_AT]:
            if not name.startswith(bare + mark):
                break
            yield name
