"""What a Table Schema type is to the rules: a judge of texts, and an order among the right ones."""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeVar

import polars as pl

from potable.engine.fields import Field

STRUCTURED = frozenset({"object", "array", "many"})
Bound = Literal["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]
BEYOND: Mapping[Bound, Callable[[Any, Any], Any]] = {
    "minimum": operator.lt, "maximum": operator.gt, "exclusiveMinimum": operator.le, "exclusiveMaximum": operator.ge,
}  # fmt: skip
"""Whether a value, the first, is beyond a bound."""
Texts = TypeVar("Texts", pl.Series, pl.Expr)
"""For a method that takes a column or an expression, and gives one of the same."""


class BadSetting(ValueError):
    """A member of a field's descriptor that can't be used; ``str()`` says why, a clause."""


class Type(ABC):
    """A type with its format, bound to one field.

    Its methods take whole columns of texts (in which null means: not to be judged) and give columns of the same length.

    :cvar noun: what a right value is, with its article.
    :cvar kinds: kinds of a JSON value that may be right; of an object or array the kind alone tells.
    :cvar code: of a value that isn't right.
    :cvar ordered: whether a minimum and maximum mean anything.
    """

    noun: str
    kinds: frozenset[str] = frozenset({"string"})
    code: str = "schema/type"
    ordered: bool = False

    @abstractmethod
    def valid(self, texts: pl.Series) -> pl.Series:
        """Boolean: whether each text is a right value; null counts as wrong."""

    def beyond(self, texts: pl.Series, which: Bound, bound: Any) -> pl.Series:
        """Boolean: whether each text is a right value beyond ``bound``. Raises :class:`BadSetting` for a bad bound."""
        raise BadSetting(f"{which} means nothing for {self.noun}")

    def listed(self, texts: pl.Series, values: Sequence[Any]) -> pl.Series:
        """Boolean: whether each text is one of ``values``. Raises :class:`BadSetting` for a value of another type."""
        return texts.is_in([as_text(v) for v in values])

    def check_listed(self, values: Sequence[Any]) -> None:  # noqa: B027 - nothing to do is right for most
        """Raise :class:`BadSetting` for a value that :meth:`listed` can't take; by itself it takes all, as texts.

        Definitions are looked at by the thousand: an empty column in place of this takes a query for each.
        """

    def lengths(self, texts: pl.Series) -> pl.Series:
        """Integer: how long each value is. Raises :class:`BadSetting` where that means nothing."""
        raise BadSetting(f"a length means nothing for {self.noun}")

    # -- as expressions ------------------------------------------------------------------------------------------
    # A call back into Python costs a thread switch and often several small evaluations of its own: a type whose test
    # can be said in an expression overrides these.

    def valid_in(self, text: pl.Expr) -> pl.Expr:
        """:meth:`valid` of an expression."""
        return text.map_batches(self.valid, return_dtype=pl.Boolean)

    def listed_in(self, text: pl.Expr, values: Sequence[Any]) -> pl.Expr:
        """:meth:`listed` of an expression."""
        return text.map_batches(lambda texts: self.listed(texts, values), return_dtype=pl.Boolean)

    def lengths_in(self, text: pl.Expr) -> pl.Expr:
        """:meth:`lengths` of an expression."""
        return text.map_batches(lambda texts: self.lengths(texts).cast(pl.Int64), return_dtype=pl.Int64)

    def text(self, f: Field) -> pl.Expr:
        """The texts that are to be judged: those of the right kind."""
        return pl.when(f.kind.is_in(sorted(self.kinds))).then(f.text) if f.typed else f.text

    def valid_of(self, f: Field) -> pl.Expr:
        """Boolean: whether a field's value is right; computed once for all rules that ask."""
        judged = self.valid_in(self.text(f)).fill_null(value=False)
        inside = sorted(self.kinds & STRUCTURED)
        return f.derive("schema valid", judged | f.kind.is_in(inside) if f.typed and inside else judged)

    def mask_of(self, f: Field, test: Callable[[pl.Series], pl.Series]) -> pl.Expr:
        """Boolean: ``test`` of a field's texts."""
        return self.text(f).map_batches(test, return_dtype=pl.Boolean)


def constant(size: int, *, value: bool) -> pl.Series:
    """Boolean: the same for all."""
    return pl.Series([value]).new_from_index(0, size)


def only(texts: pl.Series, mask: pl.Series) -> pl.Series:
    """The texts where ``mask`` is true, null elsewhere: what is costly then passes over the rest."""
    return texts.zip_with(mask.fill_null(value=False), pl.Series([None], dtype=pl.String).new_from_index(0, len(texts)))


def each(texts: pl.Series, test: Callable[[str], bool | None]) -> pl.Series:
    """Boolean: a test in Python, once for each distinct text; for what no expression can tell."""
    return texts.is_in([t for t in texts.drop_nulls().unique() if test(t)])


def as_text(value: Any) -> str:
    """A value of a descriptor as a table would spell it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
