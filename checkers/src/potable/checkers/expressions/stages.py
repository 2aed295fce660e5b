"""Expressions in stages: what is used several times is a column that is computed once.

What is computed is looked at several times, as by a comparison within rounding or for a number that isn't finite. As
one expression it would double at each step: a sum of ten fields would be evaluated some thousand times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from potable.checkers.expressions.values import Value

_FORMS = ("number", "integer", "text", "boolean", "moment")


class Stages:
    """The columns of one expression, in the order in which they're computed."""

    def __init__(self) -> None:
        self._given: dict[str, pl.Expr] = {}
        self._steps: dict[str, pl.Expr] = {}

    def named(self, value: Value) -> Value:
        """A field's value, by the names of columns."""
        return _changed(value, self._given, "given")

    def once(self, value: Value) -> Value:
        """What was computed of columns, as columns."""
        return _changed(value, self._steps, "step")

    def run(self, whole: pl.Expr) -> pl.Expr:
        """A truth over the columns as an expression over the fields."""
        needed = set(whole.meta.root_names())
        steps: list[pl.Expr] = []
        for name, expression in reversed(self._steps.items()):
            if name in needed:
                needed |= set(expression.meta.root_names())
                steps.append(expression.alias(name))
        given = {name: expression for name, expression in self._given.items() if name in needed}
        if not given:  # no field matters
            given = dict([next(iter(self._given.items()))])
        names, stages = list(given), steps[::-1]

        def computed(columns: Sequence[pl.Series]) -> pl.Series:
            frame = pl.DataFrame([column.alias(name) for name, column in zip(names, columns, strict=True)])
            for step in stages:
                frame = frame.with_columns(step)
            return frame.with_columns(whole.alias("whole"))["whole"]

        return pl.map_batches(list(given.values()), computed, return_dtype=pl.Boolean)


def _changed(value: Value, columns: dict[str, pl.Expr], prefix: str) -> Value:
    names: dict[str, pl.Expr] = {}
    for form in _FORMS:
        expression = getattr(value, form)
        if expression is not None:
            name = f"{prefix} {len(columns)}"
            columns[name] = expression
            names[form] = pl.col(name)
    return replace(value, **names)  # type: ignore[arg-type]
