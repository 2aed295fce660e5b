"""Words that usually stand for no value, and signs for the one above, as people and programs spell them."""

from __future__ import annotations

from collections.abc import Iterable

PLACEHOLDERS = (
    "n/a", "N/a", "n.a.", "na", "n/d", "n.d.", "null", "nil", "nan", "NaN", "tbd", "tba", "undefined", "no data",
    "not available", "not applicable", "-", "--", "---", "–", "—", "?", "??", "???", ".", "..", "...",
    "\\N", "***",
)  # fmt: skip
DITTO = (
    '"', "”", "“", "„", "″", "〃", '-"-', '- " -', "-”-", "-„-", '—"—', "ditto", "Ditto", "DITTO", "dito", "Dito",
    "do.", "Do.", "dto.", "Dto.", "idem", "Idem", "desgl.", "同上", "仝上",
)  # fmt: skip
NAME = 3
"""So many letters with a capital are a name, or sodium: Na, Nan, Nil."""


def spellings(words: Iterable[str]) -> list[str]:
    """The words, and those in lower case also in capitals and, where they're longer than :data:`NAME`, with one."""
    found: dict[str, None] = {}
    for word in words:
        found[word] = None
        if word == word.lower():
            found[word.upper()] = None
            if len(word) > NAME and word.isascii() and word[0].isalpha() and "." not in word:
                found |= {word.capitalize(): None, word.title(): None}
    return list(found)
