"""Whole numbers that became floats on their way, which pandas makes of a column where some are missing: 2012.0."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from potable.checkers.names.words import is_called, speaks_of
from potable.checkers.numbers.codes import ODD_SPELLING
from potable.engine.checker import Rule
from potable.engine.fields import Field

FLOAT = r"\A[+-]?[0-9]+\.0\z"
ONE = 20
"""In a field of fewer values nothing is told: they may be measured to a tenth, and whole by chance."""

_NAMES = frozenset(
    {
        "id", "identifier", "uid", "uuid", "key", "code", "zip", "zipcode", "postcode", "plz", "phone", "telephone",
        "fax", "pmid", "pubmed", "taxid", "taxon", "entrez", "omim", "accession", "barcode", "isbn", "issn", "ean",
        "fips", "year",
    }
)  # fmt: skip
"""Words of fields whose numbers are names, of which 9606.0 is none."""
_IN_TENTHS = frozenset({"version", "release", "revision", "edition", "section", "chapter", "paragraph"})
"""Words of fields in which 2.0 follows 1.9."""
_HINT = (
    "Whole numbers became floats, as pandas makes of a column with missing values: write them as such, by "
    "astype('Int64') there, or from where they still are."
)


@dataclass(slots=True)
class Floats:
    """How many values of a column there are of each kind.

    :param floats: such as 2012.0; ``pointed``: all others with a point.
    :param missing: records without a value.
    """

    floats: int = 0
    pointed: int = 0
    missing: int = 0

    def note(self, texts: pl.Series) -> None:
        """Values, the only ones."""
        self.floats = int(texts.str.contains(FLOAT).sum())
        self.pointed = int(texts.str.contains(".", literal=True).sum()) - self.floats

    def append(self, more: Floats) -> None:
        """Those of data that follow."""
        self.floats += more.floats
        self.pointed += more.pointed
        self.missing += more.missing


def rules(name: str, seen: Floats, *, bare: int, filled: int) -> Iterator[Rule]:
    """What finds the floats of a column that has no other decimals.

    :param bare: its numbers; ``filled``: its values.
    """
    if not seen.floats or seen.pointed or bare < ONE or speaks_of(name, _IN_TENTHS):
        return
    if seen.floats < bare:
        message = '"{value}" is a whole number with a decimal, other values of the field have none'
    elif (seen.missing or bare < filled) and is_called(name, _NAMES):
        message = '"{value}" has a decimal, which the numbers of such a field don\'t have'
    else:
        return
    yield Rule(ODD_SPELLING.id, [name], _is_float, message, id="float", hint=_HINT)


def _is_float(f: Field) -> pl.Expr:
    return f.text.str.contains(FLOAT) & f.present
