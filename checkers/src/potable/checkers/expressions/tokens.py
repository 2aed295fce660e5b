"""The words of an expression."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from potable.checkers.expressions.nodes import BadExpression
from potable.engine.toolkit import lazy_regex

Kind = Literal["name", "quoted", "path", "number", "text", "symbol", "end"]
MOST_CHARACTERS = 10_000
"""Longer expressions are refused: nobody writes them by hand."""

_TOKEN = lazy_regex(
    r"""
      (?P<blank>\s+)
    | (?P<path>\$(?:\.{1,2}(?:'(?:\\.|[^'\\])*'|[\w@:-]+)|\[[^\]\s]*\])+)
    | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.]))
    | (?P<name>[^\W\d]\w*)
    | (?P<quoted>"(?:""|[^"])*"|`(?:``|[^`])*`)
    | (?P<text>'(?:''|[^'])*')
    | (?P<symbol><=|>=|<>|!=|==|\|\||[-+*/%=<>(),])
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word.

    :param text: as it's meant: quotes away.
    :param at: its column, from 1.
    """

    kind: Kind
    text: str
    at: int

    @property
    def word(self) -> str:
        """Of a bare name the upper-case, which may be a keyword; else ""."""
        return self.text.upper() if self.kind == "name" else ""


def tokens(text: str) -> Iterator[Token]:
    """The words of a text, the last one of the kind ``end``. Raises :class:`BadExpression`."""
    if len(text) > MOST_CHARACTERS:
        raise BadExpression(f"it's longer than {MOST_CHARACTERS:,} characters", MOST_CHARACTERS)
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise BadExpression(_unknown(text[at]), at + 1)
        kind, word = found.lastgroup, found[0]
        if kind in ("quoted", "text"):
            word = word[1:-1].replace(word[0] * 2, word[0])
        if kind != "blank":
            yield Token(kind, word, at + 1)  # type: ignore[arg-type]
        at = found.end()
    yield Token("end", "", len(text) + 1)


def _unknown(character: str) -> str:
    if character in "\"'`":
        return f"the quote {character} isn't closed"
    if character.isdigit():
        return "this is neither a number nor a name: put a name that begins with a digit in double quotes"
    if character in "&|":
        return "write AND, OR and NOT"
    if character in "[{":
        return "lists are written in round brackets, names with blanks in double quotes"
    return f"{character!r} means nothing here"
