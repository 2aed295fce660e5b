"""Numbers of JSON that a double can't hold: JSON itself allows any, and most programs read each as a double (RFC 8259,
section 6).
"""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import polars as pl

from potable.checkers.folds.cells import CellFold
from potable.checkers.numbers.codes import INEXACT
from potable.checkers.traits.trait import Trait, short
from potable.checkers.values.bytewise import Column
from potable.checkers.values.strings import Strings, scalars, strings
from potable.engine.checker import EACH_FIELD
from potable.engine.contracts.reading import KIND_SUFFIX, Chunk
from potable.engine.definition.model import SourceDefinition

_EXACT = 2**53
"""Each whole number up to here is a double."""
_DIGITS = 16  # of the least whole number that is none
_GATE = rf"\A-?[0-9]{{{_DIGITS},}}\z|[eE][+-]?[0-9]{{3}}"
_MOST = 309  # digits of the greatest double
_NINE, _E, _CAPITAL_E = b"9"[0], b"e"[0], b"E"[0]
_NOTHING = Strings(pl.Series([], dtype=pl.String), None)


def double_of(text: str) -> float | None:
    """What a number of JSON becomes as a double; None where that's the number, to the digits that are shown of it.

    A whole number that a program wrote of a double (1e+23 as 100000000000000000000000) is still the same double.
    """
    double = float(text)
    if not math.isfinite(double):
        return double
    if not double:
        return double if any("1" <= c <= "9" for c in text.lower().partition("e")[0]) else None
    if len(text) > _MOST + 1 or not text.lstrip("-").isdecimal() or abs(number := int(text)) <= _EXACT:
        return None
    return None if abs(int(double)) == number or abs(Decimal(repr(double))) == number else double


class InexactFold(CellFold):
    """Tells of them, in fields of any depth."""

    def __init__(self, source: SourceDefinition, samples: int, left_out: tuple[str, ...]) -> None:
        traits = {INEXACT.id: Trait(_may, _GATE, _inexact, _told)}
        super().__init__("inexact", (EACH_FIELD,), traits, source, samples, special={path: {} for path in left_out})

    def texts_of(self, chunk: Chunk, name: str) -> Strings:
        """The numbers alone."""
        kinds = chunk.frame.get_column(name + KIND_SUFFIX, default=None) if chunk.typed else None
        if kinds is None:
            return _NOTHING
        in_lists = isinstance(kinds.dtype, pl.List)
        flat = kinds.explode() if in_lists else kinds
        # What others work out of the field anyway rules most of them out.
        if not (flat == "number").any() or not _may((strings if in_lists else scalars)(chunk, name).column):
            return _NOTHING
        texts = chunk.frame.get_column(name)
        values = pl.DataFrame({"row": np.arange(len(texts)), "text": texts, "kind": kinds})
        values = (values.explode("text", "kind") if in_lists else values).filter(pl.col("kind") == "number")
        return Strings(values["text"], values["row"].to_numpy())


def _may(column: Column) -> bool:
    return column.extent[1] >= _DIGITS or (column.greatest > _NINE and (column.has(_E) or column.has(_CAPITAL_E)))


def _inexact(texts: pl.Series) -> pl.Series:
    return pl.Series([double_of(text) is not None for text in texts], dtype=pl.Boolean)


def _told(text: str) -> str:
    double = double_of(text)
    if double is None or not double:
        read = "0"
    else:
        read = str(int(double)) if math.isfinite(double) else "infinity, or not at all"
    return f"programs that take numbers as doubles read {short(text)} as {read}"
