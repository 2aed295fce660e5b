"""Strings with their formats, booleans, and fields of any type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from potable.checkers.types.base import BadSetting, Texts, Type, as_text, constant
from potable.engine.contracts.reading import KINDS

TRUE_VALUES = ("true", "True", "TRUE", "1")
FALSE_VALUES = ("false", "False", "FALSE", "0")

_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x{80}-\x{10FFFF}-]+"
_BASE64 = "[A-Za-z0-9+/]"
FORMATS = {
    # RFC 5321's Mailbox without quoted local parts; RFC 6531 lets it hold more than ASCII
    "email": (
        "an e-mail address",
        rf"^{_ATOM}(?:\.{_ATOM})*@(?:(?:{_LABEL}|[\x{{80}}-\x{{10FFFF}}A-Za-z0-9-]+)(?:\.(?:{_LABEL}|[\x{{80}}-\x{{10FFFF}}A-Za-z0-9-]+))+"
        r"|\[[0-9a-fA-F.:]+\])$",
    ),
    # RFC 3986: a scheme, then only characters that may stand there
    "uri": (
        "a URI",
        r"^[A-Za-z][A-Za-z0-9+.-]*:(?://[^\s/?#<>\"{}|\\^`]+(?:[/?#][^\s<>\"{}|\\^`]*)?|/?[^\s/<>\"{}|\\^`][^\s<>\"{}|\\^`]*)$",
    ),
    # RFC 4648, section 4
    "binary": ("base64", f"^(?:{_BASE64}{{4}})*(?:{_BASE64}{{2}}==|{_BASE64}{{3}}=)?$"),
    # RFC 9562
    "uuid": ("a UUID", "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"),
}  # fmt: skip
"""Format of a string -> (what it is, the pattern of the whole text)."""


class AnyType(Type):
    """No type: every value is right, and a constraint takes its text."""

    noun = "a field without a type"
    kinds = frozenset(KINDS)

    def valid(self, texts: pl.Series) -> pl.Series:
        return constant(len(texts), value=True)

    def lengths(self, texts: Texts) -> Texts:
        return texts.str.len_chars()

    def valid_in(self, text: pl.Expr) -> pl.Expr:
        return pl.lit(value=True)

    def listed_in(self, text: pl.Expr, values: Sequence[Any]) -> pl.Expr:
        return text.is_in([as_text(v) for v in values])

    def lengths_in(self, text: pl.Expr) -> pl.Expr:
        return self.lengths(text)


class StringType(Type):
    """A string, with its format. Raises :class:`BadSetting` for an unknown one."""

    noun = "a string"

    def __init__(self, fmt: str = "default") -> None:
        if fmt != "default" and fmt not in FORMATS:
            raise BadSetting(f"{fmt!r} is no format of a string; there are {', '.join(FORMATS)}")
        self._pattern = None
        if fmt != "default":
            self.noun, self._pattern = FORMATS[fmt]
            self.code = "schema/format"

    def valid(self, texts: Texts) -> Texts:
        return texts.is_not_null() if self._pattern is None else texts.str.contains(self._pattern)

    def lengths(self, texts: Texts) -> Texts:
        return texts.str.len_chars()

    def valid_in(self, text: pl.Expr) -> pl.Expr:
        return self.valid(text)

    def listed_in(self, text: pl.Expr, values: Sequence[Any]) -> pl.Expr:
        return text.is_in([as_text(v) for v in values])

    def lengths_in(self, text: pl.Expr) -> pl.Expr:
        return self.lengths(text)


class BooleanType(Type):
    """True or false: in a table as its descriptor spells them, in JSON as JSON does."""

    noun = "a boolean"
    kinds = frozenset({"boolean"})

    def __init__(self, true: Sequence[Any] = TRUE_VALUES, false: Sequence[Any] = FALSE_VALUES) -> None:
        self._true = [as_text(v) for v in true]
        self._false = [as_text(v) for v in false]

    def valid(self, texts: Texts) -> Texts:
        return texts.is_in([*self._true, *self._false])

    def valid_in(self, text: pl.Expr) -> pl.Expr:
        return self.valid(text)

    def listed_in(self, text: pl.Expr, values: Sequence[Any]) -> pl.Expr:
        return self.listed(text, values)

    def listed(self, texts: Texts, values: Sequence[Any]) -> Texts:
        allowed: list[str] = []
        for meant in {self.meant(v) for v in values}:
            allowed += self._true if meant else self._false
        return texts.is_in(allowed)

    def check_listed(self, values: Sequence[Any]) -> None:
        for value in values:
            self.meant(value)

    def meant(self, value: Any) -> bool:
        """What a value of the descriptor means. Raises :class:`BadSetting` for one that means neither."""
        text = as_text(value)
        if text in self._true or text in self._false:
            return text in self._true
        if text not in ("true", "false"):
            raise BadSetting(f"{text!r} is neither true nor false in this field")
        return text == "true"


class JsonBooleanType(BooleanType):
    """A boolean among JSON values; the descriptor's are written as for a table."""

    def __init__(self, written: BooleanType) -> None:
        super().__init__(["true"], ["false"])
        self._written = written

    def meant(self, value: Any) -> bool:
        return self._written.meant(value)
