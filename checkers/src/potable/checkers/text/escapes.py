"""Characters that stand in a text as a program writes them, or that a question mark has taken the place of."""

from __future__ import annotations

from potable.checkers.traits.trait import Trait
from potable.engine.toolkit import lazy_regex

_UNICODE = r"\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}|(?:\\x[89a-fA-F][0-9a-fA-F])+"
_QUOTE = r"\\[\"']"
# A path (C:\new) and a formula of LaTeX (\nu) go on in small letters.
_BREAK = r"[\p{L}.,;!?)](?:\\r)?\\[nrt](?:[A-Z \\]|\z)"
_PERCENT = r"\A[^/:=?&]*(?:%20|(?:%[C-F][0-9A-F])?(?:%[89AB][0-9A-F])+)[^/:=?&]*\z"
_ESCAPED = f"{_UNICODE}|{_QUOTE}|{_BREAK}|{_PERCENT}"
_FOUND = lazy_regex(rf"{_UNICODE}|{_QUOTE}|\\[nrt]|(?:%[0-9A-F]{{2}})+")
_WRITTEN = r"\A\s*[\[{]"
"""Of JSON, in which escapes are right."""


_PATTERNS = frozenset({"regex", "regexp", "pattern", "expression", "glob", "wildcard", "smiles", "formula"})
_SOURCES = frozenset({"url", "uri", "link", "href", "path", "json", "code", "sql", "query", "script", "latex", "tex"})


def _told_escape(text: str) -> str:
    found = _FOUND.search(text)
    return f"{_short(text)} holds {found[0] if found else 'an escape'} in place of the character that it stands for"


def _told_lost(text: str) -> str:
    return f"{_short(text)} has a question mark in a word, where another character was lost, it seems"


def _short(text: str) -> str:
    return f'"{text if len(text) <= 60 else text[:59] + "…"}"'  # in repr() there would be twice as many backslashes


ESCAPED = Trait(
    lambda column: column.has(0x5C) or column.has(0x25),
    r"\\[uUxnrt\"']|%[0-9A-F][0-9A-F]",
    lambda texts: texts.str.contains(_ESCAPED) & ~texts.str.contains(_WRITTEN),
    _told_escape,
    _PATTERNS | _SOURCES,
)
_LOST = r"\p{L}\?\p{Ll}"
LOST = Trait(
    lambda column: column.has(0x3F),
    _LOST,
    lambda texts: texts.str.contains(_LOST) & ~texts.str.contains(r"[=/&(){}\[\]|^$*\\]|\?.*\?.*\?"),
    _told_lost,
    _PATTERNS | _SOURCES,
)
