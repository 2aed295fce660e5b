"""Numbers with a decimal comma, and with a decimal point: patterns of Polars, how the former are read, and a fold that
tells the rarer ones.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from potable.checkers.folds.cells import CellFold, State
from potable.checkers.numbers.codes import MIXED_DECIMAL
from potable.checkers.traits.trait import Trait
from potable.checkers.values.bytewise import Column
from potable.checkers.values.strings import Strings, scalars
from potable.engine.checker import Outcome
from potable.engine.contracts.reading import Chunk
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Tally

_SIGN = "[+-]?"
_GROUP = r"[. '’\x{A0}\x{202F}]"
"""What groups digits before a decimal comma."""
# 1,5 and 1.234,5; 1.5 and 1,234.5e3. With three digits behind it, the sign may group thousands (1,234), but not behind
# 0 or four digits (0,234; 1234,567).
COMMA = (
    rf"\A{_SIGN}(?:[0-9]+,(?:[0-9]{{1,2}}|[0-9]{{4,}})|0,[0-9]{{3}}|[0-9]{{4,}},[0-9]{{3}}"
    rf"|[0-9]{{1,3}}(?:{_GROUP}[0-9]{{3}})+,[0-9]+)\z"
)
POINT = (
    rf"\A{_SIGN}(?:[0-9]*\.(?:[0-9]{{1,2}}|[0-9]{{4,}})|0?\.[0-9]{{3}}|[0-9]{{4,}}\.[0-9]{{3}}"
    r"|[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+)(?:[eE][+-]?[0-9]+)?\z"
)
GROUPED = rf"\A{_SIGN}[0-9]{{1,3}}(?:[,.' ][0-9]{{3}})+(?:[.,][0-9]+)?\z"
"""Digits in groups of three."""
_BY_POINTS = rf"\A{_SIGN}[0-9]{{1,3}}(?:\.[0-9]{{3}})+\z"
_WITH_COMMA = rf"\A{_SIGN}(?:[0-9]+|[0-9]{{1,3}}(?:{_GROUP}[0-9]{{3}})+),[0-9]+\z"


def may_be_grouped(texts: pl.Series) -> bool:
    """Whether any of them is another number where points group digits: 1.234."""
    return bool(texts.str.contains(_BY_POINTS).any())


class Commas:
    """How a column's numbers are written in which a comma stands before the decimals; what has a decimal point all the
    same (1.5) is read by that.
    """

    @staticmethod
    def plain(text: pl.Expr) -> pl.Expr:
        """The same numbers, as 1234.5 is written."""
        bare = text.str.replace_all(_GROUP, "").str.replace_all(",", ".", literal=True)
        whole = text.str.replace_all(".", "", literal=True)
        grouped = text.str.contains(_BY_POINTS)
        return pl.when(text.str.contains(_WITH_COMMA)).then(bare).when(grouped).then(whole).otherwise(text)


class DecimalFold(CellFold):
    """In a second pass: numbers with a decimal comma and with a decimal point; reports the rarer ones."""

    def __init__(self, fields: Sequence[str], source: SourceDefinition, samples: int) -> None:
        traits = {sign: _decimal(pattern, sign) for sign, pattern in (("comma", COMMA), ("point", POINT))}
        super().__init__("decimals", fields, traits, source, samples)
        self.codes = (MIXED_DECIMAL.id,)
        self._named = tuple(fields)

    def texts_of(self, chunk: Chunk, name: str) -> Strings:
        """The numbers too, which in JSON aren't strings."""
        return scalars(chunk, name)

    def finish(self, state: State) -> Outcome:
        tallies = []
        for name in self._named:
            comma, point = state.get(("comma", name)), state.get(("point", name))
            if comma is None or point is None:
                continue
            rare = comma if len(comma.records) <= len(point.records) else point
            tally = Tally(
                code=MIXED_DECIMAL.id, field=name, fields=(name,), count=len(rare.records),
                samples=tuple(rare.samples), records=rare.records.to_array(),
                details={"comma": len(comma.records), "point": len(point.records)},
            )  # fmt: skip
            tallies.append(tally)
        return Outcome(findings=tallies)


def _decimal(pattern: str, sign: str) -> Trait:
    other = "point" if sign == "comma" else "comma"
    return Trait(
        _always,
        pattern,
        lambda texts: texts.str.contains(pattern),
        lambda text: f'"{text}" has a decimal {sign}, other values of the field have a decimal {other}',
    )


def _always(column: Column) -> bool:
    return not column.empty
