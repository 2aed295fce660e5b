"""Progress of a run, as it happens, and who is at work."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Literal

AtWork = Callable[[str], AbstractContextManager[object]]
"""Notes that the checker of that name is at work, for as long as the context lasts; from any thread."""


def unnoted(checker: str) -> AbstractContextManager[object]:
    """Nobody wants to know."""
    return nullcontext()


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
