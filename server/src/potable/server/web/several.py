"""Runs of several sources: started and stopped together, each as if it were alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from potable.engine.errors import DefinitionError, RunOngoing, SourceOnHold, UnknownRun, UnknownSource, UsageError
from potable.server.web.listing import idle_now

if TYPE_CHECKING:
    from potable.engine.running.sources import SourceRow
    from potable.engine.runs import Run
    from potable.engine.service import Service

Call = Callable[[Callable[[], "Run"]], Awaitable["Run"]]
"""Makes a call of the service in a thread."""


async def start_all(call: Call, service: Service, rows: Sequence[SourceRow], user_id: int) -> tuple[int, str]:
    """Start a run of each source that may be run now.

    Returns how many were started, and why the first one that was refused wasn't ("" where none was). One that somebody
    else has started meanwhile isn't counted as refused.
    """
    started, refused = 0, ""
    for resource_id, source in [(row.resource_id, row.source) for row in rows if idle_now(row)]:
        try:
            await call(partial(service.start, resource_id, user_id, source=source))
        except RunOngoing:
            continue
        except (SourceOnHold, DefinitionError, UnknownSource, UsageError) as e:
            refused = refused or f"{resource_id}: {e}"
        else:
            started += 1
    return started, refused


async def cancel_all(call: Call, service: Service, rows: Sequence[SourceRow]) -> int:
    """Stop the ongoing runs of sources; returns how many there were."""
    stopped = 0
    for run_id in [row.run.run_id for row in rows if row.run is not None and row.run.ongoing]:
        try:
            await call(partial(service.cancel, run_id))
        except UnknownRun:
            continue
        stopped += 1
    return stopped
