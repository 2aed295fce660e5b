"""Progress of a run, as it happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Stage = Literal["definition", "fetch", "scan", "late", "finish"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run is.

    :param resource_id: the source.
    :param stage: what is being done.
    :param bytes: bytes done in this stage.
    :param total: bytes to do in this stage; None where unknown.
    :param records: records read so far.
    :param errors: error occurrences so far.
    """

    resource_id: str
    stage: Stage
    bytes: int = 0
    total: int | None = None
    records: int = 0
    errors: int = 0
