"""From text to nodes: operator precedence as SQL has it."""

from __future__ import annotations

from typing import cast

from potable.checkers.expressions.nodes import (
    Among,
    Arithmetic,
    BadExpression,
    Between,
    Call,
    Case,
    Compare,
    Comparison,
    Compute,
    IsNull,
    Joined,
    Like,
    Literal,
    Name,
    Node,
    Not,
)  # fmt: skip
from potable.checkers.expressions.tokens import Token, tokens
from potable.engine.paths import PathError, canonical

MOST_DEPTH = 60
"""Deeper nesting is refused: no one can read it."""

MOST_TERMS = 60
"""A longer sum or product is refused: what evaluates it recurses."""

_SAME = {"==": "=", "<>": "!="}
_KEYWORDS = frozenset(
    ("AND", "OR", "NOT", "IS", "NULL", "IN", "BETWEEN", "LIKE", "ILIKE", "CASE", "TRUE", "FALSE", "SELECT", "OVER")
)
_OF_CASE = frozenset(("WHEN", "THEN", "ELSE", "END"))
"""Keywords only inside of CASE: many a column is called "end"."""
_TYPES = {
    "DATE": "date", "TIMESTAMP": "date", "DATETIME": "date", "INTEGER": "integer", "INT": "integer",
    "BIGINT": "integer", "DOUBLE": "number", "FLOAT": "number", "REAL": "number", "DECIMAL": "number",
    "NUMERIC": "number", "NUMBER": "number", "TEXT": "text", "VARCHAR": "text", "STRING": "text", "CHAR": "text",
    "BOOLEAN": "boolean", "BOOL": "boolean",
}  # fmt: skip


def parse(text: str) -> Node:
    """The expression that a text is. Raises :class:`BadExpression`."""
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self._words = list(tokens(text))
        self._at = 0
        self._depth = 0
        self._cases = 0

    def whole(self) -> Node:
        if self._ended():
            raise BadExpression("it's empty", 1)
        node = self._either()
        if not self._ended():
            raise self._unexpected()
        return node

    def _ended(self) -> bool:
        return self._word.kind == "end"

    # -- words ---------------------------------------------------------------------------------------------------

    @property
    def _word(self) -> Token:
        return self._words[self._at]

    def _next(self) -> Token:
        word = self._word
        self._at += word.kind != "end"
        return word

    def _symbol(self, *symbols: str) -> str | None:
        """The next word, taken, where it's one of these symbols."""
        if self._word.kind == "symbol" and self._word.text in symbols:
            return self._next().text
        return None

    def _keyword(self, *keywords: str) -> str | None:
        if self._word.word in keywords:
            return self._next().word
        return None

    def _want(self, text: str) -> None:
        if self._symbol(text) is None and self._keyword(text) is None:
            raise self._unexpected(f"{text} is missing before")

    def _unexpected(self, said: str = "this isn't expected here:") -> BadExpression:
        word = self._word
        if word.kind == "end":
            return BadExpression(f"{said} the end" if said.endswith("before") else "it ends too early", word.at)
        hint = ""
        if word.word in ("OVER", "SELECT", "FROM"):
            hint = "; a constraint sees one record"
        return BadExpression(f"{said} {word.text[:40]!r}{hint}", word.at)

    # -- from loose to tight ---------------------------------------------------------------------------------------

    def _either(self) -> Node:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise BadExpression(f"it's nested deeper than {MOST_DEPTH}", self._word.at)
        at, parts = self._word.at, [self._all()]
        while self._keyword("OR"):
            parts.append(self._all())
        self._depth -= 1
        return parts[0] if len(parts) == 1 else Joined(at, tuple(parts), any=True)

    def _all(self) -> Node:
        at, parts = self._word.at, [self._negated()]
        while self._keyword("AND"):
            parts.append(self._negated())
        return parts[0] if len(parts) == 1 else Joined(at, tuple(parts), any=False)

    def _negated(self) -> Node:
        at, nots = self._word.at, 0
        while self._keyword("NOT"):
            nots += 1
        inner = self._compared()
        return Not(at, inner) if nots % 2 else inner

    def _compared(self) -> Node:
        left = self._sum()
        while True:
            at = self._word.at
            symbol = self._symbol("=", "==", "!=", "<>", "<", "<=", ">", ">=")
            if symbol is not None:
                operator = _SAME.get(symbol, symbol)
                right = self._sum()
                if self._word.kind == "symbol" and self._word.text in ("<", "<=", ">", ">=", "=", "=="):
                    raise BadExpression("write a chain of comparisons as two with AND", self._word.at)
                left = Compare(at, cast("Comparison", operator), left, right)
            elif self._keyword("IS"):
                left = self._is(at, left)
            elif self._word.word in ("IN", "BETWEEN", "LIKE", "ILIKE", "NOT"):
                left = self._predicate(at, left)
            else:
                return left

    def _is(self, at: int, left: Node) -> Node:
        negated = self._keyword("NOT")
        if self._keyword("NULL"):
            node: Node = IsNull(at, left)
        elif (word := self._keyword("TRUE", "FALSE")) is not None:
            test = Compare(at, "=", left, Literal(at, word == "TRUE"))
            node = Call(at, "coalesce", (test, Literal(at, value=False)))
        else:
            raise self._unexpected("after IS comes NULL, TRUE or FALSE, not")
        return Not(at, node) if negated else node

    def _predicate(self, at: int, left: Node) -> Node:
        negated = self._keyword("NOT")
        node: Node
        if self._keyword("IN"):
            self._want("(")
            items = self._arguments()
            if not items:
                raise BadExpression("this list is empty", at)
            node = Among(at, left, items)
        elif self._keyword("BETWEEN"):
            low = self._sum()
            self._want("AND")
            node = Between(at, left, low, self._sum())
        elif (word := self._keyword("LIKE", "ILIKE")) is not None:
            if self._word.kind != "text":
                raise self._unexpected(f"after {word} comes a text, not")
            node = Like(at, left, self._next().text, word == "ILIKE")
        else:
            raise self._unexpected("after NOT comes IN, BETWEEN or LIKE, not")
        return Not(at, node) if negated else node

    def _sum(self) -> Node:
        left, length = self._product(), 0
        while (at := self._word.at) and (symbol := self._symbol("+", "-", "||")):
            left, length = _compute(at, symbol, left, self._product()), _longer(at, length)
        return left

    def _product(self) -> Node:
        left, length = self._signed(), 0
        while (at := self._word.at) and (symbol := self._symbol("*", "/", "%")):
            left, length = _compute(at, symbol, left, self._signed()), _longer(at, length)
        return left

    def _signed(self) -> Node:
        at, minus = self._word.at, 0
        while (sign := self._symbol("+", "-")) is not None:
            minus += sign == "-"
        inner = self._atom()
        if minus % 2 == 0:
            return inner
        if isinstance(inner, Literal) and inner.number:
            return Literal(at, f"-{inner.value}", number=True)
        return _compute(at, "-", Literal(at, "0", number=True), inner)

    def _atom(self) -> Node:
        word = self._next()
        match word.kind:
            case "number":
                return Literal(word.at, word.text, number=True)
            case "text":
                return Literal(word.at, word.text)
            case "quoted" | "path":
                return _name(word)
            case "symbol" if word.text == "(":
                inner = self._either()
                self._want(")")
                return inner
            case "name":
                return self._named(word)
        self._at -= word.kind != "end"
        raise self._unexpected()

    def _named(self, word: Token) -> Node:
        if word.word in ("TRUE", "FALSE"):
            return Literal(word.at, word.word == "TRUE")
        if word.word == "NULL":
            return Literal(word.at, None)
        if word.word == "CASE":
            return self._case(word.at)
        if word.word in ("DATE", "TIMESTAMP") and self._word.kind == "text":
            return Call(word.at, "date", (self._atom(),))
        if self._symbol("("):
            if word.word in ("CAST", "TRY_CAST"):
                return self._cast(word.at)
            return Call(word.at, word.text.lower(), self._arguments())
        if word.word in _KEYWORDS or (self._cases and word.word in _OF_CASE):
            self._at -= 1
            raise self._unexpected()
        return _name(word)

    def _arguments(self) -> tuple[Node, ...]:
        """Expressions up to the closing bracket; the opening one is taken."""
        if self._symbol(")"):
            return ()
        found = [self._either()]
        while self._symbol(","):
            found.append(self._either())
        self._want(")")
        return tuple(found)

    def _cast(self, at: int) -> Node:
        inner = self._either()
        self._want("AS")
        word = self._next()
        if word.word not in _TYPES:
            raise BadExpression(f"{word.text[:40]!r} is no type; there are {', '.join(_TYPES)}", word.at)
        self._want(")")
        return Call(at, _TYPES[word.word], (inner,))

    def _case(self, at: int) -> Node:
        branches = []
        self._cases += 1
        while self._keyword("WHEN"):
            condition = self._either()
            self._want("THEN")
            branches.append((condition, self._either()))
        if not branches:
            raise self._unexpected("after CASE comes WHEN, not")
        otherwise = self._either() if self._keyword("ELSE") else Literal(at, None)
        self._want("END")
        self._cases -= 1
        return Case(at, tuple(branches), otherwise)


def _compute(at: int, symbol: str, left: Node, right: Node) -> Compute:
    return Compute(at, cast("Arithmetic", symbol), left, right)


def _longer(at: int, length: int) -> int:
    if length >= MOST_TERMS:
        raise BadExpression(f"there are more than {MOST_TERMS} terms", at)
    return length + 1


def _name(word: Token) -> Name:
    try:
        path = canonical(word.text)
    except PathError as e:
        raise BadExpression(f"the path {word.text[:80]!r} can't be read: {e}", word.at) from None
    return Name(word.at, path)
