"""Values that somebody has made unreadable on purpose: ****1234, XXX-XX-1234, [REDACTED]."""

from __future__ import annotations

from typing import TYPE_CHECKING

from potable.checkers.traits.trait import Trait

if TYPE_CHECKING:
    from potable.checkers.values.bytewise import Column

_STAR = "[*•●]"
_WORD = "(?i:redacted|masked|anonymi[sz]ed|pseudonymi[sz]ed|withheld|hidden|removed for privacy|personal data removed)"
_MASKED = "|".join(
    (
        rf"{_STAR}{{6,}}",  # up to five are a rating, or how significant something is
        rf"{_STAR}{{4,}}[ -]?[0-9A-Za-z]{{1,4}}|{_STAR}{{2,4}}(?:[ -]{_STAR}{{2,4}})+[ -]?[0-9A-Za-z]{{0,4}}",
        rf"[A-Z]{_STAR}{{3,}}[a-z]?|[A-Za-z0-9.]{{1,3}}{_STAR}{{2,}}[A-Za-z0-9.]{{0,3}}@[A-Za-z0-9.*•●-]+",
        r"X{2,}(?:[ -]X{2,})+(?:[ -][0-9]{2,4})?|X{4,}[ -]?[0-9]{2,4}",
        rf"[0-9]{{4,6}}[ -]?(?:(?:{_STAR}|X){{2,}}[ -]?){{1,3}}[0-9]{{4}}",
        rf"\[{_WORD}(?:[ :_][A-Za-z ]{{1,30}})?\]|<{_WORD}(?:[ :_][A-Za-z ]{{1,30}})?>|\({_WORD}\)|(?i:redacted)",
    )
)
_PATTERN = rf"\A(?:{_MASKED})\z"
_GATE = r"\*\*|[•●]|XX|(?i:redact|mask|nymi|withheld|hidden|remove)"


_SIGNS = (b"**", b"XX", "•".encode(), "●".encode())


def _may(column: Column) -> bool:
    if any(map(column.may_hold, _SIGNS)) or any(map(column.begins_with, b"[<(")):
        return True
    return any(map(column.is_there, (b"redacted", b"Redacted", b"REDACTED")))


def _told(text: str) -> str:
    return f"{text[:60]!r} is masked: what stood there is lost"


MASKED = Trait(_may, _GATE, lambda texts: texts.str.contains(_PATTERN), _told)
