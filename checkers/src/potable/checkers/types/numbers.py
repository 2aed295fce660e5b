r"""Numbers and integers: XML Schema's decimal with an exponent, any number of digits, compared exactly.

White space around a number is no fault of type (XML Schema collapses it); ``text/whitespace`` tells of it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from potable.checkers.types.base import BEYOND, BadSetting, Bound, Type, as_text, constant, each, only

BLANKS = r"[ \t\r\n]*"
INTEGER = rf"^{BLANKS}[+-]?[0-9]+{BLANKS}$"
JSON_INTEGER = r"^-?[0-9]+(?:\.0+)?(?:[eE]\+?[0-9]+)?$"
NUMBER = rf"^{BLANKS}(?:[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|NaN|-?INF){BLANKS}$"
SPECIAL = {"NaN": "NaN", "INF": "Infinity", "-INF": "-Infinity"}
EXACT_DIGITS = 15
"""Decimals of at most so many digits have different nearest 64-bit floats where they differ."""
TINY = 1e-290
"""Below it floats have fewer digits."""


class NumberType(Type):
    """A number.

    :param decimal: the decimal point.
    :param group: what groups digits, or "".
    :param bare: False where text may stand around the digits (``€ 5``, ``12 %``).
    """

    noun = "a number"
    kinds = frozenset({"number"})
    ordered = True
    _pattern = NUMBER

    def __init__(self, decimal: str = ".", group: str = "", *, bare: bool = True) -> None:
        self._decimal, self._group, self._bare = decimal, group, bare

    @property
    def _plain(self) -> bool:
        return self._decimal == "." and not self._group and self._bare

    def valid(self, texts: pl.Series) -> pl.Series:
        texts = self._normal(texts)
        quick = self._quick(texts)
        floats = quick.dtype == pl.Float64
        if not quick.null_count() and (not floats or math.isfinite(quick.sum())):
            return constant(len(texts), value=True)
        sure = quick.is_finite().fill_null(value=False) if floats else quick.is_not_null()
        unsure = ~sure
        right = texts.filter(unsure).str.contains(self._pattern).fill_null(value=False)
        return sure.scatter(unsure.arg_true().filter(right), values=True) if right.any() else sure

    def beyond(self, texts: pl.Series, which: Bound, bound: Any) -> pl.Series:
        test, limit = BEYOND[which], self.exact(bound)
        texts = self._normal(texts)
        quick = self._quick(texts)
        extreme = quick.max() if which in ("maximum", "exclusiveMaximum") else quick.min()
        if extreme is None or self._is_within(extreme, test, limit):  # mostly none is beyond, which is soon seen
            wrong = constant(len(texts), value=False)
            if not quick.null_count():
                return wrong
            unsure = quick.is_null()
        else:
            wrong, unsure = self._compare(quick, texts, test, limit)
        if not unsure.any():
            return wrong
        slow = each(texts.filter(unsure), lambda t: self._beyond(t, test, limit))
        return wrong.scatter(unsure.arg_true(), slow)

    def listed(self, texts: pl.Series, values: Sequence[Any]) -> pl.Series:
        exact = [self.exact(v) for v in values]
        texts = self._normal(texts)
        quick = self._quick(texts)
        near, unsure = self._near(quick, texts, exact)
        if not unsure.any():
            return near
        slow = each(only(texts, unsure), lambda t: self._value(t) in exact)
        return (near & ~unsure).fill_null(value=False) | slow.fill_null(value=False)

    def check_listed(self, values: Sequence[Any]) -> None:
        for value in values:
            self.exact(value)

    def exact(self, value: Any) -> Decimal:
        """A bound or listed value. Raises :class:`BadSetting` where it isn't one of this type."""
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise BadSetting(f"{value!r} isn't {self.noun}")
        if isinstance(value, int | float):
            number: Decimal | None = Decimal(repr(value))
        else:
            normal = self._normal(pl.Series([value]))
            if not normal.str.contains(self._pattern)[0]:
                raise BadSetting(f"{value!r} isn't {self.noun}")
            number = _decimal(normal[0])
        if number is None or number.is_nan():
            raise BadSetting(f"{as_text(value)!r} can't be compared with")
        return number

    def floats(self, texts: pl.Series) -> pl.Series:
        """Float64: the finite number that each text is; null where it's none."""
        numbers = self._normal(texts).str.strip_chars().cast(pl.Float64, strict=False)
        return numbers.to_frame("n").select(pl.when(pl.col("n").is_finite()).then(pl.col("n")))["n"]

    def _normal(self, texts: pl.Series) -> pl.Series:
        """Texts in XML Schema's own spelling."""
        if self._plain:
            return texts
        if not self._bare:
            texts = texts.str.replace(r"^[^0-9+\-.,]*", "").str.replace(r"[^0-9]*$", "")
        if self._group:
            texts = self._ungrouped(texts)
        if self._decimal != ".":
            # a point isn't the decimal character here, so it mustn't pass for one
            texts = texts.str.replace_all(".", "\x00", literal=True).str.replace_all(self._decimal, ".", literal=True)
        return texts

    def _ungrouped(self, texts: pl.Series) -> pl.Series:
        """Without what groups digits. Where it does something else, it stays, and the text is no number: behind the
        decimal point, or before fewer than three last digits (``1.5`` where points group).
        """
        group = re.escape(self._group)
        grouped = texts.str.contains(self._group, literal=True)
        if not grouped.any():
            return texts
        plain = texts.str.strip_chars(" \t\r\n")
        sound = rf"^[+-]?[0-9]+(?:{group}[0-9]+)*{group}[0-9]{{3,}}(?:[^0-9{re.escape(self._group[0])}].*)?$"
        behind = re.escape(self._decimal) + ".*" + group
        wrong = grouped & ~(plain.str.contains(sound) & ~plain.str.contains(behind))
        return plain.str.replace_all(self._group, "", literal=True).zip_with(~wrong.fill_null(False), texts)

    def _quick(self, texts: pl.Series) -> pl.Series:
        return texts.cast(pl.Float64, strict=False)

    def _is_within(self, extreme: Any, test: Callable[[Any, Any], Any], limit: Decimal) -> bool:
        """Whether the number whose nearest float this is surely isn't beyond."""
        nearest = float(limit)
        return bool(extreme != nearest and not test(extreme, nearest))

    def _compare(
        self, quick: pl.Series, texts: pl.Series, test: Callable[[Any, Any], Any], limit: Decimal
    ) -> tuple[pl.Series, pl.Series]:
        """(beyond, not sure): nearest floats tell, but where they are equal, not finite, or none."""
        nearest = float(limit)
        equal = quick == nearest
        if equal.any() and _is_plain(limit):
            equal = equal & _may_differ(quick, texts)
        unsure = (equal | ~quick.is_finite() | quick.is_null()).fill_null(value=True) & texts.is_not_null()
        return test(quick, nearest), unsure

    def _near(self, quick: pl.Series, texts: pl.Series, values: Sequence[Decimal]) -> tuple[pl.Series, pl.Series]:
        """(listed, not sure)."""
        near = quick.is_in([float(v) for v in values])
        unsure = ~quick.is_finite() | quick.is_null()
        unsure = unsure | (near & _may_differ(quick, texts) if all(map(_is_plain, values)) else near)
        return near, unsure.fill_null(value=True) & texts.is_not_null()

    def _beyond(self, text: str, test: Callable[[Any, Any], Any], limit: Decimal) -> bool:
        number = self._value(text)
        return number is not None and not number.is_nan() and bool(test(number, limit))

    def _value(self, text: str) -> Decimal | None:
        return _decimal(text) if re.fullmatch(self._pattern, text) else None


class IntegerType(NumberType):
    """An integer, of any size."""

    noun = "an integer"
    _pattern = INTEGER

    def __init__(self, group: str = "", *, bare: bool = True) -> None:
        super().__init__(group=group, bare=bare)

    def _quick(self, texts: pl.Series) -> pl.Series:
        return texts.cast(pl.Int64, strict=False)

    def _is_within(self, extreme: Any, test: Callable[[Any, Any], Any], limit: Decimal) -> bool:
        return not test(Decimal(extreme), limit)

    def _compare(
        self, quick: pl.Series, texts: pl.Series, test: Callable[[Any, Any], Any], limit: Decimal
    ) -> tuple[pl.Series, pl.Series]:
        unsure = quick.is_null() & texts.is_not_null()
        if limit.is_finite() and _fits(limit):
            return test(quick, int(limit)), unsure
        return pl.Series([False]).new_from_index(0, len(texts)), texts.is_not_null()

    def _near(self, quick: pl.Series, texts: pl.Series, values: Sequence[Decimal]) -> tuple[pl.Series, pl.Series]:
        near = quick.is_in([int(v) for v in values if _fits(v)])
        return near, quick.is_null() & texts.is_not_null()


class _InJson(NumberType):
    """Numbers in JSON, whose bounds and lists are written in the descriptor as for a table."""

    def __init__(self, written: NumberType) -> None:
        super().__init__()
        self._written = written

    def exact(self, value: Any) -> Decimal:
        return self._written.exact(value)


class JsonNumberType(_InJson):
    """A JSON number."""


class JsonIntegerType(_InJson, IntegerType):
    """An integer among JSON numbers: ``1.0`` is one too."""

    _pattern = JSON_INTEGER


def _decimal(text: str) -> Decimal | None:
    text = text.strip()
    try:
        return Decimal(SPECIAL.get(text, text))
    except InvalidOperation:  # an exponent beyond 10^18: no bound or listed value comes near
        return None


def _is_plain(limit: Decimal) -> bool:
    """Whether only a text that :func:`_may_differ` can differ from it and yet have the same nearest float."""
    return len(limit.as_tuple().digits) <= EXACT_DIGITS and (limit == 0 or abs(float(limit)) > TINY)


def _may_differ(quick: pl.Series, texts: pl.Series) -> pl.Series:
    return (texts.str.len_bytes() > EXACT_DIGITS) | ((quick == 0.0) & texts.str.contains("[eE]"))


def _fits(number: Decimal) -> bool:
    """Whether it's an integer of 64 bits."""
    return number == number.to_integral_value() and -(2**63) <= number < 2**63
