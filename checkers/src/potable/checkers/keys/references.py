"""The first pass of foreign keys: the keys of both sides, gathered and compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from potable.checkers.keys.absent import Absent, AbsentFold, keys_at, names_of, referring
from potable.checkers.keys.codes import FOREIGN_MISSING, FOREIGN_UNREAD
from potable.checkers.keys.distinct import Distinct
from potable.checkers.keys.foreign import ForeignKey
from potable.checkers.names.likely import Columns, did_you_mean, likely_columns
from potable.engine.checker import Fold, Late, Outcome
from potable.engine.contracts.reading import Chunk
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Fault, Occurrence

Read = Callable[[Fold["Sides"]], "Sides"]
"""Reads the source that a key refers to."""


@dataclass(slots=True)
class Sides:
    """The keys of both sides.

    :param here: those that refer; :param there: those that are referred to.
    :param lacking: columns referred to that a file hasn't got, each with which one may be meant, a question or "".
    """

    here: Distinct
    there: Distinct
    lacking: dict[str, str] = field(default_factory=dict)


class _Keys(Fold[Sides]):
    """Gathers keys."""

    def __init__(self, names: tuple[str, ...], scratch: Path, budget: int) -> None:
        self._names, self._scratch, self._budget = names, scratch, budget

    def start(self) -> Sides:
        here, there = (Distinct(self._names, self._scratch, self._budget) for _ in range(2))
        return Sides(here, there)

    def merge(self, left: Sides, right: Sides) -> Sides:
        left.here.extend(right.here)
        left.there.extend(right.there)
        left.lacking |= right.lacking
        return left


class TargetFold(_Keys):
    """Gathers the keys that are referred to."""

    def __init__(self, key: ForeignKey, scratch: Path, budget: int) -> None:
        super().__init__(names_of(key), scratch, budget)
        self.name = f"keys for {key.rule}"
        self.fields = key.targets
        self._key = key

    def update(self, state: Sides, chunk: Chunk) -> Sides:
        if chunk.columns is not None:
            _note_lacking(state, self._key, chunk.columns)
        state.there.add(keys_at(chunk, self._key.targets).drop("row").drop_nulls())
        return state

    def finish(self, state: Sides) -> Outcome:
        return Outcome()


class ForeignFold(_Keys):
    """Gathers the keys that refer, and finds those that refer to nothing.

    :param read: see :data:`Read`; not called for a key that refers to the source itself.
    :param source: whose primary key and key delimiter the samples show.
    :param samples: most samples of a finding.
    """

    codes = (FOREIGN_MISSING.id, FOREIGN_UNREAD.id)

    def __init__(
        self, key: ForeignKey, read: Read, *, source: SourceDefinition, scratch: Path, budget: int, samples: int
    ) -> None:
        super().__init__(names_of(key), scratch, budget)
        self.name = f"foreign key {key.rule}"
        self.fields = tuple(dict.fromkeys((*key.paths, *(key.targets if key.own else ()))))
        self._key, self._read, self._source, self._samples = key, read, source, samples

    def update(self, state: Sides, chunk: Chunk) -> Sides:
        key = self._key
        if chunk.columns is not None:
            if key.own:
                _note_lacking(state, key, chunk.columns)
            if not set(key.paths) <= set(chunk.columns):
                return state
        state.here.add(referring(chunk, key).drop("row"))
        if key.own:
            state.there.add(keys_at(chunk, key.targets).drop("row").drop_nulls())
        return state

    def finish(self, state: Sides) -> Outcome:
        if not state.here or state.lacking:  # of a column that isn't there the check of the header tells
            return Outcome()
        if not self._key.own:
            try:
                found = self._read(TargetFold(self._key, self._scratch, self._budget))
            except LookupError as e:
                return self._unread(str(e))
            except Fault as e:
                return self._unread(f"{e.occurrence.message} ({e.occurrence.code})", e.occurrence.hint)
            if found.lacking:
                return self._unread(f"it has no column {', '.join(map(''.join, sorted(found.lacking.items())))}")
            state.there = found.there
        absent = Absent.of(state.here, state.there)
        if not len(absent.hashes):
            return Outcome()
        late = AbsentFold(self._key, absent, source=self._source, samples=self._samples)
        return Outcome(late=Late(folds=[late]))

    def _unread(self, why: str, hint: str | None = None) -> Outcome:
        what = self._key.file or (self._key.resource[0] if self._key.resource else "")
        message = f"{what}, which a foreign key refers to, can't be looked at: {why}"
        paths, rule = self._key.paths, self._key.rule
        return Outcome(findings=[Occurrence(FOREIGN_UNREAD.id, message, paths[0], fields=paths, rule=rule, hint=hint)])


def _note_lacking(state: Sides, key: ForeignKey, columns: Columns) -> None:
    for path in key.targets:
        if path not in columns and path not in state.lacking:
            state.lacking[path] = did_you_mean(likely_columns(path, columns))
