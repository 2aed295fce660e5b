"""What a run leaves behind for later ones: the engine passes it in, checkers never touch the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LONGEST = 400
"""How many accepted runs a history from the run store goes back at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The figures of one run that later runs are compared with.

    :param run_id: the run; "" for the one under way.
    :param ended: ISO 8601 in UTC; "" for the one under way.
    :param records: records read.
    :param errors: sum of the error findings' counts.
    :param records_with_errors: records with at least one error.
    :param columns: canonical paths of the columns, empty for a format without; like ``metrics`` also empty for a run
        further back than the last few, unless it's the baseline.
    :param counts: finding counts by code.
    :param metrics: the report's metrics.
    :param snapshot: SHA-256 of the snapshot.
    :param replayed: it was made on a kept snapshot: it tells nothing new of the source.
    :param shape: digest of the data-shaping part of the definition (method, URL, paging, filters, key).
    :param accepted: it may serve as a baseline.
    :param sample: only a sample was read.
    """

    run_id: str = ""
    ended: str = ""
    records: int
    errors: int = 0
    records_with_errors: int = 0
    columns: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    snapshot: str | None = None
    replayed: bool = False
    shape: str = ""
    accepted: bool = False
    sample: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Earlier runs of a source, the newest first.

    :param runs: their summaries: the last few that finished, and up to :data:`LONGEST` that were accepted. The last
        accepted one of the definition's shape is always among them.
    :param reason: why there's no baseline, when there's none: ``first run``, ``definition changed``.
    """

    runs: tuple[Summary, ...] = ()
    reason: str = "first run"

    def baseline(self, shape: str) -> Summary | None:
        """The last accepted run of the whole source under a definition of the same shape."""
        return next((r for r in self.runs if r.accepted and not r.sample and r.shape == shape), None)
