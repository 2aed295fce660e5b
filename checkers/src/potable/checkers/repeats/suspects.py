"""Records that may equal others: hashes of all, and a second pass over those whose hashes are equal."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import Any

from potable.checkers.repeats.hashes import Hashes, HashList, Suspects
from potable.engine.checker import Fold, Late, Outcome
from potable.engine.contracts.reading import Chunk

FINISHING = 4
"""Sorting the hashes at the end takes a few times the memory that they take themselves."""


class SuspectsFold(Fold[HashList]):
    """Finds records with equal hashes, and has them compared in a second pass over them alone.

    :param state_bytes: most bytes in memory.
    """

    def __init__(self, scratch: Path, state_bytes: int) -> None:
        self._scratch, self._budget = scratch, state_bytes // FINISHING

    @abstractmethod
    def hashes(self, chunk: Chunk) -> Hashes:
        """A hash of each record; equal ones have equal hashes."""

    @abstractmethod
    def confirm(self, suspects: Suspects) -> Fold[Any]:
        """What compares the suspects."""

    def start(self) -> HashList:
        return HashList(self._scratch, self._budget)

    def update(self, state: HashList, chunk: Chunk) -> HashList:
        state.add(chunk.numbers, self.hashes(chunk))
        return state

    def merge(self, left: HashList, right: HashList) -> HashList:
        left.extend(right)
        return left

    def finish(self, state: HashList) -> Outcome:
        suspects = state.suspects()
        if not len(suspects.records):
            return Outcome()
        return Outcome(late=Late(folds=[self.confirm(suspects)], records=suspects.records))
