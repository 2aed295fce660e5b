"""The executor of a name."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from potable.engine.executors.choice import ExecutorName
from potable.engine.executors.contract import Executor, resolve
from potable.engine.executors.inline import InlineExecutor

if TYPE_CHECKING:
    from potable.engine.plugins import Plugins


WORK = "potable.engine.executors.work:run_job"
"""What a run's process does."""


def make(name: ExecutorName, work: str, plugins: Plugins, *, memory: int | None = None) -> Executor:
    """An executor.

    :param work: what does the jobs, ``module:function``; it takes loaded ``plugins``.
    :param plugins: what a fork and this process itself are given; a fork server loads the job's own.
    :param memory: most bytes of address space of a job's process; None: no limit.
    """
    if name == "inline":
        return InlineExecutor(partial(resolve(work), plugins=plugins))  # type: ignore[call-arg]
    from potable.engine.executors.process import ProcessExecutor  # heavy, and needs a system that can fork

    return ProcessExecutor(work, start=name, given={"plugins": plugins} if name == "fork" else {}, memory=memory)
