"""A connection to PostgreSQL that is made in steps: between them it's seen whether the run was told to stop, which
``psycopg.connect`` doesn't look for.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.pq import ConnStatus, PGconn, PollingStatus

from potable.engine.fetching.deadline import LOOK_SECONDS
from potable.engine.fetching.network.sockets import OutOfTime

_WAITS = {PollingStatus.READING: select.POLLIN, PollingStatus.WRITING: select.POLLOUT}


def connect(seconds: float, left: Callable[[], float], **parameters: Any) -> psycopg.Connection[Any]:
    """A connection by libpq's own way not to block (``PQconnectStart``, ``PQconnectPoll``).

    :param seconds: how long it may take.
    :param left: seconds that the fetch may still take; 0 once the run is told to stop.
    :param parameters: libpq's; ``hostaddr`` must be one of them, since a name would be looked up in one step.
    :raises psycopg.OperationalError: there's none; the message is libpq's.
    :raises OutOfTime: the fetch may take no longer.
    """
    until = time.monotonic() + seconds
    made = PGconn.connect_start(make_conninfo("", **parameters).encode())
    try:
        status = PollingStatus.WRITING  # so libpq's manual has it of the beginning
        while status is not PollingStatus.OK:
            if made.status == ConnStatus.BAD or status not in _WAITS:
                raise psycopg.OperationalError(f"connection failed: {made.get_error_message('utf-8')}")
            _wait(made.socket, _WAITS[status], until, left)
            status = PollingStatus(made.connect_poll())
    except BaseException:
        made.finish()
        raise
    made.nonblocking = 1
    return psycopg.Connection(made)


def _wait(descriptor: int, event: int, until: float, left: Callable[[], float]) -> None:
    """Wait for the event of a socket that libpq may change from step to step."""
    poll = select.poll()
    poll.register(descriptor, event)
    while True:
        if left() <= 0:
            raise OutOfTime
        longest = until - time.monotonic()
        if longest <= 0:
            raise psycopg.errors.ConnectionTimeout("connection timeout expired")
        if poll.poll(1000 * min(longest, LOOK_SECONDS, left())):
            return
