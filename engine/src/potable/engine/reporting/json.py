"""The report as the contract's JSON object (``report.schema.json``)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from potable.engine.contracts.catalog import Reporter
from potable.engine.contracts.report import Report
from potable.engine.reporting.inert import inert_json

_OPTIONS = orjson.OPT_INDENT_2 | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


class JsonReporter(Reporter):
    """JSON (RFC 8259), indented; several reports become an array.

    Characters that a terminal could obey are written as escapes, and figures that aren't finite as null.
    """

    name = "json"
    media_type = "application/json"
    suffix = ".json"

    def render(self, report: Report) -> str:
        """One object."""
        return dump(report.to_dict())

    def render_all(self, reports: Sequence[Report]) -> str:
        """An array of objects, also of one or none."""
        return dump([report.to_dict() for report in reports])


def dump(data: Any) -> str:
    """JSON text of plain data: indented, in UTF-8's characters, inert on a terminal, with a line break at its end."""
    try:
        text = orjson.dumps(data, default=_plain, option=_OPTIONS).decode()
    except TypeError:  # lone surrogates, integers of more than 64 bits, names that are no text, very deep values
        text = _dumped(data)
    return inert_json(text) + "\n"


def _dumped(data: Any) -> str:
    """The same text by Python's own encoder, which takes all that Python has, and twenty times as long."""
    try:
        return json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False, default=str)
    except ValueError:
        return json.dumps(_finite(data), ensure_ascii=False, indent=2, allow_nan=False, default=str)


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, float) else str(value)  # NumPy's are of a class of their own


def _finite(data: Any) -> Any:
    """The same data with null for NaN and the infinities, which JSON doesn't have."""
    if isinstance(data, Mapping):
        return {key: _finite(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_finite(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data
