"""When and how often a failed request is tried again."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from potable.engine.fetching.deadline import Deadline
from potable.engine.fetching.faults import Failure

FIRST_PAUSE = 0.5
"""Seconds before the second attempt; each further pause is twice as long."""


class Attempts:
    """The attempts that one request has.

    :param most: how many in all.
    :param deadline: none starts when it has passed, and no pause goes beyond it.
    :param sleep: waits for so many seconds.
    """

    def __init__(self, most: int, deadline: Deadline, sleep: Callable[[float], None]) -> None:
        self._most, self._deadline, self._sleep = max(1, most), deadline, sleep
        self.made = 0

    def failed(self, failure: Failure) -> None:
        """Count a failed attempt, and pause; raises the failure's fault when there's no use in another."""
        self.made += 1
        if not failure.transient or self.made >= self._most:
            raise failure.fault()
        pause = FIRST_PAUSE * 2 ** (self.made - 1)
        if failure.wait is not None:
            pause = max(pause, failure.wait)
        if pause >= self._deadline.left():
            raise failure.fault()
        self._sleep(pause)


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds that a ``Retry-After`` header asks to wait: a number or a date (RFC 9110 §10.2.3); None for neither."""
    if value is None:
        return None
    value = value.strip()
    if re.fullmatch(r"[0-9]{1,10}", value):
        return float(value)
    at = http_date(value)
    if at is None:
        return None
    return max(0.0, math.ceil((at - (now or datetime.now(UTC))).total_seconds()))


def http_date(value: str | None) -> datetime | None:
    """The moment that a header names, in UTC where it says no zone; None for what is no date, however odd it is."""
    try:
        at = parsedate_to_datetime(value or "")
    except (ValueError, TypeError, OverflowError):
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
