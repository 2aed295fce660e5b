"""Expressions over the fields of one record: a small subset of SQL, turned into Polars expressions; nothing is run
but what this package spells out.
"""

from potable.checkers.expressions.compile import Compiled, compile_expression
from potable.checkers.expressions.doubts import doubts
from potable.checkers.expressions.grammar import parse
from potable.checkers.expressions.nodes import BadExpression

__all__ = ["BadExpression", "Compiled", "compile_expression", "doubts", "parse"]
