"""Reports as the store keeps them: whole, compressed; and in figures, for later runs."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

from potable.engine.contracts.history import Summary
from potable.engine.jsontext import dumps
from potable.engine.runs import iso
from potable.engine.store.intact import intact

_LIGHT = ("records", "errors", "records_with_errors", "counts", "snapshot", "replayed", "shape")
_HEAVY = ("columns", "metrics")


def pack(report: Mapping[str, Any]) -> bytes:
    """A report's JSON object as stored."""
    return zlib.compress(dumps(report).encode("ascii"), 6)


def unpack(body: bytes) -> dict[str, Any]:
    """The JSON object of a stored report."""
    loaded: dict[str, Any] = json.loads(zlib.decompress(body))
    return loaded


def figures(summary: Summary) -> dict[str, Any]:
    """What later runs compare with, by column: what any of them may ask for, what only the nearest do, and what runs
    are looked up by. Whether it's accepted stands beside it and may change.
    """
    return {
        "summary": dumps({name: getattr(summary, name) for name in _LIGHT}),
        "metrics": dumps({name: getattr(summary, name) for name in _HEAVY}),
        "shape": summary.shape,
        "snapshot": summary.snapshot,
    }


def codes(summary: str | None) -> dict[str, int] | None:
    """How often a stored run found each code; None where no figures are stored."""
    if summary is None:
        return None
    counts: dict[str, int] = json.loads(summary)["counts"]
    return counts


def summary(row: Mapping[str, Any]) -> Summary:
    """The summary of a stored run from its :func:`figures`; a light one where the row has no ``metrics``."""
    with intact(f"the summary of run {row['run_id']}"):
        return _decoded(row)


def _decoded(row: Mapping[str, Any]) -> Summary:
    data = json.loads(row["summary"])
    if "metrics" not in row:
        data |= {"columns": (), "metrics": {}}
    elif row["metrics"] is not None:  # version 1 of the store had them in the summary
        data |= json.loads(row["metrics"])
    data["columns"] = tuple(data["columns"])
    accepted, sample = bool(row["accepted"]), bool(row["sample"])
    return Summary(run_id=row["run_id"], ended=iso(row["ended"]), accepted=accepted, sample=sample, **data)
