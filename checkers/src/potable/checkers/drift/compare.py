"""Two profiles of a field, beside each other."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from potable.checkers.drift.names import NESTED

DOMINANT = 90
"""In percent: a kind that so many values have is the field's type."""
FEWEST = 50
"""Fewer values say nothing of a distribution."""
MIXED, NUMBER, INTEGER = "mixed", "number", "integer"


def types(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, str] | None:
    """The field's types, where they differ: the kind that nine of ten values had, and have, or ``mixed``.

    None too where fewer than a tenth of the values have changed their kind: a share just about nine tenths tips over
    easily.
    """
    old, new = (_shares(p) for p in (before, now))
    if not old or not new:
        return None
    was, is_ = _dominant(old), _dominant(new)
    own = (NUMBER, INTEGER) if was == NUMBER and is_ != INTEGER else (was,)
    if was in (MIXED, is_) or sum(old.get(k, 0.0) - new.get(k, 0.0) for k in own) <= 1 - DOMINANT / 100:
        return None
    return was, is_


def ways(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, str] | None:
    """How the field's dates were written, and are, where that differs; what may be either isn't different."""
    old, new = before.get("dates"), now.get("dates")
    if not old or not new:
        return None
    if old[0] != new[0]:
        return old[0], new[0]
    if old[1] and new[1] and old[1] != new[1]:
        return f"{old[0]}, {old[1]}", f"{new[0]}, {new[1]}"
    return None


def _shares(profile: Mapping[str, Any]) -> dict[str, float]:
    kinds: Mapping[str, int] = profile.get("kinds") or {}
    total = sum(kinds.values())
    return {kind: n / total for kind, n in kinds.items()} if total else {}


def _dominant(shares: Mapping[str, float]) -> str:
    kind = max(shares, key=lambda k: (shares[k], k))
    if 100 * shares[kind] >= DOMINANT:
        return kind
    # some numbers of any column happen to be whole
    numbers = shares.get(NUMBER, 0.0) and shares[NUMBER] + shares.get(INTEGER, 0.0)
    return NUMBER if 100 * numbers >= DOMINANT else MIXED


def null_shares(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[float, float, float]:
    """(share before, share now, what of the difference may be chance where they are of samples), 0 to 1."""
    n, m = before.get("n") or 0, now.get("n") or 0
    if not n or not m:
        return 0.0, 0.0, 0.0
    p, q = before["missing"] / n, now["missing"] / m
    both = (before["missing"] + now["missing"]) / (n + m)
    return p, q, 3 * math.sqrt(both * (1 - both) * (1 / n + 1 / m))


def moved(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[float, float] | None:
    """(share of the values that have moved, what of it may be chance), 0 to 1; None where they can't be compared.

    For categories the total variation distance, for numbers the greatest difference of the cumulative shares
    (Kolmogorov and Smirnov's), as far as the deciles tell.
    """
    n, m = (sum(n for kind, n in (p.get("kinds") or {}).items() if kind not in NESTED) for p in (before, now))
    if n < FEWEST or m < FEWEST:
        return None
    chance = 1.95 * math.sqrt((n + m) / (n * m))
    if before.get("groups") and now.get("groups"):
        old, new = before["groups"], now["groups"]
        return sum(abs(old.get(g, 0) / n - new.get(g, 0) / m) for g in {*old, *new}) / 2, chance
    if before.get("scale") and now.get("scale"):
        return _greatest_gap(before["scale"], now["scale"]), chance
    return None


def _greatest_gap(old: Sequence[float], new: Sequence[float]) -> float:
    points = np.unique([*old, *new])
    return float(np.abs(_cumulative(old, points) - _cumulative(new, points)).max())


def _cumulative(deciles: Sequence[float], points: np.ndarray[Any, np.dtype[np.float64]]) -> Any:
    """The share of values up to each point, straight lines between the deciles."""
    values, first = np.unique(np.asarray(deciles, dtype=np.float64), return_index=True)
    # of equal deciles the last one counts
    last = np.append(first[1:], len(deciles)) - 1
    return np.interp(points, values, last / (len(deciles) - 1), left=0.0, right=1.0)
