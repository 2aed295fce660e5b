"""What a scan learns of each field: a fold whose states are small, merge, and don't depend on how the data are cut."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import ClassVar

import polars as pl

from potable.engine.checker import EACH_FIELD, Checker, Fold, Outcome
from potable.engine.contracts.reading import KIND_SUFFIX, Chunk
from potable.engine.definition.model import SourceDefinition
from potable.engine.describe.patterns import BY_NAME, INTEGER, NUMBER, OF_TABLE, OF_TEXT, PLACEHOLDERS, Pattern
from potable.engine.describe.unique import WIDTH, Unique
from potable.engine.lazyregex import lazy_regex
from potable.engine.paths import FieldPath
from potable.engine.paths.steps import Child

MOST_VALUES = 20
"""A column of more different texts has no list of allowed ones."""
LONGEST_VALUE = 60
"""Nor has one with a longer text."""
MOST_AGAIN = 10
"""An identifier in which more values are there again is no key with duplicates: it identifies something else."""
GLIMPSE = 32
"""So many values are tested first; most patterns fit none of them."""

_ID = lazy_regex(r"(?:^|[^a-z])(?:id|identifier|key|accession|rrid|uuid|guid|curie|doi)$")
_OWN_TEXT = "_$"
_EMPTY = ("", *PLACEHOLDERS)
_LONGEST_EMPTY = max(map(len, _EMPTY))


def is_id(path: FieldPath) -> bool:
    """Whether a field's name says that it identifies the record; of an element's own text the element's."""
    names = [step.name for step in path.steps if isinstance(step, Child) and step.name != _OWN_TEXT]
    name = names[-1] if names else ""
    return name.endswith(("ID", "Id")) or _ID.search(name.casefold()) is not None


@dataclass(slots=True)
class Column:
    """What is known of a field.

    :ivar records: records of the chunks that had it.
    :ivar lacking: records without it among them: absent, null, or a cell that a ragged row hasn't got.
    :ivar kinds: how often each kind of value occurs, in a typed format.
    :ivar several: it had several values in a record.
    :ivar empties: how often the empty text and placeholders occur.
    :ivar tested: how many other texts (in a typed format: texts and numbers) there are.
    :ivar fits: names of the patterns that all of these match.
    :ivar values: how often each of these texts occurs; None where there are too many.
    :ivar negative: one of the numbers has a minus.
    :ivar reach: the greatest absolute value of the numbers.
    :ivar unique: the hashes of all values; None where two are equal (of an identifier by its name: more than a few), or
        one isn't there.
    :ivar again: how many records of such an identifier have the value of an earlier one, where it's a few.
    """

    records: int = 0
    lacking: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    several: bool = False
    empties: Counter[str] = field(default_factory=Counter)
    tested: int = 0
    fits: frozenset[str] = frozenset()
    values: Counter[str] | None = field(default_factory=Counter)
    negative: bool = False
    reach: float = 0.0
    unique: Unique | None = None
    again: int = 0

    def merge(self, other: Column) -> None:
        """Take in what is known of the records behind."""
        self.fits = self.fits & other.fits if self.tested and other.tested else self.fits | other.fits
        self.records += other.records
        self.lacking += other.lacking
        self.kinds += other.kinds
        self.several |= other.several
        self.empties += other.empties
        self.tested += other.tested
        numeric = bool(self.fits & {"integer", "number"})
        self.negative = numeric and (self.negative or other.negative)
        self.reach = max(self.reach, other.reach) if numeric else 0.0
        if self.values is not None and other.values is not None:
            self.values += other.values
        else:
            self.values = None
        if self.values is not None and len(self.values) > MOST_VALUES:
            self.values = None
        self.unique = None if self.unique is None or other.unique is None else self.unique.merged(other.unique)


@dataclass(slots=True)
class Profile:
    """What is known of the data.

    :ivar names: canonical paths of a table's columns in order; None for a format without columns.
    """

    records: int = 0
    typed: bool = False
    names: tuple[str, ...] | None = None
    columns: dict[str, Column] = field(default_factory=dict)

    def ordered(self) -> list[str]:
        """The fields: a table's in its order, others by depth and name."""
        if self.names is not None:
            return [*self.names, *sorted(self.columns.keys() - set(self.names))]
        return sorted(self.columns, key=lambda c: (len(FieldPath.parse(c).steps), c))

    def ranked(self) -> list[str]:
        """The fields, the likeliest key first."""
        return sorted(self.ordered(), key=lambda c: not is_id(FieldPath.parse(c)))

    def lacking(self, name: str) -> int:
        """Records without a field."""
        column = self.columns.get(name)
        return self.records if column is None else self.records - column.records + column.lacking


class ProfileFold(Fold[Profile]):
    """Makes the profile of a source.

    :ivar found: the profile, when the scan has ended.
    :param budget: bytes that the hashes of unique columns may take. Past it columns that are less likely the key are
        given up, by their rank and the number of records alone: how the data are cut makes no difference.
    """

    name = "profile"
    fields = (EACH_FIELD,)

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self.found: Profile | None = None
        # What is settled of a column need not be looked at in later chunks. Whatever thread reads it a little late
        # comes to the same.
        self._unfit: dict[str, set[str]] = {}
        self._many: set[str] = set()
        self._repeated: set[str] = set()

    def start(self) -> Profile:
        return Profile()

    def update(self, state: Profile, chunk: Chunk) -> Profile:
        frame = chunk.frame
        state.records += chunk.records
        state.typed = chunk.typed
        state.names = chunk.columns if state.names is None else state.names
        for name in frame.columns:
            if name.endswith(KIND_SUFFIX):
                continue
            kinds = frame[name + KIND_SUFFIX] if name + KIND_SUFFIX in frame.columns else None
            column = self._column(name, frame[name], kinds, typed=chunk.typed)
            if name in state.columns:
                state.columns[name].merge(column)
            else:
                state.columns[name] = column
        self._limit(state)
        return state

    def merge(self, left: Profile, right: Profile) -> Profile:
        for name, column in right.columns.items():
            known = left.columns.get(name)
            if known is None:
                left.columns[name] = column
            else:
                known.merge(column)
                self._settle(name, known)
        left.records += right.records
        left.typed |= right.typed
        left.names = right.names if left.names is None else left.names
        self._limit(left)
        return left

    def finish(self, state: Profile) -> Outcome:
        for name, column in state.columns.items():
            if column.unique is not None and (again := column.unique.repeated() or state.lacking(name)):
                column.again = again if again <= column.unique.most and not state.lacking(name) else 0
                column.unique = None
        self.found = state
        return Outcome()

    def _limit(self, state: Profile) -> None:
        """Give up the hashes of columns that are past the budget."""
        room = self._budget // (WIDTH * max(state.records, 1))
        if room >= len(state.columns):
            return
        for name in state.ranked()[room:]:
            if name in state.columns:
                state.columns[name].unique = None
                self._repeated.add(name)

    def _settle(self, name: str, column: Column) -> None:
        if column.tested:
            self._unfit[name] = set(BY_NAME) - column.fits
        if column.values is None:
            self._many.add(name)
        if column.unique is None:
            self._repeated.add(name)

    def _column(self, name: str, texts: pl.Series, kinds: pl.Series | None, *, typed: bool) -> Column:
        column = Column(records=len(texts))
        if isinstance(texts.dtype, pl.List):
            texts, kinds = _single(column, texts, kinds)
        column.lacking = texts.null_count()
        if kinds is not None:
            counted = kinds.value_counts()
            column.kinds.update(dict(zip(counted[counted.columns[0]], counted["count"], strict=True)))
            column.lacking = column.kinds["absent"] + column.kinds["null"]
        if typed and kinds is not None:
            numbers = texts.filter(kinds == "number")
            strings = texts.filter(kinds == "string")
        else:
            numbers, strings = texts.clear(), texts.drop_nulls()
        small = strings.filter(strings.str.len_chars() <= _LONGEST_EMPTY)
        counted = small.filter(small.is_in(_EMPTY)).value_counts()
        column.empties.update(dict(zip(counted[counted.columns[0]], counted["count"], strict=True)))
        told = strings.filter(~strings.is_in(_EMPTY)) if column.empties else strings
        self._test(column, name, numbers, told, typed=typed)
        whole = not column.lacking and not column.empties[""] and not column.several and not texts.null_count()
        if whole and name not in self._repeated:
            column.unique = Unique.of(texts, MOST_AGAIN if is_id(FieldPath.parse(name)) else 0)
        self._list_values(column, name, told)
        return column

    def _test(self, column: Column, name: str, numbers: pl.Series, told: pl.Series, *, typed: bool) -> None:
        column.tested = len(numbers) + len(told)
        unfit = self._unfit.get(name, set())
        fits = set()
        for texts, patterns in ((numbers, (INTEGER, NUMBER)), (told, OF_TEXT if typed else OF_TABLE)):
            if len(texts):
                fits |= {p.name for p in patterns if p.name not in unfit and _fit(p, texts)}
        if len(numbers) and len(told):
            fits.clear()
        column.fits = frozenset(fits)
        if "integer" in fits or "number" in fits:
            figures = numbers if typed else told
            column.negative = bool(figures.str.contains("-", literal=True).any())
            largest = figures.str.strip_chars().cast(pl.Float64, strict=False).abs().max()
            column.reach = float(largest) if isinstance(largest, float) else float("inf")

    def _list_values(self, column: Column, name: str, told: pl.Series) -> None:
        if name in self._many:
            column.values = None
            return
        counted = told.value_counts()
        texts = counted[counted.columns[0]]
        if len(texts) > MOST_VALUES or (len(texts) and bool((texts.str.len_chars() > LONGEST_VALUE).any())):
            column.values = None
        else:
            column.values = Counter(dict(zip(texts, counted["count"], strict=True)))


def _single(column: Column, texts: pl.Series, kinds: pl.Series | None) -> tuple[pl.Series, pl.Series | None]:
    """The only values of a field that may have several; where it has, they don't count."""
    column.several = bool((texts.list.len() > 1).any())
    alone = texts.list.len() == 1
    none = pl.Series([None], dtype=pl.String).new_from_index(0, len(texts))
    single = texts.list.first().zip_with(alone.fill_null(value=False), none)
    return single, None if kinds is None else kinds.list.first() if isinstance(kinds.dtype, pl.List) else kinds


def _fit(pattern: Pattern, texts: pl.Series) -> bool:
    """Whether all texts match."""
    if len(texts) > GLIMPSE and not pattern.test(texts.head(GLIMPSE)).fill_null(value=False).all():
        return False
    return bool(pattern.test(texts).fill_null(value=False).all())


def profiler(fold: ProfileFold) -> type[Checker]:
    """A checker class that runs this fold and finds nothing."""

    class Profiler(Checker):
        name: ClassVar[str] = "describe"

        def folds(self, source: SourceDefinition) -> list[ProfileFold]:
            return [fold]

    return Profiler
