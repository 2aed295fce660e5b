"""Characters that hardly belong into a text: those that can't be seen, control characters, and all beyond ASCII."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from potable.checkers.traits.decoding import is_mojibake
from potable.checkers.traits.trait import Trait, beyond_ascii, told_character
from potable.engine.toolkit import lazy_regex

if TYPE_CHECKING:
    import polars as pl

_NEVER = r"\x{AD}\x{34F}\x{180E}\x{2060}-\x{2064}\x{3164}\x{FEFF}\x{FFA0}\x{FFF9}-\x{FFFB}"
_DIRECTIONS = r"\x{61C}\x{200E}\x{200F}\x{202A}-\x{202E}\x{2066}-\x{2069}"
_RIGHT_TO_LEFT = (
    r"[\x{590}-\x{61B}\x{61D}-\x{8FF}\x{FB1D}-\x{FDFF}\x{FE70}-\x{FEFC}\x{10800}-\x{10FFF}\x{1E800}-\x{1EFFF}]"
)
_WITHOUT_BLANKS = r"[\x{E00}-\x{EFF}\x{1000}-\x{109F}\x{1780}-\x{17FF}]"  # Thai, Lao, Burmese, Khmer
_JOINERS = r"(?:\A|[A-Za-z0-9])[\x{200C}\x{200D}]|[\x{200C}\x{200D}](?:[A-Za-z0-9]|\z)"
# A no-break space is right before a unit or a French colon; at an end, beside a blank, or between two words it isn't.
_NO_BREAK = r"(?:\A|\s)[\x{A0}\x{202F}]|[\x{A0}\x{202F}](?:\s|\z)|\p{L}[\x{A0}\x{202F}]\p{L}"
_ANY_INVISIBLE = lazy_regex(
    "[\u00a0\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202f\u2060-\u2069\u3164\ufeff\uffa0\ufff9-\ufffb]"
)


def _invisible(texts: pl.Series) -> pl.Series:
    odd = texts.str.contains(f"[{_NEVER}]|{_JOINERS}|{_NO_BREAK}")
    odd = odd | (texts.str.contains(rf"[{_DIRECTIONS}]") & ~texts.str.contains(_RIGHT_TO_LEFT))
    odd = odd | (texts.str.contains("\u200b", literal=True) & ~texts.str.contains(_WITHOUT_BLANKS))
    return odd & ~is_mojibake(texts)  # à, read wrongly, ends in a no-break space


def _told_invisible(text: str) -> str:
    return told_character(text, _ANY_INVISIBLE)


INVISIBLE = Trait(
    beyond_ascii, rf"[{_NEVER}{_DIRECTIONS}\x{{A0}}\x{{200B}}-\x{{200D}}\x{{202F}}]", _invisible, _told_invisible
)

_C0_C1 = r"\x01-\x08\x0B\x0C\x0E-\x1F\x7F-\x{9F}"
_ANY_CONTROL = lazy_regex("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def control(*, nul: bool) -> Trait:
    """Control characters but tab and line ends; ``nul``: NUL too, where the reader doesn't tell of it."""
    found = rf"[\x00{_C0_C1}]" if nul else f"[{_C0_C1}]"
    return Trait(
        lambda column: column.least < 0x20 or column.greatest >= 0x7F,
        found,
        lambda texts: texts.str.contains(found) & ~is_mojibake(texts),
        lambda text: told_character(text, _ANY_CONTROL),
    )


NUL = Trait(
    lambda column: column.least == 0,
    r"\x00",
    lambda texts: texts.str.contains("\0", literal=True),
    lambda text: told_character(text, re.compile("\0")),
)


def _told_non_ascii(text: str) -> str:
    return told_character(text, re.compile(r"[^\x00-\x7f]"))


NON_ASCII = Trait(
    beyond_ascii, r"[^\x00-\x7F]", lambda texts: texts.str.len_bytes() != texts.str.len_chars(), _told_non_ascii
)
