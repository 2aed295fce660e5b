"""Numbers that are kept as texts, in formats that tell the two apart: "12" among 12."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from potable.checkers.numbers.codes import ODD_SPELLING
from potable.checkers.values.strings import strings
from potable.engine.checker import Rule
from potable.engine.contracts.reading import Chunk
from potable.engine.fields import Field

MOST = 5
"""At most one number in so many is a text; else the field holds both."""
_PLAIN = r"\A[+-]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\z"
"""A code as 007 is meant as a text."""
_HINT = (
    "Write the number itself: without quotes in JSON, in a spreadsheet by converting the cell to a number (a green "
    "triangle marks it)."
)


def quoted(chunk: Chunk, name: str) -> int:
    """How many texts of a field of a typed chunk are numbers."""
    texts = strings(chunk, name).texts
    return 0 if texts.null_count() == len(texts) else int(texts.str.contains(_PLAIN).sum())


def rules(name: str, texts: int, bare: int) -> Iterator[Rule]:
    """What finds them; ``texts``: how many there are; ``bare``: all numbers, those among them."""
    if 0 < MOST * texts <= bare:
        message = '"{value}" is a number kept as a text, most values of the field are numbers'
        yield Rule(ODD_SPELLING.id, [name], _is_quoted, message, id="text", hint=_HINT)


def _is_quoted(f: Field) -> pl.Expr:
    return (f.kind == "string") & f.text.str.contains(_PLAIN) & f.present
