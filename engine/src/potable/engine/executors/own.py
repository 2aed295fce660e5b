"""The process that belongs to a run, as the run sees it."""

from __future__ import annotations

import faulthandler
import os
from contextlib import AbstractContextManager
from typing import NoReturn

from potable.engine.executors import kernel
from potable.engine.executors.board import Board
from potable.engine.executors.choice import other_threads


class OwnProcess:
    """A process that does nothing but one run, and is watched; see :class:`~potable.engine.contracts.host.Host`."""

    def __init__(self, board: Board) -> None:
        self._board, self._parent = board, os.getpid()

    @property
    def may_fork(self) -> bool:
        """As long as nothing, Polars above all, has started a thread: it would be missing in the copy."""
        names = other_threads()
        return names is not None and set(names) <= {"jemalloc_bg_thd"}  # these see to it that they can be copied

    def at_work(self, checker: str) -> AbstractContextManager[object]:
        """Note it on the board."""
        return self._board.at_work(checker)

    def copied(self, number: int) -> None:
        """Die with the process that this is a copy of, and keep to a part of the board."""
        kernel.die_with_parent(self._parent)
        self._board.keep_to(number)

    def end_like(self, status: int) -> NoReturn:
        """Die of the same."""
        if status < 0:
            faulthandler.disable()  # the copy has told where it struck
            os.kill(os.getpid(), -status)
        os._exit(status)
