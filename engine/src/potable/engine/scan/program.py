"""Rules, bound to the columns of a chunk: one evaluation per checker."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.engine.checker import EACH_FIELD, Rule
from potable.engine.contracts.reading import KIND_SUFFIX
from potable.engine.errors import own_fault, told_of_checker
from potable.engine.fields import Field
from potable.engine.handed import a_kind, place_of
from potable.engine.paths import FieldPath

ROW = "\x1frow"


class NotRecordWise(Exception):
    """A rule's expression doesn't look at one record at a time."""


class RuleFailed(Exception):
    """A rule's expression can't be evaluated; ``str()`` names the rule, and its author's line."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A rule, bound to columns: ``paths`` are its fields'."""

    rule: Rule
    paths: tuple[FieldPath, ...]

    @property
    def field(self) -> str:
        """The field that its findings are filed under."""
        return self.paths[0].canonical

    def __str__(self) -> str:
        """The rule as its author knows it: ``rule mylab/too-heavy on $.mass (mylab.py:28)``."""
        name = f", {self.rule.id}," if self.rule.id else ""
        return f"rule {self.rule.code}{name} on {self.field}{place_of(self.rule.wrong)}"


@dataclass(frozen=True, slots=True)
class Hit:
    """The rows of a chunk where a rule is wrong.

    :param rows: row indices, ascending.
    :param values: for a field of several values, the first wrong one of each row; else None.
    """

    bound: Bound
    rows: npt.NDArray[np.uint64]
    values: Sequence[str | None] | None = None


@dataclass(slots=True)
class _Group:
    """Rules that are evaluated together: those over the same fields of several values (mostly: none)."""

    lists: tuple[str, ...]
    derived: dict[str, pl.Expr] = field(default_factory=dict)
    owners: list[Bound] = field(default_factory=list)  # of each derived column, who first asked for it
    bound: list[Bound] = field(default_factory=list)
    wrong: list[pl.Expr] = field(default_factory=list)


class Program:
    """The rules of one checker over chunks of one schema.

    :param rules: the checker's rules.
    :param schema: the frame's columns and types.
    :param columns: the columns that the part has, None for a format without columns.
    :param typed: see :class:`~potable.engine.contracts.reading.Chunk`.
    :param missing_values: texts that count as missing.
    :param wanted: whether (code, field) is reported at all.

    Raises whatever a rule's ``wrong`` raises.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        schema: Mapping[str, pl.DataType],
        columns: Sequence[str] | None,
        *,
        typed: bool,
        missing_values: Sequence[str],
        wanted: Callable[[str, str], bool],
    ) -> None:
        self._groups: dict[tuple[str, ...], _Group] = {}
        self.unchecked: list[tuple[Rule, str]] = []
        for bound in _bind(rules, schema, columns, self.unchecked):
            try:
                if not wanted(bound.rule.code, bound.field):
                    continue
            except LookupError as e:  # a code that nobody documents
                raise RuleFailed(f"{bound}: {e}") from None
            lists = tuple(p.canonical for p in bound.paths if isinstance(schema[p.canonical], pl.List))
            group = self._groups.setdefault(lists, _Group(lists))
            handles = [
                Field(
                    p, group.derived, typed=typed, missing_values=missing_values,
                    kinds=typed or p.canonical + KIND_SUFFIX in schema,
                )
                for p in bound.paths
            ]  # fmt: skip
            with _blamed(bound):
                wrong: Any = bound.rule.wrong(*handles)
            if not isinstance(wrong, pl.Expr):
                raise RuleFailed(f"{bound}: wrong gave {a_kind(wrong)}, not a Polars expression")
            group.owners += [bound] * (len(group.derived) - len(group.owners))
            group.wrong.append(wrong.alias(str(len(group.wrong))))
            group.bound.append(bound)

    def __len__(self) -> int:
        return sum(len(g.bound) for g in self._groups.values())

    def hits(self, frame: pl.DataFrame, *, prove: bool = False) -> Iterator[Hit]:
        """Evaluate on a chunk.

        :param prove: also evaluate on its halves, and raise :class:`NotRecordWise` where the masks differ.
        """
        for group in self._groups.values():
            if group.lists:
                yield from self._hits_of_lists(group, frame)
                continue
            masks = _evaluate(group, frame)
            if prove and frame.height > 1:
                middle = frame.height // 2
                pairs = zip(_evaluate(group, frame[:middle]), _evaluate(group, frame[middle:]), strict=True)
                halves = [pl.concat(pair) for pair in pairs]
                for bound, whole, parts in zip(group.bound, masks, halves, strict=True):
                    if not whole.equals(parts):
                        raise NotRecordWise(_not_record_wise(bound))
            for bound, mask in zip(group.bound, masks, strict=True):
                if mask.any():
                    yield Hit(bound, mask.arg_true().to_numpy().astype(np.uint64))

    def _hits_of_lists(self, group: _Group, frame: pl.DataFrame) -> Iterator[Hit]:
        exploded = frame.with_row_index(ROW)
        for name in group.lists:
            pair = [name, name + KIND_SUFFIX]
            exploded = exploded.explode([c for c in pair if c in frame.columns])
        masks = _evaluate(group, exploded)
        rows = exploded[ROW]
        for bound, mask in zip(group.bound, masks, strict=True):
            per_value = pl.DataFrame({"row": rows, "wrong": mask, "value": exploded[bound.field]})
            wrong = pl.col("wrong")
            over = {"each": wrong.any(), "any": wrong.all(), "one": wrong.any() | (pl.len() > 1)}[bound.rule.match]
            value = pl.col("value").filter(wrong).first()
            by_row = per_value.group_by("row", maintain_order=True).agg(over.alias("wrong"), value.alias("value"))
            hit = by_row.filter(wrong)
            if hit.height:
                yield Hit(bound, hit["row"].to_numpy().astype(np.uint64), hit["value"].to_list())


def _bind(
    rules: Sequence[Rule],
    schema: Mapping[str, pl.DataType],
    columns: Sequence[str] | None,
    unchecked: list[tuple[Rule, str]],
) -> Iterator[Bound]:
    there = (
        [c for c in schema if not c.endswith(KIND_SUFFIX)] if columns is None else [c for c in columns if c in schema]
    )
    for rule in rules:
        if list(rule.fields) == [EACH_FIELD]:
            for name in there:
                yield Bound(rule, (FieldPath.parse(name),))
            continue
        paths = tuple(FieldPath.parse(f) for f in rule.fields)
        lacking = [p.canonical for p in paths if p.canonical not in there]
        if lacking:
            unchecked.append((rule, lacking[0]))
        else:
            yield Bound(rule, paths)


def _evaluate(group: _Group, frame: pl.DataFrame) -> list[pl.Series]:
    """A mask per rule, without nulls. Raises :class:`RuleFailed`."""
    try:
        masks = _masks(group, frame)
    except BaseException as e:
        if own_fault(e):
            _blame(group, frame)
        raise
    out = []
    for bound, mask in zip(group.bound, masks, strict=True):
        if mask.dtype != pl.Boolean:
            raise RuleFailed(f"{bound}: wrong gave {mask.dtype}, not a Boolean")
        out.append(mask.fill_null(value=False) if mask.null_count() else mask)
    return out


def _masks(group: _Group, frame: pl.DataFrame) -> pl.DataFrame:
    if group.derived:
        frame = frame.with_columns(**group.derived)
    masks = frame.select(group.wrong)
    if masks.height != frame.height:  # only constants or aggregates: spread them over the records
        masks = frame.select(pl.repeat(value=True, n=pl.len()).alias(ROW), *group.wrong).drop(ROW)
    return masks


def _blame(group: _Group, frame: pl.DataFrame) -> None:
    """Evaluate one by one what can't be evaluated together, and raise :class:`RuleFailed` of the first that fails."""
    derived = frame
    for bound, (name, column) in zip(group.owners, group.derived.items(), strict=True):
        with _blamed(bound):
            derived = derived.with_columns(frame.select(column.alias(name)))
    for bound, wrong in zip(group.bound, group.wrong, strict=True):
        with _blamed(bound):
            derived.select(wrong)


@contextmanager
def _blamed(bound: Bound) -> Iterator[None]:
    try:
        yield
    except BaseException as e:
        if not own_fault(e):
            raise
        raise RuleFailed(f"{bound}: {told_of_checker(e).removesuffix(place_of(bound.rule.wrong))}") from e


def _not_record_wise(bound: Bound) -> str:
    return (
        f"{bound} is not record-wise: it gives another answer for half the records; "
        "a rule sees one record, so use a Fold for windows and aggregates"
    )
