"""Runs what was queued: claims runs from the store and supervises their processes, several at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from potable.engine.service import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a worker does what, in seconds.

    :param lease: a run whose worker hasn't been heard of for so long is given up.
    :param heartbeat: how often a worker renews its leases; well below ``lease``.
    :param sweep: how often it looks for runs that were given up, plus up to a fifth at random.
    :param poll: how often it looks for queued runs that another process queued.
    :param cancel: how often a supervisor looks whether its run was cancelled by another process.
    """

    lease: float = 30.0
    heartbeat: float = 10.0
    sweep: float = 10.0
    poll: float = 1.0
    cancel: float = 2.0


class Worker:
    """Claims queued runs and runs each in a child process, at most ``children`` at once, in threads of its own.

    :param service: whose store and executor it uses; its executor should be ``forkserver``.
    :param children: most runs at once.
    :param pace: see :class:`Pace`.
    """

    def __init__(self, service: Service, *, children: int = 2, pace: Pace = Pace()) -> None:
        raise NotImplementedError

    def start(self) -> None:
        """Begin to claim, in background threads; returns at once."""
        raise NotImplementedError

    def wake(self) -> None:
        """Look for queued runs at once. :meth:`Service.start` of the same service does so by itself."""
        raise NotImplementedError

    @property
    def running(self) -> tuple[str, ...]:
        """The run_ids under way."""
        raise NotImplementedError

    def stop(self, grace: float = 30.0) -> None:
        """Stop claiming, wait up to ``grace`` seconds for the runs under way, give the rest back to the queue.

        Blocks; an asyncio server calls it in a thread.
        """
        raise NotImplementedError
