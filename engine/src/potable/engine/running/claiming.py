"""Which queued runs a worker takes: those of sources that its catalog has. Others wait for a worker that has them."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from potable.engine.errors import PotableError, UnknownSource

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.running.resources import Resources
    from potable.engine.running.supervision import Pace
    from potable.engine.runs import Run
    from potable.engine.store.queue import Waiting

log = logging.getLogger(__name__)

AGAIN = 60.0
"""Seconds after which the catalog is asked again for a source that it didn't have: that takes a while where it has
thousands.
"""


class Claiming:
    """Servers of several catalogs may share a store: each leaves the runs to the others that it can't carry out.

    :param resources: whose catalog and store are meant.
    """

    def __init__(self, resources: Resources, pace: Pace) -> None:
        self._resources, self._pace = resources, pace
        self._left: dict[str, float] = {}
        """Runs that were left to others, by run_id: when they're looked at again."""

    def claim(self, owner: str, seconds: float) -> tuple[Run, SourceDefinition | None] | None:
        """The oldest queued run of a source that the catalog has, now this owner's, with its definition; None in place
        of one that can't be used, which the run's end has to say. None where nothing waits for this worker.

        One that has waited for ``Pace.abandon`` seconds is taken all the same, so that it comes to an end.

        :param seconds: the run's deadline.
        """
        store, after, seen = self._resources.store, 0, set()
        while batch := store.queued(after):
            for run in batch:
                seen.add(run.run_id)
                if time.monotonic() < self._left.get(run.run_id, 0.0):
                    continue
                source = None
                try:
                    source = self._resources.definition(run.resource_id)
                except UnknownSource as e:
                    if run.waited < self._pace.abandon:
                        self._leave(run, e)
                        continue
                except PotableError:
                    pass  # it's raised again when the run is carried out, and recorded
                claimed = store.claim(owner, lease=self._pace.lease, seconds=seconds, run_id=run.run_id)
                if claimed is not None:  # else another worker was first
                    return claimed, source
            after = batch[-1].seq
        self._left = {run_id: at for run_id, at in self._left.items() if run_id in seen}
        return None

    def _leave(self, run: Waiting, unknown: UnknownSource) -> None:
        if run.run_id not in self._left:
            log.warning(
                "run %s is left queued for a server whose catalog has its source: %s; if there's none, end it: "
                "potable cancel %s", run.run_id, unknown, run.run_id,
            )  # fmt: skip
        self._left[run.run_id] = time.monotonic() + AGAIN
