"""Runs whose worker is gone are given up: it has ended, or doesn't renew its lease, whatever happens to the clocks."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from potable.engine.running import owner

if TYPE_CHECKING:
    from potable.engine.running.resources import Resources
    from potable.engine.running.supervision import Pace
    from potable.engine.runs import Run
    from potable.engine.store.store import Lease

log = logging.getLogger(__name__)

_LOOK = 1.0
"""How often a lease is looked at that is waited for, in seconds."""


class Sweeping:
    """Sweeps a store, as often as somebody asks for it; from any thread."""

    def __init__(self, resources: Resources, pace: Pace) -> None:
        self._resources, self._lease = resources, pace.lease
        self._lock = threading.Lock()
        self._leaps, self._watch = Leaps(pace.heartbeat), Watch(pace.lease)
        self._leases_hold = 0.0  # until when what leases say doesn't count
        self._due = math.inf  # when the next sweep is late

    def sweep(self, again: float = math.inf) -> list[Run]:
        """Give up the runs whose worker is gone; returns them as they are now.

        When the time of day has leapt, this process stood still, or the store didn't answer, leases seem to have
        ended: their holders get the time to renew them. A lease that isn't renewed for as long as one lasts has ended,
        whatever it says: it may have been made while the time of day was wrong.

        :param again: seconds from now at which the next sweep is meant to be; infinite: that isn't known.
        """
        store, now = self._resources.store, time.monotonic()
        with self._lock:
            if self._leaps.one() or now > self._due:
                self._leases_hold = now + self._lease
        leases, hold = store.leases(), now < self._leases_hold
        dead = [name for name in {lease.owner for lease in leases} if owner.is_gone(name)]
        still = () if hold else self._watch.still(leases)
        # A store that can only be read just now has nothing to be swept where nothing is under way.
        lost = store.sweep(dead, still=still, leases=not hold) if leases else []
        if again < math.inf:
            self._due = now + again + self._lease
        return lost

    def outlast(self, resource_id: str) -> bool:
        """Give the source's run up if its lease lasts longer than one can, and isn't renewed for as long as one lasts;
        whether it was. Waits for that.

        The time of day was wrong where it was made, or is wrong here. Without a worker nobody else would notice.
        """
        store, longest = self._resources.store, self._lease
        lease = store.ahead(resource_id, 2 * longest)
        if lease is None or owner.is_here(lease.owner):
            return False
        log.warning(
            "%s has an ongoing run of another machine, and one of the two has the wrong time: waiting %.0f s to see "
            "whether it's still at work", resource_id, longest,
        )  # fmt: skip
        until = time.monotonic() + 1.2 * longest + _LOOK
        while time.monotonic() < until:
            if any(run.resource_id == resource_id for run in self.sweep()):
                return True
            if lease not in store.leases():  # it was renewed, or has ended
                return False
            time.sleep(min(_LOOK, longest / 10))
        return False


class Leaps:
    """Notices when the time of day was set, or stood while the machine slept.

    :param most: seconds that count as none.
    :param apart: seconds by which the time of day is ahead of a clock that nobody sets.
    """

    def __init__(self, most: float, apart: Callable[[], float] = lambda: time.time() - time.monotonic()) -> None:
        self._most, self._apart, self._before = most, apart, apart()

    def one(self) -> bool:
        """Whether there was one since it was last asked."""
        before, self._before = self._before, self._apart()
        return abs(self._before - before) > self._most


class Watch:
    """Sees which leases aren't renewed, by this process's own clock: those of others may be wrong.

    :param seconds: how long a lease lasts.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._since: dict[Lease, float] = {}

    def still(self, leases: Iterable[Lease]) -> list[Lease]:
        """Those that have been the same for longer than one lasts, of all that there are."""
        now = self._clock()
        self._since = {lease: self._since.get(lease, now) for lease in leases}
        return [lease for lease, since in self._since.items() if now - since > self._seconds]
