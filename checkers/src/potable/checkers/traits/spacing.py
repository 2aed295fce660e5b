"""White space around texts, and doubled inside of them."""

from __future__ import annotations

from dataclasses import replace

from potable.checkers.traits.trait import Trait, short

_WHITE = r"[\t\n\r \x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{205F}\x{3000}]"
_AROUND = rf"\A{_WHITE}|{_WHITE}\z"
# After the end of a sentence or a colon many people type two blanks on purpose.
_DOUBLED = r"[^\s.!?:;][ \t]{2,}\S"


def _told_white(text: str) -> str:
    bare = text.strip()
    if not bare:
        return f"{text[:40]!r} is nothing but white space"
    if text[0].isspace() or text[-1].isspace():
        ends = [name for name, there in (("begins", text[0].isspace()), ("ends", text[-1].isspace())) if there]
        return f"{short(text)} {' and '.join(ends)} with white space"
    return f"{short(text)} has doubled blanks"


SURROUNDED = Trait(
    lambda column: column.may_have_blank_ends(),
    _AROUND,
    lambda texts: texts.str.contains(_AROUND),
    _told_white,
)
DOUBLED = Trait(
    lambda column: column.may_have_doubled_blanks(),
    r"[ \t]{2}",
    lambda texts: texts.str.contains(_DOUBLED),
    _told_white,
)
WHITESPACE = Trait(
    lambda column: SURROUNDED.may(column) or DOUBLED.may(column),
    f"{SURROUNDED.gate}|{DOUBLED.gate}",
    lambda texts: texts.str.contains(f"{_AROUND}|{_DOUBLED}"),
    _told_white,
)
OF_ELEMENTS = replace(WHITESPACE, meant_in=frozenset({"leader", "controlfield", "ind1", "ind2"}))
"""In MARCXML these are of fixed length: a blank is a value, or fills a place (https://www.loc.gov/marc/bibliographic/)."""
