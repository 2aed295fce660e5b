"""Cells that a spreadsheet has filled with something else: a formula's error, a date, a rounded number."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import polars as pl

from potable.checkers.folds.columns import SHARE, ColumnFold, Seen
from potable.checkers.folds.hits import Hits
from potable.checkers.names.words import is_called, is_of_time, speaks_of
from potable.checkers.spreadsheet.codes import MANGLED, SCIENTIFIC
from potable.checkers.traits.trait import Trait
from potable.checkers.values.bytewise import Column
from potable.checkers.values.strings import TEXT, Values, counts, strings
from potable.engine.contracts.reading import Chunk
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Tally

# -- errors of formulas ------------------------------------------------------------------------------------------------

ERRORS = (
    "#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!",
    "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#ERROR!", "#GETTING_DATA",
    "#BEZUG!", "#NV", "#WERT!", "#ZAHL!",  # German
    "#VALEUR!", "#NOM?", "#NOMBRE!", "#NUL!",  # French
    "#¡REF!", "#¿NOMBRE?", "#¡VALOR!", "#¡DIV/0!", "#¡NUM!", "#¡NULO!",  # Spanish
    "#RIF!", "#NOME?", "#VALORE!", "#N/D",  # Italian
)  # fmt: skip
_HASH = 0x23
_LIBRE = "Err:5[0-9]{2}"
_ERROR = rf"\A(?:(?i:{'|'.join(e.replace('?', chr(92) + '?') for e in ERRORS)})|{_LIBRE}|#{{4,40}})\z"

ERROR_TRAIT = Trait(
    lambda column: column.begins_with(_HASH) or column.is_there(b"Err:5**"),
    _ERROR,
    lambda texts: texts.str.contains(_ERROR),
    lambda text: (
        f"{text} is what a spreadsheet shows "
        + ("where a column is too narrow" if text[1:2] == "#" else "where a formula has failed")
    ),
)

# -- numbers that didn't fit -------------------------------------------------------------------------------------------

GREATEST = ("2147483647", "4294967295", "9223372036854775807", "18446744073709551615")
"""Of 32 and 64 bits, with and without a sign."""


def _may_be_greatest(column: Column) -> bool:
    return any(column.is_there(number.encode()) for number in GREATEST)


GREATEST_TRAIT = Trait(
    _may_be_greatest,
    rf"\A(?:{'|'.join(GREATEST)})\z",
    lambda texts: texts.is_in(GREATEST),
    lambda text: (
        f"{text} is the greatest number of {32 if len(text) == 10 else 64} bits: any greater one is stored as it"
    ),
)

# -- values turned into others -----------------------------------------------------------------------------------------

_MONTH = "(?i:jan|feb|m[aä]r|mrz|apr|ma[iy]|jun|jul|aug|sept?|o[ck]t|nov|de[cz])"
_DAY = rf"[0-9]{{1,2}}(?:-|\. ?){_MONTH}(?:[-. ]+(?:[0-9]{{2}}|[0-9]{{4}}))?|{_MONTH}-(?:[0-9]{{2}}|[0-9]{{4}})"
_ISO_DAY = "[12][0-9]{3}-[01][0-9]-[0-3][0-9](?: 00:00:00)?"
DATE = rf"\A(?:{_DAY}|{_ISO_DAY})\z"
_SYMBOL = r"\A(?:[A-Z][A-Z0-9]{1,9}(?:[-.@][A-Z0-9]{1,8})?|[A-Z][a-z]{1,7}[0-9]{1,4}[a-z]{0,2}|C[0-9XY]+orf[0-9]+)\z"
_SYMBOL_WORDS = frozenset({"gene", "symbol", "hgnc", "locus"})
_NUMBER = r"\A[1-9](?:\.[0-9]{1,14})?[eE]\+[0-9]{2,3}\z"
_LONG = r"\A(?:[0-9]{9,}|[0-9]{7}[A-Z][0-9]{2})\z"
_CODE = r"\A[A-Za-z0-9][A-Za-z0-9_.:/-]*\z"
_ID_WORDS = frozenset(
    {
        "id", "identifier", "accession", "barcode", "ean", "gtin", "upc", "isbn", "imei", "phone", "clone", "plasmid",
        "sku", "uid", "riken",
    }
)  # fmt: skip


NEARLY_ALL = 95
"""In percent: where so many values are dates, they are no symbols."""
PLAIN, TURNED = "plain", "turned"
"""Votes for values as they should be, and for such as others were turned into, which tell only beside the former."""


@dataclass(slots=True)
class Turned:
    """How many values a column has, and those that others were turned into."""

    filled: int = 0
    hits: Hits = field(default_factory=Hits)


class TurnedFold(ColumnFold[Turned]):
    """Looks for what a spreadsheet makes of a kind of value, in columns of that kind."""

    pattern: ClassVar[str]
    bytes: ClassVar[bytes]
    """Every such value has one of these."""
    code: ClassVar[str]
    message: ClassVar[str]

    def examine(self, chunk: Chunk, name: str) -> Turned | None:
        of_field = strings(chunk, name)
        if any(of_field.column.has(byte) for byte in self.bytes):
            return super().examine(chunk, name)
        return Turned(of_field.count(self.missing_values(name)))

    def look(self, name: str, values: Values) -> Turned | None:
        at = values.texts.str.contains(self.pattern).arg_true().to_numpy()
        return Turned(len(values.texts), self.hits(name, values, {self.code: at}).get(self.code, Hits()))

    def join(self, left: Turned, right: Turned) -> Turned:
        left.filled += right.filled
        left.hits.append(right.hits, self.recorder.most)
        return left

    def may_hold(self, seen: Seen[Turned]) -> bool:
        plain = seen.votes[PLAIN]
        return plain > 0 and 100 * (plain + min(plain, seen.votes[TURNED])) >= SHARE * seen.filled

    def judge(self, name: str, found: Turned) -> Iterator[Tally]:
        # Where most values are such, they are what is meant, unless the field's name speaks against it.
        turned = len(found.hits.records)
        named = self.is_named(name) and not self.is_meant(turned, found.filled)
        if turned and (2 * turned <= found.filled or named or self.is_chosen(name)):
            yield found.hits.tally(self.code, name, self.message)

    def is_meant(self, turned: int, filled: int) -> bool:
        """Whether so many of all values are such that they are meant, whatever the field is called."""
        return False

    @abstractmethod
    def is_named(self, name: str) -> bool:
        """Whether the field's name tells what it holds."""


class SymbolFold(TurnedFold):
    """Looks for dates among gene symbols and codes."""

    pattern, bytes, code = DATE, b"-.", MANGLED.id
    message = '"{value}" is a date among symbols: a spreadsheet makes that of a name such as SEPT2 or MARCH1'

    def votes(self, name: str, texts: pl.Series) -> Mapping[str, int]:
        if self.is_named(name):
            return {PLAIN: len(texts)}
        return counts(texts, {PLAIN: TEXT.str.contains(_SYMBOL), TURNED: TEXT.str.contains(DATE)})

    def is_named(self, name: str) -> bool:
        return speaks_of(name, _SYMBOL_WORDS) and not is_of_time(name)

    def is_meant(self, turned: int, filled: int) -> bool:
        return 100 * turned >= NEARLY_ALL * filled


class IdFold(TurnedFold):
    """Looks for numbers in scientific notation among identifiers.

    :param keys: canonical paths of the fields that are keys.
    """

    pattern, bytes, code = _NUMBER, b"+", SCIENTIFIC.id
    message = (
        '"{value}" is a rounded number among identifiers: a spreadsheet makes that of long digits or of 2310009E13'
    )

    def __init__(
        self, source: SourceDefinition, samples: int, keys: Collection[str], **chosen: Collection[str]
    ) -> None:
        super().__init__("ids", (self.code,), source, samples, **chosen)
        self._keys = frozenset(keys)

    def votes(self, name: str, texts: pl.Series) -> Mapping[str, int]:
        if self.is_named(name):
            return {PLAIN: len(texts)}
        no_number = TEXT.cast(pl.Float64, strict=False).is_null()
        codes = TEXT.str.contains(_CODE) & TEXT.str.contains("[0-9]") & (no_number | TEXT.str.contains(_LONG))
        return counts(texts, {PLAIN: codes, TURNED: TEXT.str.contains(_NUMBER)})

    def is_named(self, name: str) -> bool:
        return name in self._keys or is_called(name, _ID_WORDS)
