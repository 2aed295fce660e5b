"""How a failed fetch is told: occurrences about an address, and a server's words made fit for them."""

from __future__ import annotations

from typing import Any

from potable.engine.definition.veil import Veil
from potable.engine.findings import Code, Fault, Location, Occurrence, clip
from potable.engine.lazyregex import lazy_regex

QUOTED = 300
"""Most characters of a server's words in a message."""

_MARKUP = lazy_regex(r"(?is)<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>")
_TITLE = lazy_regex(r"(?is)<title[^>]*>(.*?)</title")
_BLANKS = lazy_regex(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Failure(Exception):
    """A request that failed.

    :param occurrence: what to report.
    :param transient: whether trying again may help.
    :param wait: seconds that the server asked to wait before that, if it did.
    """

    def __init__(self, occurrence: Occurrence, *, transient: bool = False, wait: float | None = None) -> None:
        super().__init__(occurrence, transient, wait)
        self.occurrence, self.transient, self.wait = occurrence, transient, wait

    def fault(self) -> Fault:
        """The same as a fault, for those who fetch."""
        return Fault(self.occurrence)


class BrokenOff(Fault):
    """A body broke off and couldn't be resumed where it was: a new request from the start may get it whole."""


def occurrence(code: Code, url: str, words: str, hint: str | None = None, **details: Any) -> Occurrence:
    """An occurrence about a URL (as shown): its message is ``URL: words``, both cut to less than a kilobyte."""
    return Occurrence(
        code.id, f"{clip(url, 300)}: {clip(words, 600)}", location=Location(url=url), hint=hint, details=details
    )


def quote_text(text: str, veil: Veil, *, cut: bool = False) -> str:
    """A server's words, fit for a message: one line, no markup, no control characters, no secrets, not long.

    :param cut: the text was cut off somewhere.
    """
    text = veil.hide(text, cut=cut)
    title = _TITLE.search(text)
    plain = _MARKUP.sub(" ", title[1] if title and title[1].strip() else text)
    plain = _BLANKS.sub(" ", plain).strip()
    return plain if len(plain) <= QUOTED else veil.hide(f"{plain[: QUOTED - 1]}…")
