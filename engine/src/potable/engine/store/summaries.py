"""Reports as the store keeps them: whole, compressed; and in figures, for later runs."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

from potable.engine.contracts.history import Summary
from potable.engine.jsontext import dumps

_FIGURES = ("records", "errors", "records_with_errors", "columns", "counts", "metrics", "snapshot", "replayed", "shape")


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
