"""Numbers that a Table Schema says are written with other signs than a decimal point: ``1.234,5``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from potable.checkers.declared.table_schema import SchemaField

if TYPE_CHECKING:
    import polars as pl

Texts = TypeVar("Texts", "pl.Series", "pl.Expr")


@dataclass(frozen=True, slots=True)
class Written:
    """How a field's numbers are written.

    :param decimal: what stands before the decimals.
    :param group: what stands between the thousands; "" for nothing.
    """

    decimal: str
    group: str

    @classmethod
    def of(cls, field: SchemaField) -> Written | None:
        """What a field declares; None where it's nothing, or can't be used (``schema`` tells of that)."""
        decimal, group = field.given.get("decimalChar", "."), field.given.get("groupChar", "")
        if not isinstance(decimal, str) or not isinstance(group, str) or len(decimal) != 1 or decimal == group:
            return None
        if field.type == "integer":  # it has no decimals
            decimal = "."
        return cls(decimal, group) if (decimal, group) != (".", "") else None

    def plain(self, texts: Texts) -> Texts:
        """The same numbers, as 1234.5 is written."""
        if self.group:
            texts = texts.str.replace_all(self.group, "", literal=True)
        return texts if self.decimal == "." else texts.str.replace_all(self.decimal, ".", literal=True)
