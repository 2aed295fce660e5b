"""Figures of checkers and readers for the report: only as many as Limits.metrics_bytes lets in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from potable.engine.findings import clip
from potable.engine.handed import a_kind, place_of
from potable.engine.jsontext import dumps, plain


def measured(metrics: object, of: str, function: object) -> dict[str, Any]:
    """Metrics as JSON has them. Raises TypeError for what a report can't hold.

    :param of: what gave them, for the message; ``function``: the same, for its place.
    """
    if not isinstance(metrics, Mapping):
        raise TypeError(f"{of} gave {a_kind(metrics)}: give a mapping from names to figures{place_of(function)}")
    try:
        return {_name(name): plain(value, f"the metric {name}") for name, value in metrics.items()}
    except TypeError as e:
        raise TypeError(f"{e}{place_of(function)}") from None


def _name(given: object) -> str:
    if not isinstance(given, str):
        raise TypeError(f"a metric is called {given!r}: write a text")
    return given


def let_in(metrics: Mapping[str, Any], more: Mapping[str, Any], most: int) -> tuple[dict[str, Any], list[str]]:
    """Those of ``more`` for which there's room beside ``metrics``, and of each other a clause that says so.

    :param most: bytes of JSON that all of them may have.
    """
    room, kept, told = most - len(dumps(metrics)), dict[str, Any](), list[str]()
    for name, value in more.items():
        size = len(dumps({name: value}))
        if size <= room:
            kept[name] = value
            room -= size
        else:
            name = clip(name, 100) or ""
            told.append(f"the metric {name} has {size:,} bytes, for which Limits.metrics_bytes ({most:,}) has no room")
    return kept, told
