"""What can be told of an expression without any data: parts of it that never have a value."""

from __future__ import annotations

from collections.abc import Iterator

from potable.checkers.expressions.nodes import (
    Among,
    Between,
    Call,
    Case,
    Compare,
    Compute,
    IsNull,
    Joined,
    Like,
    Literal,
    Node,
    Not,
)  # fmt: skip

_NULL = "a comparison with NULL is never true nor false: write IS NULL or IS NOT NULL"
_NONE = "what is computed with NULL is NULL"
_ZERO = "nothing can be divided by zero: this has no value"


def doubts(node: Node) -> Iterator[tuple[str, int]]:
    """(why a part has no value in any record, its column), from left to right."""
    match node:
        case Compare():
            yield from _compared(node.at, node.left, node.right)
        case Among():
            yield from _compared(node.at, node.operand, *node.items)
        case Between():
            yield from _compared(node.at, node.operand, node.low, node.high)
        case Compute():
            yield from (*doubts(node.left), *doubts(node.right))
            if _is_null(node.left) or _is_null(node.right):
                yield _NONE, node.at
            elif node.operator in ("/", "%") and _is_zero(node.right):
                yield _ZERO, node.at
        case Not() | IsNull() | Like():
            yield from doubts(node.operand)
        case Joined():
            for part in node.parts:
                yield from doubts(part)
        case Call():
            for part in node.arguments:
                yield from doubts(part)
        case Case():
            for condition, result in node.branches:
                yield from (*doubts(condition), *doubts(result))
            yield from doubts(node.otherwise)


def _compared(at: int, *parts: Node) -> Iterator[tuple[str, int]]:
    for part in parts:
        yield from doubts(part)
    if any(_is_null(part) for part in parts):
        yield _NULL, at


def _is_null(node: Node) -> bool:
    return isinstance(node, Literal) and node.value is None


def _is_zero(node: Node) -> bool:
    return isinstance(node, Literal) and node.number and float(str(node.value)) == 0
