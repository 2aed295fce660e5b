"""The process that a run is in, as far as the run has to do with it."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from typing import NoReturn, Protocol


class Host(Protocol):
    """What a run's process lends the run.

    :ivar may_fork: whether the run may make copies of the process to work in: it has no other threads, and whoever
        watches it ends them with it.
    """

    may_fork: bool

    def at_work(self, checker: str) -> AbstractContextManager[object]:
        """Note that the checker of that name is at work, for as long as the context lasts; from any thread."""

    def copied(self, number: int) -> None:
        """Called first in each copy of the process; ``number``: which, from 0."""

    def end_like(self, status: int) -> NoReturn:
        """End this process as a copy has ended.

        :param status: its exit code, or a signal's number, negative.
        """


class AnyProcess:
    """A process of which nothing is known: the caller's own."""

    may_fork = False

    def at_work(self, checker: str) -> AbstractContextManager[object]:
        """See :class:`Host`; nobody wants to know."""
        return nullcontext()

    def copied(self, number: int) -> None:
        """See :class:`Host`."""

    def end_like(self, status: int) -> NoReturn:
        """See :class:`Host`."""
        os._exit(status if status >= 0 else 128 - status)


ANY_PROCESS = AnyProcess()
