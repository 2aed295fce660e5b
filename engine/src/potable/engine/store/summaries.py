"""Reports as the store keeps them: whole, compressed; and in figures, for later runs."""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Mapping
from typing import Any

from potable.engine.contracts.history import Summary

_FIGURES = ("records", "errors", "records_with_errors", "columns", "counts", "metrics", "snapshot", "shape")


def dumps(value: Any) -> str:
    """JSON in ASCII: any text survives it, a lone surrogate or a NUL too. What JSON lacks becomes null or text."""
    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False, default=_plain)
    except ValueError:
        return json.dumps(_finite(value), separators=(",", ":"), default=_plain)


def pack(report: Mapping[str, Any]) -> bytes:
    """A report's JSON object as stored."""
    return zlib.compress(dumps(report).encode("ascii"), 6)


def unpack(body: bytes) -> dict[str, Any]:
    """The JSON object of a stored report."""
    loaded: dict[str, Any] = json.loads(zlib.decompress(body))
    return loaded


def figures(summary: Summary) -> str:
    """What later runs compare with, as stored; whether it's accepted stands beside it and may change."""
    return dumps({name: getattr(summary, name) for name in _FIGURES})


def summary(text: str, *, run_id: str, ended: str, accepted: bool, sample: bool) -> Summary:
    """The summary of a stored run from its :func:`figures`."""
    data = json.loads(text)
    data["columns"] = tuple(data["columns"])
    return Summary(run_id=run_id, ended=ended, accepted=accepted, sample=sample, **data)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    if hasattr(value, "item"):  # a NumPy scalar
        return value.item()
    return str(value)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(k): _finite(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(v) for v in value]
    return value
