"""Texts that end where spreadsheets and databases cut them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import polars as pl

from potable.checkers.folds.spans import Spans, records_of
from potable.checkers.spreadsheet.codes import TRUNCATED
from potable.checkers.values.strings import field_names, strings
from potable.engine.checker import EACH_FIELD, Fold, Late, Outcome, Rule
from potable.engine.contracts.reading import Chunk
from potable.engine.fields import Field

LIMITS = (255, 32_767)


@dataclass(slots=True)
class Longest:
    """The longest texts of a column, from the lowest limit on: their characters, and where they are."""

    characters: int = 0
    spans: Spans = field(default_factory=Spans)


class TruncatedFold(Fold[dict[str, Longest]]):
    """Looks for columns whose longest texts have just as many characters as a limit allows.

    A column with still longer texts wasn't cut there.
    """

    name = "truncated"
    codes = (TRUNCATED.id,)
    fields = (EACH_FIELD,)

    def __init__(self, left_out: Collection[str]) -> None:
        self._left_out = frozenset(left_out)

    def start(self) -> dict[str, Longest]:
        return {}

    def update(self, state: dict[str, Longest], chunk: Chunk) -> dict[str, Longest]:
        for name in field_names(chunk):
            of_field = strings(chunk, name)
            column = of_field.column
            if name in self._left_out or column.extent[1] < LIMITS[0]:
                continue
            characters = of_field.texts.filter(pl.Series(column.lengths >= LIMITS[0])).str.len_chars().max()
            if isinstance(characters, int) and characters >= LIMITS[0]:
                here = Longest(characters)
                here.spans.add(int(chunk.numbers[0]), int(chunk.numbers[-1]))
                state[name] = _longer(state.get(name, Longest()), here)
        return state

    def merge(self, left: dict[str, Longest], right: dict[str, Longest]) -> dict[str, Longest]:
        for name, more in right.items():
            left[name] = _longer(left.get(name, Longest()), more)
        return left

    def finish(self, state: dict[str, Longest]) -> Outcome:
        cut = {name: longest for name, longest in sorted(state.items()) if longest.characters in LIMITS}
        if not cut:
            return Outcome()
        rules = [
            Rule(
                TRUNCATED.id,
                [name],
                _Long(longest.characters),
                f"the text has {longest.characters:,} characters, the longest of its column: it may have been cut",
                id=f"{longest.characters} characters",
            )
            for name, longest in cut.items()
        ]
        return Outcome(late=Late(rules=rules, records=records_of(*(longest.spans for longest in cut.values()))))


class _Long:
    """Wrong where the text has so many characters."""

    def __init__(self, characters: int) -> None:
        self._characters = characters

    def __call__(self, f: Field) -> pl.Expr:
        said = f.text.str.len_chars() == self._characters
        return said & (f.kind == "string") if f.typed else said


def _longer(left: Longest, right: Longest) -> Longest:
    if left.characters == right.characters:
        left.spans.append(right.spans)
        return left
    return left if left.characters > right.characters else right
