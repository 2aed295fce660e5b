"""The parts of an expression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf

Comparison = OneOf["=", "!=", "<", "<=", ">", ">="]
Arithmetic = OneOf["+", "-", "*", "/", "%", "||"]


class BadExpression(ValueError):
    """An expression that can't be used.

    :param reason: what is wrong with it, a clause.
    :param column: where, in characters from 1.
    """

    def __init__(self, reason: str, column: int) -> None:
        super().__init__(reason, column)
        self.reason, self.column = reason, column

    def __str__(self) -> str:
        return f"{self.reason} (at character {self.column})"


@dataclass(frozen=True, slots=True)
class Node:
    """Any part; ``at``: its column in the text, from 1."""

    at: int


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A field, by its canonical path."""

    path: str


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number (as it's written), a text, TRUE, FALSE or NULL."""

    value: str | bool | None
    number: bool = False


@dataclass(frozen=True, slots=True)
class Not(Node):
    """``NOT x``."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Joined(Node):
    """``x AND y AND ...``; ``x OR y OR ...`` where ``any`` is true."""

    parts: tuple[Node, ...]
    any: bool


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """``x < y`` and the like."""

    operator: Comparison
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Among(Node):
    """``x IN (y, z, ...)``."""

    operand: Node
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Between(Node):
    """``x BETWEEN y AND z``."""

    operand: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class Compute(Node):
    """``x + y`` and the like."""

    operator: Arithmetic
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class IsNull(Node):
    """``x IS NULL``."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Like(Node):
    """``x LIKE 'pattern'``; ``folded``: ``ILIKE``."""

    operand: Node
    pattern: str
    folded: bool


@dataclass(frozen=True, slots=True)
class Call(Node):
    """``function(x, y)``, the name in lower-case."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Case(Node):
    """``CASE WHEN x THEN y ... ELSE z END``."""

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node
