"""A run whose process dies at a checker's work is made again without that checker: the others finish, and the report
says that it crashed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from potable.engine.executors.contract import Emit, Ending, Executor, Outcome, meanwhile, too_long

log = logging.getLogger(__name__)

RERUNS = 3
"""How often a run is made again at most."""


def execute(
    executor: Executor, job: Mapping[str, Any], *, seconds: float, progress: Emit, stop: Callable[[], bool]
) -> Outcome:
    """Do a run's job, if need be several times; the deadline is that of all times together.

    Where several checkers were at work at once, the next time one works after the other, so that the one that did it is
    known. What the process said before it died is lost with it: nothing that a broken process wrote is relied on.

    :param job: see :func:`potable.engine.executors.work.run_job`; ``options`` gets ``crashed`` and ``jobs``.
    """
    until = time.monotonic() + seconds
    options: dict[str, Any] = {}
    for left in range(RERUNS, -1, -1):
        given = {**job, "options": {**job["options"], **options}} if options else job
        outcome = executor.execute(given, seconds=until - time.monotonic(), progress=progress, stop=stop)
        if not outcome.culprits:
            break
        if not left:
            return replace(outcome, message=outcome.message + meanwhile(outcome.at_work))
        if time.monotonic() >= until:
            outcome = replace(outcome, ending=Ending.TIMED_OUT)
            break
        if len(outcome.culprits) > 1 and options.get("jobs") != 1:
            options["jobs"] = 1
            log.warning("%s: the run is made again, one checker at a time", outcome.message)
            continue
        options["crashed"] = {**options.get("crashed", {}), **dict.fromkeys(outcome.culprits, outcome.reason)}
        log.warning("%s: the run is made again without %s", outcome.message, ", ".join(options["crashed"]))
    if outcome.ending is Ending.TIMED_OUT:
        return replace(outcome, message=too_long(seconds, outcome.at_work))
    return outcome
