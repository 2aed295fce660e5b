"""What a sample says of a field, in a few figures that a report can carry."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from potable.checkers.calendar.layouts import ANY, written
from potable.checkers.drift.compare import DOMINANT
from potable.checkers.drift.names import NESTED
from potable.checkers.values.missing import missing_text
from potable.engine.contracts.reading import KIND_SUFFIX

Profile = dict[str, Any]
"""``n``: records of the sample; ``missing``: of these, without a value; ``kinds``: how many values are of which kind;
``dates``: the way in which nearly all are written, where they are dates, and whether day or month comes first (None
where nothing tells); ``groups``: where few values occur, how often each does, by a hash; ``scale``: of numbers, the
least, the deciles and the greatest."""

MOST_GROUPS = 20
"""Of more different values than these it isn't told how often each occurs."""
MOST_FIELDS = 400
"""Further ones have no profile."""
_BOOLEANS = ["true", "false", "TRUE", "FALSE", "True", "False", "yes", "no", "Yes", "No", "YES", "NO"]


def profile(texts: pl.Series, kinds: pl.Series | None, missing_values: Sequence[str], *, open_: bool) -> Profile:
    """The profile of a field.

    :param kinds: what each value is in a format whose values have a kind.
    :param open_: False: its values mustn't be quoted; there's nothing in the profile that tells of single ones.
    """
    missing = missing_text(texts, missing_values)
    nested = {kind: int((kinds == kind).sum()) for kind in NESTED} if kinds is not None else {}
    filled = texts.filter(~missing)
    numbers = filled.cast(pl.Float64, strict=False)
    if kinds is not None:
        numbers = numbers.to_frame("n").select(
            pl.when(kinds.filter(~missing) == "number").then(pl.col("n"))
        )["n"]  # fmt: skip
    whole = {**_kinds(filled, numbers), **{kind: n for kind, n in nested.items() if n}}
    out: Profile = {"n": len(texts), "missing": int(missing.sum()) - sum(nested.values()), "kinds": whole}
    if not open_ or not len(filled):
        return out
    if 100 * out["kinds"].get("date", 0) >= DOMINANT * len(filled) and (way := _way(filled)) is not None:
        out["dates"] = way
    counted = filled.value_counts().sort("count", descending=True)
    if counted.height <= MOST_GROUPS:
        out["groups"] = {_hashed(text): int(n) for text, n in counted.iter_rows()}
    elif 10 * (len(numbers) - numbers.null_count()) >= 9 * len(filled) and not _is_unique(filled, counted.height):
        finite = numbers.filter(numbers.is_finite()).to_numpy()
        deciles = np.quantile(finite, np.arange(11) / 10, method="inverted_cdf") if len(finite) else ()
        out["scale"] = [float(f"{v:.6g}") for v in deciles]
    return out


def _kinds(filled: pl.Series, numbers: pl.Series) -> dict[str, int]:
    text, number = pl.col("text"), pl.col("number").is_not_null()
    found = pl.DataFrame({"text": filled, "number": numbers}).select(
        integer=(number & text.str.contains(r"\A[+-]?[0-9]+\z")).sum(),
        number=number.sum(),
        boolean=(~number & text.is_in(_BOOLEANS)).sum(),
        date=(~number & text.str.contains(ANY)).sum(),
    )
    integers, some, booleans, dates = map(int, found.row(0))
    kinds = {
        "integer": integers, "number": some - integers, "boolean": booleans, "date": dates,
        "text": len(filled) - some - booleans - dates,
    }  # fmt: skip
    return {kind: n for kind, n in kinds.items() if n}


def _way(filled: pl.Series) -> list[str | None] | None:
    """How nearly all of these are written as dates: the layout's name, and what comes first of an open one."""
    counts: dict[str, int] = {}
    firsts: dict[str, set[str]] = {}
    for layout, own, parts in written(filled):
        counts[layout.name] = counts.get(layout.name, 0) + len(own)
        if layout.is_open:
            told = (("day-first", parts.first), ("month-first", parts.second))
            firsts.setdefault(layout.name, set()).update(order for order, number in told if (number > 12).any())
    name = max(counts, key=lambda n: counts[n])
    if 100 * counts[name] < DOMINANT * len(filled):
        return None
    first = firsts.get(name, set())
    return [name, next(iter(first)) if len(first) == 1 else None]


def _is_unique(filled: pl.Series, different: int) -> bool:
    """Whether they look like numbers of records: integers that hardly ever occur twice."""
    return different >= 0.95 * len(filled) and bool(filled.str.contains(r"\A[0-9]+\z").all())


def _hashed(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def profiles(
    frame: pl.DataFrame, missing_values: Sequence[str], closed: Mapping[str, bool], left_out: Sequence[str]
) -> dict[str, Profile]:
    """The profiles of a sample's fields, by canonical path.

    :param closed: fields whose values mustn't be quoted.
    """
    out: dict[str, Profile] = {}
    for name in sorted(frame.columns):
        if name.endswith(KIND_SUFFIX) or name in left_out or len(out) >= MOST_FIELDS:
            continue
        kind = name + KIND_SUFFIX
        kinds = frame[kind] if kind in frame.columns else None
        out[name] = profile(frame[name], kinds, missing_values, open_=not closed.get(name, False))
    return out
