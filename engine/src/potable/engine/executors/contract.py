"""What all executors agree on: a job goes in, progress comes out, and one outcome."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Any, Protocol

from potable.engine import errors

Emit = Callable[[Mapping[str, Any]], None]
"""Tells the supervisor how far the job is: the members of a :class:`~potable.engine.contracts.events.Progress`."""

Work = Callable[[Mapping[str, Any], Emit], Mapping[str, Any]]
"""Does a job and returns the report's JSON object. What it raises becomes a :attr:`Ending.FAULT`."""


def resolve(work: str) -> Work:
    """The function that ``module:name`` names."""
    module, _, name = work.partition(":")
    found: Work = getattr(import_module(module), name)
    return found


class Ending(StrEnum):
    """How a job ended."""

    DONE = "done"
    """With a report."""
    FAULT = "fault"
    """The work raised an error."""
    CRASHED = "crashed"
    """The work's process ended by itself without a report."""
    LOST = "lost"
    """The work's process was killed from outside; to try again may help."""
    TIMED_OUT = "timed-out"
    """It was stopped at its deadline."""
    STOPPED = "stopped"
    """It was stopped on request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a job.

    :param report: the report's JSON object; None unless ``done``.
    :param message: what happened, a sentence for people; "" when ``done``.
    :param at_work: the checkers that were at work at the end, where the process didn't end in good order.
    :param reason: how they ended the process, for their lines of the coverage; "" where somebody else did.
    """

    ending: Ending
    report: Mapping[str, Any] | None = None
    message: str = ""
    at_work: tuple[str, ...] = ()
    reason: str = ""

    @property
    def culprits(self) -> tuple[str, ...]:
        """The checkers one of which ended the process."""
        return self.at_work if self.reason else ()


class Executor(Protocol):
    """Does jobs; its methods may be called from several threads at once."""

    def execute(self, job: Mapping[str, Any], *, seconds: float, progress: Emit, stop: Callable[[], bool]) -> Outcome:
        """Do a job and wait for it.

        :param job: what the work is given.
        :param seconds: deadline, from now.
        :param progress: called in this thread; what it raises stops the job and passes through.
        :param stop: asked about twice a second whether to stop, in this thread or (inline) in a helper; it does the
            caller's regular duties as well.
        """

    def close(self) -> None:
        """Free what it holds. Idempotent."""


def too_long(seconds: float, at_work: Sequence[str] = ()) -> str:
    """The message of a job that was stopped at its deadline."""
    return f"no end after {seconds:g} seconds: it was stopped{meanwhile(at_work)}"


def meanwhile(at_work: Sequence[str]) -> str:
    """The end of a sentence: while which checkers were at work."""
    if not at_work:
        return ""
    one = len(at_work) == 1
    return f" while the checker{'' if one else 's'} {', '.join(at_work)} {'was' if one else 'were'} at work"


def told(error: BaseException) -> str:
    """An unforeseen error in one line: what, and where it was raised."""
    place, trace = "", error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is not None:
        code = trace.tb_frame.f_code
        place = f" (in {code.co_name}, {os.path.basename(code.co_filename)}:{trace.tb_lineno})"  # noqa: PTH119
    return f"{errors.told(error)}{place}"
