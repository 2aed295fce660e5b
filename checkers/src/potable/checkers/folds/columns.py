"""Folds that learn what a column holds, and look closely only at those columns that may hold what they look for.

The first records of the source decide which columns those are; the others are dropped after that, in all chunks to
come. What was found is reported by rules in a second pass, which reads only the chunks that it's in.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Generic, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.checkers.declared.fields import asked_of
from potable.checkers.declared.formats import TABLE_FORMATS
from potable.checkers.declared.table_schema import TableSchema
from potable.checkers.folds.hits import Hits, Recorder
from potable.checkers.folds.spans import Spans, records_of
from potable.checkers.values.strings import Values, field_names, scalars, strings
from potable.engine.checker import EACH_FIELD, Fold, Late, Outcome, Rule
from potable.engine.contracts.reading import Chunk
from potable.engine.definition.model import SourceDefinition
from potable.engine.fields import Field
from potable.engine.findings import Tally

HEAD = 1_000
"""So many records decide what a column holds."""
HEAD_CELLS, LEAST_HEAD = 100_000, 50
"""In a very wide table fewer records do: as many as make so many cells that aren't absent."""
MANY = 2_000
"""Of so many fields of documents those that the first ones don't have aren't looked at: most are fields of few."""
SHARE = 80
"""In percent: a column is taken for one of dates, numbers or the like when so many of its values look like some."""

F = TypeVar("F")
K = TypeVar("K")


@dataclass(slots=True)
class Seen(Generic[F]):
    """What was seen of a column.

    :param last: the last record that has the field.
    :param head: how many of the source's first records.
    :param filled: values in them.
    :param votes: how many of these look like what is sought, by kind where there are several.
    :param found: the rest, from all records; None where nothing was worth noting.
    """

    last: int = 0
    head: int = 0
    filled: int = 0
    votes: Counter[str] = field(default_factory=Counter)
    found: F | None = None


class ColumnFold(Fold[dict[str, Seen[F]]], Generic[F]):
    """See the module.

    :param samples: most samples of a finding.
    :param chosen: fields that are looked at whatever their first records look like.
    :param left_out: fields that aren't looked at.
    :cvar numbers_too: in a format with types numbers are looked at besides texts.
    """

    numbers_too: ClassVar[bool] = False

    def __init__(
        self,
        name: str,
        codes: Sequence[str],
        source: SourceDefinition,
        samples: int,
        *,
        chosen: Collection[str] = (),
        left_out: Collection[str] = (),
    ) -> None:
        self.name, self.codes = name, codes
        self.fields = (EACH_FIELD, *asked_of(source, chosen))  # by its path a field may be found where all are, or not
        self._missing_values, self._also_missing = source.missing_values, TableSchema.also_missing(source)
        self.recorder = Recorder(source, samples)
        self._chosen, self._left_out = frozenset(chosen), frozenset(left_out)
        # Shared by the threads of a scan; it only saves work: `finish` decides for itself.
        self._dropped: set[str] = set()
        self._kept: set[str] = set()
        self._head_over = False  # whether a name that is neither is one of those that the first records don't have
        self._many = MANY if source.format not in TABLE_FORMATS else math.inf
        self.head_size = HEAD

    @abstractmethod
    def votes(self, name: str, texts: pl.Series) -> Mapping[str, int]:
        """How many of these values look like what is sought, by kind where there are several."""

    @abstractmethod
    def look(self, name: str, values: Values) -> F | None:
        """What there is to note of these values."""

    @abstractmethod
    def join(self, left: F, right: F) -> F:
        """What was noted of values and of those that follow."""

    @abstractmethod
    def judge(self, name: str, found: F) -> Iterator[Tally | tuple[Rule, Spans]]:
        """What is wrong in a column: tallies, or rules that find it in a second pass, each with where to look."""

    def examine(self, chunk: Chunk, name: str) -> F | None:
        """What there is to note of a field in a chunk."""
        values = self.values(chunk, name)
        return self.look(name, values) if len(values.texts) else None

    def keep(self, name: str, seen: Seen[F]) -> None:
        """Note what the first records, all of them, say of a column that is kept."""

    def values(self, chunk: Chunk, name: str) -> Values:
        """The values of a field that aren't missing."""
        of_field = scalars(chunk, name) if self.numbers_too else strings(chunk, name)
        return Values(chunk, of_field, self.missing_values(name))

    def missing_values(self, name: str) -> tuple[str, ...]:
        """The texts that count as missing in a field, by the definition or its schema."""
        return (*self._missing_values, *self._also_missing.get(name, ()))

    def hits(self, name: str, values: Values, found: Mapping[K, npt.NDArray[np.int64]]) -> dict[K, Hits]:
        """Hits of a field's values at these indices, ascending, by what they are."""
        wanted = {what: (values.rows(at), values.texts.gather(at)) for what, at in found.items() if len(at)}
        return self.recorder.hits(values.chunk, name, wanted) if wanted else {}

    def may_hold(self, seen: Seen[F]) -> bool:
        """Whether the column may hold what is sought, after its first records; one that is empty there may."""
        return 100 * max(seen.votes.values(), default=0) >= SHARE * seen.filled

    def is_chosen(self, name: str) -> bool:
        """Whether the definition names the field."""
        return name in self._chosen

    def start(self) -> dict[str, Seen[F]]:
        return {}

    def update(self, state: dict[str, Seen[F]], chunk: Chunk) -> dict[str, Seen[F]]:
        if not chunk.records:
            return state
        first, last = int(chunk.numbers[0]), int(chunk.numbers[-1])
        names = list(field_names(chunk))
        self.head_size = size = _head_size(chunk, names)
        for name in names:
            if name in self._dropped or name in self._left_out:
                continue
            seen = state.setdefault(name, Seen())
            seen.last = last
            if name not in self._chosen:
                if first <= size:
                    self._learn(name, seen, chunk, size)
                    if self._drops(name, seen, len(names)):
                        continue
                elif self._head_over and name not in self._kept:
                    continue
            found = self.examine(chunk, name)
            if found is not None:
                seen.found = found if seen.found is None else self.join(seen.found, found)
        if first == 1 and last >= size and len(names) > self._many:
            self._head_over = True
        return state

    def merge(self, left: dict[str, Seen[F]], right: dict[str, Seen[F]]) -> dict[str, Seen[F]]:
        for name, more in right.items():
            seen = left.setdefault(name, Seen())
            seen.last = more.last
            seen.head += more.head
            seen.filled += more.filled
            seen.votes.update(more.votes)
            if seen.found is None or more.found is None:
                seen.found = more.found if seen.found is None else seen.found
            else:
                seen.found = self.join(seen.found, more.found)
            self._drops(name, seen, len(left))
        return left

    def let_go(self, state: dict[str, Seen[F]]) -> None:
        """Forget what was found in fields that the first records don't have, where there are :data:`MANY`."""
        for name, seen in state.items() if len(state) > self._many else ():
            if not seen.filled and name not in self._chosen:
                seen.found = None

    def finish(self, state: dict[str, Seen[F]]) -> Outcome:
        self.let_go(state)
        found: list[Tally] = []
        rules: list[Rule] = []
        where: list[Spans] = []
        for name, seen in state.items():
            if seen.found is None or not (name in self._chosen or self.may_hold(seen)):
                continue
            for said in self.judge(name, seen.found):
                if isinstance(said, Tally):
                    found.append(said)
                else:
                    rules.append(self._of_present(name, said[0]))
                    where.append(said[1])
        late = Late(rules=rules, records=records_of(*where)) if rules else None
        return Outcome(findings=found, late=late)

    def _of_present(self, name: str, rule: Rule) -> Rule:
        """The rule, which leaves alone what only the schema calls missing."""
        also = self._also_missing.get(name)
        return rule if also is None else replace(rule, wrong=_Unless(rule.wrong, also))

    def _learn(self, name: str, seen: Seen[F], chunk: Chunk, size: int) -> None:
        rows = int(np.searchsorted(chunk.numbers, size, side="right"))
        texts = self.values(chunk, name).head(rows)
        seen.head += rows
        seen.filled += len(texts)
        if len(texts):
            seen.votes.update(self.votes(name, texts))

    def _drops(self, name: str, seen: Seen[F], fields: int) -> bool:
        """Drop a column, or keep it for good, when all of the first records have spoken.

        :param fields: how many there are at least.
        """
        if name in self._kept or name in self._chosen or seen.head < self.head_size:
            return False
        if self.may_hold(seen) and (seen.filled or fields <= self._many):
            self.keep(name, seen)
            self._kept.add(name)
            return False
        seen.found = None
        self._dropped.add(name)
        return True


class _Unless:
    """Wrong as by a rule, unless the first field's value is one of these texts."""

    def __init__(self, wrong: Callable[..., pl.Expr], texts: Sequence[str]) -> None:
        self._wrong, self._texts = wrong, list(texts)

    def __call__(self, *fields: Field) -> pl.Expr:
        first = fields[0]
        listed = first.text.is_in(self._texts)
        if first.typed:
            listed = listed & (first.kind == "string")
        return self._wrong(*fields) & ~listed.fill_null(value=False)


def _head_size(chunk: Chunk, names: Sequence[str]) -> int:
    width = len(names)
    if chunk.columns is None and width * HEAD > HEAD_CELLS:
        absent = sum(chunk.frame.get_column(name).null_count() for name in names)
        width -= absent // chunk.records
    return max(LEAST_HEAD, min(HEAD, HEAD_CELLS // max(width, 1)))
