"""Fields as rules see them: handles that give Polars expressions over a chunk's columns.

What a handle derives from the text (number, date, ...) becomes a column of its own, computed once per chunk and shared
by all rules that ask for it.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from potable.engine.contracts.reading import KIND_SUFFIX
from potable.engine.paths import FieldPath

DERIVED_SUFFIX = "\x1fas "


class Field:
    """A field of the source, in the hands of a rule.

    :ivar path: canonical path.
    :ivar name: last plain name of the path (``age``).
    :ivar typed: whether values have a kind of their own (JSON) or all are text (CSV, XML).
    :ivar kinds: whether :attr:`kind` tells more than whether it's there (JSON, XML).
    :ivar missing_values: the texts that count as missing.
    """

    def __init__(
        self,
        path: FieldPath,
        derived: dict[str, pl.Expr],
        *,
        typed: bool,
        missing_values: Sequence[str],
        kinds: bool | None = None,
    ) -> None:
        """``derived`` collects the columns that the handles of one scan ask for, by column name. ``kinds``: the field
        has a kind column, as it has in typed formats and may have in others.
        """
        self.path = path.canonical
        self.name = path.name
        self.typed = typed
        self.missing_values = tuple(missing_values)
        self._derived = derived
        self.kinds = typed if kinds is None else kinds

    @property
    def text(self) -> pl.Expr:
        """String: the value in the source's own spelling; null = absent, JSON null or not a scalar."""
        return pl.col(self.path)

    @property
    def kind(self) -> pl.Expr:
        """String: one of :data:`potable.engine.contracts.reading.KINDS`; a format without types has only
        ``absent``, ``string`` and (XML) ``object``.
        """
        if self.kinds:
            return pl.col(self.path + KIND_SUFFIX)
        return pl.when(self.text.is_null()).then(pl.lit("absent")).otherwise(pl.lit("string"))

    @property
    def without_value(self) -> pl.Expr:
        """Boolean, never null: absent, or JSON null."""
        kind = self.kind
        return (kind == "absent") | (kind == "null")  # a tenth of what is_in costs

    @property
    def missing(self) -> pl.Expr:
        """Boolean, never null: absent, JSON null, or a text that counts as missing."""
        return self._derive("missing", self._missing())

    @property
    def present(self) -> pl.Expr:
        """Boolean, never null: not :attr:`missing`."""
        return ~self.missing

    @property
    def number(self) -> pl.Expr:
        """Float64: the finite number that it is, else null. A JSON ``"5"`` is none, a CSV ``5`` is, padded or not."""
        value = self._digits.cast(pl.Float64, strict=False)
        return self._derive("number", pl.when(value.is_finite()).then(value))

    @property
    def integer(self) -> pl.Expr:
        """Int64: the integer that it is, else null (also beyond 64 bits)."""
        return self._derive("integer", self._digits.cast(pl.Int64, strict=False))

    @property
    def boolean(self) -> pl.Expr:
        """Boolean: ``true`` or ``false`` as spelt so, else null."""
        value = self._of_kind("boolean")
        true = pl.when(value == "true").then(pl.lit(value=True))
        return self._derive("boolean", true.when(value == "false").then(pl.lit(value=False)))

    @property
    def date(self) -> pl.Expr:
        """Date: an ISO 8601 calendar date ``YYYY-MM-DD``, else null."""
        text = self._of_kind("string")
        ten = pl.when(text.str.len_bytes() == 10).then(text)
        return self._derive("date", ten.str.to_date("%Y-%m-%d", strict=False))

    @property
    def datetime(self) -> pl.Expr:
        """Datetime (µs, UTC): an ISO 8601 date and time with offset or ``Z``, or without (taken as UTC), else null."""
        text = self._of_kind("string")
        offset = text.str.to_datetime("%+", strict=False, time_unit="us", time_zone="UTC")
        naive = text.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us").dt.replace_time_zone("UTC")
        return self._derive("datetime", pl.coalesce(offset, naive))

    def derive(self, what: str, value: pl.Expr) -> pl.Expr:
        """A column of your own, computed once per chunk and shared by the checker's rules that ask for it.

        :param what: its name, one for each ``value`` over this field.
        :param value: may use this field's :attr:`text` and :attr:`kind` alone.
        """
        return self._derive(f"own {what}", value)

    def _missing(self) -> pl.Expr:
        listed = self.text.is_in(self.missing_values) if self.missing_values != ("",) else self.text == ""
        if self.kinds:
            return self.without_value | ((self.kind == "string") & listed.fill_null(value=False))
        return listed.fill_null(value=True)

    @property
    def _digits(self) -> pl.Expr:
        """String: what may be a number."""
        return self._of_kind("number") if self.typed else self.text.str.strip_chars(" \t\r\n")

    def _of_kind(self, kind: str) -> pl.Expr:
        if not self.typed:
            return self.text
        return pl.when(pl.col(self.path + KIND_SUFFIX) == kind).then(self.text)

    def _derive(self, what: str, value: pl.Expr) -> pl.Expr:
        column = f"{self.path}{DERIVED_SUFFIX}{what}"
        self._derived.setdefault(column, value)
        return pl.col(column)
