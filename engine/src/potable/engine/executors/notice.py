"""Tells plugins that a run has ended, each in a process of its own: none can hold up, break or end what carries runs
out, and a command's exit code is that of the verdict whatever a plugin does.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from potable.engine.contracts.report import Report
from potable.engine.executors.contract import Ending, Executor, Outcome
from potable.engine.settings import SECRET_VARIABLES

if TYPE_CHECKING:
    from pathlib import Path

    from potable.engine.plugins import Plugins

_HOOK = "potable_run_finished"
_MOST_SAID = 1 << 16
"""So much of the end of what a plugin prints is passed on."""


def announce(
    executor: Executor,
    listeners: Sequence[str],
    report: Report,
    *,
    files: Sequence[Path],
    without: Sequence[str],
    unusable: Mapping[str, str],
    seconds: float,
    stop: Callable[[], bool],
) -> list[str]:
    """Tell each listener of a report, one after the other; returns what went wrong, a sentence for each.

    What a listener prints goes to this process's standard error stream.

    :param listeners: names of plugins; see :attr:`Plugins.listeners <potable.engine.plugins.Plugins.listeners>`.
    :param files, without, unusable: the plugins to load, where the executor doesn't have them; and those not to.
    :param seconds: deadline of each.
    :param stop: asked about twice a second whether to leave it.
    """
    # A run's process is kept from the credentials of store and catalog; a plugin that archives reports may need them.
    environment = {name: value for name, value in os.environ.items() if SECRET_VARIABLES.fullmatch(name)}
    job = {
        "finished": report.to_dict(), "environment": environment, "files": files, "without": without,
        "unusable": unusable,
    }  # fmt: skip
    faults: list[str] = []
    for name in listeners:
        outcome = executor.execute({**job, "listener": name}, seconds=seconds, progress=lambda _: None, stop=stop)
        heard = outcome.report or {}
        sys.stderr.write(heard.get("said", ""))
        faults += heard.get("faults", ())
        if (fault := _fault(outcome, seconds)) is not None:
            faults.append(f"plugin {name}: {_HOOK} {fault}")
    return faults


def _fault(outcome: Outcome, seconds: float) -> str | None:
    """What the process of a listener ended of; None: in good order."""
    match outcome.ending:
        case Ending.DONE:
            return None
        case Ending.TIMED_OUT:
            return f"hadn't ended after {seconds:g} seconds and was stopped"
        case Ending.STOPPED:
            return "was stopped, as its server was"
        case Ending.FAULT:
            return f"raised {outcome.message}"
        case _:
            return f"broke off: {outcome.reason or outcome.message}"


def hear(job: Mapping[str, Any], plugins: Plugins) -> dict[str, Any]:
    """The work of a listener's process: ``faults`` are sentences, ``said`` is what it printed.

    Threads that it started are waited for.
    """
    os.environ.update(job["environment"])
    report = Report.from_dict(job["finished"])
    before = set(threading.enumerate())
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        faults = plugins.finished(report.run, report, only=job["listener"])
        for thread in set(threading.enumerate()) - before:
            if not thread.daemon:
                thread.join()
    return {"faults": faults, "said": said.getvalue()[-_MOST_SAID:]}
