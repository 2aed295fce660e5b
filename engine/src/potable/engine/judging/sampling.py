"""Reading only a part of a source on purpose: what a definition or the operator asked for."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Any

from potable.engine.definition.model import SourceDefinition
from potable.engine.errors import UsageError


@dataclass(frozen=True, slots=True)
class Sampling:
    """The first ``size`` records are read; ``mode`` says who asked (``limit-records``, ``maxDocs``, ``sampleMode``)."""

    mode: str
    size: int

    def to_dict(self) -> dict[str, Any]:
        """As the report's ``source.sample``."""
        return {"mode": self.mode, "size": self.size}

    def __str__(self) -> str:
        return f"a sample: the first {self.size:,} by {self.mode}"


def check_size(limit_records: int | None) -> int | None:
    """None or a whole number from 1, also one of NumPy's, as Python's own.

    :raises UsageError: it's anything else.
    """
    size = limit_records
    if size is None:
        return None
    try:
        number = -1 if isinstance(size, bool) else operator.index(size)
    except TypeError:
        number = -1
    if number < 1:
        raise UsageError(f"the number of records to read must be a whole number of at least 1, not {size!r}")
    return number


def sampling(source: SourceDefinition, limit_records: int | None) -> Sampling | None:
    """The smallest of the bounds that stand, None for the whole source.

    :param limit_records: the operator's bound, at least 1.
    """
    parameters = source.parameters
    bounds = []
    if limit_records is not None:
        bounds.append(Sampling("limit-records", limit_records))
    if isinstance(parameters.get("maxDocs"), int) and parameters["maxDocs"] > 0:
        bounds.append(Sampling("maxDocs", parameters["maxDocs"]))
    if parameters.get("sampleMode") is True and isinstance(parameters.get("sampleSize"), int):
        bounds.append(Sampling("sampleMode", max(1, parameters["sampleSize"])))
    return min(bounds, key=lambda s: s.size, default=None)
